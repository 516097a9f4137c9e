import Curves
import Proofs

/// The Merkle tree of a log as a light copy has it: the hashes of all full bundles of 256 entries, and those of single entries in some of
/// the newest bundles. 32 bytes for each 256 entries, and the newest ones in full: enough to see that the log only grew, and, of most
/// checkpoints that others know, that it contains them.
struct LogSkeleton: MerkleNodes, Sendable {
    /// Entries.
    private(set) var size = 0
    /// The full bundles; a tree whose entries are their hashes.
    private(set) var bundles = MerkleTree()
    /// Hashes of entries of a bundle: all 256, or those that the last one has.
    private(set) var details: [Int: [Digest]] = [:]

    /// Entries of a bundle.
    static let width = LogTile.fullWidth
    private static let widthLevel = 8
    /// Bundles whose entries are kept at most: the newest.
    static let greatestDetails = 64
    /// New bundles whose entries are fetched at most, beside those that something has to be compared with.
    static let freshDetails = 16

    /// An empty log.
    init() {}

    func node(level: Int, index: Int) -> Digest? {
        if level >= LogSkeleton.widthLevel { return bundles.node(level: level - LogSkeleton.widthLevel, index: index) }
        let entries = LogSkeleton.width >> level
        guard level >= 0, index >= 0, let detail = details[index / entries] else { return nil }
        return LogSkeleton.node(of: detail, level: level, index: index % entries)
    }

    private static func node(of detail: [Digest], level: Int, index: Int) -> Digest? {
        guard (index + 1) << level <= detail.count else { return nil }
        var row = Array(detail[(index << level)..<((index + 1) << level)])
        while row.count > 1 { row = stride(from: 0, to: row.count, by: 2).map { MerkleTree.nodeHash(row[$0], row[$0 + 1]) } }
        return row.first
    }

    /// The hashes of the full bundles in order.
    var bundleHashes: [Digest] { (0..<bundles.size).compactMap { bundles.node(level: 0, index: $0) } }

    // MARK: Growing

    /// The tiles of hashes that lead from here to a log of a size.
    ///
    /// `others`: sizes at which something is to be compared; the bundles in which they end are wanted in full.
    func tiles(to new: Int, comparing others: [Int]) -> [LogTile] {
        let (full, rest) = (new / LogSkeleton.width, new % LogSkeleton.width)
        // The last entry, for it is the batch; the bundles that begin before and end behind something known; the newest.
        var wanted: Set<Int> = new > 0 ? [(new - 1) / LogSkeleton.width] : []
        for known in [size, new] + others where known <= new && known % LogSkeleton.width > 0 { wanted.insert(known / LogSkeleton.width) }
        for bundle in max(bundles.size, full - LogSkeleton.freshDetails)..<max(bundles.size, full) { wanted.insert(bundle) }
        var out: [LogTile] = []
        for bundle in wanted.sorted() {
            let width = bundle < full ? LogSkeleton.width : rest
            // What is here in full stays; a part of a bundle does not, once there is more of it.
            if bundle < full || new == size, details[bundle]?.count == width { continue }
            if let tile = try? LogTile(.hashes(level: 0), index: bundle, width: width) { out.append(tile) }
        }
        guard full > bundles.size else { return out }
        for index in (bundles.size / LogSkeleton.width)...((full - 1) / LogSkeleton.width) {
            let width = min(LogSkeleton.width, full - index * LogSkeleton.width)
            if let tile = try? LogTile(.hashes(level: 1), index: index, width: width) { out.append(tile) }
        }
        return out
    }

    /// The log of a size whose tiles these are: those that `tiles(to:comparing:)` named, 32 bytes a hash. Throws `.tile` when they do not fit
    /// together; that the whole is what was signed is for the caller to see.
    func grown(to new: Int, _ tiles: [LogTile: [UInt8]]) throws(LogError) -> LogSkeleton {
        var next = self
        next.size = new
        var rows: [Int: [UInt8]] = [:]
        for (tile, bytes) in tiles {
            guard case .hashes(let level) = tile.content, bytes.count == 32 * tile.width else { throw .tile }
            if level == 0 { next.details[tile.index] = LogSkeleton.digests(bytes[...]) } else { rows[tile.index] = bytes }
        }
        let full = new / LogSkeleton.width
        while next.bundles.size < full {
            let (row, place) = (next.bundles.size / LogSkeleton.width, 32 * (next.bundles.size % LogSkeleton.width))
            guard let bytes = rows[row], place + 32 <= bytes.count, let hash = try? Digest(Array(bytes[place..<(place + 32)])) else {
                throw .tile
            }
            next.bundles.append(hash: hash)
        }
        for (bundle, detail) in next.details {
            if bundle < full {
                guard LogSkeleton.node(of: detail, level: LogSkeleton.widthLevel, index: 0) == next.bundles.node(level: 0, index: bundle)
                else { throw .tile }
            } else if bundle > full || detail.count != new % LogSkeleton.width {
                throw .tile
            }
        }
        return next
    }

    private static func digests(_ bytes: ArraySlice<UInt8>) -> [Digest] {
        stride(from: 0, to: bytes.count, by: 32).compactMap { try? Digest(Array(bytes[$0..<min($0 + 32, bytes.count)])) }
    }

    /// Forgets the entries of all but the newest bundles.
    mutating func prune() {
        for bundle in details.keys.sorted().dropLast(LogSkeleton.greatestDetails) { details[bundle] = nil }
    }

    // MARK: Stored form

    /// Size, hashes of the bundles, and the details by their bundles.
    var encoded: [UInt8] {
        var out = littleEndian8(Int64(size)) + littleEndian4(bundles.size)
        for hash in bundleHashes { out += hash.bytes }
        out += littleEndian4(details.count)
        for bundle in details.keys.sorted() {
            let detail = details[bundle] ?? []
            out += littleEndian4(bundle) + littleEndian4(detail.count)
            for hash in detail { out += hash.bytes }
        }
        return out
    }

    /// From the stored form; throws for one that is none. Its hashes are believed: whoever stored it had verified them.
    init(_ reader: inout ByteReader) throws(FormatError) {
        guard let size = Int(exactly: try reader.int64()), size >= 0 else { throw .notCanonical }
        let count = try reader.count(atMost: reader.remaining / 32)
        guard count == size / LogSkeleton.width else { throw .length }
        for _ in 0..<count { bundles.append(hash: try reader.digest()) }
        var last = -1
        for _ in 0..<(try reader.count(atMost: reader.remaining / 8)) {
            let bundle = try reader.count(atMost: count)
            let held = try reader.count(atMost: LogSkeleton.width)
            guard bundle > last, held == (bundle < count ? LogSkeleton.width : size % LogSkeleton.width) else { throw .notCanonical }
            var detail: [Digest] = []
            for _ in 0..<held { detail.append(try reader.digest()) }
            details[bundle] = detail
            last = bundle
        }
        self.size = size
    }
}
