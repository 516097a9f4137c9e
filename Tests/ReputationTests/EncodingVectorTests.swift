import Curves
import Reputation
import TestSupport
import Testing

/// Bytes and verdicts of the executable model (docs/protocol/make_encoding_vectors.py) against ours.
struct EncodingVectorTests {
    struct File: Decodable {
        let schemas: [SchemaVector]
        let key_ids: [KeyID]
        let scopes: [ScopeVector]
        let contexts: [ContextVector]
        let issuances: [IssuanceVector]
        let requests: [RequestVector]
    }
    struct SchemaVector: Decodable {
        let attributes: [AttributeVector]
        let digest: String
    }
    struct AttributeVector: Decodable {
        let name: String, kind: String, least: Int64, greatest: Int64
        init(from decoder: Decoder) throws {
            var list = try decoder.unkeyedContainer()
            name = try list.decode(String.self)
            kind = try list.decode(String.self)
            least = try list.decode(Int64.self)
            greatest = try list.decode(Int64.self)
        }
    }
    struct KeyID: Decodable { let key: String, id: String }
    struct ScopeVector: Decodable {
        let purpose: String, encoded: String, base: String
        let community: String?, epoch: UInt32?, audience: String?, subject: String?, index: UInt32?
    }
    struct ContextVector: Decodable {
        let community: String, schema: String, epoch: UInt32, audience: String, nonce: String, expires: Int64, message: String,
            digest: String
    }
    struct IssuanceVector: Decodable {
        let community: String, code: String, context: String, secret: String, blinding: String, message: String, values: [Int64],
            leaf: String
    }
    struct RequestVector: Decodable {
        let attributes: Int, context: String, scopes: [String], disclosed: [Disclosed], predicates: [PredicateVector], domains: [[Int64]]
        let verdict: String, verdict_with_domains: String, encoded: String
    }

    let file: File

    init() throws { file = try TestVectors.decode(from: "encodings-v1.json") }

    @Test func schemaDigests() throws {
        let kinds: [String: Attribute.Kind] = ["fixed": .fixed, "growing": .growing, "feedback": .feedback]
        for vector in file.schemas {
            let schema = try Schema(
                vector.attributes.map { attribute in
                    try Attribute(
                        name: Array(attribute.name.utf8), kind: #require(kinds[attribute.kind]), least: attribute.least,
                        greatest: attribute.greatest)
                })
            #expect(schema.digest.hex == vector.digest)
            #expect(try Schema(json: schema.json) == schema)
        }
        #expect(file.schemas.count == 3)
    }

    @Test func keyIDs() throws {
        for vector in file.key_ids { #expect(try Digest.keyID(hex(vector.key)).hex == vector.id) }
        #expect(throws: FormatError.length) { try Digest.keyID([1, 2, 3]) }
    }

    @Test func scopes() throws {
        for vector in file.scopes {
            func id(_ text: String?) throws -> Digest { try Digest(hex: #require(text)) }
            let scope: Scope
            switch vector.purpose {
            case "sign-in": scope = .signIn(audience: try id(vector.audience))
            case "account":
                scope = .account(community: try id(vector.community), epoch: try #require(vector.epoch), audience: try id(vector.audience))
            case "post":
                scope = .post(
                    community: try id(vector.community), epoch: try #require(vector.epoch), audience: try id(vector.audience),
                    index: try #require(vector.index))
            case "act":
                scope = .act(
                    community: try id(vector.community), audience: try id(vector.audience), subject: try hex(#require(vector.subject)))
            case "renew": scope = .renew(community: try id(vector.community), epoch: try #require(vector.epoch))
            case "top-up":
                scope = .topUp(community: try id(vector.community), epoch: try #require(vector.epoch), codeHash: try id(vector.subject))
            default:
                Issue.record("unknown purpose")
                continue
            }
            #expect(hex(scope.encoded) == vector.encoded)
            #expect(scope.purpose == vector.purpose)
            #expect(try Scope(encoded: hex(vector.encoded)) == scope)
            #expect(try Scope(json: scope.json) == scope)
            #expect(hex(try #require(Scope.base(of: scope.encoded).affine).encoded) == vector.base)
        }
        #expect(Set(file.scopes.map(\.purpose)).count == 6)
    }

    @Test func contexts() throws {
        for vector in file.contexts {
            let message = try hex(vector.message)
            let context = Context(
                community: try Digest(hex: vector.community), schema: try Digest(hex: vector.schema), epoch: vector.epoch,
                audience: try Digest(hex: vector.audience), nonce: try hex(vector.nonce), expires: vector.expires,
                message: message.isEmpty ? nil : try Digest(message))
            #expect(try context.digest().hex == vector.digest)
        }
    }

    @Test func issuances() throws {
        for vector in file.issuances {
            let code = try ClaimCode(bytes: hex(vector.code))
            let community = try Digest(hex: vector.community)
            #expect(hex(Issuance.context(community: community, codeHash: code.hash)) == vector.context)
            let blank = try Issuance.verify(hex(vector.message), community: community, codeHash: code.hash)
            #expect(vector.message.hasPrefix(hex(blank.encoded)))
            let (secret, blinding) = (try Fn(encoded: hex(vector.secret)[...]), try Fn(encoded: hex(vector.blinding)[...]))
            let leaf = try #require(AttributeBases.credential(secret: secret, values: vector.values, blinding: blinding))
            #expect(hex(leaf.encoded) == vector.leaf)
            guard !vector.values.isEmpty else { continue }
            let schema = try Schema(
                vector.values.indices.map {
                    try Attribute(name: Array("a\($0)".utf8), kind: .fixed, least: -1 << 31, greatest: 1 << 31)
                })
            let issued = try Issuance.issue(
                hex(vector.message), values: vector.values, schema: schema, community: community, codeHash: code.hash)
            #expect(hex(issued.leaf) == vector.leaf)
        }
    }

    @Test func requests() throws {
        var seen: Set<String> = []
        for vector in file.requests {
            let request = Request(
                attributes: vector.attributes, context: try hex(vector.context), scopes: try vector.scopes.map { try hex($0) },
                disclosed: try vector.disclosed.map { Request.Disclosed(index: $0.index, value: try Fn(encoded: hex($0.value)[...])) },
                predicates: vector.predicates.map { $0.predicate })
            #expect(verdict { try request.check() } == vector.verdict)
            #expect(verdict { try request.check(domains: vector.domains.map { $0[0]...$0[1] }) } == vector.verdict_with_domains)
            if vector.verdict.isEmpty { #expect(hex(request.encoded) == vector.encoded) }
            seen.insert(vector.verdict_with_domains)
        }
        #expect(seen.count == 8)
    }

    /// The model's words for what we throw.
    private func verdict(_ check: () throws -> Void) -> String {
        do {
            try check()
            return ""
        } catch {
            switch error as? RequestError {
            case .requestFields: return "request fields"
            case .scopes: return "scopes"
            case .disclosedAttributes: return "disclosed attributes"
            case .attributeCount: return "attribute count"
            case .predicateAttributes: return "predicate attributes"
            case .predicateWeights: return "predicate weights"
            case .predicateWindow: return "predicate window"
            default: return "\(error)"
            }
        }
    }
}

/// `[index, scalar in hex]`.
struct Disclosed: Decodable {
    let index: Int
    let value: String
    init(from decoder: Decoder) throws {
        var list = try decoder.unkeyedContainer()
        index = try list.decode(Int.self)
        value = try list.decode(String.self)
    }
}

struct PredicateVector: Decodable {
    let weights: [[Int64]]
    let bound: Int64
    var predicate: Predicate { Predicate(weights: weights.map { .init(index: Int($0[0]), weight: $0[1]) }, bound: bound) }
}
