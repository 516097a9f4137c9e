import Curves

/// The epochs of a log: the rules of each, the tree it ended with, the feedback that has settled, and who has renewed.
public struct EpochHistory: Sendable {
    /// One epoch.
    struct Epoch: Sendable {
        var rules: EpochRules
        var isClosed = false
        /// The last batch so far; of an epoch before the current one, or of a closed one, its tree is final.
        var lastBatch: BatchEntry?
        /// Roots that a later batch replaced, and when.
        var replaced: [ReplacedRoot] = []
    }

    /// An earlier root of an epoch.
    public struct ReplacedRoot: Equatable, Sendable {
        /// The batch that had it.
        public let batch: BatchEntry
        /// Time of the batch that replaced it, in seconds since 1970.
        public let time: Int64
    }

    private struct Mark: Hashable, Sendable {
        let epoch: UInt32
        let audience: Bytes33
        let nullifier: Bytes33
    }

    private var epochs: [Epoch] = []
    private var settled: [Mark: [Int64]] = [:]
    private var lastSettled: SettledFeedback?
    private var renewals: Set<Mark> = []

    init() {}

    var count: Int { epochs.count }
    var last: Epoch? { epochs.last }

    // MARK: Read

    /// The current epoch; 0 before the first.
    public var current: UInt32 { UInt32(epochs.count) }

    /// Whether the current epoch's tree is final, and renewals out of it are open.
    public var isClosed: Bool { epochs.last?.isClosed ?? false }

    /// The epoch into which renewals lead: the current one, or the next once it is closed.
    public var renewalTarget: UInt32 { isClosed ? current + 1 : current }

    /// Rules of an epoch; before its rules are stated, and for none, those of the one before.
    public func rules(of epoch: UInt32) -> EpochRules {
        guard epoch >= 1, let last = epochs.last else { return .none }
        return epoch <= current ? epochs[Int(epoch) - 1].rules : last.rules
    }

    /// The batch of an epoch that no other follows; nil while it is not closed.
    public func final(of epoch: UInt32) -> BatchEntry? {
        guard epoch >= 1, epoch <= current, epochs[Int(epoch) - 1].isClosed else { return nil }
        return epochs[Int(epoch) - 1].lastBatch
    }

    /// Earlier roots of the current epoch, and when each was replaced.
    public var replacedRoots: [ReplacedRoot] { epochs.last?.replaced ?? [] }

    /// The newest batch of the current epoch that had this root; nil when it never had it.
    public func batch(withRoot root: [UInt8]) -> BatchEntry? {
        guard let last = epochs.last, let batch = last.lastBatch else { return nil }
        return batch.root == root ? batch : last.replaced.last { $0.batch.root == root }?.batch
    }

    /// What a renewal out of an epoch into another proves; nil when none is open between them.
    public func statement(_ community: Community, from: UInt32, to: UInt32) -> RenewalStatement? {
        guard final(of: from) != nil else { return nil }
        return RenewalStatement(community: community, from: from, to: to, rules: rules)
    }

    /// The settled feedback on the accounts of a renewal, for each attribute of the schema. `nullifiers`: that of the renewal first.
    public func feedback(on accounts: [RenewalStatement.Account], nullifiers: [[UInt8]], schema: Schema) -> [Int64] {
        var sums = [Int64](repeating: 0, count: schema.count)
        for (account, nullifier) in zip(accounts, nullifiers.dropFirst()) {
            let mark = Mark(epoch: account.epoch, audience: Bytes33(account.audience.bytes), nullifier: Bytes33(nullifier))
            guard let amounts = settled[mark] else { continue }
            for i in sums.indices { sums[i] += amounts[i] }
        }
        return sums
    }

    /// Whether somebody has renewed out of an epoch with this nullifier, in the log.
    public func hasRenewed(_ nullifier: [UInt8], from epoch: UInt32) -> Bool { renewals.contains(EpochHistory.mark(nullifier, epoch)) }

    private static func mark(_ nullifier: [UInt8], _ epoch: UInt32) -> Mark {
        Mark(epoch: epoch, audience: Bytes33([UInt8](repeating: 0, count: 32)), nullifier: Bytes33(nullifier))
    }

    // MARK: Write

    mutating func open() { epochs.append(Epoch(rules: epochs.last?.rules ?? .none)) }

    mutating func state(_ rules: EpochRules) { epochs[epochs.count - 1].rules = rules }

    mutating func close() {
        epochs[epochs.count - 1].isClosed = true
        lastSettled = nil
    }

    mutating func close(_ batch: BatchEntry) {
        let place = epochs.count - 1
        if let before = epochs[place].lastBatch, before.root != batch.root {
            epochs[place].replaced.append(ReplacedRoot(batch: before, time: batch.time))
        }
        epochs[place].lastBatch = batch
    }

    /// False unless it is about the epoch before the one that was closed, by its rules, and stands behind the last.
    mutating func settle(_ feedback: SettledFeedback, schema: Schema) -> Bool {
        guard current >= 2, feedback.epoch == current - 1 else { return false }
        let rules = rules(of: feedback.epoch)
        guard rules.forums.contains(feedback.audience), let amounts = rules.amounts(of: feedback.counts, schema: schema) else {
            return false
        }
        if let lastSettled, !lastSettled.precedes(feedback) { return false }
        lastSettled = feedback
        let mark = Mark(epoch: feedback.epoch, audience: Bytes33(feedback.audience.bytes), nullifier: Bytes33(feedback.account))
        settled[mark] = amounts
        return true
    }

    /// False when somebody has renewed out of that epoch with this nullifier.
    mutating func renew(_ nullifier: [UInt8], from epoch: UInt32) -> Bool { renewals.insert(EpochHistory.mark(nullifier, epoch)).inserted }
}
