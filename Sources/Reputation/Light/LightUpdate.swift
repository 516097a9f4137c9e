import Membership

/// A file of a log's static form that a light copy wants.
public enum LightPart: Hashable, Sendable {
    /// Hashes of the log.
    case hashes(LogTile)
    /// Children of a node of the tree.
    case tree(TreePart)

    /// Its name behind the log's prefix.
    public var path: [UInt8] {
        switch self {
        case .hashes(let tile): tile.path
        case .tree(let part): part.path
        }
    }
}

/// An order in which to ask for them that is the same for all who want the same: from the root down, from left to right. The order of a set is another
/// each time, and what somebody adds to it later, such as one's own leaf first, would not be seen.
extension LightPart: Comparable {
    /// Whether it comes before.
    public static func < (a: LightPart, b: LightPart) -> Bool { a.place < b.place }

    private var place: (Int, Int, Int, Int) {
        switch self {
        case .hashes(let tile):
            if case .hashes(let level) = tile.content { (0, level, tile.index, tile.width) } else { (1, 0, tile.index, tile.width) }
        case .tree(let part): (2, -part.level, part.index, part.size)
        }
    }
}

/// A light copy on its way to a newer checkpoint: says which files it wants, takes them in any order, and verifies each. Fetching them is the
/// caller's; when nothing is wanted any more, ``copy`` is the new one.
///
/// What is wanted follows from the two checkpoints, the rule and the draw alone, and not from which leaf is one's own. First the hashes of the
/// log: then it is known that the checkpoint's batch is its last entry and that it goes on from what was known. Then the tree from the root
/// down: a part is wanted if the node above it is not the one that is here already.
public struct LightUpdate: Sendable {
    /// What can be fetched now; the caller gives each to ``take(_:as:)``. Empty at the end.
    public private(set) var wanted: Set<LightPart> = []
    private var next: LightCopy
    /// What can be taken over of the tree: the copy, or nothing when another epoch has begun.
    private let base: LightCopy
    private let new: SignedCheckpoint
    private let seen: [SignedCheckpoint]
    private var tiles: [LogTile: [UInt8]] = [:]
    private var tree: LightTree
    private var log: LogSkeleton
    private var isDone = false

    /// Begins.
    ///
    /// `new`: as the caller verified it, with the cosignatures that are wanted. `seen`: checkpoints that it has to contain beside the copy's:
    /// heard from others, or remembered when the copy itself was lost. `afresh`: take nothing of the log over from the copy, to tell a log
    /// that was rewritten from files that are broken.
    /// Throws `.log(.older)` for a checkpoint that is older than one of these, `.fork` for two of one size, `.log(.batch)` for a tree that cannot be, and what
    /// ``take(_:as:)`` throws.
    public init(_ copy: LightCopy, to new: SignedCheckpoint, seen: [SignedCheckpoint] = [], afresh: Bool = false) throws(LightError) {
        var all = seen
        if let known = copy.known { all.append(known) }
        for one in all {
            guard one.checkpoint.size <= new.checkpoint.size else { throw .log(.older) }
            if one.checkpoint.size == new.checkpoint.size, one.checkpoint != new.checkpoint { throw .fork(LogFork(one, new)) }
        }
        let batch = new.checkpoint.batch
        guard let shape = copy.rule.shape(depth: batch.depth), let leaves = Int(exactly: batch.leafCount), leaves <= shape.capacity else {
            throw .log(.batch)
        }
        (self.new, self.seen, next) = (new, all, copy)
        base = copy.known?.checkpoint.batch.epoch == batch.epoch ? copy : LightCopy(community: copy.community, rule: copy.rule)
        log = afresh ? LogSkeleton() : copy.log
        tree = LightTree(shape: shape, leaves: leaves, root: batch.root)
        for tile in log.tiles(to: new.checkpoint.size, comparing: all.map { $0.checkpoint.size }) { wanted.insert(.hashes(tile)) }
        if wanted.isEmpty { try proceed() }
    }

    /// Takes a file over. Throws `.part`, `.log(.tile)`, `.log(.inclusion)` or `.fork`; the update is of no use then.
    @export(interface)
    public mutating func take(_ bytes: [UInt8], as part: LightPart) throws(LightError) {
        guard wanted.contains(part) else { return }
        switch part {
        case .hashes(let tile):
            tiles[tile] = bytes
            wanted.remove(part)
            if wanted.isEmpty { try proceed() }
        case .tree(let file):
            let (level, index) = (file.level, file.index)
            guard bytes.count == tree.length(level: level, index: index), let node = tree.node(level: level, index: index),
                NodeChildren.node(over: bytes, level: level) == node
            else { throw .part }
            tree.set(bytes, level: level, index: index)
            wanted.remove(part)
            descend(level: level, index: index)
            finish()
        }
    }

    /// Bytes of a wanted file.
    public func length(of part: LightPart) -> Int {
        switch part {
        case .hashes(let tile): 32 * tile.width
        case .tree(let file): tree.length(level: file.level, index: file.index)
        }
    }

    /// The copy at the new checkpoint; nil while something is wanted, and when something did not hold.
    public var copy: LightCopy? { isDone ? next : nil }

    /// All hashes are here: the log is verified, and the tree begins.
    private mutating func proceed() throws(LightError) {
        do { log = try log.grown(to: new.checkpoint.size, tiles) } catch { throw .log(error) }
        tiles = [:]
        guard log.root(size: log.size) == new.checkpoint.root else { throw .log(.tile) }
        for one in seen {
            let standing: CheckpointStanding
            do { standing = try log.standing(of: one, beside: new) } catch { throw .log(error) }
            switch standing {
            case .contained: break
            case .open: throw .log(.tile)
            case .contradicts(let fork): throw .fork(fork)
            }
        }
        guard log.node(level: 0, index: log.size - 1) == MerkleTree.leafHash(LogEntry.batch(new.checkpoint.batch).encoded) else {
            throw .log(.inclusion)
        }
        visit(level: tree.shape.depth, index: 0)
        finish()
    }

    /// A node is known: its children are kept if they are here and it is the same, else wanted.
    private mutating func visit(level: Int, index: Int) {
        let isWanted = level > 1 || base.wantsLeaves(below: index, of: tree)
        // What was fetched when all leaves were stays until buckets are drawn: it need not be fetched again.
        guard isWanted || base.drawn == nil else { return }
        let length = tree.length(level: level, index: index)
        if let before = base.tree, before.shape == tree.shape,
            before.node(level: level, index: index) == tree.node(level: level, index: index),
            let children = before.children(level: level, index: index), children.count == length
        {
            tree.set(children, level: level, index: index)
            descend(level: level, index: index)
        } else if length == 0 {
            tree.set([], level: level, index: index)
        } else if isWanted {
            wanted.insert(.tree(TreePart(checked: new.checkpoint.size, level: level, index: index)))
        }
    }

    private mutating func descend(level: Int, index: Int) {
        guard level > 1 else { return }
        let first = index * tree.shape.width(level)
        let count = tree.length(level: level, index: index) / NodeChildren.length
        for child in first..<(first + count) { visit(level: level - 1, index: child) }
    }

    private mutating func finish() {
        guard wanted.isEmpty else { return }
        next.go(to: new, log, tree)
        isDone = true
    }
}
