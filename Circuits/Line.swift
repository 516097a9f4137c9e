import Curves
import Proofs

/// The challenge of all claims of an argument: a random line y = lambda x + nu on the embedded curve E, and what follows from it alone.
///
/// It meets E in c0, c1 (drawn) and c2 = -(c0 + c1).
public struct Line<E: Curve>: Sendable {
    /// lambda and nu.
    public let slope: E.Base, intercept: E.Base
    /// The three points.
    let points: [LinePoint<E>]
    /// 1 / (nu - y_i + lambda x_i) for (x_i, y_i) = 2^i h.
    let inverses: [E.Base]
    /// 1 / (nu + y_S + lambda x_S) for each shown point S.
    let ends: [E.Base]

    /// Draws the line from the transcript; `shown` are the points S of the claims. Throws `.degenerateChallenge` where a denominator is zero;
    /// chance below 2^-240.
    @specialized(where E == Secp256k1)
    @specialized(where E == Secq256k1)
    public static func draw(doublings: [Affine<E>], shown: [Affine<E>], sponge: inout Sponge) throws(ProofError) -> Line {
        let drawn: [Affine<E>] = sponge.points(2)
        let (c0, c1) = (drawn[0], drawn[1])
        guard c0.x != c1.x else { throw .degenerateChallenge }
        let slope = (c1.y - c0.y) * (c1.x - c0.x).inverted
        let intercept = c0.y - slope * c0.x
        // The third meeting point: the roots of x^3 - lambda^2 x^2 + ... sum to lambda^2.
        let x2 = slope.squared - c0.x - c1.x
        let c2 = Affine<E>(x: x2, y: slope * x2 + intercept)
        var denominators = doublings.map { intercept - $0.y + slope * $0.x }
        // kappa = 2y / (3x^2 - 2 lambda y) and 3x^2 / 2y need two inverses a point.
        for c in [c0, c1, c2] {
            denominators.append((c.x.squared.multiplied(bySmall: 3)) - slope * c.y.doubled)
            denominators.append(c.y.doubled)
        }
        for s in shown { denominators.append(intercept + s.y + slope * s.x) }
        guard !denominators.contains(where: { $0.isZero }) else { throw .degenerateChallenge }
        E.Base.invert(&denominators)
        var points: [LinePoint<E>] = []
        for (j, c) in [c0, c1, c2].enumerated() {
            points.append(
                LinePoint(
                    c, kappa: c.y.doubled * denominators[doublings.count + 2 * j], halfInverse: denominators[doublings.count + 2 * j + 1]))
        }
        return Line(
            slope: slope, intercept: intercept, points: points, inverses: Array(denominators[..<doublings.count]),
            ends: Array(denominators[(doublings.count + 6)...]))
    }
}

/// A point c = (x, y) of the line, and what a function D = A(x) + y B(x) takes its value and its derivative from there:
/// D' = A' + y B' + y' B with y' = 3x^2 / 2y, always with the factor kappa.
struct LinePoint<E: Curve>: Sendable {
    /// 1, x, x^2, ...
    let powers: [E.Base]
    /// x, y, kappa and kappa y'.
    let x: E.Base, y: E.Base, kappa: E.Base, kappaSlope: E.Base

    init(_ c: Affine<E>, kappa: E.Base, halfInverse: E.Base) {
        x = c.x
        y = c.y
        self.kappa = kappa
        kappaSlope = kappa * (c.x.squared.multiplied(bySmall: 3) * halfInverse)
        powers = c.x.powers(ClaimShape.aCoefficients)
    }

    /// D(c) of a function by its coefficients.
    func value(_ a: [E.Base], _ b: [E.Base]) -> E.Base { dot(powers, a) + y * dot(powers, b) }

    /// kappa D'(c) of a function by its coefficients.
    func derivative(_ a: [E.Base], _ b: [E.Base]) -> E.Base {
        func formal(_ p: [E.Base]) -> E.Base {
            var sum = E.Base.zero
            for i in 1..<p.count { sum += (powers[i - 1] * p[i]).multiplied(bySmall: UInt64(i)) }
            return sum
        }
        return kappa * (formal(a) + y * formal(b)) + kappaSlope * dot(powers, b)
    }
}
