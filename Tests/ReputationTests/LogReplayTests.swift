import Curves
import Membership
import Reputation
import Testing

/// A log of a small community, written entry by entry.
private struct Writer {
    let f: Fixture
    var replay: LogReplay
    var entries: [[UInt8]] = []

    init(_ f: Fixture, depth: LogReplay.Depth = .issuance) throws {
        self.f = f
        replay = LogReplay(community: f.community, depth: depth)
    }

    mutating func apply(_ entry: LogEntry) throws(LogViolation) {
        try replay.apply(entry.encoded)
        entries.append(entry.encoded)
    }

    mutating func open(_ epoch: UInt32 = 1, leaves: UInt32 = 2, seconds: UInt32 = 100) throws {
        try apply(.openEpoch(OpenedEntry(epoch: epoch, depth: 1, batching: try Batching(leaves: leaves, seconds: seconds))))
    }

    mutating func close(time: Int64) throws { try apply(.batch(try replay.closing(time: time))) }

    mutating func end(time: Int64) throws {
        try apply(.closeEpoch(replay.epochs.current))
        try close(time: time)
    }
}

struct LogReplayTests {
    let f: Fixture

    init() throws { f = try Fixture() }

    private func issued(_ values: [Int64] = [1, 2, 3, 4], code: ClaimCode = ClaimCode()) throws -> IssuedEntry {
        var wallet = Wallet(phrase: Phrase())
        let request = try wallet.beginClaim(community: f.community, code: code)
        let issued = try Issuance.issue(request.message, values: values, schema: f.schema, community: f.community.id, codeHash: code.hash)
        return IssuedEntry(epoch: 1, index: 0, codeHash: code.hash, message: request.message, values: values, leaf: issued.leaf)
    }

    /// Entries in the order of their leaves, in places from `first` on.
    private func placed(_ entries: [IssuedEntry], from first: Int = 0, epoch: UInt32 = 1) -> [LogEntry] {
        entries.sorted { $0.leaf.lexicographicallyPrecedes($1.leaf) }.enumerated().map { offset, entry in
            .issued(entry.with(epoch: epoch, index: UInt32(first + offset)))
        }
    }

    /// What a writer in this state says to an entry, leaving it as it is.
    private func verdict(_ writer: Writer, _ entry: LogEntry) -> LogViolation.Rule? {
        var copy = writer
        return violation { try copy.apply(entry) }
    }

    @Test func treeIsAFunctionOfTheLog() throws {
        var writer = try Writer(f)
        #expect(!writer.replay.isComplete && writer.replay.tree == nil)
        try writer.open()
        try writer.close(time: 10)
        let members = try (0..<3).map { _ in try issued() }
        for entry in placed(members) { try writer.apply(entry) }
        #expect(!writer.replay.isComplete && writer.replay.tree?.leaves.isEmpty == true)
        try writer.close(time: 20)
        guard case .issued(let second) = try LogEntry(encoded: writer.entries[3]) else { return }
        try writer.apply(.removed(RemovedEntry(epoch: 1, index: 1, leaf: second.leaf)))
        try writer.close(time: 20)
        let tree = try #require(writer.replay.tree)
        #expect(tree.leaves.map { $0 == nil } == [false, true, false])
        #expect(writer.replay.appended == 3 && writer.replay.removed == 1 && writer.replay.batches == 3)
        var plain = CurveTree(shape: try TreeShape(depth: 1))
        try plain.append(members.map { try Affine(encoded: $0.leaf[...]) }.sorted { $0.encoded.lexicographicallyPrecedes($1.encoded) })
        try plain.remove(at: 1)
        #expect(tree.root == plain.root)
        // Whoever reads it gets the same, in whatever depth.
        for depth in [LogReplay.Depth.tree, .issuance] {
            var again = LogReplay(community: f.community, depth: depth)
            for entry in writer.entries { try again.apply(entry) }
            let checkpoint = Checkpoint(
                origin: f.community.origin, size: again.size, root: again.log.root, batch: try #require(again.batch))
            #expect(again.tree?.root == tree.root && again.agrees(with: checkpoint))
            let longer = Checkpoint(origin: f.community.origin, size: again.size + 1, root: again.log.root, batch: checkpoint.batch)
            #expect(!again.agrees(with: longer))
        }
        // The next epoch begins empty.
        try writer.end(time: 30)
        try writer.open(2)
        #expect(writer.replay.tree?.leaves.isEmpty == true && writer.replay.epochs.current == 2)
    }

    @Test func epochs() throws {
        var writer = try Writer(f)
        let entry = try issued()
        #expect(verdict(writer, .issued(entry)) == .epoch)
        #expect(verdict(writer, .removed(RemovedEntry(epoch: 1, index: 0, leaf: entry.leaf))) == .epoch)
        #expect(violation { _ = try writer.replay.closing(time: 0) } == .epoch)
        for number in [UInt32(0), 2] {
            #expect(
                violation {
                    var copy = writer; try copy.open(number)
                } == .epoch)
        }
        try writer.open()
        // An epoch has a batch before the next begins.
        #expect(
            violation {
                var copy = writer; try copy.open(2)
            } == .unfinished)
        try writer.close(time: 1)
        #expect(
            violation {
                var copy = writer; try copy.open(1)
            } == .epoch)
        #expect(
            violation {
                var copy = writer; try copy.open(3)
            } == .epoch)
        #expect(verdict(writer, .issued(entry.with(epoch: 2, index: 0))) == .epoch)
        try writer.apply(.issued(entry))
        #expect(
            violation {
                var copy = writer; try copy.open(2)
            } == .unfinished)
        #expect(!writer.replay.isComplete)
        #expect(violation { try writer.replay.apply([10]) } == .format(.unknownKind))
    }

    @Test func leaves() throws {
        var writer = try Writer(f)
        try writer.open()
        try writer.close(time: 1)
        let pair = placed(try (0..<2).map { _ in try issued() })
        guard case .issued(let low) = pair[0], case .issued(let high) = pair[1] else { return }
        #expect(verdict(writer, .issued(low.with(epoch: 1, index: 1))) == .index)
        #expect(verdict(writer, .issued(low.with(values: [1, 2, 3]))) == .values(.valueCount))
        #expect(verdict(writer, .issued(low.with(values: [1, 2, 9, 4]))) == .values(.value(Array("group".utf8))))
        try writer.apply(pair[0])
        #expect(verdict(writer, .issued(low.with(epoch: 1, index: 1))) == .leafRepeated)
        var inverted = try Writer(f)
        try inverted.open()
        try inverted.close(time: 1)
        try inverted.apply(.issued(high.with(epoch: 1, index: 0)))
        #expect(verdict(inverted, .issued(low.with(epoch: 1, index: 1))) == .order)
        // The same code or the same commitment for another leaf.
        var other = try issued()
        while !low.leaf.lexicographicallyPrecedes(other.leaf) { other = try issued() }
        #expect(verdict(writer, .issued(other.with(epoch: 1, index: 1, codeHash: low.codeHash))) == .codeRepeated)
        #expect(verdict(writer, .issued(other.with(epoch: 1, index: 1, message: low.message))) == .blankRepeated)
        #expect(verdict(writer, .issued(other.with(epoch: 1, index: 1))) == nil)
    }

    @Test func removals() throws {
        var writer = try Writer(f)
        try writer.open()
        try writer.close(time: 1)
        let pair = placed(try (0..<2).map { _ in try issued() })
        guard case .issued(let low) = pair[0], case .issued(let high) = pair[1] else { return }
        for entry in pair { try writer.apply(entry) }
        let removal = LogEntry.removed(RemovedEntry(epoch: 1, index: 0, leaf: low.leaf))
        #expect(verdict(writer, removal) == .removal, "not before it is in the tree")
        try writer.close(time: 1)
        #expect(verdict(writer, .removed(RemovedEntry(epoch: 1, index: 1, leaf: low.leaf))) == .removal)
        #expect(verdict(writer, .removed(RemovedEntry(epoch: 1, index: 2, leaf: high.leaf))) == .removal)
        #expect(verdict(writer, .removed(RemovedEntry(epoch: 1, index: .max, leaf: high.leaf))) == .removal)
        try writer.apply(removal)
        #expect(verdict(writer, removal) == .removal)
        // Revoked and let in again, in the same batch and later.
        #expect(verdict(writer, .issued(low.with(epoch: 1, index: 2))) == .restored)
        try writer.close(time: 1)
        #expect(verdict(writer, removal) == .removal)
        #expect(verdict(writer, .issued(low.with(epoch: 1, index: 2))) == .restored)
        try writer.end(time: 2)
        try writer.open(2)
        #expect(verdict(writer, .issued(low.with(epoch: 2, index: 0))) == .restored)
        #expect(verdict(writer, .issued(high.with(epoch: 2, index: 0))) == .leafRepeated)
    }

    @Test func batches() throws {
        var writer = try Writer(f)
        try writer.open()
        let early = try issued()
        var eager = writer
        try eager.apply(.issued(early))
        #expect(violation { try eager.close(time: 1_000_000) } == .batchTooSmall, "no time has passed when an epoch opens")
        try writer.close(time: 1000)
        try writer.apply(.issued(early))
        let good = try writer.replay.closing(time: 1100)
        func batch(
            epoch: UInt32? = nil, depth: UInt32? = nil, leafCount: UInt32? = nil, root: [UInt8]? = nil, schema: Digest? = nil,
            time: Int64? = nil
        ) -> LogEntry {
            .batch(
                BatchEntry(
                    epoch: epoch ?? good.epoch, depth: depth ?? good.depth, leafCount: leafCount ?? good.leafCount, root: root ?? good.root,
                    schema: schema ?? good.schema, time: time ?? good.time))
        }
        let otherRoot = try f.tree(depth: 1, []).root.encoded
        #expect(verdict(writer, batch(time: 1099)) == .batchTooSmall)
        #expect(verdict(writer, batch(time: 999)) == .time)
        #expect(verdict(writer, batch(epoch: 2)) == .epoch)
        #expect(verdict(writer, batch(depth: 3)) == .shape)
        #expect(verdict(writer, batch(leafCount: 2)) == .shape)
        #expect(verdict(writer, batch(root: otherRoot)) == .root)
        #expect(verdict(writer, batch(schema: f.community.id)) == .schema)
        try writer.apply(batch())
        // Removals and nothing at all need no company, and do not make the next small batch earlier.
        try writer.apply(.removed(RemovedEntry(epoch: 1, index: 0, leaf: early.leaf)))
        try writer.close(time: 1150)
        let next = try issued()
        try writer.apply(.issued(next.with(epoch: 1, index: 1)))
        #expect(
            violation {
                var copy = writer; try copy.close(time: 1199)
            } == .batchTooSmall)
        try writer.close(time: 1200)
        try writer.close(time: 1200)
        // A full batch at any time.
        for entry in placed(try (0..<2).map { _ in try issued() }, from: 2) { try writer.apply(entry) }
        try writer.close(time: 1200)
        #expect(writer.replay.tree?.leaves.count == 4)
    }

    @Test func fullTree() throws {
        var writer = try Writer(f, depth: .tree)
        try writer.open(leaves: 1)
        let message = try issued().message
        // Without looking at issuance any points will do.
        let multiples = (1...121).map { i -> [UInt8] in Secp256k1.base.multiplied(by: Fn(signed: Int64(i))).affine!.encoded }
        let points = multiples.sorted { $0.lexicographicallyPrecedes($1) }
        for (index, point) in points.enumerated() {
            let entry = IssuedEntry(
                epoch: 1, index: UInt32(index), codeHash: Digest.of(point), message: point + message.dropFirst(33), values: [1, 2, 3, 4],
                leaf: point)
            if index < 120 { try writer.apply(.issued(entry)) } else { #expect(verdict(writer, .issued(entry)) == .tree) }
        }
    }

    /// What only the audit looks at; a wallet looks at its own leaf.
    @Test func issuance() throws {
        func writer(_ depth: LogReplay.Depth) throws -> Writer {
            var writer = try Writer(f, depth: depth)
            try writer.open(leaves: 1)
            try writer.close(time: 1)
            return writer
        }
        func verdict(_ depth: LogReplay.Depth, _ entries: [IssuedEntry]) throws -> LogViolation? {
            var writer = try writer(depth)
            do {
                for entry in placed(entries) { try writer.apply(entry) }
                try writer.close(time: 2)
                return nil
            } catch let violation as LogViolation {
                return violation
            }
        }
        let honest = try (0..<5).map { _ in try issued() }
        #expect(try verdict(.issuance, honest) == nil)
        let one = honest[2]
        var broken = one.message
        broken[broken.count - 1] ^= 1
        let place = 2 + placed(honest).firstIndex { if case .issued(let entry) = $0 { entry.leaf == one.leaf } else { false } }!
        func with(_ entry: IssuedEntry) -> [IssuedEntry] { honest.map { $0 == one ? entry : $0 } }
        // More votes than the leaf holds; another's code; a proof that is none.
        let cases: [(IssuedEntry, LogViolation.Rule)] = [
            (one.with(values: [2, 2, 3, 4]), .leaf), (one.with(codeHash: Digest.of([1])), .issuance(.proof)),
            (one.with(message: broken), .issuance(.proof)),
            (one.with(message: Array(one.message.prefix(33)) + [UInt8](repeating: 0xff, count: 97)), .issuance(.encoding)),
        ]
        for (entry, rule) in cases {
            #expect(try verdict(.issuance, with(entry)) == LogViolation(position: place, rule: rule))
            #expect(try verdict(.tree, with(entry)) == nil)
        }
    }
}

extension IssuedEntry {
    /// The same with some parts exchanged.
    fileprivate func with(
        epoch: UInt32? = nil, index: UInt32? = nil, codeHash: Digest? = nil, message: [UInt8]? = nil, values: [Int64]? = nil
    ) -> IssuedEntry {
        IssuedEntry(
            epoch: epoch ?? self.epoch, index: index ?? self.index, codeHash: codeHash ?? self.codeHash, message: message ?? self.message,
            values: values ?? self.values, leaf: leaf)
    }
}
