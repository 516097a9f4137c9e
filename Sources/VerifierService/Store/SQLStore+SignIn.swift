import Platform

extension SQLStore {
    static let signInTables = """
        CREATE TABLE forum (
            id TEXT PRIMARY KEY,
            document BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE interaction (
            id BLOB PRIMARY KEY CHECK (length(id) = 32),
            browser BLOB NOT NULL CHECK (length(browser) = 32),
            forum TEXT NOT NULL REFERENCES forum (id) ON DELETE CASCADE,
            document BLOB NOT NULL,
            expires INTEGER NOT NULL,
            state INTEGER NOT NULL,
            proof BLOB,
            codeHash BLOB CHECK (codeHash IS NULL OR length(codeHash) = 32),
            tries INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX interactionOfForum ON interaction (forum);
        CREATE INDEX interactionEnd ON interaction (expires);
        CREATE TABLE interactionRequest (
            interaction BLOB NOT NULL REFERENCES interaction (id) ON DELETE CASCADE ON UPDATE CASCADE,
            tier INTEGER NOT NULL,
            nonce BLOB NOT NULL,
            PRIMARY KEY (interaction, tier)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE grantedCode (
            codeHash BLOB PRIMARY KEY CHECK (length(codeHash) = 32),
            forum TEXT NOT NULL REFERENCES forum (id) ON DELETE CASCADE,
            document BLOB NOT NULL,
            proof BLOB NOT NULL,
            expires INTEGER NOT NULL,
            redeemed INTEGER NOT NULL DEFAULT 0,
            kept INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX grantedCodeOfForum ON grantedCode (forum);
        CREATE INDEX grantedCodeEnd ON grantedCode (kept);
        CREATE TABLE accessToken (
            hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
            codeHash BLOB NOT NULL REFERENCES grantedCode (codeHash) ON DELETE CASCADE,
            expires INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX accessTokenOfCode ON accessToken (codeHash);
        CREATE TABLE browserSession (
            id BLOB PRIMARY KEY CHECK (length(id) = 32),
            forum TEXT NOT NULL REFERENCES forum (id) ON DELETE CASCADE,
            proof BLOB NOT NULL,
            expires INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX browserSessionOfForum ON browserSession (forum);
        CREATE INDEX browserSessionEnd ON browserSession (expires);
        """

    // MARK: Forums

    /// See ``SignInStore``.
    public func addForum(_ forum: ForumRecord) async throws(StoreError) {
        try await write { session in
            let isNew = try session.insertIfNew(
                "INSERT INTO forum (id, document) VALUES (?, ?)", [.text(forum.id), .blob(forum.document)])
            if !isNew { throw StoreError.exists }
        }
    }

    /// See ``SignInStore``.
    public func forums() async throws(StoreError) -> [ForumRecord] {
        try await read { session in
            try session.rows("SELECT id, document FROM forum ORDER BY id").map {
                ForumRecord(id: try $0.text(0), document: try $0.bytes(1))
            }
        }
    }

    /// See ``SignInStore``.
    public func forum(id: String) async throws(StoreError) -> ForumRecord? {
        // Anybody can ask for any text; PostgreSQL takes none with this character in it.
        guard !id.utf8.contains(0) else { return nil }
        return try await read { session in
            try session.row("SELECT document FROM forum WHERE id = ?", [.text(id)]).map {
                ForumRecord(id: id, document: try $0.bytes(0))
            }
        }
    }

    /// See ``SignInStore``.
    public func updateForum(_ forum: ForumRecord) async throws(StoreError) -> Bool {
        try await write(isRepeatable: true) { session in
            try session.run("UPDATE forum SET document = ? WHERE id = ?", [.blob(forum.document), .text(forum.id)]) == 1
        }
    }

    /// See ``SignInStore``.
    public func removeForum(id: String) async throws(StoreError) -> Bool {
        try await write { try $0.run("DELETE FROM forum WHERE id = ?", [.text(id)]) == 1 }
    }

    // MARK: Interactions

    /// See ``SignInStore``.
    public func addInteraction(_ interaction: InteractionRecord, limit: Int) async throws(StoreError) -> Bool {
        // Counted apart: within the transaction each beginning interaction would be in the way of every other. The bound is against floods,
        // and those that begin at the same moment may go beyond it.
        guard try await read({ try $0.integer("SELECT count(*) FROM interaction") }) < limit else { return false }
        return try await write { session in
            try session.run(
                "INSERT INTO interaction (id, browser, forum, document, expires, state) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .blob(interaction.id), .blob(interaction.browser), .text(interaction.forum), .blob(interaction.document),
                    .integer(interaction.expires), .integer(interaction.state.rawValue),
                ]) == 1
        }
    }

    /// See ``SignInStore``.
    public func interaction(id: [UInt8]) async throws(StoreError) -> InteractionRecord? {
        try await read { session in
            let sql = "SELECT browser, forum, document, expires, state, proof, tries FROM interaction WHERE id = ?"
            guard let row = try session.row(sql, [.blob(id)]), let state = InteractionState(rawValue: try row.int(4)) else { return nil }
            return InteractionRecord(
                id: id, browser: try row.bytes(0), forum: try row.text(1), document: try row.bytes(2), expires: try row.integer(3),
                state: state, nonces: try Self.nonces(session, interaction: id), proof: try row.bytesIfAny(5), tries: try row.int(6))
        }
    }

    private static func nonces(_ session: any SQLSession, interaction id: [UInt8]) throws -> [[UInt8]] {
        try session.rows("SELECT nonce FROM interactionRequest WHERE interaction = ? ORDER BY tier", [.blob(id)]).map { try $0.bytes(0) }
    }

    /// See ``SignInStore``.
    public func openRequests(
        _ nonces: [[UInt8]], replacing earlier: [[UInt8]], interaction id: [UInt8]
    ) async throws(StoreError) -> [[UInt8]]? {
        try await write { session in
            let state = try session.row("SELECT state FROM interaction WHERE id = ?", [.blob(id)])
            guard try state?.int(0) == InteractionState.waiting.rawValue else { return nil }
            let present = try Self.nonces(session, interaction: id)
            guard present == earlier else { return present }
            _ = try session.run("DELETE FROM interactionRequest WHERE interaction = ?", [.blob(id)])
            for (tier, nonce) in nonces.enumerated() {
                _ = try session.run(
                    "INSERT INTO interactionRequest (interaction, tier, nonce) VALUES (?, ?, ?)", [.blob(id), .integer(tier), .blob(nonce)])
            }
            return nonces
        }
    }

    /// See ``SignInStore``.
    public func prove(
        _ proof: [UInt8], nonce: [UInt8], code: [UInt8]?, tries: Int, interaction id: [UInt8]
    ) async throws(StoreError) -> Bool {
        let next = code == nil ? InteractionState.accepted : .proved
        return try await write { session in
            try session.run(
                """
                UPDATE interaction SET state = ?, proof = ?, codeHash = ?, tries = ? WHERE id = ? AND state = ?
                    AND EXISTS (SELECT 1 FROM interactionRequest WHERE interactionRequest.interaction = interaction.id AND nonce = ?)
                """,
                [
                    .integer(next.rawValue), .blob(proof), .blob(code), .integer(tries), .blob(id),
                    .integer(InteractionState.waiting.rawValue), .blob(nonce),
                ]) == 1
        }
    }

    /// See ``SignInStore``.
    public func tryCode(_ codeHash: [UInt8], interaction id: [UInt8]) async throws(StoreError) -> CodeOutcome {
        try await write { session in
            let found = try session.row(
                "SELECT codeHash, tries FROM interaction WHERE id = ? AND state = ? AND tries > 0",
                [.blob(id), .integer(InteractionState.proved.rawValue)])
            guard let found, let expected = try found.bytesIfAny(0) else { return .notAsked }
            let isRight = constantTimeEquals(expected, codeHash)
            let left = try found.int(1) - 1
            let next = isRight ? InteractionState.accepted : left == 0 ? .failed : .proved
            _ = try session.run(
                "UPDATE interaction SET tries = ?, state = ?, codeHash = ? WHERE id = ?",
                [.integer(left), .integer(next.rawValue), next == .proved ? .blob(expected) : .null, .blob(id)])
            return isRight ? .accepted : .wrong(left: left)
        }
    }

    /// See ``SignInStore``.
    public func cancel(interaction id: [UInt8]) async throws(StoreError) -> Bool {
        try await write(isRepeatable: true) { session in
            try session.run(
                "UPDATE interaction SET state = ?, proof = NULL, codeHash = NULL WHERE id = ? AND state <> ?",
                [.integer(InteractionState.cancelled.rawValue), .blob(id), .integer(InteractionState.finished.rawValue)]) == 1
        }
    }

    /// See ``SignInStore``.
    public func restart(
        interaction id: [UInt8], as newID: [UInt8], browser: [UInt8], expires: Int64
    ) async throws(StoreError) -> Bool {
        try await write { session in
            let changed = try session.run(
                """
                UPDATE interaction SET id = ?, browser = ?, expires = ?, state = ?, proof = NULL, codeHash = NULL, tries = 0
                WHERE id = ? AND state <> ?
                """,
                [
                    .blob(newID), .blob(browser), .integer(expires), .integer(InteractionState.waiting.rawValue), .blob(id),
                    .integer(InteractionState.finished.rawValue),
                ])
            guard changed == 1 else { return false }
            _ = try session.run("DELETE FROM interactionRequest WHERE interaction = ?", [.blob(newID)])
            return true
        }
    }

    /// See ``SignInStore``.
    public func finish(
        interaction id: [UInt8], grant: GrantRecord, session browser: SessionRecord
    ) async throws(StoreError) -> Bool {
        try await write { session in
            let changed = try session.run(
                "UPDATE interaction SET state = ?, proof = NULL WHERE id = ? AND state = ?",
                [.integer(InteractionState.finished.rawValue), .blob(id), .integer(InteractionState.accepted.rawValue)])
            guard changed == 1 else { return false }
            try Self.add(grant, session)
            _ = try session.run(
                """
                INSERT INTO browserSession (id, forum, proof, expires) VALUES (?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET forum = excluded.forum, proof = excluded.proof, expires = excluded.expires
                """, [.blob(browser.id), .text(browser.forum), .blob(browser.proof), .integer(browser.expires)])
            return true
        }
    }

    // MARK: Codes, tokens, sessions

    private static func add(_ grant: GrantRecord, _ session: any SQLSession) throws {
        let isNew = try session.insertIfNew(
            "INSERT INTO grantedCode (codeHash, forum, document, proof, expires, kept) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .blob(grant.codeHash), .text(grant.forum), .blob(grant.document), .blob(grant.proof), .integer(grant.expires),
                .integer(grant.expires),
            ])
        if !isNew { throw StoreError.exists }
    }

    /// See ``SignInStore``.
    public func addGrant(_ grant: GrantRecord) async throws(StoreError) { try await write { try Self.add(grant, $0) } }

    /// See ``SignInStore``.
    public func grant(codeHash: [UInt8]) async throws(StoreError) -> GrantRecord? {
        try await read { try Self.grant($0, codeHash: codeHash) }
    }

    private static func grant(_ session: any SQLSession, codeHash: [UInt8]) throws -> GrantRecord? {
        try session.row("SELECT forum, document, proof, expires FROM grantedCode WHERE codeHash = ?", [.blob(codeHash)]).map { row in
            GrantRecord(
                codeHash: codeHash, forum: try row.text(0), document: try row.bytes(1), proof: try row.bytes(2),
                expires: try row.integer(3))
        }
    }

    /// See ``SignInStore``.
    public func redeem(codeHash: [UInt8], for token: TokenRecord, now: Int64) async throws(StoreError) -> RedeemOutcome {
        try await write { session in
            // Kept as long as its token, so that another exchange is known for what it is.
            let redeemed = try session.run(
                """
                UPDATE grantedCode SET redeemed = 1, kept = CASE WHEN kept < ? THEN ? ELSE kept END
                WHERE codeHash = ? AND redeemed = 0 AND expires > ?
                """, [.integer(token.expires), .integer(token.expires), .blob(codeHash), .integer(now)])
            guard redeemed == 1 else {
                _ = try session.run("DELETE FROM accessToken WHERE codeHash = ?", [.blob(codeHash)])
                return try Self.grant(session, codeHash: codeHash) == nil ? .unknown : .refused
            }
            _ = try session.run(
                "INSERT INTO accessToken (hash, codeHash, expires) VALUES (?, ?, ?)",
                [.blob(token.hash), .blob(codeHash), .integer(token.expires)])
            return .redeemed
        }
    }

    /// See ``SignInStore``.
    public func token(hash: [UInt8]) async throws(StoreError) -> (token: TokenRecord, grant: GrantRecord)? {
        try await read { session in
            guard let row = try session.row("SELECT codeHash, expires FROM accessToken WHERE hash = ?", [.blob(hash)]),
                let grant = try Self.grant(session, codeHash: try row.bytes(0))
            else { return nil }
            return (TokenRecord(hash: hash, expires: try row.integer(1)), grant)
        }
    }

    /// See ``SignInStore``.
    public func session(id: [UInt8]) async throws(StoreError) -> SessionRecord? {
        try await read { session in
            try session.row("SELECT forum, proof, expires FROM browserSession WHERE id = ?", [.blob(id)]).map {
                SessionRecord(id: id, forum: try $0.text(0), proof: try $0.bytes(1), expires: try $0.integer(2))
            }
        }
    }

    /// See ``SignInStore``.
    public func endSession(id: [UInt8]) async throws(StoreError) {
        try await write(isRepeatable: true) { _ = try $0.run("DELETE FROM browserSession WHERE id = ?", [.blob(id)]) }
    }

    /// See ``SignInStore``.
    public func forgetSignIns(expiredBefore time: Int64) async throws(StoreError) {
        try await write(isRepeatable: true) { session in
            for sql in [
                "DELETE FROM interaction WHERE expires < ?", "DELETE FROM grantedCode WHERE kept < ?",
                "DELETE FROM browserSession WHERE expires < ?",
            ] {
                _ = try session.run(sql, [.integer(time)])
            }
        }
    }
}
