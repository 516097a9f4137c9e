import Reputation

/// What an audience's operator wants to know of a visitor. The service adds community, epoch, audience, nonce and expiry: an audience
/// can only ask in its own name and of the current tree.
public struct Question: Sendable, Equatable {
    /// One of the purposes that a relying party may ask for.
    public enum Purpose: Sendable, Equatable {
        /// A stable pseudonym at the audience.
        case signIn
        /// Where feedback gathers.
        case account
        /// One act for each person on a subject.
        case act(subject: [UInt8])
    }

    /// Purposes, at least one unless tickets are asked for.
    public var purposes: [Purpose]
    /// One of so many tickets of the epoch, of the holder's choice.
    public var tickets: UInt32?
    /// Names of the attributes to disclose.
    public var disclose: [String]
    /// Conditions such as `votes >= 20`.
    public var predicates: [String]
    /// Digest of a message that the proof is bound to.
    public var message: Digest?
    /// Seconds for which the request stays open.
    public var lifetime: Int64

    /// Longest time a request may stay open, in seconds.
    public static let greatestLifetime: Int64 = 86_400

    /// Creates a question.
    public init(
        purposes: [Purpose], tickets: UInt32? = nil, disclose: [String] = [], predicates: [String] = [], message: Digest? = nil,
        lifetime: Int64 = 300
    ) {
        self.purposes = purposes
        self.tickets = tickets
        self.disclose = disclose
        self.predicates = predicates
        self.message = message
        self.lifetime = lifetime
    }

    /// The request that asks this.
    ///
    /// - Throws: `RequestError` when it may not be asked: unknown names, predicates that ask for more than they say, purposes that do
    ///   not go together.
    package func request(community: Community, epoch: UInt32, audience: Digest, nonce: [UInt8], now: Int64) throws -> PresentationRequest {
        let scopes = purposes.map { purpose in
            switch purpose {
            case .signIn: Scope.signIn(audience: audience)
            case .account: Scope.account(community: community.id, epoch: epoch, audience: audience)
            case .act(let subject): Scope.act(community: community.id, audience: audience, subject: subject)
            }
        }
        let schema = community.schema
        let context = Context(
            community: community.id, schema: schema.digest, epoch: epoch, audience: audience, nonce: nonce, expires: now + lifetime,
            message: message)
        var indices: [Int] = []
        for name in disclose {
            guard let index = schema.index(of: Array(name.utf8)) else { throw RequestError.unknownAttribute(Array(name.utf8)) }
            indices.append(index)
        }
        let request = try PresentationRequest(
            context: context, scopes: scopes, tickets: tickets, disclose: indices.sorted(),
            predicates: try predicates.map { try Predicate(parsing: $0, schema: schema) })
        try request.check(community: community.id, schema: schema, epoch: epoch, audience: audience, now: now)
        return request
    }
}

extension Question {
    /// From JSON: `{"purposes": [{"purpose": "act", "subject": hex}], "predicates": ["votes >= 20"], "disclose": ["group"],
    /// "tickets": n, "message": hex, "lifetime": seconds}`; all but the purposes may be left out.
    public init(json: JSON) throws(JSONError) {
        var object = try JSONObject(json)
        var purposes: [Purpose] = []
        for value in try object.array("purposes", atMost: PresentationRequest.greatestScopes) {
            purposes.append(try Purpose(json: value))
        }
        self.init(purposes: purposes)
        if object.has("predicates") { predicates = try Self.texts(&object, "predicates", atMost: PresentationRequest.greatestPredicates) }
        if object.has("disclose") { disclose = try Self.texts(&object, "disclose", atMost: Schema.greatestCount) }
        if object.has("tickets") { tickets = try object.uint32("tickets") }
        if object.has("message") { message = try object.digest("message") }
        if object.has("lifetime") { lifetime = try object.integer("lifetime", in: 1...Self.greatestLifetime) }
        try object.finish()
    }

    /// The JSON form.
    public var json: JSON {
        var members: [JSON.Member] = [.init("purposes", .array(purposes.map(\.json)))]
        if !predicates.isEmpty { members.append(.init("predicates", .array(predicates.map { .text($0) }))) }
        if !disclose.isEmpty { members.append(.init("disclose", .array(disclose.map { .text($0) }))) }
        if let tickets { members.append(.init("tickets", .integer(tickets))) }
        if let message { members.append(.init("message", .hex(message.bytes))) }
        members.append(.init("lifetime", .integer(lifetime)))
        return .object(members)
    }

    private static func texts(_ object: inout JSONObject, _ name: String, atMost count: Int) throws(JSONError) -> [String] {
        var texts: [String] = []
        for value in try object.array(name, atMost: count) {
            guard let text = value.text else { throw .wrongValue(Array(name.utf8)) }
            texts.append(text)
        }
        return texts
    }
}

extension Question.Purpose {
    init(json: JSON) throws(JSONError) {
        var object = try JSONObject(json)
        switch try object.take("purpose").text {
        case "sign-in": self = .signIn
        case "account": self = .account
        case "act": self = .act(subject: try object.hex("subject", 0...Scope.greatestSubject))
        default: throw .wrongValue(Array("purpose".utf8))
        }
        try object.finish()
    }

    var json: JSON {
        switch self {
        case .signIn: .object([.init("purpose", .text("sign-in"))])
        case .account: .object([.init("purpose", .text("account"))])
        case .act(let subject): .object([.init("purpose", .text("act")), .init("subject", .hex(subject))])
        }
    }
}
