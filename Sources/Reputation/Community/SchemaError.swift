/// Why a schema is not one, or values do not fit it. Names are public: they are in the schema.
public enum SchemaError: Error, Equatable, Sendable {
    /// No attributes, or more than `Schema.greatestCount`.
    case count
    /// Not a name.
    case name([UInt8])
    /// Two attributes of this name.
    case duplicate([UInt8])
    /// Least above greatest, or beyond +-2^31.
    case domain([UInt8])
    /// The JSON form is not one.
    case json(JSONError)
    /// Not as many values as attributes.
    case valueCount
    /// A value outside the domain of this attribute.
    case value([UInt8])

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .count: "schema-count"
        case .name: "schema-name"
        case .duplicate: "schema-duplicate-name"
        case .domain: "schema-domain"
        case .json(let error): error.code
        case .valueCount: "value-count"
        case .value: "value-out-of-domain"
        }
    }
}
