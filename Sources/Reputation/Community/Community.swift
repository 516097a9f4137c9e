/// What a community publishes about itself: the key of its log, the log's name, and its schema.
public struct Community: Equatable, Sendable {
    /// Ed25519 public key of the log, 32 bytes.
    public let logKey: [UInt8]
    /// Origin line of the log's checkpoints and name of its key.
    public let origin: [UInt8]
    /// What credentials carry.
    public let schema: Schema
    /// Digest of the log's key: what scopes and contexts hold.
    public let id: Digest

    /// Throws `.json(.wrongValue)` for a key that is not 32 bytes or an origin that is no key name.
    public init(logKey: [UInt8], origin: [UInt8], schema: Schema) throws(SchemaError) {
        guard let id = try? Digest.keyID(logKey) else { throw .json(.wrongValue(Array("log-key".utf8))) }
        guard SignedNote.isKeyName(origin) else { throw .json(.wrongValue(Array("origin".utf8))) }
        self.logKey = logKey
        self.origin = origin
        self.schema = schema
        self.id = id
    }

    /// From the JSON form.
    @export(interface)
    public init(json: JSON) throws(SchemaError) {
        let (key, origin, schema): ([UInt8], [UInt8], JSON)
        do {
            var object = try JSONObject(json)
            try object.version(1)
            key = try object.hex("log-key", 32)
            origin = try object.text("origin", atMost: SignedNote.greatestName)
            schema = try object.take("schema")
            try object.finish()
        } catch {
            throw .json(error)
        }
        try self.init(logKey: key, origin: origin, schema: Schema(json: schema))
    }

    /// The JSON form; the id is not in it, it follows from the key.
    public var json: JSON {
        .object([
            .init("version", .integer(Int64(1))), .init("log-key", .hex(logKey)), .init("origin", .string(origin)),
            .init("schema", schema.json),
        ])
    }
}
