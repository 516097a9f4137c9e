import Reputation

/// What operators decide about pseudonyms: bans, notes, appeals. Whatever they do stands in the audit log.
public struct Moderation: Sendable {
    /// Why something was not done.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// A reason, a note or an answer.
        case text
        /// The reason for the member.
        case publicReason
        /// The end of a ban lies behind, or too far ahead.
        case until
        /// Neither pseudonym nor username.
        case pseudonym
        /// No pseudonym of that username signed in at the audience.
        case unknownUsername
        /// Several did.
        case ambiguousUsername
        /// A ban is in force already, under this number.
        case alreadyBanned(Int)
        /// There is no such ban, or it is not in force.
        case unknownBan
        /// There is no such appeal.
        case unknownAppeal
        /// It is decided.
        case appealClosed
        /// Who banned does not decide.
        case sameOperator
        /// The name of an operator.
        case name

        /// Stable name of the check that failed.
        public var code: String {
            switch self {
            case .text: "moderation-text"
            case .publicReason: "public-reason"
            case .until: "ban-until"
            case .pseudonym: "pseudonym-malformed"
            case .unknownUsername: "username-unknown"
            case .ambiguousUsername: "username-ambiguous"
            case .alreadyBanned: "already-banned"
            case .unknownBan: "ban-unknown"
            case .unknownAppeal: "appeal-unknown"
            case .appealClosed: "appeal-closed"
            case .sameOperator: "same-operator"
            case .name: "operator-name"
            }
        }

        /// HTTP status of the refusal.
        package var status: Int {
            switch self {
            case .unknownUsername, .unknownBan, .unknownAppeal: 404
            case .alreadyBanned, .appealClosed, .ambiguousUsername: 409
            case .sameOperator: 403
            case .text, .publicReason, .until, .pseudonym, .name: 422
            }
        }

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .text: "a reason, note or answer is text of 1 to \(Moderation.greatestText) bytes without control characters"
            case .publicReason: "the public reason is one line of 1 to \(Moderation.greatestPublicReason) bytes"
            case .until: "a ban ends in the future, at most a hundred years from now"
            case .pseudonym: "a pseudonym is 32 letters and digits, or a username such as lusab-tivor-nekom"
            case .unknownUsername: "no pseudonym of that username signed in there; give the 32 letters and digits"
            case .ambiguousUsername: "several pseudonyms have that username; give the 32 letters and digits"
            case .alreadyBanned(let number): "a ban is in force already: \(number)"
            case .unknownBan: "there is no such ban, or it is not in force"
            case .unknownAppeal: "there is no such appeal"
            case .appealClosed: "this appeal is decided"
            case .sameOperator: "who banned does not decide about the appeal"
            case .name: "an operator's name is 1 to 32 lower-case letters, digits, hyphens and underscores"
            }
        }
    }

    /// All that is known of a pseudonym. There is nothing in it of the member or his leaf, and nothing more exact than a day.
    public struct Findings: Sendable, Equatable {
        /// The pseudonym.
        public let subject: Subject
        /// Days of its sign-ins; nil when it never signed in.
        public let seen: SeenRecord?
        /// All its bans.
        public let bans: [BanRecord]
        /// All notes on it.
        public let notes: [NoteRecord]
    }

    /// Longest reason, note and answer, in bytes.
    public static let greatestText = 2000
    /// Longest reason for a member, in bytes.
    public static let greatestPublicReason = 500
    private static let greatestDuration: Int64 = 100 * 366 * 86_400

    /// Where it is kept.
    public let store: any ModerationStore

    /// What stands in a store.
    public init(store: any ModerationStore) { self.store = store }

    /// Whether a text can name an operator: 1 to 32 lower-case letters, digits, hyphens and underscores.
    public static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D || $0 == 0x5F }
    }

    /// The pseudonym that an operator means: `sub`, an address that was made of it, or the username of one that signed in at the audience.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public func subject(_ text: String, audience: Digest?) async throws -> Subject {
        if let subject = Subject(String(text.prefix { $0 != "@" })) { return subject }
        guard Subject.isUsername(text) else { throw Failure.pseudonym }
        let found = try await store.seen(username: text).filter { audience == nil || $0.audience == audience?.bytes }
        guard let first = found.first else { throw Failure.unknownUsername }
        guard found.count == 1 else { throw Failure.ambiguousUsername }
        return first.subject
    }

    /// Bans a pseudonym at an audience. Its sessions, codes and tokens end at once.
    ///
    /// - Parameters:
    ///   - reason: for operators.
    ///   - publicReason: for the member.
    ///   - until: seconds since 1970 from which on it holds no more; nil for no end.
    /// - Returns: the ban's number.
    /// - Throws: ``Failure``; `StoreError`.
    public func ban(
        _ subject: Subject, audience: Digest, reason: String, publicReason: String, until: Int64?, by name: String, now: Int64
    ) async throws -> Int {
        try Moderation.check(reason)
        guard isProse(publicReason, atMost: Moderation.greatestPublicReason), isLine(publicReason) else { throw Failure.publicReason }
        if let until, until <= now || until - now > Moderation.greatestDuration { throw Failure.until }
        var about = Moderation.about(subject, audience: audience)
        about["reason"] = reason
        about["public-reason"] = publicReason
        about["until"] = until.map { String($0) }
        let ban = BanRecord(
            audience: audience.bytes, subject: subject, reason: reason, publicReason: publicReason, until: until, by: name, time: now)
        switch try await store.addBan(ban, audit: try Moderation.entry("ban.add", about, by: name, now: now)) {
        case .banned(let number): return number
        case .alreadyBanned(let number): throw Failure.alreadyBanned(number)
        }
    }

    /// Lifts a ban.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public func lift(_ number: Int, reason: String, by name: String, now: Int64) async throws {
        try Moderation.check(reason)
        let entry = try Moderation.entry("ban.lift", ["ban": String(number), "reason": reason], by: name, now: now)
        guard try await store.liftBan(number, .init(time: now, by: name, reason: reason), audit: entry) else { throw Failure.unknownBan }
    }

    /// Writes a note on a pseudonym; returns its number.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public func note(_ text: String, on subject: Subject, audience: Digest, by name: String, now: Int64) async throws -> Int {
        try Moderation.check(text)
        let entry = try Moderation.entry("note.add", Moderation.about(subject, audience: audience), by: name, now: now)
        return try await store.addNote(
            NoteRecord(audience: audience.bytes, subject: subject, text: text, by: name, time: now), audit: entry)
    }

    /// Looks a pseudonym up. That somebody did stands in the audit log as well.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public func look(up subject: Subject, by name: String, now: Int64) async throws -> Findings {
        try await store.audit(try Moderation.entry("pseudonym.look-up", ["subject": subject.text], by: name, now: now))
        return Findings(
            subject: subject, seen: try await store.seen(subject), bans: try await store.bans(of: subject),
            notes: try await store.notes(of: subject))
    }

    /// Decides an appeal, as another operator than the one who banned. Granting it lifts the ban.
    ///
    /// - Parameter answer: what the member is told.
    /// - Throws: ``Failure``; `StoreError`.
    public func decide(_ number: Int, grant: Bool, answer: String, by name: String, now: Int64) async throws {
        try Moderation.check(answer)
        let entry = try Moderation.entry(
            grant ? "appeal.grant" : "appeal.refuse", ["appeal": String(number), "answer": answer], by: name, now: now)
        switch try await store.decideAppeal(number, grant: grant, answer: answer, by: name, time: now, audit: entry) {
        case .decided: return
        case .unknown: throw Failure.unknownAppeal
        case .closed: throw Failure.appealClosed
        case .sameOperator: throw Failure.sameOperator
        }
    }

    /// Logs something that an operator is about to do elsewhere.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public func log(_ action: String, _ about: [String: String] = [:], by name: String, now: Int64) async throws {
        try await store.audit(try Moderation.entry(action, about, by: name, now: now))
    }

    /// What a banned member is told; nil for one who is not banned.
    ///
    /// - Throws: `StoreError`.
    public func notice(for subject: Subject, audience: Digest, now: Int64) async throws -> BanNotice? {
        try await store.ban(of: subject, at: now).map { BanNotice($0, audience: audience) }
    }

    private static func check(_ text: String) throws(Failure) {
        guard isProse(text, atMost: greatestText) else { throw .text }
    }

    /// A row for the audit log.
    ///
    /// - Throws: ``Failure/name``.
    package static func entry(
        _ action: String, _ about: [String: String], by name: String, now: Int64
    ) throws(Failure) -> AuditEntry {
        guard isName(name) else { throw .name }
        return AuditEntry(time: now, by: name, action: action, about: about)
    }

    private static func about(_ subject: Subject, audience: Digest) -> [String: String] {
        ["subject": subject.text, "audience": audience.hex]
    }
}
