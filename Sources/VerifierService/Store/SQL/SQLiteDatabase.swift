import Foundation
import GRDB

/// One SQLite file: nothing to install, one service process at a time is the usual case, several are safe.
///
/// The journal is a write-ahead log and every commit waits for the disk (`synchronous = FULL`), because a claim code or nullifier that is
/// acknowledged and then forgotten could be used twice. Writes are serialised by SQLite; reads run beside them.
final class SQLiteDatabase: SQLDatabase {
    let dialect = SQLDialect.sqlite
    private let pool: DatabasePool

    /// Opens or creates the file. It holds who was given which values: it is made readable by its owner only.
    ///
    /// - Parameters:
    ///   - path: path of the file; SQLite puts two companions (-wal, -shm) beside it.
    ///   - steps: what makes its tables.
    init(path: String, steps: [SQLMigration] = SQLMigration.all) throws(StoreError) {
        pool = try Self.translating {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw StoreError.unavailable("cannot open \(path): \(String(cString: strerror(errno)))") }
            _ = Foundation.close(descriptor)
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            let pool = try DatabasePool(path: path, configuration: configuration)
            // Set after opening: opening a pool itself sets NORMAL, which loses the last commits when the power fails.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try pool.write { try SQLMigration.migrate(Session(database: $0), dialect: .sqlite, steps: steps) }
            return pool
        }
    }

    func copy(to path: String) throws(StoreError) {
        try Self.translating {
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw StoreError.unavailable("cannot write \(path): \(String(cString: strerror(errno)))") }
            _ = Foundation.close(descriptor)
            let target = try DatabaseQueue(path: path)
            try pool.backup(to: target)
            try target.close()
        }
        try Self.seal(path)
    }

    /// Makes a store that nobody has open one file, without companions, on the disk.
    static func seal(_ path: String) throws(StoreError) {
        try translating {
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try queue.close()
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            defer { _ = Foundation.close(descriptor) }
            guard descriptor >= 0, fsync(descriptor) == 0 else { throw StoreError.unavailable("\(path) cannot be written") }
        }
    }

    func close() throws(StoreError) { try Self.translating { try pool.close() } }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws(StoreError) -> T {
        do { return try await pool.read { try body(Session(database: $0)) } } catch { throw Self.failure(error) }
    }

    func write<T: Sendable>(
        isRepeatable: Bool, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StoreError) -> T {
        do { return try await pool.write { try body(Session(database: $0)) } } catch { throw Self.failure(error) }
    }

    private static func translating<T>(_ body: () throws -> T) throws(StoreError) -> T {
        do { return try body() } catch { throw failure(error) }
    }

    private static func failure(_ error: any Error) -> StoreError {
        (error as? DatabaseError).map { .unavailable(text($0)) } ?? translated(error)
    }

    private static func text(_ error: DatabaseError) -> String {
        "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
    }

    private struct Session: SQLSession {
        let database: Database

        func run(_ sql: String, _ values: [SQLValue]) throws -> Int {
            do {
                try database.cachedStatement(sql: sql).execute(arguments: Self.arguments(values))
                return database.changesCount
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                throw SQLConstraint(reason: SQLiteDatabase.text(error))
            }
        }

        func rows(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
            let cursor = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: Self.arguments(values))
            var rows: [SQLRow] = []
            while let row = try cursor.next() { rows.append(SQLRow(try row.databaseValues.map(Self.value))) }
            return rows
        }

        private static func arguments(_ values: [SQLValue]) -> StatementArguments {
            StatementArguments(
                values.map { value -> DatabaseValue in
                    switch value {
                    case .null: .null
                    case .integer(let integer): integer.databaseValue
                    case .text(let text): text.databaseValue
                    case .blob(let bytes): Data(bytes).databaseValue
                    }
                })
        }

        private static func value(_ value: DatabaseValue) throws -> SQLValue {
            switch value.storage {
            case .null: .null
            case .int64(let integer): .integer(integer)
            case .string(let text): .text(text)
            case .blob(let data): .blob([UInt8](data))
            case .double: throw StoreError.unavailable("a column holds a fraction")
            }
        }
    }
}
