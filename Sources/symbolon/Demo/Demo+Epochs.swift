import Foundation
import Membership
import Platform
import Reputation
import VerifierService

/// What comes after the first epoch: feedback, renewal, recovery, audit.
extension Demo {
    /// The log as somebody read and checked it.
    private struct View {
        let entries: [LogEntry]
        let epochs: EpochHistory
        let tree: CurveTree
    }

    /// The condition from here on: what forums complain about counts against the votes.
    private static let livingPredicate = "votes - 10*warnings >= \(bound)"
    private static let message = Digest.of(Array("a post that breaks the rules".utf8))

    /// Who renews in each epoch, at least.
    static let minimumRenewals: UInt32 = 4

    /// The rules of all epochs: the forum reports abuse, which counts five warnings.
    static func rules(forum: Audience, schema: Schema) throws -> EpochRules {
        try EpochRules(
            json: JSON(
                parsing: Array(
                    """
                    {"minimum-renewals": \(minimumRenewals), "open-renewals": 1, "forums": ["\(forum.id.hex)"],
                     "reasons": [{"code": "abuse", "attribute": "warnings", "amount": 5}],
                     "caps": [{"attribute": "warnings", "most": 10}]}
                    """.utf8)), schema: schema)
    }

    /// Everything in order; the closure is told each step as it is done.
    func live(_ report: (DemoStep) -> Void) async throws {
        // One who will be reported, three who renew with him, one who does not.
        let eligible = members.filter { $0.values[1] >= Self.bound }.shuffled()
        guard let offender = eligible.first(where: { $0.values[1] < Self.bound + 50 }) else {
            throw CommandFailure("nobody in the table has between \(Self.bound) and \(Self.bound + 49) votes")
        }
        let others = eligible.filter { $0 !== offender }
        guard others.count >= 4 else { throw CommandFailure("the table has too few members with \(Self.bound) votes") }
        let (honest, skipper) = (others[0], others[1])
        let renewing = [offender, honest, others[2], others[3]]

        var view = try await read { _ in true }
        let firstTree = view.tree
        var post: (nonce: [UInt8], account: [UInt8]) = ([], [])
        report(
            try await step("post", "a member posts in the forum under an account of the epoch", expecting: "accepted") {
                let (outcome, accepted) = try await act(offender, "a post", Self.message, view.tree)
                if let accepted { post = accepted }
                return outcome
            })
        report(
            try await step("report", "the forum reports the post as abuse", expecting: "accepted") { try await complain(post) })
        report(
            try await step("second-report", "the forum reports it once more", expecting: "refused:already-reported") {
                try await complain(post)
            })
        report(
            try await step("close-epoch", "the operator closes epoch 1; renewals begin", expecting: "done") {
                view = try await close(1)
                return ("done", nil)
            })
        report(
            try await step("renew", "\(renewing.count) members renew, and epoch 2 opens", expecting: "done") {
                let into = try await renew(renewing, view)
                defer { view = into }
                return ("done", nil)
            })
        report(
            try await step("second-renewal", "one of them renews once more, to another leaf", expecting: "refused:already-renewed") {
                try await refusal { _ = try await client.renew(try await offender.earlierRenewal(retry: 1)) }
            })
        report(
            try await step("old-credential", "one who did not renew presents the old credential", expecting: "refused:root-mismatch") {
                try await send(try await skipper.forge(try await ask("before"), in: firstTree))
            })
        report(
            try await step("feedback-is-late", "the member who was reported still proves the bound", expecting: "accepted") {
                try await send(try await answer(of: offender, try await ask("in epoch 2"), view.tree))
            })
        report(
            try await step("settle", "the operator closes epoch 2; feedback on epoch 1 settles", expecting: "done") {
                view = try await close(2)
                return ("done", nil)
            })
        report(
            try await step("stale-root", "a renewal against another tree than the final one", expecting: "refused:root-mismatch") {
                try await refusal { _ = try await client.renew(try await honest.staleRenewal(view.epochs)) }
            })
        report(
            try await step("renew-again", "the same members renew, and epoch 3 opens", expecting: "done") {
                let into = try await renew(renewing, view)
                defer { view = into }
                return ("done", nil)
            })
        report(
            try await step("feedback-settled", "the member who was reported tries the bound", expecting: "impossible") {
                do { return try await send(try await answer(of: offender, try await ask("in epoch 3"), view.tree)) } catch WalletError
                    .notSatisfied
                { return ("impossible", nil) }
            })
        report(
            try await step("feedback-forged", "the same with a dishonest prover", expecting: "refused:membership-proof") {
                try await send(try await offender.forge(try await ask("in epoch 3"), in: view.tree))
            })
        report(
            try await step("others-go-on", "another member proves it", expecting: "accepted") {
                try await send(try await answer(of: honest, try await ask("in epoch 3"), view.tree))
            })
        report(
            try await step("skipped", "one who missed the renewals tries to renew", expecting: "impossible") {
                do {
                    _ = try await renewOnce(skipper, view)
                    return ("accepted", nil)
                } catch WalletError.renewal(.epoch) { return ("impossible", nil) }
            })
        report(
            try await step("recover", "a member gets everything back from 24 words and the log", expecting: "accepted") {
                let recovered = try await honest.recovered(community: community, entries: view.entries)
                return try await send(try await answer(of: recovered, try await ask("after a loss"), view.tree))
            })
        report(
            try await step("audit", "anybody recomputes the log", expecting: "holds") { try await audit(client.log) })
        report(
            try await step("doctored", "the operator leaves out a member's feedback and signs that", expecting: "log-deltas") {
                try await audit(try doctored(view.entries))
            })
    }

    // MARK: Parts

    private func ask(_ subject: String) async throws -> PresentationRequest {
        let question = Question(purposes: [.act(subject: Array(subject.utf8))], predicates: [Self.livingPredicate])
        return try await client.ask(question, audience: forum.id, token: forum.token, schema: community.schema)
    }

    /// An act under the epoch's account, bound to a message; what was accepted is what the forum can report.
    private func act(
        _ member: DemoMember, _ subject: String, _ message: Digest, _ tree: CurveTree
    ) async throws -> (Outcome, (nonce: [UInt8], account: [UInt8])?) {
        let question = Question(
            purposes: [.act(subject: Array(subject.utf8)), .account], predicates: [Self.livingPredicate], message: message)
        let request = try await client.ask(question, audience: forum.id, token: forum.token, schema: community.schema)
        let answer = try await answer(of: member, request, tree)
        let verdict = try await client.present(answer, to: forum.id, schema: community.schema)
        guard case .array(let nullifiers)? = verdict["nullifiers"], nullifiers.count == 2,
            let account = try? Hex.decode(Array((nullifiers[1]["nullifier"]?.text ?? "").utf8))
        else { return (("malformed", nil), nil) }
        return (("accepted", answer.presentation.count), (request.context.nonce, account))
    }

    private func complain(_ post: (nonce: [UInt8], account: [UInt8])) async throws -> Outcome {
        try await refusal {
            try await client.report(
                nonce: post.nonce, account: post.account, message: Self.message, reason: "abuse", raises: true, audience: forum.id,
                token: forum.token)
        }
    }

    /// What the service says to a call: accepted, or the code of its refusal.
    private func refusal(_ call: () async throws -> Void) async throws -> Outcome {
        do {
            try await call()
            return ("accepted", nil)
        } catch ServiceClient.Failure.refused(let code, let status) where status < 500 {
            return ("refused:\(code)", nil)
        }
    }

    /// The log, read until something is true of it.
    private func read(until isReached: (EpochHistory) -> Bool) async throws -> View {
        var mirror = try await LogMirror(community: community)
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            try await mirror.update(from: client.log)
            if let tree = mirror.tree, isReached(mirror.replay.epochs) {
                return View(entries: try await mirror.entries(from: client.log), epochs: mirror.replay.epochs, tree: tree)
            }
            guard ContinuousClock.now < deadline else { throw CommandFailure("the service does not go on") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// What `symbolon community epoch close` and `open` do.
    private func close(_ epoch: UInt32) async throws -> View {
        try await store.endEpoch(epoch, community: community.id.bytes)
        guard try await store.settleEpoch(epoch, next: .same, community: community.id.bytes) == .settled else {
            throw CommandFailure("the epoch does not settle")
        }
        return try await read { $0.current == epoch && $0.isClosed }
    }

    private func renewOnce(_ member: DemoMember, _ view: View) async throws -> ServiceClient.Renewal {
        try await member.renew(community, from: client, entries: view.entries, epochs: view.epochs, tree: view.tree)
    }

    /// These renew, each as `symbolon wallet renew` does, and go on once the next epoch has opened.
    private func renew(_ members: [DemoMember], _ view: View) async throws -> View {
        for member in members {
            guard try await renewOnce(member, view) == .waiting else { throw CommandFailure("a renewal was not taken") }
        }
        let next = try await read { $0.current == view.epochs.current + 1 }
        for member in members {
            guard try await renewOnce(member, next) == .renewed else { throw CommandFailure("a renewed leaf is not in the log") }
        }
        return next
    }

    private func audit(_ source: any LogSource) async throws -> Outcome {
        let audit = try await Audit(of: source, id: community.id, now: Int64(Date().timeIntervalSince1970))
        return (audit.findings.first?.code ?? "holds", nil)
    }

    /// The log with nothing added in the one renewal to which something was, signed anew.
    private func doctored(_ entries: [LogEntry]) throws -> DoctoredLog {
        var log = entries
        for (place, entry) in log.enumerated() {
            guard case .renewed(let renewed) = entry, !renewed.derivation.deltas.isEmpty else { continue }
            log[place] = .renewed(
                RenewedEntry(
                    epoch: renewed.epoch, index: renewed.index, from: renewed.from,
                    derivation: LeafDerivation(
                        disclosed: renewed.derivation.disclosed, deltas: [], shift: renewed.derivation.shift,
                        presentation: renewed.derivation.presentation, leaf: renewed.derivation.leaf)))
        }
        return try DoctoredLog(community: community, entries: log.map(\.encoded), key: key)
    }
}

/// A log in memory as somebody with the key signed it, whatever stands in it.
private struct DoctoredLog: LogSource {
    let name = "a doctored log"
    private let community: Community
    private let entries: [[UInt8]]
    private let tree: MerkleTree
    private let note: [UInt8]

    init(community: Community, entries: [[UInt8]], key: Ed25519SigningKey) throws {
        var tree = MerkleTree()
        for entry in entries { tree.append(entry) }
        guard let last = entries.last, case .batch(let batch) = try LogEntry(encoded: last) else { throw LogError.batch }
        self.community = community
        self.entries = entries
        self.tree = tree
        note = Checkpoint(origin: community.origin, size: tree.size, root: tree.root, batch: batch).signed(by: key)
    }

    func resource(_ path: String, atMost limit: Int) async throws -> [UInt8]? {
        if path == LogNames.checkpoint { return note }
        if path == LogNames.community { return community.json.encoded() }
        guard let tile = try? LogTile(path: Array(path.utf8)) else { return nil }
        guard case .entries = tile.content else { return tree.hashes(of: tile) }
        let first = tile.index * LogTile.fullWidth
        guard first + tile.width <= entries.count else { return nil }
        return EntryBundle.encode(Array(entries[first..<(first + tile.width)]))
    }
}
