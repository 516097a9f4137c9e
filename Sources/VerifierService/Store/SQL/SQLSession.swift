/// A value of a column or of a placeholder.
public enum SQLValue: Sendable, Equatable {
    /// No value.
    case null
    /// A 64-bit integer; truth values are 0 and 1.
    case integer(Int64)
    /// Text.
    case text(String)
    /// Bytes.
    case blob([UInt8])

    /// An integer.
    static func integer(_ value: Int) -> SQLValue { .integer(Int64(value)) }
    /// An integer of 32 bits.
    static func integer(_ value: UInt32) -> SQLValue { .integer(Int64(value)) }
    /// A truth value.
    static func flag(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }
    /// Bytes, or none.
    static func blob(_ value: [UInt8]?) -> SQLValue { value.map { .blob($0) } ?? .null }
    /// An integer, or none.
    static func integer(_ value: UInt32?) -> SQLValue { value.map { .integer(Int64($0)) } ?? .null }
}

/// A row of a result. The getters count columns from 0 and throw ``StoreError/unavailable(_:)`` when a column holds something else, or is
/// not there: the database is not the one that this program made.
public struct SQLRow: Sendable {
    private let values: [SQLValue]

    init(_ values: [SQLValue]) { self.values = values }

    /// The value of a column.
    public func value(_ column: Int) throws(StoreError) -> SQLValue {
        guard values.indices.contains(column) else { throw Self.unexpected(column) }
        return values[column]
    }

    /// Bytes.
    public func bytes(_ column: Int) throws(StoreError) -> [UInt8] {
        guard case .blob(let bytes) = try value(column) else { throw Self.unexpected(column) }
        return bytes
    }

    /// Bytes, or nil where there is no value.
    public func bytesIfAny(_ column: Int) throws(StoreError) -> [UInt8]? {
        if case .null = try value(column) { return nil }
        return try bytes(column)
    }

    /// A 64-bit integer.
    public func integer(_ column: Int) throws(StoreError) -> Int64 {
        guard case .integer(let integer) = try value(column) else { throw Self.unexpected(column) }
        return integer
    }

    /// A 64-bit integer, or nil where there is no value.
    public func integerIfAny(_ column: Int) throws(StoreError) -> Int64? {
        if case .null = try value(column) { return nil }
        return try integer(column)
    }

    /// An integer.
    public func int(_ column: Int) throws(StoreError) -> Int {
        guard let int = Int(exactly: try integer(column)) else { throw Self.unexpected(column) }
        return int
    }

    /// An integer of 32 bits, such as an epoch.
    public func uint32(_ column: Int) throws(StoreError) -> UInt32 {
        guard let number = UInt32(exactly: try integer(column)) else { throw Self.unexpected(column) }
        return number
    }

    /// A truth value, kept as an integer that is 0 for false.
    public func flag(_ column: Int) throws(StoreError) -> Bool { try integer(column) != 0 }

    /// Text.
    public func text(_ column: Int) throws(StoreError) -> String {
        guard case .text(let text) = try value(column) else { throw Self.unexpected(column) }
        return text
    }

    private static func unexpected(_ column: Int) -> StoreError {
        .unavailable("column \(column) of a result is not what it should be")
    }
}

/// One transaction on one connection. SQL is what both SQLite and PostgreSQL know, and constant: what comes from outside stands in the
/// values, in the order of the `?`.
public protocol SQLSession {
    /// Runs a statement; returns how many rows it changed.
    ///
    /// - Throws: ``SQLConstraint`` when a rule of the tables stands against it; other errors end the transaction.
    func run(_ sql: String, _ values: [SQLValue]) throws -> Int
    /// Runs a query; returns its rows.
    func rows(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow]
}

/// A rule of the tables (a check, a key, a reference) stands against a statement. Of the transaction nothing else may be run but what undoes
/// it, unless it was in ``SQLSession/attempt(_:)``.
public struct SQLConstraint: Error, Sendable {
    /// The database's own words, which hold none of the values.
    let reason: String
}

extension SQLSession {
    /// Runs a statement without values; returns how many rows it changed.
    public func run(_ sql: String) throws -> Int { try run(sql, []) }

    /// Runs a query without values; returns its rows.
    public func rows(_ sql: String) throws -> [SQLRow] { try rows(sql, []) }

    /// The first row of a query, or nil.
    public func row(_ sql: String, _ values: [SQLValue] = []) throws -> SQLRow? { try rows(sql, values).first }

    /// The integer in the one row of a query, such as a count.
    func integer(_ sql: String, _ values: [SQLValue] = []) throws -> Int {
        guard let row = try row(sql, values) else { throw StoreError.unavailable("a query that has a row has none") }
        return try row.int(0)
    }

    /// Whether a query has a row.
    func exists(_ sql: String, _ values: [SQLValue]) throws -> Bool { try row(sql + " LIMIT 1", values) != nil }

    /// Adds a row unless a key of it is taken, and says whether it is new. `insertion` is an INSERT without a conflict clause.
    func insertIfNew(_ insertion: String, _ values: [SQLValue]) throws -> Bool {
        try run(insertion + " ON CONFLICT DO NOTHING", values) == 1
    }

    /// Runs a part of the transaction that leaves nothing behind when it says so (`keep` is false), or when it breaks a rule of the tables.
    func attempt<T>(_ body: () throws -> (value: T, keep: Bool)) throws -> T {
        _ = try run("SAVEPOINT attempt")
        let outcome: (value: T, keep: Bool)
        do {
            outcome = try body()
        } catch let error as SQLConstraint {
            try undo()
            throw error
        }
        if outcome.keep { _ = try run("RELEASE SAVEPOINT attempt") } else { try undo() }
        return outcome.value
    }

    private func undo() throws {
        _ = try run("ROLLBACK TO SAVEPOINT attempt")
        _ = try run("RELEASE SAVEPOINT attempt")
    }
}
