import Proofs

/// The attributes of a community's credentials, in order. Attribute i of the schema is attribute i + 1 of a credential: 0 is the
/// holder's secret.
public struct Schema: Equatable, Sendable {
    /// At least one, names different from each other.
    public let attributes: [Attribute]
    /// Digest of all that is declared; enters every presentation through the context.
    public let digest: Digest

    /// Attributes at most.
    public static let greatestCount = 32

    /// Throws when there are none or too many, or two of one name.
    public init(_ attributes: [Attribute]) throws(SchemaError) {
        guard (1...Schema.greatestCount).contains(attributes.count) else { throw .count }
        for i in attributes.indices {
            for j in 0..<i where attributes[j].name == attributes[i].name { throw .duplicate(attributes[i].name) }
        }
        self.attributes = attributes
        digest = Digest.of(Schema.encode(attributes))
    }

    /// Attributes, the secret not counted.
    public var count: Int { attributes.count }

    /// Domains in order, the secret's not among them.
    public var domains: [ClosedRange<Int64>] { attributes.map { $0.domain } }

    /// The attribute at an index of a credential (1 is the first); nil when there is none.
    public func attribute(at index: Int) -> Attribute? {
        index >= 1 && index <= attributes.count ? attributes[index - 1] : nil
    }

    /// Index in a credential (1 is the first) of the attribute of that name; nil when there is none.
    public func index(of name: [UInt8]) -> Int? {
        for i in attributes.indices where attributes[i].name == name { return i + 1 }
        return nil
    }

    /// Throws unless there is one value for each attribute, within its domain.
    public func check(values: [Int64]) throws(SchemaError) {
        guard values.count == attributes.count else { throw .valueCount }
        for (attribute, value) in zip(attributes, values) where !attribute.domain.contains(value) { throw .value(attribute.name) }
    }

    private static func encode(_ attributes: [Attribute]) -> [UInt8] {
        var out = Array("SYMBOLON-V01-schema".utf8) + littleEndian4(attributes.count)
        for attribute in attributes {
            out += lengthPrefixed(attribute.name) + [attribute.kind.rawValue]
            out += littleEndian8(attribute.domain.lowerBound) + littleEndian8(attribute.domain.upperBound)
        }
        return out
    }
}

extension Schema {
    /// From its JSON form: an array of `{"name", "kind", "least", "greatest"}`.
    @export(interface)
    public init(json: JSON) throws(SchemaError) {
        guard case .array(let values) = json else { throw .json(.wrongValue([])) }
        if values.count > Schema.greatestCount { throw .count }
        var attributes: [Attribute] = []
        for value in values {
            let (name, kind, least, greatest): ([UInt8], Attribute.Kind, Int64, Int64)
            do throws(JSONError) {
                var object = try JSONObject(value)
                name = try object.text("name", atMost: 64)
                guard let known = Attribute.Kind.named(try object.text("kind", atMost: 16)) else {
                    throw JSONError.wrongValue(Array("kind".utf8))
                }
                kind = known
                least = try object.integer("least")
                greatest = try object.integer("greatest")
                try object.finish()
            } catch {
                throw .json(error)
            }
            attributes.append(try Attribute(name: name, kind: kind, least: least, greatest: greatest))
        }
        try self.init(attributes)
    }

    /// The JSON form.
    public var json: JSON {
        .array(
            attributes.map { attribute in
                .object([
                    .init("name", .string(attribute.name)), .init("kind", .text(attribute.kind.name)),
                    .init("least", .integer(attribute.domain.lowerBound)), .init("greatest", .integer(attribute.domain.upperBound)),
                ])
            })
    }
}
