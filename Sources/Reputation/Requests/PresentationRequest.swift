import Curves
import Proofs

/// What a relying party asks of a holder, as it travels.
///
/// A member of this type says what is wanted, never a value: disclosed values and the ticket are the holder's to fill in, and come with
/// the answer. `protocolRequest` joins both to the request that is proved.
public struct PresentationRequest: Equatable, Sendable {
    /// Community, schema, epoch, audience, nonce, expiry and message.
    public let context: Context
    /// Scopes that a nullifier is shown for, tickets not among them.
    public let scopes: [Scope]
    /// When not nil: also a scope `post` of this epoch and audience is wanted, its index below this number and of the holder's choice.
    /// Who asks cannot know which tickets a member has left; fixed indices would let him find out.
    public let tickets: UInt32?
    /// Indices of the attributes to disclose, rising; 1 is the first of the schema.
    public let disclose: [Int]
    /// What must hold for the hidden attributes.
    public let predicates: [Predicate]

    /// Scopes at most.
    public static let greatestScopes = 8
    /// Predicates at most.
    public static let greatestPredicates = 32
    /// Tickets of an epoch at most.
    public static let greatestTickets: UInt32 = 1000
    /// Bytes of a nonce at most.
    public static let greatestNonce = 64

    /// Throws `.tooMany` for more scopes, tickets, attributes or predicates than allowed, `.nonceLength` and `.contextFields`.
    public init(
        context: Context, scopes: [Scope], tickets: UInt32? = nil, disclose: [Int] = [], predicates: [Predicate] = []
    ) throws(RequestError) {
        guard scopes.count <= PresentationRequest.greatestScopes, predicates.count <= PresentationRequest.greatestPredicates,
            disclose.count <= Schema.greatestCount, predicates.allSatisfy({ $0.weights.count <= Schema.greatestCount }),
            (1...PresentationRequest.greatestTickets).contains(tickets ?? 1)
        else { throw .tooMany }
        guard disclose.allSatisfy({ (1...Schema.greatestCount).contains($0) }) else { throw .disclosedAttributes }
        guard predicates.allSatisfy({ $0.hasSizesInRange }) else { throw .predicateWeights }
        guard context.nonce.count <= PresentationRequest.greatestNonce else { throw .nonceLength }
        _ = try context.digest()
        self.context = context
        self.scopes = scopes
        self.tickets = tickets
        self.disclose = disclose
        self.predicates = predicates
    }

    /// The request that is proved, from what was asked and what the holder filled in: values in the order of `disclose`, and the ticket's
    /// index. Throws `.disclosedCount`, `.disclosedValue`, `.ticket` and all that `Request.check` throws.
    public func protocolRequest(schema: Schema, disclosed: [Int64], ticket: UInt32?) throws(RequestError) -> Request {
        guard disclosed.count == disclose.count else { throw .disclosedCount }
        var shown: [Request.Disclosed] = []
        for (index, value) in zip(disclose, disclosed) {
            guard let attribute = schema.attribute(at: index) else { throw .disclosedAttributes }
            guard attribute.domain.contains(value) else { throw .disclosedValue }
            shown.append(Request.Disclosed(index: index, value: Fn(signed: value)))
        }
        var bytes = scopes.map { $0.encoded }
        switch (tickets, ticket) {
        case (nil, nil): break
        case (let tickets?, let index?) where index < tickets:
            let post = Scope.post(community: context.community, epoch: context.epoch, audience: context.audience, index: index)
            bytes.insert(post.encoded, at: 0)
        default: throw .ticket
        }
        let request = Request(
            attributes: schema.count + 1, context: try context.digest().bytes, scopes: bytes, disclosed: shown, predicates: predicates)
        try request.check(domains: schema.domains)
        return request
    }

    private static let head = Array("SYMBOLON-V01-request".utf8)

    /// The canonical form.
    @export(interface)
    public var encoded: [UInt8] {
        var out = PresentationRequest.head + context.fields + littleEndian4(scopes.count)
        for scope in scopes { out += lengthPrefixed(scope.encoded) }
        out += littleEndian4(Int(tickets ?? 0)) + littleEndian4(disclose.count)
        for index in disclose { out += littleEndian4(index) }
        out += littleEndian4(predicates.count)
        for predicate in predicates { out += predicate.encoded }
        return out
    }

    /// From the canonical form; throws `.format` for any other bytes.
    @export(interface)
    public init(encoded: [UInt8]) throws(RequestError) {
        var reader = ByteReader(encoded)
        let parts: (Context, [Scope], UInt32, [Int], [Predicate])
        do { parts = try PresentationRequest.read(&reader) } catch { throw .format(error) }
        try self.init(context: parts.0, scopes: parts.1, tickets: parts.2 == 0 ? nil : parts.2, disclose: parts.3, predicates: parts.4)
    }

    private static func read(_ reader: inout ByteReader) throws(FormatError) -> (Context, [Scope], UInt32, [Int], [Predicate]) {
        try reader.expect(head)
        let (community, schema, epoch, audience) = (try reader.digest(), try reader.digest(), try reader.uint32(), try reader.digest())
        let (nonce, expires, message) = (try reader.string(atMost: greatestNonce), try reader.time(), try reader.string(atMost: 32))
        let context = Context(
            community: community, schema: schema, epoch: epoch, audience: audience, nonce: nonce, expires: expires,
            message: message.isEmpty ? nil : try Digest(message))
        var scopes: [Scope] = []
        for _ in 0..<(try reader.count(atMost: greatestScopes)) { scopes.append(try Scope(encoded: reader.string(atMost: 1024))) }
        let tickets = try reader.uint32()
        var disclose: [Int] = []
        for _ in 0..<(try reader.count(atMost: Schema.greatestCount)) { disclose.append(try reader.count(atMost: Schema.greatestCount)) }
        let predicates = try readPredicates(&reader)
        try reader.end()
        return (context, scopes, tickets, disclose, predicates)
    }

    /// Predicates behind their number.
    static func readPredicates(_ reader: inout ByteReader) throws(FormatError) -> [Predicate] {
        var predicates: [Predicate] = []
        for _ in 0..<(try reader.count(atMost: greatestPredicates)) {
            var weights: [Predicate.Weight] = []
            for _ in 0..<(try reader.count(atMost: Schema.greatestCount)) {
                let index = try reader.count(atMost: Schema.greatestCount)
                weights.append(Predicate.Weight(index: index, weight: Int64(Int32(bitPattern: try reader.uint32()))))
            }
            predicates.append(Predicate(weights: weights, bound: try reader.int64()))
        }
        return predicates
    }
}
