import Foundation
import Membership
import Reputation

extension ServiceClient {
    /// Claims a credential: the wallet is stored before anything is sent, so the answer to a claim whose answer got lost can be asked for
    /// again; the receipt is checked before it is believed.
    ///
    /// - Parameters:
    ///   - community: checked against the id that the member was given.
    ///   - wallet: holds the claim, then the credential.
    ///   - store: keeps the wallet; called before sending and after receiving.
    ///   - isolation: the caller's; a wallet does not leave it.
    public func claim(
        _ code: ClaimCode, community: Community, wallet: inout Wallet, store: (Wallet) throws -> Void,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> Credential {
        let request = try wallet.beginClaim(community: community, code: code)
        try store(wallet)
        let receipt = try await claim(request)
        let credential = try wallet.finishClaim(receipt)
        try store(wallet)
        return credential
    }

    /// The way from a credential's leaf to the root of the newest checkpoint: the whole tree is fetched, whatever the leaf.
    ///
    /// - Throws: ``Failure/contradiction(_:)`` when the leaf is not in the tree; it may still be waiting for its batch.
    public func path(of credential: Credential, progress: (Int, Int) -> Void = { _, _ in }) async throws -> MembershipPath {
        let checkpoint = try await checkpoint(of: credential.community)
        let tree = try await tree(of: checkpoint, progress: progress)
        return try Self.path(of: credential, in: tree)
    }

    /// The same in a tree that was fetched before.
    public static func path(of credential: Credential, in tree: CurveTree) throws -> MembershipPath {
        guard let index = tree.leaves.firstIndex(where: { $0?.encoded == credential.leaf }) else {
            throw Failure.contradiction("the credential is not in the published tree yet")
        }
        return try tree.path(at: index)
    }
}
