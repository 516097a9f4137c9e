import NIOCore
import Platform
import Reputation
import StoreSupport
import Testing
import VerifierService

@Suite("Webhooks") struct WebhookTests {
    @Test(
        "Which addresses the internet reaches",
        arguments: [
            ("1.1.1.1", true), ("8.8.8.8", true), ("172.15.0.1", true), ("172.32.0.1", true), ("100.63.0.1", true), ("192.0.1.1", true),
            ("223.255.255.255", true), ("0.0.0.0", false), ("10.1.2.3", false), ("100.64.0.1", false), ("100.127.255.255", false),
            ("127.0.0.1", false), ("127.255.0.1", false), ("169.254.169.254", false), ("172.16.0.1", false), ("172.31.255.255", false),
            ("192.0.0.1", false), ("192.0.2.1", false), ("192.168.0.1", false), ("198.18.0.1", false), ("198.19.255.255", false),
            ("198.51.100.1", false), ("203.0.113.1", false), ("224.0.0.1", false), ("255.255.255.255", false), ("2606:4700::1111", true),
            ("2001:4860:4860::8888", true), ("::", false), ("::1", false), ("::ffff:8.8.8.8", false), ("fc00::1", false),
            ("fd12::1", false),
            ("fe80::1", false), ("ff02::1", false), ("2001:db8::1", false), ("2001::1", false), ("2002:7f00:1::", false),
            ("2002:808:808::", true), ("64:ff9b::7f00:1", false), ("64:ff9b::808:808", true), ("3fff::1", false),
        ])
    func addresses(_ text: String, _ isPublic: Bool) throws {
        #expect(PublicAddress.isPublic(try SocketAddress(ipAddress: text, port: 0)) == isPublic)
    }

    @Test("Pauses grow to a day")
    func pauses() {
        #expect((1...9).map { WebhookOutbox.pause(after: $0) } == [15, 60, 240, 960, 3840, 15_360, 61_440, 86_400, 86_400])
        #expect(WebhookOutbox.pause(after: .max) == 86_400)
    }

    @Test("A record comes back from the store as it was; what cannot be one is refused")
    func records() throws {
        let webhook = try Webhook(audience: Digest.of([1]), url: "https://forum.example.org/events?x=1", mayBePrivate: true)
        #expect(try Webhook(audience: webhook.audience, document: webhook.document) == webhook)
        for url in ["http://forum.example.org/", "https://a@b/", "https://a/#x", "org.example.app:/x", "", "https://"] {
            #expect(throws: Webhook.Failure.url(url)) { try Webhook(audience: Digest.of([1]), url: url, mayBePrivate: true) }
        }
    }

    private func event(_ time: Int64, _ kind: WebhookEvent.Kind = .banAdded) -> WebhookEvent {
        WebhookEvent(kind, time: time, data: .object([.init("pseudonym", .text("a"))]))
    }

    @Test("Events wait in order, are attempted once at a time, and go when they were taken", arguments: StoreInstance.allCases)
    func outbox(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            let (a, b) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
            try await store.enqueue(event(1), audience: a)
            #expect(try await store.webhook(audience: a) == nil, "who wants no events has none")
            try await store.setWebhook(audience: a, document: [1])
            try await store.setWebhook(audience: b, document: [2])
            let events = [event(10), event(11), event(12, .banLifted)]
            for one in events { try await store.enqueue(one, audience: a) }
            try await store.enqueue(event(50), audience: b)
            #expect(try await store.audiencesWithEvents(due: 9).isEmpty)
            #expect(try await store.audiencesWithEvents(due: 10) == [a])
            #expect(Set(try await store.audiencesWithEvents(due: 50)) == [a, b])
            let first = try #require(try await store.dueEvent(audience: a, at: 20))
            #expect(first.id == events[0].id && first.kind == "ban.added" && first.attempts == 0)
            let body = try JSON(parsing: first.body)
            #expect(body["id"]?.text == Hex.text(first.id) && body["event"]?.text == "ban.added")
            let taken = try await [store.takeAttempt(first, next: 35), store.takeAttempt(first, next: 35)]
            #expect(taken == [true, false], "of two processes one attempts it")
            let second = try #require(try await store.dueEvent(audience: a, at: 20))
            #expect(second.id == events[1].id)
            try await store.removeEvent(number: second.number)
            #expect(try await store.dueEvent(audience: a, at: 20)?.id == events[2].id)
            #expect(try await store.dueEvent(audience: a, at: 35)?.id == events[2].id)
            #expect(try await store.webhook(audience: a)?.waiting == 2)
            try await store.setWebhook(audience: a, document: [3])
            let kept = try #require(try await store.webhook(audience: a))
            #expect(kept.document == [3] && kept.waiting == 2)
            // Too many, too old.
            for time in 60..<70 { try await store.enqueue(event(Int64(time)), audience: a) }
            try await store.giveUpEvents(before: 0, keeping: 4)
            #expect(try await store.webhook(audience: a)?.waiting == 4)
            #expect(try await store.webhook(audience: b)?.waiting == 1)
            #expect(try await store.dueEvent(audience: a, at: 100)?.attempts == 0)
            try await store.giveUpEvents(before: 68, keeping: 4)
            #expect(try await store.webhook(audience: a)?.waiting == 2)
            #expect(try await store.webhook(audience: b)?.waiting == 0)
            #expect(try await store.removeWebhook(audience: a))
            #expect(try await !store.removeWebhook(audience: a))
            #expect(try await store.audiencesWithEvents(due: 100).isEmpty)
        }
    }

    @Test("An acceptance and its event are kept together or not at all", arguments: StoreInstance.allCases)
    func together(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            let audience = [UInt8](repeating: 1, count: 32)
            let webhooks: any WebhookStore = store
            try await webhooks.setWebhook(audience: audience, document: [1])
            for number in 1...2 {
                let nonce = [UInt8](repeating: UInt8(number), count: 16)
                let record = RequestRecord(nonce: nonce, audience: audience, document: [7], expires: 100)
                for result in try await store.addRequests([record]) { try result.get() }
            }
            func accept(_ number: UInt8) async throws -> AcceptanceOutcome {
                let record = AcceptanceRecord(
                    nonce: [UInt8](repeating: number, count: 16), spends: [Spend(scope: [1], nullifier: [UInt8](repeating: 3, count: 33))],
                    time: 5, presentation: [9], logSize: 0, event: (event(5, .presentationAccepted), audience))
                return try await store.accept([record])[0].get()
            }
            #expect(try await accept(1) == .accepted)
            #expect(try await accept(1) == .requestUsed)
            #expect(try await accept(2) == .alreadySpent)
            #expect(try await webhooks.webhook(audience: audience)?.waiting == 1)
        }
    }
}
