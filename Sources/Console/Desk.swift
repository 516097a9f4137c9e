import Reputation
import SignIn
import VerifierService

/// All that a console needs to be kept.
public typealias ConsoleStore = Store & SignInStore & ModerationStore & OperatorStore & StatisticsStore & LimitStore

extension Problem {
    /// A moderator wants what owners alone may do.
    static let role = Problem(403, "operator-role", "Only an owner may do this.")
    /// No forum of that client id.
    static let unknownForum = Problem(404, "forum-unknown", "There is no such forum.")
    /// No audience and no forum that says one.
    static let unknownPlace = Problem(404, "audience-unknown", "There is no such audience.")
    /// The forum cannot be registered; the title says why.
    static func draft(_ why: String) -> Problem { Problem(422, "forum-draft", why) }
    /// What was typed to confirm is something else.
    static let unconfirmed = Problem(422, "unconfirmed", "The client id that was typed is another one; nothing was done.")

    /// The answer to what an operator did wrong, and to everything else.
    init(console error: any Error) {
        switch error {
        case let failure as Moderation.Failure: self = Problem(failure.status, failure.code, "\(failure)")
        case let failure as Accounts.Failure: self = Problem(422, failure.code, "\(failure)")
        case let failure as Forum.Failure: self = .draft("\(failure)")
        case let failure as ForumDraft.Failure: self = .draft("\(failure)")
        case let failure as DataDirectory.Failure: self = .draft("\(failure)")
        case let failure as RequestError: self = .draft("these tiers may not be asked for: \(failure.code)")
        default: self.init(error)
        }
    }
}

/// What operators do, whichever way they ask for it: by the console's pages or by its addresses for programs. Each says who he is; what only
/// owners may do is refused here, and all of it stands in the audit log.
public struct Desk: Sendable {
    let store: any ConsoleStore
    let service: CommunityService
    let directory: DataDirectory
    let keys: SigningKeys
    /// Where forums reach the service.
    let issuer: String
    let moderation: Moderation
    let book: ForumBook

    /// - Parameters:
    ///   - issuer: where forums reach the service.
    ///   - service: whose community it is.
    ///   - store: the service's.
    ///   - directory: where audiences and keys are.
    ///   - keys: that tokens are signed with.
    public init(
        issuer: SignIn.Issuer, service: CommunityService, store: any ConsoleStore, directory: DataDirectory, keys: SigningKeys
    ) {
        self.issuer = issuer.origin
        self.service = service
        self.store = store
        self.directory = directory
        self.keys = keys
        moderation = Moderation(store: store)
        book = ForumBook(store)
    }

    var community: Community { service.issuer.community }
    var now: Int64 { service.now() }

    private func requireOwner(_ acting: OperatorRecord) throws(Problem) {
        guard acting.role == .owner else { throw .role }
    }

    // MARK: Forums

    func forum(_ id: String) async throws -> Forum {
        guard Forum.isID(id), let forum = try await book.forum(id: id) else { throw Problem.unknownForum }
        return forum
    }

    func register(_ draft: ForumDraft, by acting: OperatorRecord) async throws -> (forum: Forum, secret: String?) {
        try requireOwner(acting)
        return try await draft.register(in: book, directory: directory, community: community) { forum in
            try await moderation.log(
                "forum.add", ["forum": forum.id, "name": forum.name, "audience": forum.audience.hex], by: acting.name, now: now)
        }
    }

    func rotateSecret(of id: String, by acting: OperatorRecord) async throws -> String {
        try requireOwner(acting)
        guard try await forum(id).hasSecret else { throw Problem.unknownForum }
        try await moderation.log("forum.secret", ["forum": id], by: acting.name, now: now)
        guard let secret = try await book.rotateSecret(id: id, secrets: { try ForumSecrets(folder: directory.signInFolder) }) else {
            throw Problem.unknownForum
        }
        return secret
    }

    func remove(_ id: String, by acting: OperatorRecord) async throws {
        try requireOwner(acting)
        let name = try await forum(id).name
        try await moderation.log("forum.remove", ["forum": id, "name": name], by: acting.name, now: now)
        guard try await book.remove(id: id) else { throw Problem.unknownForum }
    }

    func rotateKeys(by acting: OperatorRecord) async throws {
        try requireOwner(acting)
        try await moderation.log("keys.rotate", by: acting.name, now: now)
        try await keys.rotate(now: now)
    }

    // MARK: Limits

    /// How much each network may ask in a minute.
    func limits() async throws -> [LimitBook.Line] { try await service.limits.lines() }

    /// Sets limits over those of the settings; a nil takes back what was set. Only what changes anything is done and logged.
    func setLimits(_ changes: [Limits.Kind: Int?], by acting: OperatorRecord) async throws {
        try requireOwner(acting)
        try await store.setLimits(changes, by: acting.name, now: now)
        try await service.limits.refresh()
    }

    // MARK: Places

    /// Audiences and forums by the audience's id, to be named to people.
    func places() async throws -> [Digest: String] {
        var names = Dictionary(try directory.audiences().map { ($0.id, $0.name) }) { first, _ in first }
        for forum in try await book.all() {
            names[forum.audience] = names[forum.audience].map { "\($0), \(forum.name)" } ?? forum.name
        }
        return names
    }

    /// The audience that a program or form names by its id; it must be one of ours.
    func audience(_ text: String?) async throws -> Digest {
        guard let text, let audience = try? Digest(hex: text) else { throw Problem.unknownPlace }
        let isKnown = try directory.audiences().contains { $0.id == audience }
        let isForum = isKnown ? true : try await book.all().contains { $0.audience == audience }
        guard isKnown || isForum else { throw Problem.unknownPlace }
        return audience
    }

    // MARK: Statistics

    /// What was accepted and refused in the last days, by forum; small numbers are left out.
    func statistics(days: Int) async throws -> [Statistics] {
        let today = Int(now / 86_400)
        let range = (today - days + 1)...today
        let counts = try await store.counts(days: range)
        var names = Dictionary(try await book.all().map { ($0.id, $0.name) }) { first, _ in first }
        for (audience, name) in try await places() { names["audience/\(audience.hex)"] = "Audience \(name)" }
        return Dictionary(grouping: counts, by: \.party).sorted { $0.key < $1.key }.map { party, counts in
            Statistics(party: party, name: names[party] ?? party, days: range, counts: counts)
        }
    }
}
