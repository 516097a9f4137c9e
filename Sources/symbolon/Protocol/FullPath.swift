import Curves
import Membership
import Proofs
import Reputation

/// A tree in which every slot of every node on the measured members' paths is filled, though few leaves exist: those members fill their
/// bottom nodes together with other real credentials, and every sibling further up is a real node over one real leaf.
///
/// The cost of a proof depends on the nodes on its path alone, so this measures what a tree filled to its capacity costs.
struct FullPath {
    /// A credential with its opening and its way to the root.
    struct Member {
        let secret: Fn
        let blinding: Fn
        let path: MembershipPath
    }

    /// The value of every attribute.
    static let value: Int64 = 42

    /// The measured members, all different.
    let members: [Member]
    /// The root.
    let root: TreeRoot
    /// Leaves that really exist.
    let leaves: Int
    private let attributes: Int

    /// Most members: those of one full node of level 2.
    static func greatestMembers(depth: Int) -> Int { depth == 1 ? 120 : 120 * 104 }

    init(shape: TreeShape, members count: Int, attributes: Int) throws(ProofError) {
        var made = 0
        func credential() throws(ProofError) -> (secret: Fn, blinding: Fn, point: Affine<Secp256k1>) {
            let (secret, blinding) = (Fn.random(), Fn.random())
            let values = [Int64](repeating: Self.value, count: attributes)
            guard let point = AttributeBases.credential(secret: secret, values: values, blinding: blinding) else {
                throw .witness
            }
            made += 1
            return (secret, blinding, point)
        }
        func slot(_ leaf: Affine<Secp256k1>) throws(ProofError) -> Fp {
            guard let slot = leafSlots([leaf])[0] else { throw .witness }
            return slot
        }
        func nodeQ(_ slots: [Fp]) throws(ProofError) -> Affine<Secq256k1> {
            guard let node = nodeCommitment(slots, on: Secq256k1.self) else { throw .witness }
            return node
        }
        func nodeP(_ slots: [Fn]) throws(ProofError) -> Affine<Secp256k1> {
            guard let node = nodeCommitment(slots, on: Secp256k1.self) else { throw .witness }
            return node
        }
        /// A node of an odd or even level over a chain of single children down to one fresh leaf.
        func chainQ(_ level: Int) throws(ProofError) -> Affine<Secq256k1> {
            try nodeQ([level == 1 ? try slot(try credential().point) : try chainP(level - 1).x])
        }
        func chainP(_ level: Int) throws(ProofError) -> Affine<Secp256k1> { try nodeP([chainQ(level - 1).x]) }

        // Full bottom nodes for the members, 120 in each.
        let width = shape.widthQ
        var bottoms: [(credentials: [(secret: Fn, blinding: Fn, point: Affine<Secp256k1>)], slots: [Fp], node: Affine<Secq256k1>)] = []
        while bottoms.count * width < count {
            let credentials = try (0..<width).map { (_) throws(ProofError) in try credential() }
            let slots = try credentials.map { (holder) throws(ProofError) in try slot(holder.point) }
            bottoms.append((credentials, slots, try nodeQ(slots)))
        }

        // Upwards from the one node of level 2 over them; the measured child stands first in its parent.
        var stepsQ: [PathStep<Secp256k1>] = [], stepsP: [PathStep<Secq256k1>] = []
        var slotsP: [Fn] = []
        var top = TreeRoot.q(bottoms[0].node)
        for level in 1..<max(shape.depth, 1) {
            switch top {
            case .q(let node):
                let known = level == 1 ? bottoms.map { $0.node.x } : [node.x]
                slotsP = known + (try (known.count..<shape.widthP).map { (_) throws(ProofError) in try chainQ(level).x })
                if level > 1 { stepsP.append(PathStep(child: node, slots: slotsP)) }
                top = .p(try nodeP(slotsP))
            case .p(let node):
                let slots = [node.x] + (try (1..<shape.widthQ).map { (_) throws(ProofError) in try chainP(level).x })
                stepsQ.append(PathStep(child: node, slots: slots))
                top = .q(try nodeQ(slots))
            }
            if level == 1 { stepsP = [PathStep(child: bottoms[0].node, slots: slotsP)] }
        }
        let root = top
        members = (0..<count).map { index in
            let bottom = bottoms[index / width]
            let holder = bottom.credentials[index % width]
            let first = PathStep(child: holder.point, slots: bottom.slots)
            var ownP = stepsP
            if !ownP.isEmpty { ownP[0] = PathStep(child: bottom.node, slots: stepsP[0].slots) }
            return Member(
                secret: holder.secret, blinding: holder.blinding,
                path: MembershipPath(shape: shape, stepsQ: [first] + stepsQ, stepsP: ownP, root: root))
        }
        self.root = root
        self.attributes = attributes
        leaves = made
        for member in members.prefix(1) + members.suffix(1) where !member.path.isConsistent { throw .witness }
    }

    /// A presentation by one of the members.
    func prove(_ request: Request, member index: Int) throws(PresentationError) -> [UInt8] {
        let member = members[index]
        let values = [Fn](repeating: Fn(signed: Self.value), count: attributes)
        return try Presentation.prove(request, attributes: [member.secret] + values, blinding: member.blinding, path: member.path).bytes
    }
}
