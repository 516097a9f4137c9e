/// Why bytes are not JSON of the strict kind read here, or a JSON value is not of the form that is wanted.
public enum JSONError: Error, Equatable, Sendable {
    /// Not JSON, or JSON outside the limits; the offset of the first byte that cannot stand there.
    case malformed(Reason, at: Int)
    /// An object has no member of this name.
    case missingMember([UInt8])
    /// An object has a member that nobody asked for.
    case unknownMember([UInt8])
    /// The value of this member (empty: the value as a whole) is of another type, length or range than wanted.
    case wrongValue([UInt8])

    /// What is wrong at an offset.
    public enum Reason: Equatable, Sendable {
        /// Another byte was expected.
        case syntax
        /// The text ends within a value.
        case end
        /// Bytes after the value.
        case trailing
        /// More bytes than the limit.
        case size
        /// Nested deeper than the limit.
        case depth
        /// More members in one object than the limit.
        case members
        /// An object has two members of one name.
        case duplicateMember
        /// A number that is not an integer of 64 bits, or written with fraction, exponent or as -0.
        case number
        /// Not UTF-8.
        case utf8
        /// A control character in a string.
        case control
        /// An unknown escape, or half a surrogate pair.
        case escape
    }

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .malformed: "json-malformed"
        case .missingMember: "json-member-missing"
        case .unknownMember: "json-member-unknown"
        case .wrongValue: "json-value"
        }
    }
}
