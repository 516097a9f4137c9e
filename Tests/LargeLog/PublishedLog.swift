import Curves
import Foundation
import Membership
import Platform
import Reputation

/// The published files of a log, written state by state as its tree changes.
struct PublishedLog {
    let community: Community
    let key: Ed25519SigningKey
    private(set) var tree: CurveTree
    private(set) var batch: BatchEntry
    private(set) var log = MerkleTree()
    private let folder: String

    init(community: Community, key: Ed25519SigningKey, shape: TreeShape, folder: String) {
        (self.community, self.key, self.folder) = (community, key, folder)
        tree = CurveTree(shape: shape)
        batch = BatchEntry(
            epoch: 1, depth: UInt32(shape.depth), leafCount: 0, root: tree.root.encoded, schema: community.schema.digest, time: 0)
    }

    mutating func append(_ leaves: [Affine<Secp256k1>], at time: Int64) throws {
        try tree.append(leaves)
        close(entries: leaves.count, at: time)
    }

    mutating func remove(_ places: [Int], at time: Int64) throws {
        for place in places { try tree.remove(at: place) }
        close(entries: places.count, at: time)
    }

    private mutating func close(entries: Int, at time: Int64) {
        for _ in 0..<entries { log.append(hash: Digest.of(Array("entry \(log.size)".utf8))) }
        batch = BatchEntry(
            epoch: 1, depth: UInt32(tree.shape.depth), leafCount: UInt32(tree.leaves.count), root: tree.root.encoded,
            schema: community.schema.digest, time: time)
        log.append(LogEntry.batch(batch).encoded)
    }

    /// The newest checkpoint, signed.
    var note: [UInt8] { Checkpoint(origin: community.origin, size: log.size, root: log.root, batch: batch).signed(by: key) }

    /// Writes what the newest state has and the one of size `old` had not; the tree as a whole, as every state has its own names.
    func write(from old: Int) throws {
        for tile in LogTile.hashes(size: log.size, from: old) { try write(log.hashes(of: tile), as: tile.path) }
        for level in 1...tree.shape.depth {
            for index in 0..<tree.shape.nodes(level: level, leaves: tree.leaves.count) {
                try write(tree.children(level: level, index: index), as: TreePart(size: log.size, level: level, index: index).path)
            }
        }
    }

    private func write(_ bytes: [UInt8]?, as path: [UInt8]) throws {
        guard let bytes else { preconditionFailure("a log has all its parts") }
        let file = URL(fileURLWithPath: folder).appendingPathComponent(String(decoding: path, as: UTF8.self))
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }
}
