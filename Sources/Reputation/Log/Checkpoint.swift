import Platform

/// The head of a log (c2sp.org/tlog-checkpoint): how many entries, their hash, and the batch that is the last of them.
///
/// The extension line repeats the batch entry for convenience. Witnesses do not vouch for it; `verifyBatch` does, by inclusion.
public struct Checkpoint: Equatable, Sendable {
    /// Name of the log.
    public let origin: [UInt8]
    /// Entries.
    public let size: Int
    /// Root of the Merkle tree over them.
    public let root: Digest
    /// The last entry.
    public let batch: BatchEntry

    /// From its parts.
    public init(origin: [UInt8], size: Int, root: Digest, batch: BatchEntry) {
        self.origin = origin
        self.size = size
        self.root = root
        self.batch = batch
    }

    private static let extensionHead = Array("symbolon-batch ".utf8)

    /// The text that is signed.
    public var text: [UInt8] {
        origin + [0x0a] + decimal(Int64(size)) + [0x0a] + Base64.standard.encode(root.bytes) + [0x0a] + Checkpoint.extensionHead
            + Base64.standard.encode(LogEntry.batch(batch).encoded) + [0x0a]
    }

    /// Reads the text; throws `.checkpoint`, or `.batch` when the extension line is missing or wrong.
    public init(text: [UInt8]) throws(LogError) {
        let head = try TreeHead(text: text)
        let lines = head.extensions.filter { $0.starts(with: Checkpoint.extensionHead) }
        guard lines.count == 1, let entry = try? Base64.standard.decode(Array(lines[0].dropFirst(Checkpoint.extensionHead.count))),
            case .batch(let batch) = try? LogEntry(encoded: entry), head.size > 0
        else { throw .batch }
        self.init(origin: head.origin, size: head.size, root: head.root, batch: batch)
    }

    /// Throws `.inclusion` unless the proof shows that the batch is the log's last entry.
    public func verifyBatch(proof: [Digest]) throws(LogError) {
        let leaf = MerkleTree.leafHash(LogEntry.batch(batch).encoded)
        guard MerkleTree.verifyInclusion(leaf, index: size - 1, size: size, root: root, proof: proof) else { throw .inclusion }
    }
}

#if !hasFeature(Embedded)
extension Checkpoint {
    /// The signed note that is served; the key's name is the origin.
    public func signed(by key: Ed25519SigningKey) -> [UInt8] { SignedNote(text: text, signedBy: key, name: origin).encoded }

    /// Reads a served checkpoint of this community's log; throws unless its key signed it and it is about this schema.
    public init(note: [UInt8], community: Community) throws(LogError) {
        self = try SignedCheckpoint(note: note, community: community).checkpoint
    }
}
#endif
