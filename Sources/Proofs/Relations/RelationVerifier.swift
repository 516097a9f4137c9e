import Curves
import Platform

/// A parsed proof of a relation whose equations remain to be checked: T_j + c image_j - M_j r = 0 for each equation j.
///
/// Its terms can join the multi-scalar multiplication of another argument: with weights that no prover could foresee, the weighted sum of all
/// equations is the identity only if each holds, but for an error below 2^-128.
public struct RelationCheck<G: Group>: Sendable {
    let relation: LinearRelation<G>
    let commitments: [G.Element]
    let challenge: G.Scalar
    let responses: [G.Scalar]

    /// Equations, and so weights, that the check has.
    public var equationCount: Int { commitments.count }

    /// Scalars and elements of sum over j of weight_j (T_j + c image_j - M_j r), each element of the statement once.
    ///
    /// The weights are `equationCount` many, drawn after the proof is fixed and used for nothing else: `batchWeights`.
    public func verificationTerms(weights: [G.Scalar]) -> (scalars: [G.Scalar], elements: [G.Element]) {
        precondition(weights.count == equationCount, "one weight for each equation")
        var sums = [G.Scalar](repeating: .zero, count: relation.elements.count)
        for (j, weight) in weights.enumerated() where !weight.isZero {
            relation.accumulate(equation: j, weight: weight, challenge: challenge, responses: responses, into: &sums)
        }
        return LinearRelation<G>.nonZero(weights + sums, commitments + relation.elements)
    }

    /// Whether equation j holds, exactly.
    func holds(_ j: Int) -> Bool {
        var weights = [G.Scalar](repeating: .zero, count: equationCount)
        weights[j] = .one
        let (scalars, elements) = verificationTerms(weights: weights)
        return G.multiScalar(scalars, elements) == G.identity
    }
}

/// `count` independent uniform weights of 128 bits for the equations of a batch; fresh at each call, so no prover can foresee them.
public func batchWeights<F: PrimeField>(_ count: Int, _: F.Type = F.self) -> [F] {
    let bytes = Random.bytes(16 * count)
    var out: [F] = []
    out.reserveCapacity(count)
    for k in 0..<count { out.append(F(reducingLittleEndian: [UInt8](bytes[(16 * k)..<(16 * k + 16)]))) }
    return out
}

extension LinearRelation {
    /// A statement, the tag it is proved under, and a proof in batchable form.
    public typealias Claim = (relation: LinearRelation<G>, tag: [UInt8], proof: [UInt8])

    /// Verifies a proof in batchable form; throws what `validate` throws, `.length`, `.malformed`, or `.relation` if the proof does not hold.
    public func verifyBatchable(tag: [UInt8], proof: [UInt8]) throws(ProofError) {
        let check = try openBatchable(tag: tag, proof: proof)
        for j in 0..<check.equationCount {
            guard check.holds(j) else { throw .relation }
        }
    }

    /// Verifies many proofs in batchable form with one multi-scalar multiplication; throws if any is refused, without saying which.
    /// An empty batch holds.
    public static func verifyBatch(_ claims: [Claim]) throws(ProofError) {
        var scalars: [G.Scalar] = []
        var elements: [G.Element] = []
        for claim in claims {
            let check = try claim.relation.openBatchable(tag: claim.tag, proof: claim.proof)
            let terms = check.verificationTerms(weights: batchWeights(check.equationCount))
            scalars += terms.scalars
            elements += terms.elements
        }
        guard G.multiScalar(scalars, elements) == G.identity else { throw .relation }
    }

    /// Does all of the verification of a batchable proof but the equations themselves: the statement is validated, the proof decoded,
    /// the challenge derived. Throws what `validate` throws, `.length` or `.malformed`.
    public func openBatchable(tag: [UInt8], proof: [UInt8]) throws(ProofError) -> RelationCheck<G> {
        try validate()
        guard proof.count == batchableLength else { throw .length }
        let split = G.elementLength * equations.count
        var reader = ByteReader(proof)
        let commitments = try decoding { () throws(CurveError) in try G.decode(all: try reader.take(split)) }
        let responses = try Self.scalars(scalarCount, &reader)
        let challenge = Self.challenge(tag: tag, statement: try serialized(), commitments: [UInt8](proof[..<split]))
        return RelationCheck(relation: self, commitments: commitments, challenge: challenge, responses: responses)
    }

    /// Verifies a proof in compact form: recovers the commitments from challenge and responses and derives the challenge again.
    ///
    /// Throws what `validate` throws, `.length`, `.malformed`, or `.relation` if the proof does not hold.
    public func verifyCompact(tag: [UInt8], proof: [UInt8]) throws(ProofError) {
        try validate()
        guard proof.count == compactLength else { throw .length }
        var reader = ByteReader(proof)
        let challenge = try Self.scalars(1, &reader)[0]
        let responses = try Self.scalars(scalarCount, &reader)
        var commitments: [G.Element] = []
        commitments.reserveCapacity(equations.count)
        for j in equations.indices {
            var sums = [G.Scalar](repeating: .zero, count: elements.count)
            accumulate(equation: j, weight: .one, challenge: challenge, responses: responses, into: &sums)
            let (scalars, points) = Self.nonZero(sums, elements)
            let commitment = G.negate(G.multiScalar(scalars, points))
            guard commitment != G.identity else { throw .relation }
            commitments.append(commitment)
        }
        let expected = Self.challenge(tag: tag, statement: try serialized(), commitments: try Self.encoded(commitments))
        guard challenge == expected else { throw .relation }
    }

    /// Adds weight * (c image_j - M_j r) to the scalars of the elements.
    func accumulate(equation j: Int, weight: G.Scalar, challenge: G.Scalar, responses: [G.Scalar], into sums: inout [G.Scalar]) {
        let weighted = weight * challenge
        for term in equations[j].image { sums[term.element] += weighted * term.coefficient }
        for term in equations[j].terms { sums[term.element] -= weight * term.coefficient * responses[term.scalar] }
    }

    /// Those pairs whose scalar is not zero.
    static func nonZero(_ scalars: [G.Scalar], _ elements: [G.Element]) -> (scalars: [G.Scalar], elements: [G.Element]) {
        var out: (scalars: [G.Scalar], elements: [G.Element]) = ([], [])
        for (k, element) in zip(scalars, elements) where !k.isZero {
            out.scalars.append(k)
            out.elements.append(element)
        }
        return out
    }

    private static func scalars(_ count: Int, _ reader: inout ByteReader) throws(ProofError) -> [G.Scalar] {
        var out: [G.Scalar] = []
        out.reserveCapacity(count)
        for _ in 0..<count { out.append(try decoding { () throws(CurveError) in try reader.scalar() }) }
        return out
    }
}
