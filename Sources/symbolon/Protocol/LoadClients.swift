import Dispatch
import Foundation
import Synchronization
import VerifierService

/// Clients that each send one HTTP request after the other over a connection of their own, which stays open.
///
/// The requests are complete bytes before the clock starts, and each client is a thread that blocks on its socket: what clients cost is a
/// send and a receive a request, it is measured, and hardly any of it is taken from the service with which they share the machine.
struct LoadClients {
    let count: Int
    let port: Int

    /// An answer, and how long it took from the first byte sent.
    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
        let milliseconds: Double
    }

    /// What a run found.
    struct Run: Sendable {
        /// In the order of the requests.
        var answers: [Answer] = []
        /// From the first request to the last answer.
        var seconds = 0.0
        /// CPU time of the clients' threads, and of the process less these.
        var clientCPU = 0.0, serviceCPU = 0.0

        /// Requests a second.
        var rate: Double { Double(answers.count) / seconds }

        func milliseconds(quantile q: Double) -> Double {
            answers.map(\.milliseconds).sorted()[min(answers.count - 1, Int(q * Double(answers.count)))]
        }
    }

    /// The bytes of a POST.
    static func post(_ path: String, token: String? = nil, _ body: [UInt8]) -> [UInt8] {
        var head = "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n"
        if let token { head += "Authorization: Bearer \(token)\r\n" }
        return Array((head + "\r\n").utf8) + body
    }

    /// Sends them all, request i by client i modulo `count`, and returns when all are answered.
    ///
    /// - Throws: `CommandFailure` when a connection breaks or the service says something that is not HTTP.
    func run(_ requests: [[UInt8]]) async throws -> Run {
        let connections = try (0..<count).map { _ in try LoadConnection(port: port) }
        defer { for connection in connections { connection.close() } }
        typealias Share = (client: Int, answers: [Answer], cpu: Double)
        let shares = Mutex<[Result<Share, any Error>]>([])
        let finished = DispatchGroup()
        let start = Timing.wallMilliseconds, cpu = Timing.cpuMilliseconds
        for (client, connection) in connections.enumerated() {
            finished.enter()
            Thread.detachNewThread {
                let share = Result<Share, any Error> {
                    var answers: [Answer] = []
                    for i in stride(from: client, to: requests.count, by: count) { answers.append(try connection.exchange(requests[i])) }
                    return (client, answers, Timing.threadCPUMilliseconds)
                }
                shares.withLock { $0.append(share) }
                finished.leave()
            }
        }
        await withCheckedContinuation { done in finished.notify(queue: .global()) { done.resume() } }
        var run = Run()
        run.seconds = (Timing.wallMilliseconds - start) / 1000
        run.serviceCPU = Timing.cpuMilliseconds - cpu
        var answers = [Answer?](repeating: nil, count: requests.count)
        for share in shares.withLock({ $0 }) {
            let (client, own, cpu) = try share.get()
            for (i, answer) in own.enumerated() { answers[client + i * count] = answer }
            run.clientCPU += cpu
        }
        run.serviceCPU -= run.clientCPU
        run.answers = answers.compactMap { $0 }
        return run
    }
}

/// A connection to this machine that blocks.
private struct LoadConnection: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
        #else
        let stream = SOCK_STREAM
        #endif
        descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0 else { throw CommandFailure("no socket for a client") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close()
            throw CommandFailure("a client could not connect")
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    func close() { _ = Foundation.close(descriptor) }

    /// Sends a request and waits for the whole answer, whose length its head must state.
    func exchange(_ request: [UInt8]) throws -> LoadClients.Answer {
        let start = Timing.wallMilliseconds
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes { send(descriptor, $0.baseAddress! + sent, $0.count - sent, 0) }
            guard count > 0 else { throw CommandFailure("a client's connection broke") }
            sent += count
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        var end: Int?
        var head = (status: 0, bodyStart: 0)
        while bytes.count < end ?? Int.max {
            let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress!, $0.count, 0) }
            guard count > 0 else { throw CommandFailure("a client's connection broke") }
            bytes += chunk[..<count]
            if end == nil, let length = try Self.head(bytes, &head) { end = head.bodyStart + length }
        }
        return .init(status: head.status, body: Array(bytes[head.bodyStart...]), milliseconds: Timing.wallMilliseconds - start)
    }

    /// Reads the head once it is there: status and where the body starts; returns the body's length.
    private static func head(_ bytes: [UInt8], _ head: inout (status: Int, bodyStart: Int)) throws -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard let at = bytes.indices.dropLast(3).first(where: { bytes[$0..<$0 + 4].elementsEqual(mark) }) else { return nil }
        let lines = String(decoding: bytes[..<at], as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        let length = lines.lazy.map { $0.split(separator: ":") }.first { $0[0].lowercased() == "content-length" }?.last
        guard words.count > 1, let status = Int(words[1]), let count = length.flatMap({ Int($0.drop { $0 == " " }) }) else {
            throw CommandFailure("an answer is not of the form that clients expect")
        }
        head = (status, at + 4)
        return count
    }
}
