import Hummingbird
import Reputation
import VerifierService

extension SignIn {
    /// `GET /discourse/FORUM`: where a Discourse forum sends who wants to sign in (its setting `discourse_connect_url`).
    func connect(_ request: Request, _ context: ServiceContext) async throws -> Response {
        guard let id = context.parameters.get("forum"), let forum = try await forum(id), case .discourse(let discourse) = forum.kind,
            let form = try? Form(parsing: Array((request.uri.query ?? "").utf8)),
            let asked = DiscourseRequest(form, forum: forum, secret: secret(of: forum, discourse))
        else { return pages.message("unknown-client", status: .badRequest) }
        let browser = browser(request)
        guard asked.prompt != .logout else {
            if let browser { try await store.endSession(id: browser.session(at: forum.id)) }
            return Pages.redirect(to: asked.returnURL)
        }
        return try await answer(.discourse(asked), forum: forum, browser: browser)
    }

    /// What the forum and this service sign with.
    func secret(of forum: Forum, _ discourse: Forum.Discourse) -> String {
        secrets.secret(.discourse, of: forum.id, salt: discourse.salt)
    }
}
