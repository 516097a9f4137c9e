/// What signing members in to forums needs to be kept: forums, interactions, authorization codes, tokens, sessions.
///
/// As for ``Store`` every method is one atomic step, on disk when it returns. Codes, tokens, handles and cookies are kept as hashes only,
/// so nobody signs in with a copy of the store.
public protocol SignInStore: Sendable {
    // MARK: Forums

    /// Adds a forum. Throws ``StoreError/exists`` when its client id is taken.
    func addForum(_ forum: ForumRecord) async throws(StoreError)
    /// All forums, by client id.
    func forums() async throws(StoreError) -> [ForumRecord]
    /// The forum of a client id, or nil.
    func forum(id: String) async throws(StoreError) -> ForumRecord?
    /// Replaces what is kept of a forum; false when there is none of that id.
    func updateForum(_ forum: ForumRecord) async throws(StoreError) -> Bool
    /// Removes a forum, and all interactions, codes, tokens and sessions of it; false when there is none of that id.
    func removeForum(id: String) async throws(StoreError) -> Bool

    // MARK: Interactions

    /// Keeps a new interaction, unless there are `limit` already; false then.
    func addInteraction(_ interaction: InteractionRecord, limit: Int) async throws(StoreError) -> Bool
    /// The interaction of that id, or nil.
    func interaction(id: [UInt8]) async throws(StoreError) -> InteractionRecord?
    /// Opens presentation requests for an interaction that waits, in the place of those that were: of several that come at once the first
    /// wins. Returns the nonces that hold now; nil when the interaction does not wait.
    func openRequests(_ nonces: [[UInt8]], replacing earlier: [[UInt8]], interaction id: [UInt8]) async throws(StoreError) -> [[UInt8]]?
    /// Records that the request of a nonce was answered: accepted at once without a code, else once the code of that hash was typed, at
    /// the latest at the last of so many tries. False when the interaction does not wait for an answer to that nonce.
    func prove(_ proof: [UInt8], nonce: [UInt8], code: [UInt8]?, tries: Int, interaction id: [UInt8]) async throws(StoreError) -> Bool
    /// Compares the hash of a code that was typed; each call uses up a try.
    func tryCode(_ codeHash: [UInt8], interaction id: [UInt8]) async throws(StoreError) -> CodeOutcome
    /// Cancels an interaction that is not finished; false when it is.
    func cancel(interaction id: [UInt8]) async throws(StoreError) -> Bool
    /// Begins an interaction that is not finished anew under another id and binding: what was proved counts no more, and who knows the old
    /// handle knows nothing. False when there is none, or it is finished.
    func restart(interaction id: [UInt8], as newID: [UInt8], browser: [UInt8], expires: Int64) async throws(StoreError) -> Bool
    /// Finishes an accepted interaction with an authorization code and a session, once; false when it is not accepted, or finished. Throws
    /// ``StoreError/exists``, and nothing happened, when there is a grant of that code.
    func finish(interaction id: [UInt8], grant: GrantRecord, session: SessionRecord) async throws(StoreError) -> Bool

    // MARK: Codes, tokens, sessions

    /// Keeps an authorization code that needed no interaction. Throws ``StoreError/exists`` when there is a grant of that code.
    func addGrant(_ grant: GrantRecord) async throws(StoreError)
    /// What an authorization code was made for, exchanged or not; nil when there is none.
    func grant(codeHash: [UInt8]) async throws(StoreError) -> GrantRecord?
    /// Exchanges an authorization code that has not expired for a token. Of any number of exchanges, concurrent ones included, exactly one is
    /// answered ``RedeemOutcome/redeemed``; every other takes back the token.
    func redeem(codeHash: [UInt8], for token: TokenRecord, now: Int64) async throws(StoreError) -> RedeemOutcome
    /// A token and the grant that it is of; nil when there is none, or it was taken back.
    func token(hash: [UInt8]) async throws(StoreError) -> (token: TokenRecord, grant: GrantRecord)?
    /// The session of that id, or nil.
    func session(id: [UInt8]) async throws(StoreError) -> SessionRecord?
    /// Ends a session; nothing when there is none.
    func endSession(id: [UInt8]) async throws(StoreError)
    /// Forgets what expired before a time.
    func forgetSignIns(expiredBefore time: Int64) async throws(StoreError)
}
