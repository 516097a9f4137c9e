import Hummingbird
import Reputation
import VerifierService

extension SignIn {
    /// Largest form that the endpoints of OpenID Connect take.
    static let formLimit = 16_384

    /// `GET /openid/authorize`.
    func authorize(_ request: Request) async throws -> Response {
        guard let form = try? Form(parsing: Array((request.uri.query ?? "").utf8)), let id = form["client_id"],
            let forum = try await openIDForum(id), let redirectURI = form["redirect_uri"], forum.redirectURIs.contains(redirectURI)
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
                to: AuthorizationRequest.address(error, redirectURI: redirectURI, state: form["state"], issuer: issuer(for: forum)))
        }
        return try await answer(.openID(asked), forum: forum, browser: browser(request))
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

    /// Answers a forum's request from an earlier proof, or begins an interaction.
    func answer(_ asked: Asked, forum: Forum, browser: Browser?) async throws -> Response {
        let now = now()
        if let browser, let session = try await store.session(id: browser.session(at: forum.id)), session.forum == forum.id,
            now < session.expires
        {
            let proof = try Proof(document: session.proof)
            if asked.isAnswered(by: proof, now: now), try await notice(for: proof, at: forum) == nil {
                let (grant, address) = try granted(session.proof, asked: asked, forum: forum)
                do { try await store.addGrant(grant) } catch {
                    guard error == .exists else { throw error }
                    return used(forum)
                }
                return Pages.redirect(to: address)
            }
        }
        if !asked.admitsPage { return Pages.redirect(to: refused(.loginRequired, asked: asked, forum: forum)) }
        let visitor = browser ?? Browser()
        let handle = Opaque()
        let isKept = try await store.addInteraction(
            InteractionRecord(
                id: handle.hash, browser: visitor.binding(to: handle), forum: forum.id, document: asked.document,
                expires: now + SignIn.interactionLife), limit: SignIn.greatestInteractions)
        guard isKept else {
            // A Discourse forum would send its visitor back here at once.
            if case .discourse = asked { throw Problem.busy }
            return Pages.redirect(to: refused(.temporarilyUnavailable, asked: asked, forum: forum))
        }
        return Pages.redirect(to: "/sign-in/\(handle.text)", cookie: browser == nil ? cookie(visitor) : nil)
    }

    /// What a browser is shown whose forum was answered already.
    func used(_ forum: Forum) -> Response { pages.message("finished", status: .conflict, ["forum": forum.name]) }

    /// The claims of an ID token that this service made for a forum, however old it is; nil for any other text.
    func idToken(_ token: String, of forum: Forum) async -> JSON? {
        guard let claims = await keys.claims(of: token), claims["iss"]?.text == issuer.origin, claims["aud"]?.text == forum.id else {
            return nil
        }
        return claims
    }
}
