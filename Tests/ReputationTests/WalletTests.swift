import Curves
import Platform
import Reputation
import TestSupport
import Testing

struct WalletTests {
    let f: Fixture

    init() throws { f = try Fixture() }

    /// The list is the standard's, and the vectors of BIP-39 for 256 bits hold.
    @Test func phrases() throws {
        let zeros = (0..<23).map { _ in "abandon" }.joined(separator: " ") + " art"
        #expect(try Phrase(parsing: zeros).text == zeros)
        let ones = (0..<23).map { _ in "zoo" }.joined(separator: " ") + " vote"
        #expect(try Phrase(parsing: ones).text == ones)
        let mixed =
            "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold"
        #expect(try Phrase(parsing: mixed).text == mixed)
        #expect(try Phrase(parsing: "  " + zeros.uppercased().split(separator: " ").joined(separator: " \n\t") + "\r\n").text == zeros)
        for _ in 0..<50 {
            let phrase = Phrase()
            #expect(try Phrase(parsing: phrase.text) == phrase)
            #expect(phrase.text.split(separator: " ").count == 24)
        }
        #expect(Phrase() != Phrase())
        let list = EnglishWords.list
        #expect(list.count == 2048)
        #expect(
            Hex.text(SHA256.hash(list.flatMap { $0 + [0x0a] })) == "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda")
        #expect(throws: PhraseError.checksum) { try Phrase(parsing: zeros.replacingLast("art", with: "abandon")) }
        #expect(throws: PhraseError.wordCount(23)) { try Phrase(parsing: String(zeros.dropLast(4))) }
        #expect(throws: PhraseError.wordCount(0)) { try Phrase(parsing: "") }
        let error = PhraseError.unknownWord([UInt8](text: "abandom"), place: 2)
        #expect(throws: error) { try Phrase(parsing: "abandon abandom about") }
        #expect(error.message.contains("abandom") && error.message.contains("2"))
    }

    /// Derivations are fixed for ever: a change would lose every member's credential.
    @Test func derivations() throws {
        let zeros = (0..<23).map { _ in "abandon" }.joined(separator: " ") + " art"
        let seed = Seed(try Phrase(parsing: zeros))
        let id = try Digest([UInt8](repeating: 3, count: 32)), code = try Digest([UInt8](repeating: 4, count: 32))
        let (scope, leaf) = (Scope.renew(community: id, epoch: 9), [UInt8](0..<33))
        let derived = [
            seed.secret(identity: 0), seed.secret(identity: 1), seed.issuanceBlinding(identity: 0, community: id, codeHash: code),
            seed.issuanceBlinding(identity: 1, community: id, codeHash: code),
            seed.issuanceBlinding(identity: 0, community: code, codeHash: id),
            seed.rerandomiser(identity: 0, scope: scope, leaf: leaf, retry: 0),
            seed.rerandomiser(identity: 0, scope: scope, leaf: leaf, retry: 1),
            seed.rerandomiser(identity: 0, scope: scope, leaf: leaf.reversed(), retry: 1),
            Seed(Phrase()).secret(identity: 0),
        ]
        #expect(Set(derived.map { $0.encoded }).count == derived.count)
        let twin = Derivation(entropy: [UInt8](repeating: 0, count: 32))
        #expect(derived[0] == twin.scalar("secret", [0, 0, 0, 0]))
        #expect(derived[3] == twin.scalar("issuance-blinding", [1, 0, 0, 0] + id.bytes + code.bytes))
        let prefixed = [46, 0, 0, 0] + scope.encoded
        #expect(derived[6] == twin.scalar("leaf-rerandomiser", [0, 0, 0, 0] + prefixed + leaf + [1, 0, 0, 0]))
        // By Python's hmac.
        #expect(Hex.text(derived[0].encoded) == "2a4c3b0254e47678a0e93352ffc09891c3c9966f4b329ce1e5ba480b62756af8")
        #expect(Hex.text(derived[2].encoded) == "85fd9198114e978c5c81c7b27990016908026c3446cbaa6667f6c3300dd24dc3")
        #expect(Hex.text(derived[5].encoded) == "be9315d443128f724418d1e604b84d84c2017c3f30b25929c3b5b738331b2950")
    }

    /// What docs/protocol/encodings.md says, written down once more.
    private struct Derivation {
        let entropy: [UInt8]

        func scalar(_ label: String, _ fields: [UInt8]) -> Fn {
            let info = Array(label.utf8) + fields + [0]
            let bytes = HKDFSHA256.derive(secret: entropy, salt: Array("SYMBOLON-V01-seed".utf8), info: info, count: 48)
            var value = Fn.zero
            for byte in bytes.reversed() { value = value * Fn(256) + Fn(UInt64(byte)) }
            return value
        }
    }

    @Test func claiming() throws {
        var wallet = Wallet(phrase: Phrase())
        let code = ClaimCode()
        let request = try wallet.beginClaim(community: f.community, code: code)
        #expect(wallet.pending.count == 1)
        #expect(try wallet.beginClaim(community: f.community, code: code) == request)
        #expect(wallet.pending.count == 1)
        let receipt = try f.receipt(request, values: [1, 2, 3, 4], index: 0)
        // A stranger's receipt, and one of another key.
        var stranger = Wallet(phrase: Phrase())
        #expect(throws: WalletError.notPending) { try stranger.finishClaim(receipt) }
        let forged = Receipt(
            community: receipt.community, codeHash: receipt.codeHash,
            issued: try Issuance.issue(
                request.message, values: [1, 2, 3, 5], schema: f.schema, community: f.community.id, codeHash: code.hash),
            epoch: 7, index: 0, time: 0, promisedBy: 0, signedBy: Ed25519SigningKey())
        #expect(throws: WalletError.receiptSignature) { try wallet.finishClaim(forged) }
        // The issuer signs a leaf that is not Q and the values.
        let other = try Issuance.issue(
            request.message, values: [9, 9, 3, 9], schema: f.schema, community: f.community.id, codeHash: code.hash)
        func signed(_ leaf: [UInt8], _ values: [Int64]) -> Receipt {
            func receipt(_ signature: [UInt8]) -> Receipt {
                Receipt(
                    community: f.community.id, codeHash: code.hash, blank: Array(request.message.prefix(33)), leaf: leaf, epoch: 7,
                    values: values, index: nil, time: 0, promisedBy: 0, signature: signature)
            }
            return receipt(f.key.sign(receipt([]).signedBytes))
        }
        #expect(throws: WalletError.leaf) { try wallet.finishClaim(signed(other.leaf, [1, 2, 3, 4])) }
        #expect(throws: WalletError.values(.value([UInt8](text: "group")))) { try wallet.finishClaim(signed(other.leaf, [1, 2, 9, 4])) }
        #expect(throws: WalletError.values(.valueCount)) { try wallet.finishClaim(signed(other.leaf, [1])) }
        #expect(wallet.pending.count == 1)
        let credential = try wallet.finishClaim(receipt)
        #expect(wallet.pending.isEmpty)
        #expect(wallet.credentials == [credential])
        #expect(credential.leaf == receipt.leaf)
        // The same code again, after a loss: the same Q, and the issuer's first answer fits.
        var restored = Wallet(phrase: wallet.seed.phrase)
        let again = try restored.beginClaim(community: f.community, code: code)
        #expect(again.message.prefix(33) == request.message.prefix(33))
        #expect(try restored.finishClaim(receipt) == credential)
        let second = try wallet.beginClaim(identity: 1, community: f.community, code: code)
        #expect(second.message.prefix(33) != request.message.prefix(33))
        wallet.forgetClaim(second)
        #expect(wallet.pending.isEmpty)
    }

    @Test func restoringFromTheLog() throws {
        var wallet = Wallet(phrase: Phrase())
        var entries: [LogEntry] = [
            .openEpoch(OpenedEntry(epoch: 7, depth: 2, batching: try Batching(leaves: 1, seconds: 1)))
        ]
        for i in 0..<4 {
            var someone = i % 2 == 0 ? wallet : Wallet(phrase: Phrase())
            let request = try someone.beginClaim(community: f.community, code: ClaimCode())
            let receipt = try f.receipt(request, values: [Int64(i), 2, 3, 4], index: UInt32(i))
            entries.append(
                .issued(
                    IssuedEntry(
                        epoch: 7, index: UInt32(i), codeHash: receipt.codeHash, message: request.message, values: receipt.values,
                        leaf: receipt.leaf)))
            if i % 2 == 0 { wallet = someone; _ = try wallet.finishClaim(receipt) }
        }
        var restored = Wallet(phrase: try Phrase(parsing: wallet.seed.phrase.text))
        #expect(try restored.restore(community: f.community, entries: entries) == 2)
        #expect(restored.credentials.map(\.leaf) == wallet.credentials.map(\.leaf))
        #expect(restored.credentials.map(\.index) == [0, 2])
        #expect(try restored.restore(community: f.community, entries: entries) == 0)
        #expect(try restored.restore(identity: 1, community: f.community, entries: entries) == 0)
        // What is restored presents as the first did.
        let tree = try f.tree(depth: 1, [restored.credentials[1]])
        let asked = try f.request(["votes >= 2"])
        _ = try restored.present(asked, with: restored.credentials[1], to: f.audience, path: tree.path(at: 0), now: f.now)
        var revoked = Wallet(phrase: wallet.seed.phrase)
        let removal = LogEntry.removed(RemovedEntry(epoch: 7, index: 0, leaf: restored.credentials[0].leaf))
        #expect(try revoked.restore(community: f.community, entries: entries + [removal]) == 1)
        #expect(revoked.credentials.map(\.index) == [2])
        #expect(try restored.restore(community: f.community, entries: entries + [removal]) == 0)
        // An entry of this wallet's Q with a leaf that is not Q and the values is no credential, and no silence.
        guard case .issued(let own) = entries[1] else { return }
        let wrong = IssuedEntry(
            epoch: 7, index: 9, codeHash: own.codeHash, message: own.message, values: [9, 2, 3, 4], leaf: own.leaf)
        var cheated = Wallet(phrase: wallet.seed.phrase)
        #expect(throws: WalletError.leaf) { try cheated.restore(community: f.community, entries: [.issued(wrong)]) }
    }

    @Test func secretsDoNotPrint() throws {
        let (wallet, credential) = try f.member([25, 3, 1, 0])
        let code = ClaimCode()
        let values: [any Sendable] = [credential, code, ClaimRequest(code: code, message: [])]
        for value in values { #expect(!"\(value)".contains("[") && Mirror(reflecting: value).children.isEmpty) }
        #expect("\(wallet)" == "Wallet" && "\(wallet.seed)" == "Seed" && "\(wallet.seed.phrase)" == "Phrase")
        var dumped = ""
        dump(wallet, to: &dumped)
        #expect(!dumped.contains("bytes"))
    }
}

extension String {
    fileprivate func replacingLast(_ word: String, with other: String) -> String { String(dropLast(word.count)) + other }
}
