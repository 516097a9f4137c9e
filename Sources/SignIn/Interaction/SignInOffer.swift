import Reputation
import VerifierService

/// What a wallet is told of a sign-in that waits: who asks, and what it may prove.
public struct SignInOffer: Sendable {
    /// Origin of the service, which the wallet compares with where it asked.
    public let issuer: String
    /// The forum's name.
    public let forum: String
    /// Its audience.
    public let audience: Digest
    /// What it asks for when it signs in; the wallet keeps it.
    public let policy: JSON
    /// The tiers, rising, each with its request.
    public let tiers: [(name: String, request: JSON)]
    /// The service's signed word on the forum, ``ClientRecord``.
    public let record: String

    init(issuer: String, forum: Forum, policy: JSON, requests: [JSON], record: String) {
        self.issuer = issuer
        self.forum = forum.name
        audience = forum.audience
        self.policy = policy
        tiers = Array(zip(forum.tiers.map(\.name), requests))
        self.record = record
    }

    /// From JSON; names are such as can be shown on a terminal, all else is checked by the wallet.
    public init(json: JSON) throws(JSONError) {
        var object = try JSONObject(json)
        try object.version(1)
        (issuer, forum, audience) = (try object.line("issuer"), try object.line("forum"), try object.digest("audience"))
        policy = try object.take("policy")
        var tiers: [(name: String, request: JSON)] = []
        for value in try object.array("tiers", atMost: Forum.greatestTiers) {
            var tier = try JSONObject(value)
            tiers.append((try tier.line("name"), try tier.take("request")))
            try tier.finish()
        }
        self.tiers = tiers
        record = String(decoding: try object.text("record", atMost: ClientRecord.greatest), as: UTF8.self)
        try object.finish()
        guard isLine(forum), isLine(issuer), tiers.allSatisfy({ Tier.isName($0.name) }) else {
            throw .wrongValue(Array("forum".utf8))
        }
    }

    /// The JSON form.
    public var json: JSON {
        .object([
            .init("version", .integer(Int64(1))), .init("issuer", .text(issuer)), .init("forum", .text(forum)),
            .init("audience", .hex(audience.bytes)), .init("policy", policy),
            .init("tiers", .array(tiers.map { .object([.init("name", .text($0.name)), .init("request", $0.request)]) })),
            .init("record", .text(record)),
        ])
    }
}
