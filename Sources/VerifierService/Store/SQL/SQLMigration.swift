/// A step of the tables from one version to the next. A step that was released is not changed any more.
struct SQLMigration: Sendable {
    /// Its name; never used again for another.
    let name: String
    /// What it does, in SQLite's words for types; statements end with ";" at the end of a line.
    let tables: String
    /// What it does in SQLite alone, before that: earlier steps that PostgreSQL never saw.
    var sqlite = ""

    /// All steps, in their order; new ones are added at the end.
    static let all: [SQLMigration] = [
        SQLMigration(name: "1", tables: SQLStore.baseTables, sqlite: SQLStore.firstLeafTable),
        SQLMigration(name: "2", tables: "", sqlite: SQLStore.firstCounter),
        SQLMigration(name: "3", tables: SQLStore.publishedColumn, sqlite: "DROP TABLE leaf;"),
        SQLMigration(name: "revocation", tables: SQLStore.revocationColumns),
        SQLMigration(name: "epochs", tables: SQLStore.epochTables), SQLMigration(name: "top-ups", tables: SQLStore.topUpTables),
        SQLMigration(name: "epoch plans", tables: SQLStore.epochPlanColumns),
        SQLMigration(name: "sign-in", tables: SQLStore.signInTables),
        SQLMigration(name: "outstanding requests", tables: SQLStore.outstandingTable, sqlite: SQLStore.endOfFirstCounter),
        SQLMigration(name: "cancelled requests", tables: "ALTER TABLE request ADD COLUMN cancelled INTEGER NOT NULL DEFAULT 0;"),
        SQLMigration(name: "moderation", tables: SQLStore.moderationTables),
        SQLMigration(name: "webhooks", tables: SQLStore.webhookTables),
        SQLMigration(name: "spent sets", tables: SQLStore.spentSetTable),
        SQLMigration(name: "operators", tables: SQLStore.operatorTables),
        SQLMigration(name: "statistics", tables: SQLStore.statisticsTable), SQLMigration(name: "limits", tables: SQLStore.limitTable),
    ]

    /// Brings the tables to the newest version, in one transaction.
    ///
    /// - Throws: ``StoreError/newer(_:)`` when a step was done that this program does not know.
    static func migrate(_ session: any SQLSession, dialect: SQLDialect, steps: [SQLMigration] = all) throws {
        _ = try session.run(
            dialect.adapted("CREATE TABLE IF NOT EXISTS migration (step INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"))
        if dialect == .sqlite { try adoptEarlier(session, steps: steps) }
        let done = try session.rows("SELECT step, name FROM migration ORDER BY step").map { (try $0.int(0), try $0.text(1)) }
        for (place, step) in done.enumerated() {
            guard place < steps.count, step.0 == place, step.1 == steps[place].name else { throw StoreError.newer(step.1) }
        }
        for (place, step) in steps.enumerated().dropFirst(done.count) {
            let texts = (dialect == .sqlite ? [step.sqlite, step.tables] : [step.tables]).map(dialect.adapted)
            for statement in texts.flatMap(statements) { _ = try session.run(statement) }
            _ = try session.run("INSERT INTO migration (step, name) VALUES (?, ?)", [.integer(place), .text(step.name)])
        }
    }

    /// The statements of a text. One ends where a line ends with ";", but within a trigger where it ends with "END;".
    private static func statements(_ text: String) -> [String] {
        var (found, current): ([String], [Substring]) = ([], [])
        for line in text.split(separator: "\n") {
            current.append(line)
            let isTrigger = current[0].hasPrefix("CREATE TRIGGER")
            guard line.hasSuffix(isTrigger ? "END;" : ";") else { continue }
            found.append(current.joined(separator: "\n"))
            current = []
        }
        precondition(current.isEmpty, "a statement has an end")
        return found
    }

    /// Stores of before kept the names alone, in a table of the library that made them.
    private static func adoptEarlier(_ session: any SQLSession, steps: [SQLMigration]) throws {
        guard try session.exists("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'grdb_migrations'", []) else { return }
        let names = try session.rows("SELECT identifier FROM grdb_migrations").map { try $0.text(0) }
        for name in names {
            guard let place = steps.firstIndex(where: { $0.name == name }) else { throw StoreError.newer(name) }
            _ = try session.run("INSERT INTO migration (step, name) VALUES (?, ?)", [.integer(place), .text(name)])
        }
        _ = try session.run("DROP TABLE grdb_migrations")
    }
}
