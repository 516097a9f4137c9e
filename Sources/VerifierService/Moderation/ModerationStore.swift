/// What keeping a forum orderly needs to be kept: bans, notes, appeals, and the log of what operators did.
///
/// As for ``Store`` every method is one atomic step, on disk when it returns. What an operator does and its row in the audit log are one step.
public protocol ModerationStore: Sendable {
    // MARK: Bans

    /// Bans a pseudonym, unless a ban of it is in force at the ban's time, and ends its sessions, codes and tokens.
    func addBan(_ ban: BanRecord, audit: AuditEntry) async throws(StoreError) -> BanOutcome
    /// Lifts the ban of that number, once; false when there is none, or it is not in force.
    func liftBan(_ number: Int, _ lifting: BanRecord.Lifting, audit: AuditEntry) async throws(StoreError) -> Bool
    /// The ban of a number, or nil.
    func ban(number: Int) async throws(StoreError) -> BanRecord?
    /// The ban of a pseudonym that is in force at a time, or nil.
    func ban(of subject: Subject, at time: Int64) async throws(StoreError) -> BanRecord?
    /// Bans of an audience, or of all, with greater numbers than this, at most `limit`, by number; those in force at a time alone when one is given.
    func bans(audience: [UInt8]?, inForceAt time: Int64?, after number: Int, limit: Int) async throws(StoreError) -> [BanRecord]
    /// All bans that a pseudonym ever had, by number.
    func bans(of subject: Subject) async throws(StoreError) -> [BanRecord]

    // MARK: Notes and pseudonyms

    /// Keeps a note; returns its number.
    func addNote(_ note: NoteRecord, audit: AuditEntry) async throws(StoreError) -> Int
    /// All notes on a pseudonym, by number.
    func notes(of subject: Subject) async throws(StoreError) -> [NoteRecord]
    /// Remembers that a pseudonym signed in on a day since 1970.
    func saw(_ subject: Subject, audience: [UInt8], day: Int) async throws(StoreError)
    /// The pseudonym of that text, or nil when it never signed in.
    func seen(_ subject: Subject) async throws(StoreError) -> SeenRecord?
    /// Pseudonyms of that username, at most ten.
    func seen(username: String) async throws(StoreError) -> [SeenRecord]

    // MARK: Appeals

    /// Keeps an appeal against the ban of a pseudonym that is in force at the appeal's time: one is open at a time, and at most `limit` there are
    /// against one ban. The same again is not kept again, whatever became of the ban.
    func addAppeal(_ appeal: AppealRecord, of subject: Subject, limit: Int) async throws(StoreError) -> AppealOutcome
    /// Appeals with greater numbers than this, at most `limit`, by number; open ones alone, or all.
    func appeals(open: Bool, after number: Int, limit: Int) async throws(StoreError) -> [AppealRecord]
    /// The appeal of a number, or nil.
    func appeal(number: Int) async throws(StoreError) -> AppealRecord?
    /// Decides an open appeal, once; granting it lifts the ban. Nothing happens when the ban is by the same operator.
    func decideAppeal(
        _ number: Int, grant: Bool, answer: String, by name: String, time: Int64, audit: AuditEntry
    ) async throws(StoreError) -> DecisionOutcome

    // MARK: Audit log

    /// Appends a row on something that no method above does.
    func audit(_ entry: AuditEntry) async throws(StoreError)
    /// Rows with greater numbers than this, at most `limit`, by number.
    func auditRows(after number: Int, limit: Int) async throws(StoreError) -> [AuditRow]
    /// The newest row, or nil.
    func lastAuditRow() async throws(StoreError) -> AuditRow?
}
