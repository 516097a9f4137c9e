import Platform
import Reputation

/// Sends one event, once.
public struct WebhookSender: Sendable {
    /// Why an event was not taken.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The host is at no address that may be called.
        case address
        /// It cannot be reached, or does not answer in time.
        case unreachable
        /// It answers something else than 2xx; redirects are not followed.
        case status(Int)

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .address: "the host has no address, or one that the internet does not reach (--private allows it)"
            case .unreachable: "it cannot be reached, or did not answer within ten seconds"
            case .status(let status): "it answered \(status)"
            }
        }
    }

    private let secrets: ForumSecrets

    /// - Parameter secrets: that events are signed with.
    public init(secrets: ForumSecrets) { self.secrets = secrets }

    /// Sends an event that is not in the outbox.
    public func send(_ event: WebhookEvent, to webhook: Webhook, now: Int64) async throws(Failure) {
        let body = event.body(audience: webhook.audience.bytes)
        try await send(body, kind: event.kind.rawValue, id: event.id, to: webhook, now: now)
    }

    /// Sends a body.
    ///
    /// - Parameters:
    ///   - id: of the event, the same each time it is sent.
    ///   - now: in seconds since 1970; signed with the body, so that an old event is not played again.
    func send(_ body: [UInt8], kind: String, id: [UInt8], to webhook: Webhook, now: Int64) async throws(Failure) {
        let headers = [
            ("Content-Type", "application/json"), ("User-Agent", "symbolon"), ("Symbolon-Event", kind), ("Symbolon-Delivery", Hex.text(id)),
            ("Symbolon-Timestamp", String(now)),
            ("Symbolon-Signature", "v1=" + Self.signature(of: body, at: now, secret: webhook.secret(secrets))),
        ]
        let status: Int
        do { status = try await OutboundCall.post(body, to: webhook.url, headers: headers, mayBePrivate: webhook.mayBePrivate) } catch {
            switch error {
            case .address: throw .address
            case .unreachable: throw .unreachable
            }
        }
        guard (200..<300).contains(status) else { throw .status(status) }
    }

    /// HMAC-SHA256 over the time, a dot and the body, in hex; the key is the secret's text.
    static func signature(of body: [UInt8], at time: Int64, secret: String) -> String {
        Hex.text(HMACSHA256.authenticate(Array("\(time).".utf8) + body, key: Array(secret.utf8)))
    }
}
