import Membership
import Reputation

/// The curve tree part by part: of the newest published batch, and for a time of those that it replaced, for whoever began to fetch one of them.
///
/// Of a replaced tree only what changed is kept; the rest is what stands in its place in the trees after it.
struct PublishedTrees: Sendable {
    private struct Earlier: Sendable {
        let size: Int
        let shape: TreeShape
        let leaves: Int
        /// When it was replaced, in seconds since 1970.
        let replaced: Int64
        /// The children of nodes that are others now, by level (1 first) and place.
        let changed: [[Int: [UInt8]]]
    }

    /// Oldest first.
    private var earlier: [Earlier] = []
    /// Seconds for which a replaced tree is kept.
    private let seconds: Int64

    /// Replaced trees that are kept at most, however fast batches follow each other.
    static let greatestCount = 16

    init(seconds: Int64) { self.seconds = seconds }

    /// Another batch is published.
    mutating func replace(_ old: Issuer.State, by new: Issuer.State, now: Int64) {
        guard new.log.size > old.log.size else { return }
        let levels = 1...old.tree.shape.depth
        earlier.append(
            Earlier(
                size: old.log.size, shape: old.tree.shape, leaves: old.tree.leaves.count, replaced: now,
                changed: levels.map { level in
                    var changed: [Int: [UInt8]] = [:]
                    for index in new.tree.nodes(of: old.tree, changedAt: level) {
                        changed[index] = old.tree.children(level: level, index: index)
                    }
                    return changed
                }))
        earlier.removeAll { now - $0.replaced >= seconds }
        earlier.removeFirst(max(0, earlier.count - Self.greatestCount))
    }

    /// A part of a tree that is published; nil for any other.
    func children(_ part: TreePart, newest: Issuer.State) -> [UInt8]? {
        if part.size == newest.log.size { return newest.tree.children(level: part.level, index: part.index) }
        guard let place = earlier.firstIndex(where: { $0.size == part.size }) else { return nil }
        let wanted = earlier[place]
        guard wanted.shape.children(level: part.level, index: part.index, leaves: wanted.leaves) > 0 else { return nil }
        for tree in earlier[place...] { if let children = tree.changed[part.level - 1][part.index] { return children } }
        return newest.tree.children(level: part.level, index: part.index)
    }
}
