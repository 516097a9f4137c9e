import Foundation
import Platform
import Reputation

/// The folder in which one community's service keeps everything: the store, the log's key, the keys of its audiences. The store may also be a
/// PostgreSQL database; its address is then in the folder, or given.
///
/// Keys are files of 64 hex digits that only their owner can read; they are never in the store, so a copy of the store signs nothing.
public struct DataDirectory: Sendable {
    /// Why a folder cannot be used.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// There is a community in it already.
        case notEmpty(String)
        /// There is no community in it.
        case noCommunity(String)
        /// A file cannot be read or written, or is not what it should be.
        case file(String)
        /// Not a name for an audience.
        case audienceName(String)

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .notEmpty(let path): "\(path) holds a community already"
            case .noCommunity(let path): "\(path) holds no community; make one with `symbolon community init`"
            case .file(let path): "\(path) cannot be read or written, or is not a key file"
            case .audienceName(let name): "\"\(name)\" is no name for an audience: 1 to 64 lower-case letters, digits and hyphens"
            }
        }
    }

    /// Path of the folder.
    public let path: String
    /// Address of the database that was given; nil for the one that the folder says.
    private let database: String?

    /// Names a folder; nothing is read or written yet.
    ///
    /// - Parameter database: address of a PostgreSQL database that goes before the one that the folder says.
    public init(path: String, database: String? = nil) {
        self.path = path
        self.database = database
    }

    private var logKeyPath: String { path + "/log.key" }
    private var audiencesPath: String { path + "/audiences" }

    /// What the names of the files begin with in which checkpoints are kept that contradict the log.
    public var checkpointsPrefix: String { path + "/checkpoints" }

    // MARK: Store

    /// The file that says where the store is when it is not in the folder.
    private var databasePath: String { path + "/database" }
    /// The store's file, when it is in the folder.
    var storePath: String { path + "/store.sqlite" }

    /// Where the store is: the address that was given, or the one in the folder; nil for the file in the folder.
    ///
    /// - Throws: ``Failure/file(_:)``; `PostgresAddress.Failure`.
    func databaseAddress() throws -> PostgresAddress? {
        if let given = try givenAddress() { return given }
        guard FileManager.default.fileExists(atPath: databasePath) else { return nil }
        let bytes: [UInt8]
        do { bytes = try DurableFile.read(databasePath, atMost: 4096) } catch { throw Failure.file(databasePath) }
        return try PostgresAddress(String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines))
    }

    /// The address that was given, if any.
    func givenAddress() throws -> PostgresAddress? { try database.map { try PostgresAddress($0) } }

    /// The same at another path.
    func moved(to path: String) -> DataDirectory { DataDirectory(path: path, database: database) }

    /// Opens the store, made if it is not there yet.
    ///
    /// - Throws: `StoreError`; ``Failure``; `PostgresAddress.Failure`.
    public func openStore() throws -> SQLStore {
        if let address = try databaseAddress() { return try SQLStore(postgres: address) }
        if !FileManager.default.fileExists(atPath: path) { try createFolder(path) }
        return try SQLStore(sqlite: storePath)
    }

    /// Says in the folder that the store is in the database that was given, for all who open it without being told.
    public func recordDatabase() throws {
        guard let database else { return }
        do { try DurableFile.write(Array("\(database)\n".utf8), to: databasePath) } catch { throw Failure.file(databasePath) }
    }

    // MARK: The log's key

    /// Makes the folder and a fresh log key in it.
    public func createLogKey() throws(Failure) -> Ed25519SigningKey {
        guard !FileManager.default.fileExists(atPath: logKeyPath) else { throw .notEmpty(path) }
        try createFolder(path)
        let key = Ed25519SigningKey()
        try writeSecret(Hex.encode(key.seed), to: logKeyPath)
        return key
    }

    /// The log's key.
    public func logKey() throws(Failure) -> Ed25519SigningKey {
        guard FileManager.default.fileExists(atPath: logKeyPath) else { throw .noCommunity(path) }
        return try key(at: logKeyPath)
    }

    // MARK: Audiences

    /// The audience of that name, made with a fresh key when there is none.
    public func audience(named name: String) throws(Failure) -> Audience {
        let allowed = name.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
        guard allowed, (1...64).contains(name.utf8.count) else { throw .audienceName(name) }
        let keyPath = audiencesPath + "/\(name).key"
        if !FileManager.default.fileExists(atPath: keyPath) {
            try createFolder(audiencesPath)
            let audience = Audience(name: name, key: Ed25519SigningKey())
            // Under its name there is a whole key or none: a service that runs reads it at once. Of two who make it, one does.
            let draft = audiencesPath + "/\(name).new-\(UUID().uuidString)"
            try writeSecret(Hex.encode(audience.key.seed), to: draft)
            defer { unlink(draft) }
            if link(draft, keyPath) == 0 {
                try writeSecret(Array(audience.token.utf8), to: tokenPath(ofAudience: name))
                return audience
            }
            guard errno == EEXIST else { throw .file(keyPath) }
        }
        return Audience(name: name, key: try key(at: keyPath))
    }

    /// All audiences, by name.
    public func audiences() throws(Failure) -> [Audience] {
        guard let files = try? FileManager.default.contentsOfDirectory(atPath: audiencesPath) else { return [] }
        var found: [Audience] = []
        for file in files.sorted() where file.hasSuffix(".key") { found.append(try audience(named: String(file.dropLast(4)))) }
        return found
    }

    /// When an audience or what one may ask was last changed, in nanoseconds since 1970; nil while there are none.
    var audiencesChanged: Int64? {
        var status = stat()
        guard stat(audiencesPath, &status) == 0 else { return nil }
        return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }

    /// The file that holds an audience's token, to be given to its operator.
    public func tokenPath(ofAudience name: String) -> String { audiencesPath + "/\(name).token" }

    /// All files in the folder that nobody but the owner may read: keys and tokens, wherever they are, and the store.
    public func secretPaths() -> [String] {
        let files = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return files.filter { name in [".key", ".token", ".pem", ".sqlite"].contains { name.hasSuffix($0) } }.map { path + "/" + $0 }
            .sorted()
    }

    // MARK: Files

    private func createFolder(_ path: String) throws(Failure) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .file(path)
        }
    }

    private func key(at path: String) throws(Failure) -> Ed25519SigningKey {
        guard let data = FileManager.default.contents(atPath: path) else { throw .file(path) }
        do { return try Ed25519SigningKey(seed: Hex.decode([UInt8](data))) } catch { throw .file(path) }
    }

    private func writeSecret(_ bytes: [UInt8], to path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(bytes))
            try handle.synchronize()
        } catch {
            throw .file(path)
        }
    }
}

/// A relying party of this service: somebody who asks visitors for presentations.
public struct Audience: Sendable {
    /// Name for people and for the address.
    public let name: String
    /// The key of its client record. Its id is a digest of the public half, so nobody can take another's scopes.
    let key: Ed25519SigningKey

    /// Id that scopes and contexts hold.
    public var id: Digest { Digest.of(key.publicKey) }

    /// What its operator shows to create requests: 64 hex digits, derived from the key so that there is one secret to keep.
    public var token: String {
        let bytes = HKDFSHA256.derive(secret: key.seed, salt: [], info: Array("SYMBOLON-V01-audience-token".utf8), count: 32)
        return Hex.text(bytes)
    }
}
