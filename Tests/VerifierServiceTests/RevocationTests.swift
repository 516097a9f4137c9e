import Foundation
import Platform
import Reputation
import Testing
import VerifierService

@Suite("Revocation of a person") struct RevocationTests {
    /// Two of three stay: the leaf of the third goes out of the tree with the next batch, and what he presents is refused.
    @Test("A revoked person's leaf is taken out, once, and does not come back")
    func revoked() async throws {
        try await CommunityFixture.with { fixture in
            let (issuer, store, id, now) = (fixture.issuer, fixture.store, fixture.community.id.bytes, CommunityFixture.now)
            #expect(try await store.revoke(person: "nobody", community: id) == .unknownPerson)
            let asked = try await fixture.ask()
            let before = try fixture.answer(0, asked)
            #expect(try await store.revoke(person: "person 0", community: id) == .revoked(leaves: 1))
            // Again, for who is not sure that it was done.
            #expect(try await store.revoke(person: "person 0", community: id) == .revoked(leaves: 1))
            let size = await issuer.state.log.size
            try await issuer.closeBatchIfDue(now: now + 1)
            let state = await issuer.state
            #expect(state.log.size == size + 2)
            let leaf = fixture.wallets[0].credentials[0].leaf
            #expect(state.tree.leaves.count == 3 && !state.tree.leaves.contains { $0?.encoded == leaf })
            try await issuer.closeBatchIfDue(now: now + 2)
            #expect(await issuer.state.log.size == size + 2)
            #expect(try await fixture.verdict(before) != "accepted")
            // The others go on in the new tree.
            let (wallet, credential) = (fixture.wallets[1], fixture.wallets[1].credentials[0])
            let answer = try wallet.present(
                asked, with: credential, to: fixture.forum, path: ServiceClient.path(of: credential, in: state.tree), now: now)
            #expect(try await fixture.verdict(answer) == "accepted")
            // Rebuilt from the log it is the same, and the log holds.
            let again = try await Issuer.resume(store: store, key: fixture.key, pool: fixture.pool)
            #expect(await again.state.tree.root == state.tree.root)
            var restored = Wallet(phrase: fixture.wallets[0].seed.phrase)
            let entries = try await store.logEntries(community: id, from: 0, limit: 100)
            #expect(try restored.restore(community: fixture.community, entries: entries.map { try LogEntry(encoded: $0) }) == 0)
            // The wallet that asks for its receipt again gets it, and no new leaf.
            _ = try await issuer.issue(
                restored.beginClaim(community: fixture.community, code: fixture.codes[0]).message, codeHash: fixture.codes[0].hash, now: now
            )
            #expect(try await store.pendingLeaves(community: id, limit: 10).isEmpty)
        }
    }

    @Test("Who is revoked before he claims, or before his batch, never enters the tree")
    func early() async throws {
        try await CommunityFixture.with { fixture in
            let (issuer, store, id, now) = (fixture.issuer, fixture.store, fixture.community.id, CommunityFixture.now)
            let members = ["eve", "mallory", "zoe"].map { MemberImport.Member(person: $0, values: [0, 30, 0]) }
            let codes = try await MemberImport.makeCodes(for: members, community: id, capacity: 12_480, store: store).map(\.code)
            func claim(_ code: ClaimCode) async throws {
                var wallet = Wallet(phrase: Phrase())
                let request = try wallet.beginClaim(community: fixture.community, code: code)
                _ = try await issuer.issue(request.message, codeHash: code.hash, now: now)
            }
            #expect(try await store.revoke(person: "eve", community: id.bytes) == .revoked(leaves: 0))
            await #expect(throws: Problem.self) { try await claim(codes[0]) }
            try await claim(codes[1])
            try await claim(codes[2])
            #expect(try await store.counts(community: id.bytes).pending == 2)
            #expect(try await store.revoke(person: "mallory", community: id.bytes) == .revoked(leaves: 1))
            #expect(try await store.counts(community: id.bytes).pending == 1, "a leaf that never enters does not wait")
            try await issuer.closeBatchIfDue(now: now + 1)
            try await issuer.closeBatchIfDue(now: now + 1000)
            #expect(await issuer.state.tree.leaves.count == 4)
            #expect(await issuer.state.replay.removed == 0)
            #expect(try await store.counts(community: id.bytes).pending == 0)
        }
    }
}
