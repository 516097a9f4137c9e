import Curves
import Membership

/// A renewal that was, or is about to be, sent: stored before it leaves the wallet, and kept until the new leaf stands in the log.
public struct PendingRenewal: Equatable, Sendable {
    /// Which of the wallet's secrets it is about.
    public let identity: UInt32
    /// Who is asked.
    public let community: Community
    /// Leaf of the credential that is renewed.
    let leaf: [UInt8]
    /// How often another re-randomiser was taken.
    let retry: UInt32
    /// What is sent, and sent again unchanged.
    public let message: RenewalMessage
    /// What the issuer answered, when he has.
    public internal(set) var receipt: RenewalReceipt?
}

extension Wallet {
    /// The renewal of a credential into the epoch that takes renewals now. It is in `renewals` from then on: store the wallet, then send it.
    ///
    /// `epochs`: of the log, as it was verified. `path`: of the credential's leaf to the final root of its epoch. While the renewal is pending the
    /// same bytes come again. Throws `.renewal(.epoch)` when there is nothing to renew into, `.path`, `.proof`.
    @export(interface)
    public mutating func beginRenewal(
        of credential: Credential, epochs: EpochHistory, path: MembershipPath
    ) throws(WalletError) -> RenewalMessage {
        let community = credential.community
        if let known = renewals.first(where: { $0.leaf == credential.leaf }),
            known.receipt != nil || known.message.to == epochs.renewalTarget
        {
            return known.message
        }
        guard let statement = epochs.statement(community, from: credential.epoch, to: epochs.renewalTarget),
            let final = epochs.final(of: credential.epoch)
        else { throw .renewal(.epoch) }
        guard path.leaf.encoded == credential.leaf, path.root.encoded == final.root else { throw .path }
        // The same re-randomiser whenever it is tried again: then the answer to a lost message fits.
        let retry: UInt32 = 0
        let message = try renew(credential, statement, epochs: epochs, path: path, retry: retry)
        renewals.removeAll { $0.leaf == credential.leaf }
        renewals.append(
            PendingRenewal(
                identity: credential.identity, community: community, leaf: credential.leaf, retry: retry, message: message, receipt: nil))
        return message
    }

    /// The message of a renewal with the re-randomiser of an attempt; the wallet does not change.
    @export(interface)
    package func renew(
        _ credential: Credential, _ statement: RenewalStatement, epochs: EpochHistory, path: MembershipPath, retry: UInt32
    ) throws(WalletError) -> RenewalMessage {
        let nullifiers = statement.scopes.map { nullifier($0, identity: credential.identity) }
        let raw = epochs.feedback(on: statement.accounts, nullifiers: nullifiers, schema: credential.community.schema)
        let derivation = try derive(credential, scope: statement.renewal, amounts: raw, path: path, retry: retry) {
            (base, addition) throws(WalletError) in
            do throws(RenewalError) { return try statement.request(base: base, addition) } catch { throw .renewal(error) }
        }
        return RenewalMessage(from: statement.from, to: statement.to, derivation: derivation)
    }

    /// Drops a renewal that the issuer refused for good.
    public mutating func forgetRenewal(_ message: RenewalMessage) { renewals.removeAll { $0.message == message && $0.receipt == nil } }

    #if !hasFeature(Embedded)
    /// Takes over the issuer's answer, and checks it: signature, leaf, and values within the schema. The old credential stays.
    ///
    /// Throws `.notPending`, `.receiptSignature`, `.values` or `.leaf`.
    @export(interface)
    public mutating func finishRenewal(_ receipt: RenewalReceipt) throws(WalletError) {
        guard try signatureCheck(of: receipt).holds else { throw .receiptSignature }
        try finishRenewal(verified: receipt)
    }
    #endif

    /// The signature that the answer to a renewal needs; throws `.notPending` for an answer to none.
    package func signatureCheck(of receipt: RenewalReceipt) throws(WalletError) -> SignatureCheck {
        receipt.signatureCheck(logKey: renewals[try place(of: receipt)].community.logKey)
    }

    private func place(of receipt: RenewalReceipt) throws(WalletError) -> Int {
        guard
            let place = renewals.firstIndex(where: {
                $0.community.id == receipt.community && $0.message.from == receipt.from && $0.message.nullifier == receipt.nullifier
            })
        else { throw .notPending }
        return place
    }

    /// `finishRenewal` with a receipt whose `signatureCheck` was verified elsewhere.
    @export(interface)
    package mutating func finishRenewal(verified receipt: RenewalReceipt) throws(WalletError) {
        let place = try place(of: receipt)
        guard let old = credentials.first(where: { $0.leaf == renewals[place].leaf }) else { throw .notPending }
        _ = try derived(
            old, scope: .renew(community: receipt.community, epoch: receipt.from), to: receipt.to, deltas: receipt.deltas, of: .feedback,
            leaf: receipt.leaf, retry: renewals[place].retry)
        renewals[place].receipt = receipt
    }

    /// Goes on to renewed credentials once their leaves stand in the log: `entries` as the caller verified them, against a checkpoint that goes
    /// on from all that were seen. Only then the old one goes: that of the epoch before stays, for disputes about acts in it, and goes with
    /// the next renewal. Returns how many were renewed.
    @export(interface)
    public mutating func completeRenewals(community: Community, entries: [LogEntry]) throws(WalletError) -> Int {
        var done = 0
        for renewal in renewals where renewal.community == community {
            for case .renewed(let entry) in entries
            where entry.from == renewal.message.from && entry.derivation.nullifier == renewal.message.nullifier {
                let (old, new) = try successor(
                    of: own(community, identity: renewal.identity), entry.derivation,
                    spent: .renew(community: community.id, epoch: entry.from), to: entry.epoch, at: entry.index)
                credentials.removeAll {
                    $0.community == community && $0.identity == old.identity && ($0.epoch < old.epoch || $0.leaf == new.leaf)
                }
                credentials.append(new)
                renewals.removeAll { $0 == renewal }
                done += 1
            }
        }
        return done
    }
}

/// The final tree of an epoch, from the log's entries; nil when it has no such epoch or an entry does not fit. Its root is still to be
/// compared with what was verified.
public func finalTree(of epoch: UInt32, entries: [LogEntry]) -> CurveTree? {
    var tree: CurveTree?
    var leaves: [Affine<Secp256k1>] = []
    var removed: [UInt32] = []
    for entry in entries {
        switch entry {
        case .openEpoch(let opened) where opened.epoch == epoch:
            guard let shape = try? TreeShape(depth: Int(opened.depth)) else { return nil }
            tree = CurveTree(shape: shape)
        case .removed(let entry) where entry.epoch == epoch: removed.append(entry.index)
        default:
            guard let new = entry.newLeaf, new.epoch == epoch else { continue }
            guard let point = try? Affine<Secp256k1>(encoded: new.leaf[...]) else { return nil }
            leaves.append(point)
        }
    }
    do {
        try tree?.append(leaves)
        for index in removed {
            guard let place = Int(exactly: index) else { return nil }
            try tree?.remove(at: place)
        }
    } catch {
        return nil
    }
    return tree
}
