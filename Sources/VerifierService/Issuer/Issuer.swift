import Membership
import Platform
import Reputation

/// A community's issuer: answers requests for issuance, and puts the issued leaves into the log and the tree, batch by batch.
///
/// The tree is a pure function of the log: at the start it is built again from it, and must come out as the last batch entry says.
public actor Issuer {
    /// The tree as of the newest checkpoint, and what a verifier has to know of it.
    public struct State: Sendable {
        /// The epoch whose tree it is.
        public let epoch: UInt32
        /// The tree.
        public let tree: CurveTree
        /// When waiting leaves enter the tree.
        public let batching: Batching
        /// All that the log says, up to and with the batch entry.
        public let replay: LogReplay
        /// The signed checkpoint.
        public let checkpoint: [UInt8]

        /// The log up to and with the batch entry.
        public var log: MerkleTree { replay.log }

        /// Nil unless the replay ends with a batch.
        init?(_ replay: LogReplay, checkpoint: [UInt8]) {
            guard replay.isComplete, let tree = replay.tree, let batching = replay.batching, let batch = replay.batch else { return nil }
            epoch = batch.epoch
            self.tree = tree
            self.batching = batching
            self.replay = replay
            self.checkpoint = checkpoint
        }
    }

    /// Why the issuer does not start.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The store holds no community of that key.
        case noCommunity
        /// The log in the store breaks the rules of a log.
        case log(LogViolation)
        /// The log in the store is not what the checkpoint there signs.
        case checkpoint
        /// The tree of that epoch is full.
        case full

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .noCommunity: "the store holds no community of this log key"
            case .log(let violation): "the log in the store breaks a rule at entry \(violation.position): \(violation.rule.code)"
            case .checkpoint: "the log in the store is not what its checkpoint signs"
            case .full: "the epoch's tree has no room for these leaves"
            }
        }
    }

    /// What the community publishes about itself.
    public nonisolated let community: Community
    private let store: any Store
    private let key: Ed25519SigningKey
    private let pool: WorkPool
    private let witnesses: Witnesses
    /// The tree as of the newest published checkpoint.
    public private(set) var state: State
    /// What is signed and in the store, and waits for its witnesses; nothing more is signed before it is published.
    private var sealed: State?
    private var waitingSince: Int64?
    private var isClosing = false

    private init(
        community: Community, store: any Store, key: Ed25519SigningKey, pool: WorkPool, witnesses: Witnesses, state: State, sealed: State?
    ) {
        self.community = community
        self.store = store
        self.key = key
        self.pool = pool
        self.witnesses = witnesses
        self.state = state
        self.sealed = sealed
    }

    private nonisolated var id: [UInt8] { community.id.bytes }

    private static let pageSize = 10_000

    // MARK: Start

    /// Makes a community in a store: its record, and a log that opens epoch 1 with an empty tree.
    ///
    /// - Parameters:
    ///   - community: what it publishes; its key's private half is `key`.
    ///   - depth: depth of the tree of epoch 1, 1 to 4; it decides how many leaves the epoch holds.
    ///   - batching: when leaves enter that tree.
    ///   - now: the time of the first batch, in seconds since 1970.
    public static func create(
        community: Community, depth: Int, batching: Batching, store: any Store, key: Ed25519SigningKey, now: Int64
    ) async throws {
        let epoch: UInt32 = 1
        let depth = UInt32(try TreeShape(depth: depth).depth)
        let open = LogEntry.openEpoch(OpenedEntry(epoch: epoch, depth: depth, batching: batching)).encoded
        let (state, entries) = try seal([open], on: LogReplay(community: community, depth: .tree), key: key, now: now)
        try await store.addCommunity(CommunityRecord(id: community.id.bytes, document: community.json.encoded()))
        try await store.append(
            LogBatch(start: 0, entries: entries, leaves: [], checkpoint: state.checkpoint),
            community: community.id.bytes)
    }

    /// Starts a community's issuer: reads the log and builds the tree from it.
    ///
    /// - Parameters:
    ///   - witnesses: who has to cosign a checkpoint before it is published.
    ///   - progress: called with the number of log entries read so far and in all.
    /// - Throws: ``Failure``; `StoreError`.
    public static func resume(
        store: any Store, key: Ed25519SigningKey, pool: WorkPool, witnesses: Witnesses = Witnesses(policy: .none),
        progress: (@Sendable (Int, Int) -> Void)? = nil
    ) async throws -> Issuer {
        let id = try Digest.keyID(key.publicKey)
        guard let record = try await store.communities().first(where: { $0.id == id.bytes }) else { throw Failure.noCommunity }
        let community = try Community(json: JSON(parsing: record.document))
        let size = try await store.counts(community: id.bytes).logSize
        // Two checkpoints can stand in the store: the published one, and behind it one that waits for its witnesses.
        guard let published = try await store.checkpoint(community: id.bytes),
            let newest = try await store.sealedCheckpoint(community: id.bytes),
            let publishedSize = try? Checkpoint(note: published, community: community).size
        else { throw Failure.checkpoint }
        var replay = LogReplay(community: community, depth: .tree)
        var state: State?
        while replay.size < size {
            let page = try await store.logEntries(community: id.bytes, from: replay.size, limit: pageSize)
            guard !page.isEmpty else { throw Failure.checkpoint }
            for entry in page {
                do { try replay.apply(entry) } catch { throw Failure.log(error) }
                if replay.size == publishedSize { state = try checked(replay, published) }
            }
            progress?(replay.size, size)
        }
        let last = try checked(replay, newest)
        guard let state else { throw Failure.checkpoint }
        return Issuer(
            community: community, store: store, key: key, pool: pool, witnesses: witnesses, state: state,
            sealed: last.log.size > state.log.size ? last : nil)
    }

    private static func checked(_ replay: LogReplay, _ note: [UInt8]) throws(Failure) -> State {
        guard let checkpoint = try? Checkpoint(note: note, community: replay.community), replay.agrees(with: checkpoint),
            let state = State(replay, checkpoint: note)
        else { throw .checkpoint }
        return state
    }

    // MARK: Issuance

    /// Answers a request for issuance: the first answer given under a code, again and again.
    ///
    /// - Throws: `IssuanceError` when the proof does not hold; ``Problem`` for an unknown or used code; `StoreError`; `WorkPool.Busy`.
    public nonisolated func issue(_ message: [UInt8], codeHash: Digest, now: Int64) async throws -> [UInt8] {
        guard let code = try await store.claimCode(hash: codeHash.bytes, community: id) else { throw Problem.unknownCode }
        let (community, key) = (self.community, self.key)
        let state = await state
        let (epoch, promised) = (state.epoch, now + 2 * Int64(state.batching.seconds))
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

    /// Puts the waiting leaves into the log as one batch when the epoch's rule admits it, in the order of their bytes: the order of arrival
    /// is not published.
    ///
    /// What is signed is on disk before a witness sees it, and is published once enough of them cosigned. Until then nothing more is
    /// signed: two states can never be on their way.
    ///
    /// - Parameter now: the time of the batch, in seconds since 1970.
    /// - Returns: how many leaves entered; 0 also while another call is at it.
    /// - Throws: ``Failure/full``; `StoreError`; `LogError.quorum` while witnesses are missing.
    @discardableResult public func closeBatchIfDue(now: Int64) async throws -> Int {
        guard !isClosing else { return 0 }
        isClosing = true
        defer { isClosing = false }
        try await publish()
        if try await takeOut(now: now) { try await publish() }
        let waiting = try await store.pendingLeaves(community: id, limit: Self.pageSize)
        guard !waiting.isEmpty else {
            waitingSince = nil
            return 0
        }
        let since = waitingSince ?? now
        waitingSince = since
        let before = state
        // Counted from when leaves were seen to wait, and never less than the log itself shows.
        let elapsed = min(now - since, now - (before.replay.lastIntake ?? now))
        guard before.batching.admits(leaves: waiting.count, after: elapsed) else { return 0 }
        try await append(waiting.sorted { $0.leaf.lexicographicallyPrecedes($1.leaf) }, to: before, now: now)
        waitingSince = nil
        try await publish()
        return waiting.count
    }

    /// Takes the leaves of revoked persons out of the current epoch's tree, in a batch of their own: it takes in nobody, so it waits for nobody.
    private func takeOut(now: Int64) async throws -> Bool {
        guard sealed == nil else { return false }
        let before = state
        let revoked = Set(try await store.pendingRemovals(community: id, limit: Self.pageSize))
        guard !revoked.isEmpty, !before.replay.epochs.isClosed else { return false }
        // Those of earlier epochs are not there: they end with their epoch, or were renewed and cannot be told from others.
        var leaves: [(index: Int, leaf: [UInt8])] = []
        for (index, point) in before.tree.leaves.enumerated() {
            if let leaf = point?.encoded, revoked.contains(leaf) { leaves.append((index, leaf)) }
        }
        guard !leaves.isEmpty else { return false }
        try await append([], to: before, removing: leaves, now: now)
        return true
    }

    /// Publishes what waits for its witnesses, once enough of them cosigned it; also what was published before they were asked for.
    private func publish() async throws {
        let target = sealed ?? state
        guard sealed != nil || !witnesses.areMet(by: target.checkpoint) else { return }
        let note = try await witnesses.cosign(target.checkpoint, log: target.log, last: state.log.size)
        guard let published = State(target.replay, checkpoint: note) else { throw Failure.checkpoint }
        try await store.publish(checkpoint: note, size: target.log.size, community: id)
        state = published
        sealed = nil
    }

    private func append(
        _ leaves: [PendingLeaf], to before: State, removing removals: [(index: Int, leaf: [UInt8])] = [], now: Int64
    ) async throws {
        let first = before.tree.leaves.count
        guard first + leaves.count <= before.tree.shape.capacity else { throw Failure.full }
        let key = self.key
        let (after, entries) = try await pool.run {
            let entries = try leaves.enumerated().map { offset, leaf in
                LogEntry.issued(
                    IssuedEntry(
                        epoch: before.epoch, index: UInt32(first + offset), codeHash: try Digest(leaf.codeHash), message: leaf.message,
                        values: leaf.attributes, leaf: leaf.leaf)
                ).encoded
            }
            let taken = removals.map { LogEntry.removed(RemovedEntry(epoch: before.epoch, index: UInt32($0.index), leaf: $0.leaf)).encoded }
            return try Self.seal(entries + taken, on: before.replay, key: key, now: now)
        }
        try await store.append(
            LogBatch(
                start: before.log.size, entries: entries, leaves: leaves, removals: removals.map(\.leaf), checkpoint: after.checkpoint,
                isPublished: witnesses.policy.isNone),
            community: id)
        if witnesses.policy.isNone { state = after } else { sealed = after }
    }

    /// Appends entries and the batch entry that ends them to a log, by the rules that everybody replays it with, and signs the checkpoint.
    ///
    /// - Throws: `LogViolation`: nothing is signed that a wallet or an audit would refuse.
    private static func seal(
        _ entries: [[UInt8]], on log: LogReplay, key: Ed25519SigningKey, now: Int64
    ) throws -> (state: State, entries: [[UInt8]]) {
        var log = log
        for entry in entries { try log.apply(entry) }
        // A clock that was set back does not turn the log's time.
        let batch = LogEntry.batch(try log.closing(time: max(now, log.batch?.time ?? 0))).encoded
        try log.apply(batch)
        guard let last = log.batch else { throw Failure.checkpoint }
        let checkpoint = Checkpoint(origin: log.community.origin, size: log.size, root: log.log.root, batch: last)
        guard let state = State(log, checkpoint: checkpoint.signed(by: key)) else { throw Failure.checkpoint }
        return (state, entries + [batch])
    }
}
