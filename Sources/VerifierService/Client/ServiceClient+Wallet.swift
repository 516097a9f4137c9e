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

    /// What became of a top-up.
    public enum TopUp: Sendable, Equatable {
        /// The issuer took it; the new leaf is not in the log yet. To be called again.
        case waiting
        /// The new leaf stands in the log, and the wallet has gone on to it.
        case toppedUp
    }

    /// Goes on with a top-up of the newest credential as far as it goes: asks what the code adds, states it, sends it, takes the answer, and, once
    /// the new leaf stands in the log, leaves the old credential. May be interrupted anywhere and called again.
    ///
    /// - Parameters:
    ///   - code: nil to go on with the one that was begun.
    ///   - entries: all of the log, as `mirror` verified it.
    ///   - batch: the newest of the mirror's log.
    ///   - tree: the mirror's tree.
    ///   - store: keeps the wallet; called before sending and after receiving.
    /// - Throws: ``Failure/refused(code:status:)``; `WalletError`.
    public func topUp(
        _ code: TopUpCode?, community: Community, wallet: inout Wallet, entries: [LogEntry], batch: BatchEntry, tree: CurveTree,
        store: (Wallet) throws -> Void, isolation: isolated (any Actor)? = #isolation
    ) async throws -> TopUp {
        let known = wallet.topUps.first { $0.community == community }
        if try wallet.completeTopUps(community: community, entries: entries) > 0 {
            try store(wallet)
            if code == nil || code == known?.message.code { return .toppedUp }
        }
        let pending = wallet.topUps.first { $0.community == community }
        guard let code = code ?? pending?.message.code else { throw WalletError.notPending }
        if let pending, pending.message.code == code, pending.receipt != nil { return .waiting }
        let offer = try await offer(code)
        guard offer.community == community.id else { throw Failure.contradiction("the code is of another community") }
        guard let credential = wallet.newestCredential(of: community.id) else { throw WalletError.notPending }
        let message = try wallet.beginTopUp(
            of: credential, code: code, amounts: offer.amounts, tree: batch, path: try Self.path(of: credential, in: tree))
        try store(wallet)
        let receipt: TopUpReceipt
        do { receipt = try await topUp(message) } catch let failure as Failure {
            // Used by somebody else, or taken back: nothing of it will ever stand in the log.
            if case .refused(let reason, _) = failure, reason == Problem.codeUsed.code || reason == Problem.unknownCode.code {
                wallet.forgetTopUp(message)
                try store(wallet)
            }
            throw failure
        }
        try wallet.finishTopUp(receipt)
        try store(wallet)
        return .waiting
    }

    /// What became of a renewal.
    public enum Renewal: Sendable, Equatable {
        /// The issuer took it; the new leaf is not in the log yet. To be called again.
        case waiting
        /// The new leaf stands in the log, and the wallet has gone on to it.
        case renewed
        /// The newest credential is of the epoch that renewals lead into: there is nothing to do.
        case current
    }

    /// Goes on with the renewal of the newest credential, topped up as far as the log says, as far as it goes: states it, sends it, takes the
    /// answer, and, once the new leaf stands in the log, leaves the old credential. May be interrupted anywhere and called again.
    ///
    /// - Parameters:
    ///   - entries: all of the log, as `mirror` verified it.
    ///   - epochs: of the mirror's log.
    ///   - tree: the mirror's tree.
    ///   - store: keeps the wallet; called before sending and after receiving.
    /// - Throws: ``Failure/refused(code:status:)``; `WalletError`.
    public func renew(
        community: Community, wallet: inout Wallet, entries: [LogEntry], epochs: EpochHistory, tree: CurveTree,
        store: (Wallet) throws -> Void,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> Renewal {
        if try wallet.completeRenewals(community: community, entries: entries) > 0 {
            try store(wallet)
            return .renewed
        }
        // What was added goes along: the leaf before a top-up holds less, and is good for nothing once it is renewed.
        if try wallet.completeTopUps(community: community, entries: entries) > 0 { try store(wallet) }
        if wallet.renewals.contains(where: { $0.community == community && $0.receipt != nil }) { return .waiting }
        guard let credential = wallet.newestCredential(of: community.id), credential.epoch < epochs.renewalTarget else { return .current }
        let final = credential.epoch == epochs.current ? tree : finalTree(of: credential.epoch, entries: entries)
        guard let final else { throw WalletError.path }
        let message = try wallet.beginRenewal(of: credential, epochs: epochs, path: try Self.path(of: credential, in: final))
        try store(wallet)
        let receipt = try await renew(message)
        try wallet.finishRenewal(receipt)
        try store(wallet)
        return .waiting
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
