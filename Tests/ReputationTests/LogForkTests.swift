import Membership
import Platform
import Reputation
import TestSupport
import Testing

/// What two parties tell each other of a log, and the proof when they were shown different ones.
struct LogForkTests {
    let f: Fixture
    private let batch: BatchEntry

    init() throws {
        f = try Fixture()
        batch = BatchEntry(
            epoch: 1, depth: 1, leafCount: 0, root: try f.tree(depth: 1, []).root.encoded, schema: f.schema.digest, time: 9)
    }

    /// A log of batches at these times, and its checkpoints by their sizes.
    private func history(_ times: [Int64]) throws -> (log: MerkleTree, checkpoints: [SignedCheckpoint]) {
        var log = MerkleTree()
        var checkpoints: [SignedCheckpoint] = []
        for time in times {
            let entry = BatchEntry(epoch: 1, depth: 1, leafCount: 0, root: batch.root, schema: batch.schema, time: time)
            log.append(LogEntry.batch(entry).encoded)
            checkpoints.append(try signed(Checkpoint(origin: f.community.origin, size: log.size, root: log.root, batch: entry)))
        }
        return (log, checkpoints)
    }

    private func signed(_ checkpoint: Checkpoint) throws -> SignedCheckpoint {
        try SignedCheckpoint(note: checkpoint.signed(by: f.key), community: f.community)
    }

    @Test func everyPrefixIsContainedAndEveryOtherHistoryProved() throws {
        let times = (1...40).map { Int64($0) }
        let (log, own) = try history(times)
        for fork in [0, 1, 7, 8, 31, 38] {
            let (_, others) = try history(times.enumerated().map { $0.offset >= fork ? $0.element + 100 : $0.element })
            for newest in [17, 32, 40] {
                for (at, other) in others.enumerated() {
                    let standing = try log.standing(of: other, beside: own[newest - 1])
                    if at + 1 > newest {
                        #expect(standing == .open)
                    } else if at < fork {
                        #expect(standing == .contained)
                    } else {
                        guard case .contradicts(let proof) = standing else {
                            Issue.record("another history of \(at + 1) entries passes for one of \(newest)")
                            continue
                        }
                        #expect(try proof.holds(for: f.community))
                        #expect(try LogFork(json: JSON(parsing: proof.json.encoded())) == proof)
                    }
                }
            }
        }
        // Right root, wrong batch in the extension line, which nobody vouches for.
        let lying = try signed(Checkpoint(origin: f.community.origin, size: 5, root: own[4].checkpoint.root, batch: batch))
        #expect(throws: LogError.inclusion) { try log.standing(of: lying, beside: own[39]) }
        guard case .contradicts(let proof) = try log.standing(of: lying, beside: own[4]) else {
            Issue.record("two batches under one size")
            return
        }
        #expect(try proof.holds(for: f.community))
        // A copy that was lost: only what needs no log can be said.
        #expect(try MerkleTree().standing(of: own[3], beside: own[9]) == .open)
        #expect(try MerkleTree().standing(of: own[9], beside: own[9]) == .contained)
    }

    @Test func whatIsNoProofDoesNotHold() throws {
        let (log, own) = try history((1...20).map { Int64($0) })
        let (_, others) = try history((1...20).map { Int64($0 > 3 ? $0 + 100 : $0) })
        guard case .contradicts(let fork) = try log.standing(of: others[10], beside: own[19]) else {
            Issue.record("no contradiction")
            return
        }
        func holds(_ change: (inout [String: JSON]) -> Void) throws -> Bool {
            guard case .object(let members) = fork.json else { return false }
            var all = Dictionary(uniqueKeysWithValues: members.map { (String(decoding: $0.name, as: UTF8.self), $0.value) })
            change(&all)
            return try LogFork(json: .object(all.map { JSON.Member($0.key, $0.value) })).holds(for: f.community)
        }
        #expect(try holds { _ in })
        // One history: the smaller is a beginning of the larger.
        #expect(try !holds { $0["smaller"] = .string(own[10].note) })
        #expect(try !holds { $0["smaller"] = .string(own[19].note) })
        #expect(try !holds { $0["larger"] = $0["smaller"] })
        #expect(try !holds { ($0["smaller"], $0["larger"]) = ($0["larger"], $0["smaller"]) })
        #expect(try !holds { $0["root"] = .hex(others[10].checkpoint.root.bytes) })
        #expect(try !holds { $0["root"] = .hex(own[9].checkpoint.root.bytes) })
        #expect(try !holds { $0["root"] = nil })
        #expect(try !holds { $0["proof"] = .array([]) })
        guard case .array(let proof)? = fork.json["proof"] else { return }
        for i in proof.indices {
            #expect(try !holds { $0["proof"] = .array(proof.enumerated().filter { $0.offset != i }.map(\.element)) })
        }
        // Signed by somebody else, or not at all.
        var note = others[10].note
        note[note.count - 4] ^= 1
        #expect(throws: LogError.self) { try holds { $0["smaller"] = .string(note) } }
        #expect(throws: LogError.note) { try holds { $0["larger"] = .text("nothing") } }
        // Forms.
        for (name, value) in [
            ("version", JSON.integer(Int64(2))), ("smaller", .null), ("root", .text("00")), ("proof", .array([.text("zz")])),
            ("proof", .array([JSON](repeating: .hex([UInt8](repeating: 1, count: 32)), count: 64))), ("more", .null),
        ] {
            #expect(throws: JSONError.self) { try holds { $0[name] = value } }
        }
    }

    @Test func aWalletShowsNothingOfItsOwn() throws {
        let own = try history([1, 2, 3]).checkpoints[2]
        // Witnesses' times, signatures of unknown keys and a second one of the log itself stay behind.
        let witness = Ed25519SigningKey()
        var note = try SignedNote(parsing: own.note).adding(
            Cosignature.sign(text: own.checkpoint.text, time: 1234, name: Array("w.example/w".utf8), key: witness))
        note = note.adding(
            try SignedNote.Signature(
                line: Array("— mark.example/m \(String(decoding: Base64.standard.encode([1, 2, 3, 4, 5]), as: UTF8.self))".utf8)[...]))
        let marked = try SignedCheckpoint(note: note.encoded, community: f.community)
        #expect(marked.note != own.note)
        #expect(marked.told(to: nil, of: f.community) == own.note)
        // What is told is a checkpoint.
        #expect(try SignedCheckpoint(note: #require(marked.told(to: nil, of: f.community)), community: f.community) == own)
        // To somebody who is as far the wallet says what he said.
        let other = try history([1, 2]).checkpoints[1]
        #expect(marked.told(to: other, of: f.community) == own.note)
        #expect(own.told(to: marked, of: f.community) == own.note)
        // A line of one's own in the text, signed by the log: nothing is told.
        let text = own.checkpoint.text + Array("wallet 17\n".utf8)
        let line =
            Array("— ".utf8) + f.community.origin + [0x20]
            + Base64.standard.encode(SignedNote.keyID(name: f.community.origin, publicKey: f.community.logKey) + f.key.sign(text))
        let lined = try SignedCheckpoint(note: text + [0x0a] + line + [0x0a], community: f.community)
        #expect(lined.told(to: nil, of: f.community) == nil)
        #expect(lined.told(to: own, of: f.community) == own.note)
    }

    @Test func toldBesideRequestAndAnswer() throws {
        let note = try history([1]).checkpoints[0].note
        let request = try PresentationRequest(context: f.context(), scopes: [.signIn(audience: f.audience)])
        let plain = request.json(f.schema)
        let served = try JSON(parsing: plain.telling(checkpoint: note).encoded())
        let (content, told) = try served.separatingCheckpoint()
        #expect(told == note && content == plain)
        #expect(try PresentationRequest(json: content, schema: f.schema).context.digest() == request.context.digest())
        // It is no part of the request: who does not take it off is told so.
        #expect(throws: RequestError.self) { try PresentationRequest(json: served, schema: f.schema) }
        #expect(try plain.separatingCheckpoint().checkpoint == nil && plain.telling(checkpoint: nil) == plain)
        #expect(try JSON.null.separatingCheckpoint().content == .null)
        let long = [UInt8](repeating: 0x61, count: JSON.greatestToldCheckpoint + 1)
        #expect(plain.telling(checkpoint: long) == plain)
        for wrong in [JSON.null, .integer(Int64(1)), .array([]), .string(long)] {
            guard case .object(let members) = plain else { return }
            #expect(throws: JSONError.wrongValue(Array("checkpoint".utf8))) {
                try JSON.object(members + [.init("checkpoint", wrong)]).separatingCheckpoint()
            }
        }
    }
}
