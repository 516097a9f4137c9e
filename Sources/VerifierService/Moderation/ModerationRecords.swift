/// A pseudonym that may not act at an audience.
public struct BanRecord: Sendable, Equatable {
    /// Given by the store, rising.
    public let number: Int
    /// Id of the audience, 32 bytes.
    public let audience: [UInt8]
    /// The pseudonym.
    public let subject: Subject
    /// For operators.
    public let reason: String
    /// For the member.
    public let publicReason: String
    /// Seconds since 1970 from which on it holds no more; nil when it has no end.
    public let until: Int64?
    /// Which operator.
    public let by: String
    /// When, in seconds since 1970.
    public let time: Int64
    /// When and by whom it was lifted, and why; nil when it was not.
    public let lifted: Lifting?

    /// The end of a ban before its time.
    public struct Lifting: Sendable, Equatable {
        /// Seconds since 1970.
        public let time: Int64
        /// Which operator.
        public let by: String
        /// For operators.
        public let reason: String

        /// Creates it from its fields.
        public init(time: Int64, by: String, reason: String) {
            self.time = time
            self.by = by
            self.reason = reason
        }
    }

    /// Creates a record from its fields; the store numbers what it is given.
    public init(
        number: Int = 0, audience: [UInt8], subject: Subject, reason: String, publicReason: String, until: Int64?, by: String, time: Int64,
        lifted: Lifting? = nil
    ) {
        self.number = number
        self.audience = audience
        self.subject = subject
        self.reason = reason
        self.publicReason = publicReason
        self.until = until
        self.by = by
        self.time = time
        self.lifted = lifted
    }

    /// Whether it holds.
    public func isInForce(_ now: Int64) -> Bool { lifted == nil && until.map { now < $0 } ?? true }
}

/// What became of a ban.
public enum BanOutcome: Sendable, Equatable {
    /// It holds under this number.
    case banned(Int)
    /// Another one holds, under this number; nothing was changed.
    case alreadyBanned(Int)
}

/// What an operator wrote down about a pseudonym, for other operators.
public struct NoteRecord: Sendable, Equatable {
    /// Given by the store, rising.
    public let number: Int
    /// Id of the audience, 32 bytes.
    public let audience: [UInt8]
    /// The pseudonym.
    public let subject: Subject
    /// What it says.
    public let text: String
    /// Which operator.
    public let by: String
    /// When, in seconds since 1970.
    public let time: Int64

    /// Creates a record from its fields; the store numbers what it is given.
    public init(number: Int = 0, audience: [UInt8], subject: Subject, text: String, by: String, time: Int64) {
        self.number = number
        self.audience = audience
        self.subject = subject
        self.text = text
        self.by = by
        self.time = time
    }
}

/// A banned member's word against his ban.
public struct AppealRecord: Sendable, Equatable {
    /// How it stands.
    public enum State: Int, Sendable, Equatable {
        /// Nobody has decided.
        case open = 0
        /// The ban was lifted.
        case granted = 1
        /// The ban stays.
        case refused = 2
    }

    /// Given by the store, rising.
    public let number: Int
    /// The ban that it is about.
    public let ban: Int
    /// Digest of what the proof was bound to: the same appeal, whenever it comes again.
    public let message: [UInt8]
    /// What the member says.
    public let text: String
    /// When, in seconds since 1970.
    public let time: Int64
    /// How it stands.
    public let state: State
    /// What the member is told of the decision; nil while it is open.
    public let answer: String?
    /// Which operator decided.
    public let by: String?

    /// Creates a record from its fields; the store numbers what it is given.
    public init(
        number: Int = 0, ban: Int = 0, message: [UInt8], text: String, time: Int64, state: State = .open, answer: String? = nil,
        by: String? = nil
    ) {
        self.number = number
        self.ban = ban
        self.message = message
        self.text = text
        self.time = time
        self.state = state
        self.answer = answer
        self.by = by
    }
}

/// What became of an appeal.
public enum AppealOutcome: Sendable, Equatable {
    /// It is kept, now or since it first came; how it stands.
    case kept(AppealRecord)
    /// The pseudonym is not banned there.
    case notBanned
    /// Another appeal against the ban waits for its decision.
    case anotherOpen
    /// There were as many against this ban as there may be.
    case usedUp
}

/// What became of a decision.
public enum DecisionOutcome: Sendable, Equatable {
    /// It stands; when granted, the ban is lifted.
    case decided
    /// There is no such appeal.
    case unknown
    /// It is decided already.
    case closed
    /// Who banned does not decide.
    case sameOperator
}

/// A pseudonym that signed in, with days alone: no time of day, and nothing of who it is.
public struct SeenRecord: Sendable, Equatable {
    /// Id of the audience, 32 bytes.
    public let audience: [UInt8]
    /// The pseudonym.
    public let subject: Subject
    /// Days since 1970 on which it first and last signed in.
    public let first: Int, last: Int

    /// Creates a record from its fields.
    public init(audience: [UInt8], subject: Subject, first: Int, last: Int) {
        self.audience = audience
        self.subject = subject
        self.first = first
        self.last = last
    }
}
