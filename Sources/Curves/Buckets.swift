/// Which points, with which signs, go into which buckets.
struct BucketEntries {
    /// For each entry the bucket, and twice the point's index plus one if it is to be negated.
    var bucket: [UInt32] = [], reference: [UInt32] = []
    let buckets: Int

    init(buckets: Int) { self.buckets = buckets }

    mutating func reserve(_ count: Int) {
        bucket.reserveCapacity(count)
        reference.reserveCapacity(count)
    }

    /// Point `index` with a signed digit d: into bucket |d| - 1 of those from `base` on; none for zero.
    @inline(__always)
    mutating func add(_ d: Int, of index: Int, at base: Int) {
        if d > 0 {
            bucket.append(UInt32(truncatingIfNeeded: base &+ d &- 1))
            reference.append(UInt32(truncatingIfNeeded: index &<< 1))
        } else if d < 0 {
            bucket.append(UInt32(truncatingIfNeeded: base &- d &- 1))
            reference.append(UInt32(truncatingIfNeeded: index &<< 1 | 1))
        }
    }
}

/// The sums of all buckets, by pairwise additions in affine coordinates that share their inversions (Montgomery's trick): six multiplications
/// an addition. Equal points are doubled, opposite ones vanish. Variable time.
struct BucketSums<C: Curve> {
    var sums: [Affine<C>]
    var present: [Bool]

    init(_ entries: BucketEntries, points: [Affine<C>]) {
        let count = entries.buckets, total = entries.bucket.count
        // Counting sort: the points of a bucket side by side, buckets in order.
        var lengths = [Int32](repeating: 0, count: count)
        for b in entries.bucket { lengths[Int(b)] &+= 1 }
        var next: [Int32] = []
        next.reserveCapacity(count)
        var at: Int32 = 0
        for n in lengths {
            next.append(at)
            at &+= n
        }
        var row = UnsafeMutablePointer<Affine<C>>.allocate(capacity: total + 1)
        var other = UnsafeMutablePointer<Affine<C>>.allocate(capacity: (total + count) / 2 + 1)
        defer {
            row.deallocate()
            other.deallocate()
        }
        points.withUnsafeBufferPointer { points in
            for k in 0..<total {
                let b = Int(entries.bucket[k]), r = entries.reference[k]
                let p = points[Int(r &>> 1)]
                (row + Int(next[b])).initialize(to: r & 1 == 0 ? p : Affine(x: p.x, y: p.y.negated))
                next[b] &+= 1
            }
        }
        var pairs = PendingPairs<C>()
        while lengths.contains(where: { $0 > 1 }) {
            pairs.halve(row, &lengths, into: other)
            swap(&row, &other)
        }
        pairs.deallocate()
        sums = []
        sums.reserveCapacity(count)
        present = []
        present.reserveCapacity(count)
        var read = 0
        for n in lengths {
            sums.append(n == 1 ? row[read] : Affine(x: .zero, y: .zero))
            present.append(n == 1)
            read &+= Int(n)
        }
    }

    /// sum of (i + 1) * bucket_(base + i) for i < count, by running sums from the last.
    func weighted(_ base: Int, _ count: Int) -> Point<C> {
        var running = Point<C>.identity, sum = Point<C>.identity
        var started = false
        for b in stride(from: base + count - 1, through: base, by: -1) {
            if present[b] {
                running += sums[b]
                started = true
            }
            if started { sum += running }
        }
        return sum
    }
}

/// Additions of neighbours that wait for their common inversion.
struct PendingPairs<C: Curve> {
    /// Additions that share an inversion.
    static var capacity: Int { 1024 }

    /// Of each: index of the left point (complemented for a doubling) and of the result, denominator, product of the denominators before it.
    let left = UnsafeMutablePointer<Int32>.allocate(capacity: capacity)
    let destination = UnsafeMutablePointer<Int32>.allocate(capacity: capacity)
    let denominators = UnsafeMutablePointer<C.Base>.allocate(capacity: capacity)
    let products = UnsafeMutablePointer<C.Base>.allocate(capacity: capacity)
    var count = 0
    var product = C.Base.one

    init() {}

    func deallocate() {
        left.deallocate()
        destination.deallocate()
        denominators.deallocate()
        products.deallocate()
    }

    /// One round: adds the points of each bucket in pairs, from `row` into `out`, which do not overlap; sets the new lengths.
    mutating func halve(
        _ row: UnsafeMutablePointer<Affine<C>>, _ lengths: inout [Int32], into out: UnsafeMutablePointer<Affine<C>>
    ) {
        var read = 0, write = 0
        for b in lengths.indices {
            let length = Int(lengths[b])
            let start = write
            let end = read &+ length
            while read &+ 1 < end {
                var d = row[read &+ 1].x - row[read].x
                var l = Int32(truncatingIfNeeded: read)
                read &+= 2
                if d.isZero {
                    let p = row[Int(l)]
                    if p.y != row[Int(l) &+ 1].y { continue }
                    d = p.y.doubled
                    l = ~l
                }
                (left + count).initialize(to: l)
                (destination + count).initialize(to: Int32(truncatingIfNeeded: write))
                (denominators + count).initialize(to: d)
                (products + count).initialize(to: product)
                product = product * d
                count &+= 1
                write &+= 1
                if count == PendingPairs.capacity { flush(row, out) }
            }
            if read < end {
                (out + write).initialize(to: row[read])
                read &+= 1
                write &+= 1
            }
            lengths[b] = Int32(truncatingIfNeeded: write &- start)
        }
        flush(row, out)
    }

    /// Inverts the product, goes back through the pairs for the inverse of each denominator, and adds: two pairs side by side.
    mutating func flush(_ row: UnsafeMutablePointer<Affine<C>>, _ out: UnsafeMutablePointer<Affine<C>>) {
        if count == 0 { return }
        var inverse = product.inverted
        var k = count &- 1
        while k >= 0 {
            let d = denominators[k]
            denominators[k] = inverse * products[k]
            inverse = inverse * d
            k &-= 1
        }
        k = 0
        while k < count {
            // An odd last pair is added twice, to the same place.
            let j = min(k &+ 1, count &- 1)
            let (a, b) = (operands(k, row), operands(j, row))
            let px = Pair(a.p.x, b.p.x), py = Pair(a.p.y, b.p.y)
            let slope = Pair(a.numerator, b.numerator) * Pair(denominators[k], denominators[j])
            let x = slope.squared - px - Pair(a.q, b.q)
            let y = slope * (px - x) - py
            (out + Int(destination[k])).initialize(to: Affine(x: x.first, y: y.first))
            (out + Int(destination[j])).initialize(to: Affine(x: x.second, y: y.second))
            k &+= 2
        }
        count = 0
        product = .one
    }

    /// The left point of pair k, the x of the right one, and the numerator of the slope.
    @inline(__always)
    func operands(_ k: Int, _ row: UnsafeMutablePointer<Affine<C>>) -> (p: Affine<C>, q: C.Base, numerator: C.Base) {
        let l = left[k]
        let i = Int(l < 0 ? ~l : l)
        let p = row[i], q = row[i &+ 1]
        return (p, q.x, l < 0 ? p.x.squared.multiplied(bySmall: 3) : q.y - p.y)
    }
}
