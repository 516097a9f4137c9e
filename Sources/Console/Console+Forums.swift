import Hummingbird
import Platform
import Reputation
import SignIn
import VerifierService

extension Console {
    /// Pages about forums.
    func addForumPages(to router: Router<ServiceContext>) {
        router.get("console/forums", use: shown { try await forums($0) })
        router.get("console/forums/new", use: shown { try await wizard($0, Form()) })
        router.post("console/forums/new", use: done { try await register($0, $1) })
        router.get("console/forum/:id", use: shown { try forumPage($0, try await desk.forum($0.parameter("id"))) })
        router.post(
            "console/forum/:id/secret",
            use: done { visit, _ in
                let id = visit.parameter("id")
                let secret = try await desk.rotateSecret(of: id, by: visit.account)
                return try forumPage(visit, try await desk.forum(id), secret: secret)
            })
        router.post(
            "console/forum/:id/remove",
            use: done { visit, form in
                guard form["confirm"] == visit.parameter("id") else { throw Problem.unconfirmed }
                try await desk.remove(visit.parameter("id"), by: visit.account)
                return ConsolePages.redirect(to: "/console/forums")
            })
    }

    private func forums(_ visit: Visit) async throws -> Response {
        let places = try await desk.places()
        let forums = try await desk.book.all().map {
            ["id": $0.id, "name": $0.name, "audience": places[$0.audience] ?? $0.audience.hex]
        }
        return pages.page("forums", visit: visit, ["forums": forums])
    }

    /// The form that registers a forum, filled in as far as it was.
    private func wizard(_ visit: Visit, _ form: Form, alert: String? = nil) async throws -> Response {
        guard visit.account.role == .owner else { throw Problem.role }
        let attributes = desk.community.schema.attributes.map(\.nameText).joined(separator: ", ")
        var values: [String: Any] = [
            // Made here, so that a form that is sent twice registers one forum.
            "client-id": form["client-id"] ?? Hex.text(Random.bytes(16)),
            "kinds": ForumSoftware.allCases.map {
                ["id": $0.rawValue, "name": $0.title, "selected": $0.rawValue == form["kind"]] as [String: Any]
            }, "tiers": form["tiers"] ?? "member=members",
            "email-verified": form["email-verified"] != nil,
        ]
        for name in ["name", "url", "redirect-uri", "audience", "email-domain"] { values[name] = form[name] ?? "" }
        if let alert { values["alert"] = alert }
        return pages.page(
            "wizard", visit: visit, values,
            words: [
                "attributes": attributes, "audiences": try desk.directory.audiences().map(\.name).joined(separator: ", "),
            ], status: alert == nil ? .ok : .unprocessableContent)
    }

    private func register(_ visit: Visit, _ form: Form) async throws -> Response {
        do {
            let (draft, software) = try Console.draft(form)
            let (forum, secret) = try await desk.register(draft, by: visit.account)
            return try forumPage(visit, forum, secret: secret, software: software)
        } catch {
            let problem = refused(error, visit.context)
            guard problem.code == Problem.draft("").code else { throw error }
            return try await wizard(visit, form, alert: problem.title)
        }
    }

    /// What the form describes.
    static func draft(_ form: Form) throws -> (ForumDraft, ForumSoftware) {
        guard let software = ForumSoftware(rawValue: form["kind"] ?? "") else { throw Problem.draft("what the forum runs on is not known") }
        guard let redirect = form["redirect-uri"] ?? form["url"].flatMap(software.redirectURI(ofForumAt:)) else {
            throw Problem.draft("where do members come back to? Give the forum's address, or that one")
        }
        var draft = ForumDraft(name: form["name"] ?? "", audience: form["audience"] ?? "", redirectURIs: [redirect])
        draft.clientID = form["client-id"]
        draft.tiers = (form["tiers"] ?? "").split(whereSeparator: \.isNewline).map(String.init).filter { $0.contains { $0 != " " } }
        if software == .discourseConnect { draft.discourse = Forum.Discourse(moderators: nil, admins: nil) }
        draft.requiresPKCE = software.usesPKCE
        draft.requiresNonce = software.usesNonce
        draft.sendsIssuer = software.bearsIssuer
        if let domain = form["email-domain"] { draft.email = .synthetic(domain: domain, isVerified: form["email-verified"] != nil) }
        guard !software.needsEmail || draft.email != .none else {
            throw Problem.draft("this software cannot do without e-mail addresses: give a domain for made-up ones")
        }
        return (draft, software)
    }

    private func forumPage(
        _ visit: Visit, _ forum: Forum, secret: String? = nil, software: ForumSoftware? = nil
    ) throws -> Response {
        let schema = desk.community.schema
        let tiers = try forum.tiers.indices.map { place in
            let proves = try forum.predicates(ofTier: place, schema: schema)
            return [
                "name": forum.tiers[place].name, "groups": forum.groups(ofTier: place).joined(separator: ", "),
                "proves": proves.isEmpty ? pages.text("forum-no-tier-proof") : proves.joined(separator: ", "),
            ]
        }
        let settings = ForumSoftware.allCases.filter { $0.fits(forum) }.map { kind in
            let settings = ForumSettings(kind, of: forum, issuer: desk.issuer, secret: secret)
            return ["name": kind.title, "where": settings.place, "text": settings.text, "open": kind == software] as [String: Any]
        }
        let protections =
            [
                forum.hasSecret ? "forum-has-secret" : "forum-has-no-secret", forum.requiresPKCE ? "forum-has-pkce" : "forum-has-no-pkce",
                forum.requiresNonce ? "forum-has-nonce" : "forum-has-no-nonce",
                forum.sendsIssuer ? "forum-has-iss" : "forum-has-no-iss",
            ].map { pages.text($0) } + [forum.algorithm.rawValue]
        return pages.page(
            "forum", title: forum.name, visit: visit,
            [
                "id": forum.id, "audience": forum.audience.hex, "redirects": forum.redirectURIs, "logouts": forum.logoutURIs,
                "protections": protections.joined(separator: ", "), "tiers": tiers, "settings": settings,
                "confidential": forum.hasSecret, "secret": secret ?? false as Any,
            ])
    }
}
