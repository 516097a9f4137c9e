import Foundation
import GRDB

extension SQLiteStore {
    static let revocationColumns = """
        ALTER TABLE claimCode ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE issuance ADD COLUMN removed INTEGER;
        CREATE INDEX revokedCode ON claimCode (community, hash) WHERE revoked;
        """

    /// See ``Store``.
    public func revoke(person: String, community: [UInt8]) async throws(StoreError) -> RevocationOutcome {
        try await write { database in
            try database.execute(
                sql: "UPDATE claimCode SET revoked = 1 WHERE community = ? AND person = ?", arguments: [Data(community), person])
            guard database.changesCount > 0 else { return .unknownPerson }
            let leaves = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM (\(Self.leavesOfPersons)) WHERE person = ?",
                arguments: [Data(community), Data(community), person])
            return .revoked(leaves: leaves ?? 0)
        }
    }

    /// See ``Store``.
    public func pendingRemovals(community: [UInt8], limit: Int) async throws(StoreError) -> [[UInt8]] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT leaf FROM (\(Self.leavesOfPersons)) WHERE revoked AND included IS NOT NULL AND removed IS NULL LIMIT ?",
                arguments: [Data(community), Data(community), limit]
            ).map { $0.bytes(0) }
        }
    }

    /// All leaves that are recorded under a person's codes, claimed and topped up. Takes the community twice.
    private static let leavesOfPersons = """
        SELECT person, revoked, leaf, included, removed FROM claimCode
        JOIN issuance ON issuance.community = claimCode.community AND codeHash = hash WHERE claimCode.community = ?
        UNION ALL
        SELECT claimCode.person, revoked, leaf, included, removed FROM claimCode
        JOIN topUpCode ON topUpCode.community = claimCode.community AND topUpCode.person = claimCode.person
        JOIN topUp ON topUp.community = claimCode.community AND codeHash = topUpCode.hash WHERE claimCode.community = ?
        """

    /// Marks leaves as taken out by the batch that begins at a position of the log.
    static func remove(_ leaves: [[UInt8]], at position: Int, _ database: Database, community: [UInt8]) throws {
        for leaf in leaves {
            var changed = 0
            for table in ["issuance", "topUp"] {
                try database.execute(
                    sql: "UPDATE \(table) SET removed = ? WHERE community = ? AND leaf = ? AND included IS NOT NULL AND removed IS NULL",
                    arguments: [position, Data(community), Data(leaf)])
                changed += database.changesCount
            }
            guard changed == 1 else { throw StoreError.conflict }
        }
    }
}
