import Curves
import Foundation
import Membership
import Platform
import Reputation

/// A community with a large tree, and two of its members.
struct LargeLog {
    private let key = Ed25519SigningKey()
    private let community: Community
    private let shape: TreeShape
    private let audience = Digest.of(Array("audience".utf8))
    /// Leaves of the first state, and those that come in with each of the two batches after it.
    private let first: Int, more = 600
    /// When the first state's batch was closed; the others follow minute by minute.
    private let began = Int64(Date().timeIntervalSince1970) - 600

    /// Throws when no tree of depth 3 has so many buckets.
    init(buckets: Int) throws {
        let schema = try Schema([.counter("votes", atMost: 1000), .flag("verified")])
        community = try Community(logKey: key.publicKey, origin: Array("large.example/log".utf8), schema: schema)
        shape = try TreeShape(depth: 3)
        first = buckets * shape.span(2) - 900
        guard first + 2 * more <= shape.capacity else { throw TreeError.full }
    }

    /// A member's claim, what the issuer makes of it, and where the leaf stands.
    private struct Member {
        let wallet: Wallet
        let code = ClaimCode()
        let place: Int
        let message: [UInt8]
        let issued: Issuance.Issued

        init(_ phrase: Phrase, in community: Community, at place: Int) throws {
            var wallet = Wallet(phrase: phrase)
            message = try wallet.beginClaim(community: community, code: code).message
            issued = try Issuance.issue(
                message, values: [25, 1], schema: community.schema, community: community.id, codeHash: code.hash)
            (self.wallet, self.place) = (wallet, place)
        }

        /// The wallet as its words and the log give it.
        func restored(in community: Community) throws -> Wallet {
            var wallet = Wallet(phrase: wallet.seed.phrase)
            let entry = IssuedEntry(
                epoch: 1, index: UInt32(place), codeHash: code.hash, message: message, values: issued.values, leaf: issued.leaf)
            guard try wallet.restore(community: community, entries: [.issued(entry)]) == 1 else { throw WalletError.leaf }
            return wallet
        }
    }

    /// Words by whose ranks a wallet draws the same for a leaf of the second state and for one in another bucket: that one's place.
    private func words(for place: Int) -> (phrase: Phrase, other: Int) {
        let count = shape.nodes(level: 2, leaves: first + more)
        while true {
            let phrase = Phrase()
            let seed = Wallet(phrase: phrase).seed
            func draw(_ place: Int) -> [Int] {
                LightRule.standard.draw(own: [place..<(place + 1)], of: count, shape) {
                    seed.rank(ofBucket: $0, epoch: 1, community: community.id, identity: 0)
                }
            }
            let drawn = draw(place)
            let other = drawn[0] * shape.span(2) + 5000
            if draw(other) == drawn { return (phrase, other) }
        }
    }

    /// Writes all files.
    func write(to folder: String) throws {
        let place = first + more / 2
        let (phrase, otherPlace) = words(for: place)
        let member = try Member(phrase, in: community, at: place), other = try Member(phrase, in: community, at: otherPlace)
        var leaves = distinctPoints(first + 2 * more)
        for one in [member, other] { leaves[one.place] = one.issued.point }

        var published = PublishedLog(community: community, key: key, shape: shape, folder: "\(folder)/log")
        var states: [JSON] = []
        func close(_ change: (inout PublishedLog, _ time: Int64) throws -> Void) throws {
            let old = published.log.size
            try change(&published, began + 60 * Int64(states.count))
            try published.write(from: old)
            states.append(
                .object([
                    .init("size", .integer(Int64(published.log.size))), .init("leaves", .integer(Int64(published.tree.leaves.count))),
                ]))
            try write(published.note, as: "checkpoint-\(states.count)", in: folder)
        }
        try close { try $0.append(Array(leaves[..<first]), at: $1) }
        try close { try $0.append(Array(leaves[first..<(first + more)]), at: $1) }
        try close { try $0.append(Array(leaves[(first + more)...]), at: $1) }
        let removed = stride(from: 7, to: first + 2 * more, by: shape.span(2))
        try close { try $0.remove(Array(removed), at: $1) }

        try write(community.json.encoded(), as: "log/community.json", in: folder)
        let histogram = Histogram(
            community: community, epoch: 1, logSize: 0, minimum: 0, values: [[Int64]](repeating: [25, 1], count: 1000),
            unknown: first + more - 1000)
        try write(histogram.signed(by: key), as: "histogram", in: folder)
        let receipt = Receipt(
            community: community.id, codeHash: member.code.hash, issued: member.issued, epoch: 1, index: nil, time: began + 30,
            promisedBy: began + 60, signedBy: key)
        try write(receipt.json.encoded(), as: "receipt.json", in: folder)
        try write(member.restored(in: community).json.encoded(), as: "restored.json", in: folder)
        try write(other.restored(in: community).json.encoded(), as: "other.json", in: folder)
        let nonce = Random.bytes(16)
        try write(request(nonce: nonce).json(community.schema).encoded(), as: "request.json", in: folder)
        let about = JSON.object([
            .init("community", .hex(community.id.bytes)), .init("words", .text(phrase.text)), .init("code", .text(member.code.text)),
            .init("audience", .hex(audience.bytes)), .init("nonce", .hex(nonce)), .init("states", .array(states)),
            .init("place", .integer(Int64(place))), .init("other", .integer(Int64(otherPlace))),
            .init("widths", .array((1...shape.depth).map { .integer(Int64(shape.width($0))) })),
        ])
        try write(about.encoded(), as: "about.json", in: folder)
    }

    private func request(nonce: [UInt8]) throws -> PresentationRequest {
        let context = Context(
            community: community.id, schema: community.schema.digest, epoch: 1, audience: audience, nonce: nonce, expires: began + 86400)
        return try PresentationRequest(
            context: context, scopes: [.act(community: community.id, audience: audience, subject: Array("subject".utf8))],
            predicates: [Predicate(parsing: Array("votes >= 20".utf8), schema: community.schema)])
    }

    private func write(_ bytes: [UInt8], as name: String, in folder: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: folder).appendingPathComponent(name))
    }

    /// Different points that nobody can open.
    private func distinctPoints(_ count: Int) -> [Affine<Secp256k1>] {
        var point = Secp256k1.base.multiplied(by: .random())
        var points: [Point<Secp256k1>] = []
        points.reserveCapacity(count)
        for _ in 0..<count {
            points.append(point)
            point += Secp256k1.basePoint
        }
        return Point.normalize(points).compactMap { $0 }
    }
}
