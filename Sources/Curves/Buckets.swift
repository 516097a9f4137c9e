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

/// Room for the points of passes through so many buckets with so many entries, to be used again for the next pass.
final class BucketSpace<C: Curve> {
    let capacity: Int
    /// The entries, and what half as many pairs and the odd ones become.
    let row: UnsafeMutablePointer<Affine<C>>, other: UnsafeMutablePointer<Affine<C>>
    var pairs = PendingPairs<C>()

    init(entries: Int, buckets: Int) {
        // Weighting the buckets makes two entries of each.
        capacity = max(entries, 2 * buckets)
        row = .allocate(capacity: capacity + 1)
        other = .allocate(capacity: capacity + 1)
    }

    deinit {
        row.deallocate()
        other.deallocate()
        pairs.deallocate()
    }
}

/// The sums of all buckets, by pairwise additions in affine coordinates that share their inversions (Montgomery's trick): six multiplications
/// an addition. Equal points are doubled, opposite ones vanish. Variable time.
struct BucketSums<C: Curve> {
    var sums: [Affine<C>]
    var present: [Bool]

    init(_ entries: BucketEntries, points: [Affine<C>], in space: BucketSpace<C>) {
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
        precondition(total <= space.capacity)
        var (row, other) = (space.row, space.other)
        points.withUnsafeBufferPointer { points in
            for k in 0..<total {
                let b = Int(entries.bucket[k]), r = entries.reference[k]
                let p = points[Int(r &>> 1)]
                (row + Int(next[b])).initialize(to: r & 1 == 0 ? p : Affine(x: p.x, y: p.y.negated))
                next[b] &+= 1
            }
        }
        while lengths.contains(where: { $0 > 1 }) {
            space.pairs.halve(row, &lengths, into: other)
            swap(&row, &other)
        }
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

    /// sum of (i + 1) * bucket_(base + i) for i < count.
    ///
    /// i + 1 = 2^s high + low: buckets of the same high and of the same low are summed by a further pass, which costs half of what running
    /// sums do; these remain for the 2^s lows and the highs.
    func weighted(_ base: Int, _ count: Int, in space: BucketSpace<C>) -> Point<C> {
        if count < 64 { return running(base, count) }
        let s = (Int.bitWidth - count.leadingZeroBitCount) / 2
        let highs = count >> s, lows = (1 << s) - 1
        var entries = BucketEntries(buckets: highs + lows)
        entries.reserve(2 * count)
        for i in 0..<count where present[base + i] {
            entries.add((i + 1) >> s, of: base + i, at: 0)
            entries.add((i + 1) & lows, of: base + i, at: highs)
        }
        let digits = BucketSums(entries, points: sums, in: space)
        var sum = digits.running(0, highs)
        for _ in 0..<s { sum = sum.doubled }
        return sum + digits.running(highs, lows)
    }

    /// The same by running sums from the last bucket.
    func running(_ base: Int, _ count: Int) -> Point<C> {
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

/// Additions of neighbours that wait for their common inversion: of each the slope's numerator and denominator, the index of the left point and
/// that of the result.
struct PendingPairs<C: Curve> {
    /// Additions that share an inversion.
    static var capacity: Int { 1024 }

    let left = UnsafeMutablePointer<Int32>.allocate(capacity: capacity)
    let destination = UnsafeMutablePointer<Int32>.allocate(capacity: capacity)
    let numerators = UnsafeMutablePointer<C.Base>.allocate(capacity: capacity)
    let denominators = UnsafeMutablePointer<C.Base>.allocate(capacity: capacity)
    /// Working space of the inversion.
    let space = UnsafeMutableRawPointer.allocate(byteCount: max(Lanes.space, MemoryLayout<C.Base>.stride) * capacity, alignment: 64)
    var count = 0

    init() {}

    func deallocate() {
        left.deallocate()
        destination.deallocate()
        numerators.deallocate()
        denominators.deallocate()
        space.deallocate()
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
                let p = row[read], q = row[read &+ 1]
                let l = Int32(truncatingIfNeeded: read)
                read &+= 2
                var numerator = q.y - p.y, denominator = q.x - p.x
                if denominator.isZero {
                    if p.y != q.y { continue }
                    denominator = p.y.doubled
                    numerator = p.x.squared.multiplied(bySmall: 3)
                }
                (left + count).initialize(to: l)
                (destination + count).initialize(to: Int32(truncatingIfNeeded: write))
                (numerators + count).initialize(to: numerator)
                (denominators + count).initialize(to: denominator)
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

    /// Inverts the denominators together and adds.
    mutating func flush(_ row: UnsafeMutablePointer<Affine<C>>, _ out: UnsafeMutablePointer<Affine<C>>) {
        if count >= 16, Lanes.isAvailable, let d = C.Base.complement {
            addInLanes(row, out, d)
        } else if count > 0 {
            addInPairs(row, out)
        }
        count = 0
    }

    /// Two additions side by side.
    private func addInPairs(_ row: UnsafeMutablePointer<Affine<C>>, _ out: UnsafeMutablePointer<Affine<C>>) {
        let products = space.bindMemory(to: C.Base.self, capacity: count)
        var product = C.Base.one
        for k in 0..<count {
            (products + k).initialize(to: product)
            product = product * denominators[k]
        }
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
            let l = Int(left[k]), m = Int(left[j])
            let px = Pair(row[l].x, row[m].x), py = Pair(row[l].y, row[m].y)
            let slope = Pair(numerators[k], numerators[j]) * Pair(denominators[k], denominators[j])
            let x = slope.squared - px - Pair(row[l &+ 1].x, row[m &+ 1].x)
            let y = slope * (px - x) - py
            (out + Int(destination[k])).initialize(to: Affine(x: x.first, y: y.first))
            (out + Int(destination[j])).initialize(to: Affine(x: x.second, y: y.second))
            k &+= 2
        }
    }

    /// Sixteen additions side by side; the last pair fills the last group.
    private mutating func addInLanes(
        _ row: UnsafeMutablePointer<Affine<C>>, _ out: UnsafeMutablePointer<Affine<C>>, _ d: (UInt64, UInt64, UInt64)
    ) {
        let last = count &- 1
        while count & 15 != 0 {
            (left + count).initialize(to: left[last])
            (destination + count).initialize(to: destination[last])
            (numerators + count).initialize(to: numerators[last])
            (denominators + count).initialize(to: denominators[last])
            count &+= 1
        }
        Lanes.add(
            groups: count / 16, left: left, destination: destination, numerators: numerators, denominators: denominators, space: space,
            row: row, out: out, d)
    }
}
