import Foundation
import Membership
import Platform
import Reputation
import VerifierService

/// A community with feedback in a temporary store, whose members renew, without HTTP.
final class EpochFixture {
    static let now: Int64 = 1_800_000_000

    let store: SQLStore
    let key: Ed25519SigningKey
    let community: Community
    let pool: WorkPool
    private(set) var issuer: Issuer
    private(set) var verifier: Verifier
    var wallets: [Wallet] = []
    let forum: Digest
    let stranger = Digest.of([8])

    private init(path: String, forum: Digest, minimum: UInt32) async throws {
        store = try SQLStore(sqlite: path + "/store.sqlite")
        key = Ed25519SigningKey()
        pool = WorkPool(threads: 2, capacity: 64)
        self.forum = forum
        let schema = try Schema([.counter("votes", atMost: 1000), .counter("warnings", atMost: 10, kind: .feedback)])
        community = try Community(logKey: key.publicKey, origin: Array("assembly".utf8), schema: schema)
        let rules = try EpochRules(
            minimumRenewals: minimum, openRenewals: 2, forums: [forum],
            reasons: [.init(code: Array("abuse".utf8), attribute: 2, amount: 5)],
            caps: [.init(attribute: 2, most: 5)])
        try await Issuer.create(
            community: community, depth: 1, batching: try Batching(leaves: 1, seconds: 60), rules: rules, store: store, key: key,
            now: Self.now)
        issuer = try await Issuer.resume(store: store, key: key, pool: pool)
        verifier = Verifier(issuer: issuer, store: store, batches: BatchVerifier(pool: pool), grace: 30)
    }

    /// Runs a body with members of these votes in the tree of epoch 1.
    static func with(votes: [Int64], minimum: UInt32 = 1, _ body: (EpochFixture) async throws -> Void) async throws {
        try await withTemporaryDirectory { path in
            let fixture = try await EpochFixture(path: path, forum: Digest.of([7]), minimum: minimum)
            do {
                for votes in votes { try await fixture.admit(votes) }
                try await body(fixture)
                try await fixture.pool.shutdown()
            } catch {
                try await fixture.pool.shutdown()
                throw error
            }
            try fixture.store.close()
        }
    }

    /// A process that died and was started again.
    func restart() async throws {
        issuer = try await Issuer.resume(store: store, key: key, pool: pool)
        verifier = Verifier(issuer: issuer, store: store, batches: BatchVerifier(pool: pool), grace: 30)
    }

    /// One more member, in a batch of his own.
    func admit(_ votes: Int64, at now: Int64 = now) async throws {
        let code = try await MemberImport.makeCodes(
            for: [.init(person: "person \(wallets.count)", values: [votes, 0])], community: community.id, capacity: 120, store: store)[0]
            .code
        var wallet = Wallet(phrase: Phrase())
        let request = try wallet.beginClaim(community: community, code: code)
        let answer = try await issuer.issue(request.message, codeHash: code.hash, now: now)
        _ = try wallet.finishClaim(try Receipt(json: JSON(parsing: answer)))
        wallets.append(wallet)
        try await issuer.closeBatchIfDue(now: now)
    }

    func entries() async throws -> [LogEntry] {
        try await store.logEntries(community: community.id.bytes, from: 0, limit: 100_000).map { try LogEntry(encoded: $0) }
    }

    func path(of credential: Credential) async throws -> MembershipPath {
        guard let tree = finalTree(of: credential.epoch, entries: try await entries()) else { throw WalletError.path }
        return try ServiceClient.path(of: credential, in: tree)
    }

    func credential(_ member: Int) throws -> Credential {
        guard let credential = wallets[member].newestCredential(of: community.id) else { throw WalletError.notPending }
        return credential
    }

    /// What is said to a call: "accepted" or the code of the failed check.
    func verdict(_ call: () async throws -> Void) async -> String {
        do {
            try await call()
            return "accepted"
        } catch let error as WalletError {
            return error.code
        } catch {
            return Problem(error).code
        }
    }

    /// A member's act under his account of the epoch, bound to a message; the answer that was accepted.
    func act(_ member: Int, _ message: Digest?, at audience: Digest? = nil, account: Bool = true) async throws -> Verifier.Acceptance {
        let audience = audience ?? forum
        let question = Question(
            purposes: [.act(subject: Random.bytes(8))] + (account ? [.account] : []), message: message, lifetime: 100)
        let request = try await verifier.ask(question, audience: audience, now: Self.now)
        let credential = try credential(member)
        let answer = try wallets[member].present(
            request, with: credential, to: audience, path: try await path(of: credential), now: Self.now)
        return try await verifier.accept(answer.json(community.schema).encoded(), audience: audience, now: Self.now)
    }

    /// The body of a report.
    func report(nonce: [UInt8], account: [UInt8], message: Digest, reason: String = "abuse", raises: Bool = true) -> [UInt8] {
        JSON.object([
            .init("version", .integer(Int64(1))), .init("nonce", .hex(nonce)), .init("account", .hex(account)),
            .init("message", .hex(message.bytes)), .init("reason", .text(reason)), .init("raises", .bool(raises)),
        ]).encoded()
    }

    func report(_ act: Verifier.Acceptance, _ message: Digest) -> [UInt8] {
        report(nonce: act.request.context.nonce, account: act.nullifiers[1].nullifier, message: message)
    }

    /// Closes the current epoch and lets its feedback settle.
    func end(next: EpochPlan = .same) async throws {
        let epoch = await issuer.state.epoch
        try await store.endEpoch(epoch, community: community.id.bytes)
        guard try await store.settleEpoch(epoch, next: next, community: community.id.bytes) == .settled else { throw StoreError.conflict }
        try await issuer.closeBatchIfDue(now: Self.now)
    }

    func message(_ member: Int) async throws -> RenewalMessage {
        let credential = try credential(member)
        return try wallets[member].beginRenewal(
            of: credential, epochs: await issuer.state.replay.epochs, path: try await path(of: credential))
    }

    /// These renew, and go on to their new credentials.
    func renew(_ members: [Int]) async throws {
        for member in members {
            let answer = try await issuer.renew(try await message(member), now: Self.now)
            try wallets[member].finishRenewal(try RenewalReceipt(json: JSON(parsing: answer)))
        }
        try await issuer.closeBatchIfDue(now: Self.now)
        let entries = try await entries()
        for member in members { _ = try wallets[member].completeRenewals(community: community, entries: entries) }
    }
}
