import Platform

/// The Merkle tree of a log (RFC 6962 #2.1): hash of all entries, proofs that one is among them and that a log only grew.
///
/// Holds the hashes of all complete subtrees, 64 bytes an entry: appending is cheap, roots and proofs take some 2 log n steps.
public struct MerkleTree: MerkleNodes, Sendable {
    /// Level k holds the hashes of the complete subtrees of 2^k entries.
    private var levels: [[Digest]] = []

    /// The empty tree.
    public init() {}

    /// Entries.
    public var size: Int { levels.first?.count ?? 0 }

    /// Hash of an entry.
    public static func leafHash(_ entry: [UInt8]) -> Digest { Digest.of([0] + entry) }

    static func nodeHash(_ left: Digest, _ right: Digest) -> Digest { Digest.of([1] + left.bytes + right.bytes) }

    /// Appends an entry.
    public mutating func append(_ entry: [UInt8]) { append(hash: MerkleTree.leafHash(entry)) }

    /// Appends an entry of which only the hash is at hand.
    @export(interface)
    public mutating func append(hash: Digest) {
        var level = 0
        var node = hash
        while true {
            if level == levels.count { levels.append([]) }
            levels[level].append(node)
            let count = levels[level].count
            if count % 2 == 1 { return }
            node = MerkleTree.nodeHash(levels[level][count - 2], levels[level][count - 1])
            level += 1
        }
    }

    /// The hashes of a tile, 32 bytes each; nil unless the tree has all of them.
    public func hashes(of tile: LogTile) -> [UInt8]? {
        guard case .hashes(let level) = tile.content, 8 * level < levels.count else { return nil }
        let row = levels[8 * level]
        guard tile.index <= row.count / LogTile.fullWidth else { return nil }
        let first = tile.index * LogTile.fullWidth
        guard row.count - first >= tile.width else { return nil }
        var out: [UInt8] = []
        for hash in row[first..<(first + tile.width)] { out += hash.bytes }
        return out
    }

    /// Hash of all entries; that of no entries is the hash of nothing.
    public var root: Digest {
        guard let root = root(size: size) else { preconditionFailure("a tree has all its nodes") }
        return root
    }

    /// See ``MerkleNodes``.
    public func node(level: Int, index: Int) -> Digest? {
        levels.indices.contains(level) && levels[level].indices.contains(index) ? levels[level][index] : nil
    }

    /// The largest power of two below n (n > 1), 0 for 1.
    static func split(_ n: Int) -> Int { n < 2 ? 0 : 1 << (Int.bitWidth - 1 - (n - 1).leadingZeroBitCount) }

    /// Whether a proof shows that the entry of this hash stands at `index` in a log of this size and root.
    public static func verifyInclusion(_ leaf: Digest, index: Int, size: Int, root: Digest, proof: [Digest]) -> Bool {
        guard index >= 0, index < size else { return false }
        // From the root down: which half the entry is in, while the range has more than one entry.
        var rightHalves: [Bool] = []
        var range = 0..<size
        while range.count > 1 {
            let middle = range.lowerBound + split(range.count)
            rightHalves.append(index >= middle)
            range = index < middle ? range.lowerBound..<middle : middle..<range.upperBound
        }
        guard proof.count == rightHalves.count else { return false }
        var hash = leaf
        for (sibling, isRight) in zip(proof, rightHalves.reversed()) { hash = isRight ? nodeHash(sibling, hash) : nodeHash(hash, sibling) }
        return hash == root
    }

    /// Whether a proof shows that a log of size `old` and root `oldRoot` is the beginning of one of size `new` and root `newRoot`.
    public static func verifyConsistency(old: Int, oldRoot: Digest, new: Int, newRoot: Digest, proof: [Digest]) -> Bool {
        guard old > 0, old <= new else { return false }
        if old == new { return proof.isEmpty && oldRoot == newRoot }
        var halves: [Bool] = []
        var range = 0..<new
        while range.upperBound != old {
            let middle = range.lowerBound + split(range.count)
            halves.append(old > middle)
            range = old <= middle ? range.lowerBound..<middle : middle..<range.upperBound
        }
        // The old root itself is the common subtree when the old log is the left edge of the new one.
        let isEdge = range.lowerBound == 0
        guard proof.count == halves.count + (isEdge ? 0 : 1) else { return false }
        var rest = proof[...]
        var before = oldRoot
        if !isEdge { before = rest.removeFirst() }
        var after = before
        for (sibling, isRight) in zip(rest, halves.reversed()) {
            if isRight {
                before = nodeHash(sibling, before)
                after = nodeHash(sibling, after)
            } else {
                after = nodeHash(after, sibling)
            }
        }
        return before == oldRoot && after == newRoot
    }
}
