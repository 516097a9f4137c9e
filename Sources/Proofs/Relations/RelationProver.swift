import Curves
import Platform

extension LinearRelation {
    /// A proof that carries the commitments, (T_1, ..., T_m, r_1, ..., r_k): proofs of this form can be verified in one batch.
    ///
    /// T = M nonces, c = H(tag, statement, T), r = nonces + c witness, for fresh random nonces. Multiplications by nonces are constant time and
    /// the nonces are wiped. `tag` names application, purpose, flavour "DSFS" and suite, and everything else that the proof is bound to.
    ///
    /// Throws what `validate` throws, and `.witness` if the witness has the wrong length or does not satisfy the statement: the finished proof is
    /// verified before it is given out, which also catches a faulty computation.
    public func proveBatchable(tag: [UInt8], witness: [G.Scalar]) throws(ProofError) -> [UInt8] {
        var nonces = try freshNonces(witness)
        defer { zeroize(&nonces) }
        return try proveBatchable(tag: tag, witness: witness, nonces: nonces)
    }

    /// A proof that carries the challenge instead of the commitments, (c, r_1, ..., r_k): shorter when there is more than one equation.
    ///
    /// As `proveBatchable`, with the flavour "CMPT" in the tag.
    public func proveCompact(tag: [UInt8], witness: [G.Scalar]) throws(ProofError) -> [UInt8] {
        var nonces = try freshNonces(witness)
        defer { zeroize(&nonces) }
        return try proveCompact(tag: tag, witness: witness, nonces: nonces)
    }

    /// As `proveBatchable`, without a look at the finished proof: what a dishonest prover makes of a witness that does not hold.
    package func proveDishonestly(tag: [UInt8], witness: [G.Scalar]) throws(ProofError) -> [UInt8] {
        let (commitments, _, responses) = try answer(tag: tag, witness: witness, nonces: freshNonces(witness))
        return commitments + responses
    }

    /// With given nonces, for the published vectors. A nonce used twice reveals the witness.
    package func proveBatchable(tag: [UInt8], witness: [G.Scalar], nonces: [G.Scalar]) throws(ProofError) -> [UInt8] {
        let (commitments, _, responses) = try answer(tag: tag, witness: witness, nonces: nonces)
        let proof = commitments + responses
        do {
            try verifyBatchable(tag: tag, proof: proof)
        } catch {
            throw .witness
        }
        return proof
    }

    /// With given nonces, for the published vectors. A nonce used twice reveals the witness.
    package func proveCompact(tag: [UInt8], witness: [G.Scalar], nonces: [G.Scalar]) throws(ProofError) -> [UInt8] {
        let (_, challenge, responses) = try answer(tag: tag, witness: witness, nonces: nonces)
        let proof = challenge.encoded + responses
        do {
            try verifyCompact(tag: tag, proof: proof)
        } catch {
            throw .witness
        }
        return proof
    }

    private func freshNonces(_ witness: [G.Scalar]) throws(ProofError) -> [G.Scalar] {
        guard witness.count == scalarCount else { throw .witness }
        var nonces: [G.Scalar] = []
        nonces.reserveCapacity(scalarCount)
        for _ in 0..<scalarCount { nonces.append(.random()) }
        return nonces
    }

    private func answer(
        tag: [UInt8], witness: [G.Scalar], nonces: [G.Scalar]
    ) throws(ProofError) -> (commitments: [UInt8], challenge: G.Scalar, responses: [UInt8]) {
        try validate()
        guard witness.count == scalarCount, nonces.count == scalarCount else { throw .witness }
        let commitments = try Self.encoded(evaluated(nonces))
        let challenge = Self.challenge(tag: tag, statement: try serialized(), commitments: commitments)
        var responses: [UInt8] = []
        responses.reserveCapacity(G.scalarLength * scalarCount)
        for (nonce, secret) in zip(nonces, witness) { responses += (nonce + challenge * secret).encoded }
        return (commitments, challenge, responses)
    }

    /// The term side of every equation at secret scalars, in constant time.
    private func evaluated(_ scalars: [G.Scalar]) -> [G.Element] {
        var out: [G.Element] = []
        out.reserveCapacity(equations.count)
        for equation in equations {
            var sum = G.identity
            for term in equation.terms { sum = G.add(sum, G.multiply(term.coefficient * scalars[term.scalar], elements[term.element])) }
            out.append(sum)
        }
        return out
    }
}
