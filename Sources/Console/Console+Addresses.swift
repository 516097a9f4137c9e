import Hummingbird
import Reputation
import SignIn
import VerifierService

extension Problem {
    /// No token, or one that is not good.
    static let operatorToken = Problem(401, "unauthorized", "The token of an operator is needed.")
}

extension Console {
    /// The same for programs, with `Authorization: Bearer` and a token of `symbolon operator token`.
    func addAddresses(to router: Router<ServiceContext>) {
        let group = router.group("v1/operator")
        group.get("overview", use: asked { _, _, _ in try await overviewJSON() })
        group.get("statistics", use: asked { _, _, _ in .array(try await desk.statistics(days: Console.days).map(\.json)) })
        group.get("forums", use: asked { _, _, _ in .array(try await desk.book.all().map(\.described)) })
        group.post(
            "forums",
            use: asked { account, body, _ in
                let (forum, secret) = try await desk.register(try Console.draft(body), by: account)
                guard case .object(let members) = forum.described else { return forum.described }
                return .object(members + (secret.map { [.init("client-secret", .text($0))] } ?? []))
            })
        group.get("forums/:id", use: asked { _, _, context in try await desk.forum(context.parameters.get("id") ?? "").described })
        group.delete(
            "forums/:id",
            use: asked { account, _, context in
                try await desk.remove(context.parameters.get("id") ?? "", by: account)
                return .object([.init("removed", .bool(true))])
            })
        group.post(
            "forums/:id/secret",
            use: asked { account, _, context in
                let secret = try await desk.rotateSecret(of: context.parameters.get("id") ?? "", by: account)
                return .object([.init("client-secret", .text(secret))])
            })
        group.post(
            "keys",
            use: asked { account, _, _ in
                try await desk.rotateKeys(by: account)
                return .object([.init("rotated", .bool(true))])
            })
        group.get("limits", use: asked { _, _, _ in try await limitsJSON() })
        group.post(
            "limits",
            use: asked { account, body, _ in
                try await desk.setLimits(try Console.limits(body), by: account)
                return try await limitsJSON()
            })
        addModerationAddresses(to: group)
    }

    private func addModerationAddresses(to group: RouterGroup<ServiceContext>) {
        group.get(
            "pseudonyms/:who",
            use: asked { account, _, context in
                let subject = try await desk.moderation.subject(context.parameters.get("who") ?? "", audience: nil)
                return try await desk.moderation.look(up: subject, by: account.name, now: now).described
            })
        group.post(
            "notes",
            use: asked { account, body, _ in
                var object = try JSONObject(body)
                let (audience, text) = (try await place(&object), try object.line("text"))
                let subject = try await desk.moderation.subject(try object.line("pseudonym"), audience: audience)
                try object.finish()
                let number = try await desk.moderation.note(text, on: subject, audience: audience, by: account.name, now: now)
                return .object([.init("note", .integer(Int64(number)))])
            })
        group.get(
            "bans",
            use: asked { _, _, context in
                .array(try await desk.store.bans(audience: nil, inForceAt: now, after: context.after, limit: 1000).map(\.described))
            })
        group.post(
            "bans",
            use: asked { account, body, _ in
                var object = try JSONObject(body)
                let audience = try await place(&object)
                let subject = try await desk.moderation.subject(try object.line("pseudonym"), audience: audience)
                let (reason, shown) = (try object.line("reason"), try object.line("public-reason"))
                let until = object.has("until") ? try end(try object.line("until")) : nil
                try object.finish()
                let number = try await desk.moderation.ban(
                    subject, audience: audience, reason: reason, publicReason: shown, until: until, by: account.name, now: now)
                return .object([.init("ban", .integer(Int64(number)))])
            })
        group.post(
            "bans/:number/lift",
            use: asked { account, body, context in
                var object = try JSONObject(body)
                let reason = try object.line("reason")
                try object.finish()
                try await desk.moderation.lift(context.number, reason: reason, by: account.name, now: now)
                return .object([.init("lifted", .bool(true))])
            })
        group.get(
            "appeals",
            use: asked { _, _, context in
                .array(try await desk.store.appeals(open: true, after: context.after, limit: 1000).map(\.described))
            })
        group.post(
            "appeals/:number/decision",
            use: asked { account, body, context in
                var object = try JSONObject(body)
                let (grant, answer) = (try object.flag("grant"), try object.line("answer"))
                try object.finish()
                try await desk.moderation.decide(context.number, grant: grant, answer: answer, by: account.name, now: now)
                return .object([.init("decided", .bool(true))])
            })
        group.get(
            "audit-log",
            use: asked { _, _, context in
                .array(
                    try await desk.store.auditRows(after: context.after, limit: 1000).map {
                        .object([.init("row", try JSON(parsing: $0.document)), .init("hash", .hex($0.hash))])
                    })
            })
    }

    // MARK: Requests

    /// What an address is asked with: the parameters of its route and of the query.
    private struct Asked {
        let parameters: Parameters
        let query: Form

        var number: Int { Int(parameters.get("number") ?? "") ?? 0 }
        var after: Int { Int(query["after"] ?? "") ?? 0 }
    }

    /// An address for programs: the body is JSON, or empty.
    private func asked(_ body: @escaping @Sendable (OperatorRecord, JSON, Asked) async throws -> JSON) -> Handler {
        { request, context in
            guard let header = request.headers[.authorization], header.prefix(7).lowercased() == "bearer ",
                let account = try await accounts.account(ofToken: String(header.dropFirst(7)), now: now)
            else { throw Problem.operatorToken }
            let bytes = try await request.bytes(upTo: Console.bodyLimit)
            let query = (try? Form(parsing: Array((request.uri.query ?? "").utf8))) ?? Form()
            do {
                let json = bytes.isEmpty ? JSON.object([]) : try JSON(parsing: bytes)
                return .json(try await body(account, json, Asked(parameters: context.parameters, query: query)))
            } catch {
                throw Problem(console: error)
            }
        }
    }

    /// The audience, by its id or by a forum.
    private func place(_ object: inout JSONObject) async throws -> Digest {
        if object.has("forum") { return try await desk.forum(try object.line("forum")).audience }
        return try await desk.audience(try object.line("audience"))
    }

    private func overviewJSON() async throws -> JSON {
        let state = await desk.service.issuer.state
        let (bans, appeals) = try await numbers()
        func count(_ number: Int?) -> JSON { .text(number.map { String($0) } ?? "more than \(Console.most)") }
        return .object([
            .init("leaves", .integer(Int64(state.tree.leaves.count))), .init("epoch", .integer(state.epoch)),
            .init("entries", .integer(Int64(state.log.size))), .init("forums", .integer(Int64(try await desk.book.all().count))),
            .init("bans", count(bans)), .init("appeals", count(appeals)),
        ])
    }

    private func limitsJSON() async throws -> JSON {
        .object(
            try await desk.limits().map { line in
                .init(
                    line.kind.rawValue,
                    .object([
                        .init("per-minute", .integer(Int64(line.perMinute))), .init("setting", .integer(Int64(line.setting))),
                        .init("set", line.chosen.map { .integer(Int64($0)) } ?? .null),
                    ]))
            })
    }

    /// Limits by kind; null takes back what was set.
    private static func limits(_ json: JSON) throws -> [Limits.Kind: Int?] {
        var object = try JSONObject(json)
        var changes: [Limits.Kind: Int?] = [:]
        for kind in Limits.Kind.allCases {
            switch object.takeIfPresent(kind.rawValue) {
            case nil: continue
            case .null?: changes.updateValue(nil, forKey: kind)
            case .integer(let number)?: changes.updateValue(Int(number), forKey: kind)
            default: throw JSONError.wrongValue(Array(kind.rawValue.utf8))
            }
        }
        try object.finish()
        return changes
    }

    /// A forum as JSON describes it, with the names that `Forum.described` has.
    static func draft(_ json: JSON) throws -> ForumDraft {
        var object = try JSONObject(json)
        var draft = ForumDraft(
            name: try object.line("name"), audience: try object.line("audience"), redirectURIs: try object.texts("redirect-uris"))
        if object.has("client-id") { draft.clientID = try object.line("client-id") }
        if object.has("logout-uris") { draft.logoutURIs = try object.texts("logout-uris") }
        if object.has("tiers") { draft.tiers = try object.texts("tiers") }
        if object.has("public") { draft.isPublic = try object.flag("public") }
        if object.has("pkce") { draft.requiresPKCE = try object.flag("pkce") }
        if object.has("nonce") { draft.requiresNonce = try object.flag("nonce") }
        if object.has("iss") { draft.sendsIssuer = try object.flag("iss") }
        if object.has("email-domain") {
            let isVerified = object.has("email-verified") ? try object.flag("email-verified") : false
            draft.email = .synthetic(domain: try object.line("email-domain"), isVerified: isVerified)
        }
        if object.has("algorithm") {
            guard let algorithm = Forum.Algorithm(rawValue: try object.line("algorithm")) else {
                throw JSONError.wrongValue(Array("algorithm".utf8))
            }
            draft.algorithm = algorithm
        }
        try object.finish()
        return draft
    }
}
