import AsyncHTTPClient
import Foundation
import JWTKit
import NIOCore
import Platform
import Reputation
import SignIn

/// A client of OpenID Connect, as any forum has one: discovery, the code flow with PKCE, state, nonce and `iss`, and an ID token that is checked by the
/// service's published keys. It shares nothing with the service but its address and a secret.
struct OpenIDClient: Sendable {
    /// Why nobody is signed in.
    enum Failure: Error, Equatable {
        /// The service said so, with this code of OAuth.
        case refused(String)
        /// The answer is none to what was asked here.
        case foreignAnswer
        /// The service does not answer as it should.
        case unreachable
        /// The token is not one that signs somebody in here.
        case token
    }

    /// A sign-in on its way, kept with the visitor's session.
    struct Begun: Sendable {
        /// Where the browser goes.
        let address: String
        fileprivate let state: String
        fileprivate let nonce: String
        fileprivate let verifier: String
    }

    /// Who came back.
    struct Member: Sendable, Equatable {
        /// The pseudonym that accounts are known by.
        let subject: String
        /// The same to read.
        let name: String
        let groups: [String]
        /// What to show the service to sign out there too.
        let token: String
    }

    private struct Provider {
        let authorization: String
        let token: String
        let keys: String
        let logout: String
    }

    let issuer: String
    let id: String
    let secret: String
    /// Where the browser comes back to.
    let callback: String

    /// Seconds by which two clocks may differ.
    private static let skew: Int64 = 60

    /// Begins a sign-in.
    func begin() async throws(Failure) -> Begun {
        let provider = try await discover()
        let (state, nonce, verifier) = (Opaque().text, Opaque().text, Opaque().text)
        let address = Form.address(
            provider.authorization,
            adding: [
                ("response_type", "code"), ("scope", "openid profile"), ("client_id", id), ("redirect_uri", callback), ("state", state),
                ("nonce", nonce), ("code_challenge", Opaque.digest(Array(verifier.utf8))), ("code_challenge_method", "S256"),
            ])
        return Begun(address: address, state: state, nonce: nonce, verifier: verifier)
    }

    /// Ends it: what came to the callback for what this visitor began.
    func finish(_ answer: Form, of begun: Begun, now: Int64) async throws(Failure) -> Member {
        guard let state = answer["state"], constantTimeEquals(Array(state.utf8), Array(begun.state.utf8)), answer["iss"] == issuer else {
            throw .foreignAnswer
        }
        if let error = answer["error"] { throw .refused(error) }
        guard let code = answer["code"] else { throw .foreignAnswer }
        let provider = try await discover()
        let body = Form.query([
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", callback), ("code_verifier", begun.verifier),
            ("client_id", id), ("client_secret", secret),
        ])
        guard let token = try await call(provider.token, posting: body)["id_token"]?.text else { throw .token }
        let keys = try await call(provider.keys).encoded()
        guard let claims = await Self.claims(of: token, keys: keys) else { throw .token }
        guard claims["iss"]?.text == issuer, claims["aud"]?.text == id, claims["nonce"]?.text == begun.nonce,
            case .integer(let made)? = claims["iat"], case .integer(let end)? = claims["exp"], made <= now + Self.skew, now < end,
            let subject = claims["sub"]?.text, let name = claims["preferred_username"]?.text, case .array(let groups)? = claims["groups"]
        else { throw .token }
        return Member(subject: subject, name: name, groups: groups.compactMap(\.text), token: token)
    }

    /// Where the browser of somebody goes who signs out at the service as well.
    func logout(_ member: Member, to address: String) async throws(Failure) -> String {
        Form.address(try await discover().logout, adding: [("id_token_hint", member.token), ("post_logout_redirect_uri", address)])
    }

    private static func claims(of token: String, keys: [UInt8]) async -> JSON? {
        guard token.utf8.count <= 8192 else { return nil }
        let collection = JWTKeyCollection()
        do {
            try await collection.add(jwksJSON: String(decoding: keys, as: UTF8.self))
            return try await collection.verify(token, as: Claims.self).json
        } catch { return nil }
    }

    /// What the service says of itself, at its address and in its name.
    private func discover() async throws(Failure) -> Provider {
        let found = try await call(issuer + "/.well-known/openid-configuration")
        guard found["issuer"]?.text == issuer, let authorization = found["authorization_endpoint"]?.text,
            let token = found["token_endpoint"]?.text, let keys = found["jwks_uri"]?.text, let logout = found["end_session_endpoint"]?.text,
            [authorization, token, keys, logout].allSatisfy({ $0.hasPrefix(issuer + "/") })
        else { throw .unreachable }
        return Provider(authorization: authorization, token: token, keys: keys, logout: logout)
    }

    private func call(_ address: String, posting form: String? = nil) async throws(Failure) -> JSON {
        var request = HTTPClientRequest(url: address)
        if let form {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: form))
        }
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
            let body = Array(buffer: try await response.body.collect(upTo: 1 << 18))
            guard response.status == .ok else { throw form == nil ? Failure.unreachable : .token }
            return try JSON(parsing: body)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .unreachable
        }
    }
}
