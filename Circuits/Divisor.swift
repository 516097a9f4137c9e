import Curves
import Proofs

/// The function D = A(x) + y B(x) whose zeros are exactly the given points, with multiplicity; they must sum to the identity.
/// Coefficients of A and of B from the constant term up, scaled so that A_1 = 1.
///
/// Pairs of points are joined by lines, then pairs of functions by D E L / ((x - x_S)(x - x_T)), where S and T are the sums of their zeros and L
/// is the line through S and T (Eagen 2022). Functions are held as values of A and B at x = 0, 1, ..., which multiply without convolutions
/// (y^2 is replaced by x^3 + b), and interpolated at the end. Throws `.witness` if the points do not sum to the identity or the degrees are too high.
/// Not constant time: intermediate points depend on the zeros.
@specialized(where E == Secp256k1)
@specialized(where E == Secq256k1)
func divisorFunction<E: Curve>(
    _ zeros: [Affine<E>], aCoefficients: Int, bCoefficients: Int
) throws(ProofError) -> (a: [E.Base], b: [E.Base]) {
    typealias F = E.Base
    let count = zeros.count / 2 + 2
    var xs: [F] = [], curve: [F] = []
    for i in 0..<count {
        xs.append(F(UInt64(i)))
        curve.append(xs[i].squared * xs[i] + F(E.b))
    }

    // Lines through neighbours.
    var pairs: [(Affine<E>?, Affine<E>?)] = []
    for i in stride(from: 0, to: zeros.count, by: 2) { pairs.append((zeros[i], i + 1 < zeros.count ? zeros[i + 1] : nil)) }
    var level = PointLine.join(pairs).map { line in Function(sum: line.sum, a: xs.map { line.a + line.b * $0 }, b: xs.map { _ in line.c }) }

    while level.count > 1 {
        var next: [Function<E>] = []
        if level.count & 1 == 1, let odd = level.popLast() { next.append(odd) }
        let half = level.count / 2
        let lines = PointLine.join((0..<half).map { (level[2 * $0].sum, level[2 * $0 + 1].sum) })
        var inverses: [F] = []
        inverses.reserveCapacity(half * count)
        for i in 0..<half {
            for x in xs {
                let s = level[2 * i].sum.map { x - $0.x } ?? .one, t = level[2 * i + 1].sum.map { x - $0.x } ?? .one
                inverses.append(s * t)
            }
        }
        F.invert(&inverses)
        for (i, line) in lines.enumerated() {
            let d = level[2 * i], e = level[2 * i + 1]
            var a: [F] = [], b: [F] = []
            a.reserveCapacity(count)
            b.reserveCapacity(count)
            for j in 0..<count {
                let inverse = inverses[i * count + j]
                let pa = d.a[j] * e.a[j] + d.b[j] * e.b[j] * curve[j]
                let pb = d.a[j] * e.b[j] + d.b[j] * e.a[j]
                let l = line.a + line.b * xs[j]
                a.append((pa * l + pb * line.c * curve[j]) * inverse)
                b.append((pa * line.c + pb * l) * inverse)
            }
            next.append(Function(sum: line.sum, a: a, b: b))
        }
        level = next
    }
    guard let function = level.first, function.sum == nil else { throw .witness }
    var a = interpolate(function.a), b = interpolate(function.b)
    guard a[aCoefficients...].allSatisfy({ $0.isZero }), b[bCoefficients...].allSatisfy({ $0.isZero }), !a[1].isZero else { throw .witness }
    let scale = a[1].inverted
    a = a[..<aCoefficients].map { $0 * scale }
    b = b[..<bCoefficients].map { $0 * scale }
    return (a, b)
}

/// A function by its values of A and B at x = 0, 1, ..., and the sum of its zeros (nil: the identity).
struct Function<E: Curve> {
    var sum: Affine<E>?
    var a: [E.Base], b: [E.Base]
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

/// Coefficients of the polynomial with these values at 0, 1, ..., by Newton's divided differences.
func interpolate<F: PrimeField>(_ values: [F]) -> [F] {
    let n = values.count
    var c = values
    var inverses = (0..<n).map { F(UInt64($0)) }
    F.invert(&inverses)
    for j in 1..<n {
        for i in stride(from: n - 1, through: j, by: -1) { c[i] = (c[i] - c[i - 1]) * inverses[j] }
    }
    var out = [F](repeating: .zero, count: n)
    for i in stride(from: n - 1, through: 0, by: -1) {
        // out = out * (x - i) + c_i
        for k in stride(from: n - 1, through: 1, by: -1) { out[k] = out[k - 1] - out[k].multiplied(bySmall: UInt64(i)) }
        out[0] = c[i] - out[0].multiplied(bySmall: UInt64(i))
    }
    return out
}
