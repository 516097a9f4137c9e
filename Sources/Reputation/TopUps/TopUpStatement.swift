import Proofs

/// What a top-up proves: that its sender holds a leaf of the current tree, and which leaf its amounts are to make of it.
///
/// As for a renewal nobody asks: wallet and issuer compute the same request. Its one scope is that of the code, so the nullifier says neither
/// who nor which leaf; the wallet finds by it what it did after a loss. The old leaf stays in the tree: it holds less, and gives the same
/// nullifiers.
public struct TopUpStatement: Sendable {
    /// Whose credential.
    public let community: Community
    /// The current epoch.
    public let epoch: UInt32
    /// Hash of the code.
    public let codeHash: Digest

    /// From its parts.
    public init(community: Community, epoch: UInt32, codeHash: Digest) {
        self.community = community
        self.epoch = epoch
        self.codeHash = codeHash
    }

    /// The scope that is spent.
    public var scope: Scope { .topUp(community: community.id, epoch: epoch, codeHash: codeHash) }

    /// What a code's amounts come to when these values are disclosed. Throws `.disclosure` unless they are those, and only those, for which
    /// there is no room.
    public func addition(amounts: [Int64], disclosed: [AttributeChange]) throws(TopUpError) -> LeafAddition {
        guard let addition = LeafAddition(raw: amounts, disclosed: disclosed, schema: community.schema) else { throw .disclosure }
        return addition
    }

    /// The addition that an entry of the log states; nil for one that no amounts come to. The amounts themselves are not in the log: a value
    /// that is disclosed has risen to the end of its domain.
    public func addition(of derivation: LeafDerivation) -> LeafAddition? {
        let attributes = community.schema.attributes
        func isGrowing(_ change: AttributeChange) -> Bool {
            attributes.indices.contains(change.attribute - 1) && attributes[change.attribute - 1].kind == .growing
        }
        for delta in derivation.deltas {
            guard isGrowing(delta), delta.value > 0 else { return nil }
            let domain = attributes[delta.attribute - 1].domain
            guard delta.value <= domain.upperBound - domain.lowerBound else { return nil }
        }
        for shown in derivation.disclosed {
            guard isGrowing(shown) else { return nil }
            let domain = attributes[shown.attribute - 1].domain
            let delta = derivation.deltas.first { $0.attribute == shown.attribute }?.value ?? 0
            guard domain.contains(shown.value), shown.value + delta == domain.upperBound else { return nil }
        }
        guard !derivation.deltas.isEmpty || !derivation.disclosed.isEmpty else { return nil }
        return LeafAddition(deltas: derivation.deltas, disclosed: derivation.disclosed, schema: community.schema)
    }

    /// The request of a top-up whose leaf is `base` (33 bytes) before anything is added to it. Throws `.presentation` for one that may not be
    /// asked.
    public func request(base: [UInt8], _ addition: LeafAddition) throws(TopUpError) -> Request {
        let message = Digest.of(
            Array("SYMBOLON-V01-top-up".utf8) + littleEndian4(Int(truncatingIfNeeded: epoch)) + codeHash.bytes + base)
        do {
            return try addition.request(community: community, epoch: epoch, scopes: [scope], message: message)
        } catch {
            throw .presentation(.request(error))
        }
    }
}

/// Why a top-up is refused.
public enum TopUpError: Error, Equatable, Sendable {
    /// The JSON is not of the form it must have.
    case json(JSONError)
    /// Not a code, or mistyped.
    case code(BearerCodeError)
    /// Not about the current epoch.
    case epoch
    /// Not proved against the current root.
    case root
    /// Not exactly the bytes, points and scalars that a top-up has.
    case encoding
    /// Amounts that no code has: of attributes that do not grow, or beyond their domains.
    case amounts
    /// A value is disclosed that need not be, or is not where it has to be.
    case disclosure
    /// The new leaf is not the re-randomised credential with what is added to it.
    case leaf
    /// The presentation does not hold.
    case presentation(PresentationError)

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .json(let error): error.code
        case .code(let error): error.code
        case .epoch: "top-up-epoch"
        case .root: "root-mismatch"
        case .encoding: "top-up-encoding"
        case .amounts: "top-up-amounts"
        case .disclosure: "top-up-disclosure"
        case .leaf: "top-up-leaf"
        case .presentation(let error): error.code
        }
    }
}
