/// What operators' accounts need to be kept: accounts, one-time links, sessions, tokens.
///
/// As for ``Store`` every method is one atomic step, on disk when it returns. Links, cookies and tokens are kept as hashes only, so nobody is an
/// operator by a copy of the store.
public protocol OperatorStore: Sendable {
    // MARK: Accounts

    /// Adds an account with a link to choose its password by. Throws ``StoreError/exists`` when its name is taken.
    func addOperator(_ account: OperatorRecord, link: [UInt8], expires: Int64, audit: AuditEntry) async throws(StoreError)
    /// All accounts, by name.
    func operators() async throws(StoreError) -> [OperatorRecord]
    /// The account of a name, or nil.
    func account(_ name: String) async throws(StoreError) -> OperatorRecord?
    /// Gives an account another role, as long as an owner stays.
    func setRole(_ role: OperatorRole, of name: String, audit: AuditEntry) async throws(StoreError) -> OperatorChange
    /// Removes an account with its links, sessions and tokens, as long as an owner stays or nobody.
    func removeOperator(_ name: String, audit: AuditEntry) async throws(StoreError) -> OperatorChange

    // MARK: Links and passwords

    /// Makes a link for an account in the place of all earlier ones; false when there is no such account.
    func setLink(_ link: [UInt8], of name: String, expires: Int64, audit: AuditEntry) async throws(StoreError) -> Bool
    /// Whose link of that hash is good at a time, or nil.
    func owner(ofLink link: [UInt8], at time: Int64) async throws(StoreError) -> String?
    /// Sets a password by a link that is good, once: of any number of calls with one link, one returns true. Sessions of the account end, and wrong
    /// passwords under a key are forgotten.
    func setPassword(
        _ password: [UInt8], byLink link: [UInt8], forgetting key: [UInt8], audit: AuditEntry
    ) async throws(StoreError) -> Bool

    // MARK: Sessions

    /// Begins a session, and forgets wrong passwords under a key.
    func addSession(_ session: OperatorSession, forgetting key: [UInt8], audit: AuditEntry) async throws(StoreError)
    /// The session of that id and its account, or nil.
    func operatorSession(id: [UInt8]) async throws(StoreError) -> (session: OperatorSession, account: OperatorRecord)?
    /// Says that a session was used at a time.
    func touchSession(id: [UInt8], at time: Int64) async throws(StoreError)
    /// Ends a session of an operator; nothing when there is none.
    func endOperatorSession(id: [UInt8]) async throws(StoreError)
    /// Counts an attempt under a key, unless it has to wait: `wait` says from the earlier failures until when. All in one step, so that attempts at
    /// once do not get past it. Returns the time until which to wait, or nil when this attempt may be made.
    func countAttempt(
        _ key: [UInt8], at time: Int64, wait: @escaping @Sendable (OperatorFailures) -> Int64?
    ) async throws(StoreError) -> Int64?

    // MARK: Tokens

    /// Adds a token; returns its number, or nil when there is no such account.
    func addToken(_ token: OperatorToken, hash: [UInt8], audit: AuditEntry) async throws(StoreError) -> Int?
    /// The token of a hash and its account, or nil.
    func operatorToken(hash: [UInt8]) async throws(StoreError) -> (token: OperatorToken, account: OperatorRecord)?
    /// All tokens, by number.
    func operatorTokens() async throws(StoreError) -> [OperatorToken]
    /// Takes a token back; false when there is none of that number.
    func removeToken(_ number: Int, audit: AuditEntry) async throws(StoreError) -> Bool

    /// Forgets sessions that began before a time, links and tokens that expired before `now`, and wrong passwords of before `failures`.
    func forgetOperatorRecords(sessionsBegunBefore began: Int64, failuresBefore failures: Int64, now: Int64) async throws(StoreError)
}
