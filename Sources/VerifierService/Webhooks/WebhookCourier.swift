import Foundation
import Hummingbird
import Logging
import Platform
import Reputation
import ServiceLifecycle
import Synchronization

/// Sends the events of the outbox, each at least once: an attempt is recorded before it is made, and the event goes when it was taken.
///
/// Each audience has its own turn, one event after the other, so that one that does not answer holds up no other.
public struct WebhookCourier: ServiceExtension, Service {
    private let store: any WebhookStore
    private let sender: WebhookSender
    private let logger: Logger
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - store: the service's.
    ///   - secrets: that events are signed with.
    ///   - now: the clock, in seconds since 1970.
    public init(
        store: any WebhookStore, secrets: ForumSecrets, logger: Logger,
        now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }
    ) {
        self.store = store
        sender = WebhookSender(secrets: secrets)
        self.logger = logger
        self.now = now
    }

    /// See `ServiceExtension`: none.
    public func addRoutes(to router: Router<ServiceContext>) {}

    /// See `ServiceExtension`.
    public func keepUp(now: Int64) async throws {
        try await store.giveUpEvents(before: now - WebhookOutbox.life, keeping: WebhookOutbox.capacity)
    }

    /// See `ServiceExtension`.
    public var services: [any Service] { [self] }

    /// Looks about once a second which events are due.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            let turns = Turns()
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    for audience in await dueAudiences() where turns.begin(audience) {
                        group.addTask {
                            await deliver(to: audience)
                            turns.end(audience)
                        }
                    }
                    do { try await Task.sleep(for: .seconds(1)) } catch { break }
                }
                group.cancelAll()
            }
        }
    }

    /// Whose events are being sent.
    private final class Turns: Sendable {
        private let audiences = Mutex<Set<[UInt8]>>([])

        /// False when it is the audience's turn already.
        func begin(_ audience: [UInt8]) -> Bool { audiences.withLock { $0.insert(audience).inserted } }

        func end(_ audience: [UInt8]) { audiences.withLock { _ = $0.remove(audience) } }
    }

    private func dueAudiences() async -> [[UInt8]] {
        do { return try await store.audiencesWithEvents(due: now()) } catch {
            logger.error("webhooks: the store does not answer", metadata: ["error": .string(String(describing: error))])
            return []
        }
    }

    /// Sends what is due, until nothing is or an attempt fails.
    private func deliver(to id: [UInt8]) async {
        do {
            while !Task.isCancelled, let audience = try? Digest(id), let kept = try await store.webhook(audience: id),
                let event = try await store.dueEvent(audience: id, at: now())
            {
                let next = now() + WebhookOutbox.pause(after: event.attempts + 1)
                guard try await store.takeAttempt(event, next: next) else { continue }
                let webhook = try Webhook(audience: audience, document: kept.document)
                try await sender.send(event.body, kind: event.kind, id: event.id, to: webhook, now: now())
                try await store.removeEvent(number: event.number)
            }
        } catch let failure as WebhookSender.Failure {
            // Which audience is in the operator's own hands; addresses are not logged.
            logger.info("webhook not delivered", metadata: ["reason": .string(String(describing: failure))])
        } catch {
            logger.error("webhook failed", metadata: ["error": .string(String(describing: type(of: error)))])
        }
    }
}
