import Foundation
import Platform
import Reputation

/// A witness: cosigns a checkpoint of a log only if it goes on from the last one that it cosigned (c2sp.org/tlog-witness).
///
/// What it saw last of a log is on the disk before its signature leaves. It looks at no entry: that the log only grows is all it says.
public actor Witness {
    /// Why a checkpoint is not cosigned.
    public enum Refusal: Error, Equatable, Sendable {
        /// The request is none, or its old size is larger than the checkpoint.
        case malformed
        /// No log of that origin is known.
        case unknownLog
        /// No signature of the log's key.
        case signature
        /// The witness saw this size last, or another root at this size.
        case conflict(size: Int)
        /// The proof of consistency does not hold.
        case inconsistent

        /// The status that says so over HTTP.
        public var status: Int {
            switch self {
            case .malformed: 400
            case .unknownLog: 404
            case .signature: 403
            case .conflict: 409
            case .inconsistent: 422
            }
        }
    }

    /// Its key, as logs and their readers are told of it.
    public nonisolated let verifierKey: VerifierKey
    private let key: Ed25519SigningKey
    private let logs: [VerifierKey]
    private let folder: String
    private let lock: FileLock

    /// Opens a witness's memory.
    ///
    /// - Parameters:
    ///   - name: of its key.
    ///   - logs: whose checkpoints it cosigns.
    ///   - folder: where it remembers what it saw; one process at a time.
    /// - Throws: `FormatError`; `FileError`.
    public init(name: [UInt8], key: Ed25519SigningKey, logs: [VerifierKey], folder: String) throws {
        verifierKey = try VerifierKey(name: name, publicKey: key.publicKey, purpose: .cosignatures)
        self.key = key
        self.logs = logs
        self.folder = folder
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        lock = try FileLock(folder + "/witness")
    }

    private func file(of origin: [UInt8]) -> String { "\(folder)/\(Digest.of(origin).hex).checkpoint" }

    /// The last checkpoint of a log that was cosigned. A file that cannot be read is an error and not a beginning.
    private func last(of origin: [UInt8]) throws -> TreeHead? {
        let note: [UInt8]
        do { note = try DurableFile.read(file(of: origin), atMost: SignedNote.greatestLength) } catch {
            guard error == .system(ENOENT) else { throw error }
            return nil
        }
        let head = try TreeHead(text: try SignedNote(parsing: note).text)
        guard head.origin == origin else { throw LogError.origin }
        return head
    }

    /// Cosigns the checkpoint of a request.
    ///
    /// - Parameter now: in seconds since 1970.
    /// - Returns: the signature lines to answer with.
    /// - Throws: ``Refusal``; `FileError` and `LogError` for its own memory.
    public func add(_ body: [UInt8], now: Int64) throws -> [UInt8] {
        guard let request = try? CosigningRequest(encoded: body), let note = try? SignedNote(parsing: request.note),
            let head = try? TreeHead(text: note.text)
        else { throw Refusal.malformed }
        let keys = logs.filter { $0.name == head.origin }
        guard !keys.isEmpty else { throw Refusal.unknownLog }
        guard keys.contains(where: { (try? note.verify(name: $0.name, publicKey: $0.publicKey)) != nil }) else { throw Refusal.signature }
        guard request.oldSize <= head.size else { throw Refusal.malformed }
        let last = try last(of: head.origin)
        guard request.oldSize == last?.size ?? 0 else { throw Refusal.conflict(size: last?.size ?? 0) }
        if let last, last.size > 0 {
            if head.size == last.size, head.root != last.root { throw Refusal.conflict(size: last.size) }
            guard
                MerkleTree.verifyConsistency(
                    old: last.size, oldRoot: last.root, new: head.size, newRoot: head.root, proof: request.proof)
            else { throw Refusal.inconsistent }
        } else {
            guard request.proof.isEmpty else { throw Refusal.inconsistent }
        }
        // On the disk before the signature is made. The actor runs this without a pause, so nothing comes between look and write.
        try DurableFile.write(request.note, to: file(of: head.origin))
        return Cosignature.sign(text: note.text, time: now, name: verifierKey.name, key: key).line
    }
}
