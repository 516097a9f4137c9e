import Curves
import Membership
import Platform
import Reputation

/// A community's issuer: answers requests for issuance, and puts the issued leaves into the log and the tree, batch by batch.
///
/// The tree is a pure function of the log: at the start it is built again from it, and must come out as the last batch entry says.
public actor Issuer {
    /// When the waiting leaves enter the tree.
    public struct Batching: Sendable {
        /// As soon as so many wait: the first leaves of a small batch would be known by their time.
        public var leaves: Int
        /// And at the latest so many seconds after the issuer noticed that leaves wait. Receipts promise twice this.
        public var seconds: Int64

        /// Creates a rule.
        public init(leaves: Int, seconds: Int64) {
            self.leaves = leaves
            self.seconds = seconds
        }
    }

    /// The tree as of the newest checkpoint, and what a verifier has to know of it.
    public struct State: Sendable {
        /// The epoch whose tree it is.
        public let epoch: UInt32
        /// The tree.
        public let tree: CurveTree
        /// The log up to and with the batch entry.
        public let log: MerkleTree
        /// The signed checkpoint.
        public let checkpoint: [UInt8]
    }

    /// Why the issuer does not start.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The store holds no community of that key.
        case noCommunity
        /// The log in the store contradicts itself.
        case log(position: Int)
        /// The tree of that epoch is full.
        case full

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .noCommunity: "the store holds no community of this log key"
            case .log(let position): "the log in the store contradicts itself at entry \(position)"
            case .full: "the epoch's tree has no room for these leaves"
            }
        }
    }

    /// What the community publishes about itself.
    public nonisolated let community: Community
    /// When waiting leaves enter the tree.
    public nonisolated let batching: Batching
    private let store: any Store
    private let key: Ed25519SigningKey
    private let pool: WorkPool
    /// The tree as of the newest checkpoint.
    public private(set) var state: State
    private var waitingSince: Int64?
    private var isClosing = false

    private init(community: Community, batching: Batching, store: any Store, key: Ed25519SigningKey, pool: WorkPool, state: State) {
        self.community = community
        self.batching = batching
        self.store = store
        self.key = key
        self.pool = pool
        self.state = state
    }

    private nonisolated var id: [UInt8] { community.id.bytes }

    private static let pageSize = 10_000

    // MARK: Start

    /// Makes a community in a store: its record, and a log that opens epoch 1 with an empty tree.
    ///
    /// - Parameters:
    ///   - community: what it publishes; its key's private half is `key`.
    ///   - depth: depth of the tree of epoch 1, 1 to 4; it decides how many leaves the epoch holds.
    public static func create(
        community: Community, depth: Int, store: any Store, key: Ed25519SigningKey
    ) async throws {
        let epoch: UInt32 = 1
        let tree = CurveTree(shape: try TreeShape(depth: depth))
        let open = LogEntry.openEpoch(epoch: epoch, depth: UInt32(tree.shape.depth)).encoded
        let (batch, _, checkpoint) = seal(entries: [open], on: MerkleTree(), tree: tree, epoch: epoch, community: community, key: key)
        try await store.addCommunity(CommunityRecord(id: community.id.bytes, document: community.json.encoded()))
        try await store.append(
            LogBatch(start: 0, entries: [open, batch], epoch: epoch, firstLeaf: 0, leaves: [], checkpoint: checkpoint),
            community: community.id.bytes)
    }

    /// Starts a community's issuer: reads the log and builds the tree from it.
    ///
    /// - Parameter progress: called with the number of log entries read so far and in all.
    /// - Throws: ``Failure``; `StoreError`.
    public static func resume(
        store: any Store, key: Ed25519SigningKey, batching: Batching, pool: WorkPool,
        progress: (@Sendable (Int, Int) -> Void)? = nil
    ) async throws -> Issuer {
        let id = try Digest.keyID(key.publicKey)
        guard let record = try await store.communities().first(where: { $0.id == id.bytes }) else { throw Failure.noCommunity }
        let community = try Community(json: JSON(parsing: record.document))
        let size = try await store.counts(community: id.bytes).logSize
        var replay = LogReplay(schema: community.schema.digest)
        while replay.position < size {
            let page = try await store.logEntries(community: id.bytes, from: replay.position, limit: pageSize)
            guard !page.isEmpty else { throw Failure.log(position: replay.position) }
            for entry in page { try replay.apply(entry) }
            progress?(replay.position, size)
        }
        guard let (epoch, tree) = replay.end, let note = try await store.checkpoint(community: id.bytes),
            let checkpoint = try? Checkpoint(note: note, community: community), checkpoint.size == size, checkpoint.root == replay.log.root
        else { throw Failure.log(position: size) }
        let state = State(epoch: epoch, tree: tree, log: replay.log, checkpoint: note)
        return Issuer(community: community, batching: batching, store: store, key: key, pool: pool, state: state)
    }

    // MARK: Issuance

    /// Answers a request for issuance: the first answer given under a code, again and again.
    ///
    /// - Throws: `IssuanceError` when the proof does not hold; ``Problem`` for an unknown or used code; `StoreError`; `WorkPool.Busy`.
    public nonisolated func issue(_ message: [UInt8], codeHash: Digest, now: Int64) async throws -> [UInt8] {
        guard let code = try await store.claimCode(hash: codeHash.bytes, community: id) else { throw Problem.unknownCode }
        let (community, key) = (self.community, self.key)
        let promised = now + 2 * batching.seconds
        let epoch = await state.epoch
        let issuance = try await pool.run {
            let issued = try Issuance.issue(
                message, values: code.attributes, schema: community.schema, community: community.id, codeHash: codeHash)
            let receipt = Receipt(
                community: community.id, codeHash: codeHash, issued: issued, epoch: epoch, index: nil, time: now, promisedBy: promised,
                signedBy: key)
            return IssuanceRecord(
                codeHash: codeHash.bytes, blank: issued.blank, message: message, leaf: issued.leaf, answer: receipt.json.encoded())
        }
        switch try await store.issue(issuance, community: id) {
        case .issued(let answer), .repeated(let answer): return answer
        case .codeUsed: throw Problem.codeUsed
        case .unknownCode: throw Problem.unknownCode
        }
    }

    // MARK: Batches

    /// Puts the waiting leaves into the log when the rule says so.
    ///
    /// - Returns: how many leaves entered.
    @discardableResult public func closeBatchIfDue(now: Int64) async throws -> Int {
        let waiting = try await store.pendingLeaves(community: id, limit: batching.leaves).count
        guard waiting > 0 else {
            waitingSince = nil
            return 0
        }
        let since = waitingSince ?? now
        waitingSince = since
        guard waiting >= batching.leaves || now - since >= batching.seconds else { return 0 }
        return try await closeBatch()
    }

    /// Puts all waiting leaves into the log as one batch, in the order of their bytes: the order of arrival is not published.
    ///
    /// - Returns: how many leaves entered; 0 also while another call is at it.
    /// - Throws: ``Failure/full``; `StoreError`.
    @discardableResult public func closeBatch() async throws -> Int {
        guard !isClosing else { return 0 }
        isClosing = true
        defer { isClosing = false }
        let leaves = try await store.pendingLeaves(community: id, limit: Self.pageSize).sorted {
            $0.leaf.lexicographicallyPrecedes($1.leaf)
        }
        guard !leaves.isEmpty else { return 0 }
        let (before, community, key) = (state, self.community, self.key)
        let first = before.tree.leaves.count
        guard first + leaves.count <= before.tree.shape.capacity else { throw Failure.full }
        let (after, entries) = try await pool.run {
            var tree = before.tree
            var entries: [[UInt8]] = []
            var points: [LeafPoint] = []
            for (offset, leaf) in leaves.enumerated() {
                points.append(try LeafPoint(encoded: leaf.leaf[...]))
                entries.append(
                    LogEntry.issued(
                        IssuedEntry(
                            epoch: before.epoch, index: UInt32(first + offset), codeHash: try Digest(leaf.codeHash),
                            message: leaf.message, values: leaf.attributes, leaf: leaf.leaf)
                    ).encoded)
            }
            try tree.append(points)
            let (batch, log, checkpoint) = Self.seal(
                entries: entries, on: before.log, tree: tree, epoch: before.epoch, community: community, key: key)
            return (State(epoch: before.epoch, tree: tree, log: log, checkpoint: checkpoint), entries + [batch])
        }
        try await store.append(
            LogBatch(
                start: before.log.size, entries: entries, epoch: before.epoch, firstLeaf: first, leaves: leaves,
                checkpoint: after.checkpoint),
            community: id)
        state = after
        waitingSince = nil
        return leaves.count
    }

    /// Appends entries and the batch entry that ends them to a log, and signs the checkpoint over it.
    private static func seal(
        entries: [[UInt8]], on log: MerkleTree, tree: CurveTree, epoch: UInt32, community: Community, key: Ed25519SigningKey
    ) -> (batch: [UInt8], log: MerkleTree, checkpoint: [UInt8]) {
        let batch = BatchEntry(
            epoch: epoch, depth: UInt32(tree.shape.depth), leafCount: UInt32(tree.leaves.count), root: tree.root.encoded,
            schema: community.schema.digest)
        let encoded = LogEntry.batch(batch).encoded
        var log = log
        for entry in entries { log.append(entry) }
        log.append(encoded)
        let checkpoint = Checkpoint(origin: community.origin, size: log.size, root: log.root, batch: batch)
        return (encoded, log, checkpoint.signed(by: key))
    }
}

/// The point type of leaves.
typealias LeafPoint = Affine<Secp256k1>

/// Applies log entries one after the other and keeps what they make: the rules that a log obeys are here.
struct LogReplay {
    /// Number of entries applied.
    private(set) var position = 0
    /// The Merkle tree over them.
    private(set) var log = MerkleTree()
    private let schema: Digest
    private var open: (epoch: UInt32, tree: CurveTree)?
    private var waiting: [LeafPoint] = []
    private var endsWithBatch = false

    init(schema: Digest) { self.schema = schema }

    /// The state after the last entry, if that is a batch entry.
    var end: (epoch: UInt32, tree: CurveTree)? { endsWithBatch ? open : nil }

    /// - Throws: `Issuer.Failure.log` when the entry cannot stand there.
    mutating func apply(_ encoded: [UInt8]) throws(Issuer.Failure) {
        do {
            try apply(LogEntry(encoded: encoded))
        } catch {
            throw .log(position: position)
        }
        log.append(encoded)
        position += 1
    }

    private mutating func apply(_ entry: LogEntry) throws {
        endsWithBatch = false
        switch entry {
        case .openEpoch(let epoch, let depth):
            guard waiting.isEmpty, epoch == (open?.epoch ?? 0) + 1 else { throw Issuer.Failure.log(position: position) }
            open = (epoch, CurveTree(shape: try TreeShape(depth: Int(depth))))
        case .issued(let leaf):
            guard let open, leaf.epoch == open.epoch, Int(leaf.index) == open.tree.leaves.count + waiting.count else {
                throw Issuer.Failure.log(position: position)
            }
            waiting.append(try LeafPoint(encoded: leaf.leaf[...]))
        case .removed(let leaf):
            try flush()
            guard let tree = open?.tree, Int(leaf.index) < tree.leaves.count else { throw Issuer.Failure.log(position: position) }
            try open?.tree.remove(at: Int(leaf.index))
        case .batch(let batch):
            try flush()
            guard let open, batch.epoch == open.epoch, Int(batch.depth) == open.tree.shape.depth,
                Int(batch.leafCount) == open.tree.leaves.count,
                batch.root == open.tree.root.encoded, batch.schema == schema
            else { throw Issuer.Failure.log(position: position) }
            endsWithBatch = true
        }
    }

    /// Leaves enter the tree a batch at a time, which is much faster than one by one.
    private mutating func flush() throws {
        try open?.tree.append(waiting)
        waiting = []
    }
}
