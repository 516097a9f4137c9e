import Foundation
import Membership
import Reputation

/// A light copy of a community's tree (`LightCopy`) with the fetching and the files around it: what a wallet presents from.
///
/// Two files: the copy, and the newest checkpoint that was ever seen. Each is replaced as a whole, the copy first. A copy that is damaged is
/// fetched again; the checkpoint is signed, and what is fetched has to contain it.
public struct LightMirror: Sendable {
    /// The tree as it is here.
    public private(set) var copy: LightCopy
    private var seen: SignedCheckpoint?
    private var memory: CheckpointMemory
    private let prefix: String?
    private let witnesses: WitnessPolicy

    private static let atOnce = 8
    /// Bytes of a stored copy at most: the tree of depth 4, and what goes with it.
    private static let greatestLength = 1 << 33

    /// Opens a copy; reads what its files hold.
    ///
    /// - Parameters:
    ///   - prefix: what the names of its files begin with; nil keeps it in memory.
    ///   - witnesses: whose cosignatures a checkpoint needs.
    ///   - rule: how much of a tree is fetched.
    /// - Throws: `LogError` when the checkpoint in its file is not one of this log; `FileError`.
    public init(
        community: Community, prefix: String? = nil, witnesses: WitnessPolicy = .none, rule: LightRule = .standard
    ) throws {
        copy = LightCopy(community: community, rule: rule)
        memory = CheckpointMemory(community: community, prefix: prefix, copy: "-light")
        self.prefix = prefix
        self.witnesses = witnesses
        guard let prefix, let note = try Self.read(Self.checkpointFile(prefix), atMost: SignedNote.greatestLength) else { return }
        seen = try SignedCheckpoint(note: note, community: community)
        guard let stored = try? Self.read(Self.file(prefix), atMost: Self.greatestLength) else { return }
        if let stored = try? LightCopy(encoded: stored, community: community, rule: rule) { copy = stored }
    }

    private static func file(_ prefix: String) -> String { prefix + "-light" }
    private static func checkpointFile(_ prefix: String) -> String { prefix + "-light.checkpoint" }

    private static func read(_ path: String, atMost limit: Int) throws -> [UInt8]? {
        do { return try DurableFile.read(path, atMost: limit) } catch {
            guard error == .system(ENOENT) else { throw error }
            return nil
        }
    }

    /// When the copy was last brought up to date, in seconds since 1970; nil if it never was, has no files, or was not cosigned as is wanted now.
    public var checked: Int64? {
        guard let prefix, let known = copy.known, (try? witnesses.verify(note: known.note)) != nil else { return nil }
        let attributes = try? FileManager.default.attributesOfItem(atPath: Self.checkpointFile(prefix))
        return (attributes?[.modificationDate] as? Date).map { Int64($0.timeIntervalSince1970) }
    }

    // MARK: Fetching

    /// Brings the copy to the newest checkpoint, verifying all of it before anything is kept. Where buckets have to be drawn, and a wallet is
    /// given, it draws them, and their leaves are fetched too.
    ///
    /// - Parameters:
    ///   - wallet: whose leaves are to be among those that are fetched; without one, only what is drawn already is.
    ///   - progress: called with the number of files read so far, and with how many more are known to be wanted.
    /// - Throws: `LogError` for a checkpoint that is not signed, not cosigned by enough witnesses or older than what was seen or heard; for
    ///   hashes that are not those signed (`.tile`); ``ForkFound`` for one that is not the continuation of what was seen or heard; `LightError`
    ///   for a tree that is not the signed one; ``LogSourceFailure``. Then the copy is as before.
    @discardableResult
    public mutating func update(
        from source: any LogSource, for wallet: Wallet? = nil, progress: (Int, Int) -> Void = { _, _ in }
    ) async throws -> Checkpoint {
        if let prefix { try CheckpointMemory.makeFolder(of: prefix) }
        let lock: FileLock? = if let prefix { try await FileLock.waiting(Self.file(prefix)) } else { nil }
        defer { withExtendedLifetime(lock) {} }
        try catchUp()
        var next = try await fetch(from: source, progress: progress)
        if let wallet, wallet.draw(for: &next), let newest = next.known {
            next = try await complete(try LightUpdate(next, to: newest), from: source, progress: progress)
        }
        try keep(next)
        guard let known = copy.known else { throw LogError.checkpoint }
        return known.checkpoint
    }

    /// Another process may have seen more in the meantime.
    private mutating func catchUp() throws {
        guard let prefix, let note = try Self.read(Self.checkpointFile(prefix), atMost: SignedNote.greatestLength), note != seen?.note
        else { return }
        self = try LightMirror(community: copy.community, prefix: prefix, witnesses: witnesses, rule: copy.rule)
    }

    private mutating func fetch(from source: any LogSource, progress: (Int, Int) -> Void) async throws -> LightCopy {
        var attempts = 3
        while true {
            let new = try SignedCheckpoint(note: try await source.checkpoint(), community: copy.community)
            try witnesses.verify(note: new.note)
            let heard = try memory.heard()
            let others = heard + [seen].compactMap { $0 }
            attempts -= 1
            do {
                do {
                    return try await complete(try LightUpdate(copy, to: new, seen: others), from: source, progress: progress)
                } catch LightError.log(.tile) where copy.known != nil {
                    // What is new does not go on from what is here: from its beginning the log says whether it was rewritten.
                    return try await complete(
                        try LightUpdate(copy, to: new, seen: others, afresh: true), from: source, progress: progress)
                }
            } catch LogSourceFailure.missing(let path) where path.hasPrefix(TreePart.folder + "/") && attempts > 0 {
                // The tree was replaced while it was fetched.
            } catch LightError.log(let error) {
                throw error
            } catch LightError.fork(let fork) {
                let found = try memory.keep(fork)
                try memory.forget(upTo: new.checkpoint.size)
                throw found
            }
        }
    }

    /// Fetches what an update wants, some files at a time.
    private func complete<Source: LogSource>(
        _ update: LightUpdate, from source: Source, progress: (Int, Int) -> Void
    ) async throws -> LightCopy {
        var update = update
        var done = 0
        while !update.wanted.isEmpty {
            let window = update.wanted.sorted().prefix(Self.atOnce).map { (part: $0, length: update.length(of: $0)) }
            let files = try await withThrowingTaskGroup(of: (LightPart, [UInt8]).self) { group in
                for (part, length) in window { group.addTask { (part, try await Self.read(part, length: length, from: source)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (part, bytes) in files { try update.take(bytes, as: part) }
            done += files.count
            progress(done, update.wanted.count)
        }
        guard let copy = update.copy else { throw LogError.tile }
        return copy
    }

    private static func read<Source: LogSource>(_ part: LightPart, length: Int, from source: Source) async throws -> [UInt8] {
        if case .hashes(let tile) = part { return try await source.hashes(tile) }
        let path = String(decoding: part.path, as: UTF8.self)
        guard let bytes = try await source.resource(path, atMost: length) else { throw LogSourceFailure.missing(path) }
        return bytes
    }

    private mutating func keep(_ next: LightCopy) throws {
        if let prefix, let known = next.known {
            try DurableFile.write(next.encoded, to: Self.file(prefix))
            try DurableFile.write(known.note, to: Self.checkpointFile(prefix), mode: 0o644)
        }
        copy = next
        seen = next.known
        try memory.forget(upTo: next.known?.checkpoint.size ?? 0)
    }

    // MARK: What others know

    /// Holds a checkpoint that somebody else knows against this copy, as ``LogMirror/hear(_:)`` does. Of one that is long past the copy may not
    /// have the hashes any more; it is remembered like one that is ahead.
    @discardableResult
    public mutating func hear(_ note: [UInt8]) async throws -> Bool {
        let theirs = try SignedCheckpoint(note: note, community: copy.community)
        if let prefix { try CheckpointMemory.makeFolder(of: prefix) }
        let lock: FileLock? = if let prefix { try await FileLock.waiting(Self.file(prefix)) } else { nil }
        defer { withExtendedLifetime(lock) {} }
        try catchUp()
        return try memory.settle(theirs, try copy.standing(of: theirs))
    }

    /// What to tell somebody of the newest checkpoint, as ``LogMirror/told(to:)``.
    public func told(to theirs: [UInt8]?) -> [UInt8]? {
        copy.known?.told(to: theirs.flatMap { try? SignedCheckpoint(note: $0, community: copy.community) }, of: copy.community)
    }

    /// Files that prove that two histories of this log are signed; empty as long as nobody found any.
    public var forks: [String] { memory.forks() }
}
