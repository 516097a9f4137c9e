import Hummingbird
import NIOCore
import Reputation
import VerifierService

extension SignIn {
    /// What a client can know without asking (OpenID Connect Discovery 1.0).
    func discovery() -> Response {
        func texts(_ values: String...) -> JSON { .array(values.map { .text($0) }) }
        func address(_ path: String) -> JSON { .text(issuer.origin + path) }
        let authentication = texts("client_secret_basic", "client_secret_post", "none")
        return SignIn.published(
            JSON.object([
                .init("issuer", address("")), .init("authorization_endpoint", address("/openid/authorize")),
                .init("token_endpoint", address("/openid/token")), .init("userinfo_endpoint", address("/openid/userinfo")),
                .init("jwks_uri", address("/openid/keys")), .init("end_session_endpoint", address("/openid/logout")),
                .init("response_types_supported", texts("code")), .init("response_modes_supported", texts("query")),
                .init("grant_types_supported", texts("authorization_code")), .init("subject_types_supported", texts("pairwise")),
                .init("id_token_signing_alg_values_supported", .array(Forum.Algorithm.allCases.map { .text($0.rawValue) })),
                .init("token_endpoint_auth_methods_supported", authentication),
                .init("scopes_supported", texts("openid", "profile", "email")),
                .init(
                    "claims_supported",
                    texts(
                        "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "preferred_username", "groups", "email",
                        "email_verified")),
                .init("code_challenge_methods_supported", texts("S256")),
                .init("backchannel_logout_supported", .bool(true)), .init("backchannel_logout_session_supported", .bool(false)),
                .init("authorization_response_iss_parameter_supported", .bool(true)), .init("claims_parameter_supported", .bool(false)),
                .init("request_parameter_supported", .bool(false)), .init("request_uri_parameter_supported", .bool(false)),
            ]).encoded())
    }

    /// The keys that tokens are verified with (RFC 7517).
    func publishedKeys() async -> Response { SignIn.published(await keys.document) }

    private static func published(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "public, max-age=300"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
