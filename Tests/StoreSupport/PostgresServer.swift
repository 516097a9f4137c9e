import Foundation
import Synchronization

/// A real PostgreSQL server for the tests: made in a temporary folder, reached by a socket in it alone, and gone when the tests are.
package final class PostgresServer: Sendable {
    /// Why there is none.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The server of this test process, which nobody may crash; every database test needs one, so that there is none is an error of each.
    package static let shared = Result { try PostgresServer() }

    private let folder: String
    private let programs: String
    /// The server does not run as root.
    private let isRoot: Bool
    private let server = Mutex<Process?>(nil)

    package init() throws {
        guard let programs = Self.findPrograms() else {
            throw Failure(description: "no PostgreSQL server is installed, which these tests need: apt-get install postgresql")
        }
        self.programs = programs
        folder = "/tmp/symbolon-postgres-\(UUID().uuidString.prefix(8))"
        isRoot = getuid() == 0
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        if isRoot {
            guard let user = getpwnam("postgres"), chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
                throw Failure(description: "PostgreSQL does not run as root, and there is no user \"postgres\"")
            }
        }
        try run("initdb", ["-D", folder + "/data", "-U", "symbolon", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], owns: true)
        Self.running.withLock { $0.append(self) }
        try start()
        atexit { PostgresServer.running.withLock { for server in $0 { server.end() } } }
    }

    private static let running = Mutex<[PostgresServer]>([])

    private static func findPrograms() -> String? {
        let versions = "/usr/lib/postgresql"
        let found = ((try? FileManager.default.contentsOfDirectory(atPath: versions)) ?? []).compactMap { Int($0) }.sorted().map {
            "\(versions)/\($0)/bin"
        }
        let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (found.reversed() + paths).first { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") }
    }

    /// When the tests end: nobody waits for processes any more then, but its own file says whether the server is gone.
    private func end() {
        guard let process = server.withLock({ $0 }), process.isRunning else { return }
        kill(process.processIdentifier, SIGQUIT)
        for _ in 0..<100 where FileManager.default.fileExists(atPath: folder + "/data/postmaster.pid") { usleep(20_000) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Ends the server and all its connections at once, as a crash would (what `pg_ctl restart -m immediate` does), and starts it again.
    package func crash() throws {
        stop()
        try start()
    }

    private func stop() {
        guard let process = server.withLock({ $0 }), process.isRunning else { return }
        kill(process.processIdentifier, SIGQUIT)
        process.waitUntilExit()
    }

    private func start() throws {
        // Without fsync what is committed survives a crash of the server and not one of the machine: enough here, and faster.
        let process = command(
            "postgres",
            [
                "-D", folder + "/data", "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c",
                "logging_collector=off",
            ], owns: true)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        server.withLock { $0 = process }
        for _ in 0..<600 {
            if (try? run("pg_isready", ["-h", folder, "-q"], owns: false)) != nil { return }
            guard process.isRunning else { break }
            Thread.sleep(forTimeInterval: 0.05)
        }
        throw Failure(description: "the PostgreSQL server does not start")
    }

    /// Path of the socket at which it listens.
    package var socket: String { folder + "/.s.PGSQL.5432" }

    /// Makes a new, empty database and says where it is.
    ///
    /// - Parameter proxy: folder of another socket through which it is reached.
    package func makeAddress(through proxy: String? = nil) throws -> String {
        let name = "t" + UUID().uuidString.lowercased().replacing("-", with: "")
        try run("createdb", ["-h", folder, "-U", "symbolon", name], owns: false)
        return "postgresql:///\(name)?host=\(proxy ?? folder)&user=symbolon"
    }

    private func command(_ program: String, _ arguments: [String], owns: Bool) -> Process {
        let process = Process()
        let command = [programs + "/" + program] + arguments
        let asOwner = ["/usr/bin/setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        let line = owns && isRoot ? asOwner + command : command
        process.executableURL = URL(fileURLWithPath: line[0])
        process.arguments = Array(line.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Runs one of PostgreSQL's programs to its end.
    private func run(_ program: String, _ arguments: [String], owns: Bool) throws {
        let process = command(program, arguments, owns: owns)
        let output = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "\(program) failed: \(text)") }
    }
}
