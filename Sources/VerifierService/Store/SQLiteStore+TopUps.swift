import Foundation
import GRDB

extension SQLiteStore {
    static let topUpTables = """
        CREATE TABLE topUpCode (
            community BLOB NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            person TEXT NOT NULL,
            label TEXT NOT NULL,
            amounts BLOB NOT NULL,
            PRIMARY KEY (community, hash),
            UNIQUE (community, label, person),
            FOREIGN KEY (community, person) REFERENCES claimCode (community, person)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX topUpCodeOfPerson ON topUpCode (community, person);
        CREATE TABLE topUp (
            number INTEGER PRIMARY KEY,
            community BLOB NOT NULL,
            codeHash BLOB NOT NULL,
            epoch INTEGER NOT NULL,
            base BLOB NOT NULL CHECK (length(base) = 33),
            leaf BLOB NOT NULL CHECK (length(leaf) = 33),
            entry BLOB NOT NULL,
            answer BLOB NOT NULL,
            included INTEGER,
            removed INTEGER,
            UNIQUE (community, codeHash),
            FOREIGN KEY (community, codeHash) REFERENCES topUpCode (community, hash)
        ) STRICT;
        CREATE INDEX pendingTopUp ON topUp (community, number) WHERE included IS NULL;
        """

    private static let ofStandingPerson = """
        JOIN claimCode ON claimCode.community = topUpCode.community AND claimCode.person = topUpCode.person AND NOT claimCode.revoked
        """

    /// See ``Store``.
    public func addTopUpCodes(_ codes: [TopUpCodeRecord], community: [UInt8]) async throws(StoreError) {
        try await write { database in
            for code in codes {
                let known = try Bool.fetchOne(
                    database, sql: "SELECT EXISTS (SELECT 1 FROM claimCode WHERE community = ? AND person = ? AND NOT revoked)",
                    arguments: [Data(community), code.person])
                guard known == true else { throw StoreError.conflict }
                let isNew = try insertIfNew(
                    database, sql: "INSERT INTO topUpCode (community, hash, person, label, amounts) VALUES (?, ?, ?, ?, ?)",
                    arguments: [Data(community), Data(code.hash), code.person, code.label, packed(code.amounts)])
                if !isNew { throw StoreError.exists }
            }
        }
    }

    /// See ``Store``.
    public func topUpCode(hash: [UInt8], community: [UInt8]) async throws(StoreError) -> TopUpCodeRecord? {
        try await read { try Self.topUpCode($0, hash: hash, community: community) }
    }

    private static func topUpCode(_ database: Database, hash: [UInt8], community: [UInt8]) throws -> TopUpCodeRecord? {
        try Row.fetchOne(
            database,
            sql: """
                SELECT topUpCode.person, label, amounts FROM topUpCode \(ofStandingPerson)
                WHERE topUpCode.community = ? AND topUpCode.hash = ?
                """,
            arguments: [Data(community), Data(hash)]
        ).map { row in TopUpCodeRecord(hash: hash, person: row[0], label: row[1], amounts: unpacked(row.bytes(2))) }
    }

    /// See ``Store``.
    public func topUp(_ topUp: TopUpRecord, logSize: Int, community: [UInt8]) async throws(StoreError) -> TopUpOutcome {
        try await write { database in
            if let earlier = try Self.topUp(database, codeHash: topUp.codeHash, community: community) {
                return earlier.base == topUp.base && earlier.epoch == topUp.epoch ? .repeated(earlier.answer) : .codeUsed
            }
            guard try Self.topUpCode(database, hash: topUp.codeHash, community: community) != nil else { return .unknownCode }
            if try Self.hasEnded(topUp.epoch, database, community: community) { return .epochEnded }
            guard try Self.logSize(database, community: community) == logSize else { return .replaced }
            try database.execute(
                sql: "INSERT INTO topUp (community, codeHash, epoch, base, leaf, entry, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    Data(community), Data(topUp.codeHash), Int64(topUp.epoch), Data(topUp.base), Data(topUp.leaf), Data(topUp.entry),
                    Data(topUp.answer),
                ])
            return .toppedUp(topUp.answer)
        }
    }

    /// See ``Store``.
    public func topUp(codeHash: [UInt8], community: [UInt8]) async throws(StoreError) -> TopUpRecord? {
        try await read { try Self.topUp($0, codeHash: codeHash, community: community) }
    }

    private static let topUpColumns = "topUp.codeHash, epoch, base, leaf, entry, answer"

    private static func topUpRecord(_ row: Row) -> TopUpRecord {
        TopUpRecord(
            codeHash: row.bytes(0), epoch: UInt32(clamping: row[1] as Int64), base: row.bytes(2), leaf: row.bytes(3), entry: row.bytes(4),
            answer: row.bytes(5))
    }

    private static func topUp(_ database: Database, codeHash: [UInt8], community: [UInt8]) throws -> TopUpRecord? {
        try Row.fetchOne(
            database, sql: "SELECT \(topUpColumns) FROM topUp WHERE community = ? AND codeHash = ?",
            arguments: [Data(community), Data(codeHash)]
        ).map(topUpRecord)
    }

    /// See ``Store``.
    public func pendingTopUps(community: [UInt8], limit: Int) async throws(StoreError) -> [TopUpRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.topUpColumns) FROM topUp
                    JOIN topUpCode ON topUpCode.community = topUp.community AND topUpCode.hash = topUp.codeHash \(Self.ofStandingPerson)
                    WHERE topUp.community = ? AND included IS NULL ORDER BY number LIMIT ?
                    """,
                arguments: [Data(community), limit]
            ).map(Self.topUpRecord)
        }
    }

    /// Marks top-ups as entered by the batch that begins at a position of the log.
    static func include(_ topUps: [TopUpRecord], at position: Int, _ database: Database, community: [UInt8]) throws {
        for topUp in topUps {
            try database.execute(
                sql: "UPDATE topUp SET included = ? WHERE community = ? AND codeHash = ? AND leaf = ? AND included IS NULL",
                arguments: [position, Data(community), Data(topUp.codeHash), Data(topUp.leaf)])
            guard database.changesCount == 1 else { throw StoreError.conflict }
        }
    }
}
