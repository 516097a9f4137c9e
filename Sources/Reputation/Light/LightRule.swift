import Membership
import Proofs

/// How much of a tree a wallet fetches, so that what it fetches does not tell which leaf is its own.
///
/// Up to 100,000 leaves all of them. Above, all levels but the leaves, and the leaves of eight buckets: a bucket is all leaves below one node
/// of level 2. Its own bucket alone would narrow a member down to some ten thousand; and so would eight, if they were drawn again whenever
/// the tree changes: the own one is in every draw and hardly another is. So a draw is made once in an epoch and follows from the seed: the
/// other buckets are those of the lowest rank (`Seed.rank`), also for a wallet that was brought back from its words.
public struct LightRule: Sendable {
    /// Leaves up to which all are fetched.
    public let whole: Int
    /// Buckets of a draw at least.
    public let buckets: Int
    private let widths: (q: Int, p: Int)?

    /// The rule.
    public static let standard = LightRule(whole: 100_000, buckets: 8, widths: nil)

    /// Another one for narrow trees of tests.
    package static func narrow(whole: Int, buckets: Int, widthQ: Int, widthP: Int) -> LightRule {
        LightRule(whole: whole, buckets: buckets, widths: (widthQ, widthP))
    }

    private init(whole: Int, buckets: Int, widths: (q: Int, p: Int)?) {
        self.whole = whole
        self.buckets = buckets
        self.widths = widths
    }

    /// The shape of a tree of a depth; nil when there is none.
    func shape(depth: UInt32) -> TreeShape? {
        guard let depth = Int(exactly: depth) else { return nil }
        guard let widths else { return try? TreeShape(depth: depth) }
        return try? TreeShape(depth: depth, widthQ: widths.q, widthP: widths.p, gates: 256)
    }

    /// Buckets of a tree with so many places; nil where the rule is to fetch all leaves.
    public func bucketCount(_ shape: TreeShape, leaves: Int) -> Int? {
        leaves > whole && shape.depth >= 2 ? shape.nodes(level: 2, leaves: leaves) : nil
    }

    /// The buckets to fetch when one's own leaf can stand in any of some places: those of these places, and others by their rank until there
    /// are as many as the rule says. Rising.
    ///
    /// `count`: buckets of the tree. `rank`: of a bucket.
    public func draw(
        own places: [Range<Int>], of count: Int, _ shape: TreeShape, rank: (Int) -> UInt64
    ) -> [Int] {
        let span = shape.span(2)
        var drawn: Set<Int> = []
        for range in places where !range.isEmpty {
            for bucket in (range.lowerBound / span)...((range.upperBound - 1) / span) where bucket < count { drawn.insert(bucket) }
        }
        let others = (0..<count).filter { !drawn.contains($0) }.map { (rank: rank($0), bucket: $0) }
            .sorted { ($0.rank, $0.bucket) < ($1.rank, $1.bucket) }
        // Never fewer others than if the own place were known exactly: a wide window does not make the draw all of its own.
        for other in others.prefix(max(buckets - 1, buckets - drawn.count)) { drawn.insert(other.bucket) }
        return drawn.sorted()
    }
}

extension Seed {
    /// Where a bucket of an epoch's tree stands among those that are fetched besides the own one; looks random to everybody else.
    public func rank(ofBucket bucket: Int, epoch: UInt32, community: Digest, identity: UInt32) -> UInt64 {
        let fields = littleEndian4(Int(truncatingIfNeeded: identity)) + community.bytes + littleEndian4(Int(truncatingIfNeeded: epoch))
        return bytes("bucket-rank", fields + littleEndian4(bucket), count: 8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
