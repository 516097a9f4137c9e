/// A top-up code: only its hash is kept, so the store cannot be used to redeem it.
public struct TopUpCodeRecord: Sendable, Equatable {
    /// SHA-256 of the code's bytes.
    public let hash: [UInt8]
    /// For whom it was made, in the operator's own words: somebody who has a claim code.
    public let person: String
    /// What it was made for, for instance the month: each person has one code under a label.
    public let label: String
    /// What is added to each attribute of the schema, in its order.
    public let amounts: [Int64]

    /// Creates a record from its fields.
    public init(hash: [UInt8], person: String, label: String, amounts: [Int64]) {
        self.hash = hash
        self.person = person
        self.label = label
        self.amounts = amounts
    }
}

/// An answered top-up.
public struct TopUpRecord: Sendable, Equatable {
    /// SHA-256 of the code's bytes.
    public let codeHash: [UInt8]
    /// Epoch in whose tree the leaf is to stand.
    public let epoch: UInt32
    /// The leaf before anything was added, 33 bytes: says whether a top-up is a repetition.
    public let base: [UInt8]
    /// The leaf, 33 bytes.
    public let leaf: [UInt8]
    /// The log's entry for it, its place still 0.
    public let entry: [UInt8]
    /// What was answered, byte for byte.
    public let answer: [UInt8]

    /// Creates a record from its fields.
    public init(codeHash: [UInt8], epoch: UInt32, base: [UInt8], leaf: [UInt8], entry: [UInt8], answer: [UInt8]) {
        self.codeHash = codeHash
        self.epoch = epoch
        self.base = base
        self.leaf = leaf
        self.entry = entry
        self.answer = answer
    }
}

/// What became of a top-up.
public enum TopUpOutcome: Sendable, Equatable {
    /// Recorded now, with this answer.
    case toppedUp([UInt8])
    /// The code was used for the same leaf before: the answer of then.
    case repeated([UInt8])
    /// The code was used for another leaf.
    case codeUsed
    /// No such code, or its person is revoked.
    case unknownCode
    /// The epoch has ended.
    case epochEnded
    /// The log has gone on: the root is not the current one any more.
    case replaced
}
