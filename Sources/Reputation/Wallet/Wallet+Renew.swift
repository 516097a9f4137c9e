import Curves
import Membership
import Platform
import Proofs

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
    /// The newest credential of a community, by epoch: the one that is renewed and presented.
    public func newestCredential(of community: Digest, identity: UInt32 = 0) -> Credential? {
        var newest: Credential?
        for credential in credentials where credential.identity == identity && credential.community.id == community {
            if newest.map({ $0.epoch <= credential.epoch }) ?? true { newest = credential }
        }
        return newest
    }

    /// The renewal of a credential into the epoch that takes renewals now. It is in `renewals` from then on: store the wallet, then send it.
    ///
    /// `epochs`: of the log, as it was verified. `path`: of the credential's leaf to the final root of its epoch. While the renewal is pending the
    /// same bytes come again. Throws `.renewal(.epoch)` when there is nothing to renew into, `.path`, `.proof`.
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
    package func renew(
        _ credential: Credential, _ statement: RenewalStatement, epochs: EpochHistory, path: MembershipPath, retry: UInt32
    ) throws(WalletError) -> RenewalMessage {
        let secret = seed.secret(identity: credential.identity)
        let rerandomiser = seed.rerandomiser(identity: credential.identity, scope: statement.renewal, retry: retry)
        let nullifiers = statement.scopes.map { nullifier($0, secret) }
        let raw = epochs.feedback(on: statement.accounts, nullifiers: nullifiers, schema: credential.community.schema)
        let disclosed = statement.disclosure(raw: raw, values: credential.values)
        let base = (Secp256k1.bases.blinding.multiplied(by: rerandomiser) + path.leaf).affine
        guard let base else { throw .leaf }
        let request: Request
        do {
            request = try statement.request(base: base.encoded, statement.settlement(raw: raw, disclosed: disclosed))
        } catch {
            throw .renewal(error)
        }
        var attributes = [secret] + credential.values.map { Fn(signed: $0) }
        defer { zeroize(&attributes) }
        let proved: Presentation.Proved
        do {
            proved = try Presentation.prove(request, attributes: attributes, blinding: credential.blinding, path: path)
        } catch {
            throw .proof(error)
        }
        // The proof's own re-randomiser is fresh, as it must be; the shift leads from it to the one that can be derived again.
        let shift = credential.blinding + rerandomiser - proved.blinding
        return RenewalMessage(
            from: statement.from, to: statement.to, root: path.root.encoded, base: base.encoded, shift: shift.encoded, disclosed: disclosed,
            presentation: proved.bytes)
    }

    private func nullifier(_ scope: Scope, _ secret: Fn) -> [UInt8] {
        Scope.base(of: scope.encoded).multiplied(by: secret).affine?.encoded ?? []
    }

    /// The pseudonym of one of the wallet's secrets in a scope, 33 bytes: to find what is said about it in public.
    public func nullifier(_ scope: Scope, identity: UInt32 = 0) -> [UInt8] { nullifier(scope, seed.secret(identity: identity)) }

    /// Drops a renewal that the issuer refused for good.
    public mutating func forgetRenewal(_ message: RenewalMessage) { renewals.removeAll { $0.message == message && $0.receipt == nil } }

    #if !hasFeature(Embedded)
    /// Takes over the issuer's answer, and checks it: signature, leaf, and values within the schema. The old credential stays.
    ///
    /// Throws `.notPending`, `.receiptSignature`, `.values` or `.leaf`.
    public mutating func finishRenewal(_ receipt: RenewalReceipt) throws(WalletError) {
        guard
            let place = renewals.firstIndex(where: {
                $0.community.id == receipt.community && $0.message.from == receipt.from && $0.message.nullifier == receipt.nullifier
            })
        else { throw .notPending }
        guard receipt.verify(logKey: renewals[place].community.logKey) else { throw .receiptSignature }
        guard let old = credentials.first(where: { $0.leaf == renewals[place].leaf }) else { throw .notPending }
        _ = try renewed(old, to: receipt.to, deltas: receipt.deltas, leaf: receipt.leaf, retry: renewals[place].retry)
        renewals[place].receipt = receipt
    }
    #endif

    /// Goes on to renewed credentials once their leaves stand in the log: `entries` as the caller verified them, against a checkpoint that goes
    /// on from all that were seen. Only then the old one goes: that of the epoch before stays, for disputes about acts in it, and goes with
    /// the next renewal. Returns how many were renewed.
    public mutating func completeRenewals(community: Community, entries: [LogEntry]) throws(WalletError) -> Int {
        var done = 0
        for renewal in renewals where renewal.community == community {
            guard let old = credentials.first(where: { $0.leaf == renewal.leaf }),
                let new = try successor(of: old, in: RenewalIndex(entries))
            else { continue }
            credentials.removeAll {
                $0.community == community && $0.identity == old.identity && ($0.epoch < old.epoch || $0.leaf == new.leaf)
            }
            credentials.append(new)
            renewals.removeAll { $0.leaf == old.leaf }
            done += 1
        }
        return done
    }

    /// The credential that a credential was renewed to, by the log; nil when it was not.
    func successor(of credential: Credential, in index: RenewalIndex) throws(WalletError) -> Credential? {
        let scope = Scope.renew(community: credential.community.id, epoch: credential.epoch)
        let own = nullifier(scope, seed.secret(identity: credential.identity))
        guard let entry = index.entry(from: credential.epoch, nullifier: own) else { return nil }
        var failure = WalletError.leaf
        for retry in 0..<Wallet.greatestRetries {
            do {
                return try renewed(credential, to: entry.epoch, deltas: entry.deltas, leaf: entry.leaf, retry: retry)
            } catch {
                failure = error
                if error != .leaf { break }
            }
        }
        throw failure
    }

    private static let greatestRetries: UInt32 = 8

    /// The renewed credential, recomputed. Throws `.values` or `.leaf`.
    private func renewed(
        _ old: Credential, to epoch: UInt32, deltas: [RenewalStatement.Change], leaf: [UInt8], retry: UInt32
    ) throws(WalletError) -> Credential {
        var values = old.values
        for delta in deltas {
            guard values.indices.contains(delta.attribute - 1), old.community.schema.attributes[delta.attribute - 1].kind == .feedback
            else {
                throw .values(.valueCount)
            }
            let (sum, overflow) = values[delta.attribute - 1].addingReportingOverflow(delta.value)
            guard !overflow else { throw .values(.value(old.community.schema.attributes[delta.attribute - 1].name)) }
            values[delta.attribute - 1] = sum
        }
        do { try old.community.schema.check(values: values) } catch { throw .values(error) }
        let scope = Scope.renew(community: old.community.id, epoch: old.epoch)
        let blinding = old.blinding + seed.rerandomiser(identity: old.identity, scope: scope, retry: retry)
        let own = AttributeBases.credential(secret: seed.secret(identity: old.identity), values: values, blinding: blinding)
        guard let own, own.encoded == leaf else { throw .leaf }
        return Credential(
            identity: old.identity, community: old.community, epoch: epoch, values: values, blinding: blinding, leaf: leaf,
            codeHash: old.codeHash, index: nil, receipt: nil)
    }
}

/// The renewals of a log, by epoch and nullifier.
struct RenewalIndex {
    private var entries: [[UInt8]: RenewedEntry] = [:]

    init(_ log: [LogEntry]) {
        for case .renewed(let entry) in log { entries[RenewalIndex.key(entry.from, entry.nullifier)] = entry }
    }

    private static func key(_ epoch: UInt32, _ nullifier: [UInt8]) -> [UInt8] { littleEndian4(Int(truncatingIfNeeded: epoch)) + nullifier }

    func entry(from epoch: UInt32, nullifier: [UInt8]) -> RenewedEntry? { entries[RenewalIndex.key(epoch, nullifier)] }
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
        case .issued(let issued) where issued.epoch == epoch:
            guard let point = try? Affine<Secp256k1>(encoded: issued.leaf[...]) else { return nil }
            leaves.append(point)
        case .renewed(let renewed) where renewed.epoch == epoch:
            guard let point = try? Affine<Secp256k1>(encoded: renewed.leaf[...]) else { return nil }
            leaves.append(point)
        case .removed(let entry) where entry.epoch == epoch: removed.append(entry.index)
        default: break
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
