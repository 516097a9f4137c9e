import Reputation

/// What the operator asked for at the end of an epoch.
public struct EpochEnd: Sendable, Equatable {
    /// Whether feedback is to settle and renewals are to begin.
    public let isSettled: Bool
    /// How the next epoch begins.
    public let next: EpochPlan

    /// Creates it from its fields.
    public init(isSettled: Bool, next: EpochPlan) {
        self.isSettled = isSettled
        self.next = next
    }
}

/// How an epoch begins where it differs from the one before.
public struct EpochPlan: Sendable, Equatable {
    /// Its rules as canonical JSON; nil for the same as before.
    public let rules: [UInt8]?
    /// Depth of its tree, 1 to 4; nil for the same as before.
    public let depth: UInt32?
    /// When leaves enter its tree; nil for the same as before.
    public let batching: Batching?

    /// Creates it from its fields.
    public init(rules: [UInt8]? = nil, depth: UInt32? = nil, batching: Batching? = nil) {
        self.rules = rules
        self.depth = depth
        self.batching = batching
    }

    /// As the one before.
    public static let same = EpochPlan()
}

/// What became of the wish to settle an epoch's end.
public enum SettlementOutcome: Sendable, Equatable {
    /// Recorded.
    case settled
    /// The epoch was not ended first: reports were still possible.
    case notEnded
    /// A report that would settle is disputed, and nobody has decided.
    case disputed
}

/// A forum's report of an act.
public struct ReportRecord: Sendable, Equatable {
    /// How it stands.
    public enum State: Int, Sendable {
        /// Nobody disputed it.
        case stands = 0
        /// The account disputes it, and the operator has not decided: nothing settles.
        case disputed = 1
        /// Disputed, and confirmed.
        case upheld = 2
        /// Disputed, and taken back.
        case dismissed = 3
    }

    /// Number in the store; 0 before it is there.
    public let number: Int
    /// Epoch of the act.
    public let epoch: UInt32
    /// The forum.
    public let audience: [UInt8]
    /// Nullifier of the account, 33 bytes.
    public let account: [UInt8]
    /// Digest of the message.
    public let message: [UInt8]
    /// Code of the reason.
    public let reason: String
    /// Whether the attribute is to rise.
    public let raises: Bool
    /// Nonce of the request that the act's presentation answered: the evidence.
    public let nonce: [UInt8]
    /// How it stands.
    public let state: State

    /// Creates a record from its fields.
    public init(
        number: Int = 0, epoch: UInt32, audience: [UInt8], account: [UInt8], message: [UInt8], reason: String, raises: Bool, nonce: [UInt8],
        state: State = .stands
    ) {
        self.number = number
        self.epoch = epoch
        self.audience = audience
        self.account = account
        self.message = message
        self.reason = reason
        self.raises = raises
        self.nonce = nonce
        self.state = state
    }
}

/// What became of a report.
public enum ReportOutcome: Sendable, Equatable {
    /// Recorded now.
    case recorded
    /// The message was reported before.
    case repeated
    /// The epoch after that of the act has ended.
    case closed
}

/// What became of a dispute.
public enum DisputeOutcome: Sendable, Equatable {
    /// The report is disputed, now or since earlier.
    case disputed
    /// The operator has decided already, or the report has settled.
    case closed
    /// No such report on this account.
    case unknown
}

/// An answered renewal.
public struct RenewalRecord: Sendable, Equatable {
    /// The epoch that is left.
    public let from: UInt32
    /// The epoch that is entered.
    public let to: UInt32
    /// Nullifier of the renewal, 33 bytes: with the epoch that is left, what a member has only one of.
    public let nullifier: [UInt8]
    /// The leaf before anything was added, 33 bytes: says whether a renewal is a repetition.
    public let base: [UInt8]
    /// The log's entry for it, its place still 0.
    public let entry: [UInt8]
    /// What was answered, byte for byte.
    public let answer: [UInt8]

    /// Creates a record from its fields.
    public init(from: UInt32, to: UInt32, nullifier: [UInt8], base: [UInt8], entry: [UInt8], answer: [UInt8]) {
        self.from = from
        self.to = to
        self.nullifier = nullifier
        self.base = base
        self.entry = entry
        self.answer = answer
    }
}

/// What became of a renewal.
public enum RenewalOutcome: Sendable, Equatable {
    /// Recorded now, with this answer.
    case renewed([UInt8])
    /// The member renewed out of that epoch to the same leaf before: the answer of then.
    case repeated([UInt8])
    /// The member renewed out of that epoch to another leaf.
    case alreadyRenewed
    /// The epoch to be entered has ended.
    case closed
}
