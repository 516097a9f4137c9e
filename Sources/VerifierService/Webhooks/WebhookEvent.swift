import Platform
import Reputation

/// Something that an audience hears of. It holds pseudonyms at that audience and what the audience was told or decided, never anything of another.
public struct WebhookEvent: Sendable, Equatable {
    /// What happened. The names do not change.
    public enum Kind: String, Sendable, CaseIterable {
        /// A presentation was accepted for a request of the audience.
        case presentationAccepted = "presentation.accepted"
        /// Somebody is banned.
        case banAdded = "ban.added"
        /// A ban ended before its time.
        case banLifted = "ban.lifted"
        /// The operator tries it out.
        case test
    }

    /// Names the event: one that comes twice has the same. 16 random bytes.
    public let id: [UInt8]
    /// What happened.
    public let kind: Kind
    /// When, in seconds since 1970.
    public let time: Int64
    /// What there is to say of it.
    public let data: JSON

    /// Creates an event.
    public init(_ kind: Kind, time: Int64, data: JSON = .object([])) {
        id = Random.bytes(16)
        self.kind = kind
        self.time = time
        self.data = data
    }

    /// What is sent.
    func body(audience: [UInt8]) -> [UInt8] {
        JSON.object([
            .init("id", .hex(id)), .init("event", .text(kind.rawValue)), .init("time", .integer(time)), .init("audience", .hex(audience)),
            .init("data", data),
        ]).encoded()
    }
}

extension WebhookEvent {
    /// That a pseudonym is banned. What operators say among themselves stays with them.
    static func banned(_ ban: BanRecord, number: Int) -> WebhookEvent {
        var data: [JSON.Member] = [
            .init("ban", .integer(Int64(number))), .init("pseudonym", .text(ban.subject.text)), .init("reason", .text(ban.publicReason)),
        ]
        if let until = ban.until { data.append(.init("until", .integer(until))) }
        return WebhookEvent(.banAdded, time: ban.time, data: .object(data))
    }

    /// That a ban ended before its time.
    static func lifted(_ ban: BanRecord, at time: Int64) -> WebhookEvent {
        let data: [JSON.Member] = [.init("ban", .integer(Int64(ban.number))), .init("pseudonym", .text(ban.subject.text))]
        return WebhookEvent(.banLifted, time: time, data: .object(data))
    }

    /// That a presentation was accepted.
    static func accepted(_ acceptance: Verifier.Acceptance) -> WebhookEvent {
        var data: [JSON.Member] = [.init("nonce", .hex(acceptance.request.context.nonce))]
        if let (scope, subject) = acceptance.subject {
            data += [.init("scope", .text(scope.purpose)), .init("pseudonym", .text(subject.text))]
        }
        return WebhookEvent(.presentationAccepted, time: acceptance.time, data: .object(data))
    }
}
