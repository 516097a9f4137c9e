import Hummingbird
import Reputation
import VerifierService

extension SignIn {
    /// `GET` and `POST /openid/logout` (OpenID Connect RP-Initiated Logout 1.0). With a token of the one who is signed in here it ends his
    /// sessions at the forums of that audience and goes back; without, it asks: any site can send a browser here. A form of the page that asks forgets
    /// the browser.
    func logout(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let text = request.method == .post ? try await request.bytes(upTo: SignIn.formLimit) : Array((request.uri.query ?? "").utf8)
        guard let form = try? Form(parsing: text) else { return pages.message("form", status: .badRequest) }
        let (forum, claims) = try await party(form)
        // Not registered: nobody is sent there.
        let back = form["post_logout_redirect_uri"].flatMap { uri in
            forum?.logoutURIs.contains(uri) == true
                ? Form.address(uri, adding: form["state"].map { [("state", $0)] } ?? []) : nil
        }
        let name = forum?.name ?? ""
        guard let browser = browser(request) else { return loggedOut(forum: name, back: back, cookie: nil) }
        if request.method == .post, form["form"] != nil {
            try checkForm(request, token: form["form"], browser: browser, page: SignIn.logoutPage)
            try await endSessions(of: browser, everywhere: true, begunBy: forum, logger: context.logger)
            return loggedOut(forum: name, back: back, cookie: noCookie)
        }
        if let forum, let claims {
            let record = try await store.session(id: browser.session(at: forum.id))
            if try record.map({ try Proof(document: $0.proof).subject.text == claims["sub"]?.text }) ?? true {
                try await endSessions(of: browser, everywhere: false, begunBy: forum, logger: context.logger)
                return loggedOut(forum: name, back: back, cookie: nil)
            }
        }
        let t = pages.words(forum: name)
        let given = [("client_id", forum?.id), ("post_logout_redirect_uri", form["post_logout_redirect_uri"]), ("state", form["state"])]
        let fields = given.compactMap { name, value in value.map { ["name": name, "value": $0] } }
        return pages.page(
            "logout",
            [
                "t": t, "title": t["logout-title"] ?? "", "intro": t["logout"] ?? "", "form": browser.formToken(SignIn.logoutPage),
                "fields": fields,
            ])
    }

    private static let logoutPage = Array("logout".utf8)

    /// Which forum asks, and the claims of its token when one of this service's came along.
    private func party(_ form: Form) async throws -> (Forum?, JSON?) {
        var claims: JSON?
        if let hint = form["id_token_hint"] { claims = await keys.claims(of: hint) }
        guard let id = form["client_id"] ?? claims?["aud"]?.text, let forum = try await forum(id) else { return (nil, nil) }
        guard claims?["iss"]?.text == issuer.origin, claims?["aud"]?.text == forum.id else { return (forum, nil) }
        return (forum, claims)
    }

    private func loggedOut(forum: String, back: String?, cookie: String?) -> Response {
        pages.message("logged-out", status: .ok, ["forum": forum], link: back, refresh: back, cookie: cookie)
    }
}
