import Foundation
import Testing

@Suite("Epochs from the command line", .serialized) struct EpochCommandTests {
    @Test("An epoch closes and opens, members renew, one comes back from his words, the audit holds")
    func wholePath() async throws {
        try await withTemporaryFolder { folder in
            let environment = ["SYMBOLON_PASSPHRASE": "correct horse", "XDG_STATE_HOME": folder.path + "/state"]
            func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
            func run(_ arguments: String...) async throws -> Run { try await symbolon(arguments, in: folder, environment: environment) }
            try write(
                #"[{"name":"votes","kind":"growing","least":0,"greatest":1000},{"name":"warnings","kind":"feedback","least":0,"greatest":10}]"#,
                "schema.json")
            try write(
                #"{"minimum-renewals":2,"open-renewals":1,"forums":["forum"],"reasons":[{"code":"spam","attribute":"warnings","amount":1}],"caps":[{"attribute":"warnings","most":3}]}"#,
                "rules.json")
            try write("person,votes\nann,30\nbob,3\n", "members.csv")
            let made = try await run(
                "community", "init", "--data", "data", "--name", "assembly", "--schema", "schema.json", "--rules", "rules.json", "--depth",
                "1", "--batch-leaves", "1", "--json")
            #expect(made.status == 0, "\(made.errors)")
            let community = try #require(try made.object()["community"] as? String)
            let imported = try await run(
                "community", "import", "--data", "data", "--csv", "members.csv", "--person-column", "person", "--empty", "warnings=0",
                "--codes", "codes.csv")
            #expect(imported.status == 0, "\(imported.errors)")
            let codes = try String(contentsOf: folder.appendingPathComponent("codes.csv"), encoding: .utf8).split(separator: "\n")
                .dropFirst()
                .map { String($0.split(separator: ",")[1]) }

            let server = process(["serve", "--data", "data", "--port", "0", "--json"], in: folder)
            let output = Pipe()
            server.standardOutput = output
            server.standardError = FileHandle.nullDevice
            try server.run()
            defer { server.terminate() }
            let line = await Task.detached { output.fileHandleForReading.availableData }.value
            let url = try #require((try JSONSerialization.jsonObject(with: line) as? [String: Any])?["url"] as? String)

            var phrases: [String: String] = [:]
            for (name, code) in zip(["ann", "bob"], codes) {
                try write(code + "\n", "\(name).code")
                let wallet = try await run("wallet", "init", "--wallet", name, "--json")
                phrases[name] = try #require(try wallet.object()["phrase"] as? String)
                let claimed = try await run(
                    "wallet", "claim", "--wallet", name, "--service", url, "--community", community, "--code-file", "\(name).code")
                #expect(claimed.status == 0, "\(claimed.errors)")
            }
            func renew(_ name: String) async throws -> String? {
                try await run("wallet", "renew", "--wallet", name, "--service", url, "--json").object()["state"] as? String
            }
            /// Repeats until the service, which acts within a second, has gone on.
            func until(_ state: String, _ name: String) async throws {
                for _ in 0..<100 {
                    if try await renew(name) == state { return }
                    try await Task.sleep(for: .milliseconds(100))
                }
                Issue.record("\(name) does not get to \(state)")
            }
            #expect(try await renew("ann") == "current")
            let early = try await run("community", "epoch", "open", "--data", "data", "--json")
            #expect(early.status == 1)
            #expect(try early.object()["code"] as? String == "epoch-not-closed")
            #expect(try await run("community", "epoch", "close", "--data", "data").status == 0)
            #expect(try await run("community", "epoch", "open", "--data", "data").status == 0)
            try await until("waiting", "ann")
            let status = try await run("community", "epoch", "status", "--data", "data", "--json").object()
            #expect(status["state"] as? String == "renewing" && status["renewals-waiting"] as? Int == 1)
            try await until("waiting", "bob")
            try await until("renewed", "ann")
            try await until("renewed", "bob")
            #expect(try await renew("ann") == "current")

            // Ann lost her file, not her words.
            try write(try #require(phrases["ann"]) + "\n", "words")
            #expect(try await run("wallet", "init", "--wallet", "again", "--phrase-file", "words").status == 0)
            let restored = try await run("wallet", "restore", "--wallet", "again", "--service", url, "--community", community, "--json")
            #expect(restored.status == 0, "\(restored.errors)")
            let credential = try #require(try restored.object()["credential"] as? [String: Any])
            #expect(credential["epoch"] as? Int == 2 && (credential["values"] as? [String: Int])?["votes"] == 30)

            let audit = try await run("audit", "\(url)/log", "--community", community, "--json")
            #expect(audit.status == 0, "\(audit.output)")
            let reports = try await run("wallet", "reports", "--wallet", "ann", "--service", url, "--epoch", "2")
            #expect(reports.status == 0 && reports.output == "[]\n")
            let disputes = try await run("community", "disputes", "--data", "data", "--epoch", "1", "--uphold", "1")
            #expect(disputes.status == 1)
        }
    }
}
