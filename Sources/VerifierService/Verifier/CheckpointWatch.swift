import Reputation

/// What a service hears of its community's log from those who present: a wallet that was shown another log gives it away here.
public actor CheckpointWatch {
    private let issuer: Issuer
    private var memory: CheckpointMemory
    /// Notes that the log is known to contain; wallets of one state send the same bytes.
    private var contained: Set<[UInt8]> = []
    /// How often another history was met, since the service started; files of an earlier run count once each.
    public private(set) var forks: Int

    private static let greatestCache = 256

    /// - Parameter prefix: of the files in which proofs are kept, and what was heard and is ahead of the log; nil keeps them in memory.
    public init(issuer: Issuer, prefix: String? = nil) {
        self.issuer = issuer
        memory = CheckpointMemory(community: issuer.community, prefix: prefix)
        forks = memory.forks().count
    }

    /// Holds a wallet's checkpoint against the log.
    ///
    /// - Throws: `LogError` for a note that is no checkpoint of this log; ``ForkFound`` for one of another history; `FileError`.
    public func hear(_ note: [UInt8]) async throws {
        if contained.contains(note) { return }
        let theirs = try SignedCheckpoint(note: note, community: issuer.community)
        var state = await issuer.state
        // Another process may have published it just now.
        if theirs.checkpoint.size > state.log.size { state = try await issuer.newest() }
        let own = try SignedCheckpoint(note: state.checkpoint, community: issuer.community)
        do {
            guard try memory.settle(theirs, state.log.standing(of: theirs, beside: own)) else { return }
        } catch let found as ForkFound {
            forks += 1
            throw found
        }
        if contained.count >= Self.greatestCache { contained = [] }
        contained.insert(note)
    }

    /// Looks whether the log has come to contain what was ahead of it.
    ///
    /// - Throws: ``ForkFound`` when it contradicts it; `FileError`.
    public func review() async throws {
        let state = await issuer.state
        let newest = try SignedCheckpoint(note: state.checkpoint, community: issuer.community)
        var found: ForkFound?
        for one in try memory.heard() {
            guard case .contradicts(let fork) = try state.log.standing(of: one, beside: newest) else { continue }
            found = try memory.keep(fork)
            forks += 1
        }
        try memory.forget(upTo: newest.checkpoint.size)
        if let found { throw found }
    }
}
