import Platform
import Reputation
import Testing

/// The witness of `number`, with its key.
private func witness(_ number: UInt8) throws -> (key: Ed25519SigningKey, verifier: VerifierKey, text: String) {
    let key = try Ed25519SigningKey(seed: [UInt8](repeating: number, count: 32))
    let verifier = try VerifierKey(name: Array("witness.example/w\(number)".utf8), publicKey: key.publicKey, purpose: .cosignatures)
    return (key, verifier, String(decoding: verifier.text, as: UTF8.self))
}

struct CosignatureTests {
    private static let text = Array("symbolon.example/log\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n".utf8)

    private func note(_ signatures: SignedNote.Signature...) throws -> SignedNote {
        let log = try Ed25519SigningKey(seed: [UInt8](repeating: 99, count: 32))
        let line = Base64.standard.encode([1, 2, 3, 4] + log.sign(Self.text))
        let start = try SignedNote(parsing: Self.text + [0x0a] + Array("— symbolon.example/log ".utf8) + line + [0x0a])
        return signatures.reduce(start) { $0.adding($1) }
    }

    @Test func cosignatures() throws {
        let (key, verifier, _) = try witness(1)
        let signature = Cosignature.sign(text: Self.text, time: 1_679_315_147, name: verifier.name, key: key)
        // c2sp.org/tlog-cosignature, word for word: 8 bytes of time, then Ed25519 over head, time and text.
        #expect(Array(signature.bytes.prefix(8)) == [0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb])
        let message = Array("cosignature/v1\ntime 1679315147\n".utf8) + Self.text
        #expect(Ed25519.verify(signature: Array(signature.bytes.dropFirst(8)), message: message, publicKey: key.publicKey))
        #expect(signature.keyID == Array(SHA256.hash(verifier.name + [0x0a, 4] + key.publicKey).prefix(4)))
        let cosigned = try note(signature)
        #expect(try Cosignature.time(in: cosigned, by: verifier) == 1_679_315_147)
        #expect(try Cosignature.time(in: SignedNote(parsing: cosigned.encoded), by: verifier) == 1_679_315_147)
        #expect(try Cosignature.time(in: note(), by: verifier) == nil)
        #expect(try Cosignature.time(in: cosigned, by: witness(2).verifier) == nil)
        // Another time, a cut signature, one of the text alone: not passed over.
        var bytes = signature.bytes
        bytes[7] ^= 1
        for wrong in [bytes, Array(signature.bytes.dropLast()), [UInt8](repeating: 0, count: 8) + key.sign(Self.text)] {
            let line = Array("— ".utf8) + verifier.name + [0x20] + Base64.standard.encode(verifier.keyID + wrong)
            let altered = try note(SignedNote.Signature(line: line[...]))
            #expect(throws: LogError.signature) { try Cosignature.time(in: altered, by: verifier) }
        }
        // A newer one takes the older one's place.
        let again = cosigned.adding(Cosignature.sign(text: Self.text, time: 1_700_000_000, name: verifier.name, key: key))
        #expect(again.signatures.count == 2)
        #expect(try Cosignature.time(in: again, by: verifier) == 1_700_000_000)
    }

    @Test func keys() throws {
        let (_, verifier, text) = try witness(1)
        #expect(try VerifierKey(text: Array(text.utf8)) == verifier)
        for wrong in [
            "", "a", "a+b", text + "A", String(text.dropLast()), text.replacingOccurrences("w1", "w2"), text.replacingOccurrences("+", "-"),
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] {
            #expect(throws: FormatError.self) { try VerifierKey(text: Array(wrong.utf8)) }
        }
        // The example of Go's sumdb/note.
        let foreign = try VerifierKey(text: Array("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".utf8))
        #expect(foreign.purpose == .notes && foreign.name == Array("PeterNeumann".utf8))
    }

    @Test func quorums() throws {
        let all = try (UInt8(1)...4).map(witness)
        let head = all.enumerated().map { "witness w\($0.offset) \($0.element.text)\n" }.joined()
        func policy(_ rest: String) throws -> WitnessPolicy { try WitnessPolicy(parsing: Array((head + rest).utf8)) }
        func met(_ policy: WitnessPolicy, _ cosigned: [Int]) -> Bool { policy.isMet(by: (0..<4).map(cosigned.contains)) }
        let twoOfThree = try policy("# two of three\n\ngroup g 2 w0 w1 w2\nquorum g\n")
        #expect(met(twoOfThree, [0, 2]) && met(twoOfThree, [0, 1, 2, 3]) && !met(twoOfThree, [0, 3]) && !met(twoOfThree, []))
        let nested = try policy("group a any w0 w1\ngroup b all w2 w3\ngroup c all a b\n quorum\tc\n")
        #expect(met(nested, [1, 2, 3]) && !met(nested, [0, 1, 2]) && !met(nested, [2, 3]))
        let single = try policy("quorum w3\n"), nobody = try policy("quorum none")
        #expect(met(single, [3]) && !met(single, [0, 1, 2]))
        #expect(met(nobody, []) && nobody.isNone && WitnessPolicy.none.isNone)
        let cosigned = try note(Cosignature.sign(text: Self.text, time: 7, name: all[1].verifier.name, key: all[1].key)).encoded
        #expect(try twoOfThree.cosignatures(of: cosigned) == [nil, 7, nil, nil])
        #expect(throws: LogError.quorum) { try twoOfThree.verify(note: cosigned) }
        try policy("quorum w1").verify(note: cosigned)
        for wrong in [
            "", "quorum", "quorum x\n", "quorum w0\nquorum w0\n", "group g 0 w0\nquorum g\n", "group g 2 w0\nquorum g\n",
            "group g 01 w0\nquorum g\n", "group g any\nquorum g\n", "group g any w0 w0\nquorum g\n", "group g any x\nquorum g\n",
            "group g any g\nquorum g\n", "group g any w0\ngroup h any w0\nquorum g\n", "group w0 any w1\nquorum w0\n",
            "group none any w1\nquorum w0\n", "witness w0 \(try witness(9).text)\nquorum w0\n", "witness w9 \(all[0].text)\nquorum w0\n",
            "log \(all[0].text)\nquorum w0\n", "quorums w0\n", "quorum w0 w1\n", "witness w9\nquorum w0\n",
        ] {
            #expect(throws: FormatError.self, "\(wrong)") { try policy(wrong) }
        }
    }

    /// The example of c2sp.org/tlog-witness.
    @Test func requests() throws {
        let checkpoint = """
            example.com/behind-the-sofa
            20852163
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

            — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

            """
        let body = """
            old 20852014
            PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
            jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
            5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
            /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=


            """
        let request = try CosigningRequest(encoded: Array((body + checkpoint).utf8))
        #expect(request.oldSize == 20_852_014 && request.proof.count == 4 && request.note == Array(checkpoint.utf8))
        #expect(request.encoded == Array((body + checkpoint).utf8))
        let head = try TreeHead(text: SignedNote(parsing: request.note).text)
        #expect(head.origin == Array("example.com/behind-the-sofa".utf8) && head.size == 20_852_163 && head.extensions.isEmpty)
        for wrong in [
            "", "old 1\n", "old 01\n\n", "old -1\n\n", "old\n\n", "new 1\n\n", "old 1\nAAAA\n\n", "old 1 \n\n",
            "old 1\n" + String(repeating: "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n", count: 64) + "\n",
        ] {
            #expect(throws: LogError.note) { try CosigningRequest(encoded: Array(wrong.utf8)) }
        }
    }
}

extension String {
    fileprivate func replacingOccurrences(_ word: String, _ other: String) -> String {
        split(separator: word, omittingEmptySubsequences: false).joined(separator: other)
    }
}
