import Foundation
import Membership
import Reputation

/// A checked copy of a community's log, and the tree that it makes: what a wallet or a verifier reads the tree from.
///
/// It remembers the newest checkpoint it ever saw and refuses an older one, and one that does not go on from it: a service cannot show a
/// member an older tree, nor first one and then another. All of the log is fetched, and only what is new of it: which leaf is of interest
/// does not show. With a folder it survives the process; the folder is itself the log in its static form.
public struct LogMirror: Sendable {
    /// Whose log it is.
    public let community: Community
    /// What was last fetched, with its tree; nil before the first time.
    public private(set) var replay: LogReplay
    private var known: SignedCheckpoint?
    private var memory: CheckpointMemory
    private let directory: LogDirectory?
    private let witnesses: WitnessPolicy

    /// Opens a copy; reads what stands in its folder. Tiles there that do not hold are fetched again later; the checkpoint there is signed
    /// and stays what was seen.
    ///
    /// - Parameters:
    ///   - directory: where to keep it; nil keeps it in memory.
    ///   - witnesses: whose cosignatures a checkpoint needs.
    /// - Throws: `LogError` when the checkpoint in the folder is not one of this log; ``LogSourceFailure``.
    public init(community: Community, directory: LogDirectory? = nil, witnesses: WitnessPolicy = .none) async throws {
        self.community = community
        self.directory = directory
        self.witnesses = witnesses
        replay = LogReplay(community: community, depth: .tree)
        memory = CheckpointMemory(community: community, prefix: directory?.path)
        guard let directory, let note = try directory.storedCheckpoint() else { return }
        known = try SignedCheckpoint(note: note, community: community)
        guard let checkpoint else { return }
        var stored = replay
        var bundles = directory.bundles(from: 0, size: checkpoint.size)
        do {
            while let (_, entries) = try await bundles.next() { for entry in entries { try stored.apply(entry) } }
        } catch {
            return
        }
        if stored.agrees(with: checkpoint) { replay = stored }
    }

    /// The newest checkpoint ever seen; its tree is `replay`'s, unless the folder was damaged and nothing has been fetched since.
    public var checkpoint: Checkpoint? { known?.checkpoint }

    /// The tree of the newest checkpoint; nil before the first fetch.
    public var tree: CurveTree? { checkpoint.map { replay.agrees(with: $0) } == true ? replay.tree : nil }

    /// Fetches what is new, and checks all of it before anything of it is kept.
    ///
    /// - Parameter progress: called with the number of entries read so far and in all.
    /// - Throws: `LogError` for a checkpoint that is not signed, not cosigned by enough witnesses, or older than what was seen here or heard
    ///   from others (`.older`), and for entries that are not those signed; ``ForkFound`` for one that is not the continuation of what was
    ///   seen or heard; `LogViolation` for a log that breaks its rules; ``LogSourceFailure``. Then the copy is as before.
    @discardableResult
    public mutating func update(from source: any LogSource, progress: (Int, Int) -> Void = { _, _ in }) async throws -> Checkpoint {
        guard let directory else { return try await fetch(from: source, progress: progress) }
        let lock = try await directory.lock()
        defer { withExtendedLifetime(lock) {} }
        try await catchUp(with: directory)
        return try await fetch(from: source, progress: progress)
    }

    /// Another process may have seen more in the meantime.
    private mutating func catchUp(with directory: LogDirectory) async throws {
        if let stored = try directory.storedCheckpoint(), stored != known?.note {
            self = try await LogMirror(community: community, directory: directory, witnesses: witnesses)
        }
    }

    /// All entries under the newest checkpoint, read again: for what is not in the tree, such as own renewals.
    ///
    /// - Throws: `LogError.root` when they are not those that are signed; `FormatError`; ``LogSourceFailure``.
    public func entries(from source: any LogSource) async throws -> [LogEntry] { try await readEntries(source) }

    private func readEntries<Source: LogSource>(_ source: Source) async throws -> [LogEntry] {
        guard let checkpoint else { return [] }
        var log = MerkleTree()
        var entries: [LogEntry] = []
        var reader = source.bundles(from: 0, size: checkpoint.size)
        while let (_, bundle) = try await reader.next() {
            for entry in bundle {
                log.append(entry)
                entries.append(try LogEntry(encoded: entry))
            }
        }
        guard log.root == checkpoint.root else { throw LogError.root }
        return entries
    }

    private mutating func fetch(from source: any LogSource, progress: (Int, Int) -> Void) async throws -> Checkpoint {
        let note = try await source.checkpoint()
        let signed = try SignedCheckpoint(note: note, community: community)
        let new = signed.checkpoint
        try witnesses.verify(note: note)
        let heard = try memory.heard()
        guard heard.allSatisfy({ $0.checkpoint.size <= new.size }) else { throw LogError.older }
        if let known {
            guard new.size >= known.checkpoint.size else { throw LogError.older }
            if new.size == known.checkpoint.size {
                guard new == known.checkpoint else { throw try memory.keep(LogFork(known, signed)) }
                if replay.agrees(with: new) {
                    try check(heard, in: replay.log, signed)
                    try memory.forget(upTo: new.size)
                    return new
                }
            }
        }
        var start = replay
        var fetch = Fetch(start)
        do {
            try await fetch.run(new.size, from: source, progress: progress)
            guard fetch.replay.log.root == new.root else { throw LogError.root }
        } catch  where start.size > 0 && (error is LogViolation || error is LogError) {
            // What is new does not go on from what is here: the whole log says whether it was rewritten or the source is broken.
            start = LogReplay(community: community, depth: .tree)
            fetch = Fetch(start)
            try await fetch.run(new.size, from: source, progress: progress)
        }
        let next = fetch.replay
        guard next.log.root == new.root else { throw LogError.root }
        try check([known].compactMap { $0 } + heard, in: next.log, signed)
        guard next.agrees(with: new) else { throw LogError.inclusion }
        if let directory {
            try await directory.write(
                community: community, checkpoint: note, log: next.log, from: start.size, bundles: FetchedBundles(entries: fetch.bundles))
        }
        replay = next
        known = signed
        try memory.forget(upTo: new.size)
        return new
    }

    /// Whether a log contains what was seen of it, here or by others.
    private mutating func check(_ seen: [SignedCheckpoint], in log: MerkleTree, _ newest: SignedCheckpoint) throws {
        for one in seen {
            guard case .contradicts(let fork) = try log.standing(of: one, beside: newest) else { continue }
            let found = try memory.keep(fork)
            // The proof stays; what was heard has done its work.
            try memory.forget(upTo: newest.checkpoint.size)
            throw found
        }
    }

    // MARK: What others know

    /// Holds a checkpoint that somebody else knows against this copy. One that is ahead of it is remembered, and the next ``update(from:progress:)``
    /// has to contain it; nothing is fetched now: when a wallet fetches does not depend on whom it meets.
    ///
    /// - Returns: whether this copy contains it.
    /// - Throws: `LogError` for a note that is no checkpoint of this log; ``ForkFound`` for one that contradicts what is here; `FileError`.
    @discardableResult
    public mutating func hear(_ note: [UInt8]) async throws -> Bool {
        let theirs = try SignedCheckpoint(note: note, community: community)
        let lock = try await directory?.lock()
        defer { withExtendedLifetime(lock) {} }
        if let directory { try await catchUp(with: directory) }
        return try memory.settle(theirs, try known.map { try replay.log.standing(of: theirs, beside: $0) } ?? .open)
    }

    /// What to tell somebody of the newest checkpoint: nothing that says whose copy this is, but how new.
    ///
    /// - Parameter theirs: what he told, already heard.
    public func told(to theirs: [UInt8]?) -> [UInt8]? {
        known?.told(to: theirs.flatMap { try? SignedCheckpoint(note: $0, community: community) }, of: community)
    }

    /// Files beside the folder that prove that two histories of this log are signed; empty as long as nobody found any.
    public var forks: [String] { memory.forks() }

    /// New entries on their way: applied to a copy, and kept until they are known to be those signed.
    private struct Fetch {
        var replay: LogReplay
        var bundles: [Int: [[UInt8]]] = [:]

        init(_ start: LogReplay) { replay = start }

        mutating func run<Source: LogSource>(_ size: Int, from source: Source, progress: (Int, Int) -> Void) async throws {
            var reader = source.bundles(from: replay.size, size: size)
            while let (position, entries) = try await reader.next() {
                for entry in entries.dropFirst(replay.size - position) { try replay.apply(entry) }
                bundles[position / LogTile.fullWidth] = entries
                progress(replay.size, size)
            }
        }
    }

    private struct FetchedBundles: BundleProvider {
        let entries: [Int: [[UInt8]]]

        func entries(of tile: LogTile) throws -> [[UInt8]] {
            guard let entries = entries[tile.index] else { throw LogError.tile }
            return entries
        }
    }
}
