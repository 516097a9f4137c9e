import CryptoExtras
import Foundation
import JWTKit
import Platform
import Reputation
import VerifierService

/// The keys that ID tokens are signed with: one of each algorithm, and the public halves of those that were replaced, for as long as a
/// token of theirs may be looked at.
///
/// They are files in a folder of the data directory that only its owner can read: `keys.json` says which there are, `KID.pem` is a private
/// key. A rotated key's private half is deleted.
public actor SigningKeys {
    /// Why the folder cannot be used.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// A file cannot be read or written, or is not what it should be.
        case file(String)

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .file(let path): "\(path) cannot be read or written, or is not what it should be"
            }
        }
    }

    /// Seconds for which a replaced key's public half is published: longer than any token lives, or a forum keeps the list.
    public static let memory: Int64 = 86_400

    private struct Entry {
        let id: String
        let algorithm: Forum.Algorithm
        let published: JSON
        var retired: Int64?

        func isForgotten(_ now: Int64) -> Bool { retired.map { now - $0 > SigningKeys.memory } ?? false }
    }

    private let folder: String
    private var entries: [Entry] = []
    private var source: [UInt8] = []
    private var collection = JWTKeyCollection()

    /// Opens the keys in a folder; makes folder and keys that are not there.
    ///
    /// - Throws: ``Failure``.
    public init(folder: String, now: Int64) async throws {
        self.folder = folder
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure.file(folder)
        }
        let lock = try await lock()
        defer { withExtendedLifetime(lock) {} }
        try await load()
        let known = entries.filter { $0.retired == nil }.map(\.algorithm)
        let missing = Forum.Algorithm.allCases.filter { !known.contains($0) }
        if !missing.isEmpty { try await replace(missing, now: now) }
    }

    /// Replaces all keys by fresh ones.
    ///
    /// - Throws: ``Failure``.
    public func rotate(now: Int64) async throws {
        let lock = try await lock()
        defer { withExtendedLifetime(lock) {} }
        try await load()
        try await replace(Forum.Algorithm.allCases, now: now)
    }

    /// Takes over what another process wrote into the folder, and forgets what was replaced long ago.
    ///
    /// - Throws: ``Failure``.
    public func keepUp(now: Int64) async throws {
        try await load()
        guard entries.contains(where: { $0.isForgotten(now) }) else { return }
        let lock = try await lock()
        defer { withExtendedLifetime(lock) {} }
        try await load()
        try await keep(entries.filter { !$0.isForgotten(now) })
    }

    /// The published keys (RFC 7517).
    public var document: [UInt8] { JSON.object([.init("keys", .array(entries.map(\.published)))]).encoded() }

    /// The keys for people: since when they sign no more, if so.
    package func described(now: Int64) -> [(id: String, algorithm: String, state: String)] {
        entries.map { entry in
            (entry.id, entry.algorithm.rawValue, entry.retired.map { "replaced \(UTC.text($0))" } ?? "signs")
        }
    }

    /// Signs claims with the newest key of an algorithm.
    ///
    /// - Parameter type: of the token (RFC 8725 3.11).
    package func sign(_ claims: Claims, _ algorithm: Forum.Algorithm, type: String = "JWT") async throws -> String {
        guard let entry = entries.last(where: { $0.algorithm == algorithm && $0.retired == nil }) else { throw Failure.file(path) }
        return try await collection.sign(claims, kid: JWKIdentifier(string: entry.id), header: ["typ": .string(type)])
    }

    /// The claims of a token that one of the published keys signed, whenever it expired; nil for any other text.
    func claims(of token: String) async -> JSON? {
        guard token.utf8.count <= 8192 else { return nil }
        return try? await collection.verify(token, as: Claims.self).json
    }

    // MARK: Files

    private var path: String { folder + "/keys.json" }

    /// Another process that is started at the same time is done soon.
    private func lock() async throws -> FileLock {
        var tries = 0
        while true {
            do { return try FileLock(path) } catch {
                guard error == .locked, tries < 200 else { throw Failure.file(path) }
            }
            tries += 1
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func load() async throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            let bytes = try DurableFile.read(path, atMost: 1 << 20)
            guard bytes != source else { return }
            var object = try JSONObject(JSON(parsing: bytes))
            try object.version(1)
            let read = try object.array("keys", atMost: 1000).map { value in
                var key = try JSONObject(value)
                let (id, name, published) = (try key.line("kid"), try key.line("algorithm"), try key.take("public"))
                let retired = key.has("retired") ? try key.integer("retired") : nil
                try key.finish()
                guard let algorithm = Forum.Algorithm(rawValue: name) else { throw Failure.file(path) }
                return Entry(id: id, algorithm: algorithm, published: published, retired: retired)
            }
            try object.finish()
            try await take(read, source: bytes)
        } catch {
            throw Failure.file(path)
        }
    }

    private func take(_ read: [Entry], source: [UInt8]) async throws {
        let fresh = JWTKeyCollection()
        let published = JSON.object([.init("keys", .array(read.map(\.published)))]).encoded()
        try await fresh.add(jwksJSON: String(decoding: published, as: UTF8.self))
        for entry in read where entry.retired == nil {
            let pem = String(decoding: try DurableFile.read(privatePath(entry.id), atMost: 1 << 14), as: UTF8.self)
            let id = JWKIdentifier(string: entry.id)
            switch entry.algorithm {
            case .rs256: await fresh.add(rsa: try JWTKit.Insecure.RSA.PrivateKey(pem: pem), digestAlgorithm: .sha256, kid: id)
            case .es256: await fresh.add(ecdsa: try ES256PrivateKey(pem: pem), kid: id)
            }
        }
        (entries, collection, self.source) = (read, fresh, source)
    }

    private func privatePath(_ id: String) -> String { folder + "/\(id).pem" }

    private func replace(_ algorithms: [Forum.Algorithm], now: Int64) async throws {
        var next = entries
        for at in next.indices where algorithms.contains(next[at].algorithm) && next[at].retired == nil { next[at].retired = now }
        for algorithm in algorithms {
            let (entry, pem) = try Self.make(algorithm)
            do { try DurableFile.write(Array(pem.utf8), to: privatePath(entry.id)) } catch { throw Failure.file(privatePath(entry.id)) }
            next.append(entry)
        }
        try await keep(next)
        for entry in next where entry.retired != nil { try? FileManager.default.removeItem(atPath: privatePath(entry.id)) }
    }

    private func keep(_ next: [Entry]) async throws {
        let keys = next.map { entry in
            var members: [JSON.Member] = [
                .init("kid", .text(entry.id)), .init("algorithm", .text(entry.algorithm.rawValue)), .init("public", entry.published),
            ]
            if let retired = entry.retired { members.append(.init("retired", .integer(retired))) }
            return JSON.object(members)
        }
        let bytes = JSON.object([.init("version", .integer(Int64(1))), .init("keys", .array(keys))]).encoded()
        do {
            try DurableFile.write(bytes, to: path)
            try await take(next, source: bytes)
        } catch {
            throw Failure.file(path)
        }
    }

    /// A fresh key; its id is its thumbprint (RFC 7638).
    private static func make(_ algorithm: Forum.Algorithm) throws -> (Entry, pem: String) {
        let (required, pem): ([JSON.Member], String)
        switch algorithm {
        case .rs256:
            let key = try JWTKit.Insecure.RSA.PrivateKey(backing: .init(keySize: .bits2048))
            let parts = try key.publicKey.getKeyPrimitives()
            required = [
                .init("e", .base64URL([UInt8](parts.publicExponent))), .init("kty", .text("RSA")),
                .init("n", .base64URL([UInt8](parts.modulus))),
            ]
            pem = key.pemRepresentation
        case .es256:
            let key = ES256PrivateKey()
            guard let point = key.publicKey.parameters, let x = Data(base64Encoded: point.x), let y = Data(base64Encoded: point.y) else {
                throw Failure.file("ES256")
            }
            required = [
                .init("crv", .text("P-256")), .init("kty", .text("EC")), .init("x", .base64URL([UInt8](x))),
                .init("y", .base64URL([UInt8](y))),
            ]
            pem = key.pemRepresentation
        }
        let id = Opaque.digest(JSON.object(required).encoded())
        let published = JSON.object(
            required + [.init("use", .text("sig")), .init("alg", .text(algorithm.rawValue)), .init("kid", .text(id))])
        return (Entry(id: id, algorithm: algorithm, published: published, retired: nil), pem)
    }
}

extension DataDirectory {
    /// The folder of the keys that tokens are signed with.
    public var signInFolder: String { path + "/sign-in" }
}
