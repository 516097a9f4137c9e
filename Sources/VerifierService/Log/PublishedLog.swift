import Reputation

/// The static form of the log that an issuer has published, and of its tree, out of its state and its store.
struct PublishedLog: Sendable {
    /// A resource, and how long it stays the same.
    struct Resource: Sendable {
        let content: [UInt8]
        let type: String
        let caching: String
    }

    let issuer: Issuer
    let store: any Store

    private static let binary = "application/octet-stream"
    private static let immutable = "public, max-age=31536000, immutable"

    /// What stands under a name below the prefix; nil when nothing does.
    func resource(_ name: [UInt8]) async throws -> Resource? {
        if name.elementsEqual(LogNames.checkpoint.utf8) {
            return Resource(content: await issuer.state.checkpoint, type: "text/plain; charset=utf-8", caching: "public, max-age=2")
        }
        if name.elementsEqual(LogNames.community.utf8) {
            return Resource(content: issuer.community.json.encoded(), type: "application/json", caching: "public, max-age=3600")
        }
        if let part = try? TreePart(path: name) {
            var children = await issuer.children(part)
            if children == nil, part.size > (await issuer.state.log.size) {
                try await issuer.catchUp()
                children = await issuer.children(part)
            }
            guard let children else { return nil }
            return Resource(content: children, type: Self.binary, caching: Self.immutable)
        }
        guard let tile = try? LogTile(path: name) else { return nil }
        var log = await issuer.state.log
        // Another process may have told a visitor of a newer checkpoint.
        if !log.holds(tile) { log = try await issuer.newest().log }
        // As far as is published, whatever the store has beyond.
        guard log.holds(tile) else { return nil }
        let content: [UInt8]
        switch tile.content {
        case .hashes:
            guard let hashes = log.hashes(of: tile) else { return nil }
            content = hashes
        case .entries:
            let entries = try await store.logEntries(
                community: issuer.community.id.bytes, from: tile.index * LogTile.fullWidth, limit: tile.width)
            guard entries.count == tile.width else { return nil }
            content = EntryBundle.encode(entries)
        }
        // A tile never changes; a partial one goes once it is full.
        return Resource(
            content: content, type: Self.binary, caching: tile.isPartial ? "public, max-age=3600" : Self.immutable)
    }
}

extension MerkleTree {
    /// Whether all that a tile holds is there.
    fileprivate func holds(_ tile: LogTile) -> Bool {
        switch tile.content {
        case .hashes: hashes(of: tile) != nil
        case .entries: tile.index <= size / LogTile.fullWidth && size - tile.index * LogTile.fullWidth >= tile.width
        }
    }
}
