import Reputation

// MARK: - Epochs, reports, renewals

extension SQLStore {
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
    static func hasEnded(_ epoch: UInt32, _ session: any SQLSession, community: [UInt8]) throws -> Bool {
        try session.exists("SELECT 1 FROM epochEnd WHERE community = ? AND epoch >= ?", [.blob(community), .integer(epoch)])
    }

    /// See ``Store``.
    public func endEpoch(_ epoch: UInt32, community: [UInt8]) async throws(StoreError) {
        try await write(isRepeatable: true) { session in
            _ = try session.insertIfNew(
                "INSERT INTO epochEnd (community, epoch) VALUES (?, ?)", [.blob(community), .integer(epoch)])
        }
    }

    /// See ``Store``.
    public func settleEpoch(_ epoch: UInt32, next: EpochPlan, community: [UInt8]) async throws(StoreError) -> SettlementOutcome {
        try await write(isRepeatable: true) { session in
            let isDisputed = try session.exists(
                "SELECT 1 FROM report WHERE community = ? AND epoch < ? AND state = 1", [.blob(community), .integer(epoch)])
            if isDisputed { return .disputed }
            let settled = try session.run(
                """
                UPDATE epochEnd SET settled = 1, rules = ?, depth = ?, batchLeaves = ?, batchSeconds = ?
                WHERE community = ? AND epoch = ? AND settled = 0
                """,
                [
                    .blob(next.rules), .integer(next.depth), .integer(next.batching?.leaves), .integer(next.batching?.seconds),
                    .blob(community), .integer(epoch),
                ])
            if settled == 1 { return .settled }
            return try Self.epochEnd(session, epoch, community: community)?.isSettled == true ? .settled : .notEnded
        }
    }

    /// See ``Store``.
    public func epochEnd(_ epoch: UInt32, community: [UInt8]) async throws(StoreError) -> EpochEnd? {
        try await read { try Self.epochEnd($0, epoch, community: community) }
    }

    private static func epochEnd(_ session: any SQLSession, _ epoch: UInt32, community: [UInt8]) throws -> EpochEnd? {
        try session.row(
            "SELECT settled, rules, depth, batchLeaves, batchSeconds FROM epochEnd WHERE community = ? AND epoch = ?",
            [.blob(community), .integer(epoch)]
        ).map { row in
            func number(_ column: Int) throws -> UInt32? { try row.integerIfAny(column).map { UInt32(clamping: $0) } }
            let batching = try number(3).map { try Batching(leaves: $0, seconds: try number(4) ?? 0) }
            return EpochEnd(
                isSettled: try row.flag(0), next: EpochPlan(rules: try row.bytesIfAny(1), depth: try number(2), batching: batching))
        }
    }

    /// See ``Store``.
    public func addReport(_ report: ReportRecord, community: [UInt8]) async throws(StoreError) -> ReportOutcome {
        try await write { session in
            if try Self.hasEnded(report.epoch + 1, session, community: community) { return .closed }
            let isNew = try session.insertIfNew(
                "INSERT INTO report (community, epoch, audience, account, message, reason, raises, nonce) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .blob(community), .integer(report.epoch), .blob(report.audience), .blob(report.account), .blob(report.message),
                    .text(report.reason), .flag(report.raises), .blob(report.nonce),
                ])
            return isNew ? .recorded : .repeated
        }
    }

    /// See ``Store``.
    public func reports(epoch: UInt32, after number: Int, limit: Int, community: [UInt8]) async throws(StoreError) -> [ReportRecord] {
        try await read { session in
            try session.rows(
                """
                SELECT number, audience, account, message, reason, raises, nonce, state FROM report
                WHERE community = ? AND epoch = ? AND number > ? ORDER BY number LIMIT ?
                """, [.blob(community), .integer(epoch), .integer(number), .integer(limit)]
            ).map { row in
                ReportRecord(
                    number: try row.int(0), epoch: epoch, audience: try row.bytes(1), account: try row.bytes(2),
                    message: try row.bytes(3), reason: try row.text(4), raises: try row.flag(5), nonce: try row.bytes(6),
                    state: ReportRecord.State(rawValue: try row.int(7)) ?? .disputed)
            }
        }
    }

    /// See ``Store``.
    public func dispute(
        epoch: UInt32, audience: [UInt8], account: [UInt8], message: [UInt8], community: [UInt8]
    ) async throws(StoreError) -> DisputeOutcome {
        try await write(isRepeatable: true) { session in
            let found = try session.row(
                "SELECT number, state FROM report WHERE community = ? AND audience = ? AND account = ? AND message = ?",
                [.blob(community), .blob(audience), .blob(account), .blob(message)])
            guard let found else { return .unknown }
            let isSettled = try session.exists(
                "SELECT 1 FROM epochEnd WHERE community = ? AND epoch > ? AND settled = 1", [.blob(community), .integer(epoch)])
            let state = try found.int(1)
            if isSettled || state > ReportRecord.State.disputed.rawValue { return .closed }
            _ = try session.run("UPDATE report SET state = 1 WHERE number = ?", [try found.value(0)])
            return .disputed
        }
    }

    /// See ``Store``.
    public func decide(report number: Int, upheld: Bool, community: [UInt8]) async throws(StoreError) -> Bool {
        try await write { session in
            try session.run(
                "UPDATE report SET state = ? WHERE community = ? AND number = ? AND state = 1",
                [.integer((upheld ? ReportRecord.State.upheld : .dismissed).rawValue), .blob(community), .integer(number)]) == 1
        }
    }

    /// See ``Store``.
    public func renew(_ renewal: RenewalRecord, community: [UInt8]) async throws(StoreError) -> RenewalOutcome {
        try await write(isRepeatable: true) { session in
            if let earlier = try Self.renewal(session, from: renewal.from, nullifier: renewal.nullifier, community: community) {
                return earlier.base == renewal.base && earlier.to == renewal.to ? .repeated(earlier.answer) : .alreadyRenewed
            }
            if try Self.hasEnded(renewal.to, session, community: community) { return .closed }
            _ = try session.run(
                "INSERT INTO renewal (community, fromEpoch, toEpoch, nullifier, base, entry, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    .blob(community), .integer(renewal.from), .integer(renewal.to), .blob(renewal.nullifier), .blob(renewal.base),
                    .blob(renewal.entry), .blob(renewal.answer),
                ])
            return .renewed(renewal.answer)
        }
    }

    /// See ``Store``.
    public func renewal(from epoch: UInt32, nullifier: [UInt8], community: [UInt8]) async throws(StoreError) -> RenewalRecord? {
        try await read { try Self.renewal($0, from: epoch, nullifier: nullifier, community: community) }
    }

    private static func renewal(
        _ session: any SQLSession, from epoch: UInt32, nullifier: [UInt8], community: [UInt8]
    ) throws -> RenewalRecord? {
        try session.row(
            "SELECT toEpoch, base, entry, answer FROM renewal WHERE community = ? AND fromEpoch = ? AND nullifier = ?",
            [.blob(community), .integer(epoch), .blob(nullifier)]
        ).map { row in
            RenewalRecord(
                from: epoch, to: try row.uint32(0), nullifier: nullifier, base: try row.bytes(1), entry: try row.bytes(2),
                answer: try row.bytes(3))
        }
    }

    /// See ``Store``.
    public func pendingRenewals(community: [UInt8], limit: Int) async throws(StoreError) -> [RenewalRecord] {
        try await read { session in
            try session.rows(
                """
                SELECT fromEpoch, toEpoch, nullifier, base, entry, answer FROM renewal
                WHERE community = ? AND included IS NULL ORDER BY number LIMIT ?
                """, [.blob(community), .integer(limit)]
            ).map { row in
                RenewalRecord(
                    from: try row.uint32(0), to: try row.uint32(1), nullifier: try row.bytes(2), base: try row.bytes(3),
                    entry: try row.bytes(4), answer: try row.bytes(5))
            }
        }
    }
}
