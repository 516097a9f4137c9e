import Curves
import Proofs

/// One operation of a community's log, in its final format. The curve tree is a function of these alone.
///
/// First byte: kind. 1 a leaf by first issuance, 2 a leaf by renewal, 3 a leaf taken out, 4 an epoch opened, 5 a batch closed, 6 the rules of an
/// epoch, 7 an epoch closed, 8 settled feedback on an account, 9 a leaf by top-up.
public enum LogEntry: Equatable, Sendable {
    /// A leaf is appended by first issuance.
    case issued(IssuedEntry)
    /// A leaf is appended by renewal of a credential of an earlier epoch.
    case renewed(RenewedEntry)
    /// A leaf is appended by top-up of another of the same epoch.
    case toppedUp(ToppedUpEntry)
    /// A leaf is taken out.
    case removed(RemovedEntry)
    /// An epoch begins, with an empty tree.
    case openEpoch(OpenedEntry)
    /// All before it is published together: always the last entry under a checkpoint.
    case batch(BatchEntry)
    /// What holds for the epoch that was opened right before, and for those after it until other rules are stated.
    case rules(epoch: UInt32, EpochRules)
    /// The tree of an epoch is final: no leaf enters or leaves it any more, and renewals out of it begin.
    case closeEpoch(UInt32)
    /// Feedback on acts of the epoch before the one that was closed.
    case feedback(SettledFeedback)

    /// The leaf that it appends, 33 bytes, and the epoch of its tree; nil when it appends none.
    public var newLeaf: (epoch: UInt32, leaf: [UInt8])? {
        switch self {
        case .issued(let entry): (entry.epoch, entry.leaf)
        case .renewed(let entry): (entry.epoch, entry.derivation.leaf)
        case .toppedUp(let entry): (entry.epoch, entry.derivation.leaf)
        case .removed, .openEpoch, .batch, .rules, .closeEpoch, .feedback: nil
        }
    }

    /// Bytes of an entry at most: tiles hold the length in two bytes.
    public static let greatestLength = 65535

    /// The canonical form.
    @export(interface)
    public var encoded: [UInt8] {
        switch self {
        case .issued(let entry): [1] + entry.encoded
        case .renewed(let entry): [2] + entry.encoded
        case .removed(let entry): [3] + entry.encoded
        case .openEpoch(let entry): [4] + entry.encoded
        case .batch(let entry): [5] + entry.encoded
        case .rules(let epoch, let rules): [6] + littleEndian4(Int(truncatingIfNeeded: epoch)) + rules.encoded
        case .closeEpoch(let epoch): [7] + littleEndian4(Int(truncatingIfNeeded: epoch))
        case .feedback(let feedback): [8] + feedback.encoded
        case .toppedUp(let entry): [9] + entry.encoded
        }
    }

    /// From the canonical form; throws for any other bytes.
    @export(interface)
    public init(encoded: [UInt8]) throws(FormatError) {
        if encoded.count > LogEntry.greatestLength { throw .length }
        var reader = ByteReader(encoded)
        switch try reader.byte() {
        case 1: self = .issued(try IssuedEntry(&reader))
        case 2: self = .renewed(try RenewedEntry(&reader))
        case 3: self = .removed(try RemovedEntry(&reader))
        case 4: self = .openEpoch(try OpenedEntry(&reader))
        case 5: self = .batch(try BatchEntry(&reader))
        case 6: self = .rules(epoch: try reader.uint32(), try EpochRules(from: &reader))
        case 7: self = .closeEpoch(try reader.uint32())
        case 8: self = .feedback(try SettledFeedback(&reader))
        case 9: self = .toppedUp(try ToppedUpEntry(&reader))
        default: throw .unknownKind
        }
        try reader.end()
    }
}

/// A leaf by first issuance, with all that its audit needs: who audits recomputes the leaf and verifies the proof of opening.
public struct IssuedEntry: Equatable, Sendable {
    /// Epoch whose tree it goes to.
    public let epoch: UInt32
    /// Place in that tree.
    public let index: UInt32
    /// Hash of the claim code.
    public let codeHash: Digest
    /// Q and the proof of its opening, as the holder sent them.
    public let message: [UInt8]
    /// The attributes' values.
    public let values: [Int64]
    /// The leaf, 33 bytes.
    public let leaf: [UInt8]

    /// From its parts.
    public init(epoch: UInt32, index: UInt32, codeHash: Digest, message: [UInt8], values: [Int64], leaf: [UInt8]) {
        self.epoch = epoch
        self.index = index
        self.codeHash = codeHash
        self.message = message
        self.values = values
        self.leaf = leaf
    }

    /// Q: 33 bytes.
    public var blank: [UInt8] { Array(message.prefix(33)) }

    var encoded: [UInt8] {
        littleEndian4(Int(truncatingIfNeeded: epoch)) + littleEndian4(Int(truncatingIfNeeded: index)) + codeHash.bytes + message
            + littleEndian4(values.count) + values.flatMap { littleEndian8($0) } + leaf
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        epoch = try reader.uint32()
        index = try reader.uint32()
        codeHash = try reader.digest()
        message = try reader.bytes(Issuance.messageLength)
        var values: [Int64] = []
        for _ in 0..<(try reader.count(atMost: Schema.greatestCount)) { values.append(try reader.int64()) }
        self.values = values
        leaf = try reader.point()
    }
}

/// A leaf is taken out: its slot is 0 for ever.
public struct RemovedEntry: Equatable, Sendable {
    /// Epoch of the tree.
    public let epoch: UInt32
    /// Place in that tree.
    public let index: UInt32
    /// The leaf that stood there, 33 bytes.
    public let leaf: [UInt8]

    /// From its parts.
    public init(epoch: UInt32, index: UInt32, leaf: [UInt8]) {
        self.epoch = epoch
        self.index = index
        self.leaf = leaf
    }

    var encoded: [UInt8] { littleEndian4(Int(truncatingIfNeeded: epoch)) + littleEndian4(Int(truncatingIfNeeded: index)) + leaf }

    init(_ reader: inout ByteReader) throws(FormatError) {
        epoch = try reader.uint32()
        index = try reader.uint32()
        leaf = try reader.point()
    }
}

/// An epoch begins: the depth of its tree, and when leaves may enter it.
public struct OpenedEntry: Equatable, Sendable {
    /// The epoch; the first is 1, each one more than the last.
    public let epoch: UInt32
    /// Depth of its tree, 1 to 4.
    public let depth: UInt32
    /// When waiting leaves enter the tree.
    public let batching: Batching

    /// From its parts.
    public init(epoch: UInt32, depth: UInt32, batching: Batching) {
        self.epoch = epoch
        self.depth = depth
        self.batching = batching
    }

    var encoded: [UInt8] {
        littleEndian4(Int(truncatingIfNeeded: epoch)) + littleEndian4(Int(truncatingIfNeeded: depth))
            + littleEndian4(Int(truncatingIfNeeded: batching.leaves)) + littleEndian4(Int(truncatingIfNeeded: batching.seconds))
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        epoch = try reader.uint32()
        depth = try reader.depth()
        batching = try Batching(leaves: try reader.uint32(), seconds: try reader.uint32())
    }
}

/// The end of a batch: what the tree of an epoch is from here on.
public struct BatchEntry: Equatable, Sendable {
    /// Epoch of the tree.
    public let epoch: UInt32
    /// Depth of the tree, 1 to 4.
    public let depth: UInt32
    /// Places taken in the tree, removed leaves included.
    public let leafCount: UInt32
    /// Encoding of the curve tree's root, 33 bytes.
    public let root: [UInt8]
    /// Digest of the schema.
    public let schema: Digest
    /// When it was closed, in seconds since 1970.
    public let time: Int64

    /// From its parts.
    public init(epoch: UInt32, depth: UInt32, leafCount: UInt32, root: [UInt8], schema: Digest, time: Int64) {
        self.epoch = epoch
        self.depth = depth
        self.leafCount = leafCount
        self.root = root
        self.schema = schema
        self.time = time
    }

    var encoded: [UInt8] {
        littleEndian4(Int(truncatingIfNeeded: epoch)) + littleEndian4(Int(truncatingIfNeeded: depth))
            + littleEndian4(Int(truncatingIfNeeded: leafCount)) + root + schema.bytes + littleEndian8(time)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        epoch = try reader.uint32()
        depth = try reader.depth()
        leafCount = try reader.uint32()
        root = try reader.bytes(33)
        // The root is on secq256k1 at odd depths, on secp256k1 at even ones.
        do {
            if depth % 2 == 1 {
                _ = try Affine<Secq256k1>(encoded: root[...])
            } else {
                _ = try Affine<Secp256k1>(encoded: root[...])
            }
        } catch {
            throw .notCanonical
        }
        schema = try reader.digest()
        time = try reader.time()
    }
}

extension ByteReader {
    /// A depth of a tree: 1 to 4.
    fileprivate mutating func depth() throws(FormatError) -> UInt32 {
        let depth = try uint32()
        guard (1...4).contains(depth) else { throw .notCanonical }
        return depth
    }
}
