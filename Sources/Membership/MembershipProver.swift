import Circuits
import Curves
import Platform
import Proofs

/// A committed value that is proved to lie in bound ..< bound + 2^32: V = value g + blinding h.
public struct RangeOpening: Sendable {
    /// Least value, public.
    public let bound: Fn
    /// Opening of the commitment, secret.
    public let value: Fn, blinding: Fn

    /// An opening.
    public init(bound: Fn, value: Fn, blinding: Fn) {
        self.bound = bound
        self.value = value
        self.blinding = blinding
    }
}

/// A membership proof and what its maker needs to go on.
public struct ProvedMembership: Sendable {
    /// The proof.
    public let bytes: [UInt8]
    /// C' = C + rho h.
    public let leaf: Affine<Secp256k1>
    /// rho. Secret: it leads from C' back to C.
    public let rho: Fn
    /// The commitments V_j.
    public let values: [Affine<Secp256k1>]
}

/// Proves that a leaf of a tree, re-randomised, is the returned point, and that committed values lie in their windows (protocol.md #7).
///
/// Every re-randomiser is fresh. The blinding multiplications are constant time; divisors, multi-scalar sums and the slots' positions are not:
/// close timing tells about this proof's leaf and values, never about the holder's secret, which does not come in here.
/// Throws `.witness` if the path or a value does not satisfy the statement, `.invalidStatement` for a malformed path.
@export(interface)
public func proveMembership(path: MembershipPath, context: [UInt8], ranges: [RangeOpening] = []) throws(ProofError) -> ProvedMembership {
    try proveMembership(path: path, context: context, ranges: ranges, dishonestly: false)
}

/// As above; a dishonest prover goes on with a false statement, to show that its proof is refused.
@export(interface)
package func proveMembership(
    path: MembershipPath, context: [UInt8], ranges: [RangeOpening], dishonestly: Bool
) throws(ProofError) -> ProvedMembership {
    let shape = path.shape
    guard path.stepsQ.count == shape.levelsQ.count, path.stepsP.count == shape.levelsP.count,
        path.stepsQ.allSatisfy({ $0.slots.count == shape.widthQ }), path.stepsP.allSatisfy({ $0.slots.count == shape.widthP })
    else { throw .invalidStatement }

    // Children on secp256k1: the leaf (shifted in its claim) and the nodes of even levels; on secq256k1: the nodes of odd levels.
    var childrenP: [Rerandomised<Secp256k1>] = [], childrenQ: [Rerandomised<Secq256k1>] = []
    for (i, step) in path.stepsQ.enumerated() { childrenP.append(try Rerandomised(step.child, shift: i == 0 ? leafShift : nil)) }
    for step in path.stepsP { childrenQ.append(try Rerandomised(step.child)) }
    let leaf = childrenP[0].point
    let nodesQ = childrenQ.map { $0.point }, nodesP = childrenP.dropFirst().map { $0.point }

    let sideQ = try SideWitness(children: childrenP, steps: path.stepsQ.map { $0.slots }, on: Secq256k1.self, gates: shape.gates)
    let sideP = try SideWitness(children: childrenQ, steps: path.stepsP.map { $0.slots }, on: Secp256k1.self, gates: shape.gates)
    let bases = Secp256k1.bases
    let committed = Point.normalize(
        ranges.map { bases.value.multiplied(by: $0.value) + bases.blinding.multiplied(by: $0.blinding) })
    guard !committed.contains(nil) else { throw .degenerateChallenge }
    let values = committed.map { $0! }

    let bounds = ranges.map { $0.bound }
    var sponge = beginMembership(context: context, shape: shape, bounds: bounds)
    sponge.absorb(path.root.encoded)
    var out = leaf.encoded
    for level in 1..<max(shape.depth, 1) { out += level % 2 == 1 ? nodesQ[level / 2].encoded : nodesP[level / 2 - 1].encoded }
    for claim in sideQ.claims { out += claim.encoded }
    for claim in sideP.claims { out += claim.encoded }
    for value in values { out += value.encoded }
    sponge.absorb(out)

    var parentsQ = nodesQ, parentsP = Array(nodesP)
    switch path.root {
    case .p(let root): parentsP.append(root)
    case .q(let root): parentsQ.append(root)
    }
    guard parentsQ.count == shape.levelsQ.count, parentsP.count == shape.levelsP.count else { throw .invalidStatement }
    out += try sideQ.prove(
        parents: parentsQ, parentBlindings: childrenQ.map { $0.rho }, width: shape.widthQ, bounds: [], values: [], openings: [],
        dishonestly,
        &sponge)
    if shape.depth > 1 || !ranges.isEmpty {
        out += try sideP.prove(
            parents: parentsP, parentBlindings: childrenP.dropFirst().map { $0.rho }, width: shape.widthP, bounds: bounds, values: values,
            openings: ranges.map { ($0.value, $0.blinding) }, dishonestly, &sponge)
    }
    return ProvedMembership(bytes: out, leaf: leaf, rho: childrenP[0].rho, values: values)
}

/// A child and its re-randomisation.
struct Rerandomised<E: ArgumentCurve> {
    let rho: E.Scalar
    let digits: [Int]
    /// child + rho h.
    let point: Affine<E>
    /// Both as the claim is about them: shifted by Delta if the child is a leaf.
    let child: Affine<E>, shown: Affine<E>

    init(_ child: Affine<E>, shift: Affine<E>? = nil) throws(ProofError) {
        var rho: E.Scalar
        var digits: [Int]?
        repeat {
            rho = .random()
            digits = claimDigits(of: rho.canonical)
        } while digits == nil
        let moved = E.bases.blinding.multiplied(by: rho) + child
        var points = [moved, Point(child), moved]
        if let shift {
            points[1] += shift
            points[2] += shift
        }
        let affine = Point.normalize(points)
        guard let point = affine[0], let c = affine[1], let s = affine[2] else { throw .degenerateChallenge }
        self.rho = rho
        self.digits = digits!
        self.point = point
        self.child = c
        shown = s
    }
}

/// The prover's half of a side: claim witnesses and their commitments on C, made before any challenge.
struct SideWitness<C: ArgumentCurve, E: ArgumentCurve> where C.Scalar == E.Base, C.Base == E.Scalar {
    let gates: Int
    let witnesses: [ClaimWitness<C.Scalar>]
    let blindings: [C.Scalar]
    /// Commitments to the claims.
    let claims: [Affine<C>]
    let shown: [Affine<E>]

    init(children: [Rerandomised<E>], steps: [[C.Scalar]], on _: C.Type, gates: Int) throws(ProofError) {
        let generators = C.generators(gates: gates)
        var witnesses: [ClaimWitness<C.Scalar>] = [], blindings: [C.Scalar] = [], points: [Point<C>] = []
        for (child, slots) in zip(children, steps) {
            let witness = try ClaimWitness(
                child: child.child, shown: child.shown, digits: child.digits, doublings: E.bases.doublings, slots: slots)
            let blinding = C.Scalar.random()
            points.append(generators.commit(witness.g, witness.h) + generators.bases.blinding.multiplied(by: blinding))
            witnesses.append(witness)
            blindings.append(blinding)
        }
        let affine = Point.normalize(points)
        guard !affine.contains(nil) else { throw .degenerateChallenge }
        self.gates = gates
        self.witnesses = witnesses
        self.blindings = blindings
        claims = affine.map { $0! }
        shown = children.map { $0.shown }
    }

    /// The argument of this side. `parentBlindings` are those of the nodes below the root, whose blinding is 0.
    func prove(
        parents: [Affine<C>], parentBlindings: [C.Scalar], width: Int, bounds: [C.Scalar], values: [Affine<C>],
        openings: [(C.Scalar, C.Scalar)], _ dishonestly: Bool, _ sponge: inout Sponge
    ) throws(ProofError) -> [UInt8] {
        let side = try MembershipSide<C, E>(
            gates: gates, width: width, parents: parents, claims: claims, shown: shown, bounds: bounds, values: values, sponge: &sponge)
        var assignment = GateAssignment<C.Scalar>(side.argument.layout)
        side.circuit(&assignment, claims: witnesses, values: openings.map { $0.0 })
        var committed: [(g: [C.Scalar], h: [C.Scalar], blinding: C.Scalar)] = []
        for (i, witness) in witnesses.enumerated() {
            committed.append((witness.slots, [], i < parentBlindings.count ? parentBlindings[i] : .zero))
        }
        for (witness, blinding) in zip(witnesses, blindings) { committed.append((witness.g, witness.h, blinding)) }
        let witness = ArgumentWitness(
            left: assignment.left, right: assignment.right, openings: committed, values: openings.map { ($0.0, $0.1) })
        return try side.argument.prove(
            witness, circuit: { (w: inout RowWeights<C.Scalar>) in side.circuit(&w) }, sponge: &sponge,
            dishonestly: dishonestly)
    }
}
