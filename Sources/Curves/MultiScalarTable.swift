/// Sums over points that are known in advance: each point with its multiples by 2^(w j) for every window j, so that all windows share one set
/// of buckets and no doublings are left.
///
/// 26 points of 64 bytes for each point on the real curves; building takes a doubling a bit and point. Sums are variable time.
public struct MultiScalarTable<C: Curve>: Sendable {
    /// How many points there are.
    public let count: Int
    /// 2^(w j) P_i at i * windows + j.
    let multiples: [Affine<C>]

    /// Bits of a window.
    static var width: Int { 10 }
    static var windows: Int { C.Scalar.bitCount / width + 1 }

    /// The table of these points, none of which may have an order that is a power of two.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public init(_ points: [Affine<C>]) {
        count = points.count
        var all: [Point<C>] = []
        all.reserveCapacity(points.count * MultiScalarTable.windows)
        for p in points {
            var m = Point(p)
            for j in 0..<MultiScalarTable.windows {
                if j > 0 { for _ in 0..<MultiScalarTable.width { m = m.doubled } }
                all.append(m)
            }
        }
        multiples = Point.normalize(all).map { $0! }
    }

    /// sum of k_i P_i over the first points.
    public func sum(_ scalars: [C.Scalar]) -> Point<C> { sum(Array(zip(0..<scalars.count, scalars))) }

    /// sum of k P_i for pairs (i, k).
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public func sum(_ terms: [(Int, C.Scalar)]) -> Point<C> {
        let w = MultiScalarTable.width, windows = MultiScalarTable.windows, half = 1 << (w - 1)
        var entries = BucketEntries(buckets: half)
        entries.reserve(terms.count * windows)
        for (i, k) in terms {
            let k = k.canonical
            if k.isZero { continue }
            var carry = 0
            for j in 0..<windows {
                let d = Int(k.bits(j &* w, w)) &+ carry
                carry = d > half ? 1 : 0
                entries.add(d &- (carry &<< w), of: i &* windows &+ j, at: 0)
            }
        }
        let space = BucketSpace<C>(entries: entries.bucket.count, buckets: half)
        return BucketSums(entries, points: multiples, in: space).weighted(0, half, in: space)
    }
}
