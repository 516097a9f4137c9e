import Foundation
import Platform
import Reputation
import Testing
import VerifierService

@Suite("Top-ups in the service") struct TopUpTests {
    @Test("A table becomes codes once under a label, for members alone, for growing attributes alone")
    func tables() async throws {
        try await EpochFixture.with(votes: [1, 2]) { f in
            let schema = f.community.schema
            func grants(_ text: String) throws -> [TopUpImport.Grant] {
                try TopUpImport.grants(of: CSV(parsing: Array(text.utf8)), schema: schema, personColumn: "who")
            }
            let given = try grants("who,votes,ignored\nperson 0,5,x\nperson 1,,y\n")
            #expect(given == [.init(person: "person 0", amounts: [5, 0])])
            for (text, failure) in [
                ("votes\n1\n", .missingColumn("who")), ("who,other\nperson 0,1\n", .noAmounts),
                ("who,votes,warnings\nperson 0,1,0\n", .notGrowing("warnings")),
                ("who,votes\nperson 0,-1\n", .value(row: 1, column: "votes")),
                ("who,votes\nperson 1,1\nperson 0,1001\n", .value(row: 2, column: "votes")),
                ("who,votes\nperson 0,1.5\n", .value(row: 1, column: "votes")), ("who,votes\n,1\n", .person(row: 1)),
                ("who,votes\nperson 0,1\nperson 0,1\n", .person(row: 2)),
            ] as [(String, TopUpImport.Failure)] {
                #expect(throws: failure) { try grants(text) }
            }
            func make(_ grants: [TopUpImport.Grant], _ label: String, capacity: Int = 120) async throws -> Int {
                try await TopUpImport.makeCodes(for: grants, label: label, community: f.community.id, capacity: capacity, store: f.store)
                    .count
            }
            #expect(try await make(given, "a") == 1)
            await #expect(throws: TopUpImport.Failure.alreadyGiven) { try await make(given, "a") }
            #expect(try await make(given, "b") == 1)
            await #expect(throws: TopUpImport.Failure.unknownPerson) {
                try await make(given + [.init(person: "nobody", amounts: [1, 0])], "c")
            }
            // Two members and two codes that are not used: one leaf is left, and nothing was made by what was refused.
            await #expect(throws: TopUpImport.Failure.tooMany(capacity: 4)) { try await make(given, "c", capacity: 4) }
            #expect(try await make(given, "c", capacity: 5) == 1)
            #expect(try await f.store.revoke(person: "person 0", community: f.community.id.bytes) == .revoked(leaves: 1))
            await #expect(throws: TopUpImport.Failure.unknownPerson) { try await make(given, "d") }
        }
    }

    @Test("One leaf for a code, whatever is lost, repeated, or sent at once")
    func once() async throws {
        try await EpochFixture.with(votes: [1, 2]) { f in
            let code = try await f.grant(0, votes: 5)
            #expect(await f.verdict { _ = try await f.issuer.offer(codeHash: TopUpCode().hash) } == "code-unknown")
            #expect(try await f.issuer.offer(codeHash: code.hash).amounts == [5, 0])
            let message = try await f.topUpMessage(0, code)
            var answers: Set<[UInt8]> = []
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                let issuer = f.issuer
                for _ in 0..<8 { group.addTask { try await issuer.topUp(message, now: EpochFixture.now) } }
                for try await answer in group { answers.insert(answer) }
            }
            #expect(answers.count == 1)
            // Somebody else with the same code, and a code of nobody.
            #expect(
                await f.verdict { _ = try await f.issuer.topUp(try await f.topUpMessage(1, code), now: EpochFixture.now) } == "code-used")
            f.wallets[1].forgetTopUp(try await f.topUpMessage(1, code))
            let unknown = try await f.topUpMessage(1, TopUpCode())
            #expect(await f.verdict { _ = try await f.issuer.topUp(unknown, now: EpochFixture.now) } == "code-unknown")
            f.wallets[1].forgetTopUp(unknown)
            // Killed after it was recorded, and started again: the same answer, and one leaf.
            try await f.restart()
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now + 100)
            #expect(await f.issuer.state.tree.leaves.count == 3)
            #expect(try await f.issuer.topUp(message, now: EpochFixture.now + 200) == answers.first)
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now + 300)
            #expect(await f.issuer.state.tree.leaves.count == 3)
            try f.wallets[0].finishTopUp(try TopUpReceipt(json: JSON(parsing: try #require(answers.first))))
            #expect(try f.wallets[0].completeTopUps(community: f.community, entries: try await f.entries()) == 1)
            #expect(try f.credential(0).values == [6, 0])
            // The same nullifier as before: nobody votes twice with two leaves.
            let account = try await f.act(0, nil)
            #expect(
                account.nullifiers[1].nullifier == f.wallets[0].nullifier(.account(community: f.community.id, epoch: 1, audience: f.forum)))
            // The audit holds, and finds an amount that was changed afterwards.
            func findings(_ entries: [LogEntry]) async throws -> [String] {
                let log = try FakeLog(f.community, entries: entries.map(\.encoded), key: f.key)
                return try await Audit(of: log, id: f.community.id, now: EpochFixture.now + 1000).findings.map(\.code)
            }
            var entries = try await f.entries()
            #expect(try await findings(entries) == [])
            let place = try #require(entries.firstIndex { if case .toppedUp = $0 { true } else { false } })
            guard case .toppedUp(let entry) = entries[place] else { return }
            let own = entry.derivation
            entries[place] = .toppedUp(
                ToppedUpEntry(
                    epoch: entry.epoch, index: entry.index, codeHash: entry.codeHash, root: entry.root,
                    derivation: LeafDerivation(
                        disclosed: [], deltas: [.init(attribute: 1, value: 900)], shift: own.shift, presentation: own.presentation,
                        leaf: own.leaf)))
            #expect(try await findings(entries).first == "membership-proof")
        }
    }

    @Test("The current root alone, and nobody between epochs")
    func currentRoot() async throws {
        try await EpochFixture.with(votes: [1, 2]) { f in
            let code = try await f.grant(0, votes: 5)
            let early = try await f.topUpMessage(0, code)
            try await f.admit(3)
            #expect(await f.verdict { _ = try await f.issuer.topUp(early, now: EpochFixture.now) } == "root-mismatch")
            let message = try await f.topUpMessage(0, code)
            // The log goes on while the proof is verified: what was proved is not the newest any more.
            let record = TopUpRecord(
                codeHash: code.hash.bytes, epoch: 1, base: message.derivation.base, leaf: message.derivation.base, entry: [1], answer: [2])
            let size = await f.issuer.state.log.size
            #expect(try await f.store.topUp(record, logSize: size - 1, community: f.community.id.bytes) == .replaced)
            try await f.end()
            #expect(await f.verdict { _ = try await f.issuer.topUp(message, now: EpochFixture.now) } == "epoch-ended")
            #expect(try await f.store.topUp(record, logSize: size + 2, community: f.community.id.bytes) == .epochEnded)
            try await f.renew([0, 1])
            #expect(await f.verdict { _ = try await f.issuer.topUp(message, now: EpochFixture.now) } == "top-up-epoch")
            f.wallets[0].forgetTopUp(message)
            _ = try await f.issuer.topUp(try await f.topUpMessage(0, code), now: EpochFixture.now)
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now + 100)
            #expect(try f.wallets[0].completeTopUps(community: f.community, entries: try await f.entries()) == 1)
            #expect(try f.credential(0).values == [6, 0] && f.credential(0).epoch == 2)
        }
    }

    @Test("Who is revoked loses every leaf under his codes, those that wait and the codes themselves")
    func revoked() async throws {
        try await EpochFixture.with(votes: [1, 2, 3]) { f in
            let codes = [try await f.grant(0, votes: 5), try await f.grant(0, votes: 6, label: "second"), try await f.grant(1, votes: 7)]
            _ = try await f.issuer.topUp(try await f.topUpMessage(0, codes[0]), now: EpochFixture.now)
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now + 100)
            #expect(try f.wallets[0].completeTopUps(community: f.community, entries: try await f.entries()) == 1)
            let toppedUp = try f.credential(0).leaf
            // One more waits for its batch when he is revoked.
            _ = try await f.issuer.topUp(try await f.topUpMessage(0, codes[1]), now: EpochFixture.now + 101)
            #expect(try await f.store.revoke(person: "person 0", community: f.community.id.bytes) == .revoked(leaves: 3))
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now + 200)
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now + 300)
            let state = await f.issuer.state
            #expect(state.tree.leaves.count == 4 && state.tree.leaves.compactMap { $0 }.count == 2)
            #expect(!state.tree.leaves.contains { $0?.encoded == toppedUp })
            #expect(state.replay.removed == 2)
            #expect(await f.verdict { _ = try await f.issuer.offer(codeHash: codes[1].hash) } == "code-unknown")
            // Another member is not touched.
            _ = try await f.issuer.topUp(try await f.topUpMessage(1, codes[2]), now: EpochFixture.now + 301)
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now + 400)
            #expect(await f.issuer.state.tree.leaves.compactMap { $0 }.count == 3)
            let audit = try await Audit(
                of: FakeLog(f.community, entries: try await f.entries().map(\.encoded), key: f.key), id: f.community.id,
                now: EpochFixture.now + 1000)
            #expect(audit.findings == [])
        }
    }
}

extension EpochFixture {
    /// A code that adds votes for a member's person.
    func grant(_ member: Int, votes: Int64, label: String = "first") async throws -> TopUpCode {
        try await TopUpImport.makeCodes(
            for: [.init(person: "person \(member)", amounts: [votes, 0])], label: label, community: community.id, capacity: 120,
            store: store)[
                0
            ].code
    }

    /// What a member sends to redeem a code, as far as the issuer knows it.
    func topUpMessage(_ member: Int, _ code: TopUpCode) async throws -> TopUpMessage {
        let state = await issuer.state
        let credential = try credential(member)
        let amounts = (try? await issuer.offer(codeHash: code.hash).amounts) ?? [1, 0]
        guard let batch = state.replay.batch else { throw WalletError.path }
        return try wallets[member].beginTopUp(
            of: credential, code: code, amounts: amounts, tree: batch, path: try ServiceClient.path(of: credential, in: state.tree))
    }
}
