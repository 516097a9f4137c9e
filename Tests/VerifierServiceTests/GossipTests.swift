import Foundation
import Membership
import Platform
import Reputation
import Testing
import VerifierService

@Suite("What wallet and verifier tell each other of the log") struct GossipTests {
    private func proof(_ found: ForkFound) throws -> LogFork {
        let path = try #require(found.path)
        return try LogFork(json: JSON(parsing: DurableFile.read(path, atMost: 1 << 20)))
    }

    private func found(_ body: () async throws -> Void) async throws -> ForkFound {
        do { try await body() } catch let found as ForkFound { return found }
        throw LogError.inclusion
    }

    @Test("A member who is shown another tree finds out from the verifier: at once, and when his copy gets there")
    func shownToTheMember() async throws {
        try await CommunityFixture.with { fixture in
            try await withTemporaryDirectory { path in
                let told = await fixture.issuer.state.checkpoint
                // The operator's log for this member only: as long as the real one, longer, shorter.
                for (admitted, size) in [(3, 6), (7, 10)] {
                    var other = try LogWriter(key: fixture.key)
                    try other.admit(admitted)
                    let directory = LogDirectory(path: path + "/\(size)")
                    var mirror = try await LogMirror(community: fixture.community, directory: directory)
                    #expect(try await mirror.update(from: other.source()).size == size)
                    let kept = try #require(mirror.told(to: nil))
                    let fork = try await found { try await mirror.hear(told) }
                    #expect(try proof(fork) == fork.fork && fork.fork.holds(for: fixture.community))
                    let file = try #require(fork.path)
                    #expect(file.hasPrefix(directory.path + "-fork-") && "\(fork)".contains(file))
                    // It is remembered by the next process too, and once however often it is met; the copy is as it was.
                    _ = try await found { try await mirror.hear(told) }
                    let again = try await LogMirror(community: fixture.community, directory: directory)
                    #expect(again.forks == [file] && again.told(to: nil) == kept)
                    // What was told is not what is told on.
                    #expect(mirror.told(to: told) == kept)
                }
                var short = try LogWriter(key: fixture.key)
                try short.admit(2)
                let directory = LogDirectory(path: path + "/short")
                var mirror = try await LogMirror(community: fixture.community, directory: directory)
                try await mirror.update(from: short.source())
                #expect(try await !mirror.hear(told) && mirror.forks.isEmpty)
                #expect(try await !mirror.hear(told), "heard twice is heard once")
                // Not reached, by this process or the next: older than what others have seen.
                mirror = try await LogMirror(community: fixture.community, directory: directory)
                await #expect(throws: LogError.older) { try await mirror.update(from: short.source()) }
                try short.admit(4)
                let fork = try await found { try await mirror.update(from: short.source()) }
                #expect(try proof(fork).holds(for: fixture.community) && mirror.forks.count == 1)
                // In memory the same, without a file.
                var loose = try await LogMirror(community: fixture.community)
                try await loose.update(from: short.source())
                #expect(try await found { try await loose.hear(told) }.path == nil)
            }
        }
    }

    @Test("What is ahead is remembered, never fetched for, and settled by the next fetch")
    func ahead() async throws {
        try await withTemporaryDirectory { path in
            var writer = try LogWriter()
            try writer.admit(2)
            let directory = LogDirectory(path: path + "/log")
            var mirror = try await LogMirror(community: writer.community, directory: directory)
            // Before there is a copy, too.
            let first = try #require(try writer.source().resources[LogNames.checkpoint])
            #expect(try await !mirror.hear(first))
            try await mirror.update(from: writer.source())
            #expect(try await mirror.hear(first))
            let early = try writer.source()
            var notes: [[UInt8]] = []
            for _ in 0..<17 {
                try writer.admit(2)
                notes.append(try #require(try writer.source().resources[LogNames.checkpoint]))
            }
            for note in notes.dropLast() { #expect(try await !mirror.hear(note)) }
            // None makes room for another.
            await #expect(throws: LogError.backlog) { try await mirror.hear(notes[16]) }
            await #expect(throws: LogError.older) { try await mirror.update(from: early) }
            // Two of one size that contradict each other need no log.
            var other = try LogWriter(key: writer.key)
            try other.admit(5)
            try other.admit(2)
            let contrary = try #require(try other.source().resources[LogNames.checkpoint])
            #expect(try Checkpoint(note: contrary, community: writer.community).size == 11)
            #expect(try Checkpoint(note: notes[1], community: writer.community).size == 11)
            _ = try await found { try await mirror.hear(contrary) }
            try await mirror.update(from: writer.source())
            for note in notes { #expect(try await mirror.hear(note)) }
            // A file that is not what was written is an error and no fresh start.
            try DurableFile.write(Array("{}".utf8), to: directory.path + "-heard.json")
            await #expect(throws: JSONError.self) { try await mirror.update(from: writer.source()) }
        }
    }

    @Test("Hostile notes are refused by their codes, and nothing is kept of them")
    func hostile() async throws {
        var writer = try LogWriter()
        try writer.admit(2)
        var mirror = try await LogMirror(community: writer.community)
        try await mirror.update(from: writer.source())
        let good = try #require(mirror.told(to: nil))
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var note = good
            note[Int.random(in: note.indices, using: &generator)] ^= UInt8(1 << Int.random(in: 0..<8, using: &generator))
            await #expect(throws: LogError.self) { try await mirror.hear(note) }
        }
        for note in [[], Array(good.dropLast()), good + good, [UInt8](repeating: 0x0a, count: 1 << 18)] {
            await #expect(throws: LogError.self) { try await mirror.hear(note) }
        }
        let stranger = try LogWriter()
        await #expect(throws: LogError.signature) {
            try await mirror.hear(try #require(try stranger.source().resources[LogNames.checkpoint]))
        }
        #expect(mirror.forks.isEmpty)
    }

    @Test("A verifier who is shown another tree, or whose visitor was, finds out and refuses; the request stays open")
    func shownToTheVerifier() async throws {
        try await CommunityFixture.with { fixture in
            try await withTemporaryDirectory { path in
                let watch = CheckpointWatch(issuer: fixture.issuer, prefix: path + "/checkpoints")
                let verifier = Verifier(
                    issuer: fixture.issuer, store: fixture.store, batches: BatchVerifier(pool: fixture.pool), watch: watch)
                let request = try await fixture.ask()
                let answer = try fixture.answer(0, request).json(fixture.community.schema)
                func verdict(_ body: JSON) async -> String {
                    do {
                        _ = try await verifier.accept(body.encoded(), audience: fixture.forum, now: CommunityFixture.now)
                        return "accepted"
                    } catch { return "\(Problem(error).status) \(Problem(error).code)" }
                }
                var other = try LogWriter(key: fixture.key)
                try other.admit(3)
                let contrary = try #require(try other.source().resources[LogNames.checkpoint])
                #expect(await verdict(answer.telling(checkpoint: contrary)) == "409 log-fork")
                #expect(await watch.forks == 1)
                let files = try FileManager.default.contentsOfDirectory(atPath: path)
                #expect(files.count == 1 && files[0].hasPrefix("checkpoints-fork-"))
                let proof = try LogFork(json: JSON(parsing: DurableFile.read(path + "/" + files[0], atMost: 1 << 20)))
                #expect(try proof.holds(for: fixture.community))
                // Counted again by the next process.
                #expect(await CheckpointWatch(issuer: fixture.issuer, prefix: path + "/checkpoints").forks == 1)
                // Hostile notes.
                var note = contrary
                note[note.count - 20] = note[note.count - 20] == 0x41 ? 0x42 : 0x41
                #expect(await verdict(answer.telling(checkpoint: note)) == "422 note-signature")
                #expect(await verdict(answer.telling(checkpoint: [0x61])) == "422 note-malformed")
                #expect(
                    await verdict(answer.telling(checkpoint: try LogWriter().source().resources[LogNames.checkpoint]))
                        == "422 note-signature")
                guard case .object(let members) = answer else { return }
                for wrong in [JSON.null, .string([UInt8](repeating: 0x61, count: JSON.greatestToldCheckpoint + 1))] {
                    #expect(await verdict(.object(members + [.init("checkpoint", wrong)])) == "400 json-value")
                }
                #expect(await watch.forks == 1)
                // Ahead of this log, which is no proof yet; and the honest one. The answer that is kept has neither beside it.
                try other.admit(4)
                let ahead = try #require(try other.source().resources[LogNames.checkpoint])
                #expect(await verdict(answer.telling(checkpoint: ahead)) == "accepted")
                #expect(try await fixture.store.acceptedPresentation(nonce: request.context.nonce)?.presentation == answer.encoded())
                let another = try fixture.answer(1, try await fixture.ask()).json(fixture.community.schema)
                #expect(await verdict(another.telling(checkpoint: await fixture.issuer.state.checkpoint)) == "accepted")
                try await watch.review()
                #expect(await watch.forks == 1)
                // The log gets there: then it is known.
                let people = (0..<6).map { MemberImport.Member(person: "later \($0)", values: [1, 2, 0]) }
                for code in try await MemberImport.makeCodes(
                    for: people, community: fixture.community.id, capacity: 12_480, store: fixture.store)
                {
                    var wallet = Wallet(phrase: Phrase())
                    let claim = try wallet.beginClaim(community: fixture.community, code: code.code)
                    _ = try await fixture.issuer.issue(claim.message, codeHash: code.code.hash, now: CommunityFixture.now)
                }
                try await fixture.issuer.closeBatchIfDue(now: CommunityFixture.now + 1)
                #expect(await fixture.issuer.state.log.size == 13)
                let late = try await found { try await watch.review() }
                #expect(try self.proof(late).holds(for: fixture.community))
                #expect(await watch.forks == 2)
                try await watch.review()
                #expect(await watch.forks == 2, "once for each that was heard")
            }
        }
    }
}
