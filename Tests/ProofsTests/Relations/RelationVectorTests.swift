import Curves
import Proofs
import TestSupport
import Testing

/// The published vectors of draft-irtf-cfrg-sigma-protocols: P-256 under the code that runs on secp256k1.
@Suite struct RelationVectorTests {
    /// A vector whose proof and statement can be altered.
    struct Case {
        var instance: [UInt8], tag: [UInt8], proof: [UInt8], compact: Bool
        var relation: String, suite: String, witness: [P256.Scalar], sessionID: [UInt8]

        func verify() throws {
            let relation = try parse(instance)
            if compact {
                try relation.verifyCompact(tag: tag, proof: proof)
            } else {
                try relation.verifyBatchable(tag: tag, proof: proof)
            }
        }
    }

    static func cases() throws -> [Case] {
        try VectorFile.read("sigma-proofs_Shake128_P256.json").map { vector in
            let witness = try vector.bytes("Witness")
            return Case(
                instance: try vector.bytes("Instance"), tag: Array(try vector.text("Tag").utf8), proof: try vector.bytes("NargString"),
                compact: try vector.text("Flavor") == "compact", relation: try vector.text("Relation"),
                suite: try vector.text("Ciphersuite"),
                witness: try stride(from: 0, to: witness.count, by: 32).map { try P256.Scalar(encoded: witness[$0..<($0 + 32)]) },
                sessionID: try vector.bytes("SessionId"))
        }
    }

    static func base(_ relation: String, compact: Bool) throws -> Case {
        try #require(try cases().first { $0.relation == relation && $0.compact == compact })
    }

    @Test func valid() throws {
        let cases = try Self.cases()
        #expect(cases.count == 14)
        for vector in cases {
            let relation = try parse(vector.instance)
            #expect(try relation.serialized() == vector.instance)
            #expect(Sponge.sessionID(of: vector.tag) == vector.sessionID)
            #expect(relation.scalarCount == vector.witness.count)
            #expect(vector.proof.count == (vector.compact ? relation.compactLength : relation.batchableLength))
            try vector.verify()
        }
    }

    /// With the nonces of the vectors' generator the prover gives the vectors' bytes.
    @Test func provers() throws {
        for vector in try Self.cases() {
            let flavor = vector.compact ? "CMPT" : "DSFS"
            var generator = Sponge(tag: Array("TestDRNG-SIGMA-PROOFS-\(flavor)-\(vector.suite)-\(vector.relation)".utf8))
            let nonces: [P256.Scalar] = vector.witness.map { _ in generator.scalar() }
            let relation = try parse(vector.instance)
            if vector.compact {
                #expect(try relation.proveCompact(tag: vector.tag, witness: vector.witness, nonces: nonces) == vector.proof)
            } else {
                #expect(try relation.proveBatchable(tag: vector.tag, witness: vector.witness, nonces: nonces) == vector.proof)
            }
        }
    }

    @Test func batches() throws {
        let claims = try Self.cases().filter { !$0.compact }.map { (relation: try parse($0.instance), tag: $0.tag, proof: $0.proof) }
        #expect(claims.count == 7)
        try LinearRelation<P256>.verifyBatch(claims)
        try LinearRelation<P256>.verifyBatch(claims + claims)
        try LinearRelation<P256>.verifyBatch([])
        for i in claims.indices {
            var altered = claims
            altered[i].proof[altered[i].proof.count - 1] ^= 1
            #expect(throws: ProofError.relation) { try LinearRelation<P256>.verifyBatch(altered) }
            altered[i] = claims[i]
            altered[i].tag.append(0)
            #expect(throws: ProofError.relation) { try LinearRelation<P256>.verifyBatch(altered) }
        }
    }

    /// The draft's adversarial vectors, each made from its valid one.
    @Test func encodings() throws {
        let batchable = try Self.base("discrete_logarithm", compact: false)
        let compact = try Self.base("discrete_logarithm", compact: true)
        let order = P256.Scalar.modulus
        let orderPlusOne = U256(order.w0 + 1, order.w1, order.w2, order.w3).bigEndian
        let x = try hex("ffffffff00000001000000000000000000000001000000000000000000000004")
        func refused(_ base: Case, _ error: ProofError, _ change: (inout [UInt8]) -> Void) {
            var altered = base
            change(&altered.proof)
            #expect(throws: error) { try altered.verify() }
        }
        for prefix in [0x04, 0x06, 0x07, 0x00, 0x01, 0x05, 0xff] as [UInt8] {
            refused(batchable, .malformed(.notCanonical)) { $0[0] = prefix }
        }
        refused(batchable, .malformed(.notCanonical)) { $0.replaceSubrange(0..<33, with: [2] + x) }
        refused(batchable, .malformed(.notCanonical)) { $0.replaceSubrange(0..<33, with: [UInt8](repeating: 0, count: 33)) }
        refused(batchable, .malformed(.notOnCurve)) { $0.replaceSubrange(0..<33, with: [2] + [UInt8](repeating: 0, count: 31) + [1]) }
        refused(batchable, .malformed(.notCanonical)) { $0.replaceSubrange(33..., with: orderPlusOne) }
        refused(compact, .malformed(.notCanonical)) { $0.replaceSubrange(..<32, with: orderPlusOne) }
        for base in [batchable, compact] {
            refused(base, .length) { $0.append(0) }
            refused(base, .length) { $0.removeLast() }
            refused(base, .length) { $0 = [] }
            refused(base, .relation) { $0[$0.count - 1] ^= 1 }
        }
        refused(compact, .relation) { $0 = [UInt8](repeating: 0, count: 64) }
        refused(compact, .relation) { $0[31] ^= 1 }
        refused(batchable, .relation) { $0.replaceSubrange(0..<33, with: (try? P256.encode(P256.base)) ?? []) }
    }

    @Test func bindings() throws {
        for compact in [false, true] {
            let base = try Self.base("discrete_logarithm", compact: compact)
            var altered = base
            altered.tag = Array("discrete_logarithm/wrong-session-\(compact ? "CMPT" : "DSFS")-with-\(base.suite)".utf8)
            #expect(throws: ProofError.relation) { try altered.verify() }
            altered = base
            let other = P256.add(try P256.decode(base.instance.suffix(33)), P256.base)
            altered.instance.replaceSubrange((base.instance.count - 33)..., with: try P256.encode(other))
            #expect(throws: ProofError.relation) { try altered.verify() }

            let dleq = try Self.base("dleq", compact: compact)
            altered = dleq
            // Both equations have one term on each side: the same number of bytes.
            let size = (dleq.instance.count - 4 - 3 * 33) / 2
            altered.instance = Array(dleq.instance[..<4] + dleq.instance[(4 + size)..<(4 + 2 * size)] + dleq.instance[4..<(4 + size)])
            altered.instance += dleq.instance.suffix(3 * 33)
            #expect(throws: ProofError.relation) { try altered.verify() }
        }
    }

    /// A transcript of one form is none of the other: the tags differ.
    @Test func forms() throws {
        let batchable = try Self.base("discrete_logarithm", compact: false)
        let compact = try Self.base("discrete_logarithm", compact: true)
        let point = try P256.decode(batchable.instance.suffix(33))

        // The batchable proof's challenge, derived as the verifier does, with its response.
        var sponge = Sponge(tag: batchable.tag)
        sponge.absorb(batchable.instance)
        sponge.absorb(batchable.proof[..<33])
        let challenge: P256.Scalar = sponge.scalar()
        var altered = compact
        altered.proof = challenge.encoded + batchable.proof[33...]
        #expect(throws: ProofError.relation) { try altered.verify() }
        altered.tag = batchable.tag
        try altered.verify()

        // The compact proof's commitment r G - c X, with its response.
        let c = try P256.Scalar(encoded: compact.proof[..<32]), r = try P256.Scalar(encoded: compact.proof[32...])
        let commitment = P256.add(P256.multiply(r, P256.base), P256.negate(P256.multiply(c, point)))
        altered = batchable
        altered.proof = try P256.encode(commitment) + compact.proof[32...]
        #expect(throws: ProofError.relation) { try altered.verify() }
        altered.tag = compact.tag
        try altered.verify()
    }
}

/// A relation from its serialisation; the number of elements is what is left of the bytes.
private func parse(_ bytes: [UInt8]) throws -> LinearRelation<P256> {
    var reader = ByteReader(bytes)
    func number() throws -> Int { try reader.take(4).reversed().reduce(0) { $0 << 8 | Int($1) } }
    var relation = LinearRelation<P256>()
    for _ in 0..<(try number()) {
        let image: [LinearRelation<P256>.ImageTerm] = try (0..<(try number())).map { _ in (try number(), try reader.scalar()) }
        let terms: [LinearRelation<P256>.Term] = try (0..<(try number())).map { _ in (try number(), try number(), try reader.scalar()) }
        relation.require(image: image, equals: terms)
    }
    while reader.remaining > 0 { _ = relation.add(try P256.decode(try reader.take(33))) }
    return relation
}
