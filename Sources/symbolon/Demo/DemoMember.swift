import Curves
import Membership
import Reputation
import VerifierService

/// A member of the demo's community with a wallet of his own, in memory.
actor DemoMember {
    /// What the issuer knows of him.
    nonisolated let values: [Int64]
    private let code: ClaimCode
    private var wallet = Wallet(phrase: Phrase())
    private var credential: Credential?
    /// What he renewed last, and where.
    private var earlier: (credential: Credential, epochs: EpochHistory, path: MembershipPath)?

    init(code: ClaimCode, values: [Int64]) {
        self.code = code
        self.values = values
    }

    private init(code: ClaimCode, values: [Int64], words: String, community: Community, entries: [LogEntry]) throws {
        self.code = code
        self.values = values
        var own = Wallet(phrase: try Phrase(parsing: words))
        _ = try own.restore(community: community, entries: entries)
        credential = own.newestCredential(of: community.id)
        wallet = own
    }

    /// Claims his credential as `symbolon wallet claim` does; there is no file to keep the wallet in.
    func claim(of community: Community, from service: ServiceClient) async throws {
        var own = wallet
        credential = try await service.claim(code, community: community, wallet: &own, store: { _ in })
        wallet = own
    }

    /// Renews as `symbolon wallet renew` does, as far as it goes.
    func renew(
        _ community: Community, from service: ServiceClient, entries: [LogEntry], epochs: EpochHistory, tree: CurveTree
    ) async throws -> ServiceClient.Renewal {
        let before = try held()
        var own = wallet
        let state = try await service.renew(
            community: community, wallet: &own, entries: entries, epochs: epochs, tree: tree, store: { _ in })
        wallet = own
        if state == .waiting { earlier = (before, epochs, try ServiceClient.path(of: before, in: tree)) }
        credential = wallet.newestCredential(of: community.id)
        return state
    }

    /// The renewal as he is about to send it.
    func renewal(_ epochs: EpochHistory, in tree: CurveTree) throws -> RenewalMessage {
        let credential = try held()
        return try wallet.beginRenewal(of: credential, epochs: epochs, path: try ServiceClient.path(of: credential, in: tree))
    }

    /// The renewal that he sent last once more, to another leaf: what the issuer has to refuse.
    func earlierRenewal(retry: UInt32) throws -> RenewalMessage {
        guard let (credential, epochs, path) = earlier,
            let statement = epochs.statement(credential.community, from: credential.epoch, to: epochs.renewalTarget)
        else { throw CommandFailure("this member has not renewed yet") }
        return try wallet.renew(credential, statement, epochs: epochs, path: path, retry: retry)
    }

    /// A renewal against a tree that holds him alone.
    func staleRenewal(_ epochs: EpochHistory) throws -> RenewalMessage {
        let credential = try held()
        guard let statement = epochs.statement(credential.community, from: credential.epoch, to: epochs.renewalTarget) else {
            throw CommandFailure("there is nothing to renew into")
        }
        var tree = CurveTree(shape: try TreeShape(depth: 2))
        try tree.append([try Affine(encoded: credential.leaf[...])])
        return try wallet.renew(credential, statement, epochs: epochs, path: try tree.path(at: 0), retry: 0)
    }

    /// The same person after he lost all but his words.
    func recovered(community: Community, entries: [LogEntry]) throws -> DemoMember {
        try DemoMember(code: code, values: values, words: wallet.seed.phrase.text, community: community, entries: entries)
    }

    /// Answers a request as an honest wallet does, or throws `WalletError`.
    func answer(_ request: PresentationRequest, to audience: Digest, in tree: CurveTree, now: Int64) throws -> PresentationAnswer {
        let credential = try held()
        return try wallet.present(
            request, with: credential, to: audience, path: try ServiceClient.path(of: credential, in: tree), now: now)
    }

    /// Answers a request that does not hold of him: proves anyway, with the real prover and all its own checks off.
    func forge(_ request: PresentationRequest, in tree: CurveTree) throws -> PresentationAnswer {
        let credential = try held()
        return try wallet.presentDishonestly(request, with: credential, path: try ServiceClient.path(of: credential, in: tree))
    }

    private func held() throws -> Credential {
        guard let credential else { throw CommandFailure("this member has not claimed yet") }
        return credential
    }
}
