extension SQLStore: OperatorStore {
    static let operatorTables = """
        CREATE TABLE operatorAccount (
            name TEXT PRIMARY KEY,
            role TEXT NOT NULL,
            password BLOB,
            created INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE operatorLink (
            hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
            name TEXT NOT NULL REFERENCES operatorAccount (name) ON DELETE CASCADE,
            expires INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE operatorSession (
            id BLOB PRIMARY KEY CHECK (length(id) = 32),
            name TEXT NOT NULL REFERENCES operatorAccount (name) ON DELETE CASCADE,
            began INTEGER NOT NULL,
            used INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE operatorToken (
            tokenNumber INTEGER PRIMARY KEY,
            hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
            name TEXT NOT NULL REFERENCES operatorAccount (name) ON DELETE CASCADE,
            label TEXT NOT NULL,
            expires INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE operatorFailure (
            id BLOB PRIMARY KEY,
            failures INTEGER NOT NULL,
            last INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    // MARK: Accounts

    private static func account(_ row: SQLRow) throws -> OperatorRecord {
        guard let role = OperatorRole(rawValue: try row.text(1)) else { throw StoreError.unavailable("an operator has no role") }
        return OperatorRecord(name: try row.text(0), role: role, password: try row.bytesIfAny(2), created: try row.integer(3))
    }

    private static func account(_ session: any SQLSession, _ name: String) throws -> OperatorRecord? {
        try session.row("SELECT name, role, password, created FROM operatorAccount WHERE name = ?", [.text(name)]).map(account)
    }

    private static func add(link: [UInt8], of name: String, expires: Int64, _ session: any SQLSession) throws {
        _ = try session.run("DELETE FROM operatorLink WHERE name = ?", [.text(name)])
        _ = try session.run(
            "INSERT INTO operatorLink (hash, name, expires) VALUES (?, ?, ?)", [.blob(link), .text(name), .integer(expires)])
    }

    /// See ``OperatorStore``.
    public func addOperator(_ account: OperatorRecord, link: [UInt8], expires: Int64, audit: AuditEntry) async throws(StoreError) {
        try await write { session in
            let isNew = try session.insertIfNew(
                "INSERT INTO operatorAccount (name, role, password, created) VALUES (?, ?, ?, ?)",
                [.text(account.name), .text(account.role.rawValue), .blob(account.password), .integer(account.created)])
            guard isNew else { throw StoreError.exists }
            try Self.add(link: link, of: account.name, expires: expires, session)
            try Self.append(audit, session)
        }
    }

    /// See ``OperatorStore``.
    public func operators() async throws(StoreError) -> [OperatorRecord] {
        try await read {
            try $0.rows("SELECT name, role, password, created FROM operatorAccount ORDER BY name").map(Self.account)
        }
    }

    /// See ``OperatorStore``.
    public func account(_ name: String) async throws(StoreError) -> OperatorRecord? { try await read { try Self.account($0, name) } }

    /// See ``OperatorStore``.
    public func setRole(_ role: OperatorRole, of name: String, audit: AuditEntry) async throws(StoreError) -> OperatorChange {
        try await write { session in
            guard try Self.account(session, name) != nil else { return .unknown }
            guard try role == .owner || Self.hasOwner(session, without: name) else { return .lastOwner }
            _ = try session.run("UPDATE operatorAccount SET role = ? WHERE name = ?", [.text(role.rawValue), .text(name)])
            try Self.append(audit, session)
            return .done
        }
    }

    /// Whether there is an owner besides one account.
    private static func hasOwner(_ session: any SQLSession, without name: String) throws -> Bool {
        try session.exists(
            "SELECT 1 FROM operatorAccount WHERE role = ? AND name <> ?", [.text(OperatorRole.owner.rawValue), .text(name)])
    }

    /// See ``OperatorStore``.
    public func removeOperator(_ name: String, audit: AuditEntry) async throws(StoreError) -> OperatorChange {
        try await write { session in
            guard try Self.account(session, name) != nil else { return .unknown }
            let isAlone = try !session.exists("SELECT 1 FROM operatorAccount WHERE name <> ?", [.text(name)])
            guard try isAlone || Self.hasOwner(session, without: name) else { return .lastOwner }
            _ = try session.run("DELETE FROM operatorAccount WHERE name = ?", [.text(name)])
            try Self.append(audit, session)
            return .done
        }
    }

    // MARK: Links and passwords

    /// See ``OperatorStore``.
    public func setLink(_ link: [UInt8], of name: String, expires: Int64, audit: AuditEntry) async throws(StoreError) -> Bool {
        try await write { session in
            guard try Self.account(session, name) != nil else { return false }
            try Self.add(link: link, of: name, expires: expires, session)
            try Self.append(audit, session)
            return true
        }
    }

    private static func owner(_ session: any SQLSession, ofLink link: [UInt8], at time: Int64) throws -> String? {
        try session.row("SELECT name FROM operatorLink WHERE hash = ? AND expires > ?", [.blob(link), .integer(time)]).map {
            try $0.text(0)
        }
    }

    /// See ``OperatorStore``.
    public func owner(ofLink link: [UInt8], at time: Int64) async throws(StoreError) -> String? {
        try await read { try Self.owner($0, ofLink: link, at: time) }
    }

    /// See ``OperatorStore``.
    public func setPassword(
        _ password: [UInt8], byLink link: [UInt8], forgetting key: [UInt8], audit: AuditEntry
    ) async throws(StoreError) -> Bool {
        try await write { session in
            guard let name = try Self.owner(session, ofLink: link, at: audit.time), name == audit.by else { return false }
            _ = try session.run("DELETE FROM operatorLink WHERE name = ?", [.text(name)])
            _ = try session.run("UPDATE operatorAccount SET password = ? WHERE name = ?", [.blob(password), .text(name)])
            _ = try session.run("DELETE FROM operatorSession WHERE name = ?", [.text(name)])
            _ = try session.run("DELETE FROM operatorFailure WHERE id = ?", [.blob(key)])
            try Self.append(audit, session)
            return true
        }
    }

    // MARK: Sessions

    /// See ``OperatorStore``.
    public func addSession(_ new: OperatorSession, forgetting key: [UInt8], audit: AuditEntry) async throws(StoreError) {
        try await write { session in
            _ = try session.run("DELETE FROM operatorFailure WHERE id = ?", [.blob(key)])
            _ = try session.run(
                "INSERT INTO operatorSession (id, name, began, used) VALUES (?, ?, ?, ?)",
                [.blob(new.id), .text(new.name), .integer(new.began), .integer(new.used)])
            try Self.append(audit, session)
        }
    }

    /// See ``OperatorStore``.
    public func operatorSession(id: [UInt8]) async throws(StoreError) -> (session: OperatorSession, account: OperatorRecord)? {
        try await read { session in
            guard let row = try session.row("SELECT name, began, used FROM operatorSession WHERE id = ?", [.blob(id)]),
                let account = try Self.account(session, try row.text(0))
            else { return nil }
            return (
                OperatorSession(id: id, name: account.name, began: try row.integer(1), used: try row.integer(2)), account
            )
        }
    }

    /// See ``OperatorStore``.
    public func touchSession(id: [UInt8], at time: Int64) async throws(StoreError) {
        try await write { session in
            _ = try session.run(
                "UPDATE operatorSession SET used = ? WHERE id = ? AND used < ?", [.integer(time), .blob(id), .integer(time)])
        }
    }

    /// See ``OperatorStore``.
    public func endOperatorSession(id: [UInt8]) async throws(StoreError) {
        try await write { _ = try $0.run("DELETE FROM operatorSession WHERE id = ?", [.blob(id)]) }
    }

    /// See ``OperatorStore``.
    public func countAttempt(
        _ key: [UInt8], at time: Int64, wait: @escaping @Sendable (OperatorFailures) -> Int64?
    ) async throws(StoreError) -> Int64? {
        try await write { session in
            let earlier = try session.row("SELECT failures, last FROM operatorFailure WHERE id = ?", [.blob(key)]).map {
                OperatorFailures(count: try $0.int(0), last: try $0.integer(1))
            }
            if let earlier, let until = wait(earlier), until > time { return until }
            _ = try session.run(
                """
                INSERT INTO operatorFailure (id, failures, last) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET failures = excluded.failures, last = excluded.last
                """,
                [.blob(key), .integer((earlier?.count ?? 0) + 1), .integer(time)])
            return nil
        }
    }

    // MARK: Tokens

    /// See ``OperatorStore``.
    public func addToken(_ token: OperatorToken, hash: [UInt8], audit: AuditEntry) async throws(StoreError) -> Int? {
        try await write { session in
            guard try Self.account(session, token.name) != nil else { return nil }
            let number = try session.integer("SELECT coalesce(max(tokenNumber), 0) + 1 FROM operatorToken")
            _ = try session.run(
                "INSERT INTO operatorToken (tokenNumber, hash, name, label, expires) VALUES (?, ?, ?, ?, ?)",
                [.integer(number), .blob(hash), .text(token.name), .text(token.label), .integer(token.expires)])
            try Self.append(audit, session, extra: ["token": String(number)])
            return number
        }
    }

    private static func token(_ row: SQLRow) throws -> OperatorToken {
        OperatorToken(number: try row.int(0), name: try row.text(1), label: try row.text(2), expires: try row.integer(3))
    }

    /// See ``OperatorStore``.
    public func operatorToken(hash: [UInt8]) async throws(StoreError) -> (token: OperatorToken, account: OperatorRecord)? {
        try await read { session in
            let found = try session.row("SELECT tokenNumber, name, label, expires FROM operatorToken WHERE hash = ?", [.blob(hash)])
            guard let token = try found.map(Self.token), let account = try Self.account(session, token.name) else { return nil }
            return (token, account)
        }
    }

    /// See ``OperatorStore``.
    public func operatorTokens() async throws(StoreError) -> [OperatorToken] {
        try await read {
            try $0.rows("SELECT tokenNumber, name, label, expires FROM operatorToken ORDER BY tokenNumber").map(Self.token)
        }
    }

    /// See ``OperatorStore``.
    public func removeToken(_ number: Int, audit: AuditEntry) async throws(StoreError) -> Bool {
        try await write { session in
            let isThere = try session.run("DELETE FROM operatorToken WHERE tokenNumber = ?", [.integer(number)]) == 1
            if isThere { try Self.append(audit, session) }
            return isThere
        }
    }

    /// See ``OperatorStore``.
    public func forgetOperatorRecords(
        sessionsBegunBefore began: Int64, failuresBefore failures: Int64, now: Int64
    ) async throws(StoreError) {
        try await write { session in
            _ = try session.run("DELETE FROM operatorSession WHERE began < ?", [.integer(began)])
            _ = try session.run("DELETE FROM operatorFailure WHERE last < ?", [.integer(failures)])
            _ = try session.run("DELETE FROM operatorLink WHERE expires < ?", [.integer(now)])
            _ = try session.run("DELETE FROM operatorToken WHERE expires < ?", [.integer(now)])
        }
    }
}
