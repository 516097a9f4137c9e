/// An event that is due.
public struct WaitingEvent: Sendable, Equatable {
    /// Its place in the outbox.
    public let number: Int
    /// Its id, 16 bytes.
    public let id: [UInt8]
    /// What happened.
    public let kind: String
    /// What is sent, byte for byte the same each time.
    public let body: [UInt8]
    /// Attempts before this one.
    public let attempts: Int
    /// When this attempt is due, in seconds since 1970.
    public let due: Int64
}

/// What sending events needs to be kept. As for ``Store`` every method is one atomic step, on disk when it returns.
public protocol WebhookStore: Sendable {
    /// Sets where an audience hears of events; those that wait are sent there too.
    func setWebhook(audience: [UInt8], document: [UInt8]) async throws(StoreError)
    /// Where an audience hears of events, and how many wait; nil when it does not want to.
    func webhook(audience: [UInt8]) async throws(StoreError) -> (document: [UInt8], waiting: Int)?
    /// Ends it; what waits is given up. False when there was none.
    func removeWebhook(audience: [UInt8]) async throws(StoreError) -> Bool
    /// Puts an event into the outbox that has no cause in the store.
    func enqueue(_ event: WebhookEvent, audience: [UInt8]) async throws(StoreError)
    /// Audiences of which an event is due.
    func audiencesWithEvents(due time: Int64) async throws(StoreError) -> [[UInt8]]
    /// The event of an audience that has been due longest.
    func dueEvent(audience: [UInt8], at time: Int64) async throws(StoreError) -> WaitingEvent?
    /// Takes an attempt: the next is due then, whatever becomes of this one. False when another process was faster.
    func takeAttempt(_ event: WaitingEvent, next: Int64) async throws(StoreError) -> Bool
    /// An event was sent.
    func removeEvent(number: Int) async throws(StoreError)
    /// Gives up events made before a time, and of each audience all but the newest.
    func giveUpEvents(before time: Int64, keeping capacity: Int) async throws(StoreError)
}

extension SQLStore: WebhookStore {
    static let webhookTables = """
        CREATE TABLE webhook (
            audience BLOB PRIMARY KEY CHECK (length(audience) = 32),
            document BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE webhookEvent (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            audience BLOB NOT NULL REFERENCES webhook (audience) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            body BLOB NOT NULL,
            created INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            due INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX webhookEventOfAudience ON webhookEvent (audience, due);
        CREATE INDEX webhookEventAge ON webhookEvent (created);
        """

    /// See ``WebhookStore``.
    public func setWebhook(audience: [UInt8], document: [UInt8]) async throws(StoreError) {
        try await write(isRepeatable: true) { session in
            _ = try session.run(
                """
                INSERT INTO webhook (audience, document) VALUES (?, ?)
                ON CONFLICT (audience) DO UPDATE SET document = excluded.document
                """, [.blob(audience), .blob(document)])
        }
    }

    /// See ``WebhookStore``.
    public func webhook(audience: [UInt8]) async throws(StoreError) -> (document: [UInt8], waiting: Int)? {
        try await read { session in
            guard let row = try session.row("SELECT document FROM webhook WHERE audience = ?", [.blob(audience)]) else { return nil }
            return (try row.bytes(0), try session.integer("SELECT count(*) FROM webhookEvent WHERE audience = ?", [.blob(audience)]))
        }
    }

    /// See ``WebhookStore``.
    public func removeWebhook(audience: [UInt8]) async throws(StoreError) -> Bool {
        try await write { session in try session.run("DELETE FROM webhook WHERE audience = ?", [.blob(audience)]) == 1 }
    }

    /// See ``WebhookStore``.
    public func enqueue(_ event: WebhookEvent, audience: [UInt8]) async throws(StoreError) {
        try await write { session in try WebhookOutbox.enqueue(event, audience: audience, session) }
    }

    /// See ``WebhookStore``.
    public func audiencesWithEvents(due time: Int64) async throws(StoreError) -> [[UInt8]] {
        try await read { session in
            // One look into the index for each webhook, however many events wait.
            try session.rows(
                """
                SELECT audience FROM webhook WHERE EXISTS
                    (SELECT 1 FROM webhookEvent WHERE webhookEvent.audience = webhook.audience AND due <= ?)
                """, [.integer(time)]
            ).map { try $0.bytes(0) }
        }
    }

    /// See ``WebhookStore``.
    public func dueEvent(audience: [UInt8], at time: Int64) async throws(StoreError) -> WaitingEvent? {
        try await read { session in
            try session.row(
                """
                SELECT number, id, kind, body, attempts, due FROM webhookEvent WHERE audience = ? AND due <= ? ORDER BY due, number LIMIT 1
                """, [.blob(audience), .integer(time)]
            ).map { row in
                WaitingEvent(
                    number: try row.int(0), id: try row.bytes(1), kind: try row.text(2), body: try row.bytes(3), attempts: try row.int(4),
                    due: try row.integer(5))
            }
        }
    }

    /// See ``WebhookStore``.
    public func takeAttempt(_ event: WaitingEvent, next: Int64) async throws(StoreError) -> Bool {
        try await write { session in
            try session.run(
                "UPDATE webhookEvent SET attempts = attempts + 1, due = ? WHERE number = ? AND attempts = ? AND due = ?",
                [.integer(next), .integer(event.number), .integer(event.attempts), .integer(event.due)]) == 1
        }
    }

    /// See ``WebhookStore``.
    public func removeEvent(number: Int) async throws(StoreError) {
        try await write(isRepeatable: true) { session in
            _ = try session.run("DELETE FROM webhookEvent WHERE number = ?", [.integer(number)])
        }
    }

    /// See ``WebhookStore``.
    public func giveUpEvents(before time: Int64, keeping capacity: Int) async throws(StoreError) {
        try await write(isRepeatable: true) { session in
            _ = try session.run("DELETE FROM webhookEvent WHERE created < ?", [.integer(time)])
            for row in try session.rows("SELECT audience FROM webhook") {
                let audience = SQLValue.blob(try row.bytes(0))
                let oldest = try session.row(
                    "SELECT number FROM webhookEvent WHERE audience = ? ORDER BY number DESC LIMIT 1 OFFSET ?",
                    [audience, .integer(capacity)])
                guard let number = try oldest?.integer(0) else { continue }
                _ = try session.run("DELETE FROM webhookEvent WHERE audience = ? AND number <= ?", [audience, .integer(number)])
            }
        }
    }
}
