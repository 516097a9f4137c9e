import HTTPTypes
import Hummingbird

/// Lets the pages of every origin call what is public, wallets in a browser above all (CORS, the Fetch standard): what needs neither a cookie nor
/// a token, and says the same to everybody who knows the address. Problems too, so that a wallet can read their codes. Nothing else is opened.
struct PublicAddresses: RouterMiddleware {
    /// What may be called, and how; `*` stands for one part of a path, `**` for the rest of it.
    private static let all: [(pattern: [Substring], method: String)] = [
        ("openapi.json", "GET"), ("log/**", "GET"), ("v1/community", "GET"), ("v1/histogram", "GET"), ("v1/spent/*", "GET"),
        ("v1/audiences/*/policy", "GET"), ("v1/requests/*", "GET"), ("v1/audiences/*/presentations", "POST"),
        ("v1/audiences/*/appeals", "POST"), ("v1/credentials", "POST"), ("v1/top-ups/offer", "POST"), ("v1/top-ups", "POST"),
        ("v1/renewals", "POST"), ("sign-in/*/wallet", "GET, POST"), ("openid/keys", "GET"),
        (".well-known/openid-configuration", "GET"),
    ].map { ($0.0.split(separator: "/"), $0.1) }

    func handle(
        _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        guard let method = Self.method(at: request.uri.path) else { return try await next(request, context) }
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil { return Self.preflight(method) }
        var response = try await next(request, context)
        response.headers[.accessControlAllowOrigin] = "*"
        response.headers[.accessControlExposeHeaders] = "Retry-After"
        response.headers[.crossOriginResourcePolicy] = "cross-origin"
        return response
    }

    /// What a browser is told before it sends JSON: the same for everybody, and good for a day.
    private static func preflight(_ method: String) -> Response {
        Response(
            status: .noContent,
            headers: [
                .accessControlAllowOrigin: "*", .accessControlAllowMethods: method, .accessControlAllowHeaders: "content-type",
                .accessControlMaxAge: "86400",
            ])
    }

    /// How the address of a path may be called from elsewhere; nil when it may not.
    private static func method(at path: String) -> String? {
        // As the router reads it, to which two slashes are one.
        let parts = path.split(separator: "/")
        return all.first { matches(parts, $0.pattern) }?.method
    }

    private static func matches(_ parts: [Substring], _ pattern: [Substring]) -> Bool {
        guard pattern.last == "**" ? parts.count >= pattern.count : parts.count == pattern.count else { return false }
        return zip(parts, pattern).allSatisfy { $1 == "*" || $1 == "**" || $0 == $1 }
    }
}
