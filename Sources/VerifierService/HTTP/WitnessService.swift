import Foundation
import Hummingbird
import Logging
import NIOCore
import Reputation
import UnixSignals

/// A witness's HTTP service: `POST /add-checkpoint`.
public struct WitnessService: Sendable {
    private let witness: Witness
    private let host: String
    private let port: Int
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - host: address to listen on.
    ///   - port: 0 takes a free one.
    ///   - now: the clock, in seconds since 1970.
    public init(
        _ witness: Witness, host: String = "127.0.0.1", port: Int,
        now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }
    ) {
        self.witness = witness
        self.host = host
        self.port = port
        self.now = now
    }

    /// Largest body: a checkpoint and 63 hashes.
    private static let limit = 1 << 18

    /// Serves until the process is told to end or the task is cancelled.
    ///
    /// - Parameter onRunning: called with the port once connections are taken.
    public func run(
        logger: Logger, signals: [UnixSignal] = [.sigterm, .sigint], onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        let router = Router()
        router.addMiddleware { AccessLogMiddleware() }
        let (witness, now) = (self.witness, self.now)
        router.post("add-checkpoint") { request, context in
            let body: [UInt8]
            do { body = Array(buffer: try await request.body.collect(upTo: Self.limit)) } catch {
                return Self.response(.contentTooLarge, "text/plain; charset=utf-8", [])
            }
            do {
                return Self.response(.ok, "text/plain; charset=utf-8", try await witness.add(body, now: now()))
            } catch let refusal as Witness.Refusal {
                if case .conflict(let size) = refusal { return Self.response(.conflict, "text/x.tlog.size", Array("\(size)\n".utf8)) }
                return Self.response(.init(code: refusal.status), "text/plain; charset=utf-8", [])
            } catch {
                context.logger.error("the witness's memory fails", metadata: ["error": .string(String(describing: type(of: error)))])
                return Self.response(.internalServerError, "text/plain; charset=utf-8", [])
            }
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname(host, port: port), serverName: "symbolon-witness"),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
        try await application.runService(gracefulShutdownSignals: signals)
    }

    private static func response(_ status: HTTPResponse.Status, _ type: String, _ body: [UInt8]) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"], body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}
