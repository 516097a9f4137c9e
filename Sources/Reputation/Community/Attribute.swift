/// One number that a credential carries, as its community declares it.
public struct Attribute: Equatable, Sendable {
    /// How an attribute can change over its life.
    public enum Kind: UInt8, Sendable {
        /// Set at first issuance, for ever.
        case fixed = 1
        /// Top-ups add to it, so an older credential shows less: predicates ask "at least" only.
        case growing = 2
        /// Changed by settled feedback only.
        case feedback = 3

        /// The name of the kind in JSON.
        public var name: String {
            switch self {
            case .fixed: "fixed"
            case .growing: "growing"
            case .feedback: "feedback"
            }
        }

        static func named(_ name: [UInt8]) -> Kind? { [fixed, growing, feedback].first { name.elementsEqual($0.name.utf8) } }
    }

    /// 1 to 64 bytes: a lower-case letter, then lower-case letters, digits, `-` and `_`.
    public let name: [UInt8]
    /// How it changes.
    public let kind: Kind
    /// The least and the greatest value it can have over its whole life, feedback included.
    public let domain: ClosedRange<Int64>

    /// Values stay within this size: then no predicate's sum can wrap (protocol.md #9).
    public static let greatestSize: Int64 = 1 << 31

    /// Throws when the name or the domain is not allowed.
    public init(name: [UInt8], kind: Kind, least: Int64, greatest: Int64) throws(SchemaError) {
        guard Attribute.isName(name) else { throw .name(name) }
        guard least <= greatest, least >= -Attribute.greatestSize, greatest <= Attribute.greatestSize else { throw .domain(name) }
        self.name = name
        self.kind = kind
        domain = least...greatest
    }

    /// A count from zero; top-ups add to it unless another kind is wanted.
    public static func counter(_ name: String, atMost greatest: Int64, kind: Kind = .growing) throws(SchemaError) -> Attribute {
        try Attribute(name: Array(name.utf8), kind: kind, least: 0, greatest: greatest)
    }

    /// A date as days since 1970, between two dates.
    public static func date(_ name: String, from first: CivilDate, to last: CivilDate, kind: Kind = .fixed) throws(SchemaError) -> Attribute
    {
        try Attribute(name: Array(name.utf8), kind: kind, least: first.days, greatest: last.days)
    }

    /// 0 or 1.
    public static func flag(_ name: String, kind: Kind = .fixed) throws(SchemaError) -> Attribute {
        try Attribute(name: Array(name.utf8), kind: kind, least: 0, greatest: 1)
    }

    /// The name as text.
    public var nameText: String { String(decoding: name, as: UTF8.self) }

    static func isName(_ name: [UInt8]) -> Bool {
        guard let first = name.first, isLetter(first), name.count <= 64 else { return false }
        return name.allSatisfy(isNameByte)
    }

    static func isLetter(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }

    static func isNameByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
