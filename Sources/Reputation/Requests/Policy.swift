import Curves
import Platform
import Proofs

/// What an audience asks of its visitors: the forms that its requests have, without nonce, time, message and subject.
///
/// Published by the service, pinned by the wallet at first use. Else an audience could search a member's attribute by asking again and again
/// with other bounds.
public struct Policy: Equatable, Sendable {
    /// One form of request.
    public struct Form: Equatable, Sendable {
        /// Purposes of its scopes, rising: `purpose` of ``Scope``.
        let purposes: [UInt8]
        /// Tickets of an epoch, when one is wanted.
        public let tickets: UInt32?
        /// Indices of the attributes to disclose, rising; 1 is the first of the schema.
        public let disclose: [Int]
        /// What must hold for the hidden attributes.
        public let predicates: [Predicate]

        /// The form of a request.
        public init(of request: PresentationRequest) {
            purposes = request.scopes.map { $0.purposeByte }.sorted()
            tickets = request.tickets
            disclose = request.disclose
            predicates = request.predicates
        }
    }

    /// Whose members are asked.
    public let community: Digest
    /// Digest of the schema that the forms are about.
    public let schema: Digest
    /// Who asks.
    public let audience: Digest
    /// Rising order is not required; none twice.
    public let forms: [Form]

    /// Forms of a policy at most: each is a bound that a member's attributes can be compared with.
    public static let greatestForms = 16

    /// Throws `.tooMany` for no form or too many, `.policy` for one twice.
    public init(community: Digest, schema: Digest, audience: Digest, forms: [Form]) throws(RequestError) {
        guard (1...Policy.greatestForms).contains(forms.count) else { throw .tooMany }
        for i in forms.indices where forms[..<i].contains(forms[i]) { throw .policy }
        self.community = community
        self.schema = schema
        self.audience = audience
        self.forms = forms
    }

    /// The policy of an audience that publishes none: to ask what it asks now.
    public init(of request: PresentationRequest) {
        community = request.context.community
        schema = request.context.schema
        audience = request.context.audience
        forms = [Form(of: request)]
    }

    /// Whether a request has one of the forms.
    public func allows(_ request: PresentationRequest) -> Bool {
        request.context.community == community && request.context.schema == schema && request.context.audience == audience
            && forms.contains(Form(of: request))
    }
}

extension Policy {
    private static let head = Array("SYMBOLON-V01-policy".utf8)

    /// The canonical form: what a wallet keeps.
    @export(interface)
    public var encoded: [UInt8] {
        var out = Policy.head + community.bytes + schema.bytes + audience.bytes
        out += littleEndian4(forms.count)
        for form in forms {
            out += lengthPrefixed(form.purposes)
            out += littleEndian4(Int(form.tickets ?? 0))
            out += littleEndian4(form.disclose.count)
            for index in form.disclose { out += littleEndian4(index) }
            out += littleEndian4(form.predicates.count)
            for predicate in form.predicates { out += predicate.encoded }
        }
        return out
    }

    /// From the canonical form; throws for other bytes.
    @export(interface)
    public init(encoded: [UInt8]) throws(RequestError) {
        let (community, schema, audience, forms): (Digest, Digest, Digest, [Form])
        do throws(FormatError) {
            var reader = ByteReader(encoded)
            try reader.expect(Policy.head)
            (community, schema, audience) = (try reader.digest(), try reader.digest(), try reader.digest())
            var read: [Form] = []
            for _ in 0..<(try reader.count(atMost: Policy.greatestForms)) { read.append(try Form(&reader)) }
            try reader.end()
            forms = read
        } catch {
            throw .format(error)
        }
        try self.init(community: community, schema: schema, audience: audience, forms: forms)
    }

    /// From JSON: `{"version":1,"community","schema","audience","forms":[{"purposes":["act"],"tickets","disclose","predicates"}]}`; all of a
    /// form but the purposes may be absent. Throws `.schemaMismatch` for another schema.
    @export(interface)
    public init(json: JSON, schema: Schema) throws(RequestError) {
        let (community, digest, audience, values): (Digest, Digest, Digest, [JSON])
        do {
            var object = try JSONObject(json)
            try object.version(1)
            (community, digest) = (try object.digest("community"), try object.digest("schema"))
            audience = try object.digest("audience")
            values = try object.array("forms", atMost: Policy.greatestForms)
            try object.finish()
        } catch {
            throw .json(error)
        }
        guard digest == schema.digest else { throw .schemaMismatch }
        var forms: [Form] = []
        for value in values { forms.append(try Form(json: value, schema: schema)) }
        try self.init(community: community, schema: digest, audience: audience, forms: forms)
    }

    /// The JSON form; for a policy about this schema.
    @export(interface)
    public func json(_ schema: Schema) -> JSON {
        .object([
            .init("version", .integer(Int64(1))), .init("community", .hex(community.bytes)), .init("schema", .hex(self.schema.bytes)),
            .init("audience", .hex(audience.bytes)), .init("forms", .array(forms.map { $0.json(schema) })),
        ])
    }
}

extension Policy.Form {
    private static let purposeNames: [StaticString] = ["sign-in", "account", "post", "act", "renew", "top-up"]

    /// From JSON; throws for what no request may ask.
    @export(interface)
    public init(json: JSON, schema: Schema) throws(RequestError) {
        let (purposes, tickets, names, texts): ([UInt8], UInt32?, [[UInt8]], [[UInt8]])
        do {
            var object = try JSONObject(json)
            purposes = try Policy.Form.texts(&object, "purposes", atMost: PresentationRequest.greatestScopes).map {
                (name) throws(JSONError) -> UInt8 in
                // Tickets are asked for by their number, renewals and top-ups by nobody.
                for byte in [1, 2, 4] as [UInt8] where literalBytes(Policy.Form.purposeNames[Int(byte) - 1]) == name { return byte }
                throw JSONError.wrongValue(Array("purposes".utf8))
            }
            tickets = object.has("tickets") ? try object.uint32("tickets") : nil
            names = try Policy.Form.texts(&object, "disclose", atMost: Schema.greatestCount)
            texts = try Policy.Form.texts(&object, "predicates", atMost: PresentationRequest.greatestPredicates)
            try object.finish()
        } catch {
            throw .json(error)
        }
        var disclose: [Int] = []
        for name in names {
            guard let index = schema.index(of: name) else { throw .unknownAttribute(name) }
            disclose.append(index)
        }
        var predicates: [Predicate] = []
        for text in texts { predicates.append(try Predicate(parsing: text, schema: schema)) }
        guard (1...PresentationRequest.greatestTickets).contains(tickets ?? 1) else { throw .tooMany }
        try Request.check(attributes: schema.count + 1, disclosed: disclose, predicates: predicates, domains: schema.domains)
        self.purposes = purposes.sorted()
        self.tickets = tickets
        self.disclose = disclose
        self.predicates = predicates
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        purposes = try reader.string(atMost: PresentationRequest.greatestScopes)
        let tickets = try reader.uint32()
        guard purposes.allSatisfy({ (1...6).contains($0) }), rising(purposes, { $0 <= $1 }),
            tickets <= PresentationRequest.greatestTickets
        else { throw .notCanonical }
        self.tickets = tickets == 0 ? nil : tickets
        var disclose: [Int] = []
        for _ in 0..<(try reader.count(atMost: Schema.greatestCount)) { disclose.append(try reader.count(atMost: Schema.greatestCount)) }
        self.disclose = disclose
        predicates = try PresentationRequest.readPredicates(&reader)
        guard predicates.allSatisfy({ $0.hasSizesInRange }) else { throw .notCanonical }
    }

    /// The JSON form.
    @export(interface)
    public func json(_ schema: Schema) -> JSON {
        let names = purposes.map { JSON.string(literalBytes(Policy.Form.purposeNames[Int($0) - 1])) }
        var members: [JSON.Member] = [.init("purposes", .array(names))]
        if let tickets { members.append(.init("tickets", .integer(tickets))) }
        if !disclose.isEmpty {
            members.append(.init("disclose", .array(disclose.map { .string(schema.attribute(at: $0)?.name ?? []) })))
        }
        if !predicates.isEmpty { members.append(.init("predicates", .array(predicates.map { .string($0.text(schema)) }))) }
        return .object(members)
    }

    private static func texts(_ object: inout JSONObject, _ name: String, atMost count: Int) throws(JSONError) -> [[UInt8]] {
        guard object.has(name) else { return [] }
        var out: [[UInt8]] = []
        for value in try object.array(name, atMost: count) {
            guard case .string(let text) = value else { throw .wrongValue(Array(name.utf8)) }
            out.append(text)
        }
        return out
    }
}
