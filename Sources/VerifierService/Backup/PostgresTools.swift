import Foundation

/// PostgreSQL's own programs for copying a database. What they are to connect to, passwords included, goes by the environment: arguments can be
/// read by others.
enum PostgresTools {
    /// Writes a database to a new file that only its owner can read, as of one moment.
    static func dump(_ address: PostgresAddress, to path: String) throws(StoreError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .unavailable("cannot write \(path)") }
        close(file)
        try run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", "--file=\(path)"], address)
    }

    /// Fills an empty database from such a file, all or nothing.
    static func restore(_ path: String, to address: PostgresAddress) throws {
        let link: PostgresLink
        do { link = try PostgresLink(address) } catch { throw StoreError.unavailable(error.reason) }
        let tables = try link.rows(
            "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') LIMIT 1", [])
        guard tables.isEmpty else { throw Backup.Failure.notEmpty("the database") }
        let name = address.environment["PGDATABASE"] ?? ""
        try run(
            "pg_restore",
            ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", "--dbname=\(name)", path], address)
    }

    private static func run(_ program: String, _ arguments: [String], _ address: PostgresAddress) throws(StoreError) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(address.environment) { $1 }
        let text = Pipe()
        process.standardError = text
        process.standardOutput = FileHandle.nullDevice
        let said: Data
        do {
            try process.run()
            said = text.fileHandleForReading.readDataToEndOfFile()
        } catch {
            throw .unavailable("\(program) cannot be run")
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let line = String(decoding: said.prefix(2000), as: UTF8.self).split(separator: "\n").first.map(String.init)
            throw .unavailable("\(program) failed: \(line ?? "PostgreSQL's client programs are needed")")
        }
    }
}
