import Circuits
import Curves
import Proofs
import TestSupport
import Testing

/// D = A + yB has the wanted zeros and no others exactly if its norm A^2 - (x^3 + b) B^2 is a constant times the product of all x - x_P and D
/// vanishes at every P.
@Suite struct DivisorTests {
    static func check<C: Curve>(_ zeros: [Affine<C>]) throws -> Bool {
        typealias F = C.Base
        let (a, b) = try divisorFunction(zeros, aCoefficients: zeros.count / 2 + 1, bCoefficients: max(1, (zeros.count - 1) / 2))
        func evaluate(_ p: [F], _ x: F) -> F { p.reversed().reduce(F.zero) { $0 * x + $1 } }
        guard a[1] == .one, zeros.allSatisfy({ (evaluate(a, $0.x) + $0.y * evaluate(b, $0.x)).isZero }) else { return false }
        var ratio: F?
        // The norm's degree is the number of zeros: agreement at more places than that is equality.
        for i in 0..<zeros.count + 2 {
            let x = F(UInt64(i))
            let norm = evaluate(a, x).squared - (x.squared * x + F(C.b)) * evaluate(b, x).squared
            let product = zeros.reduce(F.one) { $0 * (x - $1.x) }
            if product.isZero {
                if !norm.isZero { return false }
                continue
            }
            let quotient = norm * product.inverted
            if quotient.isZero || quotient != ratio ?? quotient { return false }
            ratio = quotient
        }
        return true
    }

    /// Random zeros with repetitions and opposite pairs, closed by the point that makes them sum to the identity.
    static func zeros<C: Curve>(_ count: Int, _: C.Type) -> [Affine<C>]? {
        var points: [Affine<C>] = []
        while points.count < count - 1 {
            guard let p = C.base.multiplied(by: .random()).affine else { continue }
            points.append(p)
            if points.count % 3 == 0 && points.count < count - 1 { points.append(p) }
            if points.count % 7 == 0 && points.count < count - 1 { points.append(p.negated) }
        }
        guard let last = points.reduce(Point<C>.identity, { $0 + $1 }).negated.affine else { return nil }
        return points.shuffled() + [last]
    }

    @Test func zerosAreThoseAsked() throws {
        for count in [3, 4, 5, 8, 13, 64, 255] {
            for _ in 0..<5 {
                if let zeros = Self.zeros(count, Secp256k1.self) { #expect(try Self.check(zeros), "\(count) zeros") }
                if let zeros = Self.zeros(count, Secq256k1.self) { #expect(try Self.check(zeros), "\(count) zeros") }
            }
        }
    }

    @Test func toyZerosAreThoseAsked() throws {
        var checked = 0
        for count in 3...24 {
            for _ in 0..<20 {
                guard let zeros = Self.zeros(count, Toy7069.self) else { continue }
                // A_1 may be zero by chance on a small field; the prover then has no witness.
                do {
                    #expect(try Self.check(zeros), "\(zeros)")
                    checked += 1
                } catch ProofError.witness {}
            }
        }
        #expect(checked > 400)
    }

    @Test func zerosThatDoNotSumToTheIdentityAreRefused() throws {
        let zeros = randomLeaves(255)
        #expect(throws: ProofError.witness) { try divisorFunction(zeros, aCoefficients: 128, bCoefficients: 127) }
    }
}
