import Curves
import Platform
import Proofs

/// Why a tree was not changed.
public enum TreeError: Error, Equatable, Sendable {
    /// The tree holds no more leaves.
    case full
    /// There is no leaf with this index.
    case noSuchLeaf
    /// The leaf was removed, for ever.
    case removed
    /// The leaf is -Delta, for which the tree is not defined.
    case degenerateLeaf
}

/// The root of a tree: a point of the curve of its top level.
public enum TreeRoot: Equatable, Sendable {
    /// Even depth.
    case p(Affine<Secp256k1>)
    /// Odd depth.
    case q(Affine<Secq256k1>)

    /// 33 bytes.
    public var encoded: [UInt8] {
        switch self {
        case .p(let point): point.encoded
        case .q(let point): point.encoded
        }
    }

    /// From the encoding, on the curve of the depth's parity.
    public init(encoded: ArraySlice<UInt8>, depth: Int) throws(CurveError) {
        self = depth % 2 == 0 ? .p(try Affine(encoded: encoded)) : .q(try Affine(encoded: encoded))
    }
}

/// Node + sum slot_i G_i: a node over its children's slots (protocol.md #5). Variable time.
public func nodeCommitment<C: ArgumentCurve>(_ slots: [C.Scalar], on _: C.Type = C.self) -> Affine<C>? {
    (C.generators(gates: 256).commit(slots) + C.bases.node).affine
}

/// x(C + Delta): how leaves stand in their parents, nil for C = -Delta.
@export(interface)
public func leafSlots(_ leaves: [Affine<Secp256k1>]) -> [Fp?] {
    Point.normalize(leaves.map { Point($0) + leafShift }).map { $0?.x }
}

/// All nodes of one level, with the slots of the nodes below, on curve C.
struct TreeLevel<C: ArgumentCurve>: Sendable {
    let width: Int
    /// Nodes, and the slots of all their children in one row; empty slots are 0.
    var nodes: [Affine<C>] = []
    var slots: [C.Scalar] = []

    init(width: Int) {
        self.width = width
        grow(to: 1)
    }

    /// Adds empty nodes.
    mutating func grow(to count: Int) {
        while nodes.count < count {
            nodes.append(C.bases.node)
            slots += [C.Scalar](repeating: .zero, count: width)
        }
    }

    /// Sets slots and adds (new - old) G_i to their nodes, one multi-scalar sum a node. Returns the changed nodes' indices, rising.
    ///
    /// `changes` are in rising order. A node is never the identity: that would be a discrete-log relation between generators.
    mutating func update(_ changes: [(slot: Int, value: C.Scalar)]) -> [Int] {
        guard let last = changes.last else { return [] }
        grow(to: last.slot / width + 1)
        var terms: [[(Int, C.Scalar)]] = [], touched: [Int] = []
        for change in changes {
            let (node, place) = (change.slot / width, change.slot % width)
            if touched.last != node {
                touched.append(node)
                terms.append([])
            }
            terms[terms.count - 1].append((place, change.value - slots[change.slot]))
            slots[change.slot] = change.value
        }
        // Nodes do not depend on each other: large changes are summed on two threads.
        let all = terms, half = terms.count / 2
        let sums: [Point<C>]
        if terms.count < 8 {
            sums = nodeDifferences(all[...], on: C.self)
        } else {
            let (low, high) = concurrently(
                { () throws(Never) in nodeDifferences(all[..<half], on: C.self) },
                { () throws(Never) in nodeDifferences(all[half...], on: C.self) })
            sums = low + high
        }
        let moved = Point.normalize(zip(touched, sums).map { $1 + nodes[$0] })
        for (node, point) in zip(touched, moved) { nodes[node] = point! }
        return touched
    }
}

/// sum of k G_i for the terms (i, k) of each node.
@specialized(where C == Secp256k1)
@specialized(where C == Secq256k1)
func nodeDifferences<C: ArgumentCurve>(_ nodes: ArraySlice<[(Int, C.Scalar)]>, on _: C.Type) -> [Point<C>] {
    let generators = C.generators(gates: 256)
    return nodes.map { terms in
        // The table's buckets pay off from some ten terms on.
        terms.count > 12 ? generators.table.sum(terms) : multiScalarMultiply(terms.map { $0.1 }, terms.map { generators.g[$0.0] })
    }
}

/// A curve tree (Campanelli, Hall-Andersen, Kamp 2023): leaves on secp256k1, a node over up to 120 or 104 children of the level below, on
/// alternating curves. All values are public; variable time.
///
/// An empty slot is 0 (x = 0 is on neither curve); a removed leaf's slot is 0 for ever; created nodes stay. Changing leaves costs one multi-scalar
/// sum for each node above them.
public struct CurveTree: Sendable {
    /// Parameters; the gates do not matter here.
    public let shape: TreeShape
    /// Leaves; nil for a removed one.
    public private(set) var leaves: [Affine<Secp256k1>?] = []
    /// Levels 1, 3 and levels 2, 4.
    var q: [TreeLevel<Secq256k1>], p: [TreeLevel<Secp256k1>]

    /// A tree without leaves.
    public init(shape: TreeShape) {
        self.shape = shape
        q = shape.levelsQ.map { _ in TreeLevel(width: shape.widthQ) }
        p = shape.levelsP.map { _ in TreeLevel(width: shape.widthP) }
        // Every level has one node from the start, and stands in the one above.
        for level in 1..<max(shape.depth, 1) { propagate(level, [0]) }
    }

    /// The node at the top.
    public var root: TreeRoot { shape.depth % 2 == 0 ? .p(p[p.count - 1].nodes[0]) : .q(q[q.count - 1].nodes[0]) }

    /// Adds leaves behind the last; returns the index of the first. Throws `.full` or `.degenerateLeaf`, and then changes nothing.
    @discardableResult
    @export(interface)
    public mutating func append(_ new: [Affine<Secp256k1>]) throws(TreeError) -> Int {
        let first = leaves.count
        guard new.count <= shape.capacity - first else { throw .full }
        let slots = leafSlots(new)
        guard !slots.contains(nil) else { throw .degenerateLeaf }
        // One by one: Embedded Swift cannot compile append(contentsOf:) of these.
        for leaf in new { leaves.append(leaf) }
        update(slots.enumerated().map { (first + $0.offset, $0.element!) })
        return first
    }

    /// Puts another leaf in the place of one. Throws `.noSuchLeaf`, `.removed` or `.degenerateLeaf`.
    @export(interface)
    public mutating func replace(at index: Int, with leaf: Affine<Secp256k1>) throws(TreeError) {
        try check(index)
        guard let slot = leafSlots([leaf])[0] else { throw .degenerateLeaf }
        leaves[index] = leaf
        update([(index, slot)])
    }

    /// Removes a leaf; its place stays empty. Throws `.noSuchLeaf` or `.removed`.
    @export(interface)
    public mutating func remove(at index: Int) throws(TreeError) {
        try check(index)
        leaves[index] = nil
        update([(index, .zero)])
    }

    func check(_ index: Int) throws(TreeError) {
        guard leaves.indices.contains(index) else { throw .noSuchLeaf }
        guard leaves[index] != nil else { throw .removed }
    }

    /// Sets leaf slots and all nodes above them.
    mutating func update(_ changes: [(slot: Int, value: Fp)]) {
        var touched = q[0].update(changes)
        for level in 1..<shape.depth { touched = propagate(level, touched) }
    }

    /// Carries changed nodes of a level into the level above.
    @discardableResult
    mutating func propagate(_ level: Int, _ nodes: [Int]) -> [Int] {
        if level % 2 == 1 {
            let below = q[level / 2]
            return p[level / 2].update(nodes.map { ($0, below.nodes[$0].x) })
        } else {
            let below = p[level / 2 - 1]
            return q[level / 2].update(nodes.map { ($0, below.nodes[$0].x) })
        }
    }

    /// A leaf's path to the root. Throws `.noSuchLeaf` or `.removed`.
    @export(interface)
    public func path(at index: Int) throws(TreeError) -> MembershipPath {
        try check(index)
        var stepsQ: [PathStep<Secp256k1>] = [], stepsP: [PathStep<Secq256k1>] = []
        var at = index
        for level in 1...shape.depth {
            let width = shape.width(level)
            let row = (at / width * width)..<(at / width * width + width)
            if level % 2 == 1 {
                let child = level == 1 ? leaves[at]! : p[level / 2 - 1].nodes[at]
                stepsQ.append(PathStep(child: child, slots: Array(q[level / 2].slots[row])))
            } else {
                stepsP.append(PathStep(child: q[level / 2 - 1].nodes[at], slots: Array(p[level / 2 - 1].slots[row])))
            }
            at /= width
        }
        return MembershipPath(shape: shape, stepsQ: stepsQ, stepsP: stepsP, root: root)
    }
}
