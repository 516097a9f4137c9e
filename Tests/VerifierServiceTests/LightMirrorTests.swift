import Curves
import Foundation
import Membership
import Platform
import Reputation
import Synchronization
import Testing
import VerifierService

/// The static form of a log and of its tree in memory: the tree is narrow, so that few leaves make many buckets, and the log's entries are of
/// no interest but for their batches.
private struct TreeSource: LogSource {
    /// What was asked for.
    final class Watch: Sendable { let names = Mutex<[String]>([]) }

    static let rule = LightRule.narrow(whole: 24, buckets: 4, widthQ: 3, widthP: 4)

    let name = "a narrow tree"
    let community: Community
    let key: Ed25519SigningKey
    let watch = Watch()
    var tree: CurveTree
    var log = MerkleTree()
    var time: Int64 = 1000
    var doctored: [String: [UInt8]?] = [:]
    private var note: [UInt8] = []

    init(key: Ed25519SigningKey = Ed25519SigningKey()) throws {
        self.key = key
        community = try Community(logKey: key.publicKey, origin: Array("assembly".utf8), schema: CommunityFixture.schema())
        tree = CurveTree(shape: try TreeShape(depth: 4, widthQ: 3, widthP: 4, gates: 256))
        close()
    }

    mutating func close(entries: Int = 1) {
        for _ in 0..<entries { log.append([UInt8](repeating: UInt8(log.size & 255), count: 9)) }
        time += 100
        let batch = BatchEntry(
            epoch: 1, depth: 4, leafCount: UInt32(tree.leaves.count), root: tree.root.encoded, schema: community.schema.digest, time: time)
        log.append(LogEntry.batch(batch).encoded)
        note = Checkpoint(origin: community.origin, size: log.size, root: log.root, batch: batch).signed(by: key)
    }

    mutating func admit(_ count: Int, with own: [[UInt8]] = []) throws {
        let points = (0..<count).map { _ in Secp256k1.base.multiplied(by: .random()) }
        try tree.append(Point.normalize(points).compactMap { $0 } + own.map { try Affine(encoded: $0[...]) })
        close(entries: count + own.count)
    }

    func resource(_ path: String, atMost limit: Int) async throws -> [UInt8]? {
        watch.names.withLock { $0.append(path) }
        let bytes: [UInt8]?
        if let answer = doctored[path] {
            bytes = answer
        } else if path == LogNames.checkpoint {
            bytes = note
        } else if let part = try? TreePart(path: Array(path.utf8)) {
            bytes = part.size == log.size ? tree.children(level: part.level, index: part.index) : nil
        } else if let tile = try? LogTile(path: Array(path.utf8)) {
            bytes = log.hashes(of: tile)
        } else {
            bytes = nil
        }
        guard let bytes else { return nil }
        guard bytes.count <= limit else { throw LogSourceFailure.tooLarge(path) }
        return bytes
    }

    func hasAsked(_ path: String) -> Bool { watch.names.withLock { $0.contains(path) } }

    /// What was asked for since the last call.
    func asked() -> [String] {
        watch.names.withLock { names in
            defer { names = [] }
            return names
        }
    }
}

@Suite("Light copy of a tree") struct LightMirrorTests {
    private func code(_ mirror: inout LightMirror, _ source: TreeSource) async -> String {
        do {
            try await mirror.update(from: source)
            return "taken"
        } catch is ForkFound { return "log-fork" } catch let error as LogError { return error.code } catch let error as LightError {
            return error.code
        } catch {
            return "\(error)"
        }
    }

    @Test("Below the bound all members fetch the same, whatever their leaves; a change costs its way alone; it survives on disk")
    func grows() async throws {
        try await withTemporaryDirectory { path in
            var source = try TreeSource()
            try source.admit(24)
            var fetched: [Set<String>] = []
            for member in ["first", "last"] {
                var mirror = try LightMirror(community: source.community, prefix: "\(path)/\(member)/copy", rule: TreeSource.rule)
                try await mirror.update(from: source)
                fetched.append(Set(source.asked()))
                let leaf = try #require(member == "first" ? source.tree.leaves[0] : source.tree.leaves[23])
                #expect(mirror.copy.path(of: leaf.encoded)?.root == source.tree.root)
            }
            #expect(fetched[0] == fetched[1] && fetched[0].count == 1 + 1 + 8 + 2 + 1 + 1)
            // The next process finds it, and fetches what changed: a leaf in the middle goes.
            try source.tree.remove(at: 7)
            source.close()
            var again = try LightMirror(community: source.community, prefix: "\(path)/first/copy", rule: TreeSource.rule)
            #expect(again.copy.known != nil && again.copy.wantsDraw == false)
            try await again.update(from: source)
            let size = source.log.size
            #expect(
                Set(source.asked()) == [
                    "checkpoint", "tile/0/000.p/\(size)", "tree/\(size)/4/000", "tree/\(size)/3/000", "tree/\(size)/2/000",
                    "tree/\(size)/1/002",
                ])
            #expect(again.copy.path(of: try #require(source.tree.leaves[8]).encoded)?.root == source.tree.root)
            // Nothing new: nothing but the checkpoint.
            try await again.update(from: source)
            #expect(source.asked() == ["checkpoint"])
        }
    }

    @Test("Above it the wallet draws once, and fetches what it drew")
    func draws() async throws {
        try await withTemporaryDirectory { path in
            var source = try TreeSource()
            try source.admit(60)
            var mirror = try LightMirror(community: source.community, prefix: path + "/copy", rule: TreeSource.rule)
            // Before the claim.
            try await mirror.update(from: source)
            #expect(!source.asked().contains { $0.contains("/1/") })
            var wallet = Wallet(phrase: Phrase())
            let request = try wallet.beginClaim(community: source.community, code: ClaimCode())
            let issued = try Issuance.issue(
                request.message, values: [1, 2, 0], schema: source.community.schema, community: source.community.id,
                codeHash: request.code.hash)
            let receipt = Receipt(
                community: source.community.id, codeHash: request.code.hash, issued: issued, epoch: 1, index: nil, time: source.time + 1,
                promisedBy: source.time + 100, signedBy: source.key)
            let credential = try wallet.finishClaim(receipt)
            try source.admit(3, with: [credential.leaf])
            // Without the wallet nothing is drawn; with it all is fetched at once, and its leaf is there.
            try await mirror.update(from: source)
            #expect(mirror.copy.wantsDraw && !source.asked().contains { $0.contains("/1/") })
            try await mirror.update(from: source, for: wallet)
            let drawn = try #require(mirror.copy.drawn)
            #expect(drawn.count == 4 && drawn.contains(5))
            let buckets = Set(source.asked().filter { $0.contains("/1/") }.compactMap { Int($0.suffix(3)) }.map { $0 / 4 })
            #expect(buckets == Set(drawn))
            #expect(mirror.copy.path(of: credential.leaf)?.root == source.tree.root)
            // Another process without the wallet keeps what is drawn fresh; a wallet brought back from its words draws the same.
            try source.tree.remove(at: 60)
            source.close()
            var other = try LightMirror(community: source.community, prefix: path + "/copy", rule: TreeSource.rule)
            try await other.update(from: source)
            #expect(other.copy.drawn == drawn && other.copy.path(of: credential.leaf)?.root == source.tree.root)
            _ = source.asked()
            var restored = Wallet(phrase: wallet.seed.phrase)
            let entry = IssuedEntry(
                epoch: 1, index: 63, codeHash: request.code.hash, message: request.message, values: [1, 2, 0], leaf: credential.leaf)
            #expect(try restored.restore(community: source.community, entries: [.issued(entry)]) == 1)
            var fresh = try LightMirror(community: source.community, rule: TreeSource.rule)
            try await fresh.update(from: source, for: restored)
            #expect(fresh.copy.drawn == drawn)
        }
    }

    @Test("A server that lies in any file is refused, nothing of it is kept, and the honest one is taken again")
    func hostile() async throws {
        try await withTemporaryDirectory { path in
            var source = try TreeSource()
            try source.admit(20)
            let prefix = path + "/copy"
            var mirror = try LightMirror(community: source.community, prefix: prefix, rule: TreeSource.rule)
            try await mirror.update(from: source)
            _ = source.asked()
            let early = source
            try source.admit(2)
            var probe = try LightMirror(community: source.community, rule: TreeSource.rule)
            try await probe.update(from: source)
            let names = Set(source.asked())
            var other = try TreeSource(key: source.key)
            try other.admit(22)
            let kept = try DurableFile.read(prefix + "-light", atMost: 1 << 20)
            for name in names where name != "checkpoint" {
                let bytes = try #require(try await source.resource(name, atMost: 1 << 20))
                let isTree = name.hasPrefix("tree/")
                var flipped = bytes
                flipped[bytes.count / 2] ^= 4
                let elsewhere = try await other.resource(name, atMost: 1 << 20) ?? []
                for wrong in [nil, [], Array(bytes.dropLast()), bytes + [0], flipped, elsewhere] where wrong != bytes {
                    var lying = source
                    lying.doctored[name] = .some(wrong)
                    var fresh = try LightMirror(community: source.community, rule: TreeSource.rule)
                    let verdict = await code(&fresh, lying)
                    if wrong == nil {
                        #expect(verdict == "the log has no \(name)")
                    } else if wrong == bytes + [0], isTree {
                        #expect(verdict == "\(name) of the log is larger than it can be")
                    } else {
                        #expect(verdict == (isTree ? "log-tree" : "log-tile"))
                    }
                    #expect(fresh.copy.known == nil)
                }
            }
            // The same for what a copy that exists fetches of it.
            var lying = source
            lying.doctored["tree/\(source.log.size)/1/007"] = .some([UInt8](repeating: 2, count: 33))
            #expect(await code(&mirror, lying) == "log-tree")
            #expect(try DurableFile.read(prefix + "-light", atMost: 1 << 20) == kept)
            #expect(await code(&mirror, source) == "taken")
            // Older, another history, another key.
            #expect(await code(&mirror, early) == "checkpoint-older")
            #expect(await code(&mirror, try TreeSource()) == "note-signature")
            #expect(mirror.forks.isEmpty)
            try other.admit(9)
            #expect(await code(&mirror, other) == "log-fork")
            #expect(mirror.forks.count == 1 && mirror.copy.known?.checkpoint.size == source.log.size)
            let proof = try LogFork(json: JSON(parsing: DurableFile.read(mirror.forks[0], atMost: 1 << 20)))
            #expect(try proof.holds(for: source.community))
        }
    }

    @Test("Whatever is left of the files after a death, the copy goes on, and what was seen is not forgotten")
    func files() async throws {
        try await withTemporaryDirectory { path in
            var source = try TreeSource()
            try source.admit(20)
            let prefix = path + "/copy"
            let (file, checkpoint) = (prefix + "-light", prefix + "-light.checkpoint")
            var mirror = try LightMirror(community: source.community, prefix: prefix, rule: TreeSource.rule)
            try await mirror.update(from: source)
            let (oldFile, oldCheckpoint) = (try DurableFile.read(file, atMost: 1 << 20), try DurableFile.read(checkpoint, atMost: 1 << 20))
            let early = source
            try source.admit(3)
            try await mirror.update(from: source)
            let newFile = try DurableFile.read(file, atMost: 1 << 20)
            _ = source.asked()
            /// What the next process makes of these files.
            func next(_ copy: [UInt8]?, _ note: [UInt8]?, _ from: TreeSource) async throws -> String {
                for (path, bytes) in [(file, copy), (checkpoint, note)] {
                    if let bytes { try DurableFile.write(bytes, to: path) } else { try? FileManager.default.removeItem(atPath: path) }
                }
                var mirror = try LightMirror(community: source.community, prefix: prefix, rule: TreeSource.rule)
                let verdict = await code(&mirror, from)
                if verdict == "taken" {
                    for leaf in from.tree.leaves { #expect(mirror.copy.path(of: try #require(leaf).encoded)?.root == from.tree.root) }
                }
                return verdict
            }
            let newCheckpoint = try DurableFile.read(checkpoint, atMost: 1 << 20)
            var damaged = newFile
            damaged[newFile.count / 2] ^= 1
            // Between the two writes; and files that were lost, cut or damaged.
            for copy in [newFile, oldFile, damaged, Array(newFile.prefix(100)), [], nil] {
                for note in [oldCheckpoint, newCheckpoint] {
                    #expect(try await next(copy, note, source) == "taken")
                    if copy == newFile || note == newCheckpoint { #expect(try await next(copy, note, early) == "checkpoint-older") }
                }
                _ = source.asked()
            }
            #expect(try await next(newFile, oldCheckpoint, source) == "taken")
            #expect(source.asked() == ["checkpoint"], "the copy was newer than the checkpoint beside it")
            // Another history after the copy was lost.
            var other = try TreeSource(key: source.key)
            try other.admit(40)
            #expect(try await next(nil, newCheckpoint, other) == "log-fork")
            // A checkpoint that is not one is an error and no fresh start.
            try DurableFile.write([1, 2, 3], to: checkpoint)
            #expect(throws: LogError.note) { try LightMirror(community: source.community, prefix: prefix, rule: TreeSource.rule) }
        }
    }

    @Test("A tree that is replaced while it is fetched is fetched anew; what others tell is heard")
    func replaced() async throws {
        try await withTemporaryDirectory { path in
            var source = try TreeSource()
            try source.admit(20)
            let early = source
            try source.admit(2)
            // The checkpoint of before, and then parts of the tree of now: a reader that began too late begins again.
            let now = source
            var moving = source
            moving.doctored[LogNames.checkpoint] = try await early.resource(LogNames.checkpoint, atMost: 1 << 17)
            var mirror = try LightMirror(community: source.community, prefix: path + "/copy", rule: TreeSource.rule)
            #expect(await code(&mirror, moving) == "the log has no tree/\(early.log.size)/4/000")
            struct Turning: LogSource {
                let name = "two states"
                let before: TreeSource
                let after: TreeSource

                func resource(_ path: String, atMost limit: Int) async throws -> [UInt8]? {
                    let isFirst = path == LogNames.checkpoint && !before.hasAsked(path)
                    return try await (isFirst ? before : after).resource(path, atMost: limit)
                }
            }
            _ = early.asked()
            #expect(try await mirror.update(from: Turning(before: early, after: source)).size == source.log.size)
            // Ahead, contained, contradicting.
            try source.admit(1)
            let ahead = try #require(try await source.resource(LogNames.checkpoint, atMost: 1 << 17))
            #expect(try await !mirror.hear(ahead))
            #expect(await code(&mirror, now) == "checkpoint-older")
            try await mirror.update(from: source)
            #expect(try await mirror.hear(ahead) && mirror.told(to: nil) == ahead)
            #expect(try await mirror.hear(try #require(try await early.resource(LogNames.checkpoint, atMost: 1 << 17))))
            var other = try TreeSource(key: source.key)
            try other.admit(4)
            let contrary = try #require(try await other.resource(LogNames.checkpoint, atMost: 1 << 17))
            await #expect(throws: ForkFound.self) { try await mirror.hear(contrary) }
            #expect(mirror.forks.count == 1)
            // A proof that the copy of the whole log found counts for this one too.
            #expect(try await LogMirror(community: source.community, directory: LogDirectory(path: path + "/copy")).forks == mirror.forks)
        }
    }
}

@Suite("The tree part by part") struct PublishedTreeTests {
    @Test("The service gives the parts of its newest tree, for a time those of the trees before it, and nothing else")
    func service() async throws {
        try await CommunityFixture.with { fixture in
            let issuer = fixture.issuer
            func all(_ tree: CurveTree, _ size: Int) throws -> [(TreePart, [UInt8])] {
                try (1...2).flatMap { level in
                    try (0..<tree.shape.nodes(level: level, leaves: tree.leaves.count)).map { index in
                        (try TreePart(size: size, level: level, index: index), try #require(tree.children(level: level, index: index)))
                    }
                }
            }
            func join(_ count: Int, _ name: String, at time: Int64) async throws {
                let people = (0..<count).map { MemberImport.Member(person: "\(name) \($0)", values: [1, 2, 0]) }
                for code in try await MemberImport.makeCodes(
                    for: people, community: fixture.community.id, capacity: 12_480, store: fixture.store)
                {
                    var wallet = Wallet(phrase: Phrase())
                    let claim = try wallet.beginClaim(community: fixture.community, code: code.code)
                    _ = try await issuer.issue(claim.message, codeHash: code.code.hash, now: time)
                }
                try await issuer.closeBatchIfDue(now: time)
            }
            var published = [(await issuer.state.log.size, await issuer.state.tree)]
            let now = CommunityFixture.now
            for (count, name) in [(130, "a"), (3, "b"), (120, "c")] {
                try await join(count, name, at: now + 10)
                published.append((await issuer.state.log.size, await issuer.state.tree))
            }
            for (size, tree) in published {
                for (part, bytes) in try all(tree, size) { #expect(await issuer.children(part) == bytes, "\(part)") }
                let beyond = tree.shape.nodes(level: 1, leaves: tree.leaves.count)
                #expect(await issuer.children(try TreePart(size: size, level: 1, index: beyond)) == nil)
                #expect(await issuer.children(try TreePart(size: size, level: 3, index: 0)) == nil)
                #expect(await issuer.children(try TreePart(size: size + 1, level: 1, index: 0)) == nil)
            }
            // After the time they are gone, the newest is not.
            try await join(3, "d", at: now + 10 + Issuer.leastTreeSeconds)
            for (size, tree) in published.dropLast() {
                for (part, _) in try all(tree, size) { #expect(await issuer.children(part) == nil) }
            }
            let last = try #require(published.last)
            for (part, bytes) in try all(last.1, last.0) { #expect(await issuer.children(part) == bytes) }
        }
    }

    @Test("An export holds the tree of its checkpoint, and the one before until the next; a copy from it presents")
    func export() async throws {
        try await CommunityFixture.with { fixture in
            try await withTemporaryDirectory { path in
                let directory = LogDirectory(path: path + "/log")
                // What a death in the middle of an export leaves.
                try FileManager.default.createDirectory(atPath: directory.path + "/tree/new/1", withIntermediateDirectories: true)
                try DurableFile.write([1, 2], to: directory.path + "/tree/new/1/999")
                let first = try await directory.export(fixture.community, from: fixture.store).size
                func folders() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory.path + "/tree").sorted() }
                #expect(try folders() == ["\(first)"])
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/tree/\(first)/1") == ["000"])
                var mirror = try LightMirror(community: fixture.community)
                try await mirror.update(from: directory)
                let credential = fixture.wallets[0].credentials[0]
                let path = try #require(mirror.copy.path(of: credential.leaf))
                let request = try await fixture.ask()
                let answer = try fixture.wallets[0].present(
                    request, with: credential, to: fixture.forum, path: path, now: CommunityFixture.now)
                #expect(try await fixture.verdict(answer) == "accepted")
                let people = (0..<3).map { MemberImport.Member(person: "later \($0)", values: [1, 2, 0]) }
                for code in try await MemberImport.makeCodes(
                    for: people, community: fixture.community.id, capacity: 12_480, store: fixture.store)
                {
                    var wallet = Wallet(phrase: Phrase())
                    let claim = try wallet.beginClaim(community: fixture.community, code: code.code)
                    _ = try await fixture.issuer.issue(claim.message, codeHash: code.code.hash, now: CommunityFixture.now)
                }
                try await fixture.issuer.closeBatchIfDue(now: CommunityFixture.now)
                let second = try await directory.export(fixture.community, from: fixture.store).size
                #expect(try folders() == ["\(second)", "\(first)"].sorted())
                try await mirror.update(from: directory)
                #expect(mirror.copy.known?.checkpoint.size == second)
                _ = try await directory.export(fixture.community, from: fixture.store)
                #expect(try folders() == ["\(second)"])
                // The tree does not disturb those who read the log.
                #expect(try await Audit(of: directory, id: fixture.community.id, now: CommunityFixture.now).findings.isEmpty)
            }
        }
    }
}
