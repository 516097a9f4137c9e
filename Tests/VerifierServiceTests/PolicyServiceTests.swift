import Foundation
import Platform
import Reputation
import Testing
import VerifierService

@Suite("What an audience may ask, at the service") struct PolicyServiceTests {
    @Test("A question of another form than the policy's is refused, and nothing is kept of it")
    func policy() async throws {
        try await CommunityFixture.with { fixture in
            let (community, now) = (fixture.community, CommunityFixture.now)
            let form = try Policy.Form(
                json: JSON(parsing: Array(#"{"purposes":["act"],"predicates":["votes >= 20"]}"#.utf8)), schema: community.schema)
            let policy = try Policy(community: community.id, schema: community.schema.digest, audience: fixture.forum, forms: [form])
            let verifier = Verifier(
                issuer: fixture.issuer, store: fixture.store, batches: BatchVerifier(pool: fixture.pool),
                audiences: AudienceBook(policies: [fixture.forum: policy]))
            func ask(_ bound: Int, _ audience: Digest? = nil) async throws -> PresentationRequest {
                try await verifier.ask(
                    Question(purposes: [.act(subject: [1])], predicates: ["votes >= \(bound)"]), audience: audience ?? fixture.forum,
                    now: now)
            }
            #expect(policy.allows(try await ask(20)))
            let open = try await fixture.store.outstandingRequests()
            for bound in [19, 21] { await #expect(throws: RequestError.policy) { try await ask(bound) } }
            #expect(try await fixture.store.outstandingRequests() == open)
            _ = try await ask(21, fixture.elsewhere)
        }
    }

    @Test("The operator's policy of an audience is kept beside its key, and no other is taken for it")
    func folder() async throws {
        try await withTemporaryDirectory { path in
            let directory = DataDirectory(path: path + "/data")
            let key = try directory.createLogKey()
            let community = try Community(logKey: key.publicKey, origin: Array("assembly".utf8), schema: CommunityFixture.schema())
            let (forum, other) = (try directory.audience(named: "forum"), try directory.audience(named: "other"))
            #expect(try directory.policy(of: forum, community: community) == nil)
            let form = try Policy.Form(
                json: JSON(parsing: Array(#"{"purposes":["account"],"tickets":5}"#.utf8)), schema: community.schema)
            let policy = try Policy(community: community.id, schema: community.schema.digest, audience: forum.id, forms: [form])
            try directory.setPolicy(policy, of: forum, community: community)
            #expect(try directory.policy(of: forum, community: community) == policy)
            #expect(try directory.audiences().map(\.name) == ["forum", "other"])
            try directory.setPolicy(policy, of: other, community: community)
            #expect(throws: DataDirectory.Failure.self) { try directory.policy(of: other, community: community) }
        }
    }

    @Test("The histogram counts the leaves of the published tree, those taken out not among them")
    func histogram() async throws {
        try await CommunityFixture.with { fixture in
            let (id, now) = (fixture.community.id.bytes, CommunityFixture.now)
            let publisher = HistogramPublisher(issuer: fixture.issuer, store: fixture.store, key: fixture.key, minimum: 7)
            func counted() async throws -> Histogram {
                try Histogram(signed: await publisher.current(), community: fixture.community, epoch: 1)
            }
            let first = try await counted()
            // All three are alone in their classes: their number is published, their classes are not.
            #expect(first.total == 3 && first.rest == 3 && first.cells.isEmpty && first.minimum == 7)
            #expect(try await publisher.current() == publisher.current())
            _ = try await fixture.store.revoke(person: "person 2", community: id)
            try await fixture.issuer.closeBatchIfDue(now: now + 1)
            #expect(try await counted().total == 2)
            let members = (0..<6).map { MemberImport.Member(person: "more \($0)", values: [0, 30, 0]) }
            let codes = try await MemberImport.makeCodes(
                for: members, community: fixture.community.id, capacity: 12_480, store: fixture.store)
            for (_, code) in codes {
                var wallet = Wallet(phrase: Phrase())
                let request = try wallet.beginClaim(community: fixture.community, code: code)
                _ = try await fixture.issuer.issue(request.message, codeHash: code.hash, now: now)
            }
            try await fixture.issuer.closeBatchIfDue(now: now + 2)
            let last = try await counted()
            #expect(last.total == 8 && last.cells.map(\.count) == [6])
            let asked = try await fixture.ask(predicates: ["votes >= 20"])
            #expect(last.membersAtLeast(asked, values: [0, 30, 0], schema: fixture.community.schema) == 6)
        }
    }
}
