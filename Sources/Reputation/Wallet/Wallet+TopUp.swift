import Curves
import Membership

/// A top-up that was, or is about to be, sent: stored before it leaves the wallet, and kept until the new leaf stands in the log.
public struct PendingTopUp: Equatable, Sendable {
    /// Which of the wallet's secrets it is about.
    public let identity: UInt32
    /// Who is asked.
    public let community: Community
    /// Leaf of the credential that is topped up.
    let leaf: [UInt8]
    /// What is sent.
    public let message: TopUpMessage
    /// What the issuer answered, when he has.
    public internal(set) var receipt: TopUpReceipt?
}

extension Wallet {
    /// The top-up of a credential of the current epoch by a code with these amounts. It is in `topUps` from then on: store the wallet, then send
    /// it.
    ///
    /// `tree`: the newest batch of the log, as it was verified. `path`: of the credential's leaf to its root. While the top-up is pending the same
    /// bytes come again; after another root has replaced that one, a new proof for the same leaf. One at a time: two that add to the same leaf
    /// would be two leaves with half of it each. Throws `.topUpPending`, `.topUp(.epoch)`, `.topUp(.amounts)`, `.path`, `.proof`.
    @export(interface)
    public mutating func beginTopUp(
        of credential: Credential, code: TopUpCode, amounts: [Int64], tree: BatchEntry, path: MembershipPath
    ) throws(WalletError) -> TopUpMessage {
        let community = credential.community
        if let known = topUps.first(where: { $0.community == community && $0.identity == credential.identity }) {
            guard known.message.code == code, known.leaf == credential.leaf else { throw .topUpPending }
            if known.receipt != nil || known.message.derivation.root == tree.root { return known.message }
        }
        guard credential.epoch == tree.epoch else { throw .topUp(.epoch) }
        guard TopUpOffer.isValid(amounts, community.schema) else { throw .topUp(.amounts) }
        guard path.leaf.encoded == credential.leaf, path.root.encoded == tree.root else { throw .path }
        let statement = TopUpStatement(community: community, epoch: tree.epoch, codeHash: code.hash)
        let derivation = try derive(credential, scope: statement.scope, amounts: amounts, path: path, retry: 0) {
            (base, addition) throws(WalletError) in
            do throws(TopUpError) { return try statement.request(base: base, addition) } catch { throw .topUp(error) }
        }
        let message = TopUpMessage(code: code, epoch: tree.epoch, derivation: derivation)
        topUps.removeAll { $0.leaf == credential.leaf && $0.community == community }
        topUps.append(
            PendingTopUp(identity: credential.identity, community: community, leaf: credential.leaf, message: message, receipt: nil))
        return message
    }

    /// Drops a top-up that the issuer refused for good.
    public mutating func forgetTopUp(_ message: TopUpMessage) {
        topUps.removeAll { $0.message.code == message.code && $0.receipt == nil }
    }

    #if !hasFeature(Embedded)
    /// Takes over the issuer's answer, and checks it: signature, leaf, and values within the schema. The old credential stays.
    ///
    /// Throws `.notPending`, `.receiptSignature`, `.values` or `.leaf`.
    @export(interface)
    public mutating func finishTopUp(_ receipt: TopUpReceipt) throws(WalletError) {
        guard try signatureCheck(of: receipt).holds else { throw .receiptSignature }
        try finishTopUp(verified: receipt)
    }
    #endif

    /// The signature that the answer to a top-up needs; throws `.notPending` for an answer to none.
    package func signatureCheck(of receipt: TopUpReceipt) throws(WalletError) -> SignatureCheck {
        receipt.signatureCheck(logKey: topUps[try place(of: receipt)].community.logKey)
    }

    private func place(of receipt: TopUpReceipt) throws(WalletError) -> Int {
        guard
            let place = topUps.firstIndex(where: {
                $0.community.id == receipt.community && $0.message.code.hash == receipt.codeHash && $0.message.epoch == receipt.epoch
            })
        else { throw .notPending }
        return place
    }

    /// `finishTopUp` with a receipt whose `signatureCheck` was verified elsewhere.
    @export(interface)
    package mutating func finishTopUp(verified receipt: TopUpReceipt) throws(WalletError) {
        let place = try place(of: receipt)
        guard let old = credentials.first(where: { $0.leaf == topUps[place].leaf }) else { throw .notPending }
        _ = try derived(
            old, scope: .topUp(community: receipt.community, epoch: receipt.epoch, codeHash: receipt.codeHash), to: receipt.epoch,
            deltas: receipt.deltas, of: .growing, leaf: receipt.leaf, retry: 0)
        topUps[place].receipt = receipt
    }

    /// Goes on to topped-up credentials once their leaves stand in the log: `entries` as the caller verified them. The old one goes then: the new
    /// one gives the same nullifiers. Not while the old one is being renewed: what comes of that is found by it. Returns how many were topped up.
    @export(interface)
    public mutating func completeTopUps(community: Community, entries: [LogEntry]) throws(WalletError) -> Int {
        var done = 0
        for topUp in topUps where topUp.community == community && !renewals.contains(where: { $0.leaf == topUp.leaf }) {
            for case .toppedUp(let entry) in entries
            where entry.codeHash == topUp.message.code.hash && entry.derivation.nullifier == topUp.message.derivation.nullifier {
                let (old, new) = try successor(
                    of: own(community, identity: topUp.identity), entry.derivation,
                    spent: .topUp(community: community.id, epoch: entry.epoch, codeHash: entry.codeHash), to: entry.epoch,
                    at: entry.index)
                credentials.removeAll { $0.community == community && ($0.leaf == old.leaf || $0.leaf == new.leaf) }
                credentials.append(new)
                topUps.removeAll { $0 == topUp }
                done += 1
            }
        }
        return done
    }
}
