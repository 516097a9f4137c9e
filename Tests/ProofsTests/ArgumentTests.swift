import Curves
import Proofs
import TestSupport
import Testing

/// A statement for tests: values u, v committed in vector commitments 0 and 1 (G-half place 2, H-half place 1), their product a committed scalar.
struct ProductStatement<C: Curve> {
    let argument: Argument<C>
    let witness: ArgumentWitness<C.Scalar>

    /// `product` is what is claimed of u * v.
    init(_ generators: Generators<C>, u: C.Scalar, v: C.Scalar, product: C.Scalar) {
        self.init(generators, trying: u, v, product: product)!
    }

    /// Nil if a commitment is the identity, as happens on toy curves.
    init?(_ generators: Generators<C>, trying u: C.Scalar, _ v: C.Scalar, product: C.Scalar) {
        let n = generators.gates
        var g0 = [C.Scalar](repeating: .zero, count: n), h1 = g0
        for i in 0..<n {
            g0[i] = .random()
            h1[i] = .random()
        }
        g0[2] = u
        h1[1] = v
        let r: [C.Scalar] = [.random(), .random(), .random()]
        let bases = generators.bases
        let points = [
            multiScalarMultiply(g0, generators.g) + bases.blinding.multiplied(by: r[0]),
            multiScalarMultiply(h1, generators.h) + bases.blinding.multiplied(by: r[1]),
            bases.value.multiplied(by: product) + bases.blinding.multiplied(by: r[2]),
        ]
        let affine = Point.normalize(points).compactMap(\.self)
        guard affine.count == points.count else { return nil }
        argument = Argument(generators: generators, commitments: [affine[0], affine[1]], values: [affine[2]])
        witness = ArgumentWitness(
            left: [u], right: [v], openings: [(g0, [], r[0]), ([], h1, r[1])], values: [(product, r[2])])
    }

    func circuit<S: ConstraintSystem>(_ s: inout S) where S.F == C.Scalar {
        let layout = s.layout
        let gate = s.gate(.zero, .zero)
        s.equal(gate.left, layout.g(0, 2))
        s.equal(gate.right, layout.h(1, 1))
        s.equal(gate.output, layout.value(0))
    }

    func prove(dishonestly: Bool = false) throws -> [UInt8] {
        var sponge = Sponge(sessionID: [UInt8](repeating: 7, count: 32))
        return try argument.prove(
            witness, circuit: { (w: inout RowWeights<C.Scalar>) in circuit(&w) }, sponge: &sponge,
            dishonestly: dishonestly)
    }

    func verify(_ proof: [UInt8], session: UInt8 = 7, into sum: VerificationEquation<C>? = nil) throws(ProofError) -> Bool {
        var sponge = Sponge(sessionID: [UInt8](repeating: session, count: 32))
        let read = try argument.read(proof[...], sponge: &sponge)
        var equation = sum ?? VerificationEquation(generators: argument.generators)
        try argument.accumulate(read, into: &equation) { (w: inout RowWeights<C.Scalar>) in circuit(&w) }
        return equation.holds
    }
}

@Suite struct ArgumentTests {
    static let generators = Generators<Secq256k1>(gates: 4, bases: Secq256k1.bases)

    @Test func trueStatementsVerifyOverBothCurves() throws {
        let q = ProductStatement(Self.generators, u: Fp(3), v: Fp(5), product: Fp(15))
        #expect(try q.verify(q.prove()))
        let p = ProductStatement(Generators<Secp256k1>(gates: 16, bases: Secp256k1.bases), u: Fn(30), v: Fn(5), product: Fn(150))
        #expect(try p.verify(p.prove()))
    }

    @Test func falseStatementsAreRefusedByProverAndVerifier() throws {
        let s = ProductStatement(Self.generators, u: Fp(3), v: Fp(5), product: Fp(16))
        #expect(throws: ProofError.witness) { try s.prove() }
        #expect(try !s.verify(s.prove(dishonestly: true)))
    }

    @Test func gateThatIsNotTheCommittedValueIsRefused() throws {
        let s = ProductStatement(Self.generators, u: Fp(3), v: Fp(5), product: Fp(16))
        var witness = s.witness
        witness.left = [Fp(16)]
        witness.right = [Fp(1)]
        var sponge = Sponge(sessionID: [UInt8](repeating: 7, count: 32))
        let proof = try s.argument.prove(
            witness, circuit: { (w: inout RowWeights<Fp>) in s.circuit(&w) }, sponge: &sponge, dishonestly: true)
        #expect(try !s.verify(proof))
    }

    @Test func everyFlippedByteIsRefused() throws {
        let s = ProductStatement(Self.generators, u: Fp(3), v: Fp(5), product: Fp(15))
        let proof = try s.prove()
        for at in proof.indices {
            var bad = proof
            bad[at] ^= 1 << UInt8(at % 8)
            #expect((try? s.verify(bad)) != true, "byte \(at)")
        }
    }

    @Test func lengthsAreExact() throws {
        let s = ProductStatement(Self.generators, u: Fp(3), v: Fp(5), product: Fp(15))
        let proof = try s.prove()
        #expect(proof.count == Argument<Secq256k1>.proofLength(gates: 4, commitments: 2))
        #expect(throws: ProofError.length) { try s.verify(Array(proof.dropLast())) }
        #expect(throws: ProofError.length) { try s.verify(proof + [0]) }
        #expect(throws: ProofError.length) { try s.verify([]) }
    }

    @Test func encodingsAreCanonical() throws {
        let s = ProductStatement(Self.generators, u: Fp(3), v: Fp(5), product: Fp(15))
        let proof = try s.prove()
        var bad = proof
        bad.replaceSubrange(proof.count - 32..<proof.count, with: Fp.modulus.bigEndian)
        #expect(throws: ProofError.malformed(.notCanonical)) { try s.verify(bad) }
        bad = proof
        bad.replaceSubrange(0..<33, with: [UInt8](repeating: 0, count: 33))
        #expect(throws: ProofError.malformed(.notCanonical)) { try s.verify(bad) }
        bad = proof
        bad.replaceSubrange(1..<33, with: Fn.modulus.bigEndian)
        #expect(throws: ProofError.malformed(.notCanonical)) { try s.verify(bad) }
    }

    @Test func transcriptIsBound() throws {
        let s = ProductStatement(Self.generators, u: Fp(3), v: Fp(5), product: Fp(15))
        #expect(try !s.verify(s.prove(), session: 8))
    }

    /// A challenge may only be drawn when all that it must bind is absorbed: each byte changes every later challenge.
    @Test func challengesFollowAllThatWasSent() throws {
        let s = ProductStatement(Self.generators, u: Fp(3), v: Fp(5), product: Fp(15))
        let proof = try s.prove()
        func challenges(_ proof: [UInt8]) throws -> [Fp] {
            var sponge = Sponge(sessionID: [UInt8](repeating: 7, count: 32))
            let read = try s.argument.read(proof[...], sponge: &sponge)
            return [read.y, read.z, read.x, read.w] + read.e + [sponge.scalar()]
        }
        let honest = try challenges(proof)
        let points = 3 + s.argument.sentDegrees.count
        // Where each message begins, and how many challenges were drawn before it.
        let messages = [(0, 0), (99, 2), (33 * points, 3), (33 * points + 96, 4), (33 * points + 96 + 66, 5), (proof.count - 64, 6)]
        for (start, before) in messages {
            var changed = proof
            if start % 33 == 0 && start < 33 * points || start > 33 * points && start < proof.count - 64 {
                changed[start] ^= 1
            } else {
                changed[start + 31] ^= 1
            }
            let after = try challenges(changed)
            for i in honest.indices { #expect((honest[i] == after[i]) == (i < before), "message at \(start), challenge \(i)") }
        }
    }

    /// Equal or predictable weights would let the errors of two proofs cancel.
    @Test func weightsAreFresh() throws {
        let s = ProductStatement(Self.generators, u: Fp(3), v: Fp(5), product: Fp(15))
        let proof = try s.prove()
        var sponge = Sponge(sessionID: [UInt8](repeating: 7, count: 32))
        let read = try s.argument.read(proof[...], sponge: &sponge)
        var seen: [Fp] = []
        for _ in 0..<4 {
            var equation = VerificationEquation(generators: s.argument.generators)
            try s.argument.accumulate(read, into: &equation) { (w: inout RowWeights<Fp>) in s.circuit(&w) }
            #expect(!seen.contains(equation.value) && !seen.contains(equation.blinding))
            seen += [equation.value, equation.blinding]
        }
    }

    @Test func proofsShareASumWithLargerGenerators() throws {
        let large = Generators<Secq256k1>(gates: 16, bases: Secq256k1.bases)
        var sum = VerificationEquation(generators: large)
        for i in 1...3 {
            let s = ProductStatement(Self.generators, u: Fp(UInt64(i)), v: Fp(5), product: Fp(UInt64(5 * i)))
            var sponge = Sponge(sessionID: [UInt8](repeating: 7, count: 32))
            let read = try s.argument.read(try s.prove()[...], sponge: &sponge)
            try s.argument.accumulate(read, into: &sum) { (w: inout RowWeights<Fp>) in s.circuit(&w) }
        }
        #expect(sum.holds)
        let bad = ProductStatement(Self.generators, u: Fp(3), v: Fp(5), product: Fp(16))
        #expect(try !bad.verify(bad.prove(dishonestly: true), into: sum))
        let good = ProductStatement(Self.generators, u: Fp(3), v: Fp(7), product: Fp(21))
        #expect(try good.verify(good.prove(), into: sum))
    }

    @Test func witnessesOfTheWrongShapeAreRefused() throws {
        let s = ProductStatement(Self.generators, u: Fp(3), v: Fp(5), product: Fp(15))
        func prove(_ change: (inout ArgumentWitness<Fp>) -> Void) throws -> [UInt8] {
            var witness = s.witness
            change(&witness)
            var sponge = Sponge(sessionID: [UInt8](repeating: 7, count: 32))
            return try s.argument.prove(
                witness, circuit: { (w: inout RowWeights<Fp>) in s.circuit(&w) }, sponge: &sponge)
        }
        #expect(throws: ProofError.circuitTooLarge) { try prove { $0.left = [Fp](repeating: .one, count: 5) } }
        #expect(throws: ProofError.invalidStatement) { try prove { $0.openings.removeLast() } }
        #expect(throws: ProofError.invalidStatement) { try prove { $0.values = [] } }
    }
}
