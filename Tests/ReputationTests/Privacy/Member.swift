import Curves
import Membership
import Platform
import Proofs
import Reputation

/// A member.
struct Member {
    let kind: Kind
    /// When his wallet fetches the log.
    let fetches: [Int64]
    var holding: Holding
    /// What he held before his newest top-up, and acts with until he can act with what he holds.
    var earlier: Holding?

    /// From when on he can act.
    var usable: Int64 { (earlier ?? holding).usable }
    /// The newest fetch until a time.
    func lastFetch(_ time: Int64) -> Int64 { fetches.last { $0 <= time } ?? 0 }
}

/// A wallet; in the world where a re-randomiser is used again, with one that does so in its place.
struct Holding {
    var wallet: Wallet
    var reusing: ReusingWallet?
    /// From when on its newest leaf can be acted with.
    var usable: Int64 = 0

    private func credential(_ community: Community) throws -> Credential {
        guard let credential = wallet.newestCredential(of: community.id) else { throw WalletError.notPending }
        return credential
    }

    /// Epoch and leaf of the newest credential.
    func newest(_ community: Community) throws -> (epoch: UInt32, leaf: [UInt8]) {
        if let reusing { return (reusing.epoch, reusing.leaf) }
        let credential = try credential(community)
        return (credential.epoch, credential.leaf)
    }

    mutating func renew(_ community: Community, _ epochs: EpochHistory, _ path: MembershipPath) throws -> RenewalMessage {
        if let reusing { return try reusing.renew(wallet, community, epochs, path) }
        return try wallet.beginRenewal(of: credential(community), epochs: epochs, path: path)
    }

    mutating func take(_ receipt: RenewalReceipt) throws {
        if reusing == nil { try wallet.finishRenewal(receipt) } else { reusing?.take(receipt.leaf, receipt.deltas, epoch: receipt.to) }
    }

    mutating func topUp(
        _ community: Community, _ code: TopUpCode, _ amounts: [Int64], _ batch: BatchEntry, _ path: MembershipPath
    ) throws -> TopUpMessage {
        if let reusing { return try reusing.topUp(wallet, community, code, amounts, path) }
        return try wallet.beginTopUp(of: credential(community), code: code, amounts: amounts, tree: batch, path: path)
    }

    mutating func take(_ receipt: TopUpReceipt) throws {
        if reusing == nil { try wallet.finishTopUp(receipt) } else { reusing?.take(receipt.leaf, receipt.deltas, epoch: receipt.epoch) }
    }

    /// Goes on to leaves that stand in the log.
    mutating func complete(_ community: Community, _ entries: [LogEntry]) throws {
        _ = try wallet.completeTopUps(community: community, entries: entries)
        _ = try wallet.completeRenewals(community: community, entries: entries)
    }

    /// The answer to a request. `isRefusing`: whether the wallet looks at what it is asked, as it has to.
    mutating func answer(
        _ request: PresentationRequest, _ community: Community, _ path: MembershipPath, now: Int64, isRefusing: Bool
    ) throws -> PresentationAnswer {
        let credential = try credential(community)
        var ticket: UInt32?
        if request.tickets != nil { ticket = try wallet.reserveTicket(request, with: credential) }
        if let reusing { return try reusing.answer(request, wallet, community, path, ticket: ticket) }
        if !isRefusing { return try wallet.answer(request, with: credential, path: path, ticket: ticket, dishonestly: false) }
        return try wallet.present(request, with: credential, to: request.context.audience, path: path, ticket: ticket, now: now)
    }
}

/// A wallet that does all as it should, but takes one re-randomiser for all of its leaves. Its proofs hold.
struct ReusingWallet {
    private(set) var epoch: UInt32
    private(set) var values: [Int64]
    private(set) var leaf: [UInt8]
    private var blinding: Fn
    private let rerandomiser: Fn

    init(_ credential: Credential, _ wallet: Wallet) {
        (epoch, values, leaf) = (credential.epoch, credential.values, credential.leaf)
        blinding = wallet.seed.issuanceBlinding(identity: 0, community: credential.community.id, codeHash: credential.codeHash)
        rerandomiser = .random()
    }

    private func attributes(_ wallet: Wallet) -> [Fn] { [wallet.seed.secret(identity: 0)] + values.map { Fn(signed: $0) } }

    private func derive(
        _ wallet: Wallet, _ community: Community, _ amounts: [Int64], _ path: MembershipPath,
        request: (_ base: [UInt8], _ addition: LeafAddition) throws -> Request
    ) throws -> DerivationMessage {
        let disclosed = LeafAddition.disclosure(raw: amounts, values: values, schema: community.schema)
        guard let addition = LeafAddition(raw: amounts, disclosed: disclosed, schema: community.schema),
            let base = (Secp256k1.bases.blinding.multiplied(by: rerandomiser) + path.leaf).affine?.encoded
        else { throw WalletError.leaf }
        let proved = try Presentation.prove(
            request(base, addition), attributes: attributes(wallet), blinding: blinding, path: path)
        let shift = blinding + rerandomiser - proved.blinding
        return DerivationMessage(
            root: path.root.encoded, base: base, shift: shift.encoded, disclosed: disclosed, presentation: proved.bytes)
    }

    func renew(_ wallet: Wallet, _ community: Community, _ epochs: EpochHistory, _ path: MembershipPath) throws -> RenewalMessage {
        guard let statement = epochs.statement(community, from: epoch, to: epochs.renewalTarget) else { throw RenewalError.epoch }
        let nullifiers = statement.scopes.map { wallet.nullifier($0) }
        let raw = epochs.feedback(on: statement.accounts, nullifiers: nullifiers, schema: community.schema)
        let derivation = try derive(wallet, community, raw, path) { try statement.request(base: $0, $1) }
        return RenewalMessage(from: statement.from, to: statement.to, derivation: derivation)
    }

    func topUp(
        _ wallet: Wallet, _ community: Community, _ code: TopUpCode, _ amounts: [Int64], _ path: MembershipPath
    ) throws -> TopUpMessage {
        let statement = TopUpStatement(community: community, epoch: epoch, codeHash: code.hash)
        let derivation = try derive(wallet, community, amounts, path) { try statement.request(base: $0, $1) }
        return TopUpMessage(code: code, epoch: epoch, derivation: derivation)
    }

    /// Goes on to what was made of the leaf.
    mutating func take(_ leaf: [UInt8], _ deltas: [AttributeChange], epoch: UInt32) {
        (self.leaf, self.epoch) = (leaf, epoch)
        for delta in deltas { values[delta.attribute - 1] += delta.value }
        blinding = blinding + rerandomiser
    }

    func answer(
        _ request: PresentationRequest, _ wallet: Wallet, _ community: Community, _ path: MembershipPath, ticket: UInt32?
    ) throws -> PresentationAnswer {
        let disclosed = request.disclose.map { values[$0 - 1] }
        let asked = try request.protocolRequest(schema: community.schema, disclosed: disclosed, ticket: ticket)
        let proved = try Presentation.prove(asked, attributes: attributes(wallet), blinding: blinding, path: path)
        return PresentationAnswer(
            request: request, root: path.root.encoded, ticket: ticket, disclosed: disclosed, presentation: proved.bytes)
    }
}
