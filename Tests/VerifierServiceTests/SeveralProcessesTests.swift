import Foundation
import Membership
import Platform
import Reputation
import StoreSupport
import Testing
import VerifierService

/// Several issuers and verifiers that share a store and nothing else, as processes behind one proxy do.
@Suite("Several processes on one store") struct SeveralProcessesTests {
    private static let now = CommunityFixture.now

    /// What one process has in memory.
    private struct Member {
        let store: SQLStore
        let issuer: Issuer
        let verifier: Verifier

        init(_ address: String, _ key: Ed25519SigningKey, _ pool: WorkPool) async throws {
            store = try StoreInstance.open(address)
            issuer = try await Issuer.resume(store: store, key: key, pool: pool)
            verifier = Verifier(issuer: issuer, store: store, batches: BatchVerifier(pool: pool))
        }
    }

    @Test("One appends and the others follow; what one published or spent, all know", arguments: StoreInstance.allCases)
    func together(_ instance: StoreInstance) async throws {
        try await instance.withAddress { address in
            let key = Ed25519SigningKey()
            let community = try Community(
                logKey: key.publicKey, origin: Array("assembly".utf8), schema: CommunityFixture.schema())
            let pool = WorkPool(threads: 2, capacity: 256)
            let first = try StoreInstance.open(address)
            try await Issuer.create(
                community: community, depth: 2, batching: try Batching(leaves: 1, seconds: 60), store: first, key: key, now: Self.now)
            let count = 12
            let people = (0..<count).map { MemberImport.Member(person: "person \($0)", values: [0, 101, 1]) }
            let codes = try await MemberImport.makeCodes(for: people, community: community.id, capacity: 12_480, store: first).map(\.code)
            try first.close()
            var members: [Member] = []
            for _ in 0..<3 { members.append(try await Member(address, key, pool)) }

            // Members claim at all of them, and all close batches at the same time, again and again.
            var wallets: [Wallet] = []
            var entered = 0
            for (number, code) in codes.enumerated() {
                var wallet = Wallet(phrase: Phrase())
                let request = try wallet.beginClaim(community: community, code: code)
                let answer = try await members[number % 3].issuer.issue(request.message, codeHash: code.hash, now: Self.now)
                #expect(try await members[(number + 1) % 3].issuer.issue(request.message, codeHash: code.hash, now: Self.now) == answer)
                _ = try wallet.finishClaim(try Receipt(json: JSON(parsing: answer)))
                wallets.append(wallet)
                guard number % 2 == 1 else { continue }
                entered += try await withThrowingTaskGroup(of: Int.self) { group in
                    for one in members { group.addTask { try await one.issuer.closeBatchIfDue(now: Self.now) } }
                    return try await group.reduce(0, +)
                }
            }
            #expect(entered == count, "each leaf entered once, by one of them")
            for one in members { try await one.issuer.closeBatchIfDue(now: Self.now) }
            let state = await members[0].issuer.state
            #expect(state.tree.leaves.count == count)
            for one in members { #expect(await one.issuer.state.checkpoint == state.checkpoint) }
            let entries = try await members[1].store.logEntries(community: community.id.bytes, from: 0, limit: 1000)
            #expect(try LogReplay(community: community, depth: .tree).replaying(entries).log.root == state.log.root)

            // One more enters at the first; the second has not looked since, and is shown the new root.
            let late = try await MemberImport.makeCodes(
                for: [.init(person: "late", values: [0, 50, 0])], community: community.id, capacity: 12_480, store: members[0].store
            )[0].code
            var wallet = Wallet(phrase: Phrase())
            let claim = try wallet.beginClaim(community: community, code: late)
            let receipt = try await members[2].issuer.issue(claim.message, codeHash: late.hash, now: Self.now)
            _ = try wallet.finishClaim(try Receipt(json: JSON(parsing: receipt)))
            #expect(try await members[0].issuer.closeBatchIfDue(now: Self.now + 60) == 1)
            let newest = await members[0].issuer.state
            #expect(await members[1].issuer.state.log.size < newest.log.size)
            let forum = Digest.of([7])
            func ask(_ one: Member) async throws -> PresentationRequest {
                try await one.verifier.ask(
                    Question(purposes: [.act(subject: [1])], predicates: ["votes >= 20"], lifetime: 1000), audience: forum, now: Self.now)
            }
            func verdict(_ one: Member, _ request: PresentationRequest) async throws -> String {
                let credential = wallet.credentials[0]
                let answer = try wallet.present(
                    request, with: credential, to: forum, path: try ServiceClient.path(of: credential, in: newest.tree), now: Self.now)
                do {
                    _ = try await one.verifier.accept(answer.json(community.schema).encoded(), audience: forum, now: Self.now + 60)
                    return "accepted"
                } catch {
                    return Problem(error).code
                }
            }
            // Asked by one, answered to another.
            #expect(try await verdict(members[1], try await ask(members[2])) == "accepted")
            #expect(await members[1].issuer.state.checkpoint == newest.checkpoint)
            #expect(try await verdict(members[2], try await ask(members[1])) == "already-spent")
            // And the set of what is spent is one and the same everywhere, also where one was started again.
            var sets: Set<[UInt8]> = []
            for (number, one) in members.enumerated() {
                let spent = SpentTickets(community: community.id, store: one.store, key: key, interval: 100)
                let (document, fresh) = try await spent.document(epoch: 1, now: Self.now + Int64(10 * number))
                sets.insert(document)
                #expect(fresh == 100 - Int64(10 * number))
            }
            #expect(sets.count == 1)
            for one in members { try one.store.close() }
            try await pool.shutdown()
        }
    }
}

extension LogReplay {
    /// With these entries applied.
    fileprivate func replaying(_ entries: [[UInt8]]) throws -> LogReplay {
        var replay = self
        for entry in entries { try replay.apply(entry) }
        return replay
    }
}
