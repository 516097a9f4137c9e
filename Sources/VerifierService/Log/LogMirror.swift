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
    /// The newest checkpoint ever seen; its tree is `replay`'s, unless the folder was damaged and nothing has been fetched since.
    public private(set) var checkpoint: Checkpoint?
    private var note: [UInt8]?
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
        guard let directory, let note = try directory.storedCheckpoint() else { return }
        let checkpoint = try Checkpoint(note: note, community: community)
        self.checkpoint = checkpoint
        self.note = note
        var stored = replay
        var bundles = directory.bundles(from: 0, size: checkpoint.size)
        do {
            while let (_, entries) = try await bundles.next() { for entry in entries { try stored.apply(entry) } }
        } catch {
            return
        }
        if stored.agrees(with: checkpoint) { replay = stored }
    }

    /// The tree of the newest checkpoint; nil before the first fetch.
    public var tree: CurveTree? { checkpoint.map { replay.agrees(with: $0) } == true ? replay.tree : nil }

    /// Fetches what is new, and checks all of it before anything of it is kept.
    ///
    /// - Parameter progress: called with the number of entries read so far and in all.
    /// - Throws: `LogError` for a checkpoint that is not signed, not cosigned by enough witnesses, older than what was seen (`.older`) or
    ///   not the continuation of it (`.fork`), and for entries that are not those signed; `LogViolation` for a log that breaks its rules;
    ///   ``LogSourceFailure``. Then the copy is as before.
    @discardableResult
    public mutating func update(from source: any LogSource, progress: (Int, Int) -> Void = { _, _ in }) async throws -> Checkpoint {
        guard let directory else { return try await fetch(from: source, progress: progress) }
        let lock = try await directory.lock()
        defer { withExtendedLifetime(lock) {} }
        // Another process may have seen more in the meantime.
        if let stored = try directory.storedCheckpoint(), stored != note {
            self = try await LogMirror(community: community, directory: directory, witnesses: witnesses)
        }
        return try await fetch(from: source, progress: progress)
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
        let new = try Checkpoint(note: note, community: community)
        try witnesses.verify(note: note)
        if let known = checkpoint {
            guard new.size >= known.size else { throw LogError.older }
            if new.size == known.size {
                guard new.root == known.root, new.batch == known.batch else { throw LogError.fork }
                if replay.agrees(with: new) { return new }
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
        if let known = checkpoint, next.log.root(size: known.size) != known.root { throw LogError.fork }
        guard next.agrees(with: new) else { throw LogError.inclusion }
        if let directory {
            try await directory.write(
                community: community, checkpoint: note, log: next.log, from: start.size, bundles: FetchedBundles(entries: fetch.bundles))
        }
        replay = next
        checkpoint = new
        self.note = note
        return new
    }

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
