import Curves
import Proofs

/// What a presentation is a proof of, byte for byte: the protocol's request (protocol.md #9).
///
/// `PresentationRequest` is what travels; this is made from it, with the disclosed values filled in.
public struct Request: Equatable, Sendable {
    /// A disclosed attribute.
    public struct Disclosed: Equatable, Sendable {
        /// Index of the attribute in the credential: 1 is the first of the schema.
        public let index: Int
        /// Its value modulo the group's order.
        public let value: Fn

        /// From its parts.
        public init(index: Int, value: Fn) {
            self.index = index
            self.value = value
        }
    }

    /// Attributes of the credential, the secret included.
    public let attributes: Int
    /// Digest of the context.
    public let context: [UInt8]
    /// Encoded scopes, a nullifier for each.
    public let scopes: [[UInt8]]
    /// Disclosed attributes by rising index.
    public let disclosed: [Disclosed]
    /// Predicates over hidden attributes.
    public let predicates: [Predicate]

    /// From its parts; `check` says whether it may be asked.
    public init(attributes: Int, context: [UInt8], scopes: [[UInt8]], disclosed: [Disclosed] = [], predicates: [Predicate] = []) {
        self.attributes = attributes
        self.context = context
        self.scopes = scopes
        self.disclosed = disclosed
        self.predicates = predicates
    }

    /// Throws unless this is a request; `domains`: of the attributes after the secret, when the schema is known.
    public func check(domains: [ClosedRange<Int64>]? = nil) throws(RequestError) {
        guard attributes >= 1, attributes <= UInt32.max, context.count == 32 else { throw .requestFields }
        guard !scopes.isEmpty, Set(scopes).count == scopes.count else { throw .scopes }
        try Request.check(
            attributes: attributes, disclosed: disclosed.map { $0.index }, predicates: predicates, domains: domains)
    }

    /// The part of the checks that needs no disclosed values.
    static func check(
        attributes: Int, disclosed: [Int], predicates: [Predicate], domains: [ClosedRange<Int64>]?
    ) throws(RequestError) {
        var last = 0
        for index in disclosed {
            guard index > last, index < attributes else { throw .disclosedAttributes }
            last = index
        }
        if let domains, domains.count != attributes - 1 { throw .attributeCount }
        for predicate in predicates { try predicate.check(attributes: attributes, disclosed: disclosed, domains: domains) }
    }

    /// The encoding that membership transcript and relation tag absorb; for requests that were checked.
    @export(interface)
    public var encoded: [UInt8] {
        var out = littleEndian4(attributes) + lengthPrefixed(context) + littleEndian4(scopes.count)
        for scope in scopes { out += lengthPrefixed(scope) }
        out += littleEndian4(disclosed.count)
        for shown in disclosed { out += littleEndian4(shown.index) + shown.value.encoded }
        out += littleEndian4(predicates.count)
        for predicate in predicates { out += predicate.encoded }
        return out
    }
}
