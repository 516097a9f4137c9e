extension SQLStore {
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
        JOIN claimCode ON claimCode.community = topUpCode.community AND claimCode.person = topUpCode.person AND claimCode.revoked = 0
        """

    /// After `FROM topUp`: the code of each, of persons who are not revoked.
    static let codeOfStandingPerson = """
        JOIN topUpCode ON topUpCode.community = topUp.community AND topUpCode.hash = topUp.codeHash \(ofStandingPerson)
        """

    /// See ``Store``.
    public func addTopUpCodes(_ codes: [TopUpCodeRecord], community: [UInt8]) async throws(StoreError) {
        try await write { session in
            for code in codes {
                let isKnown = try session.exists(
                    "SELECT 1 FROM claimCode WHERE community = ? AND person = ? AND revoked = 0", [.blob(community), .text(code.person)])
                guard isKnown else { throw StoreError.conflict }
                let isNew = try session.insertIfNew(
                    "INSERT INTO topUpCode (community, hash, person, label, amounts) VALUES (?, ?, ?, ?, ?)",
                    [.blob(community), .blob(code.hash), .text(code.person), .text(code.label), .blob(packed(code.amounts))])
                if !isNew { throw StoreError.exists }
            }
        }
    }

    /// See ``Store``.
    public func topUpCode(hash: [UInt8], community: [UInt8]) async throws(StoreError) -> TopUpCodeRecord? {
        try await read { try Self.topUpCode($0, hash: hash, community: community) }
    }

    private static func topUpCode(_ session: any SQLSession, hash: [UInt8], community: [UInt8]) throws -> TopUpCodeRecord? {
        try session.row(
            """
            SELECT topUpCode.person, label, amounts FROM topUpCode \(ofStandingPerson)
            WHERE topUpCode.community = ? AND topUpCode.hash = ?
            """, [.blob(community), .blob(hash)]
        ).map { row in
            TopUpCodeRecord(hash: hash, person: try row.text(0), label: try row.text(1), amounts: unpacked(try row.bytes(2)))
        }
    }

    /// See ``Store``.
    public func topUp(_ topUp: TopUpRecord, logSize: Int, community: [UInt8]) async throws(StoreError) -> TopUpOutcome {
        try await write(isRepeatable: true) { session in
            if let earlier = try Self.topUp(session, codeHash: topUp.codeHash, community: community) {
                return earlier.base == topUp.base && earlier.epoch == topUp.epoch ? .repeated(earlier.answer) : .codeUsed
            }
            guard try Self.topUpCode(session, hash: topUp.codeHash, community: community) != nil else { return .unknownCode }
            if try Self.hasEnded(topUp.epoch, session, community: community) { return .epochEnded }
            guard try Self.logSize(session, community: community) == logSize else { return .replaced }
            _ = try session.run(
                "INSERT INTO topUp (community, codeHash, epoch, base, leaf, entry, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    .blob(community), .blob(topUp.codeHash), .integer(topUp.epoch), .blob(topUp.base), .blob(topUp.leaf),
                    .blob(topUp.entry), .blob(topUp.answer),
                ])
            return .toppedUp(topUp.answer)
        }
    }

    /// See ``Store``.
    public func topUp(codeHash: [UInt8], community: [UInt8]) async throws(StoreError) -> TopUpRecord? {
        try await read { try Self.topUp($0, codeHash: codeHash, community: community) }
    }

    private static let topUpColumns = "topUp.codeHash, epoch, base, leaf, entry, answer"

    private static func topUpRecord(_ row: SQLRow) throws -> TopUpRecord {
        TopUpRecord(
            codeHash: try row.bytes(0), epoch: try row.uint32(1), base: try row.bytes(2), leaf: try row.bytes(3),
            entry: try row.bytes(4), answer: try row.bytes(5))
    }

    private static func topUp(_ session: any SQLSession, codeHash: [UInt8], community: [UInt8]) throws -> TopUpRecord? {
        try session.row(
            "SELECT \(topUpColumns) FROM topUp WHERE community = ? AND codeHash = ?", [.blob(community), .blob(codeHash)]
        ).map(topUpRecord)
    }

    /// See ``Store``.
    public func pendingTopUps(community: [UInt8], limit: Int) async throws(StoreError) -> [TopUpRecord] {
        try await read { session in
            try session.rows(
                """
                SELECT \(Self.topUpColumns) FROM topUp
                \(Self.codeOfStandingPerson)
                WHERE topUp.community = ? AND included IS NULL ORDER BY number LIMIT ?
                """, [.blob(community), .integer(limit)]
            ).map(Self.topUpRecord)
        }
    }

    /// Marks top-ups as entered by the batch that begins at a position of the log.
    static func include(_ topUps: [TopUpRecord], at position: Int, _ session: any SQLSession, community: [UInt8]) throws {
        for topUp in topUps {
            let changed = try session.run(
                "UPDATE topUp SET included = ? WHERE community = ? AND codeHash = ? AND leaf = ? AND included IS NULL",
                [.integer(position), .blob(community), .blob(topUp.codeHash), .blob(topUp.leaf)])
            guard changed == 1 else { throw StoreError.conflict }
        }
    }
}
