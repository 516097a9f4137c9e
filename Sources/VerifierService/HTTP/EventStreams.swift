import HTTPTypes
import Hummingbird
import NIOCore
import Reputation
import ServiceLifecycle
import Synchronization

/// How many streams of events are open, so that there are never too many: each looks into the store once a second.
final class EventStreams: Sendable {
    /// Streams at a time, in all and of one audience.
    static let limit = 512, audienceLimit = 64

    private let open = Mutex<[Digest: Int]>([:])

    /// A stream's place, free again when nobody holds this.
    final class Place: Sendable {
        private let streams: EventStreams
        private let audience: Digest

        fileprivate init(_ streams: EventStreams, _ audience: Digest) {
            self.streams = streams
            self.audience = audience
        }

        deinit { streams.leave(audience) }
    }

    /// A place for a stream; nil when all are taken.
    func enter(_ audience: Digest) -> Place? {
        let isAdmitted = open.withLock { open in
            guard open.values.reduce(0, +) < Self.limit, open[audience, default: 0] < Self.audienceLimit else { return false }
            open[audience, default: 0] += 1
            return true
        }
        return isAdmitted ? Place(self, audience) : nil
    }

    private func leave(_ audience: Digest) {
        open.withLock { open in
            let left = open[audience, default: 1] - 1
            open[audience] = left > 0 ? left : nil
        }
    }
}

/// One event of a stream (WHATWG HTML, server-sent events).
struct ServerEvent: Sendable {
    /// What a client gives back as `Last-Event-ID` when it comes again.
    let id: String
    let data: JSON

    /// JSON holds no line ends, so it is one `data` line.
    var bytes: ByteBuffer { ByteBuffer(bytes: Array("event: state\nid: \(id)\ndata: ".utf8) + data.encoded() + Array("\n\n".utf8)) }

    /// Says after how many milliseconds to come again when the connection breaks.
    static let opening = ByteBuffer(string: "retry: 2000\n\n")
    /// Keeps proxies from taking the silence for the end; shows here that the client is gone.
    static let heartbeat = ByteBuffer(string: ": still here\n\n")
}

extension Response {
    /// A stream of what something is and becomes. It ends after the last state, when the service shuts down, and when the client is gone.
    ///
    /// Whatever makes a state change may happen in another process: so it is looked for, in the store, once a second.
    ///
    /// - Parameters:
    ///   - seen: id of the last event that the client knows.
    ///   - state: the event that says how it stands, and whether it is the last.
    static func events(
        after seen: String?, place: EventStreams.Place, state: @escaping @Sendable () async throws -> (event: ServerEvent, isLast: Bool)
    ) -> Response {
        let body = ResponseBody { writer in
            defer { withExtendedLifetime(place) {} }
            try await writer.write(ServerEvent.opening)
            var (seen, silence) = (seen, 0)
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                let (event, isLast) = try await state()
                if event.id != seen {
                    try await writer.write(event.bytes)
                    (seen, silence) = (event.id, 0)
                }
                if isLast { break }
                if silence >= 15 {
                    try await writer.write(ServerEvent.heartbeat)
                    silence = 0
                }
                try await Task.sleep(for: .seconds(1))
                silence += 1
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store", HTTPField.Name("X-Accel-Buffering")!: "no",
            ], body: body)
    }
}
