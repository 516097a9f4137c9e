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
    let store: any Store
    private let key: Ed25519SigningKey
    let pool: WorkPool
    private let witnesses: Witnesses
    /// The tree as of the newest published checkpoint.
    public private(set) var state: State
    /// The same part by part, and those that were published shortly before.
    private var trees: PublishedTrees
    /// What is signed and in the store, and waits for its witnesses; nothing more is signed before it is published.
    private(set) var sealed: State?
    private var waitingSince: Int64?
    private var isClosing = false
    /// Looking what other processes have published.
    var following: Task<Void, any Error>?

    private init(
        community: Community, store: any Store, key: Ed25519SigningKey, pool: WorkPool, witnesses: Witnesses, trees: PublishedTrees,
        state: State, sealed: State?
    ) {
        self.trees = trees
        self.community = community
        self.store = store
        self.key = key
        self.pool = pool
        self.witnesses = witnesses
        self.state = state
        self.sealed = sealed
    }

    nonisolated var id: [UInt8] { community.id.bytes }

    static let pageSize = 10_000
    /// Seconds for which the parts of a replaced tree are there at least: as long as it takes to fetch one.
    public static let leastTreeSeconds: Int64 = 300

    // MARK: Start

    /// Makes a community in a store: its record, and a log that opens epoch 1 with an empty tree.
    ///
    /// - Parameters:
    ///   - community: what it publishes; its key's private half is `key`.
    ///   - depth: depth of the tree of epoch 1, 1 to 4; it decides how many leaves the epoch holds.
    ///   - batching: when leaves enter that tree.
    ///   - rules: who may report what in epoch 1, and how it ends.
    ///   - now: the time of the first batch, in seconds since 1970.
    public static func create(
        community: Community, depth: Int, batching: Batching, rules: EpochRules = .none, store: any Store, key: Ed25519SigningKey,
        now: Int64
    ) async throws {
        let epoch: UInt32 = 1
        let depth = UInt32(try TreeShape(depth: depth).depth)
        let open = LogEntry.openEpoch(OpenedEntry(epoch: epoch, depth: depth, batching: batching)).encoded
        let stated = rules == .none ? [] : [LogEntry.rules(epoch: epoch, rules).encoded]
        let (state, entries) = try seal([open] + stated, on: LogReplay(community: community, depth: .tree), key: key, now: now)
        try await store.addCommunity(CommunityRecord(id: community.id.bytes, document: community.json.encoded()))
        try await store.append(
            LogBatch(start: 0, entries: entries, leaves: [], checkpoint: state.checkpoint),
            community: community.id.bytes)
    }

    /// Starts a community's issuer: reads the log and builds the tree from it.
    ///
    /// - Parameters:
    ///   - witnesses: who has to cosign a checkpoint before it is published.
    ///   - keepingTrees: seconds for which the parts of a tree are there after another replaced it.
    ///   - progress: called with the number of log entries read so far and in all.
    /// - Throws: ``Failure``; `StoreError`.
    public static func resume(
        store: any Store, key: Ed25519SigningKey, pool: WorkPool, witnesses: Witnesses = Witnesses(policy: .none),
        keepingTrees seconds: Int64 = leastTreeSeconds, progress: (@Sendable (Int, Int) -> Void)? = nil
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
            community: community, store: store, key: key, pool: pool, witnesses: witnesses, trees: PublishedTrees(seconds: seconds),
            state: state, sealed: last.log.size > state.log.size ? last : nil)
    }

    static func checked(_ replay: LogReplay, _ note: [UInt8]) throws(Failure) -> State {
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
        let state = try await newest()
        let (epoch, promised) = (state.epoch, now + 2 * Int64(state.batching.seconds))
        let issuance = try await pool.run {
            let issued = try Issuance.issue(
                message, values: code.attributes, schema: community.schema, community: community.id, codeHash: codeHash)
            let receipt = Receipt(
                community: community.id, codeHash: codeHash, issued: issued, epoch: epoch, index: nil, time: now, promisedBy: promised,
                signedBy: key)
            return IssuanceRecord(
                codeHash: codeHash.bytes, blank: issued.blank, message: message, leaf: issued.leaf, answer: receipt.json.encoded(),
                epoch: epoch)
        }
        switch try await store.issue(issuance, community: id) {
        case .issued(let answer), .repeated(let answer): return answer
        case .codeUsed: throw Problem.codeUsed
        case .unknownCode: throw Problem.unknownCode
        case .epochEnded: throw Problem.epochEnded
        }
    }

    // MARK: Top-up

    /// What a top-up code adds.
    ///
    /// - Throws: ``Problem`` for an unknown code; `StoreError`.
    public nonisolated func offer(codeHash: Digest) async throws -> TopUpOffer {
        guard let code = try await store.topUpCode(hash: codeHash.bytes, community: id) else { throw Problem.unknownCode }
        return TopUpOffer(community: community.id, amounts: code.amounts)
    }

    /// Answers a top-up: the first answer given under a code, again and again. Against the current root only: who was taken out of the tree
    /// does not come back by an earlier one.
    ///
    /// - Throws: `TopUpError` or `PresentationError` for the check that failed; ``Problem``; `StoreError`; `WorkPool.Busy`.
    public nonisolated func topUp(_ message: TopUpMessage, now: Int64) async throws -> [UInt8] {
        let hash = message.code.hash
        // Before everything else: an answer that got lost is given again, however far the log has gone on.
        if let earlier = try await store.topUp(codeHash: hash.bytes, community: id) {
            guard earlier.base == message.derivation.base, earlier.epoch == message.epoch else { throw Problem.codeUsed }
            return earlier.answer
        }
        guard let code = try await store.topUpCode(hash: hash.bytes, community: id) else { throw Problem.unknownCode }
        let (community, key, state) = (self.community, self.key, try await newest())
        guard let batch = state.replay.batch, !state.replay.epochs.isClosed else { throw Problem.epochEnded }
        let promised = now + 2 * Int64(state.batching.seconds)
        let record = try await pool.run {
            let checked = try message.check(community, amounts: code.amounts, tree: batch)
            guard checked.leads(from: try Presentation.verify([checked.claim])[0]) else { throw TopUpError.leaf }
            let receipt = TopUpReceipt(
                community: community.id, message: message, checked: checked, time: now, promisedBy: promised, signedBy: key)
            return TopUpRecord(
                codeHash: hash.bytes, epoch: message.epoch, base: message.derivation.base, leaf: checked.derivation.leaf,
                entry: LogEntry.toppedUp(message.entry(checked, index: 0)).encoded, answer: receipt.json.encoded())
        }
        switch try await store.topUp(record, logSize: state.log.size, community: id) {
        case .toppedUp(let answer), .repeated(let answer): return answer
        case .codeUsed: throw Problem.codeUsed
        case .unknownCode: throw Problem.unknownCode
        case .epochEnded: throw Problem.epochEnded
        case .replaced: throw TopUpError.root
        }
    }

    // MARK: Renewal

    /// Answers a renewal: the first answer given to this leaf, again and again.
    ///
    /// - Throws: `RenewalError` or `PresentationError` for the check that failed; ``Problem``; `StoreError`; `WorkPool.Busy`.
    public nonisolated func renew(_ message: RenewalMessage, now: Int64) async throws -> [UInt8] {
        // Before everything else: an answer that got lost is given again, however far the epochs have gone on.
        if message.nullifier.count == 33,
            let earlier = try await store.renewal(from: message.from, nullifier: message.nullifier, community: id),
            earlier.base == message.derivation.base, earlier.to == message.to
        {
            return earlier.answer
        }
        let (community, key, epochs) = (self.community, self.key, try await newest().replay.epochs)
        let record = try await pool.run {
            let checked = try message.check(community, epochs)
            guard checked.leads(from: try Presentation.verify([checked.claim])[0]) else { throw RenewalError.leaf }
            let receipt = RenewalReceipt(community: community.id, message: message, checked: checked, time: now, signedBy: key)
            return RenewalRecord(
                from: message.from, to: message.to, nullifier: message.nullifier, base: message.derivation.base,
                entry: LogEntry.renewed(message.entry(checked, index: 0)).encoded, answer: receipt.json.encoded())
        }
        switch try await store.renew(record, community: id) {
        case .renewed(let answer), .repeated(let answer): return answer
        case .alreadyRenewed: throw Problem.alreadyRenewed
        case .closed: throw Problem.epochEnded
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
    /// Of several processes on one store one appends; the others find that the log has gone on, and follow it.
    ///
    /// - Returns: how many leaves entered; 0 also while another call is at it, or when another process was faster.
    /// - Throws: ``Failure/full``; `StoreError`; `LogError.quorum` while witnesses are missing.
    @discardableResult public func closeBatchIfDue(now: Int64) async throws -> Int {
        guard !isClosing else { return 0 }
        isClosing = true
        defer { isClosing = false }
        try await catchUp()
        let before = (sealed ?? state).log.size
        do { return try await closeBatch(now: now) } catch StoreError.conflict {
            try await catchUp()
            // When nobody was faster, something is wrong.
            guard (sealed ?? state).log.size > before else { throw StoreError.conflict }
            return 0
        }
    }

    private func closeBatch(now: Int64) async throws -> Int {
        try await publish(now: now)
        if try await takeOut(now: now) { try await publish(now: now) }
        let before = state
        let epochs = before.replay.epochs
        let waiting = try await store.pendingLeaves(community: id, limit: Self.pageSize)
        let renewals = try await store.pendingRenewals(community: id, limit: Self.pageSize)
        let topUps = try await store.pendingTopUps(community: id, limit: Self.pageSize)
        let count = waiting.count + renewals.count + topUps.count
        if epochs.isClosed {
            // The next epoch opens with those who renewed into it, all at once.
            guard renewals.count >= Int(epochs.rules(of: epochs.current).minimumRenewals) else { return 0 }
            let opening = try await opening(behind: before)
            try await append(opening, waiting, renewals, topUps, to: before, epoch: epochs.current + 1, first: 0, now: now)
        } else if count == 0 {
            waitingSince = nil
            guard let end = try await store.epochEnd(epochs.current, community: id), end.isSettled else { return 0 }
            try await append(try await settlement(of: before), to: before, epoch: epochs.current, first: 0, now: now)
        } else {
            let since = waitingSince ?? now
            waitingSince = since
            // Counted from when leaves were seen to wait, and never less than the log itself shows.
            let elapsed = min(now - since, now - (before.replay.lastIntake ?? now))
            guard before.batching.admits(leaves: count, after: elapsed) else { return 0 }
            try await append(
                [], waiting, renewals, topUps, to: before, epoch: before.epoch, first: before.tree.leaves.count, now: now)
        }
        waitingSince = nil
        try await publish(now: now)
        return count
    }

    /// The entries that close an epoch: that its tree is final, and the feedback on the epoch before it.
    private func settlement(of state: State) async throws -> [LogEntry] {
        let epochs = state.replay.epochs
        var entries: [LogEntry] = [.closeEpoch(epochs.current)]
        guard epochs.current > 1 else { return entries }
        let epoch = epochs.current - 1
        let rules = epochs.rules(of: epoch)
        var counts: [Spend: [UInt32: (raised: UInt32, lowered: UInt32)]] = [:]
        var last = 0
        while true {
            let page = try await store.reports(epoch: epoch, after: last, limit: Self.pageSize, community: id)
            guard let end = page.last else { break }
            last = end.number
            for report in page where report.state == .stands || report.state == .upheld {
                guard let reason = rules.reason(Array(report.reason.utf8)) else { continue }
                let account = Spend(scope: report.audience, nullifier: report.account)
                var count = counts[account, default: [:]][UInt32(reason)] ?? (0, 0)
                if report.raises { count.raised += 1 } else { count.lowered += 1 }
                counts[account, default: [:]][UInt32(reason)] = count
            }
        }
        let feedback = try counts.map { account, reasons in
            SettledFeedback(
                epoch: epoch, audience: try Digest(account.scope), account: account.nullifier,
                counts: reasons.sorted { $0.key < $1.key }.map { .init(reason: $0.key, raised: $0.value.raised, lowered: $0.value.lowered) }
            )
        }
        entries += feedback.sorted { $0.precedes($1) }.map { .feedback($0) }
        return entries
    }

    /// The entries that open the next epoch, as the operator planned it.
    private func opening(behind state: State) async throws -> [LogEntry] {
        let epochs = state.replay.epochs
        let epoch = epochs.current + 1
        let plan = try await store.epochEnd(epochs.current, community: id)?.next ?? .same
        var entries: [LogEntry] = [
            .openEpoch(
                OpenedEntry(
                    epoch: epoch, depth: plan.depth ?? UInt32(state.tree.shape.depth), batching: plan.batching ?? state.batching))
        ]
        if let rules = plan.rules {
            entries.append(.rules(epoch: epoch, try EpochRules(json: JSON(parsing: rules), schema: community.schema)))
        }
        return entries
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
        try await append([], removing: leaves, to: before, epoch: before.epoch, first: before.tree.leaves.count, now: now)
        return true
    }

    /// Publishes what waits for its witnesses, once enough of them cosigned it; also what was published before they were asked for.
    private func publish(now: Int64) async throws {
        let target = sealed ?? state
        guard sealed != nil || !witnesses.areMet(by: target.checkpoint) else { return }
        let note = try await witnesses.cosign(target.checkpoint, log: target.log, last: state.log.size)
        guard let published = State(target.replay, checkpoint: note) else { throw Failure.checkpoint }
        try await store.publish(checkpoint: note, size: target.log.size, community: id)
        show(published, now: now)
    }

    /// Another process may have gone further in the meantime: the published state never goes back.
    func show(_ new: State, now: Int64) {
        guard new.log.size >= state.log.size else { return }
        trees.replace(state, by: new, now: now)
        state = new
        if let sealed, sealed.log.size <= new.log.size { self.sealed = nil }
    }

    /// A part of a published tree; nil for any other.
    package func children(_ part: TreePart) -> [UInt8]? { trees.children(part, newest: state) }

    /// Something waits for its witnesses, unless it or more has been published in the meantime.
    func wait(with new: State) {
        if new.log.size > (sealed ?? state).log.size { sealed = new }
    }

    private func append(
        _ head: [LogEntry], _ leaves: [PendingLeaf] = [], _ renewals: [RenewalRecord] = [], _ topUps: [TopUpRecord] = [],
        removing removals: [(index: Int, leaf: [UInt8])] = [], to before: State, epoch: UInt32, first: Int, now: Int64
    ) async throws {
        guard first + leaves.count + renewals.count + topUps.count <= before.tree.shape.capacity else { throw Failure.full }
        let key = self.key
        let (after, entries) = try await pool.run {
            // Each as the entry of a place, in the order of the leaves.
            var placed: [(leaf: [UInt8], entry: (UInt32) throws -> LogEntry)] = leaves.map { leaf in
                (
                    leaf.leaf,
                    { index in
                        .issued(
                            IssuedEntry(
                                epoch: epoch, index: index, codeHash: try Digest(leaf.codeHash), message: leaf.message,
                                values: leaf.attributes, leaf: leaf.leaf))
                    }
                )
            }
            for renewal in renewals {
                guard case .renewed(let entry) = try LogEntry(encoded: renewal.entry) else { throw Failure.checkpoint }
                placed.append((entry.derivation.leaf, { .renewed(entry.with(epoch: epoch, index: $0)) }))
            }
            for topUp in topUps {
                guard case .toppedUp(let entry) = try LogEntry(encoded: topUp.entry) else { throw Failure.checkpoint }
                placed.append((topUp.leaf, { .toppedUp(entry.with(index: $0)) }))
            }
            placed.sort { $0.leaf.lexicographicallyPrecedes($1.leaf) }
            let entries = try placed.enumerated().map { offset, one in try one.entry(UInt32(first + offset)).encoded }
            let taken = removals.map { LogEntry.removed(RemovedEntry(epoch: epoch, index: UInt32($0.index), leaf: $0.leaf)).encoded }
            return try Self.seal(head.map(\.encoded) + entries + taken, on: before.replay, key: key, now: now)
        }
        try await store.append(
            LogBatch(
                start: before.log.size, entries: entries, leaves: leaves, renewals: renewals, topUps: topUps,
                removals: removals.map(\.leaf), checkpoint: after.checkpoint, isPublished: witnesses.policy.isNone),
            community: id)
        if witnesses.policy.isNone { show(after, now: now) } else { wait(with: after) }
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
