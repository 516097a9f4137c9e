import Foundation
import GRDB
import Reputation

// MARK: - Epochs, reports, renewals

extension SQLiteStore {
    static let epochTables = """
        CREATE TABLE epochEnd (
            community BLOB NOT NULL REFERENCES community (id),
            epoch INTEGER NOT NULL,
            settled INTEGER NOT NULL DEFAULT 0,
            rules BLOB,
            PRIMARY KEY (community, epoch)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE report (
            number INTEGER PRIMARY KEY,
            community BLOB NOT NULL REFERENCES community (id),
            epoch INTEGER NOT NULL,
            audience BLOB NOT NULL CHECK (length(audience) = 32),
            account BLOB NOT NULL CHECK (length(account) = 33),
            message BLOB NOT NULL CHECK (length(message) = 32),
            reason TEXT NOT NULL,
            raises INTEGER NOT NULL,
            nonce BLOB NOT NULL REFERENCES request (nonce),
            state INTEGER NOT NULL DEFAULT 0,
            UNIQUE (community, audience, account, message)
        ) STRICT;
        CREATE INDEX reportOfEpoch ON report (community, epoch, number);
        CREATE TABLE renewal (
            number INTEGER PRIMARY KEY,
            community BLOB NOT NULL REFERENCES community (id),
            fromEpoch INTEGER NOT NULL,
            toEpoch INTEGER NOT NULL,
            nullifier BLOB NOT NULL CHECK (length(nullifier) = 33),
            base BLOB NOT NULL CHECK (length(base) = 33),
            entry BLOB NOT NULL,
            answer BLOB NOT NULL,
            included INTEGER,
            UNIQUE (community, fromEpoch, nullifier)
        ) STRICT;
        CREATE INDEX pendingRenewal ON renewal (community, number) WHERE included IS NULL;
        """

    static let epochPlanColumns = """
        ALTER TABLE epochEnd ADD COLUMN depth INTEGER;
        ALTER TABLE epochEnd ADD COLUMN batchLeaves INTEGER;
        ALTER TABLE epochEnd ADD COLUMN batchSeconds INTEGER;
        """

    /// Whether an epoch, or a later one, was ended.
    static func hasEnded(_ epoch: UInt32, _ database: Database, community: [UInt8]) throws -> Bool {
        try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM epochEnd WHERE community = ? AND epoch >= ?)",
            arguments: [Data(community), Int64(epoch)]) ?? false
    }

    /// See ``Store``.
    public func endEpoch(_ epoch: UInt32, community: [UInt8]) async throws(StoreError) {
        try await write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO epochEnd (community, epoch) VALUES (?, ?)", arguments: [Data(community), Int64(epoch)])
        }
    }

    /// See ``Store``.
    public func settleEpoch(_ epoch: UInt32, next: EpochPlan, community: [UInt8]) async throws(StoreError) -> SettlementOutcome {
        try await write { database in
            let id = Data(community)
            let disputed = try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM report WHERE community = ? AND epoch < ? AND state = 1)",
                arguments: [id, Int64(epoch)])
            if disputed == true { return .disputed }
            try database.execute(
                sql: """
                    UPDATE epochEnd SET settled = 1, rules = ?, depth = ?, batchLeaves = ?, batchSeconds = ?
                    WHERE community = ? AND epoch = ? AND NOT settled
                    """,
                arguments: [
                    next.rules.map { Data($0) }, next.depth.map { Int64($0) }, next.batching.map { Int64($0.leaves) },
                    next.batching.map { Int64($0.seconds) }, id, Int64(epoch),
                ])
            if database.changesCount == 1 { return .settled }
            return try Self.epochEnd(database, epoch, community: community)?.isSettled == true ? .settled : .notEnded
        }
    }

    /// See ``Store``.
    public func epochEnd(_ epoch: UInt32, community: [UInt8]) async throws(StoreError) -> EpochEnd? {
        try await read { try Self.epochEnd($0, epoch, community: community) }
    }

    private static func epochEnd(_ database: Database, _ epoch: UInt32, community: [UInt8]) throws -> EpochEnd? {
        try Row.fetchOne(
            database, sql: "SELECT settled, rules, depth, batchLeaves, batchSeconds FROM epochEnd WHERE community = ? AND epoch = ?",
            arguments: [Data(community), Int64(epoch)]
        ).map { row in
            func number(_ column: Int) -> UInt32? { (row[column] as Int64?).map { UInt32(clamping: $0) } }
            let batching = try number(3).map { try Batching(leaves: $0, seconds: number(4) ?? 0) }
            return EpochEnd(
                isSettled: row[0],
                next: EpochPlan(rules: (row[1] as Data?).map { [UInt8]($0) }, depth: number(2), batching: batching))
        }
    }

    /// See ``Store``.
    public func addReport(_ report: ReportRecord, community: [UInt8]) async throws(StoreError) -> ReportOutcome {
        try await write { database in
            if try Self.hasEnded(report.epoch + 1, database, community: community) { return .closed }
            let isNew = try insertIfNew(
                database,
                sql: """
                    INSERT INTO report (community, epoch, audience, account, message, reason, raises, nonce) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    Data(community), Int64(report.epoch), Data(report.audience), Data(report.account), Data(report.message), report.reason,
                    report.raises, Data(report.nonce),
                ])
            return isNew ? .recorded : .repeated
        }
    }

    /// See ``Store``.
    public func reports(epoch: UInt32, after number: Int, limit: Int, community: [UInt8]) async throws(StoreError) -> [ReportRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT number, audience, account, message, reason, raises, nonce, state FROM report
                    WHERE community = ? AND epoch = ? AND number > ? ORDER BY number LIMIT ?
                    """,
                arguments: [Data(community), Int64(epoch), number, limit]
            ).map { row in
                ReportRecord(
                    number: row[0], epoch: epoch, audience: row.bytes(1), account: row.bytes(2), message: row.bytes(3), reason: row[4],
                    raises: row[5], nonce: row.bytes(6), state: ReportRecord.State(rawValue: row[7]) ?? .disputed)
            }
        }
    }

    /// See ``Store``.
    public func dispute(
        epoch: UInt32, audience: [UInt8], account: [UInt8], message: [UInt8], community: [UInt8]
    ) async throws(StoreError) -> DisputeOutcome {
        try await write { database in
            let id = Data(community)
            let found = try Row.fetchOne(
                database, sql: "SELECT number, state FROM report WHERE community = ? AND audience = ? AND account = ? AND message = ?",
                arguments: [id, Data(audience), Data(account), Data(message)])
            guard let found else { return .unknown }
            let settled = try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM epochEnd WHERE community = ? AND epoch > ? AND settled)",
                arguments: [id, Int64(epoch)])
            let state: Int = found[1]
            if settled == true || state > ReportRecord.State.disputed.rawValue { return .closed }
            try database.execute(sql: "UPDATE report SET state = 1 WHERE number = ?", arguments: [found[0] as Int])
            return .disputed
        }
    }

    /// See ``Store``.
    public func decide(report number: Int, upheld: Bool, community: [UInt8]) async throws(StoreError) -> Bool {
        try await write { database in
            try database.execute(
                sql: "UPDATE report SET state = ? WHERE community = ? AND number = ? AND state = 1",
                arguments: [(upheld ? ReportRecord.State.upheld : .dismissed).rawValue, Data(community), number])
            return database.changesCount == 1
        }
    }

    /// See ``Store``.
    public func acceptedPresentation(nonce: [UInt8]) async throws(StoreError) -> (audience: [UInt8], presentation: [UInt8])? {
        try await read { database in
            try Row.fetchOne(
                database, sql: "SELECT audience, presentation FROM request WHERE nonce = ? AND presentation IS NOT NULL",
                arguments: [Data(nonce)]
            ).map { row in (row.bytes(0), row.bytes(1)) }
        }
    }

    /// See ``Store``.
    public func renew(_ renewal: RenewalRecord, community: [UInt8]) async throws(StoreError) -> RenewalOutcome {
        try await write { database in
            if let earlier = try Self.renewal(database, from: renewal.from, nullifier: renewal.nullifier, community: community) {
                return earlier.base == renewal.base && earlier.to == renewal.to ? .repeated(earlier.answer) : .alreadyRenewed
            }
            if try Self.hasEnded(renewal.to, database, community: community) { return .closed }
            try database.execute(
                sql: "INSERT INTO renewal (community, fromEpoch, toEpoch, nullifier, base, entry, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    Data(community), Int64(renewal.from), Int64(renewal.to), Data(renewal.nullifier), Data(renewal.base),
                    Data(renewal.entry),
                    Data(renewal.answer),
                ])
            return .renewed(renewal.answer)
        }
    }

    /// See ``Store``.
    public func renewal(from epoch: UInt32, nullifier: [UInt8], community: [UInt8]) async throws(StoreError) -> RenewalRecord? {
        try await read { try Self.renewal($0, from: epoch, nullifier: nullifier, community: community) }
    }

    private static func renewal(_ database: Database, from epoch: UInt32, nullifier: [UInt8], community: [UInt8]) throws -> RenewalRecord? {
        try Row.fetchOne(
            database, sql: "SELECT toEpoch, base, entry, answer FROM renewal WHERE community = ? AND fromEpoch = ? AND nullifier = ?",
            arguments: [Data(community), Int64(epoch), Data(nullifier)]
        ).map { row in
            RenewalRecord(
                from: epoch, to: UInt32(clamping: row[0] as Int64), nullifier: nullifier, base: row.bytes(1), entry: row.bytes(2),
                answer: row.bytes(3))
        }
    }

    /// See ``Store``.
    public func pendingRenewals(community: [UInt8], limit: Int) async throws(StoreError) -> [RenewalRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT fromEpoch, toEpoch, nullifier, base, entry, answer FROM renewal
                    WHERE community = ? AND included IS NULL ORDER BY number LIMIT ?
                    """,
                arguments: [Data(community), limit]
            ).map { row in
                RenewalRecord(
                    from: UInt32(clamping: row[0] as Int64), to: UInt32(clamping: row[1] as Int64), nullifier: row.bytes(2),
                    base: row.bytes(3), entry: row.bytes(4), answer: row.bytes(5))
            }
        }
    }
}
