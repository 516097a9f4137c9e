import Foundation
import Membership
import Platform
import Reputation
import VerifierService

/// What a log of so many members costs a wallet and an audit; no network.
enum LogMeasurement {
    /// A log in memory, as a service would give it.
    private struct Source: LogSource {
        let name = "memory"
        let community: Community
        let checkpoint: [UInt8]
        let entries: [[UInt8]]
        let log: MerkleTree

        func resource(_ path: String, atMost limit: Int) async throws -> [UInt8]? {
            if path == LogNames.checkpoint { return checkpoint }
            if path == LogNames.community { return community.json.encoded() }
            guard let tile = try? LogTile(path: Array(path.utf8)) else { return nil }
            if case .hashes = tile.content { return log.hashes(of: tile) }
            let first = tile.index * LogTile.fullWidth
            return first + tile.width <= entries.count ? EntryBundle.encode(Array(entries[first..<(first + tile.width)])) : nil
        }
    }

    /// Members enter by batches of 64; then one batch more is a day.
    static func figures(members: Int) async throws -> [(String, Figure)] {
        let key = Ed25519SigningKey()
        let schema = try Schema([.counter("comments", atMost: 100_000), .counter("votes", atMost: 1_000_000), .flag("verified")])
        let community = try Community(logKey: key.publicKey, origin: Array("measured".utf8), schema: schema)
        var replay = LogReplay(community: community, depth: .tree)
        var entries: [[UInt8]] = []
        var bar = ProgressBar("Issuing", total: members)
        func append(_ new: [LogEntry]) throws {
            for entry in new.map(\.encoded) {
                try replay.apply(entry)
                entries.append(entry)
            }
            let batch = LogEntry.batch(try replay.closing(time: 1)).encoded
            try replay.apply(batch)
            entries.append(batch)
        }
        func admit(_ count: Int) throws {
            let first = replay.tree?.leaves.count ?? 0
            let seed = Seed(Phrase())
            let context = { (code: Digest) in Issuance.context(community: community.id, codeHash: code) }
            let secret = seed.secret(identity: 0)
            var issued: [(code: Digest, message: [UInt8], leaf: [UInt8])] = []
            for _ in 0..<count {
                let code = Digest.of(Random.bytes(16))
                let blinding = seed.issuanceBlinding(identity: 0, community: community.id, codeHash: code)
                let message = try Issuance.request(secret: secret, blinding: blinding, context: context(code))
                let made = try Issuance.issue(message, values: [3, 30, 1], schema: schema, community: community.id, codeHash: code)
                issued.append((code, message, made.leaf))
            }
            issued.sort { $0.leaf.lexicographicallyPrecedes($1.leaf) }
            try append(
                issued.enumerated().map { offset, one in
                    .issued(
                        IssuedEntry(
                            epoch: 1, index: UInt32(first + offset), codeHash: one.code, message: one.message, values: [3, 30, 1],
                            leaf: one.leaf))
                })
        }
        func source() throws -> Source {
            guard let batch = replay.batch else { throw CommandFailure("the log is empty") }
            let checkpoint = Checkpoint(origin: community.origin, size: replay.size, root: replay.log.root, batch: batch)
            return Source(community: community, checkpoint: checkpoint.signed(by: key), entries: entries, log: replay.log)
        }
        try append([.openEpoch(OpenedEntry(epoch: 1, depth: 4, batching: try Batching(leaves: 1, seconds: 1)))])
        for first in stride(from: 0, to: members, by: 64) {
            try admit(min(64, members - first))
            bar.update(first + 64)
        }

        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbolon-log-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let directory = LogDirectory(path: folder.path)
        func timed<T>(_ body: () async throws -> T) async throws -> (T, Double) {
            let start = Timing.wallMilliseconds
            let result = try await body()
            return (result, Timing.wallMilliseconds - start)
        }
        let whole = try source()
        let bytes = entries.reduce(0) { $0 + $1.count + 2 }
        var mirror = try await LogMirror(community: community, directory: directory)
        let (_, first) = try await timed { try await mirror.update(from: whole) }
        let (audit, auditing) = try await timed { try await Audit(of: whole, id: community.id, now: 1) }
        try admit(64)
        let grown = try source()
        var (again, opening) = try await timed { try await LogMirror(community: community, directory: directory) }
        let (_, day) = try await timed { try await again.update(from: grown) }
        guard audit.findings.isEmpty, again.tree?.root == replay.tree?.root else { throw CommandFailure("the log does not hold") }
        return [
            ("members", .whole(members)), ("entries", .whole(whole.entries.count)), ("entry_bytes", .whole(bytes)), ("threads", .whole(2)),
            ("first_sync_wall_ms", .time(first)), ("open_wall_ms", .time(opening)), ("day_sync_wall_ms", .time(day)),
            ("audit_wall_ms", .time(auditing)), ("peak_rss_bytes", .whole(Timing.peakResidentBytes)),
        ]
    }
}
