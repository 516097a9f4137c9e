/// Why bytes are not the canonical encoding of a thing of this package.
public enum FormatError: Error, Equatable, Sendable {
    /// Too few or too many bytes.
    case length
    /// A form that the writer never writes: a point off the curve, a byte that is no digit, fields out of order.
    case notCanonical
    /// An unknown kind, purpose or version.
    case unknownKind
    /// More elements than the format allows.
    case tooMany

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .length: "format-length"
        case .notCanonical: "format-not-canonical"
        case .unknownKind: "format-unknown-kind"
        case .tooMany: "format-too-many"
        }
    }
}
