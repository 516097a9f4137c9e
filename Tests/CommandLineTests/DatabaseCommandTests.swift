import Foundation
import FoundationNetworking
import StoreSupport
import Testing

/// The commands over stores: PostgreSQL with several services, backups.
@Suite("Databases and backups", .serialized) struct DatabaseCommandTests {
    /// A folder with a community in it, and a member with a code.
    private struct Place {
        let folder: URL
        let environment: [String: String]
        let community: String

        init(_ folder: URL, database: String?) async throws {
            self.folder = folder
            environment = ["SYMBOLON_PASSPHRASE": "correct horse", "XDG_STATE_HOME": folder.path + "/state"]
            try Data(#"[{"name":"votes","kind":"growing","least":0,"greatest":1000}]"#.utf8).write(
                to: folder.appendingPathComponent("schema.json"))
            try Data("person,votes\nann,30\n".utf8).write(to: folder.appendingPathComponent("members.csv"))
            let made = try await symbolon(
                [
                    "community", "init", "--data", "data", "--name", "assembly", "--schema", "schema.json", "--depth", "1",
                    "--batch-leaves", "1", "--batch-seconds", "1", "--json",
                ] + (database.map { ["--database", $0] } ?? []), in: folder)
            #expect(made.status == 0, "\(made.errors)")
            community = try #require(try made.object()["community"] as? String)
            let imported = try await symbolon(
                "community", "import", "--data", "data", "--csv", "members.csv", "--person-column", "person", "--codes", "codes.csv",
                in: folder)
            #expect(imported.status == 0, "\(imported.errors)")
            let codes = try String(contentsOf: folder.appendingPathComponent("codes.csv"), encoding: .utf8)
            let code = try #require(codes.split(separator: "\n").last?.split(separator: ",").last)
            try Data("\(code)\n".utf8).write(to: folder.appendingPathComponent("ann.code"))
            #expect(try await run("wallet", "init", "--wallet", "ann").status == 0)
        }

        func run(_ arguments: String...) async throws -> Run { try await symbolon(arguments, in: folder, environment: environment) }

        func leaves(_ more: String...) async throws -> Int {
            try await symbolon(["community", "status", "--data", "data", "--json"] + more, in: folder).object()["leaves"] as? Int ?? -1
        }

        func claim(at url: String) async throws {
            let claimed = try await run(
                "wallet", "claim", "--wallet", "ann", "--service", url, "--community", community, "--code-file", "ann.code", "--json")
            #expect(claimed.status == 0, "\(claimed.errors)")
            for _ in 0..<100 where try await leaves() < 1 { try await Task.sleep(for: .milliseconds(100)) }
        }
    }

    /// A service in a process of its own.
    private final class Server {
        let url: String
        let audience: String
        private let server: Process
        private let token: String

        init(_ folder: URL, data: String = "data", environment: [String: String] = [:]) async throws {
            server = process(
                ["serve", "--data", data, "--port", "0", "--audience", "forum", "--json"], in: folder, environment: environment)
            let output = Pipe()
            server.standardOutput = output
            server.standardError = FileHandle.nullDevice
            try server.run()
            let line = await onOwnThread { output.fileHandleForReading.availableData }
            let serving = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            url = try #require(serving["url"] as? String)
            audience = try #require((serving["audiences"] as? [[String: String]])?.first?["id"])
            token = try String(contentsOf: folder.appendingPathComponent("\(data)/audiences/forum.token"), encoding: .utf8)
        }

        deinit { server.terminate() }

        func end() {
            server.terminate()
            server.waitUntilExit()
        }

        func ask() async throws -> String {
            var request = URLRequest(url: try #require(URL(string: "\(url)/v1/audiences/\(audience)/requests")))
            request.httpMethod = "POST"
            request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
            request.httpBody = Data(#"{"purposes":[{"purpose":"act","subject":"766f7465"}],"predicates":["votes >= 20"]}"#.utf8)
            let (data, _) = try await URLSession.shared.data(for: request)
            let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            return try #require(object["nonce"] as? String)
        }
    }

    private func present(_ place: Place, at server: Server, nonce: String) async throws -> String {
        let run = try await place.run(
            "wallet", "present", "--wallet", "ann", "--service", server.url, "--audience", server.audience, "--nonce", nonce, "--json",
            "--smallest-set", "0")
        let object = try run.object()
        return try #require(object["code"] as? String ?? object["verdict"] as? String)
    }

    @Test("Two services on one PostgreSQL are one: claims, the log, requests and spent nullifiers")
    func twoServices() async throws {
        try await StoreInstance.postgres.withAddress { address in
            try await withTemporaryFolder { folder in
                let place = try await Place(folder, database: address)
                #expect(!FileManager.default.fileExists(atPath: folder.path + "/data/store.sqlite"))
                #expect(try await place.leaves() == 0)
                let (one, two) = (try await Server(folder), try await Server(folder))
                #expect(one.url != two.url)
                try await place.claim(at: one.url)
                // Asked by one, answered to the other, and both know what is spent.
                #expect(try await present(place, at: two, nonce: try await one.ask()) == "accepted")
                #expect(try await present(place, at: one, nonce: try await two.ask()) == "already-spent")
                one.end()
                #expect(try await present(place, at: two, nonce: try await two.ask()) == "already-spent")
                // The address is in the folder; without it, it is taken from the environment or the option.
                try FileManager.default.removeItem(atPath: folder.path + "/data/database")
                #expect(try await place.leaves("--database", address) == 1)
                let other = try await symbolon(
                    "community", "status", "--data", "data", "--json", in: folder, environment: ["SYMBOLON_DATABASE": address])
                #expect(try other.object()["leaves"] as? Int == 1)
                for refused in ["postgresql://x:secret@h/d", "mysql://h/d", "postgresql:///d?nonsense=secret"] {
                    let run = try await place.run("community", "status", "--data", "data", "--database", refused)
                    #expect(run.status == 2 && !run.errors.contains("secret") && !run.output.contains("secret"))
                }
            }
        }
    }

    @Test("A backup that is made while the service runs is restored; nothing is overwritten", arguments: StoreInstance.allCases)
    func backup(_ instance: StoreInstance) async throws {
        try await instance.withAddress { address in
            try await withTemporaryFolder { folder in
                let isPostgres = instance == .postgres
                let place = try await Place(folder, database: isPostgres ? address : nil)
                let server = try await Server(folder)
                try await place.claim(at: server.url)
                #expect(try await present(place, at: server, nonce: try await server.ask()) == "accepted")
                let made = try await place.run("community", "backup", "--data", "data", "copy", "--json")
                #expect(made.status == 0, "\(made.errors)")
                #expect(try await place.run("community", "backup", "--data", "data", "copy").status == 2, "it is there already")
                server.end()
                for name in ["copy", "copy/manifest.json", "copy/log.key", "copy/audiences/forum.key"] {
                    let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
                    #expect(try #require(attributes[.posixPermissions] as? NSNumber).intValue & 0o077 == 0, "\(name)")
                }
                func restore(from: String = "copy", to: String, _ database: String?) async throws -> Run {
                    try await symbolon(
                        ["community", "restore", "--from", from, "--data", to, "--json"] + (database.map { ["--database", $0] } ?? []),
                        in: folder)
                }
                // Not over a community, nor into a database that has tables, nor into one of the other kind.
                #expect(try await restore(to: "data", isPostgres ? address : nil).status == 2)
                let other = isPostgres ? nil : try PostgresServer.shared.get().makeAddress()
                #expect(try await restore(to: "wrong", other).status == 2)
                if isPostgres { #expect(try await restore(to: "wrong", address).status == 2) }
                // One that was changed, or in which something is missing or too much.
                let store = isPostgres ? "store.dump" : "store.sqlite"
                for (number, name) in [store, "log.key", "audiences/forum.token"].enumerated() {
                    let (copy, file) = ("copy-\(number)", folder.path + "/copy-\(number)/\(name)")
                    try FileManager.default.copyItem(atPath: folder.path + "/copy", toPath: folder.path + "/" + copy)
                    var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
                    bytes[bytes.count / 2] ^= 1
                    try bytes.write(to: URL(fileURLWithPath: file))
                    let run = try await restore(from: copy, to: "wrong", isPostgres ? address : nil)
                    #expect(run.status == 2 && run.errors.contains(name), "\(run.errors)")
                    try FileManager.default.removeItem(atPath: file)
                    #expect(try await restore(from: copy, to: "wrong", isPostgres ? address : nil).status == 2)
                }
                #expect(!FileManager.default.fileExists(atPath: folder.path + "/wrong"))
                #expect(!FileManager.default.fileExists(atPath: folder.path + "/wrong.restoring"))

                let fresh = isPostgres ? try PostgresServer.shared.get().makeAddress() : nil
                let restored = try await restore(to: "restored", fresh)
                #expect(restored.status == 0, "\(restored.errors)")
                #expect(try restored.object()["log-root"] as? String == made.object()["log-root"] as? String)
                #expect(try #require(try restored.object()["age-seconds"] as? Int) < 600)
                // The restored service knows the member, and what he spent.
                let second = try await Server(folder, data: "restored")
                #expect(second.audience == server.audience)
                #expect(try await present(place, at: second, nonce: try await second.ask()) == "already-spent")
                second.end()
            }
        }
    }
}
