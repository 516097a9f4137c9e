import Reputation

/// What a banned member is told, and nobody else.
public struct BanNotice: Sendable, Equatable {
    /// Why, in the operator's words: one line.
    public let reason: String
    /// Seconds since 1970 from which on the ban holds no more; nil when it has no end.
    public let until: Int64?
    /// The audience that it is at.
    public let audience: Digest
    /// At a sign-in the code that shows the same on the page where it began.
    public var code: String?

    /// Creates a notice from its fields.
    public init(reason: String, until: Int64?, audience: Digest, code: String? = nil) {
        self.reason = reason
        self.until = until
        self.audience = audience
        self.code = code
    }

    init(_ ban: BanRecord, audience: Digest) { self.init(reason: ban.publicReason, until: ban.until, audience: audience) }

    /// The problem that a wallet gets.
    package var problem: Problem {
        var members: [JSON.Member] = [.init("reason", .text(reason)), .init("audience", .hex(audience.bytes))]
        if let until { members.append(.init("until", .integer(until))) }
        if let code { members.append(.init("sign-in-code", .text(code))) }
        return Problem(403, "banned", "This pseudonym is banned here.", members: members)
    }

    /// Code of the refusal.
    public static let code = "banned"

    /// From the problem that a service sent; nil for any other. What is shown on a terminal is one line.
    init?(problem: JSON) {
        guard problem["code"]?.text == BanNotice.code, let reason = problem["reason"]?.text, isLine(reason),
            let audience = problem["audience"]?.text.flatMap({ try? Digest(hex: $0) })
        else { return nil }
        var until: Int64?
        if case .integer(let time)? = problem["until"] { until = time }
        let code = problem["sign-in-code"]?.text
        guard code.map({ isLine($0) && $0.utf8.count <= 32 }) ?? true else { return nil }
        self.init(reason: reason, until: until, audience: audience, code: code)
    }
}

/// A presentation that holds, by a pseudonym that is banned.
package struct Banned: Error {
    /// Whose it is.
    package let subject: Subject
    /// What he is told.
    package let notice: BanNotice

    package init(subject: Subject, notice: BanNotice) {
        self.subject = subject
        self.notice = notice
    }
}
