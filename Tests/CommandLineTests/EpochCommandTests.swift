import Foundation
import FoundationNetworking
import StoreSupport
import Testing

@Suite("Epochs from the command line", .serialized) struct EpochCommandTests {
    /// A community of two with a service that runs, and their wallets, which have claimed.
    private struct Assembly {
        let folder: URL
        let community: String
        let url: String
        let forum: String
        var phrases: [String: String] = [:]

        func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        func read(_ name: String) throws -> String { try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8) }

        private var environment: [String: String] { ["SYMBOLON_PASSPHRASE": "correct horse", "XDG_STATE_HOME": folder.path + "/state"] }
        func run(_ arguments: String...) async throws -> Run { try await symbolon(arguments, in: folder, environment: environment) }

        /// Runs a command that is killed (SIGKILL) after so many milliseconds; nil when it was, else what it left behind.
        func run(_ arguments: [String], killedAfter milliseconds: Int) async throws -> Run? {
            let process = process(arguments, in: folder, environment: environment)
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            try await Task.sleep(for: .milliseconds(milliseconds))
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return process.terminationReason == .uncaughtSignal ? nil : Run(status: process.terminationStatus, output: text, errors: "")
        }

        /// The codes of a file, in its order.
        func codes(_ file: String) throws -> [String] {
            try read(file).split(separator: "\n").dropFirst().map { String($0.split(separator: ",")[1]) }
        }

        func state(_ run: Run) throws -> String? { try run.object()["state"] as? String }

        /// Repeats until the service, which acts within a second, has gone on.
        func until(_ state: String, _ arguments: String...) async throws {
            for _ in 0..<100 {
                let run = try await symbolon(arguments, in: folder, environment: environment)
                if run.status == 0, try self.state(run) == state { return }
                try await Task.sleep(for: .milliseconds(100))
            }
            Issue.record("\(arguments) does not get to \(state)")
        }

        /// Ends the current epoch, lets feedback settle, and renews these wallets into the next.
        func renew(_ names: [String]) async throws {
            #expect(try await run("community", "epoch", "close", "--data", "data").status == 0)
            #expect(try await run("community", "epoch", "open", "--data", "data").status == 0)
            for state in ["waiting", "renewed"] {
                for name in names { try await until(state, "wallet", "renew", "--wallet", name, "--service", url, "--json") }
            }
        }

        /// A post under the account of the epoch, which the forum then reports.
        func misbehave(_ name: String, message: String) async throws {
            var question = URLRequest(url: try #require(URL(string: "\(url)/v1/audiences/\(forum)/requests")))
            question.httpMethod = "POST"
            question.setValue("Bearer \(try read("data/audiences/forum.token"))", forHTTPHeaderField: "Authorization")
            question.httpBody = Data(
                #"{"purposes":[{"purpose":"act","subject":"706f7374"},{"purpose":"account"}],"message":"\#(message)"}"#.utf8)
            let (asked, _) = try await URLSession.shared.data(for: question)
            let request = try #require(try JSONSerialization.jsonObject(with: asked) as? [String: Any])
            let nonce = try #require(request["nonce"] as? String)
            let accepted = try await run(
                "wallet", "present", "--wallet", name, "--service", url, "--audience", forum, "--nonce", nonce, "--smallest-set", "0",
                "--json")
            let nullifiers = try #require(try accepted.object()["nullifiers"] as? [[String: Any]], "\(accepted.output)")
            let account = try #require(nullifiers.last?["nullifier"] as? String)
            let reported = try await run(
                "forum", "report", "--service", url, "--audience", forum, "--token-file", "data/audiences/forum.token", "--nonce", nonce,
                "--account", account, "--message", message, "--reason", "spam")
            #expect(reported.status == 0, "\(reported.errors)")
        }
    }

    private func withAssembly(claiming: Bool = true, minimum: Int = 2, _ body: (inout Assembly) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let outside = Assembly(folder: folder, community: "", url: "", forum: "")
            try outside.write(
                #"[{"name":"votes","kind":"growing","least":0,"greatest":1000},{"name":"warnings","kind":"feedback","least":0,"greatest":10}]"#,
                "schema.json")
            try outside.write(
                #"{"minimum-renewals":\#(minimum),"open-renewals":1,"forums":["forum"],"reasons":[{"code":"spam","attribute":"warnings","amount":1}],"caps":[{"attribute":"warnings","most":3}]}"#,
                "rules.json")
            try outside.write("person,votes,warnings\nann,30,\nbob,3,10\n", "members.csv")
            let made = try await outside.run(
                "community", "init", "--data", "data", "--name", "assembly", "--schema", "schema.json", "--rules", "rules.json", "--depth",
                "1", "--batch-leaves", "1", "--json")
            #expect(made.status == 0, "\(made.errors)")
            let community = try #require(try made.object()["community"] as? String)
            let imported = try await outside.run(
                "community", "import", "--data", "data", "--csv", "members.csv", "--person-column", "person", "--empty", "warnings=0",
                "--codes", "codes.csv")
            #expect(imported.status == 0, "\(imported.errors)")

            let server = process(["serve", "--data", "data", "--port", "0", "--audience", "forum", "--json"], in: folder)
            let output = Pipe()
            server.standardOutput = output
            server.standardError = FileHandle.nullDevice
            try server.run()
            defer { server.terminate() }
            let line = await onOwnThread { output.fileHandleForReading.availableData }
            let serving = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            let url = try #require(serving["url"] as? String)
            let forum = try #require((serving["audiences"] as? [[String: String]])?.first?["id"])

            var assembly = Assembly(folder: folder, community: community, url: url, forum: forum)
            for (name, code) in zip(["ann", "bob"], try assembly.codes("codes.csv")) {
                try assembly.write(code + "\n", "\(name).code")
                let wallet = try await assembly.run("wallet", "init", "--wallet", name, "--json")
                assembly.phrases[name] = try #require(try wallet.object()["phrase"] as? String)
                guard claiming else { continue }
                let claimed = try await assembly.run(
                    "wallet", "claim", "--wallet", name, "--service", url, "--community", community, "--code-file", "\(name).code")
                #expect(claimed.status == 0, "\(claimed.errors)")
            }
            try await body(&assembly)
        }
    }

    @Test("An epoch closes and opens, members renew, one comes back from his words, the audit holds")
    func wholePath() async throws {
        try await withAssembly { a in
            let (url, community) = (a.url, a.community)
            #expect(try a.state(try await a.run("wallet", "renew", "--wallet", "ann", "--service", url, "--json")) == "current")
            let early = try await a.run("community", "epoch", "open", "--data", "data", "--json")
            #expect(early.status == 1)
            #expect(try early.object()["code"] as? String == "epoch-not-closed")
            #expect(try await a.run("community", "epoch", "close", "--data", "data").status == 0)
            #expect(try await a.run("community", "epoch", "open", "--data", "data").status == 0)
            try await a.until("waiting", "wallet", "renew", "--wallet", "ann", "--service", url, "--json")
            let status = try await a.run("community", "epoch", "status", "--data", "data", "--json").object()
            #expect(status["state"] as? String == "renewing" && status["renewals-waiting"] as? Int == 1)
            try await a.until("waiting", "wallet", "renew", "--wallet", "bob", "--service", url, "--json")
            try await a.until("renewed", "wallet", "renew", "--wallet", "ann", "--service", url, "--json")
            try await a.until("renewed", "wallet", "renew", "--wallet", "bob", "--service", url, "--json")
            #expect(try a.state(try await a.run("wallet", "renew", "--wallet", "ann", "--service", url, "--json")) == "current")

            // Ann lost her file, not her words.
            try a.write(try #require(a.phrases["ann"]) + "\n", "words")
            #expect(try await a.run("wallet", "init", "--wallet", "again", "--phrase-file", "words").status == 0)
            let restored = try await a.run("wallet", "restore", "--wallet", "again", "--service", url, "--community", community, "--json")
            #expect(restored.status == 0, "\(restored.errors)")
            let credential = try #require(try restored.object()["credential"] as? [String: Any])
            #expect(credential["epoch"] as? Int == 2 && (credential["values"] as? [String: Int])?["votes"] == 30)

            let audit = try await a.run("audit", "\(url)/log", "--community", community, "--json")
            #expect(audit.status == 0, "\(audit.output)")
            let reports = try await a.run("wallet", "reports", "--wallet", "ann", "--service", url, "--epoch", "2")
            #expect(reports.status == 0 && reports.output == "[]\n")
            let disputes = try await a.run("community", "disputes", "--data", "data", "--epoch", "1", "--uphold", "1")
            #expect(disputes.status == 1)
        }
    }

    @Test("What settled, was topped up and renewed in three epochs holds by the model's audit too, and under another schema does not")
    func secondAudit() async throws {
        try await withAssembly { a in
            var leaves = 0
            for _ in 0..<100 where leaves < 2 {
                try await Task.sleep(for: .milliseconds(100))
                leaves = try await a.run("community", "status", "--data", "data", "--json").object()["leaves"] as? Int ?? 0
            }
            try await a.misbehave("ann", message: String(repeating: "a", count: 64))
            try await a.misbehave("bob", message: String(repeating: "b", count: 64))
            try await a.renew(["ann", "bob"])
            try a.write("person,votes\nann,12\n", "november.csv")
            let made = try await a.run(
                "community", "top-up", "--data", "data", "--csv", "november.csv", "--person-column", "person", "--label", "november",
                "--codes", "top-up.csv")
            #expect(made.status == 0, "\(made.errors)")
            try a.write(try #require(try a.codes("top-up.csv").first) + "\n", "top-up.code")
            try await a.until(
                "waiting", "wallet", "top-up", "--wallet", "ann", "--service", a.url, "--code-file", "top-up.code", "--json")
            // The wallet has not gone on to the topped-up leaf: the renewal does.
            try await a.renew(["ann", "bob"])
            // Bob has no room for a warning more, and showed that.
            for (name, values) in [("ann", ["votes": 42, "warnings": 1]), ("bob", ["votes": 3, "warnings": 10])] {
                let shown = try await a.run("wallet", "show", "--wallet", name, "--json").object()["credentials"] as? [[String: Any]]
                #expect(shown?.last?["values"] as? [String: Int] == values && shown?.last?["epoch"] as? Int == 3)
            }

            #expect(try await a.run("community", "export", "--data", "data", "export").status == 0)
            #expect(try await a.run("audit", "export", "--community", a.community).status == 0)
            let other = try await checkLog("export", "--id", a.community, in: a.folder)
            #expect(other.status == 0 && other.output.contains("2 leaves issued, 4 renewed, 1 topped up, 0 taken out"), "\(other.output)")
            try a.write(try a.read("export/community.json").replacingOccurrences(of: "feedback", with: "growing"), "export/community.json")
            let broken = try await checkLog("export", in: a.folder)
            #expect(broken.status == 1 && broken.output.contains("entry 1: log-rules"), "\(broken.output)")
        }
    }

    @Test("A top-up from the table to the credential, and a revocation that takes it out again")
    func topUp() async throws {
        try await withAssembly { a in
            try a.write("person,votes\nann,12\nbob,\n", "november.csv")
            func make(_ label: String, _ codes: String) async throws -> Run {
                try await a.run(
                    "community", "top-up", "--data", "data", "--csv", "november.csv", "--person-column", "person", "--label", label,
                    "--codes",
                    codes, "--json")
            }
            let made = try await make("november", "top-up.csv")
            #expect(made.status == 0, "\(made.errors)")
            #expect(try made.object()["codes"] as? Int == 1 && made.object()["skipped"] as? Int == 1)
            let twice = try await make("november", "more.csv")
            #expect(twice.status == 2 && twice.errors.contains("under this label already"))
            #expect(!FileManager.default.fileExists(atPath: a.folder.appendingPathComponent("more.csv").path))
            let code = try #require(try a.codes("top-up.csv").first)
            #expect(!made.output.contains(code) && !made.errors.contains(code))

            try a.write(code + "\n", "top-up.code")
            // A claim code where a top-up code belongs, and the other way round.
            let wrong = try await a.run("wallet", "top-up", "--wallet", "ann", "--service", a.url, "--code-file", "ann.code")
            #expect(wrong.status == 2 && wrong.errors.contains("the other kind"))
            let claim = try await a.run(
                "wallet", "claim", "--wallet", "ann", "--service", a.url, "--community", a.community, "--code-file", "top-up.code")
            #expect(claim.status == 2 && claim.errors.contains("the other kind"))
            try await a.until(
                "waiting", "wallet", "top-up", "--wallet", "ann", "--service", a.url, "--code-file", "top-up.code", "--json")
            try await a.until("toppedUp", "wallet", "top-up", "--wallet", "ann", "--service", a.url, "--continue", "--json")
            func votes(_ wallet: String) async throws -> Int? {
                let shown = try await a.run("wallet", "show", "--wallet", wallet, "--json").object()["credentials"] as? [[String: Any]]
                return (shown?.last?["values"] as? [String: Int])?["votes"]
            }
            #expect(try await votes("ann") == 42)
            let stolen = try await a.run("wallet", "top-up", "--wallet", "bob", "--service", a.url, "--code-file", "top-up.code")
            #expect(stolen.status == 1 && stolen.errors.contains("code-used"))
            #expect(try await votes("bob") == 3)
            let nothing = try await a.run("wallet", "top-up", "--wallet", "bob", "--service", a.url, "--continue")
            #expect(nothing.status == 1)

            let unknown = try await a.run("community", "revoke", "--data", "data", "--person", "nobody", "--json")
            #expect(unknown.status == 1)
            #expect(try unknown.object()["verdict"] as? String == "person-unknown")
            let revoked = try await a.run("community", "revoke", "--data", "data", "--person", "ann", "--json")
            #expect(revoked.status == 0)
            #expect(try revoked.object()["leaves"] as? Int == 2)
            var audit = try await a.run("audit", "\(a.url)/log", "--community", a.community, "--json")
            for _ in 0..<100 where try audit.object()["removed"] as? Int != 2 {
                try await Task.sleep(for: .milliseconds(100))
                audit = try await a.run("audit", "\(a.url)/log", "--community", a.community, "--json")
            }
            #expect(audit.status == 0, "\(audit.output)")
            #expect(try audit.object()["removed"] as? Int == 2)
        }
    }

    @Test("Killed again and again while it claims, tops up and renews, a wallet loses nothing and takes nothing twice")
    func killed() async throws {
        try await withAssembly(claiming: false, minimum: 1) { a in
            // A wallet opens in some hundred milliseconds, and is at work for about as long.
            var kills = 0
            func insist(_ arguments: [String], until isDone: (Run) throws -> Bool) async throws {
                for attempt in 0..<60 {
                    // Later and later, so that in the end it gets through.
                    guard let run = try await a.run(arguments, killedAfter: 100 + 40 * attempt) else {
                        kills += 1
                        continue
                    }
                    if try isDone(run) { return }
                }
                Issue.record("\(arguments) never gets through")
            }
            try await insist(
                ["wallet", "claim", "--wallet", "ann", "--service", a.url, "--community", a.community, "--code-file", "ann.code", "--json"]
            ) { $0.status == 0 }
            try a.write("person,votes\nann,12\n", "november.csv")
            let made = try await a.run(
                "community", "top-up", "--data", "data", "--csv", "november.csv", "--person-column", "person", "--label", "november",
                "--codes", "top-up.csv")
            #expect(made.status == 0, "\(made.errors)")
            try a.write(try #require(try a.codes("top-up.csv").first) + "\n", "top-up.code")
            let topUp = ["wallet", "top-up", "--wallet", "ann", "--service", a.url, "--code-file", "top-up.code", "--json"]
            try await insist(topUp) { run in
                // Refused, because it was done: the run before was killed with the new credential already kept.
                if run.status == 1 { return true }
                return try run.status == 0 && a.state(run) == "toppedUp"
            }
            #expect(try await a.run("community", "epoch", "close", "--data", "data").status == 0)
            #expect(try await a.run("community", "epoch", "open", "--data", "data").status == 0)
            try await insist(["wallet", "renew", "--wallet", "ann", "--service", a.url, "--json"]) { run in
                guard run.status == 0 else { return false }
                let credential = try run.object()["credential"] as? [String: Any]
                return credential?["epoch"] as? Int == 2
            }
            #expect(kills >= 9, "killed \(kills) times")
            let shown = try await a.run("wallet", "show", "--wallet", "ann", "--json").object()["credentials"] as? [[String: Any]]
            #expect((shown?.last?["values"] as? [String: Int])?["votes"] == 42)
            let audit = try await a.run("audit", "\(a.url)/log", "--community", a.community, "--json")
            #expect(audit.status == 0, "\(audit.output)")
            #expect(try audit.object()["appended"] as? Int == 3, "one by claim, one by top-up, one by renewal: \(audit.output)")
            // All of it once more from the words.
            try a.write(try #require(a.phrases["ann"]) + "\n", "words")
            #expect(try await a.run("wallet", "init", "--wallet", "again", "--phrase-file", "words").status == 0)
            let restored = try await a.run(
                "wallet", "restore", "--wallet", "again", "--service", a.url, "--community", a.community, "--json")
            let credential = try restored.object()["credential"] as? [String: Any]
            #expect(credential?["epoch"] as? Int == 2 && (credential?["values"] as? [String: Int])?["votes"] == 42)
        }
    }
}
