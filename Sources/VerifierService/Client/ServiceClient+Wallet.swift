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

    /// The tree of the newest checkpoint, from the whole log, once so many leaves are in it; kept nowhere.
    ///
    /// - Parameter progress: called with the number of log entries read so far and in all.
    /// - Throws: ``Failure/contradiction(_:)`` when after a minute there are fewer; what ``LogMirror`` throws.
    public func tree(
        of community: Community, leaves: Int, progress: (Int, Int) -> Void = { _, _ in }
    ) async throws -> CurveTree {
        let deadline = ContinuousClock.now + .seconds(60)
        var mirror = try await LogMirror(community: community)
        while true {
            let checkpoint = try await mirror.update(from: log, progress: progress)
            if let tree = mirror.tree, Int(checkpoint.batch.leafCount) >= leaves { return tree }
            guard ContinuousClock.now < deadline else { throw Failure.contradiction("the tree has too few leaves") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// The way from a credential's leaf to the root of a tree.
    ///
    /// - Throws: ``Failure/contradiction(_:)`` when the leaf is not in the tree; it may still be waiting for its batch.
    public static func path(of credential: Credential, in tree: CurveTree) throws -> MembershipPath {
        guard let index = tree.leaves.firstIndex(where: { $0?.encoded == credential.leaf }) else {
            throw Failure.contradiction("the credential is not in the published tree yet")
        }
        return try tree.path(at: index)
    }
}
