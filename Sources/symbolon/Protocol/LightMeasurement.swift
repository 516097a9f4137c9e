import Curves
import Membership
import Platform
import Reputation

/// What the light copy of a tree costs a wallet: files and bytes fetched, and the time that verifying them takes; no network, no disk. The log's
/// entries are stand-ins: a wallet sees their hashes alone.
enum LightMeasurement {
    /// The published files of a tree and its log.
    private struct Server {
        let community: Community
        let key = Ed25519SigningKey()
        var tree: CurveTree
        var log = MerkleTree()
        var batch: BatchEntry

        init(depth: Int, leaves: [Affine<Secp256k1>]) throws {
            community = try Community(logKey: key.publicKey, origin: Array("measured".utf8), schema: Schema([.flag("verified")]))
            tree = CurveTree(shape: try TreeShape(depth: depth))
            batch = BatchEntry(
                epoch: 1, depth: UInt32(depth), leafCount: 0, root: tree.root.encoded, schema: community.schema.digest, time: 0)
            try admit(leaves)
        }

        mutating func admit(_ leaves: [Affine<Secp256k1>]) throws {
            try tree.append(leaves)
            close(entries: leaves.count)
        }

        mutating func close(entries: Int) {
            for _ in 0..<entries { log.append(hash: Digest.of(littleEndian8(log.size))) }
            batch = BatchEntry(
                epoch: 1, depth: UInt32(tree.shape.depth), leafCount: UInt32(tree.leaves.count), root: tree.root.encoded,
                schema: community.schema.digest, time: batch.time + 1)
            log.append(LogEntry.batch(batch).encoded)
        }

        private func littleEndian8(_ value: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

        var checkpoint: SignedCheckpoint {
            get throws {
                let checkpoint = Checkpoint(origin: community.origin, size: log.size, root: log.root, batch: batch)
                return try SignedCheckpoint(note: checkpoint.signed(by: key), community: community)
            }
        }

        func bytes(_ part: LightPart) throws -> [UInt8] {
            let bytes =
                switch part {
                case .hashes(let tile): log.hashes(of: tile)
                case .tree(let file): tree.children(level: file.level, index: file.index)
                }
            guard let bytes else { throw CommandFailure("a part that is wanted is not there") }
            return bytes
        }
    }

    /// What bringing a copy up to date took.
    private struct Cost {
        var files = 0
        var bytes = 0
        var milliseconds = 0.0

        static func + (a: Cost, b: Cost) -> Cost {
            Cost(files: a.files + b.files, bytes: a.bytes + b.bytes, milliseconds: a.milliseconds + b.milliseconds)
        }

        func figures(_ name: String) -> [(String, Figure)] {
            [
                ("\(name)_files", .whole(files)), ("\(name)_bytes", .whole(bytes)), ("\(name)_wall_ms", .time(milliseconds)),
            ]
        }
    }

    /// Brings the copy of a holder whose leaf is at a place up to date; the other buckets, where some are drawn, are the first ones.
    private static func update(_ copy: inout LightCopy, ownLeafAt place: Int, from server: Server) throws -> Cost {
        var cost = try update(&copy, from: server)
        if copy.wantsDraw {
            copy.draw(own: [place..<(place + 1)]) { UInt64($0) }
            cost = cost + (try update(&copy, from: server))
        }
        return cost
    }

    private static func update(_ copy: inout LightCopy, from server: Server) throws -> Cost {
        var cost = Cost()
        var update = try LightUpdate(copy, to: server.checkpoint)
        while let part = update.wanted.first {
            let bytes = try server.bytes(part)
            cost.files += 1
            cost.bytes += bytes.count
            let start = Timing.wallMilliseconds
            try update.take(bytes, as: part)
            cost.milliseconds += Timing.wallMilliseconds - start
        }
        guard let next = update.copy else { throw CommandFailure("the copy does not hold") }
        copy = next
        return cost
    }

    /// A first fetch by the holder of an early leaf, a day on which one leaf in a hundred is new, the same day for a holder whose bucket the new
    /// ones are in, and one leaf that is taken out.
    static func figures(leaves count: Int) throws -> [(String, Figure)] {
        let day = max(1, count / 100)
        guard let depth = try (1...TreeShape.greatestDepth).first(where: { try TreeShape(depth: $0).capacity >= count + day }) else {
            throw CommandFailure("no tree holds \(count) leaves")
        }
        let points = TreeMeasurement.distinctPoints(count + day)
        Presentation.prepare()
        var server = try Server(depth: depth, leaves: Array(points[..<count]))
        var first = LightCopy(community: server.community)
        var last = first
        let fetch = try update(&first, ownLeafAt: 1, from: server)
        _ = try update(&last, ownLeafAt: count - 1, from: server)
        let drawn = first.drawn?.count ?? 0
        let stored = first.encoded.count
        try server.admit(Array(points[count...]))
        let away = try update(&first, ownLeafAt: 1, from: server)
        let near = try update(&last, ownLeafAt: count - 1, from: server)
        try server.tree.remove(at: 0)
        server.close(entries: 1)
        let removal = try update(&first, ownLeafAt: 1, from: server)
        let own = points[1].encoded
        let path = try Timing.median(15) { _ in
            guard first.path(of: own)?.root == server.tree.root else { throw CommandFailure("the leaf has no way to the root") }
        }
        return [
            ("leaves", .whole(count)), ("depth", .whole(depth)), ("buckets", .whole(first.bucketCount ?? 0)),
            ("buckets_drawn", .whole(drawn)),
            ("new_leaves", .whole(day)),
        ] + fetch.figures("first") + [("stored_bytes", .whole(stored))] + away.figures("day") + near.figures("day_own_bucket")
            + removal.figures("removal") + [
                ("path_wall_ms", .time(path.wall)), ("peak_rss_bytes", .whole(Timing.peakResidentBytes)),
            ]
    }
}
