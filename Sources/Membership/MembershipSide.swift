import Circuits
import Curves
import Proofs

/// One curve's half of a membership proof: the argument over C, about children on E.
///
/// Commitments: the parents in ascending level (re-randomised node - Node, or root - Node), then their claims.
package struct MembershipSide<C: ArgumentCurve, E: ArgumentCurve>: Sendable where C.Scalar == E.Base, C.Base == E.Scalar {
    let argument: Argument<C>
    package let line: Line<E>?
    /// Children of a node on C.
    let width: Int
    /// Lower bounds of the committed values.
    let bounds: [C.Scalar]

    /// Draws the line and puts the statement together; `shown` are the re-randomised children, as the claims are about them. Throws `.degenerateChallenge`, `.identity` or `.circuitTooLarge`.
    init(
        gates: Int, width: Int, parents: [Affine<C>], claims: [Affine<C>], shown: [Affine<E>], bounds: [C.Scalar], values: [Affine<C>],
        sponge: inout Sponge
    ) throws(ProofError) {
        line = parents.isEmpty ? nil : try Line.draw(doublings: E.bases.doublings, shown: shown, sponge: &sponge)
        var commitments: [Affine<C>] = []
        for parent in Point.normalize(parents.map { Point($0) - C.bases.node }) {
            guard let parent else { throw .identity }
            commitments.append(parent)
        }
        guard parents.count * ClaimShape.gates(width: width) + RangeShape.bits * bounds.count <= gates else { throw .circuitTooLarge }
        argument = Argument(generators: C.generators(gates: gates), commitments: commitments + claims, values: values)
        self.width = width
        self.bounds = bounds
    }

    /// The circuit: a claim a level, then a range a bound.
    func circuit<S: ConstraintSystem>(_ s: inout S, claims: [ClaimWitness<S.F>]? = nil, values: [S.F]? = nil) where S.F == C.Scalar {
        if let line {
            let levels = argument.commitments.count / 2
            for i in 0..<levels {
                addClaim(to: &s, parent: i, claim: levels + i, width: width, line: line, shown: i, witness: claims?[i])
            }
        }
        for (j, bound) in bounds.enumerated() { addRange(to: &s, value: j, least: bound, witness: values?[j]) }
    }
}

/// The transcript up to the claims (protocol.md #7).
func beginMembership(context: [UInt8], shape: TreeShape, bounds: [Fn]) -> Sponge {
    var sponge = Sponge(tag: literalBytes("SYMBOLON-V01-membership-with-Shake128_secp256k1_secq256k1"))
    var head = lengthPrefixed(context)
    for n in [shape.depth, shape.widthQ, shape.widthP, shape.gates, bounds.count] { head += littleEndian4(n) }
    for bound in bounds { head += bound.encoded }
    sponge.absorb(head)
    return sponge
}
