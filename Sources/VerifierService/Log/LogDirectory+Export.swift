import Foundation
import Membership
import Reputation

extension LogDirectory {
    /// Brings the folder to the newest checkpoint of a community in a store: of the log it writes only what is new, of the tree all parts. Those
    /// of the tree that stood there before stay until the next time, for whoever is fetching them.
    ///
    /// - Returns: the checkpoint that stands in the folder now.
    /// - Throws: `LogError` when the folder holds something else than a beginning of this log, or the store's entries are not those signed;
    ///   `LogViolation` when they break a rule of the log; `StoreError`; `FileError`.
    public func export(_ community: Community, from store: any Store) async throws -> Checkpoint {
        let lock = try await lock()
        defer { withExtendedLifetime(lock) {} }
        let id = community.id.bytes
        guard let note = try await store.checkpoint(community: id) else { throw LogSourceFailure.missing(LogNames.checkpoint) }
        let new = try Checkpoint(note: note, community: community)
        var replay = LogReplay(community: community, depth: .tree)
        while replay.size < new.size {
            let entries = try await store.logEntries(community: id, from: replay.size, limit: min(10_000, new.size - replay.size))
            guard !entries.isEmpty else { throw LogError.root }
            for entry in entries { try replay.apply(entry) }
        }
        let log = replay.log
        guard log.root == new.root else { throw LogError.root }
        var start = 0
        if let note = try storedCheckpoint() {
            let old = try Checkpoint(note: note, community: community)
            guard old.size <= new.size else { throw LogError.older }
            guard log.root(size: old.size) == old.root else { throw LogError.fork }
            start = old.size
        }
        if let tree = replay.tree { try write(tree, size: new.size) }
        try await write(
            community: community, checkpoint: note, log: log, from: start, bundles: StoredBundles(store: store, community: id))
        try removeTrees(before: min(start, new.size))
        return new
    }

    private struct StoredBundles: BundleProvider {
        let store: any Store
        let community: [UInt8]

        func entries(of tile: LogTile) async throws -> [[UInt8]] {
            try await store.logEntries(community: community, from: tile.index * LogTile.fullWidth, limit: tile.width)
        }
    }

    // MARK: The tree

    private var trees: String { "\(path)/\(TreePart.folder)" }

    /// Writes all parts of a tree, unless they are there: a folder that is filled beside its place and on the disk before it gets its name.
    private func write(_ tree: CurveTree, size: Int) throws {
        let files = FileManager.default
        let (place, unfinished) = ("\(trees)/\(size)", "\(trees)/new")
        guard !files.fileExists(atPath: place) else { return }
        do {
            if files.fileExists(atPath: unfinished) { try files.removeItem(atPath: unfinished) }
            var made: Set<String> = []
            for level in 1...tree.shape.depth {
                for index in 0..<tree.shape.nodes(level: level, leaves: tree.leaves.count) {
                    guard let children = tree.children(level: level, index: index) else { continue }
                    let part = try TreePart(size: size, level: level, index: index)
                    let name = String(decoding: part.path, as: UTF8.self).split(separator: "/").dropFirst(2).joined(separator: "/")
                    let folder = "\(unfinished)/\(name.prefix(upTo: name.lastIndex(of: "/") ?? name.startIndex))"
                    if made.insert(folder).inserted { try files.createDirectory(atPath: folder, withIntermediateDirectories: true) }
                    guard files.createFile(atPath: "\(unfinished)/\(name)", contents: Data(children)) else {
                        throw LogSourceFailure.unreachable(path)
                    }
                }
            }
            // All of them at once: one after the other a disk takes minutes for a large tree.
            sync()
            try files.moveItem(atPath: unfinished, toPath: place)
            try DurableFile.synchronize(directory: trees)
        } catch let error as CocoaError {
            throw FileError.system(Int32(error.errorCode))
        }
    }

    /// Takes away the trees of batches before one.
    private func removeTrees(before size: Int) throws {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: trees)) ?? [] {
            guard let old = Int(name), old < size else { continue }
            do { try FileManager.default.removeItem(atPath: "\(trees)/\(name)") } catch { throw LogSourceFailure.unreachable(path) }
        }
    }
}
