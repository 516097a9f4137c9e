/// Why a signed note, a checkpoint or what is published under it is refused.
public enum LogError: Error, Equatable, Sendable {
    /// Not a signed note: no signature lines, control characters, not UTF-8, too long.
    case note
    /// No signature by the log's key, or one that does not verify.
    case signature
    /// The note's text is not that of a checkpoint.
    case checkpoint
    /// The checkpoint of another log.
    case origin
    /// The extension line does not hold a batch entry.
    case batch
    /// The batch is about another schema.
    case schema
    /// The batch is not the last entry of the log.
    case inclusion
    /// A tile or a bundle of entries is not what it must be.
    case tile
    /// The entries do not hash to the signed root.
    case root
    /// The log does not go back to what was signed before: it was rewritten, or others are shown another.
    case fork
    /// Older than what was seen before.
    case older
    /// Fewer cosignatures of witnesses than are wanted.
    case quorum
    /// Too many checkpoints of others wait for the copy of the log to grow so far.
    case backlog

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .note: "note-malformed"
        case .signature: "note-signature"
        case .checkpoint: "checkpoint-malformed"
        case .origin: "checkpoint-origin"
        case .batch: "checkpoint-batch"
        case .schema: "checkpoint-schema"
        case .inclusion: "checkpoint-inclusion"
        case .tile: "log-tile"
        case .root: "log-entries"
        case .fork: "log-fork"
        case .older: "checkpoint-older"
        case .quorum: "checkpoint-quorum"
        case .backlog: "checkpoint-backlog"
        }
    }
}
