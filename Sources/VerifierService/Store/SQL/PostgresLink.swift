import CPostgreSQL

/// What a step on a connection came to when it did not end well.
enum PostgresFailure: Error {
    /// Another transaction was in the way; nothing happened, and the transaction can be run again.
    case conflict(String)
    /// The connection is gone, and with it the transaction, which had not been told to commit.
    case disconnected(String)
    /// The connection was lost while the commit was under way: it happened or did not.
    case unknown(String)
    /// Something else; repeating does not help.
    case failed(String)

    /// The database's own words, which hold no stored value.
    var reason: String {
        switch self {
        case .conflict(let reason), .disconnected(let reason), .unknown(let reason), .failed(let reason): reason
        }
    }
}

/// A connection to PostgreSQL, for one thread: it blocks until the server has answered.
///
/// Every statement with values is prepared once, and its values go beside it in binary form. Not constant time.
final class PostgresLink: SQLSession {
    private let connection: OpaquePointer
    private var statements: [String: String] = [:]

    /// Milliseconds that a statement may take, and that it waits for others' locks.
    private static let (statementTime, lockTime) = (30_000, 3_000)

    /// Connects. What the address says goes before what is set here, but for durability.
    init(_ address: PostgresAddress) throws(PostgresFailure) {
        let options = [
            ("connect_timeout", "5"), ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "20000"), ("fallback_application_name", "symbolon"), ("target_session_attrs", "read-write"),
            ("dbname", address.text), ("client_encoding", "UTF8"),
        ]
        guard let connection = Self.connect(options) else { throw .failed("libpq has no memory") }
        self.connection = connection
        guard isAlive else { throw .disconnected(Self.firstLine(PQerrorMessage(connection))) }
        // Notices go nowhere: they could hold values.
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
        do {
            for setting in [
                "synchronous_commit = on", "statement_timeout = \(Self.statementTime)", "lock_timeout = \(Self.lockTime)",
                "idle_in_transaction_session_timeout = \(Self.statementTime)", "standard_conforming_strings = on",
            ] {
                _ = try run("SET \(setting)", [])
            }
        } catch let error as PostgresFailure {
            throw error
        } catch {
            throw .failed("the settings of the connection are refused")
        }
    }

    deinit { PQfinish(connection) }

    private static func connect(_ options: [(String, String)]) -> OpaquePointer? {
        func withStrings<T>(_ rest: ArraySlice<String>, _ strings: [UnsafePointer<CChar>?], _ body: ([UnsafePointer<CChar>?]) -> T) -> T {
            guard let first = rest.first else { return body(strings + [nil]) }
            return first.withCString { withStrings(rest.dropFirst(), strings + [$0], body) }
        }
        return withStrings(options.map(\.0)[...], []) { names in
            withStrings(options.map(\.1)[...], []) { values in PQconnectdbParams(names, values, 1) }
        }
    }

    /// Whether the connection stands, as far as is known.
    var isAlive: Bool { PQstatus(connection) == CONNECTION_OK }

    // MARK: Transactions

    /// How a transaction is isolated from others.
    enum Isolation: String {
        /// Reads one committed state.
        case reading = "REPEATABLE READ READ ONLY"
        /// As if no other ran at that time.
        case writing = "SERIALIZABLE"
        /// Each statement sees what is committed by then: for whoever waits for a lock first.
        case waiting = "READ COMMITTED"
    }

    /// Runs one transaction and commits it.
    ///
    /// - Throws: ``PostgresFailure``, or what the body throws; in both cases nothing happened, but with ``PostgresFailure/unknown(_:)``.
    func transaction<T>(_ isolation: Isolation, _ body: (any SQLSession) throws -> T) throws -> T {
        _ = try run("BEGIN ISOLATION LEVEL " + isolation.rawValue, [])
        let value: T
        do {
            value = try body(self)
        } catch {
            if isAlive { _ = try? run("ROLLBACK", []) }
            throw error
        }
        let outcome: Answer
        do { outcome = try answer(PQexec(connection, "COMMIT")) } catch PostgresFailure.disconnected(let reason) {
            throw isolation == .reading ? PostgresFailure.disconnected(reason) : .unknown(reason)
        }
        // A transaction that a statement failed is rolled back by COMMIT, without an error.
        guard outcome.command == "COMMIT" else { throw PostgresFailure.failed("the transaction was not committed") }
        return value
    }

    // MARK: Statements

    func run(_ sql: String, _ values: [SQLValue]) throws -> Int { try execute(sql, values).changed }

    func rows(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] { try execute(sql, values).rows }

    /// What came of a statement.
    private struct Answer {
        var rows: [SQLRow]
        var changed: Int
        var command: String
    }

    private func execute(_ sql: String, _ values: [SQLValue]) throws -> Answer {
        // Without values and rows, a statement is cheaper as it is.
        guard !values.isEmpty || sql.hasPrefix("SELECT") else { return try answer(PQexec(connection, sql)) }
        let types = values.map(\.type)
        let name = try prepared(sql, types)
        let bytes = try values.map { try $0.wire }
        let lengths = bytes.map { Int32(clamping: $0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: values.count)
        // One buffer for all, and where each begins.
        let buffer = bytes.reduce(into: [UInt8]()) { $0 += $1 ?? [] } + [0]
        return try buffer.withUnsafeBytes { buffer in
            var pointers: [UnsafePointer<CChar>?] = []
            var start = buffer.baseAddress
            for value in bytes {
                pointers.append(value == nil ? nil : start?.assumingMemoryBound(to: CChar.self))
                start = start?.advanced(by: value?.count ?? 0)
            }
            return try answer(PQexecPrepared(connection, name, Int32(values.count), pointers, lengths, formats, 1))
        }
    }

    /// The name of the prepared statement of that text and those types of values.
    private func prepared(_ sql: String, _ types: [Oid]) throws -> String {
        let key = sql + types.map { " \($0)" }.joined()
        if let name = statements[key] { return name }
        let name = "s\(statements.count)"
        var number = 0
        let numbered = sql.reduce(into: "") { text, character in
            guard character == "?" else { return text.append(character) }
            number += 1
            text += "$\(number)"
        }
        _ = try answer(PQprepare(connection, name, numbered, Int32(types.count), types))
        statements[key] = name
        return name
    }

    private func answer(_ result: OpaquePointer?) throws -> Answer {
        guard let result else { throw PostgresFailure.disconnected(Self.firstLine(PQerrorMessage(connection))) }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            return Answer(
                rows: try Self.rows(result), changed: Int(String(cString: PQcmdTuples(result))) ?? 0,
                command: String(cString: PQcmdStatus(result)))
        default: throw failure(result)
        }
    }

    private func failure(_ result: OpaquePointer) -> any Error {
        let state = symbolon_sqlstate(result).map { String(cString: $0) } ?? ""
        let reason = "PostgreSQL \(state): \(symbolon_message(result).map { String(cString: $0) } ?? "no message")"
        // What libpq itself says has no state. 57P01 and the like: the server ends the connection.
        guard isAlive, !state.isEmpty, !state.hasPrefix("57P"), !state.hasPrefix("08") else { return PostgresFailure.disconnected(reason) }
        return switch state {
        case "40001", "40P01", "55P03": PostgresFailure.conflict(reason)
        // Breaks a rule of the tables, or is no value that they take.
        case _ where state.hasPrefix("23") || state.hasPrefix("22"): SQLConstraint(reason: reason)
        default: PostgresFailure.failed(reason)
        }
    }

    private static func firstLine(_ text: UnsafePointer<CChar>?) -> String {
        let line = text.map { String(cString: $0) }?.split(separator: "\n").first.map(String.init)
        return "PostgreSQL: \(line ?? "the connection broke")"
    }

    // MARK: Results

    private static func rows(_ result: OpaquePointer) throws -> [SQLRow] {
        let columns = PQnfields(result)
        return try (0..<PQntuples(result)).map { row in
            SQLRow(
                try (0..<columns).map { column in
                    guard PQgetisnull(result, row, column) == 0 else { return .null }
                    guard PQfformat(result, column) == 1, let start = PQgetvalue(result, row, column) else {
                        throw StoreError.unavailable("a column is not binary")
                    }
                    let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
                    switch PQftype(result, column) {
                    case Oid.bytea: return .blob([UInt8](bytes))
                    case Oid.text: return .text(String(decoding: bytes, as: UTF8.self))
                    case Oid.int8 where bytes.count == 8, Oid.int4 where bytes.count == 4:
                        // Big-endian, two's complement.
                        let start: Int64 = bytes[0] & 0x80 == 0 ? 0 : -1
                        return .integer(bytes.reduce(start) { $0 << 8 | Int64($1) })
                    default: throw StoreError.unavailable("a column has a type that no table has")
                    }
                })
        }
    }
}

extension Oid {
    fileprivate static let (bytea, int8, int4, text): (Oid, Oid, Oid, Oid) = (17, 20, 23, 25)
}

extension SQLValue {
    /// The type that the server is told; 0 lets it find out.
    fileprivate var type: Oid {
        switch self {
        case .null: 0
        case .integer: .int8
        case .text: .text
        case .blob: .bytea
        }
    }

    /// The value as it is sent; nil for none.
    fileprivate var wire: [UInt8]? {
        get throws {
            switch self {
            case .null: return nil
            case .integer(let integer): return withUnsafeBytes(of: integer.bigEndian) { [UInt8]($0) }
            case .text(let text):
                // It has no such text, and would end the whole transaction.
                guard !text.utf8.contains(0) else { throw SQLConstraint(reason: "a text holds the character 0") }
                return Array(text.utf8)
            case .blob(let bytes):
                guard bytes.count <= 1 << 29 else { throw SQLConstraint(reason: "a value is too long") }
                return bytes
            }
        }
    }
}
