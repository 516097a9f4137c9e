extension SQLStore {
    static let revocationColumns = """
        ALTER TABLE claimCode ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE issuance ADD COLUMN removed INTEGER;
        CREATE INDEX revokedCode ON claimCode (community, hash) WHERE revoked <> 0;
        """

    /// See ``Store``.
    public func revoke(person: String, community: [UInt8]) async throws(StoreError) -> RevocationOutcome {
        try await write(isRepeatable: true) { session in
            let changed = try session.run(
                "UPDATE claimCode SET revoked = 1 WHERE community = ? AND person = ?", [.blob(community), .text(person)])
            guard changed > 0 else { return .unknownPerson }
            return .revoked(
                leaves: try session.integer(
                    "SELECT count(*) FROM (\(Self.leavesOfPersons)) AS leaves WHERE person = ?",
                    [.blob(community), .blob(community), .text(person)]))
        }
    }

    /// See ``Store``.
    public func pendingRemovals(community: [UInt8], limit: Int) async throws(StoreError) -> [[UInt8]] {
        try await read { session in
            try session.rows(
                """
                SELECT leaf FROM (\(Self.leavesOfPersons)) AS leaves
                WHERE revoked <> 0 AND included IS NOT NULL AND removed IS NULL LIMIT ?
                """, [.blob(community), .blob(community), .integer(limit)]
            ).map { try $0.bytes(0) }
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

    /// After `FROM issuance`: the code of each, of persons who are not revoked.
    static let claimOfStandingPerson = """
        JOIN claimCode ON claimCode.community = issuance.community AND claimCode.hash = issuance.codeHash AND revoked = 0
        """

    /// Marks leaves as taken out by the batch that begins at a position of the log.
    static func remove(_ leaves: [[UInt8]], at position: Int, _ session: any SQLSession, community: [UInt8]) throws {
        for leaf in leaves {
            var changed = 0
            for table in ["issuance", "topUp"] {
                changed += try session.run(
                    "UPDATE \(table) SET removed = ? WHERE community = ? AND leaf = ? AND included IS NOT NULL AND removed IS NULL",
                    [.integer(position), .blob(community), .blob(leaf)])
            }
            guard changed == 1 else { throw StoreError.conflict }
        }
    }
}
