import Proofs

/// Which check a presentation fails.
public enum PresentationError: Error, Equatable, Sendable {
    /// The request, or the answer to it, is refused before any proof is looked at.
    case request(RequestError)
    /// Not exactly as many bytes as the request asks for.
    case length
    /// A point or scalar that is not canonically encoded.
    case encoding
    /// The membership proof, with the predicates' ranges in it, does not hold.
    case membership(ProofError)
    /// The relation between nullifiers, credential and predicates does not hold.
    case relation(ProofError)
    /// The credential does not satisfy the request, or does not stand in the tree. Only who proves learns this.
    case witness

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .request(let error): error.code
        case .length: "presentation-length"
        case .encoding: "presentation-encoding"
        case .membership: "membership-proof"
        case .relation: "relation-proof"
        case .witness: "cannot-prove"
        }
    }

    static func inMembership(_ error: ProofError) -> PresentationError {
        switch error {
        case .length: .length
        case .malformed: .encoding
        default: .membership(error)
        }
    }

    static func inRelation(_ error: ProofError) -> PresentationError {
        switch error {
        case .length: .length
        case .malformed: .encoding
        default: .relation(error)
        }
    }
}
