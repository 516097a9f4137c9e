// MARK: - Log

extension SQLStore {
    /// See ``Store``.
    public func append(_ batch: LogBatch, community: [UInt8]) async throws(StoreError) {
        try await write { session in
            guard try Self.logSize(session, community: community) == batch.start else { throw StoreError.conflict }
            for (offset, entry) in batch.entries.enumerated() {
                _ = try session.run(
                    "INSERT INTO logEntry (community, position, entry) VALUES (?, ?, ?)",
                    [.blob(community), .integer(batch.start + offset), .blob(entry)])
            }
            for leaf in batch.leaves {
                let changed = try session.run(
                    "UPDATE issuance SET included = ? WHERE community = ? AND codeHash = ? AND leaf = ? AND included IS NULL",
                    [.integer(batch.start), .blob(community), .blob(leaf.codeHash), .blob(leaf.leaf)])
                guard changed == 1 else { throw StoreError.conflict }
            }
            try Self.include(batch.topUps, at: batch.start, session, community: community)
            try Self.remove(batch.removals, at: batch.start, session, community: community)
            for renewal in batch.renewals {
                let changed = try session.run(
                    "UPDATE renewal SET included = ? WHERE community = ? AND fromEpoch = ? AND nullifier = ? AND included IS NULL",
                    [.integer(batch.start), .blob(community), .integer(renewal.from), .blob(renewal.nullifier)])
                guard changed == 1 else { throw StoreError.conflict }
            }
            _ = try session.run(
                "INSERT INTO checkpoint (community, size, note, published) VALUES (?, ?, ?, ?)",
                [.blob(community), .integer(batch.start + batch.entries.count), .blob(batch.checkpoint), .flag(batch.isPublished)])
        }
    }

    static func logSize(_ session: any SQLSession, community: [UInt8]) throws -> Int {
        try session.integer("SELECT coalesce(max(position) + 1, 0) FROM logEntry WHERE community = ?", [.blob(community)])
    }

    /// See ``Store``.
    public func logEntries(community: [UInt8], from: Int, limit: Int) async throws(StoreError) -> [[UInt8]] {
        try await read { session in
            try session.rows(
                "SELECT entry FROM logEntry WHERE community = ? AND position >= ? ORDER BY position LIMIT ?",
                [.blob(community), .integer(from), .integer(limit)]
            ).map { try $0.bytes(0) }
        }
    }

    /// See ``Store``.
    public func publish(checkpoint: [UInt8], size: Int, community: [UInt8]) async throws(StoreError) {
        try await write(isRepeatable: true) { session in
            let changed = try session.run(
                "UPDATE checkpoint SET note = ?, published = 1 WHERE community = ? AND size = ?",
                [.blob(checkpoint), .blob(community), .integer(size)])
            guard changed == 1 else { throw StoreError.conflict }
        }
    }

    /// See ``Store``.
    public func checkpoint(community: [UInt8]) async throws(StoreError) -> [UInt8]? {
        try await read { session in
            try session.row(
                "SELECT note FROM checkpoint WHERE community = ? AND published = 1 ORDER BY size DESC LIMIT 1", [.blob(community)]
            )?.bytes(0)
        }
    }

    /// See ``Store``.
    public func sealedCheckpoint(community: [UInt8]) async throws(StoreError) -> [UInt8]? {
        try await read { session in
            try session.row("SELECT note FROM checkpoint WHERE community = ? ORDER BY size DESC LIMIT 1", [.blob(community)])?.bytes(0)
        }
    }

    /// See ``Store``.
    public func counts(community: [UInt8]) async throws(StoreError) -> CommunityCounts {
        try await read { session in
            let id = SQLValue.blob(community)
            return CommunityCounts(
                codes: try session.integer("SELECT count(*) FROM claimCode WHERE community = ?", [id]),
                issued: try session.integer("SELECT count(*) FROM issuance WHERE community = ?", [id]),
                pending: try session.integer(
                    """
                    SELECT (SELECT count(*) FROM issuance \(Self.claimOfStandingPerson) WHERE issuance.community = ? AND included IS NULL)
                        + (SELECT count(*) FROM topUp \(Self.codeOfStandingPerson) WHERE topUp.community = ? AND included IS NULL)
                    """, [id, id]),
                topUpCodes: try session.integer("SELECT count(*) FROM topUpCode WHERE community = ?", [id]),
                topUps: try session.integer("SELECT count(*) FROM topUp WHERE community = ?", [id]),
                newestTopUps: try session.integer(
                    "SELECT count(*) FROM topUp WHERE community = ? AND epoch = (SELECT max(epoch) FROM topUp WHERE community = ?)",
                    [id, id]),
                logSize: try Self.logSize(session, community: community), spent: try session.integer("SELECT count(*) FROM nullifier"))
        }
    }
}
