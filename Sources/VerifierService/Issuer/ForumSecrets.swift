import Foundation
import Platform
import Reputation

/// Secrets that the service shares with forums and has to know itself, because it signs with them.
///
/// All are derived from one key, a file in the folder of the token keys that only its owner can read. A forum's record holds what tells its
/// secret from others, so a copy of the store signs nothing, and who changes the record changes the secret.
public struct ForumSecrets: Sendable, Redacted {
    /// What a secret is for.
    public enum Purpose: String, Sendable {
        /// DiscourseConnect, in both directions.
        case discourse
        /// Webhooks.
        case webhook
    }

    private let key: [UInt8]

    /// Opens the key in a folder; makes folder and key that are not there.
    ///
    /// - Throws: ``DataDirectory/Failure``.
    public init(folder: String) throws(DataDirectory.Failure) {
        let path = folder + "/secrets.key"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            if !FileManager.default.fileExists(atPath: path) {
                let lock = try FileLock(path)
                defer { withExtendedLifetime(lock) {} }
                // Another process may have been faster.
                if !FileManager.default.fileExists(atPath: path) { try DurableFile.write(Hex.encode(Random.bytes(32)), to: path) }
            }
            key = try Hex.decode(DurableFile.read(path, atMost: 64))
        } catch {
            throw .file(path)
        }
        guard key.count == 32 else { throw .file(path) }
    }

    /// A secret: 64 hex digits of 256 bits.
    public func secret(_ purpose: Purpose, of id: String, salt: Digest) -> String {
        let info = Array("SYMBOLON-V01-\(purpose.rawValue)-secret".utf8) + SHA256.hash(Array(id.utf8))
        return Hex.text(HKDFSHA256.derive(secret: key, salt: salt.bytes, info: info, count: 32))
    }
}
