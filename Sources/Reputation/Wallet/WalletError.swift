/// Why a wallet does not do what it is asked. Stays in the wallet: who asked for a presentation learns "cancelled", nothing more.
public enum WalletError: Error, Equatable, Sendable {
    /// The wallet's stored state is not one.
    case state(JSONError)
    /// A part of the stored state, or of a log entry, is not what it must be.
    case stateValue
    /// No claim waits for this receipt.
    case notPending
    /// The receipt is not signed by the community's log.
    case receiptSignature
    /// The values do not fit the schema.
    case values(SchemaError)
    /// The leaf is not Q and the values.
    case leaf
    /// The request is refused, whoever holds the wallet.
    case request(RequestError)
    /// Not what the audience asked, or published, before: a change needs the holder's consent.
    case policy
    /// The credential does not satisfy this predicate (its place in the request).
    case notSatisfied(predicate: Int)
    /// Every ticket of this epoch and audience is used or reserved.
    case noTicketLeft
    /// The wallet was brought back from its words, and does not know yet which tickets it used: a set of the spent ones is wanted that is not
    /// older than that, of the request's epoch.
    case spentUnknown
    /// The ticket was not reserved.
    case ticketNotReserved
    /// The path is not that of the credential's leaf.
    case path
    /// There is nothing to renew into, or the renewal cannot be stated.
    case renewal(RenewalError)
    /// The top-up cannot be stated.
    case topUp(TopUpError)
    /// Another top-up of this credential is not in the log yet.
    case topUpPending
    /// The proof could not be made.
    case proof(PresentationError)

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .state(let error): error.code
        case .stateValue: "wallet-state"
        case .notPending: "claim-not-pending"
        case .receiptSignature: "receipt-signature"
        case .values(let error): error.code
        case .leaf: "leaf-mismatch"
        case .request(let error): error.code
        case .policy: "policy-changed"
        case .notSatisfied: "not-satisfied"
        case .noTicketLeft: "no-ticket-left"
        case .spentUnknown: "spent-unknown"
        case .ticketNotReserved: "ticket-not-reserved"
        case .path: "path-mismatch"
        case .renewal(let error): error.code
        case .topUp(let error): error.code
        case .topUpPending: "top-up-pending"
        case .proof(let error): error.code
        }
    }
}
