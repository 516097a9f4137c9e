import Foundation
import Synchronization

/// Stands between a PostgreSQL client and its server, and can lose what the server says to a COMMIT: the transaction is committed, and its client
/// never hears of it.
package final class CuttingProxy: Sendable {
    private struct State {
        var losses = 0
        var lost = 0
    }

    private let state = Mutex(State())
    private let listener: Int32
    private let server: String

    /// - Parameters:
    ///   - folder: where the socket is made, under the name that clients look for.
    ///   - server: path of the server's socket.
    package init(folder: String, server: String) throws {
        self.server = server
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let bound = Self.withAddress(folder + "/.s.PGSQL.5432") { bind(listener, $0, $1) }
        guard listener >= 0, bound == 0, listen(listener, 64) == 0 else {
            throw PostgresServer.Failure(description: "the proxy cannot listen")
        }
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                connect(client)
            }
        }
    }

    /// Answers to COMMIT that are lost from now on, one after the other.
    package func lose(_ count: Int) { state.withLock { $0.losses = count } }

    /// Answers that were lost so far.
    package var lost: Int { state.withLock { $0.lost } }

    /// Takes no connections any more.
    package func end() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func connect(_ client: Int32) {
        let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard Self.withAddress(server, { Glibc.connect(upstream, $0, $1) }) == 0 else {
            close(client)
            close(upstream)
            return
        }
        let isCommitting = Flag()
        Thread.detachNewThread {
            Self.copy(from: client, to: upstream) { bytes in
                if bytes.contains("COMMIT\0".utf8) { isCommitting.value.store(true, ordering: .sequentiallyConsistent) }
                return true
            }
        }
        Thread.detachNewThread { [self] in
            Self.copy(from: upstream, to: client) { _ in
                guard isCommitting.value.exchange(false, ordering: .sequentiallyConsistent) else { return true }
                // The server answers when the commit is done: now the answer gets lost.
                return !state.withLock { state in
                    guard state.losses > 0 else { return false }
                    state.losses -= 1
                    state.lost += 1
                    return true
                }
            }
        }
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }

    /// Copies until one side ends or the look at what comes says no; ends both sides then.
    private static func copy(from source: Int32, to target: Int32, look: ([UInt8]) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(source, &buffer, buffer.count)
            guard count > 0, look(Array(buffer[..<count])) else { break }
            var sent = 0
            while sent < count {
                let written = buffer[sent..<count].withUnsafeBytes { send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard written > 0 else { break }
                sent += written
            }
            guard sent == count else { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private static func withAddress<T>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
