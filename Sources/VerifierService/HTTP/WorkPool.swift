import NIOPosix
import ServiceLifecycle
import Synchronization

/// Threads for cryptography, apart from those that serve connections, with a bounded queue before them.
///
/// Verifying a presentation takes milliseconds of computing: on an event loop it would hold up every other connection, and without a
/// bound a flood of presentations would pile up until memory ends. When the queue is full the work is refused at once, and the caller
/// tells the client to come back later.
public final class WorkPool: Service {
    /// The queue is full.
    public struct Busy: Error, Equatable {}

    /// Number of threads that compute.
    public let threadCount: Int
    private let threads: NIOThreadPool
    private let capacity: Int
    private let waiting = Mutex(0)

    /// - Parameters:
    ///   - threads: number of threads that compute.
    ///   - capacity: pieces of work accepted and not finished at a time, those being computed included.
    public init(threads: Int, capacity: Int) {
        threadCount = threads
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.capacity = capacity
        self.threads.start()
    }

    /// Computes something on one of the threads.
    ///
    /// - Throws: ``Busy`` when the queue is full; what the work throws; `CancellationError` when the pool is shut down.
    public func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let admitted = waiting.withLock { count in
            guard count < capacity else { return false }
            count += 1
            return true
        }
        guard admitted else { throw Busy() }
        defer { waiting.withLock { $0 -= 1 } }
        return try await threads.runIfActive(work)
    }

    /// Keeps the pool until the service group shuts down.
    public func run() async throws {
        // Cancelled or asked to end: in both cases the threads have to go.
        try? await gracefulShutdown()
        try await threads.shutdownGracefully()
    }

    /// Ends the threads of a pool that no service group runs.
    public func shutdown() async throws { try await threads.shutdownGracefully() }
}
