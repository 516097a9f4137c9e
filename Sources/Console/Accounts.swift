import NIOPosix
import Platform
import Reputation
import SignIn
import Synchronization
import VerifierService

/// Operators' accounts: who may sign in to the console, and with which tokens programs act for them.
public final class Accounts: Sendable {
    /// What became of an attempt to sign in.
    package enum Outcome {
        /// The account, and the browser that is signed in from now on.
        case signedIn(OperatorRecord, Browser)
        /// Name or password is wrong.
        case wrong
        /// There were too many wrong ones; nothing is tried before that time, in seconds since 1970.
        case wait(Int64)
    }

    /// Why something was not done.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// Not a name for an operator.
        case name
        /// Taken.
        case exists
        /// There is no such account.
        case unknown
        /// Too short or too long a password, or one typed differently.
        case password
        /// A link that was used, or is too old.
        case link
        /// Not a label for a token, or a wrong time for it.
        case token
        /// Nobody would be left who may do everything.
        case lastOwner

        /// Stable name of the check that failed.
        public var code: String {
            switch self {
            case .name: "operator-name"
            case .exists: "operator-exists"
            case .unknown: "operator-unknown"
            case .password: "operator-password"
            case .link: "operator-link"
            case .token: "operator-token"
            case .lastOwner: "operator-last-owner"
            }
        }

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .name: "\(Moderation.Failure.name)"
            case .exists: "there is an operator of this name"
            case .unknown: "there is no such operator or token"
            case .password:
                "a password has \(Password.lengths.lowerBound) to \(Password.lengths.upperBound) bytes, and is typed twice the same"
            case .link: "this link was used, replaced, or is too old; let an owner make another"
            case .token: "a token's label is one line of 1 to 64 characters, and it lives 1 to \(Accounts.greatestTokenDays) days"
            case .lastOwner: "this is the last owner"
            }
        }
    }

    /// Seconds after which a session ends: without use, and in any case.
    public static let idle: Int64 = 1800, longest: Int64 = 12 * 3600
    /// Seconds for which a link is good.
    public static let linkLife: Int64 = 86_400
    /// Longest life of a token, in days.
    public static let greatestTokenDays: Int64 = 366
    /// Wrong passwords in a row after which there is a wait; the first wait, doubled each time, and the longest, in seconds.
    public static let tries = 5, firstWait: Int64 = 60, longestWait: Int64 = 900
    /// Seconds after which wrong passwords are forgotten.
    private static let failureMemory: Int64 = 86_400
    /// Passwords that are checked or wait for it at a time; each takes 32 MB.
    private static let greatestWork = 4
    /// Names that are nobody's share so many counters: as many as there are, no row is added for a name that somebody makes up.
    private static let strangers = 1024

    let store: any OperatorStore
    private let working = Mutex(0)

    /// The accounts in a store.
    public init(store: any OperatorStore) { self.store = store }

    // MARK: Accounts

    /// Adds an account; returns the token of a link by which its operator chooses a password.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public func add(_ name: String, role: OperatorRole, by acting: String, now: Int64) async throws -> String {
        guard Moderation.isName(name) else { throw Failure.name }
        let link = Opaque()
        let entry = try Moderation.entry("operator.add", ["operator": name, "role": role.rawValue], by: acting, now: now)
        do {
            try await store.addOperator(
                OperatorRecord(name: name, role: role, created: now), link: link.hash, expires: now + Self.linkLife, audit: entry)
        } catch StoreError.exists {
            throw Failure.exists
        }
        return link.text
    }

    /// Makes another link for an account, for a forgotten password; earlier links end.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public func link(_ name: String, by acting: String, now: Int64) async throws -> String {
        let link = Opaque()
        let entry = try Moderation.entry("operator.link", ["operator": name], by: acting, now: now)
        guard try await store.setLink(link.hash, of: name, expires: now + Self.linkLife, audit: entry) else { throw Failure.unknown }
        return link.text
    }

    /// Gives an account another role. One owner stays.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public func setRole(_ role: OperatorRole, of name: String, by acting: String, now: Int64) async throws {
        let entry = try Moderation.entry("operator.role", ["operator": name, "role": role.rawValue], by: acting, now: now)
        try Self.check(try await store.setRole(role, of: name, audit: entry))
    }

    /// Removes an account: its sessions and tokens end. One owner stays, unless it is the last account.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public func remove(_ name: String, by acting: String, now: Int64) async throws {
        let entry = try Moderation.entry("operator.remove", ["operator": name], by: acting, now: now)
        try Self.check(try await store.removeOperator(name, audit: entry))
    }

    private static func check(_ change: OperatorChange) throws(Failure) {
        switch change {
        case .done: return
        case .unknown: throw .unknown
        case .lastOwner: throw .lastOwner
        }
    }

    // MARK: Links

    /// Whose link it is; nil for one that is not good.
    package func owner(ofLink text: String, now: Int64) async throws -> String? {
        guard let link = Opaque(text) else { return nil }
        return try await store.owner(ofLink: link.hash, at: now)
    }

    /// Chooses a password by a link.
    ///
    /// - Throws: ``Failure``; `Problem` when there is too much to do; `StoreError`.
    package func choose(_ password: String, byLink text: String, now: Int64) async throws {
        guard let link = Opaque(text), let name = try await owner(ofLink: text, now: now) else { throw Failure.link }
        guard Password.isAdmissible(password) else { throw Failure.password }
        let record = try await work { try Password.record(of: password) }
        let entry = try Moderation.entry("operator.password", [:], by: name, now: now)
        guard try await store.setPassword(record, byLink: link.hash, forgetting: Self.key(name), audit: entry) else { throw Failure.link }
    }

    // MARK: Sessions

    /// Tries a name and a password. Each attempt counts before it is made, so that many at once are no way around the waits.
    ///
    /// - Throws: `Problem` when there is too much to do; `StoreError`.
    package func signIn(_ name: String, _ password: String, now: Int64) async throws -> Outcome {
        let account = Moderation.isName(name) ? try await store.account(name) : nil
        let digest = SHA256.hash(Array(name.utf8))
        let stranger = (Int(digest[0]) << 8 | Int(digest[1])) % Self.strangers
        let key = account.map { Self.key($0.name) } ?? Array("stranger \(stranger)".utf8)
        if let until = try await store.countAttempt(key, at: now, wait: Self.wait) { return .wait(until) }
        let record = account?.password
        guard try await work({ try Password.matches(password, record) }), let account else { return .wrong }
        let browser = Browser()
        try await store.addSession(
            OperatorSession(id: Self.session(of: browser), name: account.name, began: now, used: now), forgetting: key,
            audit: try Moderation.entry("sign-in", [:], by: account.name, now: now))
        return .signedIn(account, browser)
    }

    /// Until when to wait after so many wrong passwords; nil for not at all.
    package static func wait(_ failures: OperatorFailures) -> Int64? {
        guard failures.count >= tries else { return nil }
        return failures.last + min(longestWait, firstWait << Int64(min(failures.count - tries, 10)))
    }

    /// Under which the wrong passwords of an account are counted.
    private static func key(_ name: String) -> [UInt8] { Array("operator \(name)".utf8) }

    private static func session(of browser: Browser) -> [UInt8] { browser.session(at: "console") }

    /// Who is signed in in a browser; nil for nobody, or for who was away too long.
    package func account(of browser: Browser, now: Int64) async throws -> OperatorRecord? {
        let id = Self.session(of: browser)
        guard let (session, account) = try await store.operatorSession(id: id) else { return nil }
        guard now - session.used < Self.idle, now - session.began < Self.longest else {
            try await store.endOperatorSession(id: id)
            return nil
        }
        // A write a minute, not one for each page.
        if now - session.used >= 60 { try await store.touchSession(id: id, at: now) }
        return account
    }

    /// Ends the session of a browser.
    package func signOut(_ browser: Browser) async throws { try await store.endOperatorSession(id: Self.session(of: browser)) }

    // MARK: Tokens

    /// Makes a token with which a program acts for an operator; it is kept nowhere.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public func makeToken(
        for name: String, label: String, days: Int64, by acting: String, now: Int64
    ) async throws -> (number: Int, token: String) {
        guard (1...64).contains(label.count), isProse(label, atMost: 256), isLine(label), (1...Self.greatestTokenDays).contains(days) else {
            throw Failure.token
        }
        let token = Opaque()
        let entry = try Moderation.entry("token.add", ["operator": name, "label": label], by: acting, now: now)
        let record = OperatorToken(name: name, label: label, expires: now + days * 86_400)
        guard let number = try await store.addToken(record, hash: token.hash, audit: entry) else { throw Failure.unknown }
        return (number, token.text)
    }

    /// Takes a token back.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public func removeToken(_ number: Int, by acting: String, now: Int64) async throws {
        let entry = try Moderation.entry("token.remove", ["token": String(number)], by: acting, now: now)
        guard try await store.removeToken(number, audit: entry) else { throw Failure.unknown }
    }

    /// For whom a token acts; nil for one that is not good.
    package func account(ofToken text: String, now: Int64) async throws -> OperatorRecord? {
        guard let token = Opaque(text), let (record, account) = try await store.operatorToken(hash: token.hash), now < record.expires else {
            return nil
        }
        return account
    }

    // MARK: Work

    /// Hashes on a thread that may be busy for a while, a few at a time.
    private func work<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        let isAdmitted = working.withLock { count in
            guard count < Self.greatestWork else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { throw Problem(503, "busy", "The service has as much to do as it takes on at once.", retryAfter: 1) }
        defer { working.withLock { $0 -= 1 } }
        return try await NIOThreadPool.singleton.runIfActive(body)
    }

    /// Forgets what is over.
    package func keepUp(now: Int64) async throws {
        try await store.forgetOperatorRecords(
            sessionsBegunBefore: now - Self.longest, failuresBefore: now - Self.failureMemory, now: now)
    }
}
