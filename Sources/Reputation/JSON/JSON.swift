/// A JSON value as this package reads and writes it: numbers are exact 64-bit integers and nothing else, text is UTF-8 bytes.
///
/// Strings stay bytes and objects stay lists: the browser wallet compiles this file too, and comparing `String`s would triple its size.
public enum JSON: Equatable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// An integer without fraction and exponent.
    case integer(Int64)
    /// Text in UTF-8; the writer relies on it being valid.
    case string([UInt8])
    /// Values in order.
    case array([JSON])
    /// Members in order, their names different from each other.
    case object([Member])

    /// One member of an object.
    public struct Member: Equatable, Sendable {
        /// Name in UTF-8.
        public let name: [UInt8]
        /// Value.
        public let value: JSON

        /// A member of this name.
        public init(_ name: [UInt8], _ value: JSON) {
            self.name = name
            self.value = value
        }

        /// A member of this name.
        public init(_ name: String, _ value: JSON) { self.init(Array(name.utf8), value) }
    }

    /// A text value.
    public static func text(_ text: String) -> JSON { .string(Array(text.utf8)) }

    /// Bytes as lower-case hex text.
    public static func hex(_ bytes: [UInt8]) -> JSON { .string(Hex.encode(bytes)) }

    /// Bytes as base64url text.
    public static func base64URL(_ bytes: [UInt8]) -> JSON { .string(Base64.url.encode(bytes)) }

    /// An integer value.
    public static func integer(_ value: UInt32) -> JSON { .integer(Int64(value)) }

    /// The text of a string value, nil for other values.
    public var text: String? {
        guard case .string(let bytes) = self else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value of the member of that name, nil when this is no object or has none. For strict reading take `JSONObject`.
    public subscript(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        for member in members where member.name.elementsEqual(name.utf8) { return member.value }
        return nil
    }
}
