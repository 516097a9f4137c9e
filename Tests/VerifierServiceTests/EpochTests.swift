import Foundation
import Membership
import Platform
import Reputation
import Testing
import VerifierService

@Suite("Epochs in the service") struct EpochTests {
    private let message = Digest.of([1])

    @Test("What may be reported, and what not")
    func reports() async throws {
        try await EpochFixture.with(votes: [10, 20]) { f in
            let (act, other) = (try await f.act(0, message), try await f.act(1, message))
            let account = act.nullifiers[1].nullifier
            let nonce = act.request.context.nonce
            func verdict(_ body: [UInt8], at audience: Digest? = nil) async -> String {
                await f.verdict { try await f.verifier.report(body, audience: audience ?? f.forum) }
            }
            // A message that was never accepted, one of another forum, another's account, another message, another presentation.
            #expect(await verdict(f.report(nonce: Random.bytes(32), account: account, message: message)) == "presentation-unknown")
            let open = try await f.verifier.ask(Question(purposes: [.signIn]), audience: f.forum, now: EpochFixture.now)
            #expect(await verdict(f.report(nonce: open.context.nonce, account: account, message: message)) == "presentation-unknown")
            #expect(await verdict(f.report(act, message), at: f.stranger) == "presentation-unknown")
            #expect(await verdict(f.report(nonce: nonce, account: other.nullifiers[1].nullifier, message: message)) == "report-evidence")
            #expect(await verdict(f.report(nonce: nonce, account: act.nullifiers[0].nullifier, message: message)) == "report-evidence")
            #expect(await verdict(f.report(nonce: nonce, account: account, message: Digest.of([2]))) == "report-evidence")
            let bare = try await f.act(0, message, account: false)
            #expect(await verdict(f.report(nonce: bare.request.context.nonce, account: account, message: message)) == "report-evidence")
            let silent = try await f.act(0, nil)
            #expect(await verdict(f.report(silent, message)) == "report-evidence")
            // A forum that is not registered, a reason that there is not.
            let elsewhere = try await f.act(0, message, at: f.stranger)
            #expect(await verdict(f.report(elsewhere, message), at: f.stranger) == "forum-unregistered")
            #expect(await verdict(f.report(nonce: nonce, account: account, message: message, reason: "face")) == "reason-unknown")
            #expect(await verdict([0x7b]) == "json-malformed")
            // Once for a message, whatever presentation and sign.
            #expect(await verdict(f.report(act, message)) == "accepted")
            #expect(await verdict(f.report(act, message)) == "already-reported")
            #expect(
                await verdict(f.report(nonce: nonce, account: account, message: message, raises: false)) == "already-reported")
            let again = try await f.act(0, message)
            #expect(again.nullifiers[1].nullifier == account)
            #expect(await verdict(f.report(again, message)) == "already-reported")
            #expect(await verdict(f.report(other, message)) == "accepted")
            // In epoch 2 too, until it ends.
            try await f.end()
            try await f.renew([0, 1])
            let late = try await f.store.reports(epoch: 1, after: 0, limit: 10, community: f.community.id.bytes)
            #expect(late.count == 2)
            let second = Digest.of([3])
            let (inTwo, never) = (try await f.act(0, second), try await f.act(0, Digest.of([4])))
            #expect(inTwo.nullifiers[1].nullifier != account)
            try await f.store.endEpoch(2, community: f.community.id.bytes)
            #expect(await verdict(f.report(again, message)) == "reports-closed")
            #expect(await verdict(f.report(inTwo, second)) == "accepted", "acts of epoch 2 are reported until epoch 3 ends")
            try await f.end()
            try await f.renew([0, 1])
            #expect(try f.credential(0).values == [10, 5] && f.credential(1).values == [20, 5])
            try await f.store.endEpoch(3, community: f.community.id.bytes)
            #expect(await verdict(f.report(never, Digest.of([4]))) == "reports-closed")
            try await f.end()
            try await f.renew([0, 1])
            #expect(try f.credential(0).values == [10, 10] && f.credential(1).values == [20, 5])
        }
    }

    @Test("A dispute stops settlement until it is decided; only the account can dispute")
    func disputes() async throws {
        try await EpochFixture.with(votes: [10, 20]) { f in
            let id = f.community.id.bytes
            for member in [0, 1] {
                try await f.verifier.report(f.report(try await f.act(member, message), message), audience: f.forum)
            }
            try await f.end()
            try await f.renew([0, 1])
            try await f.store.endEpoch(2, community: id)
            func dispute(_ member: Int, _ message: Digest) async throws -> String {
                // With the credential of the epoch of the act, which the wallet still has.
                let credential = try #require(f.wallets[member].credentials.first { $0.epoch == 1 })
                let request = try DisputeStatement.request(community: f.community, epoch: 1, audience: f.forum, message: message)
                let answer = try f.wallets[member].present(
                    request, with: credential, to: f.forum, path: try await f.path(of: credential), now: EpochFixture.now)
                return await f.verdict {
                    try await f.verifier.dispute(answer.json(f.community.schema).encoded(), audience: f.forum, now: EpochFixture.now)
                }
            }
            #expect(try await dispute(0, Digest.of([2])) == "report-unknown")
            #expect(try await dispute(0, message) == "accepted")
            #expect(try await dispute(0, message) == "accepted", "a repetition changes nothing")
            #expect(try await dispute(1, message) == "accepted")
            #expect(try await f.store.settleEpoch(2, next: .same, community: id) == .disputed)
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now)
            #expect(await f.issuer.state.replay.epochs.isClosed == false)
            // One is taken back, one stands.
            #expect(try await f.store.decide(report: 1, upheld: false, community: id))
            #expect(try await f.store.settleEpoch(2, next: .same, community: id) == .disputed)
            #expect(try await f.store.decide(report: 2, upheld: true, community: id))
            #expect(try await f.store.decide(report: 2, upheld: false, community: id) == false)
            #expect(try await dispute(1, message) == "dispute-closed")
            try await f.end()
            try await f.renew([0, 1])
            #expect(try f.credential(0).values == [10, 0] && f.credential(1).values == [20, 5])
            // Not settled before it was ended.
            #expect(try await f.store.settleEpoch(3, next: .same, community: id) == .notEnded)
        }
    }

    @Test("A member renews once out of an epoch, through crashes, repetitions and lost answers")
    func once() async throws {
        try await EpochFixture.with(votes: [10, 20], minimum: 2) { f in
            let early = await f.issuer.state.replay.epochs
            #expect(early.statement(f.community, from: 1, to: 2) == nil)
            try await f.end()
            let message = try await f.message(0)
            // Before the minimum the epoch before serves.
            var answers: Set<[UInt8]> = []
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                let issuer = f.issuer
                for _ in 0..<8 { group.addTask { try await issuer.renew(message, now: EpochFixture.now) } }
                for try await answer in group { answers.insert(answer) }
            }
            #expect(answers.count == 1)
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now + 1_000_000)
            #expect(await f.issuer.state.epoch == 1)
            #expect(try await f.act(1, nil).request.context.epoch == 1)
            // The same member to another leaf, and with a proof that is none.
            let credential = try f.credential(0)
            let epochs = await f.issuer.state.replay.epochs
            let statement = try #require(epochs.statement(f.community, from: 1, to: 2))
            let other = try f.wallets[0].renew(credential, statement, epochs: epochs, path: try await f.path(of: credential), retry: 1)
            #expect(await f.verdict { _ = try await f.issuer.renew(other, now: EpochFixture.now) } == "already-renewed")
            let honest = try await f.message(1)
            var broken = honest.derivation.presentation
            broken[broken.count - 1] ^= 1
            let forged = RenewalMessage(
                from: honest.from, to: honest.to,
                derivation: DerivationMessage(
                    root: honest.derivation.root, base: honest.derivation.base, shift: honest.derivation.shift, disclosed: [],
                    presentation: broken))
            #expect(await f.verdict { _ = try await f.issuer.renew(forged, now: EpochFixture.now) } == "relation-proof")
            // Killed after it was recorded, and started again: the same answer, and one leaf.
            try await f.restart()
            #expect(try await f.issuer.renew(message, now: EpochFixture.now + 5) == answers.first)
            // He lost everything but his words: the same leaf, so the same answer.
            var restored = Wallet(phrase: f.wallets[0].seed.phrase)
            _ = try restored.restore(community: f.community, entries: try await f.entries())
            let again = try restored.beginRenewal(
                of: try #require(restored.newestCredential(of: f.community.id)), epochs: epochs, path: try await f.path(of: credential))
            #expect(again != message && again.derivation.base == message.derivation.base)
            #expect(try await f.issuer.renew(again, now: EpochFixture.now + 6) == answers.first)
            // Nobody is issued anything between epochs.
            #expect(await f.verdict { try await f.admit(5) } == "epoch-ended")
            try await f.renew([0, 1])
            #expect(await f.issuer.state.epoch == 2)
            #expect(await f.issuer.state.tree.leaves.count == 2)
            #expect(try await f.issuer.renew(message, now: EpochFixture.now + 7) == answers.first, "also when the epoch has opened")
            try await f.restart()
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now + 100)
            #expect(await f.issuer.state.tree.leaves.count == 2)
        }
    }

    @Test("A replaced root is accepted for a time, within its epoch")
    func grace() async throws {
        try await EpochFixture.with(votes: [10]) { f in
            let credential = try f.credential(0)
            let old = try await f.path(of: credential)
            func present(_ path: MembershipPath, at now: Int64) async throws -> String {
                let request = try await f.verifier.ask(
                    Question(purposes: [.act(subject: Random.bytes(8))], lifetime: 1000), audience: f.forum, now: EpochFixture.now)
                let answer = try f.wallets[0].answer(request, with: credential, path: path, dishonestly: true)
                return await f.verdict {
                    _ = try await f.verifier.accept(answer.json(f.community.schema).encoded(), audience: f.forum, now: now)
                }
            }
            try await f.admit(20, at: EpochFixture.now + 100)
            #expect(try await present(old, at: EpochFixture.now + 129) == "accepted")
            #expect(try await present(old, at: EpochFixture.now + 130) == "root-mismatch")
            #expect(try await present(try await f.path(of: credential), at: EpochFixture.now + 130) == "accepted")
            // Never for a renewal: the final root alone.
            let epoch = await f.issuer.state.epoch
            try await f.store.endEpoch(epoch, community: f.community.id.bytes)
            _ = try await f.store.settleEpoch(epoch, next: .same, community: f.community.id.bytes)
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now + 101)
            let epochs = await f.issuer.state.replay.epochs
            let statement = try #require(epochs.statement(f.community, from: 1, to: 2))
            let stale = try f.wallets[0].renew(credential, statement, epochs: epochs, path: old, retry: 0)
            #expect(await f.verdict { _ = try await f.issuer.renew(stale, now: EpochFixture.now + 101) } == "root-mismatch")
            // And not into the next epoch.
            let final = try await f.path(of: credential)
            try await f.renew([0])
            #expect(await f.issuer.state.epoch == 2)
            #expect(try await present(final, at: EpochFixture.now + 102) == "root-mismatch")
        }
    }

    @Test("A community grows: the next epoch has a deeper tree and other batches, and the first plan stays")
    func growth() async throws {
        try await EpochFixture.with(votes: [1, 2]) { f in
            try await f.end(next: EpochPlan(depth: 2, batching: try Batching(leaves: 3, seconds: 500)))
            // Said again, otherwise: nothing changes.
            #expect(try await f.store.settleEpoch(1, next: EpochPlan(depth: 4), community: f.community.id.bytes) == .settled)
            try await f.restart()
            try await f.renew([0, 1])
            let state = await f.issuer.state
            #expect(state.epoch == 2 && state.tree.shape.depth == 2 && state.batching.leaves == 3 && state.batching.seconds == 500)
            let act = try await f.act(0, nil)
            #expect(act.request.context.epoch == 2)
            // One leaf waits for its time.
            try await f.admit(3, at: EpochFixture.now + 100)
            #expect(await f.issuer.state.tree.leaves.count == 2)
            try await f.end()
            try await f.issuer.closeBatchIfDue(now: EpochFixture.now + 1000)
            #expect(await f.issuer.state.tree.leaves.count == 3)
        }
    }

    @Test("The audit of a log that lived; and one whose issuer gave a member less")
    func audit() async throws {
        try await EpochFixture.with(votes: [10, 20]) { f in
            try await f.verifier.report(f.report(try await f.act(0, message), message), audience: f.forum)
            try await f.end()
            try await f.renew([0, 1])
            try await f.end()
            try await f.renew([0, 1])
            let entries = try await f.entries()
            func findings(_ entries: [LogEntry]) async throws -> [String] {
                let log = try FakeLog(f.community, entries: entries.map(\.encoded), key: f.key)
                return try await Audit(of: log, id: f.community.id, now: EpochFixture.now).findings.map(\.code)
            }
            #expect(try await findings(entries) == [])
            let place = try #require(
                entries.firstIndex { if case .renewed(let entry) = $0 { !entry.derivation.deltas.isEmpty } else { false } })
            guard case .renewed(let entry) = entries[place] else { return }
            for deltas in [
                [], [AttributeChange(attribute: 2, value: 4)], [.init(attribute: 1, value: 1), .init(attribute: 2, value: 5)],
            ] {
                var log = entries
                log[place] = .renewed(
                    RenewedEntry(
                        epoch: entry.epoch, index: entry.index, from: entry.from,
                        derivation: LeafDerivation(
                            disclosed: entry.derivation.disclosed, deltas: deltas, shift: entry.derivation.shift,
                            presentation: entry.derivation.presentation, leaf: entry.derivation.leaf)))
                #expect(try await findings(log).first == "log-deltas")
            }
            // Feedback that the issuer leaves out: the renewal adds what nobody reported.
            let silent = entries.filter { if case .feedback = $0 { false } else { true } }
            #expect(silent.count == entries.count - 1)
            #expect(try await findings(silent).first == "log-deltas")
        }
    }
}
