import Curves
import Membership
import Platform
import Reputation
import Testing

@Suite("Top-ups") struct TopUpTests {
    @Test("A code adds to a leaf that the issuer does not see, and what it added is renewed with the rest")
    func adds() throws {
        var v = try Village([[1, 2, 1, 0], [5, 6, 2, 0]], depth: .issuance)
        let old = try v.credential(0)
        try v.topUp([0, 1], adding: [20, 0, 0, 0])
        let new = try v.credential(0)
        #expect(new.values == [21, 2, 1, 0] && new.leaf != old.leaf && new.epoch == 1)
        #expect(try v.credential(1).values == [25, 6, 2, 0])
        // The old one went from the wallet, and stays in the tree.
        #expect(v.members[0].credentials.count == 1 && v.members[0].topUps.isEmpty)
        #expect(v.replay.tree?.leaves.count == 4 && v.replay.toppedUp == 2 && v.replay.renewed == 0)
        // What it adds is proved with, and what it does not is not.
        let path = try v.path(new)
        func answer(_ predicate: String) throws {
            let request = try v.f.request(v.f.context(epoch: 1), scopes: [v.f.act()], [predicate])
            _ = try v.members[0].present(request, with: new, to: v.f.audience, path: path, now: v.f.now)
        }
        #expect(refusal { try answer("votes >= 21") } == "accepted")
        #expect(refusal { try answer("votes >= 22") } == "not-satisfied")
        try v.topUp([0], adding: [0, 3, 0, 0])
        #expect(try v.credential(0).values == [21, 5, 1, 0])
        try v.end()
        try v.renew([0, 1])
        #expect(try v.credential(0).values == [21, 5, 1, 0] && v.credential(0).epoch == 2)
        // From the words and the log alone: topped up twice, renewed, topped up again.
        try v.topUp([0], adding: [1, 0, 0, 0])
        var restored = Wallet(phrase: v.members[0].seed.phrase)
        #expect(try restored.restore(community: v.f.community, entries: v.entries) == 2)
        let newest = try #require(restored.newestCredential(of: v.f.community.id))
        #expect(try newest.leaf == v.credential(0).leaf && newest.values == [22, 5, 1, 0])
        #expect(try restored.restore(community: v.f.community, entries: v.entries) == 0)
    }

    @Test("A renewal tried before a top-up was noticed, and again after it, do not tell the leaf before the top-up")
    func renewedFromTwoLeaves() throws {
        var v = try Village([[1, 2, 1, 0], [5, 6, 2, 0]])
        let (wallet, before) = (v.members[0], try v.credential(0).leaf)
        try v.topUp([0], adding: [20, 0, 0, 0])
        let after = try v.credential(0).leaf
        try v.end()
        var behind = v
        behind.members[0] = wallet
        let (first, second) = (try behind.message(0), try v.message(0))
        #expect(first.nullifier == second.nullifier)
        // The issuer knows whose the leaf after is. With one re-randomiser for both, the bases would differ as the leaves do.
        func difference(_ base: [UInt8], _ leaf: [UInt8]) throws -> Affine<Secp256k1>? {
            (Point(try Affine<Secp256k1>(encoded: base[...])) - (try Affine<Secp256k1>(encoded: leaf[...]))).affine
        }
        #expect(try difference(first.derivation.base, before) != difference(second.derivation.base, after))
        // The wallet that noticed nothing is not lost: it renews the leaf that it has.
        #expect(refusal { _ = try behind.accept(first) } == "accepted" && refusal { _ = try v.accept(second) } == "accepted")
    }

    @Test("A leaf that is being renewed is not left for a topped-up one")
    func renewedMeanwhile() throws {
        var v = try Village([[1, 2, 1, 0], [5, 6, 2, 0]])
        let before = try v.credential(0).leaf
        let amounts: [Int64] = [20, 0, 0, 0]
        try v.enter([try v.accept(v.message(0, TopUpCode(), adding: amounts), adding: amounts)])
        try v.end()
        // The wallet did not look into the log, and renews the leaf that it has.
        let message = try v.message(0)
        #expect(try v.members[0].completeTopUps(community: v.f.community, entries: v.entries) == 0)
        #expect(try v.credential(0).leaf == before)
        try v.enter([try v.accept(message)])
        #expect(try v.members[0].completeRenewals(community: v.f.community, entries: v.entries) == 1)
        #expect(try v.credential(0).epoch == 2 && v.credential(0).values == [1, 2, 1, 0])
        #expect(try v.members[0].completeTopUps(community: v.f.community, entries: v.entries) == 1)
        #expect(try v.credential(0).epoch == 2 && v.members[0].topUps.isEmpty)
    }

    @Test("No value leaves its domain: whose would discloses it and gets what there is room for")
    func room() throws {
        var v = try Village([[99_990, 1, 1, 0], [100_000, 1, 1, 0], [1, 1, 1, 0]], depth: .issuance)
        let code = TopUpCode()
        let message = try v.message(0, code, adding: [20, 0, 0, 0])
        #expect(message.derivation.disclosed == [.init(attribute: 1, value: 99_990)])
        // Another value than one's own is not proved; one without need is not taken; none where one is needed cannot be proved.
        func doctored(_ disclosed: [AttributeChange]) -> TopUpMessage {
            TopUpMessage(code: code, epoch: 1, derivation: message.derivation.with(disclosed: disclosed))
        }
        let amounts: [Int64] = [20, 0, 0, 0]
        #expect(refusal { _ = try v.accept(doctored([.init(attribute: 1, value: 99_991)]), adding: amounts) } == "membership-proof")
        #expect(refusal { _ = try v.accept(doctored([.init(attribute: 1, value: 5)]), adding: amounts) } == "top-up-disclosure")
        #expect(refusal { _ = try v.accept(doctored([.init(attribute: 2, value: 1)]), adding: amounts) } == "top-up-disclosure")
        #expect(refusal { _ = try v.accept(doctored([]), adding: amounts) } == "presentation-length")
        v.members[0].forgetTopUp(message)
        try v.topUp([0, 1, 2], adding: amounts)
        #expect(try (0..<3).map { try v.credential($0).values[0] } == [100_000, 100_000, 21])
        // The log says what was added, and that those rose to the end.
        let derivations = v.entries.compactMap { if case .toppedUp(let entry) = $0 { entry.derivation } else { nil } }
        #expect(Set(derivations.map { $0.deltas.first?.value ?? 0 }) == [10, 0, 20])
    }

    @Test("Another leaf, root, epoch, code or amount: refused by issuer and audit")
    func forgeries() throws {
        var v = try Village([[1, 1, 1, 0], [2, 1, 1, 0]], depth: .issuance)
        let (code, amounts): (TopUpCode, [Int64]) = (TopUpCode(), [20, 0, 0, 0])
        let message = try v.message(0, code, adding: amounts)
        #expect(try v.message(0, code, adding: amounts) == message, "the same bytes while it is pending")
        #expect(refusal { _ = try v.message(0, TopUpCode(), adding: amounts) } == "top-up-pending")
        func changed(_ code: TopUpCode? = nil, epoch: UInt32 = 1, with derivation: DerivationMessage? = nil) -> TopUpMessage {
            TopUpMessage(code: code ?? message.code, epoch: epoch, derivation: derivation ?? message.derivation)
        }
        func verdict(_ message: TopUpMessage, adding amounts: [Int64] = amounts) -> String {
            refusal { _ = try v.accept(message, adding: amounts) }
        }
        #expect(verdict(message) == "accepted")
        #expect(verdict(message, adding: [21, 0, 0, 0]) != "accepted")
        #expect(verdict(message, adding: [0, 0, 0, 0]) == "top-up-amounts")
        #expect(verdict(message, adding: [-1, 0, 0, 0]) == "top-up-amounts")
        #expect(verdict(message, adding: [0, 0, 1, 0]) == "top-up-amounts", "fixed")
        #expect(verdict(message, adding: [0, 0, 0, 1]) == "top-up-amounts", "feedback")
        #expect(verdict(message, adding: [100_001, 0, 0, 0]) == "top-up-amounts")
        #expect(verdict(message, adding: [20]) == "top-up-amounts")
        #expect(verdict(changed(TopUpCode())) != "accepted", "somebody else's code")
        #expect(verdict(changed(epoch: 2)) == "top-up-epoch")
        #expect(verdict(changed(with: message.derivation.with(shift: Fn(signed: 1).encoded))) == "top-up-leaf")
        let other = try v.message(1, TopUpCode(), adding: amounts)
        #expect(verdict(changed(with: message.derivation.with(base: other.derivation.base))) != "accepted")
        #expect(verdict(changed(with: message.derivation.with(presentation: other.derivation.presentation))) != "accepted")
        #expect(verdict(changed(with: message.derivation.with(root: [UInt8](repeating: 2, count: 33)))) == "root-mismatch")

        // What the audit says to a log that holds it all the same.
        func audit(_ entry: ToppedUpEntry) -> LogViolation.Rule? {
            var copy = v
            return violation { try copy.enter([entry]) }
        }
        let honest = try v.accept(message, adding: amounts)
        #expect(audit(honest) == nil)
        func entry(_ derivation: LeafDerivation, code: Digest? = nil, root: [UInt8]? = nil) -> ToppedUpEntry {
            ToppedUpEntry(
                epoch: 1, index: 0, codeHash: code ?? honest.codeHash, root: root ?? honest.root, derivation: derivation)
        }
        let own = honest.derivation
        let more = try #require((Point(AttributeBases.base(1)) + (try Affine<Secp256k1>(encoded: own.leaf[...]))).affine?.encoded)
        #expect(audit(entry(own.with(leaf: more))) != nil)
        #expect(audit(entry(own.with(deltas: [.init(attribute: 1, value: 21)], leaf: more))) != nil, "a vote more than the code has")
        #expect(audit(entry(own.with(shift: Fn(signed: 1).encoded))) == .leaf)
        for deltas in [[], [(1, -20)], [(3, 1)], [(4, 1)], [(1, 100_001)], [(5, 1)], [(1, 20), (3, 1)]] as [[(Int, Int64)]] {
            let changes = deltas.map { AttributeChange(attribute: $0.0, value: $0.1) }
            #expect(audit(entry(own.with(deltas: changes))) == .deltas, "\(deltas)")
        }
        #expect(audit(entry(own.with(disclosed: [.init(attribute: 1, value: 1)]))) == .deltas)
        #expect(audit(entry(own.with(disclosed: [.init(attribute: 3, value: 3)]))) == .deltas)
        #expect(audit(entry(own, root: [UInt8](repeating: 2, count: 33))) == .topUp)
        #expect(audit(entry(own, code: TopUpCode().hash)) != nil)
        // A claim's code, and a code that topped up before.
        let claimed = try #require(v.entries.compactMap { if case .issued(let entry) = $0 { entry.codeHash } else { nil } }.first)
        #expect(audit(entry(own, code: claimed)) == .codeRepeated)
        try v.enter([honest])
        #expect(audit(entry(try v.accept(v.message(1, other.code, adding: amounts), adding: amounts).derivation, code: code.hash)) != nil)
        #expect(audit(honest) != nil)
    }

    @Test("Against the current root alone; who was taken out does not come back by an earlier one")
    func currentRoot() throws {
        var v = try Village([[1, 1, 1, 0], [2, 1, 1, 0]], depth: .issuance)
        let (code, amounts): (TopUpCode, [Int64]) = (TopUpCode(), [20, 0, 0, 0])
        let message = try v.message(0, code, adding: amounts)
        let leaf = try v.credential(0).leaf
        let place = try #require(v.replay.tree?.leaves.firstIndex { $0?.encoded == leaf })
        try v.apply(.removed(RemovedEntry(epoch: 1, index: UInt32(place), leaf: leaf)))
        try v.close()
        #expect(refusal { _ = try v.accept(message, adding: amounts) } == "root-mismatch")
        #expect(refusal { _ = try v.message(0, code, adding: amounts) } == "path-mismatch")
        // Who stays proves anew for the same leaf, when another root came in between, and again in the next epoch.
        let other = TopUpCode()
        let first = try v.message(1, other, adding: amounts)
        try v.admit([[3, 1, 1, 0]])
        let second = try v.message(1, other, adding: amounts)
        #expect(second != first && second.derivation.base == first.derivation.base)
        #expect(refusal { _ = try v.accept(first, adding: amounts) } == "root-mismatch")
        #expect(refusal { _ = try v.accept(second, adding: amounts) } == "accepted")
        try v.end()
        try v.renew([1])
        #expect(refusal { _ = try v.accept(second, adding: amounts) } == "top-up-epoch")
        v.members[1].forgetTopUp(second)
        let third = try v.message(1, other, adding: amounts)
        #expect(third.derivation.base != first.derivation.base)
        try v.enter([try v.accept(third, adding: amounts)])
        #expect(try v.members[1].completeTopUps(community: v.f.community, entries: v.entries) == 1)
        #expect(try v.credential(1).values == [22, 1, 1, 0])
    }

    @Test("A wallet keeps a top-up until its leaf is in the log, and believes no other's receipt")
    func receipt() throws {
        var v = try Village([[1, 1, 1, 0], [2, 1, 1, 0]])
        let (code, amounts): (TopUpCode, [Int64]) = (TopUpCode(), [20, 0, 0, 0])
        let message = try v.message(0, code, adding: amounts)
        let checked = try message.check(v.f.community, amounts: amounts, tree: try #require(v.replay.batch))
        func receipt(_ key: Ed25519SigningKey) -> TopUpReceipt {
            TopUpReceipt(community: v.f.community.id, message: message, checked: checked, time: 1, promisedBy: 2, signedBy: key)
        }
        #expect(throws: WalletError.receiptSignature) { try v.members[0].finishTopUp(receipt(Ed25519SigningKey())) }
        #expect(throws: WalletError.notPending) { try v.members[1].finishTopUp(receipt(v.f.key)) }
        let answer = receipt(v.f.key)
        #expect(try TopUpReceipt(json: JSON(parsing: answer.json.encoded())) == answer)
        #expect(try TopUpMessage(json: JSON(parsing: message.json.encoded())) == message)
        try v.members[0].finishTopUp(answer)
        #expect(try v.members[0].completeTopUps(community: v.f.community, entries: v.entries) == 0)
        #expect(try v.credential(0).values == [1, 1, 1, 0])
        // What was answered is not thrown away.
        v.members[0].forgetTopUp(message)
        #expect(v.members[0].topUps.count == 1)
        try v.enter([try v.accept(message, adding: amounts)])
        #expect(try v.members[0].completeTopUps(community: v.f.community, entries: v.entries) == 1)
        #expect(try v.credential(0).values == [21, 1, 1, 0])
    }

    @Test("Codes of one kind are not codes of the other")
    func kinds() throws {
        let code = TopUpCode()
        #expect(try TopUpCode(parsing: code.text.lowercased()) == code)
        #expect(throws: BearerCodeError.otherKind) { try ClaimCode(parsing: code.text) }
        #expect(throws: BearerCodeError.otherKind) { try TopUpCode(parsing: ClaimCode().text) }
        #expect(throws: BearerCodeError.checksum) { try TopUpCode(parsing: "0000-0000-0000-0000-0000-0000-0000") }
        #expect(throws: BearerCodeError.length) { try TopUpCode(parsing: "0000-0000") }
    }

    @Test("Entries in one form only, any bytes without a trap")
    func encodings() throws {
        var v = try Village([[1, 1, 1, 0], [2, 1, 1, 0]])
        try v.topUp([0], adding: [20, 0, 0, 0])
        let entry = try #require(v.entries.last { if case .toppedUp = $0 { true } else { false } })
        let encoded = entry.encoded
        #expect(try LogEntry(encoded: encoded) == entry)
        for length in stride(from: 0, to: encoded.count, by: 7) {
            #expect(throws: FormatError.self) { try LogEntry(encoded: Array(encoded.prefix(length))) }
        }
        #expect(throws: FormatError.self) { try LogEntry(encoded: encoded + [0]) }
        for at in encoded.indices.prefix(300) {
            var bytes = encoded
            bytes[at] ^= 0x81
            if let other = try? LogEntry(encoded: bytes) { #expect(other.encoded == bytes) }
        }
    }
}

extension Village {
    /// What a member sends to redeem a code with his newest credential.
    mutating func message(_ member: Int, _ code: TopUpCode, adding amounts: [Int64]) throws -> TopUpMessage {
        let credential = try credential(member)
        guard let tree = replay.tree, let batch = replay.batch,
            let place = tree.leaves.firstIndex(where: { $0?.encoded == credential.leaf })
        else { throw WalletError.path }
        return try members[member].beginTopUp(
            of: credential, code: code, amounts: amounts, tree: batch, path: try tree.path(at: place))
    }

    /// The entry that the issuer makes of a message; throws as he would refuse it.
    func accept(_ message: TopUpMessage, adding amounts: [Int64]) throws -> ToppedUpEntry {
        guard let batch = replay.batch else { throw TopUpError.root }
        let checked = try message.check(f.community, amounts: amounts, tree: batch)
        guard checked.leads(from: try Presentation.verify([checked.claim])[0]) else { throw TopUpError.leaf }
        return message.entry(checked, index: 0)
    }

    /// Puts topped-up leaves into the tree.
    mutating func enter(_ toppedUp: [ToppedUpEntry]) throws {
        let first = replay.tree?.leaves.count ?? 0
        let sorted = toppedUp.sorted { $0.derivation.leaf.lexicographicallyPrecedes($1.derivation.leaf) }
        for (place, entry) in sorted.enumerated() { try apply(.toppedUp(entry.with(index: UInt32(first + place)))) }
        try close()
    }

    /// These members redeem a code each.
    mutating func topUp(_ redeeming: [Int], adding amounts: [Int64]) throws {
        var accepted: [ToppedUpEntry] = []
        for member in redeeming {
            let message = try message(member, TopUpCode(), adding: amounts)
            accepted.append(try accept(message, adding: amounts))
        }
        try enter(accepted)
        for member in redeeming { _ = try members[member].completeTopUps(community: f.community, entries: entries) }
    }
}
