import Foundation
import Platform
import Reputation
import Testing
import VerifierService

@Suite("SQLite store") struct SQLiteStoreTests {
    @Test("Commits wait for the disk, and the file is its owner's alone")
    func durability() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/store.sqlite"
            let store = try SQLStore(sqlite: path)
            #expect(try await store.synchronousMode() == 2)
            for file in [path, path + "-wal"] {
                let mode = try #require(FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber)
                #expect(mode.intValue & 0o077 == 0)
            }
            try store.close()
        }
    }

    @Test("A path that cannot be opened is an error, not a crash")
    func unopenable() {
        #expect(throws: StoreError.self) { try SQLStore(sqlite: "/nowhere/at/all/store.sqlite") }
    }

    @Test("A store that an earlier version made is taken over with what is in it")
    func earlierVersion() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/store.sqlite"
            // As it was: the names of the first steps in another table, and one counter of requests that triggers moved.
            var store = try SQLStore(sqlite: path, steps: 8)
            let nonces = (0..<3).map { bytes($0, count: 16, fill: 7) }
            let audience = bytes(0, count: 32, fill: 1)
            try await store.write { session in
                for nonce in nonces {
                    _ = try session.run(
                        "INSERT INTO request (nonce, audience, document, expires) VALUES (?, ?, ?, 1)",
                        [.blob(nonce), .blob(audience), .blob([])])
                }
                _ = try session.run("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
                _ = try session.run("INSERT INTO grdb_migrations SELECT name FROM migration")
                _ = try session.run("DROP TABLE migration")
            }
            try store.close()
            store = try SQLStore(sqlite: path)
            #expect(try await store.outstandingRequests() == 3)
            let acceptance = AcceptanceRecord(nonce: nonces[0], spends: [], time: 1, presentation: [], logSize: 0)
            #expect(try await store.accept(acceptance) == .accepted)
            #expect(try await store.outstandingRequests() == 2)
            try store.close()
        }
    }

    @Test("A store of a newer version is left alone")
    func newerVersion() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/store.sqlite"
            let store = try SQLStore(sqlite: path)
            try await store.write { session in
                _ = try session.run("INSERT INTO migration (step, name) SELECT max(step) + 1, 'from afar' FROM migration")
            }
            try store.close()
            #expect(throws: StoreError.newer("from afar")) { try SQLStore(sqlite: path) }
        }
    }

    @Test("A transaction that fails fails all acceptances in it")
    func failingTransaction() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/store.sqlite"
            let nonces = (0..<3).map { bytes($0, count: 32, fill: 7) }
            let requests = nonces.map { RequestRecord(nonce: $0, audience: bytes(0, count: 32, fill: 1), document: [], expires: 1) }
            let spend = Spend(scope: [4], nullifier: bytes(0, count: 33, fill: 2))
            let acceptances = zip(nonces, [[spend], [], []]).map { nonce, spends in
                AcceptanceRecord(nonce: nonce, spends: spends, time: 1, presentation: [], logSize: 0)
            }
            let store = try SQLStore(sqlite: path)
            for added in try await store.addRequests(requests) { try added.get() }
            try store.close()
            await #expect(throws: StoreError.self) { try await store.accept(acceptances) }
            let again = try SQLStore(sqlite: path)
            #expect(try await again.outstandingRequests() == 3)
            #expect(try await again.isSpent(spend) == false)
            #expect(try await again.accept(acceptances).map { try $0.get() } == [.accepted, .accepted, .accepted])
            try again.close()
        }
    }

    @Test("Every acknowledged spend survives a kill, and none can be repeated", arguments: ["spend", "spend-together"])
    func killedWhileSpending(_ mode: String) async throws {
        try await killRepeatedly(mode, prepare: { _ in }) { store, number, _ in
            try await store.isSpent(Spend(scope: [4], nullifier: bytes(number, count: 33, fill: 2)))
        }
    }

    @Test("Every acknowledged use of a claim code survives a kill, and no other wallet gets an answer")
    func killedWhileIssuing() async throws {
        let community = bytes(0, count: 32, fill: 5)
        try await killRepeatedly(
            "issue",
            prepare: { store in
                try await store.addCommunity(CommunityRecord(id: community, document: []))
                let codes = (0..<Self.count).map { ClaimCodeRecord(hash: bytes($0, count: 32, fill: 3), person: "\($0)", attributes: []) }
                try await store.addClaimCodes(codes, community: community)
            }
        ) { store, number, round in
            // The answer is that of the round which was told that it is new, and of no other.
            let answer = try await store.issuance(codeHash: bytes(number, count: 32, fill: 3), community: community)?.answer
            return answer == Array("\(round)".utf8)
        }
    }

    @Test("Killed between writing the log and publishing it, everything that is left is one state of one log")
    func killedWhilePublishing() async throws {
        try await withTemporaryDirectory { directory in
            let key = try Ed25519SigningKey(seed: bytes(0, count: 32, fill: 5))
            let pool = WorkPool(threads: 1, capacity: 4)
            var (published, kills) = (0, 0)
            for round in 0..<6 {
                let run = try await runUntilKilled(
                    ["log", directory + "/store.sqlite", String(Self.count), String(round)], in: round,
                    after: .milliseconds(Int.random(in: 50...400)))
                if run.killed { kills += 1 }
                let acknowledged = max(published, run.lines.keys.max() ?? 0)
                let store = try SQLStore(sqlite: directory + "/store.sqlite")
                let files = LogDirectory(path: directory + "/log")
                if !(try await store.communities().isEmpty) {
                    // The issuer starts from it; the files are a beginning of the same log and no shorter than what was said.
                    let issuer = try await Issuer.resume(store: store, key: key, pool: pool)
                    let size = await issuer.state.log.size
                    #expect(size >= acknowledged)
                    if let note = try files.storedCheckpoint() {
                        let audit = try await Audit(of: files, id: issuer.community.id, now: .max - 300)
                        #expect(audit.findings.isEmpty)
                        let checkpoint = try Checkpoint(note: note, community: issuer.community)
                        #expect(checkpoint.size >= acknowledged)
                        #expect(await issuer.state.log.root(size: checkpoint.size) == checkpoint.root)
                    }
                    let exported = try await files.export(issuer.community, from: store)
                    #expect(exported.size == size)
                    published = size
                }
                try store.close()
            }
            try await pool.shutdown()
            #expect(kills > 0 && published > 6, "the rounds showed something")
        }
    }

    private static let count = 3000

    /// Lets a child process do something once for each number, over and over from the start, and kills it each time at a random moment.
    ///
    /// - Parameter isKept: whether the store remembers what was acknowledged as new for a number in a round.
    private func killRepeatedly(
        _ mode: String, prepare: (SQLStore) async throws -> Void, isKept: (SQLStore, Int, Int) async throws -> Bool
    ) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/store.sqlite"
            var store = try SQLStore(sqlite: path)
            try await prepare(store)
            try store.close()
            var acknowledged: [Int: Int] = [:]
            var kills = 0
            for round in 0..<12 {
                let run = try await runUntilKilled(
                    [mode, path, String(Self.count), String(round)], in: round, after: .milliseconds(Int.random(in: 40...400)))
                if run.killed { kills += 1 }
                for (number, isNew) in run.lines where isNew {
                    #expect(acknowledged[number] == nil, "number \(number) was done twice")
                    acknowledged[number] = round
                }
                store = try SQLStore(sqlite: path)
                for number in run.lines.keys {
                    if let round = acknowledged[number] {
                        #expect(try await isKept(store, number, round), "number \(number) was forgotten")
                    }
                }
                try store.close()
            }
            #expect(kills > 0, "no round was killed in the middle: the test showed nothing")
            #expect(!acknowledged.isEmpty)
        }
    }

    /// Runs the exerciser and kills it: every other round once it is at work, however slow the machine is, else at any moment. Returns for each number of
    /// a whole line whether it was new, and whether the kill came in time.
    private func runUntilKilled(
        _ arguments: [String], in round: Int, after delay: Duration
    ) async throws -> (lines: [Int: Bool], killed: Bool) {
        let run = try ExerciserRun(arguments)
        if round % 2 == 0 { await run.begins() }
        try await Task.sleep(for: delay)
        run.kill()
        let lines = try await run.lines().mapValues { $0 == "new" }
        return (lines, run.wasKilled)
    }
}

/// As the exerciser makes its keys.
private func bytes(_ number: Int, count: Int, fill: UInt8) -> [UInt8] {
    [UInt8](repeating: fill, count: count - 8) + withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) }
}

/// The folder of the package's built executables: that of the running test itself.
let builtProducts: URL = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
