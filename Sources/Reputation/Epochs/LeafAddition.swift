import Curves
import Membership
import Proofs

/// An attribute's value, or what is added to it.
public struct AttributeChange: Equatable, Sendable {
    /// Index of the attribute in a credential; 1 is the first of the schema.
    public let attribute: Int
    /// The number.
    public let value: Int64

    /// From its parts.
    public init(attribute: Int, value: Int64) {
        self.attribute = attribute
        self.value = value
    }
}

/// What is added to a leaf whose values nobody but its holder sees, and what he has to show for it: by renewal and by top-up alike.
///
/// The new leaf is C' + k h + sum delta_i B_i. C' = C + rho h is the presentation's; with k the member sets the blinding to one that he can
/// derive again from his seed. That changes no attribute: k is his to choose, and C + (rho + k) h stands under the proof.
///
/// What is hidden is not clamped by who does not see it. For each attribute that is changed by d the presentation proves that there is room
/// for it, value + d within the domain; a member for whom there is none discloses the value, and is given what there is room for.
public struct LeafAddition: Equatable, Sendable {
    /// What is added to each attribute, zeros left out, rising.
    public let deltas: [AttributeChange]
    /// Values disclosed because there is no room for all of it, rising.
    public let disclosed: [AttributeChange]
    /// That there is room, for the others.
    let predicates: [Predicate]

    /// What amounts `raw` (for each attribute of the schema) come to when these values are disclosed; nil unless they are those, and only
    /// those, for which there is no room.
    public init?(raw: [Int64], disclosed: [AttributeChange], schema: Schema) {
        guard raw.count == schema.count, rising(disclosed, { $0.attribute < $1.attribute }) else { return nil }
        var rest = disclosed[...]
        var deltas: [AttributeChange] = []
        for (offset, amount) in raw.enumerated() where amount != 0 {
            let (domain, index) = (schema.attributes[offset].domain, offset + 1)
            var delta = amount
            if let shown = rest.first, shown.attribute == index {
                rest = rest.dropFirst()
                guard domain.contains(shown.value), !domain.contains(shown.value + amount) else { return nil }
                delta = min(max(shown.value + amount, domain.lowerBound), domain.upperBound) - shown.value
            }
            if delta != 0 { deltas.append(AttributeChange(attribute: index, value: delta)) }
        }
        guard rest.isEmpty else { return nil }
        self.init(deltas: deltas, disclosed: disclosed, schema: schema)
    }

    /// These deltas, of attributes that the schema has, proved to have room wherever no value is disclosed.
    init(deltas: [AttributeChange], disclosed: [AttributeChange], schema: Schema) {
        self.deltas = deltas
        self.disclosed = disclosed
        var predicates: [Predicate] = []
        for delta in deltas where !disclosed.contains(where: { $0.attribute == delta.attribute }) {
            let domain = schema.attributes[delta.attribute - 1].domain
            if delta.value > 0 {
                predicates.append(
                    Predicate(
                        weights: [Predicate.Weight(index: delta.attribute, weight: -1)], bound: delta.value - domain.upperBound))
            } else {
                predicates.append(
                    Predicate(weights: [Predicate.Weight(index: delta.attribute, weight: 1)], bound: domain.lowerBound - delta.value))
            }
        }
        self.predicates = predicates
    }

    /// What the member with these values has to disclose.
    public static func disclosure(raw: [Int64], values: [Int64], schema: Schema) -> [AttributeChange] {
        var out: [AttributeChange] = []
        for (offset, amount) in raw.enumerated() where amount != 0 && offset < values.count {
            if !schema.attributes[offset].domain.contains(values[offset] + amount) {
                out.append(AttributeChange(attribute: offset + 1, value: values[offset]))
            }
        }
        return out
    }

    /// The request that the holder's presentation answers. Nobody asks it: both sides compute it. Everything is bound through the message,
    /// and nothing in it is fresh: a repetition gets the answer that was given.
    func request(community: Community, epoch: UInt32, scopes: [Scope], message: Digest) throws(RequestError) -> Request {
        let schema = community.schema
        let context = Context(
            community: community.id, schema: schema.digest, epoch: epoch, audience: community.id, nonce: message.bytes, expires: Int64.max,
            message: message)
        let request = Request(
            attributes: schema.count + 1, context: try context.digest().bytes, scopes: scopes.map { $0.encoded },
            disclosed: disclosed.map { Request.Disclosed(index: $0.attribute, value: Fn(signed: $0.value)) }, predicates: predicates)
        try request.check(domains: schema.domains)
        return request
    }

    /// base + sum delta_i B_i; nil for the identity.
    func leaf(base: Affine<Secp256k1>, schema: Schema) -> Affine<Secp256k1>? {
        (LeafAddition.sum(deltas, schema, sign: 1) + base).affine
    }

    /// leaf - sum delta_i B_i; nil for the identity.
    func base(leaf: Affine<Secp256k1>, schema: Schema) -> Affine<Secp256k1>? {
        (LeafAddition.sum(deltas, schema, sign: -1) + leaf).affine
    }

    private static func sum(_ deltas: [AttributeChange], _ schema: Schema, sign: Int64) -> Point<Secp256k1> {
        var amounts = [Int64](repeating: 0, count: schema.count)
        for delta in deltas { amounts[delta.attribute - 1] = sign * delta.value }
        return AttributeBases.sum(amounts)
    }
}

extension AttributeChange {
    /// Their number, then index and value of each.
    static func encoded(_ changes: [AttributeChange]) -> [UInt8] {
        var out = littleEndian4(changes.count)
        for change in changes { out += littleEndian4(change.attribute) + littleEndian8(change.value) }
        return out
    }

    /// `[[attribute, value], ...]`.
    static func json(_ changes: [AttributeChange]) -> JSON {
        .array(changes.map { .array([.integer(Int64($0.attribute)), .integer($0.value)]) })
    }
}

extension ByteReader {
    /// Changes of attributes, rising.
    mutating func attributeChanges() throws(FormatError) -> [AttributeChange] {
        var out: [AttributeChange] = []
        for _ in 0..<(try count(atMost: Schema.greatestCount)) {
            let attribute = try count(atMost: Schema.greatestCount)
            out.append(AttributeChange(attribute: attribute, value: try int64()))
        }
        guard out.first?.attribute != 0, rising(out, { $0.attribute < $1.attribute }) else { throw .notCanonical }
        return out
    }
}

extension JSONObject {
    /// The member of that name as changes of attributes, in whatever order they come.
    mutating func attributeChanges(_ name: String) throws(JSONError) -> [AttributeChange] {
        var out: [AttributeChange] = []
        for value in try array(name, atMost: Schema.greatestCount) {
            guard case .array(let pair) = value, pair.count == 2, case .integer(let attribute) = pair[0],
                case .integer(let number) = pair[1], (1...Int64(Schema.greatestCount)).contains(attribute)
            else { throw .wrongValue(Array(name.utf8)) }
            out.append(AttributeChange(attribute: Int(attribute), value: number))
        }
        return out
    }
}
