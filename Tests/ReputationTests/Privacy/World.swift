import Curves
import Membership
import Platform
import Reputation
import TestSupport

/// A community of members, an issuer and three forums, who live through some epochs with the real wallets, proofs and log; and all that
/// others than the members get to see of it.
struct World {
    /// Why a world cannot go on: a mistake of the test.
    struct Mistake: Error {
        let what: String
    }

    let leak: Leak?
    let f: Fixture
    var random: SeededGenerator
    var seen = Transcript()
    var truth = Truth()
    var members: [Member] = []
    var log: LogReplay
    var entries: [LogEntry] = []
    /// The epoch's tree after each batch of the transcript.
    var trees: [CurveTree] = []
    /// Leaves that wait for their batch.
    var waiting: [Waiting] = []
    /// Renewals still to come in the epoch that has opened.
    var arrivals: [(time: Int64, step: Step)] = []
    /// Fetches that are made for an act.
    var fetchesToAct: [(member: Int, time: Int64)] = []
    /// Leaf of each member in each epoch.
    var leaves: [[UInt32: [UInt8]]] = []

    struct Waiting {
        let member: Int?
        /// What he held before a top-up.
        var before: Holding?
        let leaf: [UInt8]
        let entry: (_ epoch: UInt32, _ index: UInt32) -> LogEntry
    }

    /// What happens to the log while an epoch serves.
    enum Step {
        case newcomer
        case topUp(Int)
        case renewal(Int)
        case batch
    }

    /// Lives a whole world.
    init(leak: Leak?, membersOfKind: Int, seed: UInt64) throws {
        self.leak = leak
        f = try Fixture()
        random = SeededGenerator(seed: seed)
        log = LogReplay(community: f.community, depth: .tree)
        for epoch in 1...Schedule.epochs {
            let opened = epoch == 1 ? try begin(membersOfKind) : try open(epoch)
            let end = opened + Schedule.epoch
            try live(epoch, from: opened)
            try visit(epoch, from: opened)
            try close(epoch, at: end)
        }
        fetch()
    }

    /// Id of a forum.
    func audience(_ forum: Forum) -> Digest {
        switch forum {
        case .a: f.audience
        case .b: f.otherAudience
        case .c: Digest.of(Array("forum c".utf8))
        }
    }

    /// The scope of an account at a forum.
    func account(_ forum: Forum, _ epoch: UInt32) -> Scope {
        let shared = leak == .oneAccountScope ? Digest.of(Array("all forums".utf8)) : audience(forum)
        return .account(community: f.community.id, epoch: epoch, audience: shared)
    }

    /// Whose accounts a renewal shows.
    func reporters() -> [Digest] {
        Set([Forum.a, .b].compactMap { account($0, 1).audience }).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    // MARK: The log

    mutating func apply(_ entry: LogEntry) throws {
        try log.apply(entry.encoded)
        entries.append(entry)
    }

    /// Ends a batch.
    mutating func seal(at time: Int64) throws {
        let batch = try log.closing(time: time)
        try apply(.batch(batch))
        guard let tree = log.tree else { throw Mistake(what: "no tree") }
        trees.append(tree)
        seen.leaves[batch.epoch] = tree.leaves.map { $0?.encoded ?? [] }
        seen.batches.append(
            .init(time: time, epoch: batch.epoch, root: batch.root, size: log.size, leaves: Int(batch.leafCount)))
    }

    /// What waits enters the tree, of the next epoch when the current one is closed.
    mutating func enter(at time: Int64) throws {
        if log.epochs.isClosed { try apply(.openEpoch(opening(log.epochs.current + 1))) }
        let epoch = log.epochs.current
        let first = log.tree?.leaves.count ?? 0
        let entering = waiting.sorted { $0.leaf.lexicographicallyPrecedes($1.leaf) }
        waiting = []
        for (place, one) in entering.enumerated() {
            seen.positions[one.leaf] = log.size
            try apply(one.entry(epoch, UInt32(first + place)))
        }
        try seal(at: time)
        for one in entering {
            guard let member = one.member else { continue }
            members[member].earlier = one.before
            members[member].holding.usable = time + Schedule.hold
            leaves[member][epoch] = one.leaf
            try members[member].holding.complete(f.community, entries)
            guard try members[member].holding.newest(f.community) == (epoch, one.leaf) else {
                throw Mistake(what: "a wallet did not go on to its leaf")
            }
        }
    }

    func opening(_ epoch: UInt32) throws -> OpenedEntry {
        let batching = try Batching(leaves: leak == .batchOfOne ? 1 : 2, seconds: UInt32(Schedule.day))
        return OpenedEntry(epoch: epoch, depth: 1, batching: batching)
    }

    /// Reports count 1, a few at most; in the world with amounts for each, as many as there are members.
    func rules(_ members: Int) throws -> EpochRules {
        try EpochRules(
            minimumRenewals: leak == .batchOfOne ? 1 : UInt32(members * 3 / 4), openRenewals: 2, forums: reporters(),
            reasons: [.init(code: Array("spam".utf8), attribute: Village.warnings, amount: 1)],
            caps: [.init(attribute: Village.warnings, most: leak == .ownAmount ? 100 : 3)])
    }

    // MARK: Epochs

    /// The first epoch: everybody claims within a day, and enters at its end. When that is.
    mutating func begin(_ membersOfKind: Int) throws -> Int64 {
        let count = membersOfKind * Kind.allCases.count
        let day = Schedule.start - Schedule.day..<Schedule.start
        try apply(.openEpoch(opening(1)))
        try apply(.rules(epoch: 1, rules(count)))
        try seal(at: day.lowerBound)
        leaves = Array(repeating: [:], count: count)
        truth.kinds = (0..<count).map { Kind.allCases[$0 % Kind.allCases.count] }
        let times = (0..<count).map { _ in Int64.random(in: day, using: &random) }
        for person in 0..<count {
            // Votes and comments that nobody else has: they stay hidden.
            let values = [Int64(20 + person), Int64(10 + 3 * person), truth.kinds[person].group, 0]
            let (wallet, credential) = try claim(values, person: person, member: person, at: times[person])
            members.append(
                Member(
                    kind: truth.kinds[person], fetches: Schedule.fetches(from: times[person], using: &random),
                    holding: Holding(
                        wallet: wallet, reusing: leak == .reusedRerandomiser ? ReusingWallet(credential, wallet) : nil)))
        }
        seen.claims.sort { $0.time < $1.time }
        try enter(at: Schedule.start)
        return Schedule.start
    }

    /// Members renew into an epoch that opens with them. When that is.
    mutating func open(_ epoch: UInt32) throws -> Int64 {
        guard let closed = seen.batches.last?.time else { throw Mistake(what: "no batch") }
        let from = closed + Schedule.hold
        let window = from..<from + (leak == .batchOfOne ? 6 * Schedule.day : Schedule.renewing)
        let inTime = members.indices.filter { leak == .batchOfOne || !members[$0].kind.isLate(epoch) }
        let times = inTime.filter { members[$0].kind.isIn(epoch) }
            .map { (time: Int64.random(in: window, using: &random), member: $0) }.sorted { $0.time < $1.time }
        if leak == .batchOfOne {
            try renew(times[0].member, at: times[0].time)
            try enter(at: times[0].time)
            arrivals = times.dropFirst().map { ($0.time, .renewal($0.member)) }
            return times[0].time
        }
        for one in times { try renew(one.member, at: one.time) }
        try enter(at: window.upperBound)
        return window.upperBound
    }

    /// While an epoch serves: newcomers claim, members top up, late ones renew, and batches take them in.
    mutating func live(_ epoch: UInt32, from opened: Int64) throws {
        var steps = arrivals
        arrivals = []
        for start in stride(from: opened, to: opened + Schedule.epoch - Schedule.batch, by: Int(Schedule.batch)) {
            let times = start..<start + Schedule.batch
            for _ in 0..<2 { steps.append((Int64.random(in: times, using: &random), .newcomer)) }
            steps.append((times.upperBound, .batch))
        }
        for member in members.indices where leak != .batchOfOne && members[member].kind.isLate(epoch) {
            steps.append((Int64.random(in: opened..<opened + Schedule.batch, using: &random), .renewal(member)))
        }
        if epoch == 2 {
            // In the world with batches of one the last have renewed by then.
            let from = opened + (leak == .batchOfOne ? 6 : 0) * Schedule.day
            for member in members.indices where truth.topsUp(member) {
                steps.append((Int64.random(in: from..<from + Schedule.day, using: &random), .topUp(member)))
            }
        }
        for (time, step) in steps.sorted(by: { $0.time < $1.time }) {
            switch step {
            case .newcomer:
                let values: [Int64] = [Int64.random(in: 10...90, using: &random), Int64.random(in: 10...90, using: &random), 0, 0]
                _ = try claim(values, person: truth.kinds.count + seen.claims.count, member: nil, at: time)
            case .topUp(let member): try topUp(member, at: time)
            case .renewal(let member):
                try renew(member, at: time)
                if leak == .batchOfOne { try enter(at: time) }
            case .batch: if !waiting.isEmpty { try enter(at: time) }
            }
        }
    }

    /// Closes an epoch, and lets the feedback on the one before settle.
    mutating func close(_ epoch: UInt32, at time: Int64) throws {
        try apply(.closeEpoch(epoch))
        if epoch == 2 {
            let counts = (1...members.count).shuffled(using: &random)
            for feedback in try reports(counts).sorted(by: { $0.precedes($1) }) { try apply(.feedback(feedback)) }
        }
        try seal(at: time)
    }

    /// What forum a reports on acts of epoch 1, under the accounts that it saw.
    private func reports(_ counts: [Int]) throws -> [SettledFeedback] {
        var out: [SettledFeedback] = []
        for (show, member) in zip(seen.shows, truth.shows) where show.forum == .a && show.epoch == 1 {
            let count = leak == .ownAmount ? counts[member] : members[member].kind.isReported ? 1 : 0
            guard count > 0, let account = show.nullifier("account"), let audience = self.account(.a, 1).audience else { continue }
            out.append(
                SettledFeedback(
                    epoch: 1, audience: audience, account: account, counts: [.init(reason: 0, raised: UInt32(count), lowered: 0)]))
        }
        return out
    }
}
