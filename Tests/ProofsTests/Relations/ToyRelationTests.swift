import Curves
import Proofs
import TestSupport
import Testing

private typealias Relation = LinearRelation<Toy241>
private typealias Scalar = Toy241.Scalar

/// Relations over a curve of 211 points, where every proof there is can be tried and every verdict computed with small integers.
@Suite struct ToyRelationTests {
    private let table: PointTable<Toy241>
    private let q: Int
    private let tag: [UInt8] = Array("toy".utf8)

    init() throws {
        table = try PointTable()
        q = table.order
    }

    /// The challenge, derived here again.
    private func challenge(_ relation: Relation, _ commitments: [UInt8]) throws -> Int {
        var sponge = Sponge(tag: tag)
        sponge.absorb(try relation.serialized())
        sponge.absorb(commitments)
        let c: Scalar = sponge.scalar()
        return Int(c.value)
    }

    /// Of all 210 * 211 batchable proofs exactly those are accepted in which t + c x = r.
    @Test func allBatchableProofs() throws {
        let x = 77
        var relation = Relation()
        let image = relation.add(table.point(x))
        relation.require(image: [(image, .one)], equals: [(0, 0, .one)])
        var accepted = 0
        for t in 1..<q {
            let commitment = try Toy241.encode(table.point(t))
            let c = try challenge(relation, commitment)
            for r in 0..<q {
                let holds = (t + c * x - r) % q == 0
                let proof = commitment + table.scalar(r).encoded
                let verdict = (try? relation.verifyBatchable(tag: tag, proof: proof)) != nil
                #expect(verdict == holds)
                accepted += verdict ? 1 : 0
            }
        }
        #expect(accepted == q - 1)
    }

    /// Of all 211 * 211 compact proofs exactly those in which the challenge comes out of the commitment r - c x, which is not the identity.
    @Test func allCompactProofs() throws {
        let x = 77
        var relation = Relation()
        let image = relation.add(table.point(x))
        relation.require(image: [(image, .one)], equals: [(0, 0, .one)])
        let challenges = try [nil] + (1..<q).map { Optional(try challenge(relation, try Toy241.encode(table.point($0)))) }
        for c in 0..<q {
            for r in 0..<q {
                let t = ((r - c * x) % q + q) % q
                let verdict = (try? relation.verifyCompact(tag: tag, proof: table.scalar(c).encoded + table.scalar(r).encoded)) != nil
                #expect(verdict == (challenges[t] == c))
            }
        }
    }

    /// Every witness and every nonce but those whose commitment is the identity.
    @Test func allWitnessesAndNonces() throws {
        let base = 5
        for x in 1..<q {
            var relation = Relation()
            let h = relation.add(table.point(base)), first = relation.add(table.point(x)), second = relation.add(table.point(base * x))
            relation.require(image: [(first, .one)], equals: [(0, 0, .one)])
            relation.require(image: [(second, .one)], equals: [(0, h, .one)])
            for nonce in stride(from: x % 13, to: q, by: 13) {
                let witness = [table.scalar(x)], nonces = [table.scalar(nonce)]
                if nonce == 0 {
                    #expect(throws: ProofError.identity) { try relation.proveBatchable(tag: tag, witness: witness, nonces: nonces) }
                    continue
                }
                let proof = try relation.proveBatchable(tag: tag, witness: witness, nonces: nonces)
                try relation.verifyBatchable(tag: tag, proof: proof)
                try Relation.verifyBatch([(relation, tag, proof), (relation, tag, proof)])
                try relation.verifyCompact(tag: tag, proof: try relation.proveCompact(tag: tag, witness: witness, nonces: nonces))
            }
        }
    }

    /// Relations at random, over logarithms: validity and verdicts as computed with integers.
    @Test func randomRelations() throws {
        var generator = SeededGenerator(seed: 21)
        func random(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
        var valid = 0, accepted = 0
        for _ in 0..<4000 {
            let elementCount = 1 + random(4), equationCount = 1 + random(3), scalars = 1 + random(3)
            // Element 0 is the base point; now and then another one is the identity.
            let logs = [1] + (1..<elementCount + 1).map { _ in random(12) == 0 ? 0 : random(q) }
            let images = (0..<equationCount).map { _ in (0..<(1 + random(2))).map { _ in (random(elementCount + 1), random(4)) } }
            let terms = (0..<equationCount).map { _ in
                (0..<(1 + random(4))).map { _ in (random(scalars), random(elementCount + 1), random(3) == 0 ? random(q) : 1) }
            }
            var relation = Relation()
            for log in logs.dropFirst() { _ = relation.add(table.point(log, z: Toy241.Base(UInt64(1 + random(200))))) }
            for (image, terms) in zip(images, terms) {
                relation.require(
                    image: image.map { ($0, table.scalar($1)) }, equals: terms.map { ($0, $1, table.scalar($2)) })
            }
            let count = 1 + (terms.joined().map(\.0).max() ?? 0)
            #expect(relation.scalarCount == count)

            // The rules, on logarithms.
            let usedElements = Set([0] + images.joined().map(\.0) + terms.joined().map(\.1))
            let usedScalars = Set(terms.joined().map(\.0))
            let imageLogs = images.map { $0.reduce(0) { $0 + $1.1 * logs[$1.0] } % q }
            let columnsBound = (0..<count).allSatisfy { s in
                terms.contains { equation in equation.reduce(0) { $0 + ($1.0 == s ? $1.2 * logs[$1.1] : 0) } % q != 0 }
            }
            let structured = usedElements.count == logs.count && usedScalars.count == count
            let isValid = structured && !logs.contains(0) && !imageLogs.contains(0) && columnsBound
            #expect(((try? relation.validate()) != nil) == isValid)
            guard isValid else { continue }
            valid += 1

            // A proof of random commitments and responses, whose verdict is computed; and one made to hold where that is possible.
            let responses = (0..<count).map { _ in random(q) }
            let right = terms.map { equation in equation.reduce(0) { $0 + $1.2 * responses[$1.0] * logs[$1.1] } % q }
            for trial in 0..<2 {
                var commitments = (0..<equationCount).map { _ in 1 + random(q - 1) }
                if trial == 1 && equationCount == 1 {
                    // One in 211 commitments meets its own challenge.
                    let found = try (1..<q).first {
                        ($0 + (try challenge(relation, try Toy241.encode(table.point($0)))) * imageLogs[0] - right[0]) % q == 0
                    }
                    if let found { commitments = [found] }
                }
                let encoded = try Toy241.encode(all: commitments.map { table.point($0) })
                let c = try challenge(relation, encoded)
                let holds = (0..<equationCount).allSatisfy { (commitments[$0] + c * imageLogs[$0] - right[$0]) % q == 0 }
                let proof = encoded + responses.flatMap { table.scalar($0).encoded }
                #expect(((try? relation.verifyBatchable(tag: tag, proof: proof)) != nil) == holds)
                if holds {
                    accepted += 1
                    let compact = table.scalar(c).encoded + responses.flatMap { table.scalar($0).encoded }
                    try relation.verifyCompact(tag: tag, proof: compact)
                    try Relation.verifyBatch([(relation, tag, proof)])
                }
            }
        }
        #expect(valid > 300 && accepted > 50)
    }
}
