/// Why a renewal is refused.
public enum RenewalError: Error, Equatable, Sendable {
    /// The JSON is not of the form it must have.
    case json(JSONError)
    /// Not out of an epoch, or not into one, that takes renewals now.
    case epoch
    /// Not proved against the final root of the epoch that is left.
    case root
    /// Not exactly the bytes, points and scalars that a renewal has.
    case encoding
    /// A value is disclosed that need not be, or is not where it has to be.
    case disclosure
    /// The new leaf is not the re-randomised credential with what is added to it.
    case leaf
    /// The presentation does not hold.
    case presentation(PresentationError)
    /// The receipt is not signed by the community's log.
    case signature

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .json(let error): error.code
        case .epoch: "renewal-epoch"
        case .root: "root-mismatch"
        case .encoding: "renewal-encoding"
        case .disclosure: "renewal-disclosure"
        case .leaf: "renewal-leaf"
        case .presentation(let error): error.code
        case .signature: "receipt-signature"
        }
    }
}
