/// Why a signed note or a checkpoint is refused.
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
        }
    }
}
