import Curves

/// A credential in its holder's hands.
public struct Credential: Equatable, Sendable {
    /// Which of the wallet's secrets it is about.
    public let identity: UInt32
    /// Who issued it.
    public let community: Community
    /// Epoch of the tree in which the leaf stands.
    public let epoch: UInt32
    /// The attributes' values.
    public let values: [Int64]
    /// r of C = s B_0 + sum a_i B_i + r h, secret.
    let blinding: Fn
    /// The leaf C, 33 bytes. Secret towards verifiers: it says who presents.
    public let leaf: [UInt8]
    /// Hash of the code it was claimed with.
    public let codeHash: Digest
    /// Place in the tree, when it is known.
    public let index: UInt32?
    /// The issuer's promise; nil when the credential was restored from the log.
    public let receipt: Receipt?

    /// Whether all predicates hold; nil when they do, else the place of the first that does not.
    func firstUnsatisfied(_ predicates: [Predicate]) -> Int? { predicates.firstIndex { !$0.holds(for: values) } }
}

/// A claim that was, or is about to be, sent: stored before it leaves the wallet, so that the answer is never lost.
public struct PendingClaim: Equatable, Sendable {
    /// Which of the wallet's secrets it is for.
    public let identity: UInt32
    /// Who is asked.
    public let community: Community
    /// What is sent, and sent again unchanged.
    public let request: ClaimRequest
}

/// A ticket that was taken for a post: never used twice.
struct ReservedTicket: Equatable {
    let identity: UInt32
    let community: Digest
    let epoch: UInt32
    let audience: Digest
    let index: UInt32
}
