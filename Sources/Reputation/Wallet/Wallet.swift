import Curves
import Membership
import Platform

/// A member's wallet: the seed, claims on their way, credentials, and tickets taken.
///
/// A value in memory. What it hands out to be sent is in it first; `WalletFile` stores it, and is to store it before anything is sent.
public struct Wallet {
    /// The seed.
    public let seed: Seed
    /// Claims without an answer.
    public internal(set) var pending: [PendingClaim]
    /// Credentials.
    public internal(set) var credentials: [Credential]
    /// Renewals whose leaf is not in the log yet.
    public internal(set) var renewals: [PendingRenewal] = []
    /// Top-ups whose leaf is not in the log yet.
    public internal(set) var topUps: [PendingTopUp] = []
    /// What each audience may ask: as it was first seen, or agreed to.
    var policies: [Policy] = []
    var tickets: [ReservedTicket]
    /// When it was brought back from its words, in seconds since 1970; nil for one that never lost its state. What it took before, it does
    /// not know.
    public let restoredAt: Int64?

    /// An empty wallet with the seed of a phrase: a new one, or one that is brought back at a time (seconds since 1970).
    public init(phrase: Phrase, restoredAt: Int64? = nil) {
        self.init(seed: Seed(phrase), restoredAt: restoredAt, pending: [], credentials: [], tickets: [])
    }

    init(seed: Seed, restoredAt: Int64?, pending: [PendingClaim], credentials: [Credential], tickets: [ReservedTicket]) {
        self.seed = seed
        self.restoredAt = restoredAt
        self.pending = pending
        self.credentials = credentials
        self.tickets = tickets
    }

    /// The claim of a credential for one of the wallet's secrets. It is in `pending` now: store the wallet, then send it.
    ///
    /// Repeatable: the same code gives the same Q, and while the claim is pending the same bytes.
    @export(interface)
    public mutating func beginClaim(identity: UInt32 = 0, community: Community, code: ClaimCode) throws(IssuanceError) -> ClaimRequest {
        if let known = pending.first(where: { $0.identity == identity && $0.community == community && $0.request.code == code }) {
            return known.request
        }
        let blinding = seed.issuanceBlinding(identity: identity, community: community.id, codeHash: code.hash)
        let message = try Issuance.request(
            secret: seed.secret(identity: identity), blinding: blinding,
            context: Issuance.context(community: community.id, codeHash: code.hash))
        let request = ClaimRequest(code: code, message: message)
        pending.append(PendingClaim(identity: identity, community: community, request: request))
        return request
    }

    /// Drops a claim that the issuer refused for good, or that was typed wrongly.
    public mutating func forgetClaim(_ request: ClaimRequest) { pending.removeAll { $0.request == request } }

    #if !hasFeature(Embedded)
    /// Takes over what the issuer answered. The leaf is recomputed: a credential that is not Q and the values, or values outside the schema,
    /// is refused and the claim stays pending.
    ///
    /// Throws `.notPending`, `.receiptSignature`, `.values` or `.leaf`.
    @export(interface)
    public mutating func finishClaim(_ receipt: Receipt) throws(WalletError) -> Credential {
        guard try signatureCheck(of: receipt).holds else { throw .receiptSignature }
        return try finishClaim(verified: receipt)
    }
    #endif

    /// The signature that the answer to a claim needs; throws `.notPending` for an answer to none.
    package func signatureCheck(of receipt: Receipt) throws(WalletError) -> SignatureCheck {
        receipt.signatureCheck(logKey: pending[try place(of: receipt)].community.logKey)
    }

    private func place(of receipt: Receipt) throws(WalletError) -> Int {
        guard
            let place = pending.firstIndex(where: {
                $0.community.id == receipt.community && $0.request.code.hash == receipt.codeHash
                    && $0.request.message.starts(with: receipt.blank) && receipt.blank.count == 33
            })
        else { throw .notPending }
        return place
    }

    /// `finishClaim` with a receipt whose `signatureCheck` was verified elsewhere.
    @export(interface)
    package mutating func finishClaim(verified receipt: Receipt) throws(WalletError) -> Credential {
        let place = try place(of: receipt)
        let claim = pending[place]
        let credential = try credential(
            identity: claim.identity, community: claim.community, codeHash: receipt.codeHash, epoch: receipt.epoch, values: receipt.values,
            leaf: receipt.leaf, index: receipt.index, receipt: receipt)
        keep(credential)
        pending.remove(at: place)
        return credential
    }

    /// Finds own credentials of a community in its log's entries, from the seed alone: topped-up and renewed ones too. Removed leaves do not come
    /// back. Returns how many were found that the wallet did not have. Entries are as the caller verified them: against a checkpoint.
    ///
    /// As after the renewals and top-ups themselves, the newest credential is kept and the one that was renewed to it.
    @export(interface)
    public mutating func restore(identity: UInt32 = 0, community: Community, entries: [LogEntry]) throws(WalletError) -> Int {
        let secret = seed.secret(identity: identity)
        var removed: Set<[UInt8]> = []
        for case .removed(let entry) in entries { removed.insert(entry.leaf) }
        // What became of each first credential, one after the other.
        var chains: [[Credential]] = []
        func follow(_ derivation: LeafDerivation, spent scope: Scope, to epoch: UInt32, at index: UInt32) throws(WalletError) {
            let (old, new) = try successor(of: chains.flatMap { $0 }, derivation, spent: scope, to: epoch, at: index)
            if let place = chains.firstIndex(where: { $0.contains(old) }) { chains[place].append(new) }
        }
        var renewals: [UInt32: [UInt8]] = [:]
        for entry in entries {
            switch entry {
            case .issued(let entry):
                let blinding = seed.issuanceBlinding(identity: identity, community: community.id, codeHash: entry.codeHash)
                guard let blank = AttributeBases.blank(secret: secret, blinding: blinding).affine, blank.encoded == entry.blank else {
                    continue
                }
                chains.append([
                    try credential(
                        identity: identity, community: community, codeHash: entry.codeHash, epoch: entry.epoch, values: entry.values,
                        leaf: entry.leaf, index: entry.index, receipt: nil)
                ])
            case .toppedUp(let entry):
                let scope = Scope.topUp(community: community.id, epoch: entry.epoch, codeHash: entry.codeHash)
                guard entry.derivation.nullifier == nullifier(scope, identity: identity) else { continue }
                try follow(entry.derivation, spent: scope, to: entry.epoch, at: entry.index)
            case .renewed(let entry):
                let scope = Scope.renew(community: community.id, epoch: entry.from)
                let nullifier = renewals[entry.from] ?? nullifier(scope, identity: identity)
                renewals[entry.from] = nullifier
                guard entry.derivation.nullifier == nullifier else { continue }
                try follow(entry.derivation, spent: scope, to: entry.epoch, at: entry.index)
            default: break
            }
        }
        var found = 0
        for chain in chains {
            // Of the newest epoch the last that still stands, and of those before it the last.
            guard let epoch = chain.last?.epoch,
                let newest = chain.last(where: { $0.epoch == epoch && !removed.contains($0.leaf) })
            else { continue }
            for credential in [chain.last { $0.epoch < epoch }, newest].compactMap({ $0 })
            where !credentials.contains(where: { $0.leaf == credential.leaf && $0.community == community }) {
                keep(credential)
                found += 1
            }
        }
        return found
    }

    private func credential(
        identity: UInt32, community: Community, codeHash: Digest, epoch: UInt32, values: [Int64], leaf: [UInt8], index: UInt32?,
        receipt: Receipt?
    ) throws(WalletError) -> Credential {
        do { try community.schema.check(values: values) } catch { throw .values(error) }
        let blinding = seed.issuanceBlinding(identity: identity, community: community.id, codeHash: codeHash)
        let own = AttributeBases.credential(secret: seed.secret(identity: identity), values: values, blinding: blinding)
        guard let own, own.encoded == leaf else { throw .leaf }
        return Credential(
            identity: identity, community: community, epoch: epoch, values: values, blinding: blinding, leaf: leaf, codeHash: codeHash,
            index: index, receipt: receipt)
    }

    private mutating func keep(_ credential: Credential) {
        credentials.removeAll { $0.leaf == credential.leaf && $0.community == credential.community }
        credentials.append(credential)
    }
}
