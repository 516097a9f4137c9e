import Curves
import Proofs
import TestSupport
import Testing

/// The generic argument over toy curves, where every value of the field can be tried. A challenge is zero, or a point the identity, once in some
/// hundred draws there: the prover then throws `.degenerateChallenge` and is asked again; and a false statement passes by chance now and then.
@Suite struct ToyArgumentTests {
    /// Proves, again after degenerate challenges, and verifies; nil if the verifier met a degenerate challenge of its own.
    static func accepted<C: Curve>(_ s: ProductStatement<C>, dishonestly: Bool = false) throws -> Bool? {
        var proof: [UInt8]?
        while proof == nil {
            do { proof = try s.prove(dishonestly: dishonestly) } catch ProofError.degenerateChallenge {}
        }
        do { return try s.verify(proof!) } catch ProofError.degenerateChallenge { return nil }
    }

    /// Every value of one factor against a few of the other; commitments to zero vectors and zero scalars are among them.
    static func everyFactor<C: Curve>(_: C.Type, stride step: Int) throws {
        let generators = Generators<C>(gates: 4, bases: Bases<C>())
        let order = Int(C.Scalar.modulus.w0)
        for u in Swift.stride(from: 0, to: order, by: step) {
            for v in [0, 1, 5, order - 1] {
                let u = C.Scalar(UInt64(u)), v = C.Scalar(UInt64(v))
                guard let s = ProductStatement(generators, trying: u, v, product: u * v) else { continue }
                #expect(try Self.accepted(s) != false, "\(u) * \(v)")
            }
        }
    }

    @Test func everyTrueProductIsAccepted() throws {
        try Self.everyFactor(Toy241.self, stride: 1)
        try Self.everyFactor(Toy211.self, stride: 1)
        try Self.everyFactor(Toy7069.self, stride: 61)
        try Self.everyFactor(Toy7219.self, stride: 59)
    }

    /// Every wrong product of 3 and 5 but one in a few: acceptance by chance stays near (degree of the polynomials) / order.
    @Test func falseProductsAreRefused() throws {
        let generators = Generators<Toy7069>(gates: 4, bases: Bases<Toy7069>())
        var tried = 0, passed = 0
        for product in stride(from: 0, to: 7219, by: 23) where product != 15 {
            typealias F = Toy7069.Scalar
            guard let s = ProductStatement(generators, trying: F(3), F(5), product: F(UInt64(product))) else { continue }
            if let verdict = try Self.accepted(s, dishonestly: true) {
                tried += 1
                passed += verdict ? 1 : 0
            }
        }
        #expect(tried > 250 && passed * 20 < tried, "\(passed) of \(tried)")
    }
}
