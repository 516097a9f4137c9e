import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Platform
import Reputation
import VerifierService

/// An error of the token endpoint (RFC 6749 5.2).
enum TokenError: Error, Equatable {
    case invalidRequest
    /// `basic`: whether the client showed its secret in a header, so that the answer has to name that scheme.
    case invalidClient(basic: Bool)
    case invalidGrant, unsupportedGrantType

    var code: String {
        switch self {
        case .invalidRequest: "invalid_request"
        case .invalidClient: "invalid_client"
        case .invalidGrant: "invalid_grant"
        case .unsupportedGrantType: "unsupported_grant_type"
        }
    }

    var response: Response {
        var headers = SignIn.tokenHeaders
        var status = HTTPResponse.Status.badRequest
        if case .invalidClient(let basic) = self {
            status = .unauthorized
            if basic { headers[.wwwAuthenticate] = "Basic realm=\"token\"" }
        }
        let body = JSON.object([.init("error", .text(code))]).encoded()
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}

extension SignIn {
    static let tokenHeaders: HTTPFields = [
        .contentType: "application/json", .cacheControl: "no-store", HTTPField.Name("Pragma")!: "no-cache",
    ]

    /// `POST /openid/token`: exchanges an authorization code.
    func token(_ request: Request) async throws -> Response {
        do { return try await exchange(request) } catch let error as TokenError { return error.response }
    }

    private func exchange(_ request: Request) async throws -> Response {
        guard let form = try? Form(parsing: try await request.bytes(upTo: SignIn.formLimit)) else { throw TokenError.invalidRequest }
        let forum = try await client(request, form)
        guard let type = form["grant_type"] else { throw TokenError.invalidRequest }
        guard type == "authorization_code" else { throw TokenError.unsupportedGrantType }
        guard let text = form["code"] else { throw TokenError.invalidRequest }
        guard let code = Opaque(text), let grant = try await store.grant(codeHash: code.hash), grant.forum == forum.id else {
            throw TokenError.invalidGrant
        }
        let asked = try AuthorizationRequest(document: grant.document)
        guard form["redirect_uri"] == asked.redirectURI, SignIn.isVerifier(form["code_verifier"], of: asked.challenge) else {
            throw TokenError.invalidGrant
        }
        let (now, token) = (now(), Opaque())
        let proof = try Proof(document: grant.proof)
        guard try await notice(for: proof, at: forum) == nil else { throw TokenError.invalidGrant }
        // Signed before the code is used up: should a key be missing, the code is still good.
        let signed = try await idToken(proof, asked: asked, forum: forum, accessToken: token.text, now: now)
        let record = TokenRecord(hash: token.hash, expires: now + SignIn.tokenLife)
        guard try await store.redeem(codeHash: code.hash, for: record, now: now) == .redeemed else { throw TokenError.invalidGrant }
        let body = JSON.object([
            .init("access_token", .text(token.text)), .init("token_type", .text("Bearer")), .init("expires_in", .integer(SignIn.tokenLife)),
            .init("scope", .text("openid")), .init("id_token", .text(signed)),
        ]).encoded()
        return Response(status: .ok, headers: SignIn.tokenHeaders, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// The forum that a request authenticates: by `Authorization: Basic`, by a secret in the form, or, without a secret, by its id alone. Exactly one of them.
    private func client(_ request: Request, _ form: Form) async throws -> Forum {
        if let header = request.headers[.authorization] {
            guard form["client_secret"] == nil else { throw TokenError.invalidRequest }
            guard let (id, secret) = SignIn.basic(header), form["client_id"] ?? id == id, let forum = try await openIDForum(id),
                forum.isSecret(secret)
            else { throw TokenError.invalidClient(basic: true) }
            return forum
        }
        guard let id = form["client_id"], let forum = try await openIDForum(id) else { throw TokenError.invalidClient(basic: false) }
        if let secret = form["client_secret"] {
            guard forum.isSecret(secret) else { throw TokenError.invalidClient(basic: false) }
        } else {
            guard forum.secretHash == nil else { throw TokenError.invalidClient(basic: false) }
        }
        return forum
    }

    /// Id and secret of `Basic`, each of them escaped as in a form (RFC 6749 2.3.1).
    static func basic(_ header: String) -> (id: String, secret: String)? {
        guard header.utf8.count <= 1024, header.prefix(6).lowercased() == "basic ",
            let bytes = Data(base64Encoded: String(header.dropFirst(6)))
        else { return nil }
        let parts = [UInt8](bytes).split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let id = try? Form.decode(parts[0]), let secret = try? Form.decode(parts[1]) else { return nil }
        return (id, secret)
    }

    /// PKCE (RFC 7636 4.6). A verifier without a challenge is refused: somebody took the challenge out of the request (RFC 9700 2.1.1).
    static func isVerifier(_ verifier: String?, of challenge: String?) -> Bool {
        switch (verifier, challenge) {
        case (nil, nil): return true
        case (let verifier?, let challenge?):
            guard (43...128).contains(verifier.utf8.count) else { return false }
            return constantTimeEquals(Array(Opaque.digest(Array(verifier.utf8)).utf8), Array(challenge.utf8))
        default: return false
        }
    }

    private func idToken(
        _ proof: Proof, asked: AuthorizationRequest, forum: Forum, accessToken: String, now: Int64
    ) async throws -> String {
        // Both algorithms hash with SHA-256; half of it ties the access token to this one.
        let accessTokenHash = Opaque.text(Array(SHA256.hash(Array(accessToken.utf8)).prefix(16)))
        var claims: [JSON.Member] = [
            .init("iss", .text(issuer.origin)), .init("aud", .text(forum.id)), .init("iat", .integer(now)),
            .init("exp", .integer(now + SignIn.tokenLife)), .init("at_hash", .text(accessTokenHash)),
        ]
        if let nonce = asked.nonce { claims.append(.init("nonce", .text(nonce))) }
        return try await keys.sign(Claims(claims + proof.claims(for: forum)), forum.algorithm)
    }
}
