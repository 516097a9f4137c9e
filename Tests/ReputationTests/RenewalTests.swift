import Curves
import Membership
import Platform
import Reputation
import Testing

/// Renewals, and the attacks that their rules stop (docs/living-community.md).
struct RenewalTests {
    @Test("Feedback settles one epoch behind, whatever epoch the member leaves")
    func settlement() throws {
        var v = try Village([[50, 1, 1, 0], [30, 1, 1, 0], [10, 1, 1, 0]], depth: .issuance)
        // Nothing is settled in the first renewal: 0 renews early, and then misbehaves in what is left of epoch 1.
        try v.end()
        try v.renew([0, 1])
        #expect(try v.credential(0).values == [50, 1, 1, 0])
        #expect(try v.credential(0).epoch == 2)
        // What he did then, and after, reaches him when he leaves epoch 2.
        try v.end([v.feedback(0, epoch: 1, reason: Village.abuse), v.feedback(2, epoch: 1, reason: Village.abuse)])
        try v.renew([0, 1])
        #expect(try v.credential(0).values == [50, 1, 1, 3])
        #expect(try v.credential(1).values == [30, 1, 1, 0])
        // 2 skipped epoch 2 to shed what he did in epoch 1: it is in the way from 1 to 3 too.
        try v.renew([2])
        #expect(try v.credential(2).values == [10, 1, 1, 3] && v.credential(2).epoch == 3)
        // Each epoch's feedback counts once.
        try v.end([v.feedback(0, epoch: 2, at: v.f.otherAudience)])
        try v.renew([0, 2])
        #expect(try v.credential(0).values == [50, 1, 1, 4])
        #expect(try v.credential(2).values == [10, 1, 1, 3])
        #expect(v.replay.renewed == 7)
        // Anybody can bring them back from their words and the log.
        for member in [0, 2] {
            var restored = Wallet(phrase: v.members[member].seed.phrase)
            _ = try restored.restore(community: v.f.community, entries: v.entries)
            #expect(restored.newestCredential(of: v.f.community.id)?.leaf == (try v.credential(member).leaf))
            #expect(restored.newestCredential(of: v.f.community.id)?.values == (try v.credential(member).values))
        }
        // Whoever misses the renewals is out: 1 stands in epoch 3, and the next two go by without him.
        try v.end()
        try v.renew([0])
        try v.end()
        #expect(try v.credential(1).epoch == 3 && v.replay.epochs.renewalTarget == 6)
        #expect(refusal { _ = try v.message(1) } == "renewal-epoch")
    }

    @Test("Reports on an account are capped, and cancel each other by sign")
    func caps() throws {
        var v = try Village([[1, 1, 1, 50], [1, 1, 1, 50], [1, 1, 1, 50]])
        try v.end()
        try v.renew([0, 1, 2])
        try v.end([
            v.feedback(0, epoch: 1, raised: 1000), v.feedback(0, epoch: 1, at: v.f.otherAudience, reason: Village.abuse, raised: 2),
            v.feedback(1, epoch: 1, lowered: 1000), v.feedback(2, epoch: 1, raised: 7, lowered: 7),
        ])
        try v.renew([0, 1, 2])
        #expect(try [0, 1, 2].map { try v.credential($0).values[3] } == [60, 45, 50])
    }

    @Test("Feedback never leaves the domain: who has no room shows it and gets what there is room for")
    func domain() throws {
        var v = try Village([[1, 1, 1, 98], [1, 1, 1, 100], [1, 1, 1, 2], [1, 1, 1, 0]], depth: .issuance)
        try v.end()
        try v.renew([0, 1, 2, 3])
        try v.end([
            v.feedback(0, epoch: 1, reason: Village.abuse), v.feedback(1, epoch: 1, reason: Village.abuse),
            v.feedback(2, epoch: 1, reason: Village.abuse, raised: 0, lowered: 1), v.feedback(3, epoch: 1, raised: 0, lowered: 1),
        ])
        // With room nothing is disclosed; without, the value is.
        #expect(try v.message(0).derivation.disclosed == [.init(attribute: 4, value: 98)])
        #expect(try v.message(3).derivation.disclosed == [.init(attribute: 4, value: 0)])
        // Another value than one's own is not proved; one without need is not taken; none where one is needed cannot be proved.
        let message = try v.message(0)
        #expect(refusal { _ = try v.accept(message.with(disclosed: [.init(attribute: 4, value: 99)])) } == "membership-proof")
        #expect(refusal { _ = try v.accept(message.with(disclosed: [.init(attribute: 4, value: 50)])) } == "renewal-disclosure")
        #expect(refusal { _ = try v.accept(message.with(disclosed: [.init(attribute: 3, value: 1)])) } == "renewal-disclosure")
        #expect(refusal { _ = try v.accept(message.with(disclosed: [])) } == "presentation-length")
        try v.renew([0, 1, 2, 3])
        #expect(try (0..<4).map { try v.credential($0).values[3] } == [100, 100, 0, 0])
    }

    @Test("An account that is left out, another root, epoch or leaf: refused by issuer and audit")
    func forgeries() throws {
        var v = try Village([[1, 1, 1, 0], [2, 1, 1, 0]], depth: .issuance)
        // The root before the last member came.
        let old = try #require(v.replay.tree)
        let early = try v.credential(0)
        let place = try #require(old.leaves.firstIndex { $0?.encoded == early.leaf })
        try v.admit([[3, 1, 1, 0]])
        try v.end()
        let statement = try #require(v.replay.epochs.statement(v.f.community, from: 1, to: 2))
        let stale = try v.members[0].renew(early, statement, epochs: v.replay.epochs, path: try old.path(at: place), retry: 0)
        #expect(refusal { _ = try v.accept(stale) } == "root-mismatch")
        let final = try #require(v.replay.epochs.final(of: 1))
        #expect(refusal { _ = try v.accept(stale.with(root: final.root)) } == "membership-proof")
        #expect(
            refusal { _ = try v.members[0].beginRenewal(of: early, epochs: v.replay.epochs, path: try old.path(at: place)) }
                == "path-mismatch")
        // What the audit says to a log that holds it all the same.
        func audit(_ entry: RenewedEntry) -> LogViolation.Rule? {
            var copy = v
            return violation { try copy.enter([entry]) }
        }
        let honest = try v.accept(try v.message(0))
        #expect(audit(honest) == nil)
        #expect(audit(honest.with(presentation: stale.derivation.presentation)) != nil)
        // A leaf with a vote more, and one that the member does not derive.
        let more = try #require(
            (Point(AttributeBases.base(1)) + (try Affine<Secp256k1>(encoded: honest.derivation.leaf[...]))).affine?.encoded)
        #expect(audit(honest.with(leaf: more))?.code == "membership-proof")
        #expect(audit(honest.with(shift: Fn(signed: 1).encoded)) == .leaf)
        let message = try v.message(0)
        #expect(refusal { _ = try v.accept(message.with(shift: Fn(signed: 1).encoded)) } == "renewal-leaf")
        #expect(refusal { _ = try v.accept(message.with(base: stale.derivation.root)) } != "accepted")
        #expect(refusal { _ = try v.accept(message.with(to: 3)) } == "renewal-epoch")
        #expect(refusal { _ = try v.accept(message.with(from: 2)) } == "renewal-epoch")
        // Amounts of the issuer's own: a delta would mark the member.
        #expect(audit(honest.with(deltas: [.init(attribute: 4, value: 1)])) == .deltas)

        try v.renew([0, 1])
        #expect(try v.credential(0).epoch == 2)
        try v.end([v.feedback(0, epoch: 1), v.feedback(1, epoch: 1, at: v.f.otherAudience)])
        // Without the account at the other forum, where the feedback is.
        let credential = try v.credential(1)
        let narrow = try #require(
            RenewalStatement(community: v.f.community, from: 2, to: 3) { _ in
                (try? Village.rules(v.f, forums: [v.f.audience])) ?? .none
            })
        let short = try v.members[1].renew(credential, narrow, epochs: v.replay.epochs, path: try v.path(credential), retry: 0)
        #expect(refusal { _ = try v.accept(short) } == "presentation-length")
        // Another's account in its place, which has no feedback: the relation does not hold.
        let own = try v.message(1)
        let stranger = v.members[2].nullifier(.account(community: v.f.community.id, epoch: 1, audience: v.f.otherAudience))
        let at = try #require(
            v.replay.epochs.statement(v.f.community, from: 2, to: 3)?.accounts.firstIndex { $0.audience == v.f.otherAudience })
        var swapped = own.derivation.presentation
        swapped.replaceSubrange((33 * (at + 1))..<(33 * (at + 2)), with: stranger)
        #expect(refusal { _ = try v.accept(own.with(presentation: swapped)) } != "accepted")
        // Unique amounts where feedback is: refused too, and so is none at all.
        let settled = try v.accept(own)
        #expect(settled.derivation.deltas == [.init(attribute: 4, value: 1)])
        #expect(audit(settled) == nil)
        #expect(audit(settled.with(deltas: [])) == .deltas)
        #expect(audit(settled.with(deltas: [.init(attribute: 4, value: 2)])) == .deltas)
        #expect(audit(settled.with(deltas: [.init(attribute: 1, value: 1), .init(attribute: 4, value: 1)])) == .deltas)
    }

    @Test("A second renewal, and one of a stranger")
    func once() throws {
        var v = try Village([[1, 1, 1, 0], [2, 1, 1, 0]])
        try v.end()
        let credential = try v.credential(0)
        let message = try v.message(0)
        #expect(try v.message(0) == message, "the same bytes while it is pending")
        let statement = try #require(v.replay.epochs.statement(v.f.community, from: 1, to: 2))
        let other = try v.members[0].renew(credential, statement, epochs: v.replay.epochs, path: try v.path(credential), retry: 1)
        #expect(other.derivation.base != message.derivation.base && other.nullifier == message.nullifier)
        let (first, second) = (try v.accept(message), try v.accept(other))
        var both = v
        #expect(violation { try both.enter([first, second]) } == .renewalRepeated)
        try v.enter([first])
        #expect(violation { try v.enter([second]) } == .renewalRepeated)
        // A receipt of another key, or for another leaf.
        let checked = try message.check(v.f.community, try Village.closedOnce(v))
        let receipt = RenewalReceipt(community: v.f.community.id, message: message, checked: checked, time: 1, signedBy: v.f.key)
        #expect(try RenewalReceipt(json: JSON(parsing: receipt.json.encoded())) == receipt)
        let forged = RenewalReceipt(
            community: v.f.community.id, message: message, checked: checked, time: 1, signedBy: Ed25519SigningKey())
        #expect(throws: WalletError.receiptSignature) { try v.members[0].finishRenewal(forged) }
        #expect(throws: WalletError.notPending) { try v.members[1].finishRenewal(receipt) }
        #expect(try v.credential(0).epoch == 1)
        try v.members[0].finishRenewal(receipt)
        // Until its leaf is in the log the old credential stays.
        #expect(try v.members[0].completeRenewals(community: v.f.community, entries: []) == 0)
        #expect(try v.credential(0).epoch == 1)
        #expect(try v.members[0].completeRenewals(community: v.f.community, entries: v.entries) == 1)
        #expect(try v.credential(0).epoch == 2 && v.members[0].renewals.isEmpty)
    }

    @Test("Where the entries of epochs stand")
    func order() throws {
        var v = try Village([[1, 1, 1, 0], [2, 1, 1, 0]], minimum: 2)
        let f = v.f
        func verdict(_ entries: LogEntry...) -> LogViolation.Rule? {
            var copy = v
            return violation { for entry in entries { try copy.apply(entry) } }
        }
        let open = LogEntry.openEpoch(OpenedEntry(epoch: 2, depth: 1, batching: try Batching(leaves: 1, seconds: 1)))
        #expect(verdict(open) == .closed)
        #expect(verdict(.rules(epoch: 1, .none)) == .rules)
        #expect(verdict(.closeEpoch(2)) == .epoch)
        #expect(verdict(.feedback(v.feedback(0, epoch: 1))) == .feedback)
        #expect(verdict(.closeEpoch(1), .closeEpoch(1)) == .closed)
        #expect(verdict(.closeEpoch(1), .feedback(v.feedback(0, epoch: 1))) == .feedback, "epoch 1 is still open for reports")
        #expect(verdict(.closeEpoch(1), open) == .unfinished)
        let leaf = try v.credential(0).leaf
        let place = try #require(v.replay.tree?.leaves.firstIndex { $0?.encoded == leaf })
        let removal = LogEntry.removed(RemovedEntry(epoch: 1, index: UInt32(place), leaf: leaf))
        #expect(verdict(removal) == nil)
        try v.end()
        #expect(verdict(removal) == .closed)
        #expect(
            violation {
                var copy = v; try copy.admit([[1, 1, 1, 0]])
            } == .closed)
        #expect(v.replay.epochs.isClosed && v.replay.epochs.renewalTarget == 2 && v.replay.epochs.final(of: 1) == v.replay.batch)
        // An epoch opens with as many as the rules say, and no time makes up for them.
        let entries = [try v.accept(try v.message(0)), try v.accept(try v.message(1))]
        var alone = v
        alone.time += 1_000_000
        #expect(violation { try alone.enter([entries[0]]) } == .epochTooSmall)
        try v.enter(entries)
        #expect(verdict(.closeEpoch(2), .feedback(v.feedback(0, epoch: 2))) == .feedback)
        #expect(verdict(.closeEpoch(2), .feedback(v.feedback(0, epoch: 1))) == nil)
        #expect(verdict(.closeEpoch(2), .feedback(v.feedback(0, epoch: 1)), .feedback(v.feedback(0, epoch: 1))) == .feedback)
        #expect(verdict(.closeEpoch(2), .feedback(v.feedback(0, epoch: 1, at: Digest.of([9])))) == .feedback)
        #expect(verdict(.closeEpoch(2), .feedback(v.feedback(0, epoch: 1, reason: 2))) == .feedback)
        // Rules that are about no feedback attribute.
        let votes = try EpochRules(
            minimumRenewals: 1, openRenewals: 1, forums: [f.audience], reasons: [.init(code: [UInt8](text: "x"), attribute: 1, amount: 1)],
            caps: [.init(attribute: 1, most: 1)])
        var copy = v
        try copy.end()
        try copy.apply(.openEpoch(OpenedEntry(epoch: 3, depth: 1, batching: try Batching(leaves: 1, seconds: 1))))
        #expect(violation { try copy.apply(.rules(epoch: 3, votes)) } == .rules)
    }

    @Test("Encodings: what is written is read, and nothing else")
    func encodings() throws {
        var v = try Village([[1, 1, 1, 99], [2, 1, 1, 0]])
        try v.end()
        try v.renew([0, 1])
        try v.end([v.feedback(0, epoch: 1, reason: Village.abuse)])
        try v.renew([0])
        var generator = SystemRandomNumberGenerator()
        for entry in v.entries {
            let encoded = entry.encoded
            #expect(try LogEntry(encoded: encoded) == entry)
            for _ in 0..<40 {
                let bytes = mutated(encoded, using: &generator)
                if let read = try? LogEntry(encoded: bytes) { #expect(read.encoded == bytes) }
            }
        }
        let rules = try Village.rules(v.f)
        #expect(try EpochRules(json: JSON(parsing: rules.json(v.f.schema).encoded()), schema: v.f.schema) == rules)
        try v.end()
        let message = try v.message(0)
        #expect(try RenewalMessage(json: JSON(parsing: message.json.encoded())) == message)
        for (forums, amount, most) in [(17, 1, 1), (0, 0, 1), (0, 1001, 1), (0, 1, 0), (0, 1, Int64(1) << 32)] as [(Int, Int64, Int64)] {
            #expect(throws: FormatError.self) {
                try EpochRules(
                    minimumRenewals: 1, openRenewals: 1,
                    forums: (0..<forums).map { Digest.of([UInt8($0)]) }.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) },
                    reasons: [.init(code: [UInt8](text: "x"), attribute: 4, amount: amount)], caps: [.init(attribute: 4, most: most)])
            }
        }
        // A wallet file of before there were renewals, and one with a pending one.
        #expect(v.members[0].renewals.count == 1)
    }
}

extension Village {
    /// The epochs as they were when epoch 1 was closed.
    static func closedOnce(_ v: Village) throws -> EpochHistory {
        var replay = LogReplay(community: v.f.community, depth: .tree)
        for entry in v.entries {
            if case .openEpoch(let opened) = entry, opened.epoch == 2 { break }
            try replay.apply(entry.encoded)
        }
        return replay.epochs
    }
}

extension RenewalMessage {
    /// The same with some parts exchanged.
    fileprivate func with(
        from: UInt32? = nil, to: UInt32? = nil, root: [UInt8]? = nil, base: [UInt8]? = nil, shift: [UInt8]? = nil,
        disclosed: [AttributeChange]? = nil, presentation: [UInt8]? = nil
    ) -> RenewalMessage {
        RenewalMessage(
            from: from ?? self.from, to: to ?? self.to,
            derivation: derivation.with(root: root, base: base, shift: shift, disclosed: disclosed, presentation: presentation))
    }
}

extension RenewedEntry {
    /// The same with some parts exchanged.
    fileprivate func with(
        deltas: [AttributeChange]? = nil, shift: [UInt8]? = nil, presentation: [UInt8]? = nil, leaf: [UInt8]? = nil
    ) -> RenewedEntry {
        RenewedEntry(
            epoch: epoch, index: index, from: from,
            derivation: derivation.with(deltas: deltas, shift: shift, presentation: presentation, leaf: leaf))
    }
}
