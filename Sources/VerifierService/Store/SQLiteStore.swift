import Foundation
import GRDB

/// The store in one SQLite file: nothing to install, one service process at a time is the usual case, several are safe.
///
/// The journal is a write-ahead log and every commit waits for the disk (`synchronous = FULL`), because a claim code or nullifier that is
/// acknowledged and then forgotten could be used twice. Writes are serialised by SQLite; reads run beside them.
public final class SQLiteStore: Store {
    private let pool: DatabasePool

    /// Opens or creates the file. It holds who was given which values: it is made readable by its owner only.
    ///
    /// - Parameter path: path of the file; SQLite puts two companions (-wal, -shm) beside it.
    public init(path: String) throws(StoreError) {
        pool = try Self.translating {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw StoreError.unavailable("cannot open \(path): \(String(cString: strerror(errno)))") }
            _ = Foundation.close(descriptor)
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            let pool = try DatabasePool(path: path, configuration: configuration)
            // Set after opening: opening a pool itself sets NORMAL, which loses the last commits when the power fails.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            try Self.migrator.migrate(pool)
            return pool
        }
    }

    /// Closes the connections once nobody uses them.
    public func close() throws(StoreError) { try Self.translating { try pool.close() } }

    /// The durability the writing connection runs with; 2 is FULL.
    package func synchronousMode() async throws(StoreError) -> Int {
        try await write { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1 }
    }

    private static func translating<T>(_ body: () throws -> T) throws(StoreError) -> T {
        do { return try body() } catch { throw translated(error) }
    }

    private static func translated(_ error: any Error) -> StoreError {
        switch error {
        case let error as StoreError: error
        case let error as DatabaseError: .unavailable("SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")")
        case is CancellationError: .unavailable("cancelled")
        default: .unavailable(String(describing: type(of: error)))
        }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        do { return try await pool.write(body) } catch { throw Self.translated(error) }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        do { return try await pool.read(body) } catch { throw Self.translated(error) }
    }
}

/// Runs an insertion and says whether a unique key or primary key stood against it.
func insertIfNew(_ database: Database, sql: String, arguments: StatementArguments) throws -> Bool {
    do {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
        return true
    } catch let error as DatabaseError
        where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE || error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY
    {
        return false
    }
}

// MARK: - Tables

extension SQLiteStore {
    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE community (
                        number INTEGER PRIMARY KEY,
                        id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
                        document BLOB NOT NULL
                    ) STRICT;
                    CREATE TABLE claimCode (
                        community BLOB NOT NULL REFERENCES community (id),
                        hash BLOB NOT NULL CHECK (length(hash) = 32),
                        person TEXT NOT NULL,
                        attributes BLOB NOT NULL,
                        PRIMARY KEY (community, hash),
                        UNIQUE (community, person)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE issuance (
                        number INTEGER PRIMARY KEY,
                        community BLOB NOT NULL,
                        codeHash BLOB NOT NULL,
                        blank BLOB NOT NULL CHECK (length(blank) = 33),
                        message BLOB NOT NULL,
                        leaf BLOB NOT NULL CHECK (length(leaf) = 33),
                        answer BLOB NOT NULL,
                        included INTEGER,
                        UNIQUE (community, codeHash),
                        FOREIGN KEY (community, codeHash) REFERENCES claimCode (community, hash)
                    ) STRICT;
                    CREATE INDEX pendingIssuance ON issuance (community, number) WHERE included IS NULL;
                    CREATE TABLE logEntry (
                        community BLOB NOT NULL REFERENCES community (id),
                        position INTEGER NOT NULL,
                        entry BLOB NOT NULL,
                        PRIMARY KEY (community, position)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE leaf (
                        community BLOB NOT NULL REFERENCES community (id),
                        epoch INTEGER NOT NULL,
                        position INTEGER NOT NULL,
                        point BLOB CHECK (point IS NULL OR length(point) = 33),
                        PRIMARY KEY (community, epoch, position)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE checkpoint (
                        community BLOB NOT NULL REFERENCES community (id),
                        size INTEGER NOT NULL,
                        note BLOB NOT NULL,
                        PRIMARY KEY (community, size)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE request (
                        nonce BLOB PRIMARY KEY CHECK (length(nonce) >= 16),
                        audience BLOB NOT NULL CHECK (length(audience) = 32),
                        document BLOB NOT NULL,
                        expires INTEGER NOT NULL,
                        accepted INTEGER,
                        presentation BLOB,
                        logSize INTEGER
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX outstandingRequest ON request (expires) WHERE accepted IS NULL;
                    CREATE TABLE nullifier (
                        scope BLOB NOT NULL,
                        nullifier BLOB NOT NULL CHECK (length(nullifier) = 33),
                        nonce BLOB NOT NULL REFERENCES request (nonce),
                        PRIMARY KEY (scope, nullifier)
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("2") { database in
            // How many requests are outstanding is asked before each new one: counting them all each time would take longer the more there are.
            try database.execute(
                sql: """
                    CREATE TABLE outstanding (
                        only INTEGER PRIMARY KEY CHECK (only = 0),
                        requests INTEGER NOT NULL
                    ) STRICT;
                    INSERT INTO outstanding SELECT 0, count(*) FROM request WHERE accepted IS NULL;
                    CREATE TRIGGER requestAdded AFTER INSERT ON request WHEN new.accepted IS NULL BEGIN
                        UPDATE outstanding SET requests = requests + 1;
                    END;
                    CREATE TRIGGER requestUsed AFTER UPDATE OF accepted ON request
                    WHEN old.accepted IS NULL AND new.accepted IS NOT NULL BEGIN
                        UPDATE outstanding SET requests = requests - 1;
                    END;
                    CREATE TRIGGER requestRemoved AFTER DELETE ON request WHEN old.accepted IS NULL BEGIN
                        UPDATE outstanding SET requests = requests - 1;
                    END;
                    """)
        }
        // The leaves stand in the log, which is what is served; a checkpoint may wait for its witnesses.
        migrator.registerMigration("3") { database in
            try database.execute(
                sql: """
                    DROP TABLE leaf;
                    ALTER TABLE checkpoint ADD COLUMN published INTEGER NOT NULL DEFAULT 1;
                    """)
        }
        migrator.registerMigration("revocation") { try $0.execute(sql: Self.revocationColumns) }
        migrator.registerMigration("epochs") { database in try database.execute(sql: epochTables) }
        migrator.registerMigration("top-ups") { database in try database.execute(sql: topUpTables) }
        migrator.registerMigration("epoch plans") { database in try database.execute(sql: epochPlanColumns) }
        migrator.registerMigration("sign-in") { database in try database.execute(sql: signInTables) }
        return migrator
    }
}

// MARK: - Communities and claim codes

extension SQLiteStore {
    /// See ``Store``.
    public func addCommunity(_ community: CommunityRecord) async throws(StoreError) {
        try await write { database in
            let isNew = try insertIfNew(
                database, sql: "INSERT INTO community (id, document) VALUES (?, ?)",
                arguments: [Data(community.id), Data(community.document)])
            if !isNew { throw StoreError.exists }
        }
    }

    /// See ``Store``.
    public func communities() async throws(StoreError) -> [CommunityRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT id, document FROM community ORDER BY number").map { row in
                CommunityRecord(id: row.bytes(0), document: row.bytes(1))
            }
        }
    }

    /// See ``Store``.
    public func addClaimCodes(_ codes: [ClaimCodeRecord], community: [UInt8]) async throws(StoreError) {
        try await write { database in
            for code in codes {
                let isNew = try insertIfNew(
                    database, sql: "INSERT INTO claimCode (community, hash, person, attributes) VALUES (?, ?, ?, ?)",
                    arguments: [Data(community), Data(code.hash), code.person, packed(code.attributes)])
                if !isNew { throw StoreError.exists }
            }
        }
    }

    /// See ``Store``.
    public func claimCode(hash: [UInt8], community: [UInt8]) async throws(StoreError) -> ClaimCodeRecord? {
        try await read { database in
            try Row.fetchOne(
                database, sql: "SELECT person, attributes FROM claimCode WHERE community = ? AND hash = ?",
                arguments: [Data(community), Data(hash)]
            ).map { row in ClaimCodeRecord(hash: hash, person: row[0], attributes: unpacked(row.bytes(1))) }
        }
    }
}

// MARK: - Issuance

extension SQLiteStore {
    /// See ``Store``.
    public func issue(_ issuance: IssuanceRecord, community: [UInt8]) async throws(StoreError) -> IssuanceOutcome {
        try await write { database in
            if let earlier = try Self.issuance(database, codeHash: issuance.codeHash, community: community) {
                return earlier.blank == issuance.blank ? .repeated(earlier.answer) : .codeUsed
            }
            let known = try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM claimCode WHERE community = ? AND hash = ? AND NOT revoked)",
                arguments: [Data(community), Data(issuance.codeHash)])
            guard known == true else { return .unknownCode }
            if try Self.hasEnded(issuance.epoch, database, community: community) { return .epochEnded }
            try database.execute(
                sql: "INSERT INTO issuance (community, codeHash, blank, message, leaf, answer) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    Data(community), Data(issuance.codeHash), Data(issuance.blank), Data(issuance.message), Data(issuance.leaf),
                    Data(issuance.answer),
                ])
            return .issued(issuance.answer)
        }
    }

    /// See ``Store``.
    public func issuance(codeHash: [UInt8], community: [UInt8]) async throws(StoreError) -> IssuanceRecord? {
        try await read { try Self.issuance($0, codeHash: codeHash, community: community) }
    }

    private static func issuance(_ database: Database, codeHash: [UInt8], community: [UInt8]) throws -> IssuanceRecord? {
        try Row.fetchOne(
            database, sql: "SELECT blank, message, leaf, answer FROM issuance WHERE community = ? AND codeHash = ?",
            arguments: [Data(community), Data(codeHash)]
        ).map { row in
            // The epoch matters when it is recorded only.
            IssuanceRecord(codeHash: codeHash, blank: row.bytes(0), message: row.bytes(1), leaf: row.bytes(2), answer: row.bytes(3))
        }
    }

    /// See ``Store``.
    public func pendingLeaves(community: [UInt8], limit: Int) async throws(StoreError) -> [PendingLeaf] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT codeHash, attributes, message, leaf FROM issuance
                    JOIN claimCode ON claimCode.community = issuance.community AND claimCode.hash = issuance.codeHash
                    WHERE issuance.community = ? AND included IS NULL AND NOT revoked ORDER BY number LIMIT ?
                    """,
                arguments: [Data(community), limit]
            ).map { row in
                PendingLeaf(codeHash: row.bytes(0), attributes: unpacked(row.bytes(1)), message: row.bytes(2), leaf: row.bytes(3))
            }
        }
    }
}

// MARK: - Log

extension SQLiteStore {
    /// See ``Store``.
    public func append(_ batch: LogBatch, community: [UInt8]) async throws(StoreError) {
        try await write { database in
            guard try Self.logSize(database, community: community) == batch.start else { throw StoreError.conflict }
            for (offset, entry) in batch.entries.enumerated() {
                try database.execute(
                    sql: "INSERT INTO logEntry (community, position, entry) VALUES (?, ?, ?)",
                    arguments: [Data(community), batch.start + offset, Data(entry)])
            }
            for leaf in batch.leaves {
                try database.execute(
                    sql: "UPDATE issuance SET included = ? WHERE community = ? AND codeHash = ? AND leaf = ? AND included IS NULL",
                    arguments: [batch.start, Data(community), Data(leaf.codeHash), Data(leaf.leaf)])
                guard database.changesCount == 1 else { throw StoreError.conflict }
            }
            try Self.include(batch.topUps, at: batch.start, database, community: community)
            try Self.remove(batch.removals, at: batch.start, database, community: community)
            for renewal in batch.renewals {
                try database.execute(
                    sql: """
                        UPDATE renewal SET included = ? WHERE community = ? AND fromEpoch = ? AND nullifier = ? AND included IS NULL
                        """,
                    arguments: [batch.start, Data(community), Int64(renewal.from), Data(renewal.nullifier)])
                guard database.changesCount == 1 else { throw StoreError.conflict }
            }
            try database.execute(
                sql: "INSERT INTO checkpoint (community, size, note, published) VALUES (?, ?, ?, ?)",
                arguments: [Data(community), batch.start + batch.entries.count, Data(batch.checkpoint), batch.isPublished])
        }
    }

    static func logSize(_ database: Database, community: [UInt8]) throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT coalesce(max(position) + 1, 0) FROM logEntry WHERE community = ?", arguments: [Data(community)]) ?? 0
    }

    /// See ``Store``.
    public func logEntries(community: [UInt8], from: Int, limit: Int) async throws(StoreError) -> [[UInt8]] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT entry FROM logEntry WHERE community = ? AND position >= ? ORDER BY position LIMIT ?",
                arguments: [Data(community), from, limit]
            ).map { $0.bytes(0) }
        }
    }

    /// See ``Store``.
    public func publish(checkpoint: [UInt8], size: Int, community: [UInt8]) async throws(StoreError) {
        try await write { database in
            try database.execute(
                sql: "UPDATE checkpoint SET note = ?, published = 1 WHERE community = ? AND size = ?",
                arguments: [Data(checkpoint), Data(community), size])
            guard database.changesCount == 1 else { throw StoreError.conflict }
        }
    }

    /// See ``Store``.
    public func checkpoint(community: [UInt8]) async throws(StoreError) -> [UInt8]? {
        try await newestCheckpoint(where: "AND published", community: community)
    }

    /// See ``Store``.
    public func sealedCheckpoint(community: [UInt8]) async throws(StoreError) -> [UInt8]? {
        try await newestCheckpoint(where: "", community: community)
    }

    private func newestCheckpoint(where condition: String, community: [UInt8]) async throws(StoreError) -> [UInt8]? {
        try await read { database in
            try Data.fetchOne(
                database, sql: "SELECT note FROM checkpoint WHERE community = ? \(condition) ORDER BY size DESC LIMIT 1",
                arguments: [Data(community)]
            ).map { [UInt8]($0) }
        }
    }

    /// See ``Store``.
    public func counts(community: [UInt8]) async throws(StoreError) -> CommunityCounts {
        try await read { database in
            func count(_ sql: String, _ arguments: StatementArguments) throws -> Int {
                try Int.fetchOne(database, sql: sql, arguments: arguments) ?? 0
            }
            let id = Data(community)
            return CommunityCounts(
                codes: try count("SELECT count(*) FROM claimCode WHERE community = ?", [id]),
                issued: try count("SELECT count(*) FROM issuance WHERE community = ?", [id]),
                pending: try count(
                    """
                    SELECT (SELECT count(*) FROM issuance WHERE community = ? AND included IS NULL)
                        + (SELECT count(*) FROM topUp WHERE community = ? AND included IS NULL)
                    """, [id, id]),
                topUpCodes: try count("SELECT count(*) FROM topUpCode WHERE community = ?", [id]),
                topUps: try count("SELECT count(*) FROM topUp WHERE community = ?", [id]),
                newestTopUps: try count(
                    "SELECT count(*) FROM topUp WHERE community = ? AND epoch = (SELECT max(epoch) FROM topUp WHERE community = ?)",
                    [id, id]),
                logSize: try Self.logSize(database, community: community), spent: try count("SELECT count(*) FROM nullifier", []))
        }
    }
}

// MARK: - Presentations

extension SQLiteStore {
    /// See ``Store``.
    public func addRequests(_ requests: [RequestRecord]) async throws(StoreError) -> [Result<Void, StoreError>] {
        try await write { database in
            try requests.map { request in
                // A constraint undoes its own statement and nothing else.
                try Self.withoutConstraintErrors {
                    let isNew = try insertIfNew(
                        database, sql: "INSERT INTO request (nonce, audience, document, expires) VALUES (?, ?, ?, ?)",
                        arguments: [
                            Data(request.nonce), Data(request.audience), Data(request.document), Int64(clamping: request.expires),
                        ])
                    if !isNew { throw StoreError.exists }
                }
            }
        }
    }

    /// See ``Store``.
    public func request(nonce: [UInt8]) async throws(StoreError) -> RequestRecord? {
        try await read { database in
            try Row.fetchOne(
                database.cachedStatement(sql: "SELECT audience, document, expires, accepted FROM request WHERE nonce = ?"),
                arguments: [Data(nonce)]
            ).map { row in
                RequestRecord(
                    nonce: nonce, audience: row.bytes(0), document: row.bytes(1), expires: UInt64(clamping: row[2] as Int64),
                    accepted: (row[3] as Int64?).map { UInt64(clamping: $0) })
            }
        }
    }

    /// See ``Store``.
    public func accept(_ acceptances: [AcceptanceRecord]) async throws(StoreError) -> [Result<AcceptanceOutcome, StoreError>] {
        try await write { database in
            try acceptances.map { acceptance in
                try Self.withoutConstraintErrors {
                    var outcome = AcceptanceOutcome.unknownRequest
                    // Undone alone unless it is accepted; one that the disk or the database fails takes all with it.
                    try database.inSavepoint {
                        outcome = try Self.accept(acceptance, database)
                        return outcome == .accepted ? .commit : .rollback
                    }
                    return outcome
                }
            }
        }
    }

    private static func accept(_ acceptance: AcceptanceRecord, _ database: Database) throws -> AcceptanceOutcome {
        let nonce = Data(acceptance.nonce)
        try database.cachedStatement(
            sql: "UPDATE request SET accepted = ?, presentation = ?, logSize = ? WHERE nonce = ? AND accepted IS NULL"
        ).execute(arguments: [Int64(clamping: acceptance.time), Data(acceptance.presentation), acceptance.logSize, nonce])
        guard database.changesCount == 1 else {
            let known = try Bool.fetchOne(
                database.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM request WHERE nonce = ?)"), arguments: [nonce])
            return known == true ? .requestUsed : .unknownRequest
        }
        for spend in acceptance.spends {
            // The primary key decides, not a look beforehand: of two that come at once, one insertion fails.
            let isNew = try insertIfNew(
                database, sql: "INSERT INTO nullifier (scope, nullifier, nonce) VALUES (?, ?, ?)",
                arguments: [Data(spend.scope), Data(spend.nullifier), nonce])
            if !isNew { return .alreadySpent }
        }
        return .accepted
    }

    /// One record of many: that it breaks a rule of the tables is its own failure, anything else fails all of them.
    private static func withoutConstraintErrors<T>(_ body: () throws -> T) throws -> Result<T, StoreError> {
        do {
            return .success(try body())
        } catch let error as StoreError {
            return .failure(error)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            return .failure(translated(error))
        }
    }

    /// See ``Store``.
    public func isSpent(_ spend: Spend) async throws(StoreError) -> Bool {
        try await read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM nullifier WHERE scope = ? AND nullifier = ?)",
                arguments: [Data(spend.scope), Data(spend.nullifier)]) ?? false
        }
    }

    /// See ``Store``.
    public func removeUnusedRequests(expiredBefore time: UInt64) async throws(StoreError) -> Int {
        try await write { database in
            try database.execute(
                sql: "DELETE FROM request WHERE accepted IS NULL AND expires < ?", arguments: [Int64(clamping: time)])
            return database.changesCount
        }
    }

    /// See ``Store``.
    public func outstandingRequests() async throws(StoreError) -> Int {
        try await read { try Int.fetchOne($0.cachedStatement(sql: "SELECT requests FROM outstanding")) ?? 0 }
    }
}

// MARK: - Columns

extension Row {
    func bytes(_ column: Int) -> [UInt8] { [UInt8](self[column] as Data) }
}

/// Attribute values as consecutive little-endian 64-bit integers.
func packed(_ values: [Int64]) -> Data {
    Data(values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } })
}

func unpacked(_ bytes: [UInt8]) -> [Int64] {
    stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { at in
        (0..<8).reduce(Int64(0)) { $0 | Int64(bytes[at + $1]) << (8 * $1) }
    }
}
