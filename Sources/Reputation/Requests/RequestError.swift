/// Which check a request, or an answer to it, fails. The same checks run in the wallet and at the verifier, with the same names.
public enum RequestError: Error, Equatable, Sendable {
    /// The JSON is not of the form it must have.
    case json(JSONError)
    /// The bytes are not the canonical form.
    case format(FormatError)
    /// More scopes, predicates, attributes or tickets than allowed.
    case tooMany
    /// A name that the schema does not have.
    case unknownAttribute([UInt8])
    /// A predicate's text cannot be read at this offset.
    case predicateSyntax(at: Int)

    /// The nonce is shorter than 16 or longer than 64 bytes.
    case nonceLength
    /// No context is defined for these fields: a time before 1970, a message that is no digest.
    case contextFields
    /// No attributes, or a context that is not 32 bytes.
    case requestFields
    /// No scope, or one twice.
    case scopes
    /// Disclosed attributes are not in rising order, or not attributes of the credential.
    case disclosedAttributes
    /// The schema has another number of attributes than the credential.
    case attributeCount
    /// A predicate's attributes are not in rising order, not of the credential, or disclosed.
    case predicateAttributes
    /// A weight or bound is out of range, or the weights have a common factor.
    case predicateWeights
    /// A sum over the schema's domains can lie above what is proved: the request would ask for more than it says.
    case predicateWindow
    /// "At most" on a growing attribute, which an older credential of the same tree would satisfy.
    case atMostOnGrowing

    /// Another community's request.
    case communityMismatch
    /// For another schema than the credential's.
    case schemaMismatch
    /// For another epoch than the credential's, or the root's.
    case epochMismatch
    /// For another audience than the one that is talked to.
    case audienceMismatch
    /// The request's time is over.
    case expired
    /// Scopes that may not be asked for together, or not at all.
    case scopeCombination
    /// A scope of another community.
    case scopeCommunity
    /// A scope of another epoch than that of the root.
    case scopeEpoch
    /// A scope of another audience than the one that is talked to.
    case scopeAudience
    /// Not one of the forms that the audience's policy says.
    case policy

    /// The answer is for another nonce.
    case nonceMismatch
    /// The answer is for another expiry.
    case expiryMismatch
    /// The answer is for another message.
    case messageMismatch
    /// The answer is for other scopes.
    case scopeMismatch
    /// The answer discloses other attributes.
    case disclosureMismatch
    /// The answer is for other predicates.
    case predicateMismatch
    /// The answer is for another root than the one it is verified against.
    case rootMismatch
    /// Not as many values as attributes to disclose.
    case disclosedCount
    /// A disclosed value outside its attribute's domain.
    case disclosedValue
    /// No ticket where one is wanted, one where none is, or one beyond the number of tickets.
    case ticket

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .json(let error): error.code
        case .format(let error): error.code
        case .tooMany: "request-too-many"
        case .unknownAttribute: "attribute-unknown"
        case .predicateSyntax: "predicate-syntax"
        case .nonceLength: "nonce-length"
        case .contextFields: "context-fields"
        case .requestFields: "request-fields"
        case .scopes: "request-scopes"
        case .disclosedAttributes: "disclosed-attributes"
        case .attributeCount: "attribute-count"
        case .predicateAttributes: "predicate-attributes"
        case .predicateWeights: "predicate-weights"
        case .predicateWindow: "predicate-window"
        case .atMostOnGrowing: "predicate-at-most-growing"
        case .communityMismatch: "community-mismatch"
        case .schemaMismatch: "schema-mismatch"
        case .epochMismatch: "epoch-mismatch"
        case .audienceMismatch: "audience-mismatch"
        case .expired: "expired"
        case .scopeCombination: "scope-combination"
        case .scopeCommunity: "scope-community"
        case .scopeEpoch: "scope-epoch"
        case .scopeAudience: "scope-audience"
        case .policy: "policy-mismatch"
        case .nonceMismatch: "nonce-mismatch"
        case .expiryMismatch: "expiry-mismatch"
        case .messageMismatch: "message-mismatch"
        case .scopeMismatch: "scope-mismatch"
        case .disclosureMismatch: "disclosure-mismatch"
        case .predicateMismatch: "predicate-mismatch"
        case .rootMismatch: "root-mismatch"
        case .disclosedCount: "disclosed-count"
        case .disclosedValue: "disclosed-value"
        case .ticket: "ticket"
        }
    }
}
