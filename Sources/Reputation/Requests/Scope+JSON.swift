extension Scope {
    /// From the JSON form; throws for members that the purpose does not have.
    @export(interface)
    public init(json: JSON) throws(JSONError) {
        var object = try JSONObject(json)
        let name = try object.text("purpose", atMost: 16)
        let purposes = ["sign-in", "account", "post", "act", "renew", "top-up"]
        guard let place = purposes.firstIndex(where: { name.elementsEqual($0.utf8) }) else { throw .wrongValue(Array("purpose".utf8)) }
        var fields: Fields = (nil, nil, nil, nil, nil)
        if object.has("community") { fields.community = try object.digest("community") }
        if object.has("epoch") { fields.epoch = try object.uint32("epoch") }
        if object.has("audience") { fields.audience = try object.digest("audience") }
        if object.has("subject") { fields.subject = try object.hex("subject", 0...Scope.greatestSubject) }
        if object.has("index") { fields.index = try object.uint32("index") }
        try object.finish()
        guard let scope = Scope(purposeByte: UInt8(place + 1), fields: fields) else { throw .wrongValue(Array("purpose".utf8)) }
        self = scope
    }

    /// The JSON form: the purpose and exactly its fields.
    public var json: JSON {
        let fields = fields
        var members: [JSON.Member] = [.init("purpose", .text(purpose))]
        if let community = fields.community { members.append(.init("community", .hex(community.bytes))) }
        if let epoch = fields.epoch { members.append(.init("epoch", .integer(epoch))) }
        if let audience = fields.audience { members.append(.init("audience", .hex(audience.bytes))) }
        if let subject = fields.subject { members.append(.init("subject", .hex(subject))) }
        if let index = fields.index { members.append(.init("index", .integer(index))) }
        return .object(members)
    }
}
