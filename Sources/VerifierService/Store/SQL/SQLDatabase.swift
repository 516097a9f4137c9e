/// A database that runs transactions: what ``SQLStore`` needs of SQLite or PostgreSQL.
protocol SQLDatabase: Sendable {
    /// The words for what the databases call differently.
    var dialect: SQLDialect { get }
    /// Runs queries that see one committed state.
    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws(StoreError) -> T
    /// Runs one transaction: all of it happens or, when the body or this throws, nothing. When it returns, the commit is on disk.
    ///
    /// The body may be run more than once; its effects are those of the last run. It runs as if no other transaction ran at that time.
    ///
    /// - Parameter isRepeatable: whether the body may also be run again behind itself, and then says the same as at first.
    func write<T: Sendable>(isRepeatable: Bool, _ body: @escaping @Sendable (any SQLSession) throws -> T) async throws(StoreError) -> T
    /// Copies all that is in it, as of one moment, to a new file that only its owner can read: another SQLite file, or a dump. Blocks until it
    /// is on disk.
    func copy(to path: String) throws(StoreError)
    /// Closes the connections once nobody uses them.
    func close() throws(StoreError)
}

/// Which of the databases: they differ in the words for types, nothing else.
enum SQLDialect: Sendable {
    case sqlite
    case postgres

    /// Tables as they are written here, with SQLite's words, in the words of the database.
    func adapted(_ tables: String) -> String {
        switch self {
        case .sqlite: tables
        case .postgres:
            Self.words.reduce(tables) { text, word in text.replacing(word.sqlite, with: word.postgres) }
        }
    }

    /// In this order. Text is compared and sorted by its bytes, as SQLite does.
    private static let words: [(sqlite: String, postgres: String)] = [
        ("number INTEGER PRIMARY KEY", "number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"), (" INTEGER", " BIGINT"),
        (" BLOB", " BYTEA"), (" TEXT", " TEXT COLLATE \"C\""), (") STRICT, WITHOUT ROWID;", ");"), (") STRICT;", ");"),
    ]
}

/// Gives any error of a database as a ``StoreError``; its text holds no stored value.
func translated(_ error: any Error) -> StoreError {
    switch error {
    case let error as StoreError: error
    case let error as SQLConstraint: .unavailable(error.reason)
    case is CancellationError: .unavailable("cancelled")
    default: .unavailable(String(describing: type(of: error)))
    }
}
