import Curves
import Proofs
import TestSupport
import Testing

private typealias Relation = LinearRelation<Secp256k1>
private typealias Element = Secp256k1.Element

/// Relations over secp256k1, of the shape that presentations have.
@Suite struct RelationTests {
    private static let tag = Array("test-DSFS-with-sigma-proofs_Shake128_secp256k1".utf8)

    /// C - 5 B1 = s B0 + a B2 + r h, N = s U, V = 31 a g - 2 s g + t h.
    private struct Example {
        var relation = Relation()
        var witness: [Fn]
        var elements: [Element]

        init() {
            let (s, a, r, t) = (Fn.random(), Fn(20), Fn.random(), Fn.random())
            let bases = (0..<6).map { _ in Secp256k1.multiply(.random(), Secp256k1.base) }
            let (b0, b1, b2, h, u, g) = (bases[0], bases[1], bases[2], bases[3], bases[4], bases[5])
            func times(_ k: Fn, _ p: Element) -> Element { Secp256k1.multiply(k, p) }
            let credential = times(s, b0) + times(Fn(5), b1) + times(a, b2) + times(r, h)
            let nullifier = times(s, u)
            let value = times(Fn(31) * a - Fn(2) * s, g) + times(t, h)
            witness = [s, a, r, t]
            elements = bases + [credential, nullifier, value]
            build()
        }

        /// The relation over `elements`.
        mutating func build() {
            relation = Relation()
            let e = elements.map { relation.add($0) }
            relation.require(image: [(e[6], .one), (e[1], Fn(5).negated)], equals: [(0, e[0], .one), (1, e[2], .one), (2, e[3], .one)])
            relation.require(image: [(e[7], .one)], equals: [(0, e[4], .one)])
            relation.require(image: [(e[8], .one)], equals: [(1, e[5], Fn(31)), (0, e[5], Fn(signed: -2)), (3, e[3], .one)])
        }
    }

    @Test func complete() throws {
        for _ in 0..<5 {
            let example = Example()
            let proof = try example.relation.proveBatchable(tag: Self.tag, witness: example.witness)
            #expect(proof.count == 3 * 33 + 4 * 32)
            try example.relation.verifyBatchable(tag: Self.tag, proof: proof)
            #expect(try example.relation.proveBatchable(tag: Self.tag, witness: example.witness) != proof)
            let compact = try example.relation.proveCompact(tag: Self.tag, witness: example.witness)
            #expect(compact.count == 5 * 32)
            try example.relation.verifyCompact(tag: Self.tag, proof: compact)
            #expect(try example.relation.proveCompact(tag: Self.tag, witness: example.witness) != compact)
            #expect(throws: ProofError.relation) { try example.relation.verifyBatchable(tag: Self.tag + [0], proof: proof) }
            #expect(throws: ProofError.relation) { try example.relation.verifyCompact(tag: [], proof: compact) }
        }
    }

    @Test func wrongWitness() {
        let example = Example()
        for i in 0..<4 {
            var witness = example.witness
            witness[i] += .one
            #expect(throws: ProofError.witness) { try example.relation.proveBatchable(tag: Self.tag, witness: witness) }
            #expect(throws: ProofError.witness) { try example.relation.proveCompact(tag: Self.tag, witness: witness) }
        }
        for witness in [[], Array(example.witness.dropLast()), example.witness + [.one]] {
            #expect(throws: ProofError.witness) { try example.relation.proveBatchable(tag: Self.tag, witness: witness) }
            #expect(throws: ProofError.witness) { try example.relation.proveCompact(tag: Self.tag, witness: witness) }
        }
    }

    @Test func everyByteCounts() throws {
        let example = Example()
        let batchable = try example.relation.proveBatchable(tag: Self.tag, witness: example.witness)
        let compact = try example.relation.proveCompact(tag: Self.tag, witness: example.witness)
        for i in batchable.indices {
            var altered = batchable
            altered[i] ^= 1 << UInt8(i % 8)
            #expect(throws: ProofError.self, "byte \(i)") { try example.relation.verifyBatchable(tag: Self.tag, proof: altered) }
        }
        for i in compact.indices {
            var altered = compact
            altered[i] ^= 1 << UInt8(i % 8)
            #expect(throws: ProofError.self, "byte \(i)") { try example.relation.verifyCompact(tag: Self.tag, proof: altered) }
        }
        for count in 0..<(batchable.count + 40) where count != batchable.count {
            let altered = Array((batchable + batchable)[..<count])
            #expect(throws: ProofError.length) { try example.relation.verifyBatchable(tag: Self.tag, proof: altered) }
            if count != compact.count {
                #expect(throws: ProofError.length) { try example.relation.verifyCompact(tag: Self.tag, proof: altered) }
            }
        }
    }

    @Test func everyElementCounts() throws {
        var example = Example()
        let batchable = try example.relation.proveBatchable(tag: Self.tag, witness: example.witness)
        let compact = try example.relation.proveCompact(tag: Self.tag, witness: example.witness)
        for i in example.elements.indices {
            let original = example.elements[i]
            example.elements[i] = original.negated
            example.build()
            #expect(throws: ProofError.relation) { try example.relation.verifyBatchable(tag: Self.tag, proof: batchable) }
            #expect(throws: ProofError.relation) { try example.relation.verifyCompact(tag: Self.tag, proof: compact) }
            example.elements[i] = original
        }
    }

    @Test func randomBytes() throws {
        let example = Example()
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<200 {
            let batchable = generator.bytes(example.relation.batchableLength)
            let compact = generator.bytes(example.relation.compactLength)
            #expect(throws: ProofError.self) { try example.relation.verifyBatchable(tag: Self.tag, proof: batchable) }
            #expect(throws: ProofError.self) { try example.relation.verifyCompact(tag: Self.tag, proof: compact) }
        }
    }

    @Test func termsForALargerSum() throws {
        let example = Example()
        let proof = try example.relation.proveBatchable(tag: Self.tag, witness: example.witness)
        let check = try example.relation.openBatchable(tag: Self.tag, proof: proof)
        #expect(check.equationCount == 3)
        let (scalars, elements) = check.verificationTerms(weights: batchWeights(3))
        #expect(scalars.count == elements.count)
        #expect(elements.count == 3 + 9)  // commitments, and every element but the unused base point, once
        #expect(Secp256k1.multiScalar(scalars, elements) == .identity)

        // Openable, but wrong in one response: no longer the identity.
        var altered = proof
        altered[altered.count - 1] ^= 1
        let wrong = try example.relation.openBatchable(tag: Self.tag, proof: altered).verificationTerms(weights: batchWeights(3))
        #expect(Secp256k1.multiScalar(wrong.scalars, wrong.elements) != .identity)
    }

    @Test func batches() throws {
        let examples = (0..<6).map { _ in Example() }
        let claims: [Relation.Claim] = try examples.enumerated().map { i, example in
            let tag = Self.tag + [UInt8(i)]
            return (example.relation, tag, try example.relation.proveBatchable(tag: tag, witness: example.witness))
        }
        try Relation.verifyBatch([])
        try Relation.verifyBatch(claims)
        try Relation.verifyBatch(claims + claims)
        for i in claims.indices {
            var altered = claims
            altered[i].tag = claims[(i + 1) % claims.count].tag
            #expect(throws: ProofError.relation) { try Relation.verifyBatch(altered) }
            altered = claims
            altered[i].proof.removeLast()
            #expect(throws: ProofError.length) { try Relation.verifyBatch(altered) }
            altered = claims
            altered[i].proof[0] = 4
            #expect(throws: ProofError.malformed(.notCanonical)) { try Relation.verifyBatch(altered) }
        }
    }

    /// Two false proofs whose errors would cancel if their equations were simply added, and likewise within one proof.
    @Test func errorsDoNotCancel() throws {
        func shifted(_ proof: [UInt8], _ by: Fn) throws -> [UInt8] {
            let last = try Fn(encoded: proof.suffix(32))
            return proof.dropLast(32) + (last + by).encoded
        }
        let x = Fn.random()
        var schnorr = Relation()
        let image = schnorr.add(Secp256k1.multiply(x, Secp256k1.base))
        schnorr.require(image: [(image, .one)], equals: [(0, 0, .one)])
        let proof = try schnorr.proveBatchable(tag: Self.tag, witness: [x])
        let d = Fn.random()
        let false1 = try shifted(proof, d), false2 = try shifted(proof, d.negated)
        #expect(throws: ProofError.relation) { try Relation.verifyBatch([(schnorr, Self.tag, false1), (schnorr, Self.tag, false2)]) }

        // With equal weights the sum is the identity: the test would notice.
        let checks = try [false1, false2].map { try schnorr.openBatchable(tag: Self.tag, proof: $0).verificationTerms(weights: [.one]) }
        #expect(Secp256k1.multiScalar(checks[0].scalars + checks[1].scalars, checks[0].elements + checks[1].elements) == .identity)

        // X = x G and -X = -x G, joined by one response: the errors of the two equations are opposite.
        var twice = Relation()
        let plus = twice.add(Secp256k1.multiply(x, Secp256k1.base)), minus = twice.add(Secp256k1.multiply(x.negated, Secp256k1.base))
        twice.require(image: [(plus, .one)], equals: [(0, 0, .one)])
        twice.require(image: [(minus, .one)], equals: [(0, 0, Fn.one.negated)])
        let joined = try shifted(try twice.proveBatchable(tag: Self.tag, witness: [x]), d)
        let equal = try twice.openBatchable(tag: Self.tag, proof: joined).verificationTerms(weights: [.one, .one])
        #expect(Secp256k1.multiScalar(equal.scalars, equal.elements) == .identity)
        #expect(throws: ProofError.relation) { try twice.verifyBatchable(tag: Self.tag, proof: joined) }
        #expect(throws: ProofError.relation) { try Relation.verifyBatch([(twice, Self.tag, joined)]) }
    }

    @Test func weights() {
        var seen: [[UInt8]] = []
        for count in [0, 1, 7] {
            let weights: [Fn] = batchWeights(count)
            #expect(weights.count == count)
            for weight in weights {
                #expect(weight.canonical.w2 == 0 && weight.canonical.w3 == 0 && weight.canonical.w1 != 0)
                seen.append(weight.encoded)
            }
        }
        #expect(Set(seen).count == 8)
    }
}

/// What `validate` refuses, one rule of the draft after the other.
@Suite struct RelationValidationTests {
    private static let tag = Array("test".utf8)
    private let x = Fn.random()
    private var point: Element { Secp256k1.multiply(x, Secp256k1.base) }

    /// Refused by prover and verifiers alike, whatever the proof.
    private func refused(_ relation: Relation, _ error: ProofError, _ comment: Comment) {
        let zeros = [UInt8](repeating: 0, count: 400)
        #expect(throws: error, comment) { try relation.validate() }
        #expect(throws: error, comment) { try relation.verifyBatchable(tag: Self.tag, proof: zeros) }
        #expect(throws: error, comment) { try relation.openBatchable(tag: Self.tag, proof: []) }
        #expect(throws: error, comment) { try relation.verifyCompact(tag: Self.tag, proof: zeros) }
        #expect(throws: error, comment) { try Relation.verifyBatch([(relation, Self.tag, zeros)]) }
        if relation.scalarCount < 10 {
            let witness = [Fn](repeating: x, count: relation.scalarCount)
            #expect(throws: error, comment) { try relation.proveBatchable(tag: Self.tag, witness: witness) }
            #expect(throws: error, comment) { try relation.proveCompact(tag: Self.tag, witness: witness) }
        }
    }

    @Test func structure() throws {
        refused(Relation(), .invalidStatement, "no equations")

        var relation = Relation()
        var image = relation.add(point)
        relation.require(image: [(image, .one)], equals: [])
        refused(relation, .invalidStatement, "no terms")

        relation = Relation()
        relation.require(image: [], equals: [(0, 0, .one)])
        refused(relation, .invalidStatement, "no image")

        for bad in [-1, 2, .max, .min] {
            relation = Relation()
            image = relation.add(point)
            relation.require(image: [(image, .one)], equals: [(0, bad, .one)])
            refused(relation, .invalidStatement, "element \(bad) in a term")
            relation = Relation()
            image = relation.add(point)
            relation.require(image: [(image, .one), (bad, .one)], equals: [(0, 0, .one)])
            refused(relation, .invalidStatement, "element \(bad) in an image")
        }
        for bad in [-1, 1, 2, 1_000_000_000, .max - 1, .max, .min] {
            relation = Relation()
            image = relation.add(point)
            relation.require(image: [(image, .one)], equals: [(bad, 0, .one)])
            refused(relation, .invalidStatement, "scalar \(bad), and scalar 0 in no term")
        }

        relation = Relation()
        image = relation.add(point)
        _ = relation.add(point.doubled)
        relation.require(image: [(image, .one)], equals: [(0, 0, .one)])
        refused(relation, .invalidStatement, "an element in no equation")

        // The draft's example: scalar 1 appears nowhere, scalars 0 and 2 do.
        relation = Relation()
        image = relation.add(point)
        relation.require(image: [(image, .one)], equals: [(0, 0, .one), (2, 0, .one), (2, image, .one)])
        refused(relation, .invalidStatement, "a gap in the scalars")
    }

    @Test func identities() throws {
        var relation = Relation()
        var image = relation.add(.identity)
        relation.require(image: [(image, .one)], equals: [(0, 0, .one)])
        refused(relation, .identity, "an element that is the identity")

        relation = Relation()
        image = relation.add(point)
        let opposite = relation.add(point.negated)
        relation.require(image: [(image, .one), (opposite, .one)], equals: [(0, 0, .one)])
        refused(relation, .identity, "X + (-X)")

        relation = Relation()
        image = relation.add(point)
        relation.require(image: [(image, .zero)], equals: [(0, 0, .one)])
        refused(relation, .identity, "0 X")

        relation = Relation()
        image = relation.add(point)
        relation.require(image: [(image, Fn(2)), (image, Fn(2).negated)], equals: [(0, 0, .one)])
        refused(relation, .identity, "2 X - 2 X")

        relation = Relation()
        image = relation.add(point)
        relation.require(image: [(image, .one)], equals: [(0, 0, .one), (1, 0, .one), (1, 0, Fn.one.negated)])
        refused(relation, .identity, "a scalar whose terms cancel")

        relation = Relation()
        image = relation.add(point)
        relation.require(image: [(image, .one)], equals: [(0, 0, .one), (1, image, .zero)])
        refused(relation, .identity, "a scalar with coefficient 0")
    }

    @Test func allowed() throws {
        // A zero coefficient beside others, an element twice, the base point in an image, a scalar bound in a later equation only.
        var relation = Relation()
        let image = relation.add(Secp256k1.multiply(x + Fn(3), Secp256k1.base))
        relation.require(
            image: [(image, .one), (0, Fn(3).negated), (0, .zero)],
            equals: [(0, 0, .one), (1, 0, Fn(7)), (1, 0, Fn(7).negated), (0, image, .zero)])
        relation.require(image: [(image, Fn(2)), (image, Fn.one.negated)], equals: [(1, 0, .one)])
        try relation.validate()
        let witness = [x, x + Fn(3)]
        try relation.verifyBatchable(tag: Self.tag, proof: try relation.proveBatchable(tag: Self.tag, witness: witness))
        try relation.verifyCompact(tag: Self.tag, proof: try relation.proveCompact(tag: Self.tag, witness: witness))
    }
}
