import AsyncHTTPClient
import Foundation
import NIOCore
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
        guard let host = URL(string: webhook.url)?.host(percentEncoded: false), !host.isEmpty else { throw .address }
        let place: String?
        do { place = try await PublicAddress.of(host: host, mayBePrivate: webhook.mayBePrivate) } catch { throw .unreachable }
        guard let place else { throw .address }
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.dnsOverride = [host: place]
        let http = HTTPClient(configuration: configuration)
        let status: Int?
        do {
            let request = request(body, kind: kind, id: id, to: webhook, now: now)
            status = Int(try await http.execute(request, timeout: .seconds(10)).status.code)
        } catch {
            status = nil
        }
        try? await http.shutdown()
        guard let status else { throw .unreachable }
        guard (200..<300).contains(status) else { throw .status(status) }
    }

    private func request(_ body: [UInt8], kind: String, id: [UInt8], to webhook: Webhook, now: Int64) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: webhook.url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "symbolon")
        request.headers.add(name: "Symbolon-Event", value: kind)
        request.headers.add(name: "Symbolon-Delivery", value: Hex.text(id))
        request.headers.add(name: "Symbolon-Timestamp", value: String(now))
        request.headers.add(name: "Symbolon-Signature", value: "v1=" + Self.signature(of: body, at: now, secret: webhook.secret(secrets)))
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }

    /// HMAC-SHA256 over the time, a dot and the body, in hex; the key is the secret's text.
    static func signature(of body: [UInt8], at time: Int64, secret: String) -> String {
        Hex.text(HMACSHA256.authenticate(Array("\(time).".utf8) + body, key: Array(secret.utf8)))
    }
}
