import Foundation
import GRDB
import Platform

extension SQLiteStore: SignInStore {
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
        try await write { database in
            let isNew = try insertIfNew(
                database, sql: "INSERT INTO forum (id, document) VALUES (?, ?)", arguments: [forum.id, Data(forum.document)])
            if !isNew { throw StoreError.exists }
        }
    }

    /// See ``SignInStore``.
    public func forums() async throws(StoreError) -> [ForumRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT id, document FROM forum ORDER BY id").map {
                ForumRecord(id: $0[0], document: $0.bytes(1))
            }
        }
    }

    /// See ``SignInStore``.
    public func forum(id: String) async throws(StoreError) -> ForumRecord? {
        try await read { database in
            try Row.fetchOne(database.cachedStatement(sql: "SELECT document FROM forum WHERE id = ?"), arguments: [id]).map {
                ForumRecord(id: id, document: $0.bytes(0))
            }
        }
    }

    /// See ``SignInStore``.
    public func updateForum(_ forum: ForumRecord) async throws(StoreError) -> Bool {
        try await write { database in
            try database.execute(sql: "UPDATE forum SET document = ? WHERE id = ?", arguments: [Data(forum.document), forum.id])
            return database.changesCount == 1
        }
    }

    /// See ``SignInStore``.
    public func removeForum(id: String) async throws(StoreError) -> Bool {
        try await write { database in
            try database.execute(sql: "DELETE FROM forum WHERE id = ?", arguments: [id])
            return database.changesCount == 1
        }
    }

    // MARK: Interactions

    /// See ``SignInStore``.
    public func addInteraction(_ interaction: InteractionRecord, limit: Int) async throws(StoreError) -> Bool {
        try await write { database in
            try database.cachedStatement(
                sql: """
                    INSERT INTO interaction (id, browser, forum, document, expires, state)
                    SELECT ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM interaction) < ?
                    """
            ).execute(arguments: [
                Data(interaction.id), Data(interaction.browser), interaction.forum, Data(interaction.document), interaction.expires,
                interaction.state.rawValue, limit,
            ])
            return database.changesCount == 1
        }
    }

    /// See ``SignInStore``.
    public func interaction(id: [UInt8]) async throws(StoreError) -> InteractionRecord? {
        try await read { database in
            let sql = "SELECT browser, forum, document, expires, state, proof, tries FROM interaction WHERE id = ?"
            guard let row = try Row.fetchOne(database.cachedStatement(sql: sql), arguments: [Data(id)]),
                let state = InteractionState(rawValue: row[4])
            else { return nil }
            return InteractionRecord(
                id: id, browser: row.bytes(0), forum: row[1], document: row.bytes(2), expires: row[3], state: state,
                nonces: try Self.nonces(database, interaction: id), proof: (row[5] as Data?).map { [UInt8]($0) }, tries: row[6])
        }
    }

    private static func nonces(_ database: Database, interaction id: [UInt8]) throws -> [[UInt8]] {
        try Row.fetchAll(
            database.cachedStatement(sql: "SELECT nonce FROM interactionRequest WHERE interaction = ? ORDER BY tier"),
            arguments: [Data(id)]
        ).map { $0.bytes(0) }
    }

    /// See ``SignInStore``.
    public func openRequests(
        _ nonces: [[UInt8]], replacing earlier: [[UInt8]], interaction id: [UInt8]
    ) async throws(StoreError) -> [[UInt8]]? {
        try await write { database in
            guard try Self.state(database, interaction: id) == .waiting else { return nil }
            let present = try Self.nonces(database, interaction: id)
            guard present == earlier else { return present }
            try database.execute(sql: "DELETE FROM interactionRequest WHERE interaction = ?", arguments: [Data(id)])
            for (tier, nonce) in nonces.enumerated() {
                try database.execute(
                    sql: "INSERT INTO interactionRequest (interaction, tier, nonce) VALUES (?, ?, ?)",
                    arguments: [Data(id), tier, Data(nonce)])
            }
            return nonces
        }
    }

    private static func state(_ database: Database, interaction id: [UInt8]) throws -> InteractionState? {
        try Int.fetchOne(
            database.cachedStatement(sql: "SELECT state FROM interaction WHERE id = ?"), arguments: [Data(id)]
        ).flatMap(InteractionState.init(rawValue:))
    }

    /// See ``SignInStore``.
    public func prove(
        _ proof: [UInt8], nonce: [UInt8], code: [UInt8]?, tries: Int, interaction id: [UInt8]
    ) async throws(StoreError) -> Bool {
        let next = code == nil ? InteractionState.accepted : .proved
        return try await write { database in
            try database.execute(
                sql: """
                    UPDATE interaction SET state = ?, proof = ?, codeHash = ?, tries = ? WHERE id = ? AND state = ?
                        AND EXISTS (SELECT 1 FROM interactionRequest WHERE interaction = interaction.id AND nonce = ?)
                    """,
                arguments: [
                    next.rawValue, Data(proof), code.map { Data($0) }, tries, Data(id), InteractionState.waiting.rawValue, Data(nonce),
                ])
            return database.changesCount == 1
        }
    }

    /// See ``SignInStore``.
    public func tryCode(_ codeHash: [UInt8], interaction id: [UInt8]) async throws(StoreError) -> CodeOutcome {
        try await write { database in
            guard
                let row = try Row.fetchOne(
                    database, sql: "SELECT codeHash, tries FROM interaction WHERE id = ? AND state = ? AND tries > 0",
                    arguments: [Data(id), InteractionState.proved.rawValue]), let expected = row[0] as Data?
            else { return .notAsked }
            let isRight = constantTimeEquals([UInt8](expected), codeHash)
            let left = (row[1] as Int) - 1
            let next = isRight ? InteractionState.accepted : left == 0 ? .failed : .proved
            try database.execute(
                sql: "UPDATE interaction SET tries = ?, state = ?, codeHash = ? WHERE id = ?",
                arguments: [left, next.rawValue, next == .proved ? expected : nil, Data(id)])
            return isRight ? .accepted : .wrong(left: left)
        }
    }

    /// See ``SignInStore``.
    public func cancel(interaction id: [UInt8]) async throws(StoreError) -> Bool {
        try await write { database in
            try database.execute(
                sql: "UPDATE interaction SET state = ?, proof = NULL, codeHash = NULL WHERE id = ? AND state <> ?",
                arguments: [InteractionState.cancelled.rawValue, Data(id), InteractionState.finished.rawValue])
            return database.changesCount == 1
        }
    }

    /// See ``SignInStore``.
    public func restart(
        interaction id: [UInt8], as newID: [UInt8], browser: [UInt8], expires: Int64
    ) async throws(StoreError) -> Bool {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE interaction SET id = ?, browser = ?, expires = ?, state = ?, proof = NULL, codeHash = NULL, tries = 0
                    WHERE id = ? AND state <> ?
                    """,
                arguments: [
                    Data(newID), Data(browser), expires, InteractionState.waiting.rawValue, Data(id), InteractionState.finished.rawValue,
                ])
            guard database.changesCount == 1 else { return false }
            try database.execute(sql: "DELETE FROM interactionRequest WHERE interaction = ?", arguments: [Data(newID)])
            return true
        }
    }

    /// See ``SignInStore``.
    public func finish(
        interaction id: [UInt8], grant: GrantRecord, session: SessionRecord
    ) async throws(StoreError) -> Bool {
        try await write { database in
            try database.execute(
                sql: "UPDATE interaction SET state = ?, proof = NULL WHERE id = ? AND state = ?",
                arguments: [InteractionState.finished.rawValue, Data(id), InteractionState.accepted.rawValue])
            guard database.changesCount == 1 else { return false }
            try Self.add(grant, database)
            try database.execute(
                sql: "INSERT OR REPLACE INTO browserSession (id, forum, proof, expires) VALUES (?, ?, ?, ?)",
                arguments: [Data(session.id), session.forum, Data(session.proof), session.expires])
            return true
        }
    }

    // MARK: Codes, tokens, sessions

    private static func add(_ grant: GrantRecord, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO grantedCode (codeHash, forum, document, proof, expires, kept) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [Data(grant.codeHash), grant.forum, Data(grant.document), Data(grant.proof), grant.expires, grant.expires])
    }

    /// See ``SignInStore``.
    public func addGrant(_ grant: GrantRecord) async throws(StoreError) { try await write { try Self.add(grant, $0) } }

    /// See ``SignInStore``.
    public func grant(codeHash: [UInt8]) async throws(StoreError) -> GrantRecord? {
        try await read { try Self.grant($0, codeHash: codeHash) }
    }

    private static func grant(_ database: Database, codeHash: [UInt8]) throws -> GrantRecord? {
        try Row.fetchOne(
            database.cachedStatement(sql: "SELECT forum, document, proof, expires FROM grantedCode WHERE codeHash = ?"),
            arguments: [Data(codeHash)]
        ).map { row in
            GrantRecord(codeHash: codeHash, forum: row[0], document: row.bytes(1), proof: row.bytes(2), expires: row[3])
        }
    }

    /// See ``SignInStore``.
    public func redeem(codeHash: [UInt8], for token: TokenRecord, now: Int64) async throws(StoreError) -> RedeemOutcome {
        try await write { database in
            // Kept as long as its token, so that another exchange is known for what it is.
            try database.execute(
                sql: "UPDATE grantedCode SET redeemed = 1, kept = max(kept, ?) WHERE codeHash = ? AND redeemed = 0 AND expires > ?",
                arguments: [token.expires, Data(codeHash), now])
            guard database.changesCount == 1 else {
                try database.execute(sql: "DELETE FROM accessToken WHERE codeHash = ?", arguments: [Data(codeHash)])
                return try Self.grant(database, codeHash: codeHash) == nil ? .unknown : .refused
            }
            try database.execute(
                sql: "INSERT INTO accessToken (hash, codeHash, expires) VALUES (?, ?, ?)",
                arguments: [Data(token.hash), Data(codeHash), token.expires])
            return .redeemed
        }
    }

    /// See ``SignInStore``.
    public func token(hash: [UInt8]) async throws(StoreError) -> (token: TokenRecord, grant: GrantRecord)? {
        try await read { database in
            let sql = "SELECT codeHash, expires FROM accessToken WHERE hash = ?"
            guard let row = try Row.fetchOne(database.cachedStatement(sql: sql), arguments: [Data(hash)]),
                let grant = try Self.grant(database, codeHash: row.bytes(0))
            else { return nil }
            return (TokenRecord(hash: hash, expires: row[1]), grant)
        }
    }

    /// See ``SignInStore``.
    public func session(id: [UInt8]) async throws(StoreError) -> SessionRecord? {
        try await read { database in
            try Row.fetchOne(
                database.cachedStatement(sql: "SELECT forum, proof, expires FROM browserSession WHERE id = ?"), arguments: [Data(id)]
            ).map { SessionRecord(id: id, forum: $0[0], proof: $0.bytes(1), expires: $0[2]) }
        }
    }

    /// See ``SignInStore``.
    public func endSession(id: [UInt8]) async throws(StoreError) {
        try await write { try $0.execute(sql: "DELETE FROM browserSession WHERE id = ?", arguments: [Data(id)]) }
    }

    /// See ``SignInStore``.
    public func forgetSignIns(expiredBefore time: Int64) async throws(StoreError) {
        try await write { database in
            for sql in [
                "DELETE FROM interaction WHERE expires < ?", "DELETE FROM grantedCode WHERE kept < ?",
                "DELETE FROM browserSession WHERE expires < ?",
            ] {
                try database.execute(sql: sql, arguments: [time])
            }
        }
    }
}
