import Curves
import Reputation

/// Somebody with all of a world's transcript and one idea of how to link what is in it.
struct Adversary {
    let name: String
    /// How much a target and a candidate look like one member, by this idea.
    let resemblance: (Subject, Subject) -> Double

    /// All of them, the same for every world. What they know beyond the transcript: the rules by which wallets act, and the revealed links.
    static func all(_ seen: Transcript) -> [Adversary] {
        let view = View(seen)
        return [
            equalBytes(view), equalDifferences(view), amounts(view), values(view), places(view), arrival(view), nearTimes(view),
            fetchThenAct(view), files(view), rootAndFetches(view), newestLeaf(view), presence(view), lengths(view),
        ]
    }
}

/// The transcript with what several adversaries look up in it.
struct View {
    let seen: Transcript
    /// A person's claim.
    let claims: [Int: Transcript.Claim]
    /// A person's fetches, by rising time.
    let fetches: [Int: [Transcript.Fetch]]
    /// Place of a batch by its root.
    let batches: [[UInt8]: Int]
    /// A person's top-ups.
    let topUps: [Int: [Transcript.TopUp]]
    /// When each epoch began to serve.
    let opened: [UInt32: Int64]

    init(_ seen: Transcript) {
        self.seen = seen
        claims = Dictionary(seen.claims.map { ($0.person, $0) }) { first, _ in first }
        fetches = Dictionary(grouping: seen.fetches) { $0.person }
        topUps = Dictionary(grouping: seen.topUps) { $0.person }
        batches = Dictionary(seen.batches.enumerated().map { ($0.element.root, $0.offset) }) { first, _ in first }
        opened = Dictionary(seen.batches.filter { $0.leaves > 0 }.map { ($0.epoch, $0.time) }) { first, _ in first }
    }

    /// Times at which a subject was seen to do something, without fetches.
    func times(_ subject: Subject) -> [Int64] {
        subject.shows.map { seen.shows[$0].time } + subject.renewals.map { seen.renewals[$0].time }
            + [subject.person.flatMap { claims[$0]?.time }].compactMap { $0 } + topUps(subject).map { $0.time }
    }

    func topUps(_ subject: Subject) -> [Transcript.TopUp] { subject.person.flatMap { topUps[$0] } ?? [] }

    /// The leaves that are known to be a subject's.
    func leaves(_ subject: Subject) -> [(epoch: UInt32, leaf: [UInt8])] {
        subject.renewals.map { (seen.renewals[$0].to, seen.renewals[$0].derivation.leaf.encoded) }
            + [subject.person.flatMap { claims[$0] }.map { (1, $0.leaf.encoded) }].compactMap { $0 }
            + topUps(subject).map { ($0.epoch, $0.derivation.leaf.encoded) }
    }

    /// Place of a leaf in its epoch's tree.
    func index(_ leaf: (epoch: UInt32, leaf: [UInt8])) -> Int? { seen.leaves[leaf.epoch]?.firstIndex(of: leaf.leaf) }

    /// The newest batch until a time.
    func newestBatch(_ time: Int64) -> Int? { seen.batches.lastIndex { $0.time <= time } }
}
