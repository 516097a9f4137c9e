import Curves
import Membership
import Proofs

/// What a renewal proves, all of it: which request its presentation is about, what is added to the leaf, and what the new leaf is.
///
/// Nobody asks for a renewal: both sides compute the request, from the log. A member who leaves epoch e for t shows the nullifier of
/// `renew(e)` and his accounts at every forum in the epochs e-1 to t-2, against the final root of e. So feedback on what he did after he
/// renewed early, or in an epoch that he skipped, is not lost, and none counts twice: the renewal out of t goes on at t-1.
///
/// The new leaf is C' + k h + sum delta_i B_i. C' = C + rho h is the presentation's; with k the member sets the blinding to one that he can
/// derive again from his seed. That changes no attribute: k is his to choose, and C + (rho + k) h stands under the proof.
///
/// What is hidden is not clamped by who does not see it. For each attribute that feedback changes by d the presentation proves that there
/// is room for it, value + d within the domain; a member for whom there is none discloses the value, and is given what there is room for.
public struct RenewalStatement: Sendable {
    /// An attribute's value or what is added to it.
    public struct Change: Equatable, Sendable {
        /// Index of the attribute in a credential; 1 is the first of the schema.
        public let attribute: Int
        /// The number.
        public let value: Int64

        /// From its parts.
        public init(attribute: Int, value: Int64) {
            self.attribute = attribute
            self.value = value
        }
    }

    /// An account that a renewal shows.
    public struct Account: Equatable, Sendable {
        /// Epoch of the acts.
        public let epoch: UInt32
        /// The forum.
        public let audience: Digest
    }

    /// What is added, and what has to be shown for it.
    public struct Settlement: Equatable, Sendable {
        /// What is added to each attribute, zeros left out, rising.
        public let deltas: [Change]
        /// Values disclosed because there is no room for all of the feedback, rising.
        public let disclosed: [Change]
        /// That there is room, for the others.
        let predicates: [Predicate]
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
    public func settlement(raw: [Int64], disclosed: [Change]) throws(RenewalError) -> Settlement {
        let schema = community.schema
        guard raw.count == schema.count, rising(disclosed, { $0.attribute < $1.attribute }) else { throw .disclosure }
        var rest = disclosed[...]
        var deltas: [Change] = [], predicates: [Predicate] = []
        for (offset, amount) in raw.enumerated() where amount != 0 {
            let (domain, index) = (schema.attributes[offset].domain, offset + 1)
            var delta = amount
            if let shown = rest.first, shown.attribute == index {
                rest = rest.dropFirst()
                guard domain.contains(shown.value), !domain.contains(shown.value + amount) else { throw .disclosure }
                delta = min(max(shown.value + amount, domain.lowerBound), domain.upperBound) - shown.value
            } else if amount > 0 {
                predicates.append(
                    Predicate(weights: [Predicate.Weight(index: index, weight: -1)], bound: amount - domain.upperBound))
            } else {
                predicates.append(Predicate(weights: [Predicate.Weight(index: index, weight: 1)], bound: domain.lowerBound - amount))
            }
            if delta != 0 { deltas.append(Change(attribute: index, value: delta)) }
        }
        guard rest.isEmpty else { throw .disclosure }
        return Settlement(deltas: deltas, disclosed: disclosed, predicates: predicates)
    }

    /// What the member with these values has to disclose.
    public func disclosure(raw: [Int64], values: [Int64]) -> [Change] {
        var out: [Change] = []
        for (offset, amount) in raw.enumerated() where amount != 0 && offset < values.count {
            if !community.schema.attributes[offset].domain.contains(values[offset] + amount) {
                out.append(Change(attribute: offset + 1, value: values[offset]))
            }
        }
        return out
    }

    /// The request of a renewal whose leaf is `base` (33 bytes) before anything is added to it. Throws `.presentation` for one that may not
    /// be asked.
    public func request(base: [UInt8], _ settlement: Settlement) throws(RenewalError) -> Request {
        // Epochs and leaf are bound through the message. Nothing is fresh in it: a repetition gets the answer that was given.
        let message = Digest.of(
            Array("SYMBOLON-V01-renewal".utf8) + littleEndian4(Int(truncatingIfNeeded: from)) + littleEndian4(Int(truncatingIfNeeded: to))
                + base)
        let schema = community.schema
        let context = Context(
            community: community.id, schema: schema.digest, epoch: from, audience: community.id, nonce: message.bytes, expires: Int64.max,
            message: message)
        do throws(RequestError) {
            let request = Request(
                attributes: schema.count + 1, context: try context.digest().bytes, scopes: scopes.map { $0.encoded },
                disclosed: settlement.disclosed.map { Request.Disclosed(index: $0.attribute, value: Fn(signed: $0.value)) },
                predicates: settlement.predicates)
            try request.check(domains: schema.domains)
            return request
        } catch {
            throw .presentation(.request(error))
        }
    }

    /// base + sum delta_i B_i; nil for the identity.
    func leaf(base: Affine<Secp256k1>, _ deltas: [Change]) -> Affine<Secp256k1>? {
        var amounts = [Int64](repeating: 0, count: community.schema.count)
        for delta in deltas { amounts[delta.attribute - 1] = delta.value }
        return (AttributeBases.sum(amounts) + base).affine
    }

    /// leaf - sum delta_i B_i; nil for the identity.
    func base(leaf: Affine<Secp256k1>, _ deltas: [Change]) -> Affine<Secp256k1>? {
        self.leaf(base: leaf, deltas.map { Change(attribute: $0.attribute, value: -$0.value) })
    }

    /// Whether a base is the presentation's credential C' with k added to its blinding.
    static func isBase(_ base: [UInt8], of credential: Affine<Secp256k1>, shift: Fn) -> Bool {
        (Secp256k1.bases.blinding.multiplied(by: shift) + credential).affine?.encoded == base
    }
}
