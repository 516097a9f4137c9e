import Hummingbird
import Logging
import ServiceLifecycle
import VerifierService

/// The console on a port of its own, away from what members and forums see.
public struct ConsoleListener: ServiceExtension {
    private let console: Console
    private let port: Int
    private let logger: Logger
    private let onRunning: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - port: of this machine alone: a proxy that ends TLS, or a tunnel, stands before it.
    ///   - logger: where requests are logged.
    ///   - onRunning: called with the port once connections are taken.
    public init(_ console: Console, port: Int, logger: Logger, onRunning: @escaping @Sendable (Int) -> Void) {
        self.console = console
        self.port = port
        self.logger = logger
        self.onRunning = onRunning
    }

    /// See `ServiceExtension`: nothing of it is served beside the community's addresses.
    public func addRoutes(to router: Router<ServiceContext>) {}

    /// See `ServiceExtension`.
    public func keepUp(now: Int64) async throws { try await console.keepUp(now: now) }

    /// See `ServiceExtension`.
    public var services: [any Service] {
        let router = CommunityService.emptyRouter()
        console.addRoutes(to: router)
        let onRunning = onRunning
        return [
            Application(
                router: router,
                server: .http1(
                    configuration: .init(
                        idleTimeout: .seconds(60),
                        httpDecoderConfiguration: .init(maxHeaderFieldSize: 8192, maxHeaderListSize: 16_384, maxHeaderFieldCount: 64))),
                configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: "symbolon"),
                onServerRunning: { channel in onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
        ]
    }
}
