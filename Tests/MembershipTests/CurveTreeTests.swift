import Curves
import Membership
import Proofs
import Testing

/// Fresh leaves.
func randomLeaves(_ count: Int) -> [Affine<Secp256k1>] {
    Point.normalize((0..<count).map { _ in Secp256k1.bases.blinding.multiplied(by: .random()) }).map { $0! }
}

/// A narrow tree, so that few leaves fill many nodes.
func narrow(_ depth: Int) throws -> TreeShape { try TreeShape(depth: depth, widthQ: 3, widthP: 2, gates: 256) }

@Suite struct CurveTreeTests {
    /// The root, recomputed from all leaves level by level.
    static func root(_ leaves: [Affine<Secp256k1>?], _ shape: TreeShape) -> TreeRoot {
        var slotsQ = leaves.map { leaf in leaf.map { leafSlots([$0])[0]! } ?? Fp.zero }
        var slotsP: [Fn] = []
        for level in 1...shape.depth {
            let width = shape.width(level)
            if level % 2 == 1 {
                let nodes = stride(from: 0, to: max(slotsQ.count, 1), by: width).map {
                    nodeCommitment(Array(slotsQ[$0..<min($0 + width, slotsQ.count)]), on: Secq256k1.self)!
                }
                if level == shape.depth { return .q(nodes[0]) }
                slotsP = nodes.map(\.x)
            } else {
                let nodes = stride(from: 0, to: max(slotsP.count, 1), by: width).map {
                    nodeCommitment(Array(slotsP[$0..<min($0 + width, slotsP.count)]), on: Secp256k1.self)!
                }
                if level == shape.depth { return .p(nodes[0]) }
                slotsQ = nodes.map(\.x)
            }
        }
        preconditionFailure()
    }

    @Test(arguments: 1...4) func growsLikeTheDefinition(depth: Int) throws {
        let shape = try narrow(depth)
        var tree = CurveTree(shape: shape)
        #expect(tree.root == Self.root([], shape))
        let leaves = randomLeaves(shape.capacity)
        var at = 0
        while at < leaves.count {
            let step = min(1 + at % 4, leaves.count - at)
            #expect(try tree.append(Array(leaves[at..<at + step])) == at)
            at += step
            #expect(tree.root == Self.root(Array(leaves[..<at]), shape))
        }
        #expect(throws: TreeError.full) { try tree.append(randomLeaves(1)) }
        for i in leaves.indices { #expect(try tree.path(at: i).isConsistent) }
    }

    @Test func replacesAndRemoves() throws {
        let shape = try narrow(4)
        var tree = CurveTree(shape: shape)
        var leaves: [Affine<Secp256k1>?] = randomLeaves(17)
        try tree.append(leaves.map { $0! })
        let other = randomLeaves(1)[0]
        try tree.replace(at: 7, with: other)
        leaves[7] = other
        #expect(tree.root == Self.root(leaves, shape))
        try tree.remove(at: 16)
        try tree.remove(at: 0)
        leaves[16] = nil
        leaves[0] = nil
        #expect(tree.root == Self.root(leaves, shape))
        #expect(throws: TreeError.removed) { try tree.replace(at: 0, with: other) }
        #expect(throws: TreeError.removed) { try tree.remove(at: 16) }
        #expect(throws: TreeError.removed) { try tree.path(at: 0) }
        #expect(throws: TreeError.noSuchLeaf) { try tree.path(at: 17) }
        #expect(throws: TreeError.noSuchLeaf) { try tree.remove(at: -1) }
        // A removed leaf's place is not used again.
        #expect(try tree.append(randomLeaves(1)) == 17)
    }

    @Test func refusesTheLeafWithoutSlot() throws {
        var tree = CurveTree(shape: try narrow(2))
        let before = tree.root
        #expect(throws: TreeError.degenerateLeaf) { try tree.append([randomLeaves(1)[0], leafShift.negated]) }
        #expect(tree.root == before && tree.leaves.isEmpty)
    }

    @Test func pathsOfAnotherTreeAreInconsistent() throws {
        var tree = CurveTree(shape: try narrow(3))
        try tree.append(randomLeaves(9))
        let path = try tree.path(at: 4)
        try tree.append(randomLeaves(1))
        let mixed = MembershipPath(shape: path.shape, stepsQ: path.stepsQ, stepsP: path.stepsP, root: tree.root)
        #expect(!mixed.isConsistent)
        let stranger = PathStep(child: randomLeaves(1)[0], slots: path.stepsQ[0].slots)
        #expect(
            !MembershipPath(shape: path.shape, stepsQ: [stranger] + path.stepsQ[1...], stepsP: path.stepsP, root: path.root).isConsistent)
    }

    @Test func shapesAreThoseOfTheProtocol() throws {
        #expect(try (1...4).map { try TreeShape(depth: $0).capacity } == [120, 12_480, 1_497_600, 155_750_400])
        #expect(try TreeShape(depth: 4, predicates: 1).gates == 256)
        #expect(try TreeShape(depth: 4, predicates: 2).gates == 512)
        #expect(try TreeShape(depth: 1, predicates: 8).gates == 256)
        #expect(throws: ProofError.invalidStatement) { try TreeShape(depth: 5) }
        #expect(throws: ProofError.invalidStatement) { try TreeShape(depth: 0) }
        #expect(throws: ProofError.invalidStatement) { try TreeShape(depth: 4, predicates: 65) }
    }
}
