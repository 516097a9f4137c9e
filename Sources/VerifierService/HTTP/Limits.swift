import HTTPTypes
import Hummingbird
import Metrics
import NIOCore
import Operations

/// How much one network may ask of the service in a minute, by what it costs. 0 is without limit.
public struct Limits: Sendable, Equatable {
    /// Kinds of requests.
    public enum Kind: String, CaseIterable, Sendable {
        /// Codes of members: claims and top-ups.
        case claims
        /// Anything with a proof in it, and codes that are typed: presentations, renewals, answers to a sign-in.
        case proofs
        /// Backends of forums: requests for presentations, tokens, userinfo.
        case forums
        /// Pages and other small answers.
        case pages
        /// The log, as static files.
        case files
    }

    /// Requests a minute by kind.
    public var perMinute: [Kind: Int]

    /// What can be set for a kind; 0 is without limit.
    public static let admissible = 0...1_000_000
    /// No limits.
    public static let none = Limits(perMinute: [:])
    /// Generous to a household and to the one backend of a busy forum, and far below what one machine verifies.
    public static let standard = Limits(perMinute: [.claims: 60, .proofs: 240, .forums: 6000, .pages: 1200, .files: 12_000])

    /// From its numbers.
    public init(perMinute: [Kind: Int]) { self.perMinute = perMinute }
}

/// Holds networks to the limits. What comes from this machine itself is not limited: it is the operator's own, or a proxy that nobody said to trust, behind
/// which all would share one limit.
struct LimitMiddleware: RouterMiddleware {
    private let proxies: TrustedProxies
    private let limits: LimitBook

    init(_ limits: LimitBook, proxies: TrustedProxies) {
        self.proxies = proxies
        self.limits = limits
    }

    func handle(
        _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        let kind = Self.kind(method: request.method, path: request.uri.path)
        let client = proxies.client(peer: ClientAddress(context.remoteAddress), forwarded: request.headers[values: Self.forwarded])
        if let client, !client.isLoopback, let wait = limits.take(kind, client, now: Self.clock()) {
            Counter(label: "symbolon.http.limited", dimensions: [("kind", kind.rawValue)]).increment()
            throw Problem.tooMany(retryAfter: wait)
        }
        return try await next(request, context)
    }

    /// What a request costs.
    static func kind(method: HTTPRequest.Method, path: String) -> Limits.Kind {
        // As the router reads it, to which two slashes are one.
        let path = "/" + path.split(separator: "/").joined(separator: "/")
        if path.hasPrefix("/log/") { return .files }
        // Forums' backends ask, and wait for answers.
        if path.hasPrefix("/v1/audiences/"), path.contains("/requests") || path.hasSuffix("/reports") { return .forums }
        // A code that a wallet carries here is one that is typed.
        if path.hasPrefix("/sign-in/"), path.hasSuffix("/code") { return .proofs }
        guard method == .post else { return path == "/openid/userinfo" ? .forums : .pages }
        if path == "/v1/credentials" || path.hasPrefix("/v1/top-ups") { return .claims }
        if path.hasPrefix("/openid/") { return path == "/openid/authorize" || path == "/openid/logout" ? .pages : .forums }
        return .proofs
    }

    private static let forwarded = HTTPField.Name("X-Forwarded-For")!
    private static let start = ContinuousClock.now
    /// Seconds by a clock that does not go back.
    private static func clock() -> Double { (ContinuousClock.now - start) / .seconds(1) }
}
