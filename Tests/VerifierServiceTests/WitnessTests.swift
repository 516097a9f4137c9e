import Foundation
import Logging
import Platform
import Reputation
import Testing
import VerifierService

extension LogWriter {
    /// The signed checkpoint as of now.
    func note() throws -> [UInt8] { try #require(try source().resources[LogNames.checkpoint]) }

    var size: Int { replay.size }

    /// What a log sends to a witness that saw a size last.
    func request(from old: Int) throws -> [UInt8] {
        CosigningRequest(
            oldSize: old, proof: old == 0 ? [] : try #require(replay.log.consistencyProof(from: old, to: size)), note: try note()
        ).encoded
    }
}

@Suite("Witness") struct WitnessTests {
    private func witness(_ logs: [LogWriter], key: Ed25519SigningKey = Ed25519SigningKey(), folder: String) throws -> Witness {
        try Witness(name: Array("witness.example/w1".utf8), key: key, logs: logs.map(\.community.verifierKey), folder: folder)
    }

    private func verdict(_ witness: Witness, _ body: [UInt8], now: Int64 = 5) async -> String {
        do {
            _ = try await witness.add(body, now: now)
            return "cosigned"
        } catch let refusal as Witness.Refusal {
            if case .conflict(let size) = refusal { return "409 \(size)" }
            return "\(refusal.status)"
        } catch { return "\(error)" }
    }

    @Test("It cosigns what goes on from what it saw, and nothing else")
    func grows() async throws {
        try await withTemporaryDirectory { path in
            var writer = try LogWriter()
            let key = Ed25519SigningKey()
            var witness: Witness? = try witness([writer], key: key, folder: path + "/w")
            func ask(_ body: [UInt8]) async throws -> String { await verdict(try #require(witness), body) }
            let first = try writer.request(from: 0)
            let lines = try await witness?.add(first, now: 1_700_000_000)
            let note = try writer.note() + (lines ?? [])
            let policy = try WitnessPolicy(
                parsing: Array("witness w \(String(decoding: try #require(witness).verifierKey.text, as: UTF8.self))\nquorum w\n".utf8))
            #expect(try policy.cosignatures(of: note) == [1_700_000_000])
            // A log's readers pass the line over, who does not know the witness too.
            _ = try Checkpoint(note: note, community: writer.community)
            #expect(try await ask(first) == "409 2")
            #expect(try await ask(try writer.request(from: 2)) == "cosigned", "the same once more")
            let before = writer
            try writer.admit(3)
            #expect(try await ask(try writer.request(from: 0)) == "409 2")
            #expect(try await ask(try writer.request(from: 1)) == "409 2")
            let good = try writer.request(from: 2)
            var other = before
            try other.admit(4)
            let forked = CosigningRequest(
                oldSize: 2, proof: try #require(other.replay.log.consistencyProof(from: 2, to: writer.size)), note: try writer.note())
            #expect(try await ask(forked.encoded) == "422")
            let bare = CosigningRequest(oldSize: 2, proof: [], note: try writer.note())
            #expect(try await ask(bare.encoded) == "422")
            #expect(try await ask(good) == "cosigned")
            // After a restart it is as it was: no way back, no other history of the same size, none that goes on from elsewhere.
            witness = nil
            witness = try self.witness([writer], key: key, folder: path + "/w")
            #expect(try await ask(try before.request(from: 2)) == "409 \(writer.size)")
            #expect(try await ask(CosigningRequest(oldSize: writer.size, proof: [], note: try before.note()).encoded) == "400")
            var same = before
            try same.admit(3)
            #expect(try await ask(CosigningRequest(oldSize: writer.size, proof: [], note: try same.note()).encoded) == "409 \(writer.size)")
            try same.admit(3)
            #expect(try await ask(try same.request(from: writer.size)) == "422")
            try writer.admit(3)
            #expect(try await ask(try writer.request(from: writer.size - 4)) == "cosigned")
            // One memory has one process.
            #expect(throws: FileError.locked) { try self.witness([writer], folder: path + "/w") }
            // A memory that cannot be read is no fresh start.
            let file = path + "/w/\(Digest.of(writer.community.origin).hex).checkpoint"
            try Data([1]).write(to: URL(fileURLWithPath: file))
            #expect(try await ask(try writer.request(from: 0)).contains("note"))
        }
    }

    @Test("Strangers, altered signatures and malformed requests are refused")
    func strangers() async throws {
        try await withTemporaryDirectory { path in
            let writer = try LogWriter()
            let witness = try witness([writer], folder: path)
            let (foreign, forged) = (try LogWriter(origin: "elsewhere").request(from: 0), try LogWriter().request(from: 0))
            #expect(await verdict(witness, foreign) == "404")
            #expect(await verdict(witness, forged) == "403")
            let good = try writer.request(from: 0)
            for body in [[], Array("old 0\n".utf8), Array(good.dropFirst()), Array("old 00".utf8) + good.dropFirst(5), [0xff] + good] {
                #expect(await verdict(witness, body) == "400")
            }
            let proved = CosigningRequest(oldSize: 0, proof: [Digest.of([])], note: try writer.note())
            #expect(await verdict(witness, proved.encoded) == "422")
            #expect(await verdict(witness, good) == "cosigned")
        }
    }
}

@Suite("Service with witnesses") struct WitnessedServiceTests {
    /// Runs a body with a witness's service.
    private func withWitness(
        _ name: String, log: VerifierKey, folder: String, _ body: (String, VerifierKey) async throws -> Void
    ) async throws {
        let witness = try Witness(name: Array(name.utf8), key: Ed25519SigningKey(), logs: [log], folder: folder)
        let service = WitnessService(witness, port: 0)
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { running.finish() }
                try await service.run(logger: Logger(label: "witness") { _ in SwiftLogNoOpLogHandler() }, signals: []) { running.yield($0) }
            }
            let port = try #require(await ports.first { _ in true })
            try await body("http://127.0.0.1:\(port)", witness.verifierKey)
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    private func text(_ key: VerifierKey) -> String { String(decoding: key.text, as: UTF8.self) }

    @Test("What too few witnesses cosigned is not published, also not after a restart; then it is, and wallets can tell")
    func quorum() async throws {
        try await CommunityFixture.with { fixture in
            let members = (0..<3).map { MemberImport.Member(person: "late \($0)", values: [1, 2, 0]) }
            let codes = try await MemberImport.makeCodes(
                for: members, community: fixture.community.id, capacity: 12_480, store: fixture.store
            ).map(\.code)
            for code in codes {
                var wallet = Wallet(phrase: Phrase())
                let request = try wallet.beginClaim(community: fixture.community, code: code)
                _ = try await fixture.issuer.issue(request.message, codeHash: code.hash, now: CommunityFixture.now)
            }
            try await withTemporaryDirectory { path in
                let log = fixture.community.verifierKey
                let silent = try VerifierKey(name: Array("gone".utf8), publicKey: Ed25519SigningKey().publicKey, purpose: .cosignatures)
                let published = await fixture.issuer.state.checkpoint
                try await withWitness("one", log: log, folder: path + "/1") { first, firstKey in
                    func policy(_ quorum: Int, _ second: String) throws -> WitnessPolicy {
                        try WitnessPolicy(
                            parsing: Array(
                                """
                                log \(self.text(log))
                                witness a \(self.text(firstKey)) \(first)
                                witness b \(self.text(silent)) http://127.0.0.1:9
                                \(second)
                                group g \(quorum) a b \(second.isEmpty ? "" : "c")
                                quorum g
                                """.utf8))
                    }
                    func issuer(_ policy: WitnessPolicy) async throws -> Issuer {
                        try await Issuer.resume(
                            store: fixture.store, key: fixture.key, pool: fixture.pool, witnesses: Witnesses(policy: policy))
                    }
                    let two = try policy(2, "")
                    // One of two is not enough: first for what was published without them, ...
                    var running = try await issuer(two)
                    await #expect(throws: LogError.quorum) { try await running.closeBatchIfDue(now: CommunityFixture.now) }
                    #expect(try await fixture.store.pendingLeaves(community: fixture.community.id.bytes, limit: 9).count == 3)
                    let one = try policy(1, "")
                    running = try await issuer(one)
                    // ... with one of one all goes on.
                    #expect(try await running.closeBatchIfDue(now: CommunityFixture.now) == 3)
                    let cosigned = await running.state
                    #expect(cosigned.tree.leaves.count == 6)
                    try one.verify(note: cosigned.checkpoint)
                    #expect(throws: LogError.quorum) { try two.verify(note: cosigned.checkpoint) }
                    #expect(throws: LogError.quorum) { try one.verify(note: published) }
                    #expect(try await fixture.store.checkpoint(community: fixture.community.id.bytes) == cosigned.checkpoint)
                }
            }
        }
    }

    @Test("A batch that is signed and not yet cosigned waits on the disk, and nothing more is signed until it is published")
    func sealed() async throws {
        try await CommunityFixture.with { fixture in
            let id = fixture.community.id.bytes
            let gone = try VerifierKey(name: Array("gone".utf8), publicKey: Ed25519SigningKey().publicKey, purpose: .cosignatures)
            func issuer(_ quorum: String) async throws -> Issuer {
                let text = "witness gone \(self.text(gone)) http://127.0.0.1:9\nquorum \(quorum)\n"
                let policy = try WitnessPolicy(parsing: Array(text.utf8))
                return try await Issuer.resume(
                    store: fixture.store, key: fixture.key, pool: fixture.pool, witnesses: Witnesses(policy: policy))
            }
            func claim(_ persons: [String]) async throws {
                let members = persons.map { MemberImport.Member(person: $0, values: [1, 2, 0]) }
                for (_, code) in try await MemberImport.makeCodes(
                    for: members, community: fixture.community.id, capacity: 12_480, store: fixture.store)
                {
                    var wallet = Wallet(phrase: Phrase())
                    let request = try wallet.beginClaim(community: fixture.community, code: code)
                    _ = try await fixture.issuer.issue(request.message, codeHash: code.hash, now: CommunityFixture.now)
                }
            }
            // As a service leaves it that was killed between the write and the witnesses' answers.
            try await claim(["a", "b", "c"])
            let published = await fixture.issuer.state
            var replay = published.replay
            let waiting = try await fixture.store.pendingLeaves(community: id, limit: 9).sorted {
                $0.leaf.lexicographicallyPrecedes($1.leaf)
            }
            var entries = try waiting.enumerated().map { offset, leaf in
                LogEntry.issued(
                    IssuedEntry(
                        epoch: 1, index: UInt32(3 + offset), codeHash: try Digest(leaf.codeHash), message: leaf.message,
                        values: leaf.attributes, leaf: leaf.leaf)
                ).encoded
            }
            for entry in entries { try replay.apply(entry) }
            let batch = try replay.closing(time: CommunityFixture.now)
            entries.append(LogEntry.batch(batch).encoded)
            try replay.apply(entries[3])
            let checkpoint = Checkpoint(origin: fixture.community.origin, size: replay.size, root: replay.log.root, batch: batch)
            try await fixture.store.append(
                LogBatch(
                    start: published.log.size, entries: entries, leaves: waiting, checkpoint: checkpoint.signed(by: fixture.key),
                    isPublished: false),
                community: id)
            try await claim(["d", "e", "f"])
            for _ in 0..<2 {
                let strict = try await issuer("gone")
                #expect(await strict.state.checkpoint == published.checkpoint)
                #expect(await strict.state.tree.leaves.count == 3)
                await #expect(throws: LogError.quorum) { try await strict.closeBatchIfDue(now: CommunityFixture.now) }
                #expect(await strict.state.checkpoint == published.checkpoint)
                #expect(try await fixture.store.checkpoint(community: id) == published.checkpoint)
                #expect(try await fixture.store.counts(community: id).logSize == replay.size, "nothing more is signed")
            }
            // Without the witness: published first, then what came since.
            let free = try await issuer("none")
            #expect(try await free.closeBatchIfDue(now: CommunityFixture.now) == 3)
            #expect(await free.state.tree.leaves.count == 9)
            #expect(await free.state.log.root(size: replay.size) == replay.log.root)
            let last = await free.state.checkpoint
            #expect(try await fixture.store.checkpoint(community: id) == last)
        }
    }
}
