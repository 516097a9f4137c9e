import Reputation

extension Problem {
    /// Said to who proved a pseudonym that is not banned.
    static let notBanned = Problem(409, "not-banned", "This pseudonym is not banned here.")
    /// One at a time.
    static let appealOpen = Problem(409, "appeal-open", "Another appeal against this ban waits for its decision.")
    /// No more of them.
    static let appealsUsed = Problem(409, "appeals-used", "This ban was appealed against as often as it may be.")
    /// What cannot be shown to operators.
    static let appealText = Problem(422, "appeal-text", "An appeal is text of 1 to 4000 bytes without control characters.")
}

extension Verifier {
    /// Appeals that there may be against one ban.
    public static let appealsPerBan = 3

    /// Records what a banned member says: `{"version":1,"text","answer"}`, the answer to `AppealStatement.request`. The same again tells how it
    /// stands.
    ///
    /// - Throws: ``Problem``, `RequestError` or `PresentationError`; `WorkPool.Busy`; `StoreError`.
    public func appeal(_ body: [UInt8], audience: Digest, now: Int64) async throws -> AppealRecord {
        guard let moderation else { throw Problem.notFound }
        let community = issuer.community
        var object = try JSONObject(JSON(parsing: body))
        try object.version(1)
        let said = try object.text("text", atMost: AppealStatement.greatestText)
        let text = String(decoding: said, as: UTF8.self)
        let answer = try PresentationAnswer(json: object.take("answer"), schema: community.schema)
        try object.finish()
        guard isProse(text, atMost: AppealStatement.greatestText) else { throw Problem.appealText }
        let state = await issuer.state
        let asked = try AppealStatement.request(community: community, epoch: state.epoch, audience: audience, text: said)
        let claim = try answer.claim(
            asked: asked, community: community.id, schema: community.schema, audience: audience, now: now, epoch: state.epoch,
            depth: state.tree.shape.depth, root: try root(answer.root, of: state, grace: grace, now: now))
        let subject = Subject(audience: audience, nullifier: try await batches.verify(claim).nullifiers[0])
        let appeal = AppealRecord(message: AppealStatement.message(of: said).bytes, text: text, time: now)
        switch try await moderation.addAppeal(appeal, of: subject, limit: Self.appealsPerBan) {
        case .kept(let record): return record
        case .notBanned: throw Problem.notBanned
        case .anotherOpen: throw Problem.appealOpen
        case .usedUp: throw Problem.appealsUsed
        }
    }

    /// Throws ``Banned`` when the pseudonym of one of these scopes is.
    func refuseBanned(_ nullifiers: [(scope: Scope, nullifier: [UInt8])], audience: Digest, now: Int64) async throws {
        guard let moderation else { return }
        for case (.signIn, let nullifier) in nullifiers {
            let subject = Subject(audience: audience, nullifier: nullifier)
            if let ban = try await moderation.ban(of: subject, at: now) {
                throw Banned(subject: subject, notice: BanNotice(ban, audience: audience))
            }
        }
    }
}
