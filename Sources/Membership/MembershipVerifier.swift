import Curves
import Platform
import Proofs

/// Bytes of a membership proof with so many committed values.
public func membershipProofLength(_ shape: TreeShape, ranges: Int) -> Int {
    let q = shape.levelsQ.count, p = shape.levelsP.count
    var length = 33 * (shape.depth + q + p + ranges)
    length += Argument<Secq256k1>.proofLength(gates: shape.gates, commitments: 2 * q)
    if p > 0 || ranges > 0 { length += Argument<Secp256k1>.proofLength(gates: shape.gates, commitments: 2 * p) }
    return length
}

/// A membership proof read from bytes, its challenges drawn; its equations are still to be checked.
///
/// Alone it shows the leaf only up to sign (leaf + Delta or its negative): accept it only with the relation that opens the leaf.
public struct ReadMembership: Sendable {
    /// The re-randomised leaf C'.
    public let leaf: Affine<Secp256k1>
    /// Committed values V_j.
    public let values: [Affine<Secp256k1>]
    package let q: ReadSide<Secq256k1, Secp256k1>
    package let p: ReadSide<Secp256k1, Secq256k1>?

    /// Reads a proof for a tree's root. Throws for every malformed byte, before any heavy work.
    @export(interface)
    public init(_ proof: ArraySlice<UInt8>, shape: TreeShape, root: TreeRoot, context: [UInt8], bounds: [Fn]) throws(ProofError) {
        guard proof.count == membershipProofLength(shape, ranges: bounds.count) else { throw .length }
        var reader = ByteReader(proof)
        // Leaf and nodes alternate between the curves; then claims and values. The points of each curve are decoded together.
        var bytesQ: [UInt8] = [], bytesP: [UInt8] = []
        var pointsQ: [Affine<Secq256k1>] = [], pointsP: [Affine<Secp256k1>] = []
        let (levelsQ, levelsP) = (shape.levelsQ.count, shape.levelsP.count)
        try decoding { () throws(CurveError) in
            for level in 0..<shape.depth {
                let point = try reader.take(Secp256k1.elementLength)
                if level % 2 == 0 { bytesP += point } else { bytesQ += point }
            }
            bytesQ += try reader.take(levelsQ * Secq256k1.elementLength)
            bytesP += try reader.take((levelsP + bounds.count) * Secp256k1.elementLength)
            var (readerQ, readerP) = (ByteReader(bytesQ), ByteReader(bytesP))
            pointsQ = try readerQ.points(bytesQ.count / Secq256k1.elementLength)
            pointsP = try readerP.points(bytesP.count / Secp256k1.elementLength)
        }
        let leaf = pointsP[0]
        let valuesAt = pointsP.count - bounds.count
        var nodesQ = Array(pointsQ.dropLast(levelsQ)), nodesP = Array(pointsP[1..<(valuesAt - levelsP)])
        let claimsQ = Array(pointsQ.suffix(levelsQ)), claimsP = Array(pointsP[(valuesAt - levelsP)..<valuesAt])
        let values = Array(pointsP[valuesAt...])
        let head = reader.position
        guard let shownLeaf = (Point(leaf) + leafShift).affine else { throw .identity }
        var sponge = beginMembership(context: context, shape: shape, bounds: bounds)
        sponge.absorb(root.encoded)
        sponge.absorb(proof.prefix(head))
        let shownP = [shownLeaf] + nodesP, shownQ = nodesQ
        switch root {
        case .p(let root):
            guard shape.depth % 2 == 0 else { throw .invalidStatement }
            nodesP.append(root)
        case .q(let root):
            guard shape.depth % 2 == 1 else { throw .invalidStatement }
            nodesQ.append(root)
        }
        q = try ReadSide(
            MembershipSide(
                gates: shape.gates, width: shape.widthQ, parents: nodesQ, claims: claimsQ, shown: shownP, bounds: [], values: [],
                sponge: &sponge), &reader, &sponge)
        if shape.depth > 1 || !bounds.isEmpty {
            p = try ReadSide(
                MembershipSide(
                    gates: shape.gates, width: shape.widthP, parents: nodesP, claims: claimsP, shown: shownQ, bounds: bounds,
                    values: values, sponge: &sponge), &reader, &sponge)
        } else {
            p = nil
        }
        try decoding { () throws(CurveError) in try reader.finish() }
        self.leaf = leaf
        self.values = values
    }

    /// Adds the equation over secq256k1 to a sum, with fresh random weights.
    @export(interface)
    public func accumulate(into equation: inout VerificationEquation<Secq256k1>) throws(ProofError) { try q.accumulate(into: &equation) }

    /// Adds the equation over secp256k1, if there is one, to a sum, with fresh random weights.
    @export(interface)
    public func accumulate(into equation: inout VerificationEquation<Secp256k1>) throws(ProofError) { try p?.accumulate(into: &equation) }
}

/// A side with its argument read.
package struct ReadSide<C: ArgumentCurve, E: ArgumentCurve>: Sendable where C.Scalar == E.Base, C.Base == E.Scalar {
    package let side: MembershipSide<C, E>
    package let proof: ReadArgument<C>

    init(_ side: MembershipSide<C, E>, _ reader: inout ByteReader, _ sponge: inout Sponge) throws(ProofError) {
        let length = Argument<C>.proofLength(gates: side.argument.generators.gates, commitments: side.argument.commitments.count)
        var bytes: ArraySlice<UInt8> = []
        do throws(CurveError) { bytes = try reader.take(length) } catch { throw .length }
        proof = try side.argument.read(bytes, sponge: &sponge)
        self.side = side
    }

    func accumulate(into equation: inout VerificationEquation<C>) throws(ProofError) {
        try side.argument.accumulate(proof, into: &equation) { (w: inout RowWeights<C.Scalar>) in side.circuit(&w) }
    }
}

/// Checks the sums over both curves, which are independent of each other: `fillP` and `fillQ` add the equations, on two threads if wanted.
///
/// Throws `.argument` of the curve whose sum is not the identity, secq256k1 first.
public func checkCycle(
    gates: Int, threads: Int = 2,
    fillP: @Sendable (inout VerificationEquation<Secp256k1>) throws(ProofError) -> Void,
    fillQ: @Sendable (inout VerificationEquation<Secq256k1>) throws(ProofError) -> Void
) throws(ProofError) {
    @Sendable func checkP() throws(ProofError) -> Bool {
        var equation = VerificationEquation(generators: Secp256k1.generators(gates: gates))
        try fillP(&equation)
        return equation.holds
    }
    @Sendable func checkQ() throws(ProofError) -> Bool {
        var equation = VerificationEquation(generators: Secq256k1.generators(gates: gates))
        try fillQ(&equation)
        return equation.holds
    }
    let (q, p) = threads > 1 ? try concurrently(checkQ, checkP) : (try checkQ(), try checkP())
    guard q else { throw .argument(.secq256k1) }
    guard p else { throw .argument(.secp256k1) }
}

/// Verifies a membership proof alone, which shows the leaf only up to sign: for tests; presentations add the relation's terms to the sum.
package func verifyMembership(
    _ proof: [UInt8], shape: TreeShape, root: TreeRoot, context: [UInt8], bounds: [Fn] = []
) throws(ProofError) -> (leaf: Affine<Secp256k1>, values: [Affine<Secp256k1>]) {
    let read = try ReadMembership(proof[...], shape: shape, root: root, context: context, bounds: bounds)
    try checkCycle(
        gates: shape.gates,
        fillP: { (e: inout VerificationEquation<Secp256k1>) throws(ProofError) in try read.accumulate(into: &e) },
        fillQ: { (e: inout VerificationEquation<Secq256k1>) throws(ProofError) in try read.accumulate(into: &e) })
    return (read.leaf, read.values)
}
