import Reputation
import VerifierService

/// What a member proved to a forum, once.
struct Proof: Sendable, Equatable {
    let subject: Subject
    /// Name of the tier.
    let tier: String
    /// Groups of that tier and those below.
    let groups: [String]
    /// When it was proved, in seconds since 1970.
    let time: Int64

    /// Begins as `Subject.documentStart` says.
    var document: [UInt8] {
        JSON.object([
            .init("subject", .text(subject.text)), .init("tier", .text(tier)), .init("groups", .array(groups.map { .text($0) })),
            .init("time", .integer(time)),
        ]).encoded()
    }
}

extension Proof {
    init(document: [UInt8]) throws(JSONError) {
        var object = try JSONObject(JSON(parsing: document))
        let (subject, tier) = (try object.line("subject"), try object.line("tier"))
        self.init(
            subject: Subject(text: subject), tier: tier, groups: try object.texts("groups"),
            time: try object.integer("time", in: 0...Int64.max))
        try object.finish()
    }

    /// What the forum is told, the same in the ID token and from the userinfo endpoint.
    func claims(for forum: Forum) -> [JSON.Member] {
        var claims: [JSON.Member] = [
            .init("sub", .text(subject.text)), .init("preferred_username", .text(subject.username)),
            .init("groups", .array(groups.map { .text($0) })), .init("acr", .text(tier)), .init("amr", .array([.text("pop")])),
            .init("auth_time", .integer(time)),
        ]
        if case .synthetic(let domain, let isVerified) = forum.email {
            claims += [.init("email", .text("\(subject.text)@\(domain)")), .init("email_verified", .bool(isVerified))]
        }
        return claims
    }
}
