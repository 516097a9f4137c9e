import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Operations
import ServiceLifecycle
import VerifierService

/// Serves a wallet for browsers at a port of its own, and so at an origin of its own: no page of the service can reach into the wallet, and
/// the wallet into none of them.
public struct WalletSite: ServiceExtension {
    private let files: WalletFiles
    private let options: CommunityService.Options
    private let limits: LimitBook
    private let server: HTTPServerBuilder
    private let logger: Logger
    private let onRunning: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - options: of the service beside it, with this site's host and port.
    ///   - limits: of the service beside it: what a network may ask is counted for both together.
    ///   - logger: where requests are logged.
    ///   - onRunning: called with the port once connections are taken.
    /// - Throws: when the certificate cannot be used.
    public init(
        _ files: WalletFiles, options: CommunityService.Options, limits: LimitBook, logger: Logger,
        onRunning: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        self.files = files
        self.options = options
        self.limits = limits
        server = try options.server()
        self.logger = logger
        self.onRunning = onRunning
    }

    /// See `ServiceExtension`: nothing of it is served beside the community's addresses.
    public func addRoutes(to router: Router<ServiceContext>) {}

    /// See `ServiceExtension`.
    public func keepUp(now: Int64) async throws {}

    /// See `ServiceExtension`.
    public var services: [any Service] {
        let (files, onRunning) = (files, onRunning)
        let router = CommunityService.emptyRouter(options, limits: limits, last: WalletHeaders())
        // One route for all: which file a visitor asks for is not logged.
        for route: RouterPath in ["/", "**"] {
            router.get(route) { request, _ in try Self.answer(request, files) }
            router.head(route) { request, _ in try Self.answer(request, files).createHeadResponse() }
        }
        return [
            Application(
                router: router, server: server,
                configuration: .init(
                    address: .hostname(options.host, port: options.port), serverName: "symbolon",
                    availableConnectionsDelegate: MaximumAvailableConnections(options.connections)),
                onServerRunning: { channel in onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
        ]
    }

    private static func answer(_ request: Request, _ files: WalletFiles) throws -> Response {
        guard let file = files[request.uri.path] else { throw HTTPError(.notFound) }
        var headers: HTTPFields = [.contentType: file.type, .cacheControl: file.caching, .eTag: file.tag]
        if file.compressed != nil { headers[.vary] = "Accept-Encoding" }
        if request.knows(file.tag) { return Response(status: .notModified, headers: headers) }
        guard let compressed = file.compressed, request.takesGzip else {
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: file.content)))
        }
        headers[.contentEncoding] = "gzip"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: compressed)))
    }
}

/// What every answer says, refusals included: own files only, nothing inline, no frame around it, no window of others that could reach into it, and memory that
/// threads may share. `blob:` is for workers made of scripts that were checked before.
struct WalletHeaders: RouterMiddleware {
    static let all: [(HTTPField.Name, String)] = [
        (
            .contentSecurityPolicy,
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
                + "connect-src 'self' https: http://localhost:* http://127.0.0.1:*; worker-src 'self' blob:; manifest-src 'self'; "
                + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        ),
        (HTTPField.Name("Cross-Origin-Opener-Policy")!, "same-origin"),
        (HTTPField.Name("Cross-Origin-Embedder-Policy")!, "require-corp"), (.crossOriginResourcePolicy, "same-origin"),
        (.xContentTypeOptions, "nosniff"), (HTTPField.Name("Referrer-Policy")!, "no-referrer"),
        (HTTPField.Name("Permissions-Policy")!, "camera=(self), microphone=(), geolocation=()"),
        (HTTPField.Name("X-Frame-Options")!, "DENY"),
    ]

    func handle(
        _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.all { response.headers[name] = value }
        return response
    }
}

extension Request {
    /// Whether the one who asks has the content of a tag already.
    fileprivate func knows(_ tag: String) -> Bool {
        guard let known = headers[.ifNoneMatch], known.utf8.count <= 4096 else { return false }
        return known.split(separator: ",").contains { $0.filter { $0 != " " } == tag }
    }

    /// Whether the one who asks can unpack gzip (RFC 9110 12.5.3).
    fileprivate var takesGzip: Bool {
        guard let accepted = headers[.acceptEncoding], accepted.utf8.count <= 1024 else { return false }
        for coding in accepted.lowercased().split(separator: ",") {
            let parts = coding.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard parts.first == "gzip" || parts.first == "x-gzip" else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            return quality > 0
        }
        return false
    }
}
