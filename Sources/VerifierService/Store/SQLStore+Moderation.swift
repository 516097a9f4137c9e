extension SQLStore: ModerationStore {
    static let moderationTables = """
        CREATE TABLE ban (
            banNumber INTEGER PRIMARY KEY,
            audience BLOB NOT NULL CHECK (length(audience) = 32),
            subject TEXT NOT NULL,
            reason TEXT NOT NULL,
            publicReason TEXT NOT NULL,
            until INTEGER,
            bannedBy TEXT NOT NULL,
            time INTEGER NOT NULL,
            liftedTime INTEGER,
            liftedBy TEXT,
            liftedReason TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX banOfSubject ON ban (subject);
        CREATE TABLE note (
            noteNumber INTEGER PRIMARY KEY,
            audience BLOB NOT NULL CHECK (length(audience) = 32),
            subject TEXT NOT NULL,
            content TEXT NOT NULL,
            writtenBy TEXT NOT NULL,
            time INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX noteOfSubject ON note (subject);
        CREATE TABLE appeal (
            appealNumber INTEGER PRIMARY KEY,
            ban INTEGER NOT NULL REFERENCES ban (banNumber),
            subject TEXT NOT NULL,
            message BLOB NOT NULL CHECK (length(message) = 32),
            content TEXT NOT NULL,
            time INTEGER NOT NULL,
            state INTEGER NOT NULL,
            answer TEXT,
            decidedBy TEXT,
            UNIQUE (subject, message)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX openAppeal ON appeal (appealNumber) WHERE state = 0;
        CREATE INDEX appealOfBan ON appeal (ban);
        CREATE TABLE seenSubject (
            subject TEXT PRIMARY KEY,
            audience BLOB NOT NULL CHECK (length(audience) = 32),
            username TEXT NOT NULL,
            firstDay INTEGER NOT NULL,
            lastDay INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX seenUsername ON seenSubject (username);
        CREATE TABLE auditRow (
            position INTEGER PRIMARY KEY,
            document BLOB NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT, WITHOUT ROWID;
        """

    // MARK: Bans

    private static let banColumns =
        "banNumber, audience, subject, reason, publicReason, until, bannedBy, time, liftedTime, liftedBy, liftedReason"
    private static let inForce = "liftedTime IS NULL AND (until IS NULL OR until > ?)"

    private static func ban(_ row: SQLRow) throws -> BanRecord {
        let lifted = try row.integerIfAny(8).map { BanRecord.Lifting(time: $0, by: try row.text(9), reason: try row.text(10)) }
        return BanRecord(
            number: try row.int(0), audience: try row.bytes(1), subject: Subject(text: try row.text(2)), reason: try row.text(3),
            publicReason: try row.text(4), until: try row.integerIfAny(5), by: try row.text(6), time: try row.integer(7), lifted: lifted)
    }

    private static func ban(_ session: any SQLSession, of subject: Subject, at time: Int64) throws -> BanRecord? {
        try session.row(
            "SELECT \(banColumns) FROM ban WHERE subject = ? AND \(inForce) ORDER BY banNumber", [.text(subject.text), .integer(time)]
        ).map(ban)
    }

    /// See ``ModerationStore``.
    public func addBan(_ ban: BanRecord, audit: AuditEntry) async throws(StoreError) -> BanOutcome {
        try await write { session in
            if let earlier = try Self.ban(session, of: ban.subject, at: ban.time) { return .alreadyBanned(earlier.number) }
            let number = try session.integer("SELECT coalesce(max(banNumber), 0) + 1 FROM ban")
            _ = try session.run(
                "INSERT INTO ban (banNumber, audience, subject, reason, publicReason, until, bannedBy, time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .integer(number), .blob(ban.audience), .text(ban.subject.text), .text(ban.reason), .text(ban.publicReason),
                    ban.until.map { .integer($0) } ?? .null, .text(ban.by), .integer(ban.time),
                ])
            try Self.endSignIns(session, of: ban.subject)
            try WebhookOutbox.enqueue(.banned(ban, number: number), audience: ban.audience, session)
            try Self.append(audit, session, extra: ["ban": String(number)])
            return .banned(number)
        }
    }

    /// Ends what a pseudonym has from earlier sign-ins. Documents of proofs begin with it, and are compared as bytes; interactions that are under
    /// way are held against bans at each step.
    private static func endSignIns(_ session: any SQLSession, of subject: Subject) throws {
        let start = subject.documentStart
        var end = start
        end[end.count - 1] += 1
        let range: [SQLValue] = [.blob(start), .blob(end)]
        _ = try session.run("DELETE FROM browserSession WHERE proof >= ? AND proof < ?", range)
        _ = try session.run("DELETE FROM grantedCode WHERE proof >= ? AND proof < ?", range)
    }

    /// See ``ModerationStore``.
    public func liftBan(_ number: Int, _ lifting: BanRecord.Lifting, audit: AuditEntry) async throws(StoreError) -> Bool {
        try await write { session in
            guard try Self.lift(session, number, lifting) else { return false }
            try Self.append(audit, session)
            return true
        }
    }

    private static func lift(_ session: any SQLSession, _ number: Int, _ lifting: BanRecord.Lifting) throws -> Bool {
        let lifted = try session.run(
            "UPDATE ban SET liftedTime = ?, liftedBy = ?, liftedReason = ? WHERE banNumber = ? AND \(inForce)",
            [.integer(lifting.time), .text(lifting.by), .text(lifting.reason), .integer(number), .integer(lifting.time)])
        guard lifted == 1, let row = try session.row("SELECT \(banColumns) FROM ban WHERE banNumber = ?", [.integer(number)]) else {
            return false
        }
        let ban = try ban(row)
        try WebhookOutbox.enqueue(.lifted(ban, at: lifting.time), audience: ban.audience, session)
        return true
    }

    /// See ``ModerationStore``.
    public func ban(number: Int) async throws(StoreError) -> BanRecord? {
        try await read { try $0.row("SELECT \(Self.banColumns) FROM ban WHERE banNumber = ?", [.integer(number)]).map(Self.ban) }
    }

    /// See ``ModerationStore``.
    public func ban(of subject: Subject, at time: Int64) async throws(StoreError) -> BanRecord? {
        try await read { try Self.ban($0, of: subject, at: time) }
    }

    /// See ``ModerationStore``.
    public func bans(
        audience: [UInt8]?, inForceAt time: Int64?, after number: Int, limit: Int
    ) async throws(StoreError) -> [BanRecord] {
        var (condition, values): (String, [SQLValue]) = ("banNumber > ?", [.integer(number)])
        if let audience {
            condition += " AND audience = ?"
            values.append(.blob(audience))
        }
        if let time {
            condition += " AND \(Self.inForce)"
            values.append(.integer(time))
        }
        values.append(.integer(limit))
        let (sql, given) = ("SELECT \(Self.banColumns) FROM ban WHERE \(condition) ORDER BY banNumber LIMIT ?", values)
        return try await read { try $0.rows(sql, given).map(Self.ban) }
    }

    /// See ``ModerationStore``.
    public func bans(of subject: Subject) async throws(StoreError) -> [BanRecord] {
        try await read {
            try $0.rows("SELECT \(Self.banColumns) FROM ban WHERE subject = ? ORDER BY banNumber", [.text(subject.text)]).map(Self.ban)
        }
    }

    // MARK: Notes and pseudonyms

    /// See ``ModerationStore``.
    public func addNote(_ note: NoteRecord, audit: AuditEntry) async throws(StoreError) -> Int {
        try await write { session in
            let number = try session.integer("SELECT coalesce(max(noteNumber), 0) + 1 FROM note")
            _ = try session.run(
                "INSERT INTO note (noteNumber, audience, subject, content, writtenBy, time) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .integer(number), .blob(note.audience), .text(note.subject.text), .text(note.text), .text(note.by),
                    .integer(note.time),
                ])
            try Self.append(audit, session, extra: ["note": String(number)])
            return number
        }
    }

    /// See ``ModerationStore``.
    public func notes(of subject: Subject) async throws(StoreError) -> [NoteRecord] {
        try await read { session in
            try session.rows(
                "SELECT noteNumber, audience, content, writtenBy, time FROM note WHERE subject = ? ORDER BY noteNumber",
                [.text(subject.text)]
            ).map { row in
                NoteRecord(
                    number: try row.int(0), audience: try row.bytes(1), subject: subject, text: try row.text(2), by: try row.text(3),
                    time: try row.integer(4))
            }
        }
    }

    /// See ``ModerationStore``.
    public func saw(_ subject: Subject, audience: [UInt8], day: Int) async throws(StoreError) {
        // A write a day and pseudonym, not one for each visit.
        if let seen = try await seen(subject), seen.last >= day { return }
        try await write { session in
            _ = try session.run(
                """
                INSERT INTO seenSubject (subject, audience, username, firstDay, lastDay) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (subject) DO UPDATE SET lastDay = excluded.lastDay
                """,
                [.text(subject.text), .blob(audience), .text(subject.username), .integer(day), .integer(day)])
        }
    }

    private static let seenColumns = "subject, audience, firstDay, lastDay"

    private static func seen(_ row: SQLRow) throws -> SeenRecord {
        SeenRecord(audience: try row.bytes(1), subject: Subject(text: try row.text(0)), first: try row.int(2), last: try row.int(3))
    }

    /// See ``ModerationStore``.
    public func seen(_ subject: Subject) async throws(StoreError) -> SeenRecord? {
        try await read {
            try $0.row("SELECT \(Self.seenColumns) FROM seenSubject WHERE subject = ?", [.text(subject.text)]).map(Self.seen)
        }
    }

    /// See ``ModerationStore``.
    public func seen(username: String) async throws(StoreError) -> [SeenRecord] {
        try await read {
            try $0.rows("SELECT \(Self.seenColumns) FROM seenSubject WHERE username = ? ORDER BY subject LIMIT 10", [.text(username)])
                .map(Self.seen)
        }
    }

    // MARK: Appeals

    private static let appealColumns = "appealNumber, ban, message, content, time, state, answer, decidedBy"

    private static func appeal(_ row: SQLRow) throws -> AppealRecord {
        func textIfAny(_ column: Int) throws -> String? { try row.value(column) == .null ? nil : row.text(column) }
        guard let state = AppealRecord.State(rawValue: try row.int(5)) else { throw StoreError.unavailable("an appeal is in no state") }
        return AppealRecord(
            number: try row.int(0), ban: try row.int(1), message: try row.bytes(2), text: try row.text(3), time: try row.integer(4),
            state: state, answer: try textIfAny(6), by: try textIfAny(7))
    }

    /// See ``ModerationStore``.
    public func addAppeal(_ appeal: AppealRecord, of subject: Subject, limit: Int) async throws(StoreError) -> AppealOutcome {
        try await write { session in
            let known = try session.row(
                "SELECT \(Self.appealColumns) FROM appeal WHERE subject = ? AND message = ?", [.text(subject.text), .blob(appeal.message)])
            if let known { return .kept(try Self.appeal(known)) }
            guard let ban = try Self.ban(session, of: subject, at: appeal.time) else { return .notBanned }
            let states = try session.rows("SELECT state FROM appeal WHERE ban = ?", [.integer(ban.number)]).map { try $0.int(0) }
            if states.contains(AppealRecord.State.open.rawValue) { return .anotherOpen }
            guard states.count < limit else { return .usedUp }
            let number = try session.integer("SELECT coalesce(max(appealNumber), 0) + 1 FROM appeal")
            _ = try session.run(
                "INSERT INTO appeal (appealNumber, ban, subject, message, content, time, state) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    .integer(number), .integer(ban.number), .text(subject.text), .blob(appeal.message), .text(appeal.text),
                    .integer(appeal.time), .integer(AppealRecord.State.open.rawValue),
                ])
            return .kept(
                AppealRecord(number: number, ban: ban.number, message: appeal.message, text: appeal.text, time: appeal.time))
        }
    }

    /// See ``ModerationStore``.
    public func appeals(open: Bool, after number: Int, limit: Int) async throws(StoreError) -> [AppealRecord] {
        let condition = open ? " AND state = 0" : ""
        return try await read {
            try $0.rows(
                "SELECT \(Self.appealColumns) FROM appeal WHERE appealNumber > ?\(condition) ORDER BY appealNumber LIMIT ?",
                [.integer(number), .integer(limit)]
            ).map(Self.appeal)
        }
    }

    /// See ``ModerationStore``.
    public func appeal(number: Int) async throws(StoreError) -> AppealRecord? {
        try await read {
            try $0.row("SELECT \(Self.appealColumns) FROM appeal WHERE appealNumber = ?", [.integer(number)]).map(Self.appeal)
        }
    }

    /// See ``ModerationStore``.
    public func decideAppeal(
        _ number: Int, grant: Bool, answer: String, by name: String, time: Int64, audit: AuditEntry
    ) async throws(StoreError) -> DecisionOutcome {
        try await write { session in
            let found = try session.row(
                "SELECT state, ban, bannedBy FROM appeal JOIN ban ON ban.banNumber = appeal.ban WHERE appealNumber = ?",
                [.integer(number)])
            guard let found else { return .unknown }
            guard try found.int(0) == AppealRecord.State.open.rawValue else { return .closed }
            guard try found.text(2) != name else { return .sameOperator }
            let state = grant ? AppealRecord.State.granted : .refused
            _ = try session.run(
                "UPDATE appeal SET state = ?, answer = ?, decidedBy = ? WHERE appealNumber = ?",
                [.integer(state.rawValue), .text(answer), .text(name), .integer(number)])
            let ban = try found.int(1)
            // Over already, or lifted meanwhile: then there is nothing to lift.
            if grant { _ = try Self.lift(session, ban, .init(time: time, by: name, reason: "appeal \(number)")) }
            try Self.append(audit, session, extra: ["ban": String(ban)])
            return .decided
        }
    }

    // MARK: Audit log

    private static func auditRow(_ row: SQLRow) throws -> AuditRow {
        AuditRow(number: try row.int(0), document: try row.bytes(1), hash: try row.bytes(2))
    }

    private static func lastAuditRow(_ session: any SQLSession) throws -> AuditRow? {
        try session.row("SELECT position, document, hash FROM auditRow ORDER BY position DESC LIMIT 1").map(auditRow)
    }

    /// Appends a row within the step that it is about.
    static func append(_ entry: AuditEntry, _ session: any SQLSession, extra: [String: String] = [:]) throws {
        let row = AuditRow(entry, after: try lastAuditRow(session), extra: extra)
        _ = try session.run(
            "INSERT INTO auditRow (position, document, hash) VALUES (?, ?, ?)",
            [.integer(row.number), .blob(row.document), .blob(row.hash)])
    }

    /// See ``ModerationStore``.
    public func audit(_ entry: AuditEntry) async throws(StoreError) { try await write { try Self.append(entry, $0) } }

    /// See ``ModerationStore``.
    public func auditRows(after number: Int, limit: Int) async throws(StoreError) -> [AuditRow] {
        try await read {
            try $0.rows(
                "SELECT position, document, hash FROM auditRow WHERE position > ? ORDER BY position LIMIT ?",
                [.integer(number), .integer(limit)]
            ).map(Self.auditRow)
        }
    }

    /// See ``ModerationStore``.
    public func lastAuditRow() async throws(StoreError) -> AuditRow? { try await read { try Self.lastAuditRow($0) } }
}
