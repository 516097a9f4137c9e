import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Reputation

/// Where a log's static form is read from: a web address or a folder. What it gives is checked by whoever reads it.
public protocol LogSource: Sendable {
    /// For messages.
    var name: String { get }
    /// What stands under a name below the log's prefix; nil when there is nothing.
    ///
    /// - Throws: ``LogSourceFailure`` when the source cannot be read, or it is longer than `limit` bytes.
    func resource(_ path: String, atMost limit: Int) async throws -> [UInt8]?
}

/// Why a source of a log cannot be read.
public enum LogSourceFailure: Error, Equatable, CustomStringConvertible {
    /// It cannot be reached, or answers with something else than what is there.
    case unreachable(String)
    /// It lacks something that every log has.
    case missing(String)
    /// What it has is longer than it can be.
    case tooLarge(String)
    /// The description of the community is none.
    case description

    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .unreachable(let name): "the log at \(name) cannot be read"
        case .missing(let path): "the log has no \(path)"
        case .tooLarge(let path): "\(path) of the log is larger than it can be"
        case .description: "\(LogNames.community) of the log is malformed"
        }
    }
}

/// Names below the prefix of a log.
public enum LogNames {
    /// The newest checkpoint.
    public static let checkpoint = "checkpoint"
    /// The community's description: log key, origin, schema.
    public static let community = "community.json"
    /// Where a community's service has the prefix.
    public static let prefix = "/log"
}

extension LogSource {
    /// The community's description. Not believed before its id is compared with one from elsewhere.
    public func community() async throws -> Community {
        let bytes = try await required(LogNames.community, atMost: 1 << 20)
        do { return try Community(json: JSON(parsing: bytes)) } catch { throw LogSourceFailure.description }
    }

    /// The newest checkpoint, a signed note.
    public func checkpoint() async throws -> [UInt8] { try await required(LogNames.checkpoint, atMost: SignedNote.greatestLength) }

    /// The hashes of a tile.
    ///
    /// - Throws: ``LogSourceFailure``; `LogError.tile` for a wrong length.
    public func hashes(_ tile: LogTile) async throws -> [UInt8] {
        let bytes = try await self.tile(tile, atMost: 32 * LogTile.fullWidth)
        if bytes.isWhole { guard bytes.content.count == 32 * tile.width else { throw LogError.tile } }
        guard bytes.content.count >= 32 * tile.width else { throw LogError.tile }
        return Array(bytes.content.prefix(32 * tile.width))
    }

    /// The entries of a bundle, in order.
    ///
    /// - Throws: ``LogSourceFailure``; `LogError.tile` for anything but so many entries.
    public func entries(_ tile: LogTile) async throws -> [[UInt8]] {
        let bytes = try await self.tile(tile, atMost: EntryBundle.greatestLength)
        let count = bytes.isWhole ? tile.width : LogTile.fullWidth
        do { return Array(try EntryBundle.decode(bytes.content, count: count).prefix(tile.width)) } catch { throw LogError.tile }
    }

    /// All entries from a position on, bundle by bundle.
    ///
    /// - Parameters:
    ///   - start: position of the first entry that is wanted; the first bundle begins at or before it.
    ///   - size: of the log.
    public func bundles(from start: Int, size: Int) -> BundleReader<Self> {
        BundleReader(source: self, tiles: LogTile.entries(size: size, from: start)[...])
    }

    /// A tile; when the partial one is gone, the full one that replaced it.
    private func tile(_ tile: LogTile, atMost limit: Int) async throws -> (content: [UInt8], isWhole: Bool) {
        let path = String(decoding: tile.path, as: UTF8.self)
        if let bytes = try await resource(path, atMost: limit) { return (bytes, true) }
        if tile.isPartial, let bytes = try await resource(String(decoding: tile.full.path, as: UTF8.self), atMost: limit) {
            return (bytes, false)
        }
        throw LogSourceFailure.missing(path)
    }

    private func required(_ path: String, atMost limit: Int) async throws -> [UInt8] {
        guard let bytes = try await resource(path, atMost: limit) else { throw LogSourceFailure.missing(path) }
        return bytes
    }
}

/// Reads bundles of entries in order, some on their way at a time.
public struct BundleReader<Source: LogSource>: Sendable {
    fileprivate let source: Source
    fileprivate var tiles: ArraySlice<LogTile>
    private var read: [Int: [[UInt8]]] = [:]

    fileprivate init(source: Source, tiles: ArraySlice<LogTile>) {
        self.source = source
        self.tiles = tiles
    }

    private static var atOnce: Int { 8 }

    /// The next bundle: the position of its first entry, and its entries; nil behind the last.
    ///
    /// - Throws: as `LogSource.entries`.
    public mutating func next() async throws -> (position: Int, entries: [[UInt8]])? {
        guard let tile = tiles.first else { return nil }
        if read[tile.index] == nil { read = try await fetch() }
        tiles.removeFirst()
        return (tile.index * LogTile.fullWidth, read.removeValue(forKey: tile.index) ?? [])
    }

    private func fetch() async throws -> [Int: [[UInt8]]] {
        let (source, window) = (self.source, tiles.prefix(Self.atOnce))
        return try await withThrowingTaskGroup(of: (Int, [[UInt8]]).self) { group in
            for tile in window { group.addTask { (tile.index, try await source.entries(tile)) } }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}

/// A log under a web address.
public struct WebLog: LogSource {
    /// The prefix, without a slash at the end.
    public let name: String
    private let http: HTTPClient

    /// - Parameters:
    ///   - prefix: address of the log; `checkpoint` stands right below.
    ///   - http: the client that connects; the caller shuts it down.
    public init(prefix: String, http: HTTPClient = .shared) {
        name = prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
        self.http = http
    }

    /// See ``LogSource``.
    public func resource(_ path: String, atMost limit: Int) async throws -> [UInt8]? {
        do {
            let response = try await http.execute(HTTPClientRequest(url: "\(name)/\(path)"), timeout: .seconds(60))
            if response.status == .notFound { return nil }
            guard response.status == .ok else { throw LogSourceFailure.unreachable(name) }
            return Array(buffer: try await response.body.collect(upTo: limit))
        } catch let error as CancellationError {
            throw error
        } catch is NIOTooManyBytesError {
            throw LogSourceFailure.tooLarge(path)
        } catch {
            throw LogSourceFailure.unreachable(name)
        }
    }
}
