extension PresentationRequest {
    /// From JSON, the form for transport: attributes by name, predicates as text. Throws `.schemaMismatch` for a request about another
    /// schema, `.json` for unknown members and whatever else is not of the form.
    @export(interface)
    public init(json: JSON, schema: Schema) throws(RequestError) {
        let context: Context
        let (scopes, tickets, names, texts): ([Scope], UInt32?, [[UInt8]], [[UInt8]])
        do {
            var object = try JSONObject(json)
            try object.version(1)
            context = try PresentationRequest.context(&object)
            scopes = try object.array("scopes", atMost: PresentationRequest.greatestScopes).map { (value) throws(JSONError) in
                try Scope(json: value)
            }
            tickets = object.has("tickets") ? try object.uint32("tickets") : nil
            names = try PresentationRequest.texts(&object, "disclose", atMost: Schema.greatestCount)
            texts = try PresentationRequest.texts(&object, "predicates", atMost: PresentationRequest.greatestPredicates)
            try object.finish()
        } catch {
            throw .json(error)
        }
        guard context.schema == schema.digest else { throw .schemaMismatch }
        var disclose: [Int] = []
        for name in names {
            guard let index = schema.index(of: name) else { throw .unknownAttribute(name) }
            disclose.append(index)
        }
        var predicates: [Predicate] = []
        for text in texts { predicates.append(try Predicate(parsing: text, schema: schema)) }
        try self.init(context: context, scopes: scopes, tickets: tickets, disclose: disclose, predicates: predicates)
    }

    private static func context(_ object: inout JSONObject) throws(JSONError) -> Context {
        let (community, schema) = (try object.digest("community"), try object.digest("schema"))
        let (epoch, audience) = (try object.uint32("epoch"), try object.digest("audience"))
        let nonce = try object.hex("nonce", 0...greatestNonce)
        let expires = try object.integer("expires", in: 0...Int64.max)
        let message = object.has("message") ? try object.digest("message") : nil
        return Context(
            community: community, schema: schema, epoch: epoch, audience: audience, nonce: nonce, expires: expires, message: message)
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

    /// The JSON form; for requests about this schema.
    @export(interface)
    public func json(_ schema: Schema) -> JSON {
        var members: [JSON.Member] = [
            .init("version", .integer(Int64(1))), .init("community", .hex(context.community.bytes)),
            .init("schema", .hex(context.schema.bytes)), .init("epoch", .integer(context.epoch)),
            .init("audience", .hex(context.audience.bytes)), .init("nonce", .hex(context.nonce)),
            .init("expires", .integer(context.expires)),
        ]
        if let message = context.message { members.append(.init("message", .hex(message.bytes))) }
        members.append(.init("scopes", .array(scopes.map { $0.json })))
        if let tickets { members.append(.init("tickets", .integer(tickets))) }
        if !disclose.isEmpty {
            members.append(.init("disclose", .array(disclose.map { .string(schema.attribute(at: $0)?.name ?? []) })))
        }
        if !predicates.isEmpty { members.append(.init("predicates", .array(predicates.map { .string($0.text(schema)) }))) }
        return .object(members)
    }
}
