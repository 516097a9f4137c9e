import Curves
import Membership
import Platform
import Reputation
import TestSupport
import Testing

struct LogTests {
    let f: Fixture

    init() throws { f = try Fixture() }

    private func entries() throws -> [LogEntry] {
        var wallet = Wallet(phrase: Phrase())
        let request = try wallet.beginClaim(community: f.community, code: ClaimCode())
        let receipt = try f.receipt(request, values: [1, 2, 3, 4])
        let root = try f.tree(depth: 2, []).root.encoded
        return [
            .openEpoch(OpenedEntry(epoch: 7, depth: 2, batching: try Batching(leaves: 64, seconds: 3600))),
            .issued(
                IssuedEntry(
                    epoch: 7, index: 0, codeHash: receipt.codeHash, message: request.message, values: receipt.values, leaf: receipt.leaf)),
            .removed(RemovedEntry(epoch: 7, index: 0, leaf: receipt.leaf)),
            .batch(BatchEntry(epoch: 7, depth: 2, leafCount: 1, root: root, schema: f.schema.digest, time: 9)),
            .batch(
                BatchEntry(epoch: 8, depth: 1, leafCount: 0, root: try f.tree(depth: 1, []).root.encoded, schema: f.schema.digest, time: 0)),
        ]
    }

    @Test func entryForms() throws {
        for entry in try entries() {
            #expect(try LogEntry(encoded: entry.encoded) == entry)
            #expect(entry.encoded.count < LogEntry.greatestLength)
            #expect(throws: FormatError.length) { try LogEntry(encoded: entry.encoded + [0]) }
            #expect(throws: FormatError.length) { try LogEntry(encoded: Array(entry.encoded.dropLast())) }
        }
        #expect(try entries()[0].encoded == [4, 7, 0, 0, 0, 2, 0, 0, 0, 64, 0, 0, 0, 16, 14, 0, 0])
        #expect(throws: FormatError.unknownKind) { try LogEntry(encoded: [10, 0]) }
        #expect(throws: FormatError.unknownKind) { try LogEntry(encoded: [0]) }
        #expect(throws: FormatError.length) { try LogEntry(encoded: []) }
        #expect(throws: FormatError.notCanonical) { try LogEntry(encoded: [4, 7, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]) }
        #expect(throws: FormatError.notCanonical) { try LogEntry(encoded: [4, 7, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]) }
        #expect(throws: FormatError.notCanonical) { try LogEntry(encoded: [4, 7, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]) }
        guard case .issued(let issued) = try entries()[1] else { return }
        #expect(issued.blank == Array(issued.message.prefix(33)))
    }

    @Test func hostileEntries() throws {
        var generator = SeededGenerator(seed: 31)
        let seeds = try entries().map(\.encoded)
        for round in 0..<5000 {
            let bytes = mutated(seeds[round % seeds.count], using: &generator)
            if let entry = try? LogEntry(encoded: bytes) { #expect(entry.encoded == bytes) }
            _ = try? LogEntry(encoded: [UInt8(1 + round % 5)] + generator.bytes(round % 400))
        }
    }

    /// The definition in RFC 6962 #2.1, word for word.
    private func plainRoot(_ entries: ArraySlice<[UInt8]>) -> Digest {
        if entries.isEmpty { return Digest.of([]) }
        if entries.count == 1 { return Digest.of([0] + entries[entries.startIndex]) }
        var k = 1
        while k * 2 < entries.count { k *= 2 }
        let middle = entries.startIndex + k
        return Digest.of([1] + plainRoot(entries[..<middle]).bytes + plainRoot(entries[middle...]).bytes)
    }

    @Test func merkleTrees() throws {
        // Leaves and roots of the certificate transparency reference implementation's tests.
        let known: [[UInt8]] = [
            [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43], [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            [0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ]
        var reference = MerkleTree()
        #expect(reference.root.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        for entry in known { reference.append(entry) }
        #expect(reference.root(size: 1)?.hex == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
        #expect(reference.root.hex == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")

        let entries = (0..<70).map { [UInt8($0), 1, 2] }
        var tree = MerkleTree()
        for size in 0...70 {
            #expect(tree.size == size && tree.root == plainRoot(entries[..<size]))
            #expect(tree.inclusionProof(of: size, size: size) == nil)
            for index in 0..<size {
                let proof = try #require(tree.inclusionProof(of: index, size: size))
                let leaf = MerkleTree.leafHash(entries[index])
                #expect(MerkleTree.verifyInclusion(leaf, index: index, size: size, root: tree.root, proof: proof))
                #expect(!MerkleTree.verifyInclusion(leaf, index: (index + 1) % 71, size: size, root: tree.root, proof: proof) || size == 1)
                #expect(!MerkleTree.verifyInclusion(leaf, index: index, size: size, root: Digest.of([]), proof: proof))
                #expect(!MerkleTree.verifyInclusion(leaf, index: index, size: size, root: tree.root, proof: proof + [leaf]))
            }
            for old in 0...size {
                #expect(tree.root(size: old) == plainRoot(entries[..<old]))
                guard let proof = tree.consistencyProof(from: old, to: size) else {
                    #expect(old == 0)
                    continue
                }
                let before = plainRoot(entries[..<old])
                #expect(MerkleTree.verifyConsistency(old: old, oldRoot: before, new: size, newRoot: tree.root, proof: proof))
                #expect(!MerkleTree.verifyConsistency(old: old, oldRoot: Digest.of([7]), new: size, newRoot: tree.root, proof: proof))
                #expect(!MerkleTree.verifyConsistency(old: old, oldRoot: before, new: size, newRoot: Digest.of([7]), proof: proof))
                #expect(!MerkleTree.verifyConsistency(old: old, oldRoot: before, new: size, newRoot: tree.root, proof: proof + [before]))
                if let first = proof.first, old < size {
                    var changed = proof
                    changed[0] = Digest.of(first.bytes)
                    #expect(!MerkleTree.verifyConsistency(old: old, oldRoot: before, new: size, newRoot: tree.root, proof: changed))
                }
            }
            if size < 70 { tree.append(entries[size]) }
        }
        #expect(tree.root(size: 71) == nil)
    }

    @Test func checkpoints() throws {
        var tree = MerkleTree()
        let all = try entries().prefix(4)
        for entry in all { tree.append(entry.encoded) }
        guard case .batch(let batch) = all[3] else { return }
        let checkpoint = Checkpoint(origin: f.community.origin, size: 4, root: tree.root, batch: batch)
        let lines = String(decoding: checkpoint.text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            lines.count == 5 && lines[0] == "symbolon.example/test" && lines[1] == "4" && lines[3].hasPrefix("symbolon-batch ")
                && lines[4].isEmpty)
        let note = checkpoint.signed(by: f.key)
        let read = try Checkpoint(note: note, community: f.community)
        #expect(read == checkpoint)
        try read.verifyBatch(proof: try #require(tree.inclusionProof(of: 3, size: 4)))
        #expect(throws: LogError.inclusion) { try read.verifyBatch(proof: try #require(tree.inclusionProof(of: 2, size: 4))) }
        let lying = Checkpoint(
            origin: f.community.origin, size: 4, root: tree.root,
            batch: BatchEntry(epoch: 7, depth: 2, leafCount: 2, root: batch.root, schema: batch.schema, time: 9))
        #expect(throws: LogError.inclusion) { try lying.verifyBatch(proof: try #require(tree.inclusionProof(of: 3, size: 4))) }

        let stranger = try Community(logKey: Ed25519SigningKey().publicKey, origin: f.community.origin, schema: f.schema)
        #expect(throws: LogError.signature) { try Checkpoint(note: note, community: stranger) }
        let renamed = try Community(logKey: f.key.publicKey, origin: [UInt8](text: "symbolon.example/other"), schema: f.schema)
        #expect(throws: LogError.signature) { try Checkpoint(note: note, community: renamed) }
        let reworded = try Community(logKey: f.key.publicKey, origin: f.community.origin, schema: Schema([.flag("x")]))
        #expect(throws: LogError.schema) { try Checkpoint(note: note, community: reworded) }
        // The log's own key under the head of another log.
        let foreign = Checkpoint(origin: [UInt8](text: "symbolon.example/other"), size: 4, root: tree.root, batch: batch).text
        let keyID = SignedNote.keyID(name: f.community.origin, publicKey: f.key.publicKey)
        let line = Array("\n— symbolon.example/test ".utf8) + Base64.standard.encode(keyID + f.key.sign(foreign)) + [0x0a]
        #expect(throws: LogError.origin) { try Checkpoint(note: foreign + line, community: f.community) }
        // A witness's line beside the log's is passed over, before and behind.
        let witness = try SignedNote(
            parsing: Checkpoint(origin: f.community.origin, size: 4, root: tree.root, batch: batch).signed(by: Ed25519SigningKey()))
        let signature = Array(witness.encoded.dropFirst(witness.text.count + 1))
        #expect(try Checkpoint(note: note + signature, community: f.community) == checkpoint)
        let text = checkpoint.text
        #expect(try Checkpoint(note: text + [0x0a] + signature + note.dropFirst(text.count + 1), community: f.community) == checkpoint)
        #expect(throws: LogError.signature) { try Checkpoint(note: witness.encoded, community: f.community) }

        var generator = SeededGenerator(seed: 41)
        for at in note.indices {
            var changed = note
            changed[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            #expect(throws: LogError.self) { try Checkpoint(note: changed, community: f.community) }
        }
        for _ in 0..<2000 {
            let bytes = mutated(note, using: &generator)
            if let accepted = try? Checkpoint(note: bytes, community: f.community) { #expect(accepted == checkpoint) }
        }
    }

    @Test(arguments: [
        "", "a\n1\n", "a\n01\nROOT\nBATCH\n", "a\n-1\nROOT\nBATCH\n", "a\n\nROOT\nBATCH\n", "a\n1\nROOT\n", "a\n1\nROOT\nBATCH\nBATCH\n",
        "a\n1\nROOT\nBATCH", "\n1\nROOT\nBATCH\n", "a\n1\nAAAA\nBATCH\n", "a\n1\nROOT\n\nBATCH\n", "a\n0\nROOT\nBATCH\n",
        "a\n99999999999999999999\nROOT\nBATCH\n",
    ])
    func checkpointTexts(_ form: String) throws {
        guard case .batch(let batch) = try entries()[3] else { return }
        let good = String(decoding: Checkpoint(origin: [UInt8](text: "a"), size: 1, root: Digest.of([]), batch: batch).text, as: UTF8.self)
        let lines = good.split(separator: "\n").map(String.init)
        _ = try Checkpoint(text: Array(good.utf8))
        func fill(_ text: String) -> [UInt8] {
            Array(
                text.split(separator: "\n", omittingEmptySubsequences: false).map {
                    $0 == "ROOT" ? lines[2] : $0 == "BATCH" ? lines[3] : String($0)
                }.joined(separator: "\n").utf8)
        }
        #expect(fill("a\n1\nROOT\nBATCH\n") == Array(good.utf8))
        #expect(throws: LogError.self) { try Checkpoint(text: fill(form)) }
    }

    /// A note that another implementation signed: the example of Go's sumdb/note.
    @Test func foreignNote() throws {
        let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
        let line = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
        let key = Array(try Base64.standard.decode([UInt8](text: "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")).dropFirst())
        let name = [UInt8](text: "PeterNeumann")
        #expect(Hex.text(SignedNote.keyID(name: name, publicKey: key)) == "c74f20a3")
        #expect(
            try VerifierKey(name: name, publicKey: key, purpose: .notes).text
                == [UInt8](text: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"))
        let note = try SignedNote(parsing: Array((text + "\n" + line).utf8))
        #expect(note.text == Array(text.utf8))
        try note.verify(name: name, publicKey: key)
        #expect(note.encoded == Array((text + "\n" + line).utf8))
        let changed = try SignedNote(parsing: Array((text.replacingFirst("answer", with: "Answer") + "\n" + line).utf8))
        #expect(throws: LogError.signature) { try changed.verify(name: name, publicKey: key) }
    }

    @Test(arguments: [
        "", "\n", "a\n", "a\n\n", "a\n\nb\n", "a\n\n— name\n", "a\n\n— name AAAA\n", "a\n\n— na+me AAAAAAA=\n", "a\n\n—  AAAAAAA=\n",
        "a\n\n— name AAAAAAA=", "a\n\n— name AAAAAAA=\n\n", "a\u{7}\n\n— name AAAAAAA=\n", "a\n\n- name AAAAAAA=\n",
        "a\n\n— name AAAAAA==\n",
    ])
    func malformedNotes(_ text: String) throws {
        _ = try SignedNote(parsing: Array("a\n\n— name AAAAAAA=\n".utf8))
        #expect(throws: LogError.note) { try SignedNote(parsing: Array(text.utf8)) }
    }
}

extension String {
    fileprivate func replacingFirst(_ word: String, with other: String) -> String {
        guard let range = firstRange(of: word) else { return self }
        return replacingCharacters(range, other)
    }

    private func firstRange(of word: String) -> Range<Index>? {
        indices.first { self[$0...].hasPrefix(word) }.map { $0..<index($0, offsetBy: word.count) }
    }

    private func replacingCharacters(_ range: Range<Index>, _ other: String) -> String {
        self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
