/// sum of k_i P_i. Variable time: the sum itself may be secret only where the documentation of the caller says so.
///
/// Few points: interleaved non-adjacent forms (Straus 1964, Möller 2001). Many: buckets with signed digits (Pippenger 1976).
/// The additions are complete, so equal, opposite and repeated points need no care.
@inlinable public func multiScalarMultiply<C: Curve>(_ scalars: [C.Scalar], _ points: [Affine<C>]) -> Point<C> {
    precondition(scalars.count == points.count)
    var integers: [U256] = []
    integers.reserveCapacity(scalars.count)
    for k in scalars { integers.append(k.canonical) }
    return points.count < 48 ? straus(integers, points) : pippenger(integers, points, window: pippengerWindow(points.count))
}

/// Straus: for each point the odd multiples up to 15, all digits of one position added between two doublings.
@inlinable func straus<C: Curve>(_ scalars: [U256], _ points: [Affine<C>]) -> Point<C> {
    if points.isEmpty { return .identity }
    let width = 5
    let entries = 1 << (width - 2)
    let positions = C.Scalar.bitCount + 1
    var multiples: [Point<C>] = []
    multiples.reserveCapacity(entries * points.count)
    for p in points {
        let twice = Point(p).doubled
        var m = Point(p)
        multiples.append(m)
        for _ in 1..<entries {
            m += twice
            multiples.append(m)
        }
    }
    var digits = [Int8](repeating: 0, count: positions * points.count)
    for (i, k) in scalars.enumerated() { nonAdjacentForm(k, width: width, into: &digits, at: i * positions, count: positions) }
    var r = Point<C>.identity
    var started = false
    for position in stride(from: positions - 1, through: 0, by: -1) {
        if started { r = r.doubled }
        for i in 0..<points.count {
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
@inlinable func nonAdjacentForm(_ k: U256, width: Int, into digits: inout [Int8], at start: Int, count: Int) {
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

/// Bits of a bucket window for this many points, by measurement.
@inlinable func pippengerWindow(_ count: Int) -> Int {
    switch count {
    case ..<48: 4
    case ..<180: 5
    case ..<400: 6
    case ..<900: 7
    case ..<2200: 8
    case ..<5000: 9
    case ..<12000: 10
    case ..<40000: 12
    default: 13
    }
}

/// Pippenger: for each window sum the points of equal digit, then sum_d d * bucket_d by running sums.
@inlinable func pippenger<C: Curve>(_ scalars: [U256], _ points: [Affine<C>], window w: Int) -> Point<C> {
    let windows = C.Scalar.bitCount / w + 1
    let half = 1 << (w - 1)
    let n = points.count
    var digits = [Int16](repeating: 0, count: windows * n)
    for (i, k) in scalars.enumerated() {
        var carry = 0
        for j in 0..<windows {
            var d = Int(k.bits(j &* w, w)) &+ carry
            carry = d > half ? 1 : 0
            d = d &- (carry &<< w)
            digits[j &* n &+ i] = Int16(truncatingIfNeeded: d)
        }
    }
    var result = Point<C>.identity
    var buckets = [Point<C>](repeating: .identity, count: half)
    for j in stride(from: windows - 1, through: 0, by: -1) {
        if j != windows - 1 { for _ in 0..<w { result = result.doubled } }
        for b in 0..<half { buckets[b] = .identity }
        buckets.withUnsafeMutableBufferPointer { buckets in
            points.withUnsafeBufferPointer { points in
                digits.withUnsafeBufferPointer { digits in
                    for i in 0..<n {
                        let d = Int(digits[j &* n &+ i])
                        if d > 0 {
                            buckets[d &- 1] += points[i]
                        } else if d < 0 {
                            buckets[0 &- d &- 1] += points[i].negated
                        }
                    }
                }
            }
        }
        var running = Point<C>.identity
        var sum = Point<C>.identity
        for b in stride(from: half - 1, through: 0, by: -1) {
            running += buckets[b]
            sum += running
        }
        result += sum
    }
    return result
}
