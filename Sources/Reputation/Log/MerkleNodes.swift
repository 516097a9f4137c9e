/// Nodes of the Merkle tree over a log, all of them or those that somebody has.
public protocol MerkleNodes {
    /// Entries.
    var size: Int { get }
    /// Hash of the complete subtree over the entries from `index` 2^`level` on, 2^`level` of them; nil when it is not there.
    func node(level: Int, index: Int) -> Digest?
}

extension MerkleNodes {
    /// The root when the log had so many entries; nil when it never had, or nodes are missing.
    public func root(size: Int) -> Digest? { size >= 0 && size <= self.size ? hash(of: 0..<size) : nil }

    /// Hash of a range that is a node of the tree: complete subtrees are looked up, others split at the largest power of two below.
    private func hash(of range: Range<Int>) -> Digest? {
        if range.isEmpty { return Digest.of([]) }
        let split = MerkleTree.split(range.count)
        if range.count == 1 || split * 2 == range.count {
            let level = range.count.trailingZeroBitCount
            return node(level: level, index: range.lowerBound >> level)
        }
        let middle = range.lowerBound + split
        guard let left = hash(of: range.lowerBound..<middle), let right = hash(of: middle..<range.upperBound) else { return nil }
        return MerkleTree.nodeHash(left, right)
    }

    /// Proof that an entry is among the first `size` ones (audit path, leaf to root); nil when it is not, or nodes are missing.
    public func inclusionProof(of index: Int, size: Int) -> [Digest]? {
        guard index >= 0, index < size, size <= self.size else { return nil }
        var siblings: [Range<Int>] = []
        var range = 0..<size
        while range.count > 1 {
            let middle = range.lowerBound + MerkleTree.split(range.count)
            let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
            siblings.append(index < middle ? right : left)
            range = index < middle ? left : right
        }
        return hashes(of: siblings)
    }

    /// Proof that the first `old` entries are still the first of `new` ones; nil unless 0 < old <= new <= size, or when nodes are missing.
    public func consistencyProof(from old: Int, to new: Int) -> [Digest]? {
        guard old > 0, old <= new, new <= size else { return nil }
        var nodes: [Range<Int>] = []
        var range = 0..<new
        var known = true
        while range.upperBound != old {
            let middle = range.lowerBound + MerkleTree.split(range.count)
            let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
            if old <= middle {
                nodes.append(right)
                range = left
            } else {
                nodes.append(left)
                range = right
                known = false
            }
        }
        if !known { nodes.append(range) }
        return hashes(of: nodes)
    }

    /// The hashes of ranges, the last first.
    private func hashes(of ranges: [Range<Int>]) -> [Digest]? {
        var out: [Digest] = []
        for range in ranges.reversed() {
            guard let hash = hash(of: range) else { return nil }
            out.append(hash)
        }
        return out
    }
}
