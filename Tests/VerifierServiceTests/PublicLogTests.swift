import Foundation
import Membership
import Platform
import Reputation
import Testing
import VerifierService

/// A log in memory that lies as it is told to.
struct FakeLog: LogSource {
    let name = "a fake"
    var resources: [String: [UInt8]] = [:]

    func resource(_ path: String, atMost limit: Int) async throws -> [UInt8]? {
        guard let bytes = resources[path] else { return nil }
        guard bytes.count <= limit else { throw LogSourceFailure.tooLarge(path) }
        return bytes
    }

    /// Publishes entries under a checkpoint of this key, whatever they are.
    init(_ community: Community, entries: [[UInt8]], key: Ed25519SigningKey, batch: BatchEntry? = nil) throws {
        var log = MerkleTree()
        for entry in entries { log.append(entry) }
        guard let last = entries.last, case .batch(let closing) = try LogEntry(encoded: last) else { throw LogError.batch }
        let checkpoint = Checkpoint(origin: community.origin, size: log.size, root: log.root, batch: batch ?? closing)
        resources[LogNames.community] = community.json.encoded()
        resources[LogNames.checkpoint] = checkpoint.signed(by: key)
        for tile in LogTile.entries(size: log.size) {
            let first = tile.index * LogTile.fullWidth
            resources[String(decoding: tile.path, as: UTF8.self)] = EntryBundle.encode(Array(entries[first..<(first + tile.width)]))
        }
        for tile in LogTile.hashes(size: log.size) { resources[String(decoding: tile.path, as: UTF8.self)] = log.hashes(of: tile) }
    }
}

/// Entries of a log with members who are let in by batches; by its rules unless told otherwise.
struct LogWriter {
    let community: Community
    let key: Ed25519SigningKey
    var replay: LogReplay
    var entries: [[UInt8]] = []

    init(origin: String = "assembly", key: Ed25519SigningKey = Ed25519SigningKey(), leaves: UInt32 = 2) throws {
        self.key = key
        community = try Community(logKey: key.publicKey, origin: Array(origin.utf8), schema: CommunityFixture.schema())
        replay = LogReplay(community: community, depth: .tree)
        try append([.openEpoch(OpenedEntry(epoch: 1, depth: 2, batching: try Batching(leaves: leaves, seconds: 100)))], time: 1000)
    }

    mutating func append(_ new: [LogEntry], time: Int64) throws {
        for entry in new {
            try replay.apply(entry.encoded)
            entries.append(entry.encoded)
        }
        let batch = LogEntry.batch(try replay.closing(time: time)).encoded
        try replay.apply(batch)
        entries.append(batch)
    }

    /// Lets members in, in one batch.
    mutating func admit(_ count: Int, time: Int64 = 2000) throws {
        let first = replay.tree?.leaves.count ?? 0
        let new = try (0..<count).map { _ in
            let code = ClaimCode()
            var wallet = Wallet(phrase: Phrase())
            let request = try wallet.beginClaim(community: community, code: code)
            let values: [Int64] = [1, 2, 0]
            let issued = try Issuance.issue(
                request.message, values: values, schema: community.schema, community: community.id, codeHash: code.hash)
            return IssuedEntry(epoch: 1, index: 0, codeHash: code.hash, message: request.message, values: values, leaf: issued.leaf)
        }.sorted { $0.leaf.lexicographicallyPrecedes($1.leaf) }
        try append(
            new.enumerated().map { offset, entry in
                .issued(
                    IssuedEntry(
                        epoch: 1, index: UInt32(first + offset), codeHash: entry.codeHash, message: entry.message, values: entry.values,
                        leaf: entry.leaf))
            }, time: time)
    }

    func source() throws -> FakeLog { try FakeLog(community, entries: entries, key: key) }
}

@Suite("Copy of a log") struct LogMirrorTests {
    private func code(_ mirror: inout LogMirror, _ source: FakeLog) async -> String {
        do {
            try await mirror.update(from: source)
            return "taken"
        } catch is ForkFound { return "log-fork" } catch let error as LogError { return error.code } catch let error as LogViolation {
            return error.rule.code
        } catch {
            return "\(error)"
        }
    }

    @Test("It grows by what is new alone, and survives on disk")
    func grows() async throws {
        try await withTemporaryDirectory { path in
            var writer = try LogWriter()
            try writer.admit(300)
            let directory = LogDirectory(path: path + "/log")
            var mirror = try await LogMirror(community: writer.community, directory: directory)
            #expect(mirror.tree == nil && mirror.checkpoint == nil)
            try await mirror.update(from: try writer.source())
            #expect(mirror.tree?.root == writer.replay.tree?.root)
            try writer.admit(5)
            // What it has already it does not ask for again.
            var source = try writer.source()
            source.resources["tile/entries/000"] = nil
            var again = try await LogMirror(community: writer.community, directory: directory)
            #expect(again.tree?.root == mirror.tree?.root)
            try await again.update(from: source)
            #expect(again.tree?.root == writer.replay.tree?.root)
            // Nothing new: nothing but the checkpoint is asked for.
            source.resources = source.resources.filter { $0.key == LogNames.checkpoint }
            try await again.update(from: source)
            // The folder is the log in its static form.
            let audit = try await Audit(of: directory, id: writer.community.id, now: 3000)
            #expect(audit.findings.isEmpty && audit.entries == writer.entries.count && audit.isMemorable)
            #expect(!FileManager.default.fileExists(atPath: directory.path + "/tile/entries/000.p"))
        }
    }

    @Test("An older log, another history and a log that breaks its rules are refused, and nothing of them is kept")
    func refuses() async throws {
        try await withTemporaryDirectory { path in
            var writer = try LogWriter()
            try writer.admit(4)
            let early = writer
            try writer.admit(3)
            let directory = LogDirectory(path: path + "/log")
            var mirror = try await LogMirror(community: writer.community, directory: directory)
            try await mirror.update(from: try writer.source())
            let kept = try directory.storedCheckpoint()
            #expect(await code(&mirror, try early.source()) == "checkpoint-older")
            // The operator signs another history: of the same length, longer, and one that shares what came first.
            for admitted in [3, 6] {
                var other = early
                try other.admit(admitted)
                #expect(await code(&mirror, try other.source()) == "log-fork")
            }
            var elsewhere = try LogWriter(key: writer.key)
            try elsewhere.admit(20)
            #expect(await code(&mirror, try elsewhere.source()) == "log-fork")
            // Another log, the right entries under a wrong root, a rule broken, tiles that are not there or not whole.
            #expect(await code(&mirror, try LogWriter().source()) == "note-signature")
            var grown = writer
            try grown.admit(3)
            var doctored = try grown.source()
            let bundle = "tile/entries/000.p/\(grown.entries.count)"
            doctored.resources[bundle]?[40] ^= 1
            #expect(await code(&mirror, doctored) == "log-tile", "in what is here already")
            doctored = try grown.source()
            let served = try #require(doctored.resources[bundle])
            doctored.resources[bundle]?[served.count - 1] ^= 1
            #expect(await code(&mirror, doctored) == "log-entries", "in what is new")
            var lying = grown.entries
            lying.removeLast()
            let batch = try #require(grown.replay.batch)
            lying.append(
                LogEntry.batch(
                    BatchEntry(
                        epoch: 1, depth: 2, leafCount: batch.leafCount, root: try #require(writer.replay.batch).root, schema: batch.schema,
                        time: batch.time)
                ).encoded)
            #expect(await code(&mirror, try FakeLog(writer.community, entries: lying, key: writer.key)) == "log-root")
            let extended = try FakeLog(writer.community, entries: grown.entries, key: writer.key, batch: writer.replay.batch)
            #expect(await code(&mirror, extended) == "checkpoint-inclusion")
            doctored.resources[bundle]?.removeLast()
            #expect(await code(&mirror, doctored) == "log-tile")
            doctored.resources[bundle] = nil
            #expect(await code(&mirror, doctored) == "the log has no \(bundle)")
            #expect(try directory.storedCheckpoint() == kept)
            #expect(mirror.tree?.root == writer.replay.tree?.root)
            // And it goes on.
            #expect(await code(&mirror, try grown.source()) == "taken")
        }
    }

    @Test("A damaged folder is fetched again; what was seen is still remembered")
    func damaged() async throws {
        try await withTemporaryDirectory { path in
            var writer = try LogWriter()
            try writer.admit(4)
            let early = writer
            try writer.admit(4)
            let directory = LogDirectory(path: path + "/log")
            var mirror = try await LogMirror(community: writer.community, directory: directory)
            try await mirror.update(from: try writer.source())
            let file = path + "/log/tile/entries/000.p/\(writer.entries.count)"
            for damage in 0..<3 {
                var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
                switch damage {
                case 0: bytes[60] ^= 1
                case 1: bytes.removeLast(20)
                default: bytes = []
                }
                try Data(bytes).write(to: URL(fileURLWithPath: file))
                var reopened = try await LogMirror(community: writer.community, directory: directory)
                #expect(reopened.tree == nil && reopened.checkpoint != nil)
                #expect(await code(&reopened, try early.source()) == "checkpoint-older")
                var other = early
                try other.admit(9)
                #expect(await code(&reopened, try other.source()) == "log-fork")
                #expect(await code(&reopened, try writer.source()) == "taken")
                #expect(reopened.tree?.root == writer.replay.tree?.root)
            }
            // The checkpoint is its own proof.
            var note = try #require(try directory.storedCheckpoint())
            note[20] ^= 1
            try Data(note).write(to: URL(fileURLWithPath: path + "/log/checkpoint"))
            await #expect(throws: LogError.self) { try await LogMirror(community: writer.community, directory: directory) }
        }
    }
}

@Suite("Audit") struct AuditTests {
    private func codes(_ source: FakeLog, id: Digest? = nil, seen: [(name: String, note: [UInt8])] = []) async throws -> [String] {
        try await Audit(of: source, id: id, seen: seen, now: 3000).findings.map(\.code)
    }

    @Test("An honest log holds, and contains what was seen of it")
    func holds() async throws {
        var writer = try LogWriter()
        let empty = try #require(try writer.source().resources[LogNames.checkpoint])
        try writer.admit(300)
        let seen = try #require(try writer.source().resources[LogNames.checkpoint])
        try writer.admit(2)
        let audit = try await Audit(
            of: try writer.source(), id: writer.community.id, seen: [("empty", empty), ("seen", seen)], now: 3000)
        #expect(audit.findings.isEmpty && audit.isMemorable)
        #expect(audit.entries == 306 && audit.batches == 3 && audit.appended == 302 && audit.epochs == 1)
        #expect(audit.contained == [2, 303])
        // Two bundles, two tiles of hashes, one above them.
        #expect(audit.tiles == 5)
    }

    @Test("Two histories are found by a checkpoint of the other, whoever brings it")
    func fork() async throws {
        var writer = try LogWriter()
        try writer.admit(4)
        var other = writer
        try writer.admit(3)
        try other.admit(3)
        let seen = try #require(try other.source().resources[LogNames.checkpoint])
        #expect(try await codes(writer.source(), seen: [("a friend", seen)]) == ["log-fork"])
        // Rewritten, and longer than what was seen.
        try writer.admit(9)
        #expect(try await codes(writer.source(), seen: [("memory", seen)]) == ["log-fork"])
        // Taken back.
        var short = try LogWriter(key: writer.key)
        try short.admit(2)
        #expect(try await codes(short.source(), seen: [("memory", seen)]) == ["checkpoint-older"])
        #expect(try await codes(writer.source(), seen: [("nonsense", [1, 2])]) == ["note-malformed"])
        #expect(
            try await codes(writer.source(), seen: [("stranger", try #require(try LogWriter().source().resources["checkpoint"]))]) == [
                "note-signature"
            ])
        #expect(try await codes(writer.source(), id: Digest.of([])) == ["community-mismatch"])
    }

    @Test("Every entry that is changed, left out or put in is found, under the old checkpoint and under a new one")
    func doctored() async throws {
        var writer = try LogWriter()
        try writer.admit(5)
        let honest = try writer.source()
        for position in writer.entries.indices {
            var entries = writer.entries
            entries[position][entries[position].count - 1] ^= 1
            var served = honest
            served.resources["tile/entries/000.p/\(entries.count)"] = EntryBundle.encode(entries)
            #expect(try await codes(served).last == "log-entries", "entry \(position)")
            // The operator signs what he doctored: then the rules find it, but for what is his to say: when few leaves may enter, and the
            // time of the last batch.
            guard position > 0, position < entries.count - 1 else { continue }
            let found = try await codes(FakeLog(writer.community, entries: entries, key: writer.key))
            #expect(!found.isEmpty, "entry \(position)")
        }
        // A leaf with more votes than were given, properly signed: the leaf is not the commitment and these values.
        var entries = writer.entries
        guard case .issued(let entry) = try LogEntry(encoded: entries[3]) else { return }
        entries[3] =
            LogEntry.issued(
                IssuedEntry(
                    epoch: 1, index: entry.index, codeHash: entry.codeHash, message: entry.message, values: [1, 3, 0], leaf: entry.leaf)
            ).encoded
        let audit = try await Audit(of: try FakeLog(writer.community, entries: entries, key: writer.key), id: nil, now: 3000)
        #expect(audit.findings.map(\.code) == ["log-leaf"] && audit.findings[0].position == 3)
        // A batch that is too small, by the log's own times.
        var small = writer
        try small.admit(2)
        var hasty = try LogWriter(key: writer.key, leaves: 1)
        try hasty.admit(1)
        var claimed = hasty.entries
        claimed[0] = LogEntry.openEpoch(OpenedEntry(epoch: 1, depth: 2, batching: try Batching(leaves: 2, seconds: 1001))).encoded
        #expect(try await codes(FakeLog(writer.community, entries: claimed, key: writer.key)) == ["log-batch-too-small"])
        #expect(try await Audit(of: honest, id: nil, now: 1000).findings.map(\.code) == ["log-time"])
    }

    @Test("Tiles that are missing, cut or of other hashes are found")
    func tiles() async throws {
        var writer = try LogWriter()
        try writer.admit(300)
        let honest = try writer.source()
        for (path, code) in [("tile/0/000", "log-tile"), ("tile/1/000.p/1", "log-tile"), ("tile/0/001.p/47", "log-tile")] {
            var served = honest
            served.resources[path]?[5] ^= 1
            #expect(try await codes(served) == [code])
            served.resources[path]?.removeLast()
            #expect(try await codes(served) == [code])
            served.resources[path] = nil
            #expect(try await codes(served) == ["log-missing"])
        }
        var served = honest
        served.resources["tile/entries/000"] = nil
        #expect(try await codes(served) == ["log-missing"])
        // A partial tile that has gone because the full one is there.
        var grown = writer
        try grown.admit(300)
        served = honest
        for path in ["tile/entries/001", "tile/0/001"] { served.resources[path] = try grown.source().resources[path] }
        served.resources["tile/entries/001.p/47"] = nil
        served.resources["tile/0/001.p/47"] = nil
        #expect(try await codes(served).isEmpty)
    }
}

@Suite("Log as static files") struct LogExportTests {
    @Test("An export is a whole log, grows by what is new, and never becomes another")
    func export() async throws {
        try await CommunityFixture.with { fixture in
            try await withTemporaryDirectory { path in
                let directory = LogDirectory(path: path + "/public/log")
                let first = try await directory.export(fixture.community, from: fixture.store)
                #expect(first.size == 6)
                #expect(try await Audit(of: directory, id: fixture.community.id, now: CommunityFixture.now).findings.isEmpty)
                #expect(try await directory.export(fixture.community, from: fixture.store) == first)
                // Anyone may read it.
                let mode = try #require(
                    FileManager.default.attributesOfItem(atPath: directory.path + "/checkpoint")[.posixPermissions] as? NSNumber)
                #expect(mode.intValue & 0o044 == 0o044)
                // Of another history under the same key the folder takes nothing.
                var other = try LogWriter(key: fixture.key)
                try other.admit(2)
                var mirror = try await LogMirror(community: other.community, directory: LogDirectory(path: path + "/other"))
                try await mirror.update(from: try other.source())
                await #expect(throws: LogError.fork) {
                    try await LogDirectory(path: path + "/other").export(fixture.community, from: fixture.store)
                }
                try other.admit(9)
                try await mirror.update(from: try other.source())
                await #expect(throws: LogError.older) {
                    try await LogDirectory(path: path + "/other").export(fixture.community, from: fixture.store)
                }
            }
        }
    }
}
