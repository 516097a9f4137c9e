import Curves
import Membership
import Platform
import Reputation

/// A community that lives: its log, entry by entry, and members who renew as they would with an issuer.
struct Village {
    let f: Fixture
    var replay: LogReplay
    var entries: [LogEntry] = []
    var members: [Wallet] = []
    var time: Int64 = 1000

    /// Index of the feedback attribute in a credential, and its greatest value.
    static let warnings = 4

    /// Epoch 1 with members of these values in its tree.
    init(_ values: [[Int64]], minimum: UInt32 = 1, open: UInt32 = 2, depth: LogReplay.Depth = .tree) throws {
        f = try Fixture()
        replay = LogReplay(community: f.community, depth: depth)
        try apply(.openEpoch(OpenedEntry(epoch: 1, depth: 1, batching: try Batching(leaves: 1, seconds: 1))))
        try apply(.rules(epoch: 1, try Village.rules(f, minimum: minimum, open: open)))
        try close()
        try admit(values)
    }

    /// Both audiences report; spam counts 1, abuse 3, at most 5 for an account.
    static func rules(_ f: Fixture, minimum: UInt32 = 1, open: UInt32 = 2, forums: [Digest]? = nil) throws -> EpochRules {
        let forums = (forums ?? [f.audience, f.otherAudience]).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        return try EpochRules(
            minimumRenewals: minimum, openRenewals: open, forums: forums,
            reasons: [
                .init(code: [UInt8](text: "abuse"), attribute: warnings, amount: 3),
                .init(code: [UInt8](text: "spam"), attribute: warnings, amount: 1),
            ], caps: [.init(attribute: warnings, most: 5)])
    }

    static let (abuse, spam): (UInt32, UInt32) = (0, 1)

    mutating func apply(_ entry: LogEntry) throws {
        try replay.apply(entry.encoded)
        entries.append(entry)
    }

    /// Ends a batch.
    mutating func close() throws {
        time += 10
        try apply(.batch(try replay.closing(time: time)))
    }

    /// New members into the current tree.
    mutating func admit(_ values: [[Int64]]) throws {
        var issued: [IssuedEntry] = []
        for values in values {
            var wallet = Wallet(phrase: Phrase())
            let request = try wallet.beginClaim(community: f.community, code: ClaimCode())
            let receipt = try f.receipt(request, values: values, epoch: replay.epochs.current)
            _ = try wallet.finishClaim(receipt)
            members.append(wallet)
            issued.append(
                IssuedEntry(
                    epoch: replay.epochs.current, index: 0, codeHash: request.code.hash, message: request.message, values: values,
                    leaf: receipt.leaf))
        }
        let first = replay.tree?.leaves.count ?? 0
        for (place, entry) in issued.sorted(by: { $0.leaf.lexicographicallyPrecedes($1.leaf) }).enumerated() {
            try apply(
                .issued(
                    IssuedEntry(
                        epoch: entry.epoch, index: UInt32(first + place), codeHash: entry.codeHash, message: entry.message,
                        values: entry.values, leaf: entry.leaf)))
        }
        try close()
    }

    /// Closes the current epoch with this feedback on acts of the one before.
    mutating func end(_ feedback: [SettledFeedback] = []) throws {
        try apply(.closeEpoch(replay.epochs.current))
        for one in feedback.sorted(by: { $0.precedes($1) }) { try apply(.feedback(one)) }
        try close()
    }

    /// Feedback on a member's account.
    func feedback(
        _ member: Int, epoch: UInt32, at audience: Digest? = nil, reason: UInt32 = spam, raised: UInt32 = 1, lowered: UInt32 = 0
    ) -> SettledFeedback {
        let audience = audience ?? f.audience
        return SettledFeedback(
            epoch: epoch, audience: audience,
            account: members[member].nullifier(.account(community: f.community.id, epoch: epoch, audience: audience)),
            counts: [.init(reason: reason, raised: raised, lowered: lowered)])
    }

    func credential(_ member: Int) throws -> Credential {
        guard let credential = members[member].newestCredential(of: f.community.id) else { throw WalletError.notPending }
        return credential
    }

    /// The way of a credential's leaf to the final root of its epoch.
    func path(_ credential: Credential) throws -> MembershipPath {
        guard let tree = finalTree(of: credential.epoch, entries: entries),
            let index = tree.leaves.firstIndex(where: { $0?.encoded == credential.leaf })
        else { throw WalletError.path }
        return try tree.path(at: index)
    }

    /// What a member sends to renew his newest credential.
    mutating func message(_ member: Int) throws -> RenewalMessage {
        let credential = try credential(member)
        return try members[member].beginRenewal(of: credential, epochs: replay.epochs, path: try path(credential))
    }

    /// The entry that the issuer makes of a message; throws as he would refuse it.
    func accept(_ message: RenewalMessage) throws -> RenewedEntry {
        let checked = try message.check(f.community, replay.epochs)
        guard checked.leads(from: try Presentation.verify([checked.claim])[0]) else { throw RenewalError.leaf }
        return message.entry(checked, index: 0)
    }

    /// These members renew, into the next epoch when the current one is closed.
    mutating func renew(_ renewing: [Int]) throws {
        var accepted: [RenewedEntry] = []
        for member in renewing {
            let message = try message(member)
            let entry = try accept(message)
            let checked = try message.check(f.community, replay.epochs)
            try members[member].finishRenewal(
                RenewalReceipt(community: f.community.id, message: message, checked: checked, time: time, signedBy: f.key))
            accepted.append(entry)
        }
        try enter(accepted)
        for member in renewing { _ = try members[member].completeRenewals(community: f.community, entries: entries) }
    }

    /// Puts renewed leaves into the tree.
    mutating func enter(_ renewed: [RenewedEntry]) throws {
        if replay.epochs.isClosed {
            try apply(
                .openEpoch(
                    OpenedEntry(epoch: replay.epochs.current + 1, depth: 1, batching: try Batching(leaves: 1, seconds: 1))))
        }
        let epoch = replay.epochs.current
        let first = replay.tree?.leaves.count ?? 0
        for (place, entry) in renewed.sorted(by: { $0.derivation.leaf.lexicographicallyPrecedes($1.derivation.leaf) }).enumerated() {
            try apply(.renewed(entry.with(epoch: epoch, index: UInt32(first + place))))
        }
        try close()
    }
}
