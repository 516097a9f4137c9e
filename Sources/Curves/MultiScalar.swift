/// sum of k_i P_i. Variable time: the sum itself may be secret only where the documentation of the caller says so.
///
/// Scalars are split by the curve's endomorphism if it has one. Few points: interleaved non-adjacent forms (Straus 1964, Möller 2001). Many: buckets
/// with signed digits (Pippenger 1976), summed in affine coordinates. Equal, opposite and repeated points need no care.
@specialized(where C == Secp256k1)
@specialized(where C == Secq256k1)
public func multiScalarMultiply<C: Curve>(_ scalars: [C.Scalar], _ points: [Affine<C>]) -> Point<C> {
    precondition(scalars.count == points.count)
    let terms = SplitTerms(scalars, points)
    return terms.points.count < 24 ? straus(terms) : pippenger(terms)
}

/// Terms of a sum with non-negative integer scalars of `bits` bits.
struct SplitTerms<C: Curve> {
    var integers: [U256] = [], points: [Affine<C>] = []
    let bits: Int

    init(_ scalars: [C.Scalar], _ points: [Affine<C>]) {
        guard let endomorphism = C.endomorphism else {
            bits = C.Scalar.bitCount
            integers = scalars.map { $0.canonical }
            self.points = points
            return
        }
        bits = 128
        integers.reserveCapacity(2 * points.count)
        self.points.reserveCapacity(2 * points.count)
        for (k, p) in zip(scalars, points) {
            let (k1, negative1, k2, negative2) = endomorphism.split(k)
            if !k1.isZero {
                integers.append(k1)
                self.points.append(negative1 ? p.negated : p)
            }
            if !k2.isZero {
                integers.append(k2)
                self.points.append(endomorphism.apply(negative2 ? p.negated : p))
            }
        }
    }
}

/// Straus: for each point the odd multiples up to 15, all digits of one position added between two doublings.
func straus<C: Curve>(_ terms: SplitTerms<C>) -> Point<C> {
    let width = 5
    let entries = 1 << (width - 2)
    let positions = terms.bits + 1, count = terms.points.count
    var multiples: [Point<C>] = []
    multiples.reserveCapacity(entries * count)
    for p in terms.points {
        let twice = Point(p).doubled
        var m = Point(p)
        multiples.append(m)
        for _ in 1..<entries {
            m += twice
            multiples.append(m)
        }
    }
    var digits = [Int8](repeating: 0, count: positions * count)
    for (i, k) in terms.integers.enumerated() { nonAdjacentForm(k, width: width, into: &digits, at: i * positions, count: positions) }
    var r = Point<C>.identity
    var started = false
    for position in stride(from: positions - 1, through: 0, by: -1) {
        if started { r = r.doubled }
        for i in 0..<count {
            let d = Int(digits[i * positions + position])
            if d == 0 { continue }
            let m = multiples[i * entries + (abs(d) >> 1)]
            r += d > 0 ? m : m.negated
            started = true
        }
    }
    return r
}

/// Digits d_j, each zero or odd with |d_j| < 2^(width-1), sum of d_j 2^j = k; of any `width` neighbours at most one is not zero.
func nonAdjacentForm(_ k: U256, width: Int, into digits: inout [Int8], at start: Int, count: Int) {
    var carry: UInt64 = 0
    var j = 0
    while j < count {
        if k.bits(j, 1) == carry {
            j += 1
            continue
        }
        let d = Int(k.bits(j, width) &+ carry)
        let signed = d >= 1 << (width - 1) ? d - (1 << width) : d
        carry = signed < 0 ? 1 : 0
        digits[start + j] = Int8(truncatingIfNeeded: signed)
        j += width
    }
}

/// Bits of a bucket window: the fewest additions; weighting a bucket takes two.
func pippengerWindow(_ count: Int, bits: Int) -> Int {
    var best = 3, least = Int.max
    for w in 3...13 {
        let cost = (bits / w + 1) * (count + (2 << (w - 1)))
        if cost < least { (best, least) = (w, cost) }
    }
    return best
}

/// Pippenger: for each window the points of equal digit are summed into a bucket, then sum_d d * bucket_d by running sums. Several windows
/// share a pass through the buckets while they fit the cache together.
func pippenger<C: Curve>(_ terms: SplitTerms<C>) -> Point<C> {
    let n = terms.points.count
    let w = pippengerWindow(n, bits: terms.bits)
    let windows = terms.bits / w + 1
    let half = 1 << (w - 1)
    var digits = [Int16](repeating: 0, count: windows * n)
    for (i, k) in terms.integers.enumerated() {
        var carry = 0
        for j in 0..<windows {
            let d = Int(k.bits(j &* w, w)) &+ carry
            carry = d > half ? 1 : 0
            digits[j &* n &+ i] = Int16(truncatingIfNeeded: d &- (carry &<< w))
        }
    }
    let together = min(windows, max(1, 8192 / n))
    let space = BucketSpace<C>(entries: together * n, buckets: half)
    var result = Point<C>.identity
    var top = windows
    while top > 0 {
        let low = max(0, top - together)
        var entries = BucketEntries(buckets: (top - low) * half)
        entries.reserve((top - low) * n)
        for j in low..<top {
            for i in 0..<n { entries.add(Int(digits[j &* n &+ i]), of: i, at: (j - low) * half) }
        }
        let sums = BucketSums(entries, points: terms.points, in: space)
        for j in stride(from: top - 1, through: low, by: -1) {
            if j != windows - 1 { for _ in 0..<w { result = result.doubled } }
            result += sums.weighted((j - low) * half, half, in: space)
        }
        top = low
    }
    return result
}
