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

/// A point c of the line with the coefficients by which a function D = A(x) + y B(x) takes its value and its derivative there.
struct LinePoint<E: Curve>: Sendable {
    /// D(c) = sum valueA_i A_i + sum valueB_i B_i.
    let valueA: [E.Base], valueB: [E.Base]
    /// kappa D'(c) likewise, D' = A' + y B' + B 3x^2/(2y).
    let derivativeA: [E.Base], derivativeB: [E.Base]

    init(_ c: Affine<E>, kappa: E.Base, halfInverse: E.Base) {
        let powers = c.x.powers(ClaimShape.aCoefficients)
        let dy = c.x.squared.multiplied(bySmall: 3) * halfInverse
        valueA = powers
        valueB = powers[..<ClaimShape.bCoefficients].map { c.y * $0 }
        var dA = [E.Base.zero], dB = [kappa * dy]
        let ky = kappa * c.y, kdy = kappa * dy
        for i in 1..<ClaimShape.aCoefficients {
            let slope = powers[i - 1].multiplied(bySmall: UInt64(i))
            dA.append(kappa * slope)
            if i < ClaimShape.bCoefficients { dB.append(ky * slope + kdy * powers[i]) }
        }
        derivativeA = dA
        derivativeB = dB
    }
}
