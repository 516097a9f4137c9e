/// Events that wait to be sent.
public enum WebhookOutbox {
    /// Events of an audience that wait at most; beyond, the oldest are given up.
    public static let capacity = 10_000
    /// Seconds after which an event that nobody took is given up.
    public static let life: Int64 = 7 * 86_400

    /// Puts an event into the outbox, in the transaction of what it is about: both are there, or neither. Nothing happens when the audience wants no
    /// events.
    ///
    /// - Parameter audience: its id, 32 bytes.
    public static func enqueue(_ event: WebhookEvent, audience: [UInt8], _ session: any SQLSession) throws {
        guard try session.exists("SELECT 1 FROM webhook WHERE audience = ?", [.blob(audience)]) else { return }
        _ = try session.run(
            "INSERT INTO webhookEvent (id, audience, kind, body, created, due) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .blob(event.id), .blob(audience), .text(event.kind.rawValue), .blob(event.body(audience: audience)), .integer(event.time),
                .integer(event.time),
            ])
    }

    /// Seconds from one attempt to the next: 15, and four times as many each time, up to a day. More than an attempt takes.
    package static func pause(after attempts: Int) -> Int64 { attempts >= 8 ? 86_400 : 15 << Int64(2 * max(0, attempts - 1)) }
}
