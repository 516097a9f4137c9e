import Curves
import Membership
import Platform

/// What a community's log makes: applies its entries one after the other, by the rules that a log obeys, and keeps the curve tree and the
/// Merkle tree over the entries. Issuer, wallet and audit run this same code.
///
/// All of a log is applied by its batch entries: between them entries wait, and the tree is the one of the last batch.
public struct LogReplay: Sendable {
    /// How much is looked at of a leaf.
    public enum Depth: Equatable, Sendable {
        /// All that the tree depends on.
        case tree
        #if !hasFeature(Embedded)
        /// And whether it was rightly issued: the proof of opening, and that the leaf is the commitment and the values. For the audit; costs
        /// some 0.1 ms a leaf. Not in the browser: a wallet audits nobody, and carries no verifier.
        case issuance
        #endif
    }

    /// Whose log it is.
    public let community: Community
    /// How much is looked at.
    public let depth: Depth
    /// The Merkle tree over all entries applied.
    public private(set) var log = MerkleTree()
    /// The tree of the current epoch as of the last batch; nil before the first epoch is opened.
    public private(set) var tree: CurveTree?
    /// When leaves enter the current epoch's tree.
    public private(set) var batching: Batching?
    /// The last batch entry; nil before the first.
    public private(set) var batch: BatchEntry?
    /// Time of the last batch that took in leaves or began an epoch, in seconds since 1970.
    public private(set) var lastIntake: Int64?
    /// Batches so far.
    public private(set) var batches = 0
    /// Leaves put in and taken out so far, in all epochs.
    public private(set) var (appended, removed) = (0, 0)
    /// Leaves put in by renewal, and by top-up, in all epochs.
    public private(set) var (renewed, toppedUp) = (0, 0)
    /// Epochs, their rules, and what has settled.
    public private(set) var epochs = EpochHistory()

    private var epoch: UInt32 { UInt32(epochs.count) }
    private var epochHasBatch: Bool { epochs.last?.lastBatch != nil }
    private var waiting: [Waiting] = []
    private var waitingRemovals: Set<Int> = []
    private var endsWithBatch = false
    // Everything that was ever used, in any epoch.
    private var leaves: Set<Bytes33> = []
    private var removedLeaves: Set<Bytes33> = []
    private var blanks: Set<Bytes33> = []
    private var codes: Set<Bytes33> = []

    private var isBehindOpening = false
    private var isSettling = false

    private struct Waiting: Sendable {
        enum Entry: Sendable {
            case issued(IssuedEntry)
            case derived(Derivation)
        }

        let position: Int
        let entry: Entry
        let leaf: [UInt8]
        let point: Affine<Secp256k1>
    }

    /// What a renewal or top-up has to prove, and against which tree.
    private struct Derivation: Sendable {
        enum Statement: Sendable {
            case renewal(RenewalStatement)
            case topUp(TopUpStatement)
        }

        let statement: Statement
        let addition: LeafAddition
        let tree: BatchEntry
        let entry: LeafDerivation

        /// Nil for one that may not be asked.
        func request(base: [UInt8]) -> Request? {
            switch statement {
            case .renewal(let statement): try? statement.request(base: base, addition)
            case .topUp(let statement): try? statement.request(base: base, addition)
            }
        }
    }

    /// Nothing applied yet.
    public init(community: Community, depth: Depth) {
        self.community = community
        self.depth = depth
    }

    /// Entries applied.
    public var size: Int { log.size }

    /// Whether the last entry closed a batch: then tree and log are of one state.
    public var isComplete: Bool { endsWithBatch }

    /// Whether a checkpoint is about exactly the entries applied.
    public func agrees(with checkpoint: Checkpoint) -> Bool {
        endsWithBatch && checkpoint.size == size && checkpoint.root == log.root && checkpoint.batch == batch
    }

    /// Applies the next entry.
    ///
    /// Throws when it must not stand there, or, by a batch entry, when one of those that it closes must not; the replay is of no use then.
    public mutating func apply(_ encoded: [UInt8]) throws(LogViolation) {
        let position = log.size
        let entry: LogEntry
        do { entry = try LogEntry(encoded: encoded) } catch { throw LogViolation(position: position, rule: .format(error)) }
        switch entry {
        case .openEpoch(let opened): try open(opened, at: position)
        case .rules(let epoch, let rules): try state(rules, of: epoch, at: position)
        case .closeEpoch(let epoch): try closeEpoch(epoch, at: position)
        case .feedback(let feedback): try settle(feedback, at: position)
        case .issued(let issued): try append(issued, at: position)
        case .renewed(let renewed): try append(renewed, at: position)
        case .toppedUp(let entry): try append(entry, at: position)
        case .removed(let removed): try remove(removed, at: position)
        case .batch(let batch): try close(batch, at: position)
        }
        if case .batch = entry { endsWithBatch = true } else { endsWithBatch = false }
        if case .openEpoch = entry { isBehindOpening = true } else { isBehindOpening = false }
        log.append(encoded)
    }

    /// The batch entry that would close what waits; throws when none can.
    public func closing(time: Int64) throws(LogViolation) -> BatchEntry {
        guard var tree else { throw LogViolation(position: size, rule: .epoch) }
        do {
            try tree.append(waiting.map { $0.point })
            for index in waitingRemovals.sorted() { try tree.remove(at: index) }
        } catch {
            throw LogViolation(position: size, rule: .tree)
        }
        return BatchEntry(
            epoch: epoch, depth: UInt32(tree.shape.depth), leafCount: UInt32(tree.leaves.count), root: tree.root.encoded,
            schema: community.schema.digest, time: time)
    }

    // MARK: Entries

    private mutating func open(_ entry: OpenedEntry, at position: Int) throws(LogViolation) {
        func violation(_ rule: LogViolation.Rule) -> LogViolation { LogViolation(position: position, rule: rule) }
        guard waiting.isEmpty, waitingRemovals.isEmpty, !isSettling, tree == nil || epochHasBatch else { throw violation(.unfinished) }
        guard entry.epoch == epoch + 1, let shape = try? TreeShape(depth: Int(entry.depth)) else { throw violation(.epoch) }
        guard tree == nil || epochs.isClosed else { throw violation(.closed) }
        epochs.open()
        batching = entry.batching
        tree = CurveTree(shape: shape)
    }

    private mutating func state(_ rules: EpochRules, of epoch: UInt32, at position: Int) throws(LogViolation) {
        guard isBehindOpening, epoch == self.epoch, rules.fits(community.schema) else {
            throw LogViolation(position: position, rule: .rules)
        }
        epochs.state(rules)
    }

    private mutating func closeEpoch(_ epoch: UInt32, at position: Int) throws(LogViolation) {
        func violation(_ rule: LogViolation.Rule) -> LogViolation { LogViolation(position: position, rule: rule) }
        guard tree != nil, epoch == self.epoch else { throw violation(.epoch) }
        guard waiting.isEmpty, waitingRemovals.isEmpty, epochHasBatch else { throw violation(.unfinished) }
        guard !epochs.isClosed else { throw violation(.closed) }
        epochs.close()
        isSettling = true
    }

    private mutating func settle(_ feedback: SettledFeedback, at position: Int) throws(LogViolation) {
        guard isSettling, epochs.settle(feedback, schema: community.schema) else { throw LogViolation(position: position, rule: .feedback) }
    }

    private mutating func append(_ entry: IssuedEntry, at position: Int) throws(LogViolation) {
        func violation(_ rule: LogViolation.Rule) -> LogViolation { LogViolation(position: position, rule: rule) }
        let point = try append(entry.leaf, epoch: entry.epoch, index: entry.index, at: position)
        guard codes.insert(Bytes33(entry.codeHash.bytes)).inserted else { throw violation(.codeRepeated) }
        guard blanks.insert(Bytes33(entry.blank)).inserted else { throw violation(.blankRepeated) }
        do { try community.schema.check(values: entry.values) } catch { throw violation(.values(error)) }
        waiting.append(Waiting(position: position, entry: .issued(entry), leaf: entry.leaf, point: point))
    }

    private mutating func append(_ entry: RenewedEntry, at position: Int) throws(LogViolation) {
        func violation(_ rule: LogViolation.Rule) -> LogViolation { LogViolation(position: position, rule: rule) }
        let derivation = entry.derivation
        let point = try append(derivation.leaf, epoch: entry.epoch, index: entry.index, at: position)
        guard let statement = epochs.statement(community, from: entry.from, to: entry.epoch), let final = epochs.final(of: entry.from)
        else { throw violation(.renewal) }
        guard let nullifiers = statement.nullifiers(of: derivation.presentation) else { throw violation(.presentation(.length)) }
        guard epochs.renew(nullifiers[0], from: entry.from) else { throw violation(.renewalRepeated) }
        let raw = epochs.feedback(on: statement.accounts, nullifiers: nullifiers, schema: community.schema)
        guard let addition = try? statement.addition(raw: raw, disclosed: derivation.disclosed), addition.deltas == derivation.deltas
        else { throw violation(.deltas) }
        wait(
            Derivation(statement: .renewal(statement), addition: addition, tree: final, entry: derivation), point, at: position)
    }

    private mutating func append(_ entry: ToppedUpEntry, at position: Int) throws(LogViolation) {
        func violation(_ rule: LogViolation.Rule) -> LogViolation { LogViolation(position: position, rule: rule) }
        let point = try append(entry.derivation.leaf, epoch: entry.epoch, index: entry.index, at: position)
        guard codes.insert(Bytes33(entry.codeHash.bytes)).inserted else { throw violation(.codeRepeated) }
        guard let tree = epochs.batch(withRoot: entry.root) else { throw violation(.topUp) }
        let statement = TopUpStatement(community: community, epoch: entry.epoch, codeHash: entry.codeHash)
        guard let addition = statement.addition(of: entry.derivation) else { throw violation(.deltas) }
        wait(Derivation(statement: .topUp(statement), addition: addition, tree: tree, entry: entry.derivation), point, at: position)
    }

    private mutating func wait(_ derivation: Derivation, _ point: Affine<Secp256k1>, at position: Int) {
        waiting.append(Waiting(position: position, entry: .derived(derivation), leaf: derivation.entry.leaf, point: point))
    }

    /// What holds for every new leaf.
    private mutating func append(
        _ leaf: [UInt8], epoch: UInt32, index: UInt32, at position: Int
    ) throws(LogViolation) -> Affine<Secp256k1> {
        func violation(_ rule: LogViolation.Rule) -> LogViolation { LogViolation(position: position, rule: rule) }
        guard let tree, epoch == self.epoch else { throw violation(.epoch) }
        guard !epochs.isClosed else { throw violation(.closed) }
        guard Int64(index) == Int64(tree.leaves.count + waiting.count) else { throw violation(.index) }
        guard tree.leaves.count + waiting.count < tree.shape.capacity else { throw violation(.tree) }
        if let before = waiting.last?.leaf, !before.lexicographicallyPrecedes(leaf), before != leaf { throw violation(.order) }
        guard !removedLeaves.contains(Bytes33(leaf)) else { throw violation(.restored) }
        guard leaves.insert(Bytes33(leaf)).inserted else { throw violation(.leafRepeated) }
        guard let point = try? Affine<Secp256k1>(encoded: leaf[...]) else { throw violation(.format(.notCanonical)) }
        return point
    }

    private mutating func remove(_ entry: RemovedEntry, at position: Int) throws(LogViolation) {
        guard let tree, entry.epoch == epoch else { throw LogViolation(position: position, rule: .epoch) }
        guard !epochs.isClosed else { throw LogViolation(position: position, rule: .closed) }
        guard let index = Int(exactly: entry.index), index < tree.leaves.count, tree.leaves[index]?.encoded == entry.leaf,
            waitingRemovals.insert(index).inserted
        else { throw LogViolation(position: position, rule: .removal) }
        removedLeaves.insert(Bytes33(entry.leaf))
    }

    private mutating func close(_ entry: BatchEntry, at position: Int) throws(LogViolation) {
        func violation(_ rule: LogViolation.Rule) -> LogViolation { LogViolation(position: position, rule: rule) }
        guard let batching, entry.epoch == epoch else { throw violation(.epoch) }
        guard entry.schema == community.schema.digest else { throw violation(.schema) }
        if let batch, entry.time < batch.time { throw violation(.time) }
        var (renewals, topUps) = (0, 0)
        for case .derived(let derivation) in waiting.map({ $0.entry }) {
            switch derivation.statement {
            case .renewal: renewals += 1
            case .topUp: topUps += 1
            }
        }
        if epoch > 1, !epochHasBatch {
            // An epoch opens with those who renewed into it, all at once; no time that passes makes up for them.
            guard Int64(renewals) >= Int64(epochs.rules(of: epoch - 1).minimumRenewals) else { throw violation(.epochTooSmall) }
        } else {
            // Without a batch before, no time has passed.
            let elapsed = entry.time - (lastIntake ?? entry.time)
            guard batching.admits(leaves: waiting.count, after: elapsed) else { throw violation(.batchTooSmall) }
        }
        #if !hasFeature(Embedded)
        if depth == .issuance {
            try checkIssuance()
            try checkDerivations()
        }
        #endif
        // In place: a copy of the tree at each batch would cost more than the batch.
        do {
            try tree?.append(waiting.map { $0.point })
            for index in waitingRemovals.sorted() { try tree?.remove(at: index) }
        } catch {
            throw violation(.tree)
        }
        guard let (depth, count, root) = tree.map({ ($0.shape.depth, $0.leaves.count, $0.root.encoded) }),
            Int64(entry.depth) == Int64(depth),
            Int64(entry.leafCount) == Int64(count)
        else { throw violation(.shape) }
        guard entry.root == root else { throw violation(.root) }
        batches += 1
        appended += waiting.count
        renewed += renewals
        toppedUp += topUps
        removed += waitingRemovals.count
        if !waiting.isEmpty || !epochHasBatch { lastIntake = entry.time }
        batch = entry
        epochs.close(entry)
        isSettling = false
        waiting = []
        waitingRemovals = []
    }

    #if !hasFeature(Embedded)
    /// All waiting leaves at once, on two threads; one by one if they do not hold together, to say which.
    private func checkIssuance() throws(LogViolation) {
        var all: [(position: Int, entry: IssuedEntry, point: Affine<Secp256k1>)] = []
        for one in waiting { if case .issued(let entry) = one.entry { all.append((one.position, entry, one.point)) } }
        let (issued, id) = (all, community.id)
        @Sendable func holds(_ part: ArraySlice<(position: Int, entry: IssuedEntry, point: Affine<Secp256k1>)>) -> Bool {
            Issuance.holds(part.map { ($0.entry, $0.point) }, community: id)
        }
        let half = issued.count / 2
        let halves = concurrently({ () throws(Never) in holds(issued[..<half]) }, { () throws(Never) in holds(issued[half...]) })
        if halves.0 && halves.1 { return }
        for one in issued {
            func violation(_ rule: LogViolation.Rule) -> LogViolation { LogViolation(position: one.position, rule: rule) }
            let blank: Affine<Secp256k1>
            do { blank = try Issuance.verify(one.entry.message, community: id, codeHash: one.entry.codeHash) } catch {
                throw violation(.issuance(error))
            }
            guard Issuance.leaf(blank: blank, values: one.entry.values) == one.point else { throw violation(.leaf) }
        }
    }

    /// The presentations of the waiting renewals and top-ups, some at a time; one by one those that do not hold together, to say which.
    private func checkDerivations() throws(LogViolation) {
        var claims: [Presentation.Claim] = []
        var all: [(position: Int, entry: LeafDerivation, base: [UInt8])] = []
        for one in waiting {
            guard case .derived(let derivation) = one.entry else { continue }
            func violation(_ rule: LogViolation.Rule) -> LogViolation { LogViolation(position: one.position, rule: rule) }
            guard let base = derivation.addition.base(leaf: one.point, schema: community.schema)?.encoded else { throw violation(.leaf) }
            let depth = Int(derivation.tree.depth)
            guard let request = derivation.request(base: base), let root = try? TreeRoot(encoded: derivation.tree.root[...], depth: depth)
            else { throw violation(.deltas) }
            claims.append(
                Presentation.Claim(presentation: derivation.entry.presentation, request: request, depth: depth, root: root))
            all.append((one.position, derivation.entry, base))
        }
        for start in stride(from: 0, to: claims.count, by: 64) {
            let end = min(start + 64, claims.count)
            var verified = (try? Presentation.verify(Array(claims[start..<end]))) ?? []
            if verified.isEmpty {
                for place in start..<end {
                    do { verified += try Presentation.verify([claims[place]]) } catch {
                        throw LogViolation(position: all[place].position, rule: .presentation(error))
                    }
                }
            }
            for (one, shown) in zip(all[start..<end], verified) {
                guard let shift = try? Fn(encoded: one.entry.shift[...]),
                    LeafDerivation.isBase(one.base, of: shown.credential, shift: shift)
                else { throw LogViolation(position: one.position, rule: .leaf) }
            }
        }
    }
    #endif
}

/// 33 bytes, or 32, as a key of a set: in place, not behind a pointer.
struct Bytes33: Hashable, Sendable {
    let words: (UInt64, UInt64, UInt64, UInt64)
    let last: UInt8

    init(_ bytes: [UInt8]) {
        func word(_ at: Int) -> UInt64 { bytes[at..<at + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        words = (word(0), word(8), word(16), word(24))
        last = bytes.count > 32 ? bytes[32] : 0
    }

    static func == (a: Bytes33, b: Bytes33) -> Bool { a.words == b.words && a.last == b.last }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
        hasher.combine(last)
    }
}
