import Curves
import Foundation
import Membership
import Platform
import Reputation
import Testing
import VerifierService

@Suite("Issuer") struct IssuerTests {
    @Test("Started again, it builds the same tree from the log")
    func resumes() async throws {
        try await CommunityFixture.with { fixture in
            let again = try await Issuer.resume(store: fixture.store, key: fixture.key, pool: fixture.pool)
            let (before, after) = (await fixture.issuer.state, await again.state)
            #expect(after.tree.root == before.tree.root)
            #expect(after.tree.leaves.count == 3)
            #expect(after.log.root == before.log.root)
            #expect(after.checkpoint == before.checkpoint)
        }
    }

    @Test("The checkpoint is signed, its batch entry is in the log, and its root is the tree's")
    func checkpoint() async throws {
        try await CommunityFixture.with { fixture in
            let state = await fixture.issuer.state
            let checkpoint = try Checkpoint(note: state.checkpoint, community: fixture.community)
            let proof = try #require(state.log.inclusionProof(of: checkpoint.size - 1, size: checkpoint.size))
            try checkpoint.verifyBatch(proof: proof)
            #expect(checkpoint.batch.root == state.tree.root.encoded)
            #expect(checkpoint.batch.leafCount == 3)
            var altered = state.checkpoint
            altered[altered.count / 2] ^= 1
            #expect(throws: LogError.self) { try Checkpoint(note: altered, community: fixture.community) }
        }
    }

    @Test("The published order of leaves is that of their bytes, not of their claims")
    func order() async throws {
        try await CommunityFixture.with { fixture in
            let leaves = await fixture.issuer.state.tree.leaves.compactMap { $0?.encoded }
            #expect(leaves == leaves.sorted { $0.lexicographicallyPrecedes($1) })
            #expect(Set(leaves) == Set(fixture.wallets.map { $0.credentials[0].leaf }))
        }
    }

    @Test("The same claim again gets the same receipt; another wallet with the code gets nothing")
    func idempotent() async throws {
        try await CommunityFixture.with { fixture in
            let code = fixture.codes[0]
            var thief = Wallet(phrase: Phrase())
            let stolen = try thief.beginClaim(community: fixture.community, code: code)
            await #expect(throws: Problem(409, "code-used", "This code was used by another wallet.")) {
                try await fixture.issuer.issue(stolen.message, codeHash: code.hash, now: CommunityFixture.now)
            }
            // The member's own wallet, brought back from its words, asks the same.
            var again = Wallet(phrase: try Phrase(parsing: fixture.wallets[0].seed.phrase.text))
            let request = try again.beginClaim(community: fixture.community, code: code)
            let answer = try await fixture.issuer.issue(request.message, codeHash: code.hash, now: CommunityFixture.now + 999)
            #expect(try Receipt(json: JSON(parsing: answer)) == fixture.wallets[0].credentials[0].receipt)
            #expect(try await fixture.issuer.closeBatchIfDue(now: CommunityFixture.now + 999) == 0)
        }
    }

    @Test("Nothing is issued for an unknown code, another code's proof or a broken one")
    func refusals() async throws {
        try await CommunityFixture.with { fixture in
            let fresh = ClaimCode()
            var wallet = Wallet(phrase: Phrase())
            let message = try wallet.beginClaim(community: fixture.community, code: fresh).message
            func code(_ message: [UInt8], _ hash: Digest) async -> String {
                do {
                    _ = try await fixture.issuer.issue(message, codeHash: hash, now: CommunityFixture.now)
                    return "issued"
                } catch {
                    return Problem(error).code
                }
            }
            #expect(await code(message, fresh.hash) == "code-unknown")
            let members = [MemberImport.Member(person: "late", values: [1, 2, 0])]
            let late = try await MemberImport.makeCodes(
                for: members, community: fixture.community.id, capacity: 12_480, store: fixture.store)[0].code
            #expect(await code(message, late.hash) == "issuance-proof")
            let own = try wallet.beginClaim(community: fixture.community, code: late).message
            var broken = own
            broken[broken.count - 1] ^= 1
            #expect(await code(broken, late.hash) == "issuance-proof")
            #expect(await code(own + [0], late.hash) == "issuance-length")
            #expect(await code([UInt8](repeating: 0, count: own.count), late.hash) == "issuance-encoding")
            #expect(await code(own, late.hash) == "issued")
        }
    }

    @Test("Waiting leaves enter when enough wait or after the time")
    func batching() async throws {
        try await CommunityFixture.with { fixture in
            let now = CommunityFixture.now
            let members = (0..<4).map { MemberImport.Member(person: "late \($0)", values: [1, 2, 0]) }
            let codes = try await MemberImport.makeCodes(
                for: members, community: fixture.community.id, capacity: 12_480, store: fixture.store
            ).map(\.code)
            func claim(_ code: ClaimCode) async throws {
                var wallet = Wallet(phrase: Phrase())
                let request = try wallet.beginClaim(community: fixture.community, code: code)
                _ = try await fixture.issuer.issue(request.message, codeHash: code.hash, now: now)
            }
            #expect(try await fixture.issuer.closeBatchIfDue(now: now) == 0)
            try await claim(codes[0])
            #expect(try await fixture.issuer.closeBatchIfDue(now: now) == 0)
            #expect(try await fixture.issuer.closeBatchIfDue(now: now + 59) == 0)
            #expect(try await fixture.issuer.closeBatchIfDue(now: now + 60) == 1)
            for code in codes.dropFirst() { try await claim(code) }
            #expect(try await fixture.issuer.closeBatchIfDue(now: now + 61) == 3)
            #expect(await fixture.issuer.state.tree.leaves.count == 7)
        }
    }

    @Test("No more codes than the tree has room for, and none twice for a person")
    func codes() async throws {
        try await CommunityFixture.with { fixture in
            func make(_ persons: [String], capacity: Int) async throws -> Int {
                try await MemberImport.makeCodes(
                    for: persons.map { .init(person: $0, values: [0, 0, 0]) }, community: fixture.community.id, capacity: capacity,
                    store: fixture.store
                ).count
            }
            await #expect(throws: MemberImport.Failure.tooMany(capacity: 4)) { try await make(["a", "b"], capacity: 4) }
            let made = try await make(["a", "b"], capacity: 5)
            #expect(made == 2)
            await #expect(throws: MemberImport.Failure.alreadyImported) { try await make(["c", "a"], capacity: 100) }
            #expect(try await fixture.store.counts(community: fixture.community.id.bytes).codes == 5)
        }
    }

    @Test("A log that contradicts itself is not served")
    func contradiction() async throws {
        try await CommunityFixture.with { fixture in
            let state = await fixture.issuer.state
            // A batch entry with one leaf more than there are, as a damaged or forged store might hold.
            let false_ = LogEntry.batch(
                BatchEntry(
                    epoch: state.epoch, depth: 2, leafCount: 4, root: state.tree.root.encoded, schema: fixture.community.schema.digest,
                    time: CommunityFixture.now))
            try await fixture.store.append(
                LogBatch(
                    start: state.log.size, entries: [false_.encoded], leaves: [],
                    checkpoint: state.checkpoint),
                community: fixture.community.id.bytes)
            await #expect(throws: Issuer.Failure.log(LogViolation(position: state.log.size, rule: .shape))) {
                try await Issuer.resume(store: fixture.store, key: fixture.key, pool: fixture.pool)
            }
            await #expect(throws: Issuer.Failure.noCommunity) {
                try await Issuer.resume(store: fixture.store, key: Ed25519SigningKey(), pool: fixture.pool)
            }
        }
    }
}

@Suite("Import of members") struct MemberImportTests {
    private func table(_ text: String) throws -> CSV { try CSV(parsing: Array(text.utf8)) }

    @Test("Quotes, line ends and empty lines at the end are read as RFC 4180 has them")
    func csv() throws {
        let parsed = try table("name,note\r\n\"Ann \"\"A\"\"\",\"a,b\nc\"\nBob,\n\n")
        #expect(parsed.header == ["name", "note"])
        #expect(parsed.rows == [["Ann \"A\"", "a,b\nc"], ["Bob", ""]])
    }

    @Test(
        "Broken tables are refused with their line",
        arguments: [
            ("", CSV.Failure.empty), ("a,a\n1,2\n", .repeatedColumn("a")), ("a,b\n1\n", .fieldCount(line: 2)),
            ("a\n\"x\n", .quote(line: 2)),
            ("a\nx\"y\n", .quote(line: 2)), ("a\n\"x\"y\n", .quote(line: 2)),
        ])
    func brokenCSV(_ text: String, _ failure: CSV.Failure) {
        #expect(throws: failure) { try table(text) }
    }

    @Test("Bytes that are not UTF-8 are refused")
    func notText() { #expect(throws: CSV.Failure.notText) { try CSV(parsing: [0x61, 0x0A, 0xFF]) } }

    @Test("Members come out in the schema's order, empty cells only with a value for them")
    func members() throws {
        let schema = try CommunityFixture.schema()
        let good = try table("group,participant,votes,comments,other\n1,7,20,3,x\n,8,21,0,\n")
        let members = try MemberImport.members(of: good, schema: schema, personColumn: "participant", whenEmpty: ["group": -1])
        #expect(members == [.init(person: "7", values: [3, 20, 1]), .init(person: "8", values: [0, 21, -1])])
        func failure(_ text: String, empty: [String: Int64] = [:]) throws -> MemberImport.Failure? {
            do {
                _ = try MemberImport.members(of: table(text), schema: schema, personColumn: "participant", whenEmpty: empty)
                return nil
            } catch { return error as? MemberImport.Failure }
        }
        let head = "participant,comments,votes,group\n"
        #expect(try failure(head + "1,2,3,\n") == .emptyCell(row: 1, column: "group"))
        #expect(try failure(head + "1,2,3,0\n1,2,3,0\n") == .person(row: 2))
        #expect(try failure(head + ",2,3,0\n") == .person(row: 1))
        #expect(try failure(head + "1,2,1001,0\n") == .value(row: 1, column: "votes"))
        #expect(try failure(head + "1,2,3.5,0\n") == .value(row: 1, column: "votes"))
        #expect(try failure("participant,comments,votes\n1,2,3\n") == .missingColumn("group"))
        #expect(try failure(head + "1,2,3,0\n", empty: ["karma": 0]) == .unknownAttribute("karma"))
    }
}
