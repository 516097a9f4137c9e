import Foundation
import Platform
import Reputation

/// A copy of all that a community's service keeps, at one moment: the store, the keys, the audiences.
///
/// It is a folder that only its owner can read, with a manifest that says what the files must be and how far the log was. The manifest is
/// written last: a folder without one is no backup.
public struct Backup: Sendable {
    /// Why no backup is made, or none restored.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// There is something already where it is to be written.
        case notEmpty(String)
        /// A file cannot be read or written.
        case file(String)
        /// There is no manifest, or it is malformed.
        case manifest(String)
        /// A file is not what the manifest says, is missing, or is one too many.
        case damaged(String)
        /// The key, the log or the community in it is not the one that the manifest says.
        case inconsistent(String)
        /// The backup is of the other kind of database.
        case otherDatabase(isPostgres: Bool)

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .notEmpty(let path): "\(path) is there already; nothing was overwritten"
            case .file(let path): "\(path) cannot be read or written"
            case .manifest(let path): "\(path) is not the manifest of a backup"
            case .damaged(let name): "\(name) in the backup is not what its manifest says"
            case .inconsistent(let what): "the backup is not consistent: \(what)"
            case .otherDatabase(isPostgres: true):
                "the backup is of a PostgreSQL database: give an empty one with --database"
            case .otherDatabase(isPostgres: false): "the backup is of a store in a file: restore it without --database"
            }
        }
    }

    /// The community.
    public let community: Digest
    /// When it was begun, in seconds since 1970: what came later is not in it.
    public let created: Int64
    /// Entries of the log in it, at least.
    public let logSize: Int
    /// Root of the log of so many entries.
    public let logRoot: Digest
    /// Whether its store is a dump of a PostgreSQL database.
    public let isPostgres: Bool
    let files: [CheckedFile]

    private static let manifestName = "manifest.json"
    private static let dumpName = "store.dump"
    private static let storeName = "store.sqlite"
    private static let greatestManifest = 16 << 20, greatestFiles = 100_000

    /// What belongs to a running service or to this machine, or is copied otherwise.
    private static func isLeftOut(_ name: String) -> Bool {
        name == "database" || name.hasPrefix(storeName) || name.hasSuffix(".lock") || name.hasSuffix(".new")
    }

    // MARK: Making

    /// Copies a community's folder and its store to a new folder, while the service runs.
    ///
    /// - Parameter now: in seconds since 1970.
    /// - Throws: ``Failure``; `DataDirectory.Failure`; `StoreError`; `Issuer.Failure` when the log in the copy does not hold.
    public static func make(of directory: DataDirectory, to destination: String, now: Int64) async throws -> Backup {
        let key = try directory.logKey()
        guard mkdir(destination, 0o700) == 0 else { throw errno == EEXIST ? Failure.notEmpty(destination) : .file(destination) }
        do {
            let store = try directory.openStore()
            let isPostgres = try directory.databaseAddress() != nil
            let name = isPostgres ? dumpName : storeName
            // A dump cannot be looked into: it holds at least what was there before it was made.
            var log: MerkleTree?
            if isPostgres { log = try await Self.log(in: store, key) }
            try store.copy(to: destination + "/" + name)
            try store.close()
            if !isPostgres {
                let copy = try SQLStore(sqlite: destination + "/" + name)
                log = try await Self.log(in: copy, key)
                try copy.close()
                try SQLiteDatabase.seal(destination + "/" + name)
            }
            guard let log else { throw Failure.inconsistent("it has no log") }
            var files = [try CheckedFile.read(name, in: destination)]
            for name in try CheckedFile.names(in: directory.path) where !isLeftOut(name) {
                files.append(try CheckedFile.copying(name, from: directory.path, to: destination))
            }
            let backup = Backup(
                community: try Digest.keyID(key.publicKey), created: now, logSize: log.size, logRoot: log.root,
                isPostgres: isPostgres, files: files)
            do { try DurableFile.write(backup.json.encoded(), to: destination + "/" + manifestName) } catch {
                throw Failure.file(destination + "/" + manifestName)
            }
            return backup
        } catch {
            try? FileManager.default.removeItem(atPath: destination)
            throw error
        }
    }

    /// The log in a store, which must be what its newest checkpoint signs.
    private static func log(in store: SQLStore, _ key: Ed25519SigningKey) async throws -> MerkleTree {
        let pool = WorkPool(threads: 1, capacity: 16)
        do {
            let issuer = try await Issuer.resume(store: store, key: key, pool: pool)
            let (sealed, state) = (await issuer.sealed, await issuer.state)
            let log = (sealed ?? state).log
            try await pool.shutdown()
            return log
        } catch {
            try await pool.shutdown()
            throw error
        }
    }

}

// MARK: - Restoring

extension Backup {
    /// Reads the manifest of a backup, and the sums of its files.
    ///
    /// - Throws: ``Failure``.
    public init(at folder: String) throws {
        let path = folder + "/" + Self.manifestName
        let bytes: [UInt8]
        do { bytes = try DurableFile.read(path, atMost: Self.greatestManifest) } catch { throw Failure.manifest(path) }
        do { try self.init(json: JSON(parsing: bytes, limits: .init(bytes: Self.greatestManifest))) } catch { throw Failure.manifest(path) }
        let present = try CheckedFile.names(in: folder).filter { $0 != Self.manifestName }
        if let extra = Set(present).symmetricDifference(files.map(\.name)).min() { throw Failure.damaged(extra) }
    }

    /// Makes a community's folder from a backup. Nothing is overwritten, and nothing stays when something is wrong; a PostgreSQL database must be
    /// empty.
    ///
    /// - Throws: ``Failure``; `StoreError`; `Issuer.Failure` when the log in it does not hold.
    public func restore(from folder: String, to directory: DataDirectory) async throws {
        guard try (directory.givenAddress() != nil) == isPostgres else { throw Failure.otherDatabase(isPostgres: isPostgres) }
        let (path, partial) = (directory.path, directory.path + ".restoring")
        if FileManager.default.fileExists(atPath: path) {
            guard (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty == true else { throw Failure.notEmpty(path) }
        }
        guard mkdir(partial, 0o700) == 0 else { throw errno == EEXIST ? Failure.notEmpty(partial) : .file(partial) }
        do {
            for file in files {
                guard try CheckedFile.copying(file.name, from: folder, to: partial) == file else { throw Failure.damaged(file.name) }
            }
            let restored = directory.moved(to: partial)
            let key = try restored.logKey()
            guard try Digest.keyID(key.publicKey) == community else { throw Failure.inconsistent("the log's key is another community's") }
            if let address = try directory.givenAddress() {
                try PostgresTools.restore(partial + "/" + Self.dumpName, to: address)
                guard unlink(partial + "/" + Self.dumpName) == 0 else { throw Failure.file(partial) }
            }
            let store = try restored.openStore()
            guard try await Self.log(in: store, key).root(size: logSize) == logRoot else {
                throw Failure.inconsistent("its log is not the one of the manifest")
            }
            try store.close()
            if isPostgres { try restored.recordDatabase() }
            // An empty folder gives way; anything that came into it meanwhile does not.
            guard rename(partial, path) == 0 else { throw errno == ENOTEMPTY || errno == EEXIST ? Failure.notEmpty(path) : .file(path) }
            do { try DurableFile.synchronize(directory: URL(fileURLWithPath: path).deletingLastPathComponent().path) } catch {
                throw Failure.file(path)
            }
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
    }
}

// MARK: - Manifest

extension Backup {
    private var json: JSON {
        .object([
            .init("version", .integer(Int64(1))), .init("community", .hex(community.bytes)), .init("created", .integer(created)),
            .init("database", .text(isPostgres ? "postgresql" : "sqlite")), .init("log-size", .integer(Int64(logSize))),
            .init("log-root", .hex(logRoot.bytes)),
            .init(
                "files",
                .array(
                    files.map {
                        .object([.init("name", .text($0.name)), .init("size", .integer($0.size)), .init("sha256", .hex($0.sum))])
                    })),
        ])
    }

    private init(json: JSON) throws {
        var object = try JSONObject(json)
        try object.version(1)
        community = try object.digest("community")
        created = try object.integer("created", in: 0...Int64.max)
        let database = String(decoding: try object.text("database", atMost: 16), as: UTF8.self)
        logSize = Int(try object.integer("log-size", in: 1...Int64(Int.max)))
        logRoot = try object.digest("log-root")
        files = try object.array("files", atMost: Self.greatestFiles).map { value in
            var file = try JSONObject(value)
            let name = String(decoding: try file.text("name", atMost: 1024), as: UTF8.self)
            let (size, sum) = (try file.integer("size", in: 0...Int64.max), try file.hex("sha256", 32))
            try file.finish()
            guard CheckedFile.isName(name) else { throw JSONError.wrongValue(Array("name".utf8)) }
            return CheckedFile(name: name, size: size, sum: sum)
        }
        try object.finish()
        isPostgres = database == "postgresql"
        let names = Set(files.map(\.name))
        guard isPostgres || database == "sqlite", names.count == files.count,
            names.contains(isPostgres ? Self.dumpName : Self.storeName)
        else { throw JSONError.wrongValue(Array("files".utf8)) }
    }
}
