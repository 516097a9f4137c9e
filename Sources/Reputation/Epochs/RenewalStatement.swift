import Proofs

/// What a renewal proves, all of it: which request its presentation is about, what is added to the leaf, and what the new leaf is.
///
/// Nobody asks for a renewal: both sides compute the request, from the log. A member who leaves epoch e for t shows the nullifier of
/// `renew(e)` and his accounts at every forum in the epochs e-1 to t-2, against the final root of e. So feedback on what he did after he
/// renewed early, or in an epoch that he skipped, is not lost, and none counts twice: the renewal out of t goes on at t-1.
///
/// What is added and what the new leaf is stands in `LeafAddition`.
public struct RenewalStatement: Sendable {
    /// An account that a renewal shows.
    public struct Account: Equatable, Sendable {
        /// Epoch of the acts.
        public let epoch: UInt32
        /// The forum.
        public let audience: Digest
    }

    /// Whose credential.
    public let community: Community
    /// The epoch that is left.
    public let from: UInt32
    /// The epoch that is entered.
    public let to: UInt32
    /// Accounts whose feedback settles, in the order of their nullifiers behind that of the renewal.
    public let accounts: [Account]

    /// The statement of a renewal out of one epoch into another; nil when there is none. `rules`: of each epoch, as the log states them.
    public init?(community: Community, from: UInt32, to: UInt32, rules: (UInt32) -> EpochRules) {
        guard from >= 1, to > from, to - from <= rules(to - 1).openRenewals else { return nil }
        var accounts: [Account] = []
        if to >= 3 {
            let first = max(from, 2) - 1
            if first <= to - 2 {
                for epoch in first...(to - 2) {
                    for forum in rules(epoch).forums { accounts.append(Account(epoch: epoch, audience: forum)) }
                }
            }
        }
        self.community = community
        self.from = from
        self.to = to
        self.accounts = accounts
    }

    /// The scope that is spent.
    public var renewal: Scope { .renew(community: community.id, epoch: from) }

    /// All scopes, in the order of the nullifiers.
    public var scopes: [Scope] {
        [renewal] + accounts.map { .account(community: community.id, epoch: $0.epoch, audience: $0.audience) }
    }

    /// The nullifiers at the head of a presentation, 33 bytes each; nil when it is too short for them.
    public func nullifiers(of presentation: [UInt8]) -> [[UInt8]]? {
        let count = accounts.count + 1
        guard presentation.count >= 33 * count else { return nil }
        return (0..<count).map { Array(presentation[33 * $0..<33 * $0 + 33]) }
    }

    /// What feedback `raw` (for each attribute of the schema) comes to when these values are disclosed. Throws `.disclosure` unless they
    /// are those, and only those, for which there is no room.
    public func addition(raw: [Int64], disclosed: [AttributeChange]) throws(RenewalError) -> LeafAddition {
        guard let addition = LeafAddition(raw: raw, disclosed: disclosed, schema: community.schema) else { throw .disclosure }
        return addition
    }

    /// The request of a renewal whose leaf is `base` (33 bytes) before anything is added to it. Throws `.presentation` for one that may not
    /// be asked.
    public func request(base: [UInt8], _ addition: LeafAddition) throws(RenewalError) -> Request {
        let message = Digest.of(
            Array("SYMBOLON-V01-renewal".utf8) + littleEndian4(Int(truncatingIfNeeded: from)) + littleEndian4(Int(truncatingIfNeeded: to))
                + base)
        do {
            return try addition.request(community: community, epoch: from, scopes: scopes, message: message)
        } catch {
            throw .presentation(.request(error))
        }
    }
}
