import Curves
import Membership
import Proofs

/// A community's tree as a wallet needs it to present, without the log: the newest checkpoint, hashes that show that the log only grew, and the
/// parts of the tree that `LightRule` names. Nothing in it is believed but what hangs on a signed checkpoint. What the entries of the log say,
/// and whether they obey its rules, it does not see: that is for audits and for those who keep the whole log.
///
/// A value without files or network. `LightUpdate` brings it up to date; `encoded` is what is kept of it.
public struct LightCopy: Sendable {
    /// Whose log it is.
    public let community: Community
    /// How much of a tree is fetched.
    public let rule: LightRule
    /// The newest checkpoint; nil before the first update.
    public internal(set) var known: SignedCheckpoint?
    /// Buckets that are fetched in this epoch, rising; nil before they are drawn.
    public private(set) var drawn: [Int]?
    var log = LogSkeleton()
    var tree: LightTree?
    var intakes: [Intake] = []

    /// How many places a tree had at a time, by the log's own word.
    struct Intake: Equatable, Sendable {
        /// Time of a batch, in seconds since 1970.
        let time: Int64
        /// Places taken after it.
        let leaves: Int
    }

    /// Intakes that are kept at most.
    private static let greatestIntakes = 32

    /// Nothing fetched yet.
    public init(community: Community, rule: LightRule = .standard) {
        self.community = community
        self.rule = rule
    }

    // MARK: Buckets

    /// Buckets of the tree; nil where all leaves are fetched.
    public var bucketCount: Int? { tree.flatMap { rule.bucketCount($0.shape, leaves: $0.leaves) } }

    /// Whether buckets have to be drawn before leaves are fetched.
    public var wantsDraw: Bool { bucketCount != nil && drawn == nil }

    /// Places in which a leaf can stand that was issued at one time and promised by another (seconds since 1970, by the issuer's clock, which
    /// is the log's): behind those that were taken before, and before those that were taken later, as far as this copy saw.
    public func window(issued: Int64, promisedBy: Int64) -> Range<Int> {
        let all = tree?.leaves ?? 0
        let first = intakes.last { $0.time < issued }?.leaves ?? 0
        let last = intakes.first { $0.time >= promisedBy }?.leaves ?? all
        return min(first, all)..<max(min(first, all), min(last, all))
    }

    /// Makes the epoch's draw; a further one does not change it, nor does it change with the tree.
    ///
    /// `places`: where own leaves can stand. `rank`: `Seed.rank` of a bucket in this epoch.
    public mutating func draw(own places: [Range<Int>], rank: (Int) -> UInt64) {
        guard drawn == nil, let tree, let count = bucketCount else { return }
        drawn = rule.draw(own: places, of: count, tree.shape, rank: rank)
    }

    /// Whether the leaves below a node of level 1 are fetched.
    func wantsLeaves(below index: Int, of tree: LightTree) -> Bool {
        guard rule.bucketCount(tree.shape, leaves: tree.leaves) != nil else { return true }
        return drawn?.contains(index / tree.shape.width(2)) ?? false
    }

    /// Goes on to a verified checkpoint.
    mutating func go(to new: SignedCheckpoint, _ log: LogSkeleton, _ tree: LightTree) {
        let batch = new.checkpoint.batch
        if known?.checkpoint.batch.epoch != batch.epoch { (drawn, intakes) = (nil, []) }
        if intakes.last?.leaves != tree.leaves { intakes.append(Intake(time: batch.time, leaves: tree.leaves)) }
        // The oldest says least: what was issued long ago is drawn long ago.
        intakes.removeFirst(max(0, intakes.count - LightCopy.greatestIntakes))
        known = new
        self.log = log
        self.log.prune()
        self.tree = tree
    }

    // MARK: What it is for

    /// The place of a leaf; nil when it is not among the leaves that are here.
    public func place(of leaf: [UInt8]) -> Int? { tree?.place(of: leaf) }

    /// The way from a leaf to the root of the newest checkpoint; nil when the leaf is not among those that are here, or a part of its way is
    /// missing.
    @export(interface)
    public func path(of leaf: [UInt8]) -> MembershipPath? {
        guard let tree, let place = tree.place(of: leaf) else { return nil }
        return tree.path(at: place)
    }

    /// What somebody else's checkpoint is to this copy.
    public func standing(of theirs: SignedCheckpoint) throws(LogError) -> CheckpointStanding {
        guard let known else { return .open }
        return try log.standing(of: theirs, beside: known)
    }

    // MARK: Stored form

    private static let head = Array("SYMBOLON-V01-light-copy".utf8)

    /// What is kept of it, with a digest at the end: damage is noticed.
    @export(interface)
    public var encoded: [UInt8] {
        var out: [UInt8] = []
        // At once: what arrays leave behind as they grow would stay in a browser's memory.
        out.reserveCapacity(greatestEncodedLength)
        write(to: &out)
        let digest = Digest.of(out)
        out += digest.bytes
        return out
    }

    /// Bytes of the stored form, or some more.
    private var greatestEncodedLength: Int {
        let parts = tree?.groups.reduce(0) { $0 + $1.values.reduce(4) { $0 + 4 + $1.count } } ?? 0
        return 256 + (known?.note.count ?? 0) + log.encoded.count + 12 * intakes.count + 4 * (drawn?.count ?? 0) + parts
    }

    private func write(to out: inout [UInt8]) {
        out += LightCopy.head + community.id.bytes
        guard let known, let tree else { return }
        out += lengthPrefixed(known.note) + log.encoded
        out += littleEndian4(intakes.count)
        for intake in intakes { out += littleEndian8(intake.time) + littleEndian4(intake.leaves) }
        out += [drawn == nil ? 0 : 1] + littleEndian4(drawn?.count ?? 0)
        for bucket in drawn ?? [] { out += littleEndian4(bucket) }
        for groups in tree.groups {
            out += littleEndian4(groups.count)
            for index in groups.keys.sorted() { out += littleEndian4(index) + (groups[index] ?? []) }
        }
    }

    /// From the stored form, of this community and rule. Its own digest is compared, and no signature verified again: it is read from where
    /// this wrote it.
    @export(interface)
    public init(encoded: [UInt8], community: Community, rule: LightRule = .standard) throws(LightError) {
        self.init(community: community, rule: rule)
        do { try read(encoded) } catch { throw .format(error) }
    }

    private mutating func read(_ encoded: [UInt8]) throws(FormatError) {
        guard encoded.count >= 32 else { throw .length }
        let content = Array(encoded.dropLast(32))
        guard Digest.of(content).bytes.elementsEqual(encoded.suffix(32)) else { throw .notCanonical }
        var reader = ByteReader(content)
        try reader.expect(LightCopy.head)
        guard try reader.digest() == community.id else { throw .unknownKind }
        if reader.remaining == 0 { return }
        let note = try reader.string(atMost: SignedNote.greatestLength)
        guard let known = try? SignedCheckpoint(verified: note, community: community) else { throw .notCanonical }
        let (checkpoint, batch) = (known.checkpoint, known.checkpoint.batch)
        log = try LogSkeleton(&reader)
        guard log.size == checkpoint.size, let leaves = Int(exactly: batch.leafCount), let shape = rule.shape(depth: batch.depth) else {
            throw .notCanonical
        }
        for _ in 0..<(try reader.count(atMost: LightCopy.greatestIntakes)) {
            intakes.append(Intake(time: try reader.time(), leaves: try reader.count(atMost: leaves)))
        }
        let isDrawn = try reader.present()
        var buckets: [Int] = []
        for _ in 0..<(try reader.count(atMost: reader.remaining / 4)) { buckets.append(try reader.count(atMost: leaves)) }
        drawn = isDrawn ? buckets : nil
        var tree = LightTree(shape: shape, leaves: leaves, root: batch.root)
        for level in 1...shape.depth {
            let nodes = shape.nodes(level: level, leaves: leaves)
            for _ in 0..<(try reader.count(atMost: nodes)) {
                let index = try reader.count(atMost: nodes - 1)
                tree.set(try reader.bytes(tree.length(level: level, index: index)), level: level, index: index)
            }
        }
        try reader.end()
        self.tree = tree
        self.known = known
    }
}
