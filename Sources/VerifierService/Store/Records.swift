/// A community as the store keeps it. The log's private key is not in the store.
public struct CommunityRecord: Sendable, Equatable {
    /// SHA-256 of the log's public key, 32 bytes.
    public let id: [UInt8]
    /// What it publishes about itself, as canonical JSON.
    public let document: [UInt8]

    /// Creates a record from its fields.
    public init(id: [UInt8], document: [UInt8]) {
        self.id = id
        self.document = document
    }
}

/// A claim code: only its hash is kept, so the store cannot be used to claim.
public struct ClaimCodeRecord: Sendable, Equatable {
    /// SHA-256 of the code's bytes.
    public let hash: [UInt8]
    /// Whom it was made for, in the operator's own words (row or account name); unique in the community.
    public let person: String
    /// Values of the schema's attributes, in its order.
    public let attributes: [Int64]

    /// Creates a record from its fields.
    public init(hash: [UInt8], person: String, attributes: [Int64]) {
        self.hash = hash
        self.person = person
        self.attributes = attributes
    }
}

/// An answered request for issuance.
public struct IssuanceRecord: Sendable, Equatable {
    /// SHA-256 of the claim code's bytes.
    public let codeHash: [UInt8]
    /// The member's commitment Q, 33 bytes.
    public let blank: [UInt8]
    /// The request as it came, Q and the proof of its opening: the log shows it to the audit.
    public let message: [UInt8]
    /// The leaf C = Q + sum a_i B_i, 33 bytes.
    public let leaf: [UInt8]
    /// What was answered, byte for byte.
    public let answer: [UInt8]
    /// The epoch that the answer promises; not recorded once that has ended.
    public let epoch: UInt32

    /// Creates a record from its fields.
    public init(codeHash: [UInt8], blank: [UInt8], message: [UInt8], leaf: [UInt8], answer: [UInt8], epoch: UInt32 = 1) {
        self.epoch = epoch
        self.codeHash = codeHash
        self.blank = blank
        self.message = message
        self.leaf = leaf
        self.answer = answer
    }
}

/// What became of a request for issuance.
public enum IssuanceOutcome: Sendable, Equatable {
    /// Recorded now, with this answer.
    case issued([UInt8])
    /// The code was used with the same blank before: the answer of then.
    case repeated([UInt8])
    /// The code was used with another blank.
    case codeUsed
    /// No such code.
    case unknownCode
    /// The epoch that was promised has ended.
    case epochEnded
}

/// What became of a revocation.
public enum RevocationOutcome: Sendable, Equatable {
    /// Recorded, now or before; so many leaves are recorded under the person's codes, top-ups included.
    case revoked(leaves: Int)
    /// Nobody of that name has a code.
    case unknownPerson
}

/// An issued leaf that waits for a batch.
public struct PendingLeaf: Sendable, Equatable {
    /// The claim code it was issued under.
    public let codeHash: [UInt8]
    /// The attribute values it was issued with.
    public let attributes: [Int64]
    /// The request it answers: Q and the proof of its opening.
    public let message: [UInt8]
    /// The leaf, 33 bytes.
    public let leaf: [UInt8]

    /// Creates a record from its fields.
    public init(codeHash: [UInt8], attributes: [Int64], message: [UInt8], leaf: [UInt8]) {
        self.codeHash = codeHash
        self.attributes = attributes
        self.message = message
        self.leaf = leaf
    }
}

/// A run of log entries that ends with a batch entry, and what it does to the tree.
public struct LogBatch: Sendable {
    /// Position of the first entry: the size of the log before.
    public let start: Int
    /// The encoded entries.
    public let entries: [[UInt8]]
    /// The new leaves, and under which code each was issued.
    public let leaves: [PendingLeaf]
    /// Leaves that the entries take out.
    public let removals: [[UInt8]]
    /// The renewals whose leaves are among the entries.
    public let renewals: [RenewalRecord]
    /// The top-ups whose leaves are among the entries.
    public let topUps: [TopUpRecord]
    /// The signed checkpoint over the log with these entries.
    public let checkpoint: [UInt8]
    /// Whether the checkpoint is published with this; one that witnesses have to cosign is published later.
    public let isPublished: Bool

    /// Creates a batch from its fields.
    public init(
        start: Int, entries: [[UInt8]], leaves: [PendingLeaf], renewals: [RenewalRecord] = [], topUps: [TopUpRecord] = [],
        removals: [[UInt8]] = [], checkpoint: [UInt8], isPublished: Bool = true
    ) {
        self.renewals = renewals
        self.topUps = topUps
        self.start = start
        self.entries = entries
        self.leaves = leaves
        self.removals = removals
        self.checkpoint = checkpoint
        self.isPublished = isPublished
    }
}

/// Numbers of a community.
public struct CommunityCounts: Sendable, Equatable {
    /// Claim codes made.
    public var codes: Int
    /// Claim codes used.
    public var issued: Int
    /// Issued and topped-up leaves that no batch holds yet.
    public var pending: Int
    /// Top-up codes made.
    public var topUpCodes: Int
    /// Top-up codes used.
    public var topUps: Int
    /// Top-up codes used in the newest epoch in which any was: each is one more leaf of its tree.
    public var newestTopUps: Int
    /// Log entries.
    public var logSize: Int
    /// Nullifiers spent, in every community of the store.
    public var spent: Int

    /// Creates the numbers.
    public init(
        codes: Int, issued: Int, pending: Int, topUpCodes: Int = 0, topUps: Int = 0, newestTopUps: Int = 0, logSize: Int, spent: Int
    ) {
        self.codes = codes
        self.issued = issued
        self.pending = pending
        self.topUpCodes = topUpCodes
        self.topUps = topUps
        self.newestTopUps = newestTopUps
        self.logSize = logSize
        self.spent = spent
    }

    /// Codes that can still be made when the tree of an epoch holds so many leaves: every code is a leaf to come, or may be one again by
    /// renewal. More would be promises that cannot be kept.
    func room(in capacity: Int) -> Int { capacity - codes - newestTopUps - (topUpCodes - topUps) }
}

/// A presentation request that the service made.
public struct RequestRecord: Sendable, Equatable {
    /// The server-made nonce: the request's name.
    public let nonce: [UInt8]
    /// Id of the audience it was made for, 32 bytes.
    public let audience: [UInt8]
    /// The request as canonical JSON.
    public let document: [UInt8]
    /// Seconds since 1970 from which on it is not accepted.
    public let expires: UInt64
    /// When a presentation was accepted for it, or nil.
    public let accepted: UInt64?
    /// Whether its audience took it back.
    public let isCancelled: Bool

    /// Creates a record from its fields.
    public init(
        nonce: [UInt8], audience: [UInt8], document: [UInt8], expires: UInt64, accepted: UInt64? = nil, isCancelled: Bool = false
    ) {
        self.isCancelled = isCancelled
        self.nonce = nonce
        self.audience = audience
        self.document = document
        self.expires = expires
        self.accepted = accepted
    }
}

/// One use of a nullifier.
///
/// The key is the pair (scope bytes, nullifier encoding), neither alone. The scope bytes hold purpose, community, epoch, audience, subject
/// and index, so the pair says exactly "this one, here" and needs no assumption; with the nullifier alone, uniqueness across scopes would
/// rest on a discrete logarithm, and with an abbreviated scope two policies could block each other. Both encodings are canonical
/// (fixed fields; compressed point), so equal pairs are equal bytes. Presentation bytes are never a key: they can be altered in form.
public struct Spend: Sendable, Hashable {
    /// The scope's one encoding.
    public let scope: [UInt8]
    /// The nullifier, 33 bytes.
    public let nullifier: [UInt8]

    /// Creates the pair.
    public init(scope: [UInt8], nullifier: [UInt8]) {
        self.scope = scope
        self.nullifier = nullifier
    }
}

/// A verified presentation, about to be accepted.
public struct AcceptanceRecord: Sendable {
    /// Nonce of the request it answers.
    public let nonce: [UInt8]
    /// Nullifiers that its purposes spend; empty for a sign-in, where the nonce alone is used up.
    public let spends: [Spend]
    /// Seconds since 1970.
    public let time: UInt64
    /// The presentation, kept as evidence for the audit and for feedback.
    public let presentation: [UInt8]
    /// Size of the log at the checkpoint whose root it was verified against.
    public let logSize: Int
    /// What the audience hears of it, and which audience that is.
    public let event: (content: WebhookEvent, audience: [UInt8])?

    /// Creates a record from its fields.
    public init(
        nonce: [UInt8], spends: [Spend], time: UInt64, presentation: [UInt8], logSize: Int,
        event: (content: WebhookEvent, audience: [UInt8])? = nil
    ) {
        self.event = event
        self.nonce = nonce
        self.spends = spends
        self.time = time
        self.presentation = presentation
        self.logSize = logSize
    }
}

/// What became of an acceptance.
public enum AcceptanceOutcome: Sendable, Equatable {
    /// Recorded; nobody else gets this answer for the same request or nullifier.
    case accepted
    /// One of the nullifiers is spent in its scope; nothing was recorded and the request is still open.
    case alreadySpent
    /// The request was used up before.
    case requestUsed
    /// The request was taken back.
    case requestCancelled
    /// No such request.
    case unknownRequest
}
