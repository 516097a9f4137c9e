import Hummingbird
import Reputation
import VerifierService

extension SignIn {
    /// Largest form that the endpoints of OpenID Connect take.
    static let formLimit = 16_384

    /// `GET /openid/authorize`.
    func authorize(_ request: Request) async throws -> Response {
        guard let form = try? Form(parsing: Array((request.uri.query ?? "").utf8)), let id = form["client_id"],
            let forum = try await forum(id), let redirectURI = form["redirect_uri"], forum.redirectURIs.contains(redirectURI)
        else { return pages.message("unknown-client", status: .badRequest) }
        let asked: AuthorizationRequest
        do {
            asked = try await AuthorizationRequest(form, forum: forum, redirectURI: redirectURI) { (token) throws(AuthorizationError) in
                guard let claims = await idToken(token, of: forum), let subject = claims["sub"]?.text else {
                    throw .invalidRequest("id_token_hint is none of this service's tokens")
                }
                return subject
            }
        } catch {
            return Pages.redirect(
                to: AuthorizationRequest.address(error, redirectURI: redirectURI, state: form["state"], issuer: issuer.origin))
        }
        return try await answer(asked, forum: forum, browser: browser(request))
    }

    /// `POST /openid/authorize`: the same by GET. A cookie with `SameSite=Lax` comes with a GET from elsewhere and not with a POST, so the
    /// browser is known only there.
    func authorizeByForm(_ request: Request) async throws -> Response {
        guard let form = try? Form(parsing: try await request.bytes(upTo: SignIn.formLimit)) else {
            return pages.message("unknown-client", status: .badRequest)
        }
        // Longer ones fit into no request line; none that is valid is.
        guard form.encoded.utf8.count <= 8000, form.encoded.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x23 }) else {
            return pages.message("unknown-client", status: .badRequest)
        }
        return Pages.redirect(to: "/openid/authorize?\(form.encoded)")
    }

    private func answer(_ asked: AuthorizationRequest, forum: Forum, browser: Browser?) async throws -> Response {
        let now = now()
        if let browser, let session = try await store.session(id: browser.session(at: forum.id)), session.forum == forum.id,
            now < session.expires
        {
            let proof = try Proof(document: session.proof)
            if asked.isAnswered(by: proof, now: now) {
                let code = Opaque()
                try await store.addGrant(grant(code, asked: asked.document, proof: session.proof, forum: forum.id, now: now))
                return Pages.redirect(to: asked.address([("code", code.text)], issuer: issuer.origin))
            }
        }
        if case .only = asked.reuse { return Pages.redirect(to: asked.address(.loginRequired, issuer: issuer.origin)) }
        let visitor = browser ?? Browser()
        let handle = Opaque()
        let isKept = try await store.addInteraction(
            InteractionRecord(
                id: handle.hash, browser: visitor.binding(to: handle), forum: forum.id, document: asked.document,
                expires: now + SignIn.interactionLife), limit: SignIn.greatestInteractions)
        guard isKept else { return Pages.redirect(to: asked.address(.temporarilyUnavailable, issuer: issuer.origin)) }
        return Pages.redirect(to: "/sign-in/\(handle.text)", cookie: browser == nil ? cookie(visitor) : nil)
    }

    func grant(_ code: Opaque, asked: [UInt8], proof: [UInt8], forum: String, now: Int64) -> GrantRecord {
        GrantRecord(codeHash: code.hash, forum: forum, document: asked, proof: proof, expires: now + SignIn.codeLife)
    }

    /// The claims of an ID token that this service made for a forum, however old it is; nil for any other text.
    func idToken(_ token: String, of forum: Forum) async -> JSON? {
        guard let claims = await keys.claims(of: token), claims["iss"]?.text == issuer.origin, claims["aud"]?.text == forum.id else {
            return nil
        }
        return claims
    }
}
