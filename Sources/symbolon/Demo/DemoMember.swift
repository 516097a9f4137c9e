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

    init(code: ClaimCode, values: [Int64]) {
        self.code = code
        self.values = values
    }

    /// Claims his credential as `symbolon wallet claim` does; there is no file to keep the wallet in.
    func claim(of community: Community, from service: ServiceClient) async throws {
        var own = wallet
        credential = try await service.claim(code, community: community, wallet: &own, store: { _ in })
        wallet = own
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
