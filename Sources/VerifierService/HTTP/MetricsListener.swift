import Hummingbird
import Logging
import Operations

/// Serves what is measured to Prometheus at `/metrics`, at an address of its own: it is for the operator, not for visitors.
public struct MetricsListener: Sendable {
    /// Address to listen on.
    public let host: String
    /// Port; 0 takes a free one.
    public let port: Int
    /// What is collected.
    public let prometheus: Prometheus
    private let onRunning: @Sendable (Int) async -> Void
    private let figures = ProcessFigures()

    /// A listener. `onRunning`: called with its port once it takes connections.
    public init(host: String, port: Int, prometheus: Prometheus, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }) {
        (self.host, self.port, self.prometheus, self.onRunning) = (host, port, prometheus, onRunning)
    }

    /// `record`: sets the gauges of the service before they are read.
    func application(logger: Logger, record: @escaping @Sendable () async throws -> Void) -> some ApplicationProtocol {
        let router = Router()
        router.get("metrics") { _, _ in
            // A store that does not answer must not hide everything else that is measured.
            do { try await record() } catch {
                logger.warning("gauges are stale", metadata: ["error": .string(String(describing: type(of: error)))])
            }
            figures.record()
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(string: prometheus.text())))
        }
        return Application(
            router: router, configuration: .init(address: .hostname(host, port: port), serverName: "symbolon-metrics"),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
    }
}
