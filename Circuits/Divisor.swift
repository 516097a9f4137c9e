import Curves
import Proofs

/// The function D = A(x) + y B(x) whose zeros are exactly the given points, with multiplicity; they must sum to the identity.
/// Coefficients of A and of B from the constant term up, scaled so that A_1 = 1.
///
/// Pairs of points are joined by lines, then pairs of functions by D E L / ((x - x_S)(x - x_T)), where S and T are the sums of their zeros and L
/// is the line through S and T (Eagen 2022). Throws `.witness` if the points do not sum to the identity or the degrees are too high.
/// Not constant time: intermediate points depend on the zeros.
@specialized(where E == Secp256k1)
@specialized(where E == Secq256k1)
package func divisorFunction<E: Curve>(
    _ zeros: [Affine<E>], aCoefficients: Int, bCoefficients: Int
) throws(ProofError) -> (a: [E.Base], b: [E.Base]) {
    // Lines through neighbours.
    var pairs: [(Affine<E>?, Affine<E>?)] = []
    for i in stride(from: 0, to: zeros.count, by: 2) { pairs.append((zeros[i], i + 1 < zeros.count ? zeros[i + 1] : nil)) }
    var level = PointLine.join(pairs).map { CurveFunction(sum: $0.sum, a: [$0.a, $0.b], b: [$0.c]) }

    while level.count > 1 {
        var next: [CurveFunction<E>] = []
        if level.count & 1 == 1, let odd = level.popLast() { next.append(odd) }
        let half = level.count / 2
        let lines = PointLine.join((0..<half).map { (level[2 * $0].sum, level[2 * $0 + 1].sum) })
        for (i, line) in lines.enumerated() {
            var function = level[2 * i].times(level[2 * i + 1])
            function.multiply(by: line)
            for point in [level[2 * i].sum, level[2 * i + 1].sum] {
                if let point { function.divide(byZero: point.x) }
            }
            function.sum = line.sum
            next.append(function)
        }
        level = next
    }
    guard let function = level.first, function.sum == nil, function.a.count > 1, !function.a[1].isZero else { throw .witness }
    func coefficients(_ p: [E.Base], _ count: Int) throws(ProofError) -> [E.Base] {
        guard p.dropFirst(count).allSatisfy({ $0.isZero }) else { throw .witness }
        return Array(p.prefix(count)) + [E.Base](repeating: .zero, count: max(0, count - p.count))
    }
    let scale = function.a[1].inverted
    return (
        try coefficients(function.a, aCoefficients).map { $0 * scale }, try coefficients(function.b, bCoefficients).map { $0 * scale }
    )
}

/// A function A(x) + y B(x) by its coefficients, and the sum of its zeros but for the last, which is minus that sum (nil: the identity).
struct CurveFunction<E: Curve> {
    typealias F = E.Base
    var sum: Affine<E>?
    var a: [F], b: [F]

    /// The product, y^2 being x^3 + b; three products of polynomials (Karatsuba).
    func times(_ other: CurveFunction) -> CurveFunction {
        let aa = CurveFunction.product(a, other.a), bb = CurveFunction.product(b, other.b)
        var mixed = CurveFunction.product(CurveFunction.sum(a, b), CurveFunction.sum(other.a, other.b))
        for (i, v) in aa.enumerated() { mixed[i] -= v }
        for (i, v) in bb.enumerated() { mixed[i] -= v }
        var out = CurveFunction(sum: nil, a: CurveFunction.sum(aa, CurveFunction.timesCurve(bb)), b: mixed)
        out.trim()
        return out
    }

    /// Multiplies by a + b x + c y.
    mutating func multiply(by line: PointLine<E>) {
        let l = [line.a, line.b]
        let (oldA, oldB) = (a, b)
        a = CurveFunction.sum(CurveFunction.product(oldA, l), CurveFunction.timesCurve(oldB).map { $0 * line.c })
        b = CurveFunction.sum(CurveFunction.product(oldB, l), oldA.map { $0 * line.c })
        trim()
    }

    /// Divides by x - root, which leaves no remainder.
    mutating func divide(byZero root: F) {
        CurveFunction.divide(&a, root)
        CurveFunction.divide(&b, root)
    }

    /// Synthetic division by x - root.
    static func divide(_ p: inout [F], _ root: F) {
        if p.isEmpty { return }
        var carry = F.zero
        for i in stride(from: p.count - 1, through: 0, by: -1) {
            let coefficient = p[i]
            p[i] = carry
            carry = coefficient + carry * root
        }
        p.removeLast()
    }

    /// (x^3 + b) p.
    static func timesCurve(_ p: [F]) -> [F] {
        if p.isEmpty { return [] }
        var out = [F](repeating: .zero, count: 3) + p
        for (i, v) in p.enumerated() { out[i] += v.multiplied(bySmall: E.b) }
        return out
    }

    static func sum(_ p: [F], _ q: [F]) -> [F] {
        var long = p.count >= q.count ? p : q
        for (i, v) in (p.count >= q.count ? q : p).enumerated() { long[i] += v }
        return long
    }

    static func product(_ p: [F], _ q: [F]) -> [F] {
        if p.isEmpty || q.isEmpty { return [] }
        var out = [F](repeating: .zero, count: p.count + q.count - 1)
        out.withUnsafeMutableBufferPointer { out in
            q.withUnsafeBufferPointer { q in
                for (i, v) in p.enumerated() { for j in 0..<q.count { out[i &+ j] += v * q[j] } }
            }
        }
        return out
    }

    /// Drops zero coefficients at the end.
    mutating func trim() {
        while let last = a.last, last.isZero { a.removeLast() }
        while let last = b.last, last.isZero { b.removeLast() }
    }
}

/// The line a + b x + c y = 0 through two points, and their sum.
struct PointLine<E: Curve> {
    var a: E.Base, b: E.Base, c: E.Base
    var sum: Affine<E>?

    /// Lines through pairs of points (nil: the identity), with one inversion for all slopes.
    static func join(_ pairs: [(Affine<E>?, Affine<E>?)]) -> [PointLine] {
        var slopes: [E.Base] = []
        slopes.reserveCapacity(pairs.count)
        for (s, t) in pairs {
            guard let s, let t else {
                slopes.append(.one)
                continue
            }
            slopes.append(s == t ? s.y.doubled : t.x - s.x)
        }
        E.Base.invert(&slopes)
        var lines: [PointLine] = []
        lines.reserveCapacity(pairs.count)
        for ((s, t), inverse) in zip(pairs, slopes) {
            guard let p = s ?? t else {
                lines.append(PointLine(a: .one, b: .zero, c: .zero, sum: nil))
                continue
            }
            guard let s, let t else {
                lines.append(PointLine(a: p.x.negated, b: .one, c: .zero, sum: p))
                continue
            }
            if s.x == t.x && s.y != t.y {
                lines.append(PointLine(a: s.x.negated, b: .one, c: .zero, sum: nil))
                continue
            }
            let slope = (s == t ? s.x.squared.multiplied(bySmall: 3) : t.y - s.y) * inverse
            let x = slope.squared - s.x - t.x
            lines.append(
                PointLine(a: slope * s.x - s.y, b: slope.negated, c: .one, sum: Affine(x: x, y: slope * (s.x - x) - s.y)))
        }
        return lines
    }
}
