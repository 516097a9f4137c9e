/// The store in an SQL database: SQLite or PostgreSQL, with one text of SQL.
///
/// PostgreSQL takes several processes on one database; their transactions run as if one after the other.
public final class SQLStore: Store, SignInStore {
    private let database: any SQLDatabase
    /// The row in which this instance counts outstanding requests, and those behind it: one for each kind of step.
    let counter: Int64

    init(_ database: any SQLDatabase) {
        self.database = database
        counter = database.dialect == .sqlite ? 0 : Int64.random(in: 0..<64) * 4
    }

    /// Opens or creates a store in an SQLite file, readable by its owner only.
    ///
    /// - Parameter sqlite: path of the file; SQLite puts two companions (-wal, -shm) beside it.
    public convenience init(sqlite path: String) throws(StoreError) { self.init(try SQLiteDatabase(path: path)) }

    /// As an earlier version of this program made it, with the first steps alone.
    package convenience init(sqlite path: String, steps: Int) throws(StoreError) {
        self.init(try SQLiteDatabase(path: path, steps: Array(SQLMigration.all.prefix(steps))))
    }

    /// Connects to a store in a PostgreSQL database; makes its tables if they are not there.
    ///
    /// - Parameter address: of the database, which its owner has made.
    public convenience init(postgres address: PostgresAddress) throws(StoreError) { self.init(try PostgresDatabase(address)) }

    /// Copies all that is in it, as of one moment, to a new file. Blocks until it is on disk.
    func copy(to path: String) throws(StoreError) { try database.copy(to: path) }

    /// Closes the connections once nobody uses them.
    public func close() throws(StoreError) { try database.close() }

    /// Runs queries that see one committed state.
    package func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws(StoreError) -> T {
        try await database.read(body)
    }

    /// Runs one transaction. The body may be run more than once, and its effects are those of the last run.
    ///
    /// - Parameter isRepeatable: whether the body, run again behind itself, says and leaves the same as at first; then it is also run again
    ///   when the connection broke and nobody knows what became of the commit. Otherwise this throws.
    package func write<T: Sendable>(
        isRepeatable: Bool = false, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StoreError) -> T {
        try await database.write(isRepeatable: isRepeatable, body)
    }

    /// The setting of SQLite that the writing connection runs with; 2 is FULL.
    package func synchronousMode() async throws(StoreError) -> Int { try await write { try $0.integer("PRAGMA synchronous") } }
}

// MARK: - Communities and claim codes

extension SQLStore {
    /// See ``Store``.
    public func addCommunity(_ community: CommunityRecord) async throws(StoreError) {
        try await write { session in
            let isNew = try session.insertIfNew(
                "INSERT INTO community (id, document) VALUES (?, ?)", [.blob(community.id), .blob(community.document)])
            if !isNew { throw StoreError.exists }
        }
    }

    /// See ``Store``.
    public func communities() async throws(StoreError) -> [CommunityRecord] {
        try await read { session in
            try session.rows("SELECT id, document FROM community ORDER BY number").map { row in
                CommunityRecord(id: try row.bytes(0), document: try row.bytes(1))
            }
        }
    }

    /// See ``Store``.
    public func addClaimCodes(_ codes: [ClaimCodeRecord], community: [UInt8]) async throws(StoreError) {
        try await write { session in
            for code in codes {
                let isNew = try session.insertIfNew(
                    "INSERT INTO claimCode (community, hash, person, attributes) VALUES (?, ?, ?, ?)",
                    [.blob(community), .blob(code.hash), .text(code.person), .blob(packed(code.attributes))])
                if !isNew { throw StoreError.exists }
            }
        }
    }

    /// See ``Store``.
    public func claimCode(hash: [UInt8], community: [UInt8]) async throws(StoreError) -> ClaimCodeRecord? {
        try await read { session in
            try session.row(
                "SELECT person, attributes FROM claimCode WHERE community = ? AND hash = ?", [.blob(community), .blob(hash)]
            ).map { row in ClaimCodeRecord(hash: hash, person: try row.text(0), attributes: unpacked(try row.bytes(1))) }
        }
    }
}

// MARK: - Issuance

extension SQLStore {
    /// See ``Store``.
    public func issue(_ issuance: IssuanceRecord, community: [UInt8]) async throws(StoreError) -> IssuanceOutcome {
        try await write(isRepeatable: true) { session in
            if let earlier = try Self.issuance(session, codeHash: issuance.codeHash, community: community) {
                return earlier.blank == issuance.blank ? .repeated(earlier.answer) : .codeUsed
            }
            let isKnown = try session.exists(
                "SELECT 1 FROM claimCode WHERE community = ? AND hash = ? AND revoked = 0", [.blob(community), .blob(issuance.codeHash)])
            guard isKnown else { return .unknownCode }
            if try Self.hasEnded(issuance.epoch, session, community: community) { return .epochEnded }
            _ = try session.run(
                "INSERT INTO issuance (community, codeHash, blank, message, leaf, answer) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .blob(community), .blob(issuance.codeHash), .blob(issuance.blank), .blob(issuance.message), .blob(issuance.leaf),
                    .blob(issuance.answer),
                ])
            return .issued(issuance.answer)
        }
    }

    /// See ``Store``.
    public func issuance(codeHash: [UInt8], community: [UInt8]) async throws(StoreError) -> IssuanceRecord? {
        try await read { try Self.issuance($0, codeHash: codeHash, community: community) }
    }

    private static func issuance(_ session: any SQLSession, codeHash: [UInt8], community: [UInt8]) throws -> IssuanceRecord? {
        try session.row(
            "SELECT blank, message, leaf, answer FROM issuance WHERE community = ? AND codeHash = ?", [.blob(community), .blob(codeHash)]
        ).map { row in
            // The epoch matters when it is recorded only.
            IssuanceRecord(
                codeHash: codeHash, blank: try row.bytes(0), message: try row.bytes(1), leaf: try row.bytes(2), answer: try row.bytes(3))
        }
    }

    /// See ``Store``.
    public func pendingLeaves(community: [UInt8], limit: Int) async throws(StoreError) -> [PendingLeaf] {
        try await read { session in
            try session.rows(
                """
                SELECT codeHash, attributes, message, leaf FROM issuance
                \(Self.claimOfStandingPerson)
                WHERE issuance.community = ? AND included IS NULL ORDER BY number LIMIT ?
                """, [.blob(community), .integer(limit)]
            ).map { row in
                PendingLeaf(
                    codeHash: try row.bytes(0), attributes: unpacked(try row.bytes(1)), message: try row.bytes(2), leaf: try row.bytes(3))
            }
        }
    }
}

// MARK: - Columns

/// Attribute values as consecutive little-endian 64-bit integers.
func packed(_ values: [Int64]) -> [UInt8] {
    values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
}

func unpacked(_ bytes: [UInt8]) -> [Int64] {
    stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { at in
        (0..<8).reduce(Int64(0)) { $0 | Int64(bytes[at + $1]) << (8 * $1) }
    }
}
