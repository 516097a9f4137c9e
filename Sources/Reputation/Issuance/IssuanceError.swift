/// Why nothing is issued, or what was issued is not accepted.
public enum IssuanceError: Error, Equatable, Sendable {
    /// The JSON is not of the form it must have.
    case json(JSONError)
    /// The text of the claim code is not one.
    case code(BearerCodeError)
    /// Not exactly as many bytes as a request has.
    case length
    /// A point or scalar that is not canonically encoded.
    case encoding
    /// The opening of Q is not proved for this community and code.
    case proof
    /// The values do not fit the schema.
    case values(SchemaError)

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .json(let error): error.code
        case .code(let error): error.code
        case .length: "issuance-length"
        case .encoding: "issuance-encoding"
        case .proof: "issuance-proof"
        case .values(let error): error.code
        }
    }
}
