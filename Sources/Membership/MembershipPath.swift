import Curves
import Proofs

/// One step up: a child on curve E and all slots of its parent.
public struct PathStep<E: Curve>: Sendable {
    /// The child.
    public let child: Affine<E>
    /// The parent's slots, exactly as many as its width.
    public let slots: [E.Base]

    /// A step.
    public init(child: Affine<E>, slots: [E.Base]) {
        self.child = child
        self.slots = slots
    }
}

/// A leaf's way to the root: all that a prover needs of the tree. Secret: it says which leaf.
public struct MembershipPath: Sendable {
    /// Parameters of the tree.
    public let shape: TreeShape
    /// Steps into levels 1, 3 (children on secp256k1) and into levels 2, 4 (children on secq256k1).
    public let stepsQ: [PathStep<Secp256k1>], stepsP: [PathStep<Secq256k1>]
    /// The root it leads to.
    public let root: TreeRoot

    /// A path; `isConsistent` says whether it is one.
    public init(shape: TreeShape, stepsQ: [PathStep<Secp256k1>], stepsP: [PathStep<Secq256k1>], root: TreeRoot) {
        self.shape = shape
        self.stepsQ = stepsQ
        self.stepsP = stepsP
        self.root = root
    }

    /// The leaf.
    public var leaf: Affine<Secp256k1> { stepsQ[0].child }

    /// Whether each child is among its parent's slots and the parents lead to the root: a multi-scalar sum a level. Variable time.
    @export(interface)
    public var isConsistent: Bool {
        guard stepsQ.count == shape.levelsQ.count, stepsP.count == shape.levelsP.count else { return false }
        guard let slot = leafSlots([leaf])[0] else { return false }
        for level in 1...shape.depth {
            if level % 2 == 1 {
                let step = stepsQ[level / 2]
                guard step.slots.count == shape.widthQ, step.slots.contains(level == 1 ? slot : step.child.x) else { return false }
                guard let parent = nodeCommitment(step.slots, on: Secq256k1.self) else { return false }
                if level == shape.depth { return root == .q(parent) }
                guard stepsP[level / 2].child == parent else { return false }
            } else {
                let step = stepsP[level / 2 - 1]
                guard step.slots.count == shape.widthP, step.slots.contains(step.child.x) else { return false }
                guard let parent = nodeCommitment(step.slots, on: Secp256k1.self) else { return false }
                if level == shape.depth { return root == .p(parent) }
                guard stepsQ[level / 2].child == parent else { return false }
            }
        }
        return false
    }
}
