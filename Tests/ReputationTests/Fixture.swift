import Curves
import Membership
import Platform
import Reputation
import Testing

/// A small community, its log's key, and members with wallets who claimed by the real way.
struct Fixture {
    let key: Ed25519SigningKey
    let community: Community
    let audience: Digest
    let otherAudience: Digest
    let now: Int64 = 1_790_000_000

    init() throws {
        key = try Ed25519SigningKey(seed: [UInt8](repeating: 7, count: 32))
        let schema = try Schema([
            .counter("votes", atMost: 100_000), .counter("comments", atMost: 100_000),
            Attribute(name: Array("group".utf8), kind: .fixed, least: 0, greatest: 3), .counter("warnings", atMost: 100, kind: .feedback),
        ])
        community = try Community(logKey: key.publicKey, origin: Array("symbolon.example/test".utf8), schema: schema)
        audience = try Digest.keyID([UInt8](repeating: 1, count: 32))
        otherAudience = try Digest.keyID([UInt8](repeating: 2, count: 32))
    }

    var schema: Schema { community.schema }

    /// What an issuer answers a claim with.
    func receipt(_ request: ClaimRequest, values: [Int64], epoch: UInt32 = 7, index: UInt32? = nil) throws -> Receipt {
        let issued = try Issuance.issue(
            request.message, values: values, schema: schema, community: community.id, codeHash: request.code.hash)
        return Receipt(
            community: community.id, codeHash: request.code.hash, issued: issued, epoch: epoch, index: index, time: now,
            promisedBy: now + 3600, signedBy: key)
    }

    /// A wallet that claimed a credential of these values in epoch 7.
    func member(_ values: [Int64]) throws -> (wallet: Wallet, credential: Credential) {
        var wallet = Wallet(phrase: Phrase())
        let request = try wallet.beginClaim(community: community, code: ClaimCode())
        let credential = try wallet.finishClaim(try receipt(request, values: values))
        return (wallet, credential)
    }

    /// A tree with these credentials' leaves.
    func tree(depth: Int, _ credentials: [Credential]) throws -> CurveTree {
        var tree = CurveTree(shape: try TreeShape(depth: depth))
        try tree.append(credentials.map { try Affine(encoded: $0.leaf[...]) })
        return tree
    }

    func context(
        audience: Digest? = nil, epoch: UInt32 = 7, nonce: [UInt8] = [UInt8](repeating: 5, count: 16), expires: Int64? = nil,
        message: Digest? = nil
    ) -> Context {
        Context(
            community: community.id, schema: schema.digest, epoch: epoch, audience: audience ?? self.audience, nonce: nonce,
            expires: expires ?? now + 60, message: message)
    }

    func act(_ subject: String = "poll", audience: Digest? = nil) -> Scope {
        .act(community: community.id, audience: audience ?? self.audience, subject: Array(subject.utf8))
    }

    func account(epoch: UInt32 = 7) -> Scope { .account(community: community.id, epoch: epoch, audience: audience) }

    func request(_ predicates: [String]) throws -> PresentationRequest { try request(nil, predicates) }

    func request(
        _ context: Context? = nil, scopes: [Scope]? = nil, tickets: UInt32? = nil, disclose: [Int] = [], _ predicates: [String] = []
    ) throws -> PresentationRequest {
        try PresentationRequest(
            context: context ?? self.context(), scopes: scopes ?? [act()], tickets: tickets, disclose: disclose,
            predicates: predicates.map { try Predicate(parsing: $0, schema: schema) })
    }
}

extension [UInt8] {
    /// The bytes of a text.
    init(text: String) { self = Array(text.utf8) }
}

/// Mutations of valid bytes: cut short, longer, bits flipped, bytes replaced.
func mutated<G: RandomNumberGenerator>(_ bytes: [UInt8], using generator: inout G) -> [UInt8] {
    var out = bytes
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: out = Array(out.prefix(Int.random(in: 0...bytes.count, using: &generator)))
    case 1: out += (0..<Int.random(in: 1...9, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    case 2:
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !out.isEmpty {
            out[Int.random(in: out.indices, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        }
    case 3:
        for _ in 0..<Int.random(in: 1...8, using: &generator) where !out.isEmpty {
            out[Int.random(in: out.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
    default:
        if !out.isEmpty { out.remove(at: Int.random(in: out.indices, using: &generator)) }
    }
    return out
}
