/// A forum that signs its members in, as the store keeps it.
public struct ForumRecord: Sendable, Equatable {
    /// Its client id.
    public let id: String
    /// All else as canonical JSON; the secret only as a hash.
    public let document: [UInt8]

    /// Creates a record from its fields.
    public init(id: String, document: [UInt8]) {
        self.id = id
        self.document = document
    }
}

/// How far an interaction is.
public enum InteractionState: Int, Sendable, Equatable {
    /// For a proof.
    case waiting = 0
    /// Proved by a wallet elsewhere; the code that it shows has not been typed where the interaction began.
    case proved = 1
    /// Proved, and by whom it began with.
    case accepted = 2
    /// The forum was given an authorization code.
    case finished = 3
    /// By the member.
    case cancelled = 4
    /// Too many wrong codes.
    case failed = 5
}

/// An authorization request on its way through a member's browser. Nothing in it says which browser, but to who has its cookie and the
/// interaction's handle: two of one member look like two of any.
public struct InteractionRecord: Sendable, Equatable {
    /// SHA-256 of its handle.
    public let id: [UInt8]
    /// Binds it to the browser in which it began, 32 bytes.
    public let browser: [UInt8]
    /// Client id of the forum.
    public let forum: String
    /// The authorization request as canonical JSON.
    public let document: [UInt8]
    /// Seconds since 1970 from which on it is not answered.
    public let expires: Int64
    /// How far it is.
    public let state: InteractionState
    /// Nonces of the presentation requests that are open for it, one for each tier; empty before they are made.
    public let nonces: [[UInt8]]
    /// What was proved, as canonical JSON; nil before.
    public let proof: [UInt8]?
    /// Wrong codes that may still be typed.
    public let tries: Int

    /// Creates a record from its fields.
    public init(
        id: [UInt8], browser: [UInt8], forum: String, document: [UInt8], expires: Int64, state: InteractionState = .waiting,
        nonces: [[UInt8]] = [], proof: [UInt8]? = nil, tries: Int = 0
    ) {
        self.id = id
        self.browser = browser
        self.forum = forum
        self.document = document
        self.expires = expires
        self.state = state
        self.nonces = nonces
        self.proof = proof
        self.tries = tries
    }
}

/// What became of a code that was typed.
public enum CodeOutcome: Sendable, Equatable {
    /// It was the one; the interaction is accepted.
    case accepted
    /// It was not; so many more may be typed. At none the interaction has failed.
    case wrong(left: Int)
    /// No code is waited for.
    case notAsked
}

/// An authorization code: what the forum gets for it. Or the answer to a request that is answered without one, so that there is no second.
public struct GrantRecord: Sendable, Equatable {
    /// SHA-256 of the code, or of what names the request.
    public let codeHash: [UInt8]
    /// Client id of the forum it was made for.
    public let forum: String
    /// The authorization request as canonical JSON.
    public let document: [UInt8]
    /// What was proved, as canonical JSON.
    public let proof: [UInt8]
    /// Seconds since 1970 from which on it is not exchanged.
    public let expires: Int64

    /// Creates a record from its fields.
    public init(codeHash: [UInt8], forum: String, document: [UInt8], proof: [UInt8], expires: Int64) {
        self.codeHash = codeHash
        self.forum = forum
        self.document = document
        self.proof = proof
        self.expires = expires
    }
}

/// What became of the exchange of a code.
public enum RedeemOutcome: Sendable, Equatable {
    /// The token is good; no other exchange of this code gets this answer.
    case redeemed
    /// It was exchanged before, or is too old; the token of then is good no more.
    case refused
    /// No such code.
    case unknown
}

/// An access token.
public struct TokenRecord: Sendable, Equatable {
    /// SHA-256 of the token.
    public let hash: [UInt8]
    /// Seconds since 1970 from which on it is not taken.
    public let expires: Int64

    /// Creates a record from its fields.
    public init(hash: [UInt8], expires: Int64) {
        self.hash = hash
        self.expires = expires
    }
}

/// That a browser proved something to a forum a while ago.
public struct SessionRecord: Sendable, Equatable {
    /// Computed from the browser's cookie and the forum, 32 bytes: sessions of one browser cannot be told from those of others.
    public let id: [UInt8]
    /// Client id of the forum.
    public let forum: String
    /// What was proved, as canonical JSON.
    public let proof: [UInt8]
    /// Seconds since 1970 from which on it counts no more.
    public let expires: Int64

    /// Creates a record from its fields.
    public init(id: [UInt8], forum: String, proof: [UInt8], expires: Int64) {
        self.id = id
        self.forum = forum
        self.proof = proof
        self.expires = expires
    }
}
