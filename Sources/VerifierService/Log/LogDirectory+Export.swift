import Reputation

extension LogDirectory {
    /// Brings the folder to the newest checkpoint of a community in a store, writing only what is new.
    ///
    /// - Returns: the checkpoint that stands in the folder now.
    /// - Throws: `LogError` when the folder holds something else than a beginning of this log, or the store's entries are not those signed;
    ///   `StoreError`; `FileError`.
    public func export(_ community: Community, from store: any Store) async throws -> Checkpoint {
        let lock = try await lock()
        defer { withExtendedLifetime(lock) {} }
        let id = community.id.bytes
        guard let note = try await store.checkpoint(community: id) else { throw LogSourceFailure.missing(LogNames.checkpoint) }
        let new = try Checkpoint(note: note, community: community)
        var log = MerkleTree()
        while log.size < new.size {
            let entries = try await store.logEntries(community: id, from: log.size, limit: min(10_000, new.size - log.size))
            guard !entries.isEmpty else { throw LogError.root }
            for entry in entries { log.append(entry) }
        }
        guard log.root == new.root else { throw LogError.root }
        var start = 0
        if let note = try storedCheckpoint() {
            let old = try Checkpoint(note: note, community: community)
            guard old.size <= new.size else { throw LogError.older }
            guard log.root(size: old.size) == old.root else { throw LogError.fork }
            start = old.size
        }
        try await write(
            community: community, checkpoint: note, log: log, from: start, bundles: StoredBundles(store: store, community: id))
        return new
    }

    private struct StoredBundles: BundleProvider {
        let store: any Store
        let community: [UInt8]

        func entries(of tile: LogTile) async throws -> [[UInt8]] {
            try await store.logEntries(community: community, from: tile.index * LogTile.fullWidth, limit: tile.width)
        }
    }
}
