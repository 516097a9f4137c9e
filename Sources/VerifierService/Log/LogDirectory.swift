import Foundation
import Reputation

/// What gives the entries of bundles that are to be written.
protocol BundleProvider: Sendable {
    /// The entries of a bundle.
    func entries(of tile: LogTile) async throws -> [[UInt8]]
}

/// A log's static form in a folder: what any web server can serve, what a wallet keeps, and what an audit can read.
///
/// Written so that at every moment the checkpoint that stands there has all its tiles: tiles first, each as a whole and on the disk, then
/// the checkpoint. Nothing that a checkpoint there ever needed is taken away but partial tiles of which the full one is there.
public struct LogDirectory: LogSource {
    /// Path of the folder.
    public let path: String
    /// For messages.
    public var name: String { path }

    /// Names a folder; nothing is read or written yet.
    public init(path: String) { self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

    /// See ``LogSource``.
    public func resource(_ name: String, atMost limit: Int) async throws -> [UInt8]? { try read(name, atMost: limit) }

    /// The checkpoint that stands there, or nil.
    public func storedCheckpoint() throws -> [UInt8]? { try read(LogNames.checkpoint, atMost: SignedNote.greatestLength) }

    private func read(_ name: String, atMost limit: Int) throws -> [UInt8]? {
        do { return try DurableFile.read("\(path)/\(name)", atMost: limit) } catch {
            switch error {
            case .system(ENOENT), .system(ENOTDIR): return nil
            case .tooLarge: throw LogSourceFailure.tooLarge(name)
            default: throw LogSourceFailure.unreachable(path)
            }
        }
    }

    // MARK: Writing

    /// Keeps other processes from writing to the folder, which is made if it is not there, for as long as the lock lives.
    ///
    /// - Throws: `FileError`, `.locked` when another process writes for longer than ten seconds.
    func lock() async throws -> FileLock {
        try makeFolder("")
        return try await FileLock.waiting("\(path)/checkpoint")
    }

    /// Writes what a log that grew adds, then its checkpoint.
    ///
    /// - Parameters:
    ///   - old: size of the log whose tiles are all there already; 0 writes all.
    ///   - bundles: gives the entries of a bundle.
    func write<Bundles: BundleProvider>(
        community: Community, checkpoint note: [UInt8], log: MerkleTree, from old: Int, bundles: Bundles
    ) async throws {
        try write(community.json.encoded(), to: LogNames.community)
        for tile in LogTile.entries(size: log.size, from: old) {
            let entries = try await bundles.entries(of: tile)
            // Whatever gave them: only entries of this log are written.
            let leaves = try LogTile(.hashes(level: 0), index: tile.index, width: tile.width)
            guard log.hashes(of: leaves) == entries.flatMap({ MerkleTree.leafHash($0).bytes }) else { throw LogError.tile }
            try write(EntryBundle.encode(entries), tile)
        }
        for tile in LogTile.hashes(size: log.size, from: old) {
            guard let hashes = log.hashes(of: tile) else { throw LogError.tile }
            try write(hashes, tile)
        }
        try write(note, to: LogNames.checkpoint)
    }

    private func write(_ bytes: [UInt8], _ tile: LogTile) throws {
        try write(bytes, to: String(decoding: tile.path, as: UTF8.self))
        if !tile.isPartial {
            let partial = "\(path)/\(String(decoding: tile.path, as: UTF8.self)).p"
            if FileManager.default.fileExists(atPath: partial) { try FileManager.default.removeItem(atPath: partial) }
        }
    }

    private func write(_ bytes: [UInt8], to name: String) throws {
        if let slash = name.lastIndex(of: "/") { try makeFolder(String(name[..<slash])) }
        try DurableFile.write(bytes, to: "\(path)/\(name)", mode: 0o644)
    }

    private func makeFolder(_ name: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: name.isEmpty ? path : "\(path)/\(name)", withIntermediateDirectories: true)
        } catch {
            throw LogSourceFailure.unreachable(path)
        }
    }
}

extension FileLock {
    /// The lock of a file, waited for.
    ///
    /// - Throws: `FileError`, `.locked` when another process holds it for longer than ten seconds.
    static func waiting(_ path: String) async throws -> FileLock {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do { return try FileLock(path) } catch {
                guard error == .locked, ContinuousClock.now < deadline else { throw error }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
