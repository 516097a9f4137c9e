import Foundation
import Membership
import Platform
import Reputation
import VerifierService

/// A community in a temporary store, its members with wallets in memory, and the service's engine without HTTP.
struct CommunityFixture {
    /// Attribute values of the members that claim, in order: comments, votes, group. The first two may act where 20 votes are asked for.
    static let values: [[Int64]] = [[0, 101, 1], [5, 20, -1], [2, 19, 0]]
    /// A time within which requests are open.
    static let now: Int64 = 1_800_000_000

    let store: any Store
    let key: Ed25519SigningKey
    let community: Community
    let pool: WorkPool
    let issuer: Issuer
    let verifier: Verifier
    let codes: [ClaimCode]
    let wallets: [Wallet]
    let tree: CurveTree
    let forum = Digest.of([7])
    let elsewhere = Digest.of([8])

    static func schema() throws -> Schema {
        try Schema([
            .counter("comments", atMost: 1000), .counter("votes", atMost: 1000),
            Attribute(name: Array("group".utf8), kind: .fixed, least: -1, greatest: 1),
        ])
    }

    /// Runs a body with a community whose members have claimed and stand in the tree.
    static func with(_ body: (CommunityFixture) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let store = try SQLStore(sqlite: directory + "/store.sqlite")
            let key = Ed25519SigningKey()
            let community = try Community(logKey: key.publicKey, origin: Array("assembly".utf8), schema: schema())
            let pool = WorkPool(threads: 2, capacity: 64)
            do {
                try await Issuer.create(
                    community: community, depth: 2, batching: try Batching(leaves: 3, seconds: 60), store: store, key: key, now: now)
                let members = values.enumerated().map { MemberImport.Member(person: "person \($0.offset)", values: $0.element) }
                let codes = try await MemberImport.makeCodes(for: members, community: community.id, capacity: 12_480, store: store).map(
                    \.code)
                let issuer = try await Issuer.resume(store: store, key: key, pool: pool)
                var wallets: [Wallet] = []
                for code in codes {
                    var wallet = Wallet(phrase: Phrase())
                    let request = try wallet.beginClaim(community: community, code: code)
                    let answer = try await issuer.issue(request.message, codeHash: code.hash, now: now)
                    _ = try wallet.finishClaim(try Receipt(json: JSON(parsing: answer)))
                    wallets.append(wallet)
                }
                try await issuer.closeBatchIfDue(now: now)
                try await body(
                    CommunityFixture(
                        store: store, key: key, community: community, pool: pool, issuer: issuer,
                        verifier: Verifier(issuer: issuer, store: store, batches: BatchVerifier(pool: pool)), codes: codes,
                        wallets: wallets,
                        tree: await issuer.state.tree))
                try await pool.shutdown()
            } catch {
                try await pool.shutdown()
                throw error
            }
            try store.close()
        }
    }

    /// A request by an audience for an act on a subject.
    func ask(
        _ audience: Digest? = nil, subject: String = "subject", predicates: [String] = ["votes >= 20"], now: Int64 = now
    ) async throws -> PresentationRequest {
        try await verifier.ask(
            Question(purposes: [.act(subject: Array(subject.utf8))], predicates: predicates, lifetime: 100), audience: audience ?? forum,
            now: now)
    }

    func path(of member: Int) throws -> MembershipPath { try ServiceClient.path(of: wallets[member].credentials[0], in: tree) }

    /// An honest member's answer.
    func answer(_ member: Int, _ request: PresentationRequest) throws -> PresentationAnswer {
        try wallets[member].present(
            request, with: wallets[member].credentials[0], to: request.context.audience, path: try path(of: member), now: Self.now)
    }

    /// A dishonest member's answer.
    func forged(_ member: Int, _ request: PresentationRequest) throws -> PresentationAnswer {
        try wallets[member].presentDishonestly(request, with: wallets[member].credentials[0], path: try path(of: member))
    }

    /// What the verifier says to an answer: "accepted" or the code of the failed check.
    func verdict(_ answer: PresentationAnswer, to audience: Digest? = nil, now: Int64 = now) async throws -> String {
        try await verdict(answer.json(community.schema).encoded(), to: audience, now: now)
    }

    func verdict(_ body: [UInt8], to audience: Digest? = nil, now: Int64 = now) async throws -> String {
        do {
            _ = try await verifier.accept(body, audience: audience ?? forum, now: now)
            return "accepted"
        } catch {
            return Problem(error).code
        }
    }
}

extension PresentationAnswer {
    /// The same with some parts exchanged.
    func with(request: PresentationRequest? = nil, root: [UInt8]? = nil, presentation: [UInt8]? = nil) -> PresentationAnswer {
        PresentationAnswer(
            request: request ?? self.request, root: root ?? self.root, ticket: ticket, disclosed: disclosed,
            presentation: presentation ?? self.presentation)
    }
}
