import NIOPosix
import Synchronization

/// A PostgreSQL database: a few connections, each with a thread of its own, so that none waits on the threads that serve.
///
/// A transaction that another one was in the way of is run again, and after a few times on a connection where such stand in line: else many that
/// want the same rows could keep each other from it for long. One whose connection broke before it was told to commit is run again on a new
/// connection. If it breaks while the commit is under way, only a transaction that says the same when it is run behind itself is run again;
/// for others it is an error, and whoever asked finds out by asking again.
final class PostgresDatabase: SQLDatabase {
    let dialect = SQLDialect.postgres
    private let address: PostgresAddress
    private let pool: PostgresPool
    /// One connection for transactions that others were in the way of.
    private let line: PostgresPool

    /// Connections at most, but that of the line.
    private static let connections = 8
    /// How often others may be in the way of a transaction before it stands in line.
    private static let conflictsBeforeLine = 3
    /// For how long a transaction is tried, and the longest wait between two tries.
    private static let (patience, longestPause) = (Duration.seconds(10), 200)

    /// Connects, and brings the tables to the newest version.
    init(_ address: PostgresAddress) throws(StoreError) {
        do { try Self.migrate(PostgresLink(address)) } catch { throw Self.failure(error) }
        self.address = address
        pool = PostgresPool(address, connections: Self.connections)
        line = PostgresPool(address, connections: 1)
    }

    /// One process at a time; the others wait and find it done.
    private static func migrate(_ link: PostgresLink) throws {
        try link.transaction(.waiting) { session in
            _ = try session.run("SET LOCAL lock_timeout = 60000")
            _ = try session.run("SET LOCAL statement_timeout = 0")
            // "symbolon" in ASCII.
            _ = try session.run("SELECT 1 FROM pg_advisory_xact_lock(?)", [.integer(0x7379_6d62_6f6c_6f6e as Int64)])
            try SQLMigration.migrate(session, dialect: .postgres)
        }
    }

    func copy(to path: String) throws(StoreError) { try PostgresTools.dump(address, to: path) }

    func close() throws(StoreError) {
        pool.close()
        line.close()
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws(StoreError) -> T {
        try await repeating(.reading, isRepeatable: true, body)
    }

    func write<T: Sendable>(
        isRepeatable: Bool, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StoreError) -> T {
        try await repeating(.writing, isRepeatable: isRepeatable, body)
    }

    private func repeating<T: Sendable>(
        _ isolation: PostgresLink.Isolation, isRepeatable: Bool, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StoreError) -> T {
        let end = ContinuousClock.now + Self.patience
        var pause = 1
        var (conflicts, constraints) = (0, 0)
        while true {
            do {
                let connections = conflicts < Self.conflictsBeforeLine ? pool : line
                return try await connections.run { try $0.transaction(isolation, body) }
            } catch {
                switch error {
                case PostgresFailure.conflict: conflicts += 1
                case PostgresFailure.disconnected: break
                case PostgresFailure.unknown where isRepeatable: break
                // A key that another transaction has just taken: behind it the body sees what is there, and does not come here.
                case is SQLConstraint where isolation == .writing && constraints < 3: constraints += 1
                default: throw Self.failure(error)
                }
                guard ContinuousClock.now < end else { throw Self.failure(error) }
                do { try await Task.sleep(for: .milliseconds(Int.random(in: 0...pause))) } catch { throw translated(error) }
                pause = min(2 * pause, Self.longestPause)
            }
        }
    }

    private static func failure(_ error: any Error) -> StoreError {
        (error as? PostgresFailure).map { .unavailable($0.reason) } ?? translated(error)
    }
}

/// A connection that is made when it is first used, and again after it broke, on a thread of its own.
private actor PostgresConnection {
    private final class Thread: SerialExecutor {
        private let threads = NIOThreadPool(numberOfThreads: 1)

        init() { threads.start() }

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            threads.submit { _ in job.runSynchronously(on: self.asUnownedSerialExecutor()) }
        }

        func end() { threads.shutdownGracefully { _ in } }
    }

    private let address: PostgresAddress
    private let thread = Thread()
    private var link: PostgresLink?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ address: PostgresAddress) { self.address = address }

    deinit { thread.end() }

    func run<T: Sendable>(_ body: @Sendable (PostgresLink) throws -> T) throws -> T {
        let link = try self.link ?? PostgresLink(address)
        self.link = link
        do { return try body(link) } catch {
            switch error {
            case PostgresFailure.disconnected, PostgresFailure.unknown: self.link = nil
            default: if !link.isAlive { self.link = nil }
            }
            throw error
        }
    }
}

/// The connections, each lent to one transaction at a time.
private final class PostgresPool: Sendable {
    private struct State {
        var idle: [PostgresConnection]
        var waiting: [CheckedContinuation<PostgresConnection, any Error>] = []
        var isClosed = false
    }

    private let state: Mutex<State>

    /// Transactions that wait for a connection at most; more are refused at once.
    private static let capacity = 8192

    init(_ address: PostgresAddress, connections: Int) {
        state = Mutex(State(idle: (0..<connections).map { _ in PostgresConnection(address) }))
    }

    func run<T: Sendable>(_ body: @escaping @Sendable (PostgresLink) throws -> T) async throws -> T {
        let connection = try await take()
        defer { give(connection) }
        return try await connection.run(body)
    }

    private func take() async throws -> PostgresConnection {
        try await withCheckedThrowingContinuation { continuation in
            let taken: Result<PostgresConnection, any Error>? = state.withLock { state in
                if state.isClosed { return .failure(StoreError.unavailable("the store is closed")) }
                // The one last used: its statements are prepared.
                if let connection = state.idle.popLast() { return .success(connection) }
                if state.waiting.count >= Self.capacity { return .failure(StoreError.unavailable("too many wait for a connection")) }
                state.waiting.append(continuation)
                return nil
            }
            if let taken { continuation.resume(with: taken) }
        }
    }

    private func give(_ connection: PostgresConnection) {
        let next = state.withLock { state -> CheckedContinuation<PostgresConnection, any Error>? in
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            if !state.isClosed { state.idle.append(connection) }
            return nil
        }
        next?.resume(returning: connection)
    }

    /// Ends the idle connections at once, and the others when they are given back.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.idle = []
        }
    }
}
