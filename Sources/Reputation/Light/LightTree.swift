import Curves
import Membership

/// The parts of a curve tree that a light copy holds, each verified against the node above it up to a signed root.
struct LightTree: Sendable {
    /// Parameters.
    let shape: TreeShape
    /// Places of leaves, removed ones included.
    let leaves: Int
    /// Encoding of the root.
    let root: [UInt8]
    /// The children of nodes, by level (1 first) and place.
    private(set) var groups: [[Int: [UInt8]]]

    /// Nothing but the root.
    init(shape: TreeShape, leaves: Int, root: [UInt8]) {
        self.shape = shape
        self.leaves = leaves
        self.root = root
        groups = [[Int: [UInt8]]](repeating: [:], count: shape.depth)
    }

    /// The encoding of a node, from its parent's children; nil when these are not here.
    func node(level: Int, index: Int) -> [UInt8]? {
        if level == shape.depth { return index == 0 ? root : nil }
        guard level >= 1, level < shape.depth, index >= 0 else { return nil }
        let width = shape.width(level + 1)
        return groups[level][index / width].flatMap { LightTree.child(index % width, of: $0) }
    }

    /// The children of a node, if they are here.
    func children(level: Int, index: Int) -> [UInt8]? { groups[level - 1][index] }

    /// A child among others; nil when there are fewer.
    static func child(_ place: Int, of children: [UInt8]) -> [UInt8]? {
        let start = place * NodeChildren.length
        return start + NodeChildren.length <= children.count ? Array(children[start..<(start + NodeChildren.length)]) : nil
    }

    /// Takes over children that were verified.
    mutating func set(_ children: [UInt8], level: Int, index: Int) { groups[level - 1][index] = children }

    /// Bytes of the children of a node.
    func length(level: Int, index: Int) -> Int { NodeChildren.length * shape.children(level: level, index: index, leaves: leaves) }

    /// The place of a leaf among those that are here; nil when it is not.
    func place(of leaf: [UInt8]) -> Int? {
        guard leaf.count == NodeChildren.length else { return nil }
        for (index, children) in groups[0] {
            for start in stride(from: 0, to: children.count, by: leaf.count) where children[start] == leaf[0] {
                if children[start..<(start + leaf.count)].elementsEqual(leaf) {
                    return index * shape.width(1) + start / leaf.count
                }
            }
        }
        return nil
    }

    /// The way of a leaf at a place to the root; nil when a part of it is missing, or they do not fit together.
    func path(at place: Int) -> MembershipPath? {
        var stepsQ: [PathStep<Secp256k1>] = [], stepsP: [PathStep<Secq256k1>] = []
        var at = place
        for level in 1...shape.depth {
            let width = shape.width(level)
            guard let children = groups[level - 1][at / width], let child = LightTree.child(at % width, of: children) else { return nil }
            let slices = stride(from: 0, to: children.count, by: NodeChildren.length).map { children[$0..<($0 + NodeChildren.length)] }
            if level % 2 == 1 {
                guard let child = try? Affine<Secp256k1>(encoded: child[...]),
                    var slots = level == 1 ? NodeChildren.leafSlots(slices) : NodeChildren.nodeSlots(slices, on: Secp256k1.self)
                else { return nil }
                slots += [Fp](repeating: .zero, count: width - slots.count)
                stepsQ.append(PathStep(child: child, slots: slots))
            } else {
                guard let child = try? Affine<Secq256k1>(encoded: child[...]),
                    var slots = NodeChildren.nodeSlots(slices, on: Secq256k1.self)
                else { return nil }
                slots += [Fn](repeating: .zero, count: width - slots.count)
                stepsP.append(PathStep(child: child, slots: slots))
            }
            at /= width
        }
        guard let root = try? TreeRoot(encoded: root[...], depth: shape.depth) else { return nil }
        let path = MembershipPath(shape: shape, stepsQ: stepsQ, stepsP: stepsP, root: root)
        return path.isConsistent ? path : nil
    }
}
