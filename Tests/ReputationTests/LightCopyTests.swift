import Curves
import Membership
import Platform
import Reputation
import TestSupport
import Testing

/// A community's published files in memory, and who fetches them; trees are narrow, so that few leaves make many buckets.
private struct LightServer {
    let community: Community
    let key: Ed25519SigningKey
    let shape: TreeShape
    var tree: CurveTree
    var log = MerkleTree()
    var epoch: UInt32 = 1
    var batch: BatchEntry
    var time: Int64 = 1000

    /// Three leaves below a node of level 1, 12 below one of level 2 (a bucket), 36 below one of level 3, 144 in all.
    static let (widthQ, widthP) = (3, 4)
    static let rule = LightRule.narrow(whole: 24, buckets: 4, widthQ: widthQ, widthP: widthP)

    init(_ f: Fixture, depth: Int = 4, key: Ed25519SigningKey? = nil) throws {
        (community, self.key) = (f.community, key ?? f.key)
        shape = try TreeShape(depth: depth, widthQ: Self.widthQ, widthP: Self.widthP, gates: 256)
        tree = CurveTree(shape: shape)
        batch = BatchEntry(epoch: 1, depth: 1, leafCount: 0, root: tree.root.encoded, schema: community.schema.digest, time: 0)
        close()
    }

    /// Ends a batch, behind so many entries that are of no interest here.
    mutating func close(entries: Int = 1) {
        for number in 0..<entries {
            log.append([UInt8(epoch & 255), UInt8(log.size & 255), UInt8(log.size >> 8 & 255), UInt8(number & 255)])
        }
        time += 100
        batch = BatchEntry(
            epoch: epoch, depth: UInt32(shape.depth), leafCount: UInt32(tree.leaves.count), root: tree.root.encoded,
            schema: community.schema.digest, time: time)
        log.append(LogEntry.batch(batch).encoded)
    }

    @discardableResult mutating func admit(_ count: Int) throws -> [Affine<Secp256k1>] {
        let leaves = LightCopyTests.leaves(count)
        try tree.append(leaves)
        close(entries: count)
        return leaves
    }

    mutating func remove(_ place: Int) throws {
        try tree.remove(at: place)
        close()
    }

    mutating func openEpoch() {
        (epoch, tree) = (epoch + 1, CurveTree(shape: shape))
    }

    func note() -> [UInt8] {
        Checkpoint(origin: community.origin, size: log.size, root: log.root, batch: batch).signed(by: key)
    }

    func checkpoint() throws -> SignedCheckpoint { try SignedCheckpoint(note: note(), community: community) }

    func bytes(_ part: LightPart) -> [UInt8]? {
        switch part {
        case .hashes(let tile): log.hashes(of: tile)
        case .tree(let file): file.size == log.size ? tree.children(level: file.level, index: file.index) : nil
        }
    }
}

/// What an update fetched.
private struct Fetched {
    var parts: [LightPart] = []
    var bytes = 0
    var tree: [TreePart] { parts.compactMap { if case .tree(let part) = $0 { part } else { nil } } }
}

extension LightCopy {
    /// Brings a copy up to date; the files come in whatever order, changed by `doctor`.
    fileprivate mutating func update(
        from server: LightServer, seen: [SignedCheckpoint] = [], afresh: Bool = false,
        doctor: (LightPart, [UInt8]) -> [UInt8] = { $1 }
    ) throws -> Fetched {
        var update = try LightUpdate(self, to: server.checkpoint(), seen: seen, afresh: afresh)
        var fetched = Fetched()
        while let part = update.wanted.randomElement() {
            let honest = try #require(server.bytes(part), "\(part) is wanted and not there")
            #expect(honest.count == update.length(of: part))
            let bytes = doctor(part, honest)
            fetched.parts.append(part)
            fetched.bytes += bytes.count
            try update.take(bytes, as: part)
        }
        self = try #require(update.copy)
        return fetched
    }
}

struct LightCopyTests {
    private let f: Fixture

    init() throws { f = try Fixture() }

    static func leaves(_ count: Int) -> [Affine<Secp256k1>] {
        Point.normalize((0..<count).map { _ in Secp256k1.bases.blinding.multiplied(by: .random()) }).compactMap { $0 }
    }

    private func copy(_ rule: LightRule = LightServer.rule) -> LightCopy { LightCopy(community: f.community, rule: rule) }

    @Test(arguments: 1...4) func everyLeafHasItsPath(depth: Int) throws {
        var server = try LightServer(f, depth: depth)
        var all = copy(.narrow(whole: 1000, buckets: 4, widthQ: LightServer.widthQ, widthP: LightServer.widthP))
        _ = try all.update(from: server)
        let count = min(server.shape.capacity, 59)
        let leaves = try server.admit(count)
        let fetched = try all.update(from: server)
        // Each node once, and nothing twice.
        #expect(fetched.tree.count == (1...depth).reduce(0) { $0 + server.shape.nodes(level: $1, leaves: count) })
        #expect(Set(fetched.parts).count == fetched.parts.count)
        for (place, leaf) in leaves.enumerated() {
            let path = try #require(all.path(of: leaf.encoded))
            #expect(all.place(of: leaf.encoded) == place && path.root == server.tree.root && path.isConsistent)
            let plain = try server.tree.path(at: place)
            #expect(path.stepsQ.map(\.slots) == plain.stepsQ.map(\.slots) && path.stepsP.map(\.slots) == plain.stepsP.map(\.slots))
        }
        #expect(all.path(of: Self.leaves(1)[0].encoded) == nil && all.path(of: []) == nil)
    }

    @Test func aChangeCostsTheWayToItAlone() throws {
        var server = try LightServer(f)
        try server.admit(48)
        var wallet = copy(.narrow(whole: 1000, buckets: 4, widthQ: LightServer.widthQ, widthP: LightServer.widthP))
        _ = try wallet.update(from: server)
        // Nothing new: nothing is fetched.
        #expect(try wallet.update(from: server).parts.isEmpty)
        // One leaf more: one part of each level, and the tile of hashes with the new entries.
        let new = try server.admit(1)
        var fetched = try wallet.update(from: server)
        #expect(fetched.tree.map(\.level).sorted() == [1, 2, 3, 4])
        #expect(fetched.parts.count == 5 && fetched.tree.allSatisfy { $0.size == server.log.size })
        #expect(wallet.path(of: new[0].encoded) != nil)
        // A leaf is taken out in the middle: the same, and the others still have their ways.
        try server.remove(17)
        fetched = try wallet.update(from: server)
        #expect(fetched.tree.sorted { $0.level < $1.level }.map(\.index) == [5, 1, 0, 0])
        for (place, leaf) in server.tree.leaves.enumerated() where leaf != nil {
            #expect(wallet.path(of: try #require(leaf).encoded)?.root == server.tree.root, "\(place)")
        }
        #expect(wallet.path(of: NodeChildren.removed) == nil)
        // A batch that changes no leaf costs hashes alone.
        server.close()
        #expect(try wallet.update(from: server).tree.isEmpty)
        #expect(wallet.path(of: new[0].encoded)?.root == server.tree.root)
        // A new epoch is a new tree.
        server.openEpoch()
        try server.admit(4)
        #expect(try wallet.update(from: server).tree.count == 2 + 1 + 1 + 1)
        #expect(wallet.path(of: new[0].encoded) == nil)
        // Stored and read back it is the same, and goes on.
        var again = try LightCopy(
            encoded: wallet.encoded, community: f.community,
            rule: .narrow(whole: 1000, buckets: 4, widthQ: LightServer.widthQ, widthP: LightServer.widthP))
        #expect(again.encoded == wallet.encoded)
        try server.admit(1)
        #expect(try again.update(from: server).tree.count == 4)
    }

    @Test func upToTheBoundEveryoneFetchesTheSame() throws {
        var server = try LightServer(f)
        let leaves = try server.admit(24)
        let wallets = (0..<2).map { _ in Wallet(phrase: Phrase()) }
        var fetched: [Set<LightPart>] = []
        for (wallet, leaf) in zip(wallets, [leaves[0], leaves[23]]) {
            var own = copy()
            fetched.append(Set(try own.update(from: server).parts))
            #expect(!own.wantsDraw && own.bucketCount == nil && !wallet.draw(for: &own))
            #expect(own.path(of: leaf.encoded) != nil)
        }
        #expect(fetched[0] == fetched[1])
    }

    @Test func aboveItBucketsAreDrawnOnceAnEpoch() throws {
        var server = try LightServer(f, depth: 4)
        let leaves = try server.admit(72)
        func rank(_ bucket: Int) -> UInt64 { UInt64([5, 3, 1, 2, 4, 0][bucket % 6]) }
        var own = copy()
        // Without a draw: all levels above the leaves.
        var fetched = try own.update(from: server)
        #expect(own.wantsDraw && own.bucketCount == 6 && fetched.tree.map(\.level).filter { $0 == 1 }.isEmpty)
        #expect(fetched.tree.count == 6 + 2 + 1 && own.path(of: leaves[0].encoded) == nil)
        // The own bucket, and the three others of the lowest rank: exactly their leaves.
        own.draw(own: [0..<1], rank: rank)
        #expect(own.drawn == [0, 2, 3, 5])
        fetched = try own.update(from: server)
        #expect(fetched.tree.map(\.level).allSatisfy { $0 == 1 } && Set(fetched.tree.map { $0.index / 4 }) == [0, 2, 3, 5])
        #expect(fetched.tree.count == 16 && fetched.parts.count == 16)
        #expect(own.path(of: leaves[0].encoded) != nil && own.path(of: leaves[12].encoded) == nil)
        // Another place, the same ranks.
        var other = copy()
        _ = try other.update(from: server)
        other.draw(own: [40..<41], rank: rank)
        #expect(other.drawn == [1, 2, 3, 5])
        // The tree grows: the draw stays, also through the stored form, and drawing again changes nothing.
        try server.admit(20)
        own = try LightCopy(encoded: own.encoded, community: f.community, rule: LightServer.rule)
        own.draw(own: [80..<81], rank: { UInt64($0) })
        #expect(own.drawn == [0, 2, 3, 5] && own.bucketCount == 6)
        fetched = try own.update(from: server)
        #expect(own.drawn == [0, 2, 3, 5] && own.bucketCount == 8)
        // The root, a new node of level 3, two of level 2, and none of their leaves.
        #expect(fetched.tree.map(\.level).sorted() == [2, 2, 3, 4] && own.path(of: leaves[0].encoded)?.root == server.tree.root)
        // A leaf of a bucket that was drawn goes: the way to it, four parts. Of one that was not: three.
        try server.remove(25)
        #expect(try own.update(from: server).tree.map(\.level).sorted() == [1, 2, 3, 4])
        try server.remove(12)
        #expect(try own.update(from: server).tree.map(\.level).sorted() == [2, 3, 4])
        // Another epoch: another draw.
        server.openEpoch()
        try server.admit(60)
        fetched = try own.update(from: server)
        #expect(own.drawn == nil && own.wantsDraw && fetched.tree.filter { $0.level == 1 }.isEmpty)
    }

    @Test func whoGrowsOverTheBoundFetchesNothingTwice() throws {
        var server = try LightServer(f)
        let leaves = try server.admit(24)
        var own = copy()
        _ = try own.update(from: server)
        // A leaf more than all are fetched of, one taken out in the first bucket, and none of the leaves are wanted before a draw.
        try server.admit(1)
        try server.remove(0)
        #expect(try own.update(from: server).tree.map(\.level).sorted() == [2, 2, 3, 4])
        #expect(own.wantsDraw && own.path(of: leaves[5].encoded)?.root == server.tree.root && own.path(of: leaves[1].encoded) == nil)
        // Then those that changed, and no others.
        own.draw(own: [20..<21]) { UInt64($0) }
        #expect(own.drawn == [0, 1, 2])
        #expect(try own.update(from: server).tree.map(\.index).sorted() == [0, 8])
        for leaf in server.tree.leaves { if let leaf { #expect(own.path(of: leaf.encoded)?.root == server.tree.root) } }
        // With fewer of them drawn the rest goes.
        try server.admit(60)
        var other = copy()
        _ = try other.update(from: server)
        other.draw(own: [20..<21]) { UInt64($0) }
        _ = try other.update(from: server)
        #expect(other.drawn == [0, 1, 2, 3])
        #expect(other.path(of: try #require(server.tree.leaves[60]).encoded) == nil)
    }

    @Test func theDrawIsNeverFewerAndTheSeedsOwn() throws {
        let rule = LightRule.standard
        let shape = try TreeShape(depth: 3)
        #expect(rule.bucketCount(shape, leaves: 100_000) == nil && rule.bucketCount(shape, leaves: 100_001) == 9)
        #expect(shape.span(2) == 12_480 && rule.bucketCount(shape, leaves: 1_000_000) == 81)
        let wallet = Wallet(phrase: Phrase())
        let again = Wallet(phrase: wallet.seed.phrase)
        func ranks(_ wallet: Wallet, _ epoch: UInt32, _ community: Digest) -> [UInt64] {
            (0..<81).map { wallet.seed.rank(ofBucket: $0, epoch: epoch, community: community, identity: 0) }
        }
        let first = ranks(wallet, 1, f.community.id)
        // A wallet that was brought back draws the same; another epoch, community or wallet is another draw.
        #expect(ranks(again, 1, f.community.id) == first)
        #expect(ranks(wallet, 2, f.community.id) != first && ranks(wallet, 1, f.audience) != first)
        #expect(ranks(Wallet(phrase: Phrase()), 1, f.community.id) != first)
        var counts = [Int](repeating: 0, count: 81)
        for own in 0..<81 {
            let drawn = rule.draw(own: [(own * 12_480)..<(own * 12_480 + 1)], of: 81, shape) { first[$0] }
            #expect(drawn.count == 8 && drawn.contains(own) && Set(drawn).count == 8 && drawn == drawn.sorted())
            for bucket in drawn { counts[bucket] += 1 }
        }
        // Each bucket is drawn by its own members, and seven or eight by all.
        #expect(counts.filter { $0 == 1 }.count == 73 && counts.filter { $0 >= 80 }.count == 7)
        // Where the own place is not known exactly, all that it can be and seven others.
        let wide = rule.draw(own: [(11 * 12_480 + 5)..<(14 * 12_480)], of: 81, shape) { first[$0] }
        #expect(wide.count == 3 + 7 && Set(wide).isSuperset(of: [11, 12, 13]))
        #expect(rule.draw(own: [0..<1_000_000], of: 81, shape) { first[$0] } == Array(0..<81))
        #expect(rule.draw(own: [0..<1], of: 5, shape) { first[$0] } == Array(0..<5))
        #expect(rule.draw(own: [3..<3], of: 81, shape) { first[$0] }.count == 8)
    }

    @Test func aWalletsOwnPlacesFollowFromTheLog() throws {
        var server = try LightServer(f)
        let rule = LightServer.rule
        var own = copy()
        try server.admit(40)
        _ = try own.update(from: server)
        // The copy saw 40 places before the claim and 46 after the promise: the leaf is among the six.
        let (before, issued) = (server.time, server.time + 10)
        try server.admit(6)
        _ = try own.update(from: server)
        try server.admit(14)
        _ = try own.update(from: server)
        #expect(own.window(issued: issued, promisedBy: before + 100) == 40..<46)
        #expect(own.window(issued: issued, promisedBy: before + 101) == 40..<60)
        #expect(own.window(issued: 0, promisedBy: before + 100) == 0..<46)
        #expect(own.window(issued: Int64.max, promisedBy: 0) == 60..<60)
        // A wallet that claimed in epoch 1 draws when the promise is due, and not before.
        var member = Wallet(phrase: Phrase())
        let request = try member.beginClaim(community: f.community, code: ClaimCode())
        let made = try Issuance.issue(
            request.message, values: [1, 2, 3, 4], schema: f.schema, community: f.community.id, codeHash: request.code.hash)
        let receipt = Receipt(
            community: f.community.id, codeHash: request.code.hash, issued: made, epoch: 1, index: nil, time: server.time + 10,
            promisedBy: server.time + 150, signedBy: f.key)
        _ = try member.finishClaim(receipt)
        try server.tree.append([Affine(encoded: made.leaf[...])])
        server.close()
        _ = try own.update(from: server)
        #expect(own.wantsDraw && !member.draw(for: &own))
        server.close()
        _ = try own.update(from: server)
        #expect(member.draw(for: &own))
        let drawn = try #require(own.drawn)
        #expect(drawn.contains(60 / 12) && drawn.count == 4)
        let fetched = try own.update(from: server)
        #expect(Set(fetched.tree.map { $0.index / 4 }) == Set(drawn))
        #expect(own.path(of: made.leaf)?.root == server.tree.root)
        // Somebody of another epoch draws nothing.
        var stranger = copy(rule)
        _ = try stranger.update(from: server)
        #expect(!Wallet(phrase: Phrase()).draw(for: &stranger) && stranger.drawn == nil)
    }

    // MARK: Hostile servers

    @Test func everyFileThatIsNotTheRightOneIsRefused() throws {
        var server = try LightServer(f)
        try server.admit(24)
        try server.remove(5)
        let rule = LightRule.narrow(whole: 1000, buckets: 4, widthQ: LightServer.widthQ, widthP: LightServer.widthP)
        var honest = copy(rule)
        let parts = try honest.update(from: server).parts
        #expect(parts.count == 8 + 2 + 1 + 1 + 1)
        var elsewhere = try LightServer(f)
        try elsewhere.admit(24)
        var generator = SeededGenerator(seed: 5)
        var before = copy(rule)
        let kept = before.encoded
        func refusal(_ part: LightPart, _ doctored: [UInt8]) throws -> String {
            do {
                _ = try before.update(from: server) { $0 == part ? doctored : $1 }
                return "taken"
            } catch let error as LightError { return error.code }
        }
        for part in parts {
            let bytes = try #require(server.bytes(part))
            var doctored = [Array(bytes.dropLast()), bytes + [0], [], Array(bytes.reversed()), [UInt8](repeating: 0, count: bytes.count)]
            if bytes.count >= 66 { doctored.append(Array(bytes[33...] + bytes[..<33])) }
            for _ in 0..<6 {
                var flipped = bytes
                flipped[Int(truncatingIfNeeded: generator.next() % UInt64(bytes.count))] ^= 1
                doctored.append(flipped)
            }
            // The same part of another tree, another part of this one, and more children than the tree has.
            if case .tree(let file) = part {
                doctored.append(try #require(elsewhere.tree.children(level: file.level, index: file.index)))
                doctored += parts.filter { $0 != part }.compactMap { server.bytes($0) }
                doctored.append(bytes + bytes.prefix(33))
            }
            for wrong in doctored where wrong != bytes {
                #expect(
                    try refusal(part, wrong)
                        == (part == parts.first { if case .hashes = $0 { true } else { false } } ? "log-tile" : "log-tree"))
            }
        }
        #expect(before.encoded == kept, "nothing is kept of what did not hold")
        // A tree that is not the one under the signed root, from its root on.
        let lying = elsewhere.tree
        #expect(throws: LightError.part) {
            try before.update(from: server) { part, bytes in
                guard case .tree(let file) = part else { return bytes }
                return lying.children(level: file.level, index: file.index) ?? []
            }
        }
        // What nobody asked for is passed over.
        var update = try LightUpdate(before, to: server.checkpoint())
        try update.take([1], as: .tree(TreePart(size: 1, level: 1, index: 0)))
        #expect(update.copy == nil && before.encoded == kept)
    }

    /// Two histories, with a proof that holds for anybody.
    private func expectFork(_ body: () throws -> Void) throws {
        do {
            try body()
            Issue.record("another history passes")
        } catch LightError.fork(let fork) { #expect(try fork.holds(for: f.community)) }
    }

    @Test func signedByOnesOwnKeyAndStillRefused() throws {
        var server = try LightServer(f)
        try server.admit(5)
        var own = copy()
        _ = try own.update(from: server)
        let early = server
        try server.admit(4)
        // Another batch in the line that repeats the last entry; a tree of no depth that is supported, more leaves than it holds.
        for (change, error) in [
            (
                BatchEntry(epoch: 1, depth: 4, leafCount: 9, root: early.batch.root, schema: f.schema.digest, time: 1),
                LightError.log(.inclusion)
            ),
            (BatchEntry(epoch: 1, depth: 4, leafCount: 145, root: early.batch.root, schema: f.schema.digest, time: 1), .log(.batch)),
        ] {
            var doctored = server
            doctored.batch = change
            #expect(throws: error) { try own.update(from: doctored) }
        }
        // A batch whose root is no tree of these leaves, rightly logged.
        var wrong = server
        wrong.batch = BatchEntry(epoch: 1, depth: 4, leafCount: 9, root: early.batch.root, schema: f.schema.digest, time: 1)
        wrong.log.append(LogEntry.batch(wrong.batch).encoded)
        #expect(throws: LightError.part) { try own.update(from: wrong) }
        // Older; and of the same size another.
        _ = try own.update(from: server)
        #expect(throws: LightError.log(.older)) { try own.update(from: early) }
        var same = early
        try same.admit(4)
        try expectFork { _ = try own.update(from: same) }
        // Another history, longer than this one.
        try same.admit(3)
        try expectFork { _ = try own.update(from: same) }
        // One that parts before the last full bundle does not go on from what is here; from the beginning its hashes show why.
        var (long, rewritten) = (server, same)
        long.close(entries: 600)
        rewritten.close(entries: 900)
        var far = own
        _ = try far.update(from: long)
        #expect(throws: LightError.log(.tile)) { try far.update(from: rewritten) }
        try expectFork { _ = try far.update(from: rewritten, afresh: true) }
        // A copy that was lost remembers its checkpoint, and what was heard counts as much.
        let remembered = try server.checkpoint()
        var fresh = copy()
        try expectFork { _ = try fresh.update(from: same, seen: [remembered]) }
        #expect(throws: LightError.log(.older)) { try fresh.update(from: early, seen: [remembered]) }
        try server.admit(2)
        _ = try fresh.update(from: server, seen: [remembered])
        #expect(fresh.known?.checkpoint.size == server.log.size)
    }

    @Test func aDamagedCopyIsNone() throws {
        var server = try LightServer(f)
        try server.admit(60)
        var own = copy()
        _ = try own.update(from: server)
        own.draw(own: [0..<1]) { UInt64($0) }
        _ = try own.update(from: server)
        let stored = own.encoded
        #expect(try LightCopy(encoded: stored, community: f.community, rule: LightServer.rule).encoded == stored)
        #expect(try LightCopy(encoded: copy().encoded, community: f.community, rule: LightServer.rule).known == nil)
        for place in stored.indices {
            var damaged = stored
            damaged[place] ^= 1
            #expect(throws: LightError.self) { try LightCopy(encoded: damaged, community: f.community, rule: LightServer.rule) }
        }
        for count in stride(from: 0, to: stored.count, by: 7) {
            #expect(throws: LightError.self) {
                try LightCopy(encoded: Array(stored.prefix(count)), community: f.community, rule: LightServer.rule)
            }
        }
        // Whole in itself, and still none: cut and digested anew, or of another community.
        for count in stride(from: 0, to: stored.count - 33, by: 11) {
            let cut = Array(stored.prefix(count))
            let copy = try? LightCopy(encoded: cut + Digest.of(cut).bytes, community: f.community, rule: LightServer.rule)
            #expect(copy?.known == nil)
        }
        let other = try Community(logKey: [UInt8](repeating: 3, count: 32), origin: f.community.origin, schema: f.schema)
        #expect(throws: LightError.format(.unknownKind)) { try LightCopy(encoded: stored, community: other, rule: LightServer.rule) }
    }

    @Test func namesOfParts() throws {
        for (part, name) in [
            (try TreePart(size: 1924, level: 1, index: 16), "tree/1924/1/016"), (try TreePart(size: 7, level: 4, index: 0), "tree/7/4/000"),
            (try TreePart(size: 1_000_000, level: 2, index: 1_234_067), "tree/1000000/2/x001/x234/067"),
        ] {
            #expect(part.path == Array(name.utf8))
            #expect(try TreePart(path: Array(name.utf8)) == part)
        }
        for wrong in [
            "", "tree", "tree/7/4", "tree/7/4/0", "tree/7/4/0000", "tree/07/4/000", "tree/0/4/000", "tree/7/0/000", "tree/7/5/000",
            "tree/7/4/x000/000", "tree/7/4/001/000", "tree/7/4/000/", "tree/-7/4/000", "Tree/7/4/000", "tree//4/000", "tree/7/04/000",
            "tree/7/4/x001/x001/x001/x001/x001/x001/001", "tree/9999999999999999/4/000", "tile/7/4/000",
        ] {
            #expect(throws: FormatError.self) { try TreePart(path: Array(wrong.utf8)) }
        }
        #expect(throws: FormatError.notCanonical) { try TreePart(size: 0, level: 1, index: 0) }
        #expect(throws: FormatError.notCanonical) { try TreePart(size: 1, level: 1, index: -1) }
    }

    // MARK: The log's hashes

    @Test func theLogOnlyGrowsAndWhatOthersKnowIsFoundInIt() throws {
        let rule = LightRule.narrow(whole: 1000, buckets: 4, widthQ: LightServer.widthQ, widthP: LightServer.widthP)
        var server = try LightServer(f, depth: 2)
        var own = copy(rule)
        var checkpoints: [SignedCheckpoint] = []
        // Small steps over the ends of bundles, and one long absence.
        for entries in [1, 100, 151, 1, 1, 253, 700, 3, 5000, 9000, 255, 256, 257, 1] {
            server.close(entries: entries)
            checkpoints.append(try server.checkpoint())
            if entries % 2 == 0 { continue }
            let fetched = try own.update(from: server)
            #expect(own.known == (try server.checkpoint()))
            #expect(fetched.parts.count <= 2 + 16 + 2 + 4)
            own = try LightCopy(encoded: own.encoded, community: f.community, rule: rule)
        }
        // What is not at hand any more is open: then it is heard, and one tile more settles it.
        for one in checkpoints {
            let standing = try own.standing(of: one)
            #expect(standing == .contained || (standing == .open && one.checkpoint.size < server.log.size - 4096))
        }
        #expect(try checkpoints.filter { try own.standing(of: $0) == .contained }.count >= 8)
        let unsettled = try #require(checkpoints.first { (try? own.standing(of: $0)) == .open })
        server.close()
        let fetched = try own.update(from: server, seen: [unsettled])
        let bundle = try LogTile(.hashes(level: 0), index: unsettled.checkpoint.size / LogTile.fullWidth)
        #expect(fetched.parts.count == 2 && fetched.parts.contains(.hashes(bundle)))
        #expect(try own.standing(of: unsettled) == .contained)
    }

    @Test func tilesThatAreWrongNeverPass() throws {
        let rule = LightRule.narrow(whole: 1000, buckets: 4, widthQ: LightServer.widthQ, widthP: LightServer.widthP)
        var server = try LightServer(f, depth: 1)
        var own = copy(rule)
        server.close(entries: 500)
        _ = try own.update(from: server)
        server.close(entries: 6000)
        let parts = try own.update(from: server).parts
        #expect(parts.contains { if case .hashes(let tile) = $0 { tile.content == .hashes(level: 1) } else { false } })
        own = copy(rule)
        var generator = SeededGenerator(seed: 9)
        for part in try own.update(from: server).parts {
            guard case .hashes(let tile) = part, let bytes = server.bytes(part) else { continue }
            for _ in 0..<20 {
                var wrong = bytes
                wrong[Int(truncatingIfNeeded: generator.next() % UInt64(bytes.count))] ^=
                    1 << UInt8(truncatingIfNeeded: generator.next() % 8)
                var fresh = copy(rule)
                #expect(throws: LightError.log(.tile)) { try fresh.update(from: server) { $0 == part ? wrong : $1 } }
            }
            for wrong in [[], Array(bytes.dropLast()), Array(bytes.dropLast(32)), bytes + bytes] {
                var fresh = copy(rule)
                #expect(throws: LightError.log(.tile), "\(tile)") { try fresh.update(from: server) { $0 == part ? wrong : $1 } }
            }
        }
    }
}
