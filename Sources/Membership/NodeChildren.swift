import Curves
import Proofs

/// How a tree is published part by part: the children of one node side by side, 33 bytes each, 33 zeros for a removed leaf. Who has a node's
/// point can verify its children, and so on down from the root.
public enum NodeChildren {
    /// Bytes of a child.
    public static let length = 33
    /// What stands for a removed leaf; no point is written so.
    public static let removed = [UInt8](repeating: 0, count: length)

    /// The encoding of the node at a level (1 or higher) over these children; nil when they are not what a tree can hold. Of a child that is
    /// itself a node only x enters, so its sign is known once its own children are. Variable time.
    @export(interface)
    public static func node(over children: [UInt8], level: Int) -> [UInt8]? {
        guard level >= 1, children.count % length == 0 else { return nil }
        let slices = stride(from: 0, to: children.count, by: length).map { children[$0..<($0 + length)] }
        if level == 1 { return leafSlots(slices).flatMap { nodeCommitment($0, on: Secq256k1.self)?.encoded } }
        if level % 2 == 0 {
            return nodeSlots(slices, on: Secq256k1.self).flatMap { nodeCommitment($0, on: Secp256k1.self)?.encoded }
        }
        return nodeSlots(slices, on: Secp256k1.self).flatMap { nodeCommitment($0, on: Secq256k1.self)?.encoded }
    }

    /// The slots of leaves, 0 for removed ones; nil when one is no leaf.
    @export(interface)
    public static func leafSlots(_ encodings: [ArraySlice<UInt8>]) -> [Fp]? {
        var places: [Int] = []
        var parsed: [(x: Fp, oddY: Bool)] = []
        for (place, encoding) in encodings.enumerated() where !encoding.elementsEqual(removed) {
            guard let prefix = encoding.first, prefix == 2 || prefix == 3, let x = try? Fp(encoded: encoding.dropFirst()) else {
                return nil
            }
            places.append(place)
            parsed.append((x, prefix == 3))
        }
        var leaves: [Affine<Secp256k1>] = []
        for leaf in Affine<Secp256k1>.decompress(parsed) {
            guard let leaf else { return nil }
            leaves.append(leaf)
        }
        var slots = [Fp](repeating: .zero, count: encodings.count)
        for (place, slot) in zip(places, Membership.leafSlots(leaves)) {
            guard let slot else { return nil }
            slots[place] = slot
        }
        return slots
    }

    /// The slots of nodes: their x; nil when one is written wrongly. Whether such a point exists, its parent's commitment shows.
    public static func nodeSlots<E: Curve>(_ encodings: [ArraySlice<UInt8>], on _: E.Type) -> [E.Base]? {
        var slots: [E.Base] = []
        for encoding in encodings {
            guard let prefix = encoding.first, prefix == 2 || prefix == 3, let x = try? E.Base(encoded: encoding.dropFirst()) else {
                return nil
            }
            slots.append(x)
        }
        return slots
    }
}

extension TreeShape {
    /// Leaves below a node of a level; 1 for level 0, the leaves themselves.
    public func span(_ level: Int) -> Int { level < 1 ? 1 : (1...level).reduce(1) { $0 * width($1) } }

    /// Nodes of a level, or places of leaves for level 0, in a tree of so many places. Every level has one node from the start.
    public func nodes(level: Int, leaves: Int) -> Int {
        let span = span(level)
        return level == 0 ? leaves : max(1, leaves / span + (leaves % span > 0 ? 1 : 0))
    }

    /// Children that a node has in a tree of so many places; 0 for one that is not there.
    public func children(level: Int, index: Int, leaves: Int) -> Int {
        guard (1...depth).contains(level), index >= 0, index < nodes(level: level, leaves: leaves) else { return 0 }
        return min(width(level), nodes(level: level - 1, leaves: leaves) - index * width(level))
    }
}

extension CurveTree {
    /// The children of a node as they are published; nil when there is no such node.
    @export(interface)
    public func children(level: Int, index: Int) -> [UInt8]? {
        guard (1...shape.depth).contains(level), index >= 0, index < shape.nodes(level: level, leaves: leaves.count) else { return nil }
        let first = index * shape.width(level)
        let places = first..<(first + shape.children(level: level, index: index, leaves: leaves.count))
        var out: [UInt8] = []
        out.reserveCapacity(places.count * NodeChildren.length)
        for place in places {
            if level == 1 {
                out += leaves[place]?.encoded ?? NodeChildren.removed
            } else if level % 2 == 0 {
                out += q[level / 2 - 1].nodes[place].encoded
            } else {
                out += p[level / 2 - 1].nodes[place].encoded
            }
        }
        return out
    }

    /// The nodes of an earlier tree, of this or of another epoch, that are not the same here: whose children, or their number, changed.
    @export(interface)
    public func nodes(of earlier: CurveTree, changedAt level: Int) -> [Int] {
        let count = earlier.shape.nodes(level: level, leaves: earlier.leaves.count)
        guard earlier.shape == shape else { return Array(0..<count) }
        let here = shape.nodes(level: level, leaves: leaves.count)
        return (0..<count).filter { index in
            if index >= here { return true }
            let same =
                level % 2 == 1
                ? q[level / 2].nodes[index] == earlier.q[level / 2].nodes[index]
                : p[level / 2 - 1].nodes[index] == earlier.p[level / 2 - 1].nodes[index]
            // A new leaf that was taken out at once leaves the node as it was, and a place more in it.
            return !same
                || shape.children(level: level, index: index, leaves: leaves.count)
                    != shape.children(level: level, index: index, leaves: earlier.leaves.count)
        }
    }
}
