import Foundation
import StoreSupport
import Testing

@Suite("The log on the command line", .serialized) struct PublicLogCommandTests {
    /// A long-running command that prints one line of JSON once it serves.
    private func serving(_ arguments: [String], in folder: URL) async throws -> (Process, [String: Any]) {
        let server = process(arguments, in: folder)
        let output = Pipe()
        server.standardOutput = output
        server.standardError = FileHandle.nullDevice
        try server.run()
        let line = await onOwnThread { output.fileHandleForReading.availableData }
        return (server, try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any]))
    }

    @Test("Served, witnessed, exported, audited here and by another program; a doctored log and another history are found")
    func publicLog() async throws {
        try await withTemporaryFolder { folder in
            let environment = ["SYMBOLON_PASSPHRASE": "correct horse", "XDG_STATE_HOME": folder.path + "/state"]
            func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
            func copy(_ from: String, _ to: String) throws {
                try FileManager.default.copyItem(at: folder.appendingPathComponent(from), to: folder.appendingPathComponent(to))
            }
            try write(#"[{"name":"votes","kind":"growing","least":0,"greatest":1000}]"#, "schema.json")
            try write("participant,votes\nann,30\nbob,3\n", "members.csv")
            let made = try await symbolon(
                "community", "init", "--data", "data", "--name", "assembly", "--schema", "schema.json", "--depth", "1", "--batch-leaves",
                "1", "--batch-seconds", "1", "--json", in: folder)
            let community = try #require(try made.object()["community"] as? String)
            _ = try await symbolon("community", "import", "--data", "data", "--csv", "members.csv", "--codes", "codes.csv", in: folder)
            let codes = try String(contentsOf: folder.appendingPathComponent("codes.csv"), encoding: .utf8).split(separator: "\n")
                .dropFirst()
                .map { String($0.split(separator: ",")[1]) }
            #expect(codes.count == 2)
            func export(_ name: String) async throws {
                #expect(try await symbolon("community", "export", "--data", "data", name, in: folder).status == 0)
            }
            try await export("first")
            try copy("data", "other")

            // A witness in a process of its own, asked for by the policy.
            let logKey = try #require(
                try await symbolon("community", "status", "--data", "data", "--json", in: folder).object()["log-key"] as? String)
            let witnessKey = try #require(
                try await symbolon("witness", "init", "--data", "witness", "--name", "w.example", "--json", in: folder).object()["key"]
                    as? String)
            let (witness, seen) = try await serving(
                ["witness", "serve", "--data", "witness", "--port", "0", "--log", logKey, "--json"], in: folder)
            defer { witness.terminate() }
            let policy = "log \(logKey)\nwitness w \(witnessKey) \(try #require(seen["url"] as? String))\nquorum w\n"
            try write(policy, "witnesses.txt")
            let (server, served) = try await serving(
                ["serve", "--data", "data", "--port", "0", "--witnesses", "witnesses.txt", "--json"], in: folder)
            defer { server.terminate() }
            let url = try #require(served["url"] as? String)
            for (name, code) in zip(["ann", "bob"], codes) {
                try write(code + "\n", "\(name).code")
                _ = try await symbolon("wallet", "init", "--wallet", name, in: folder, environment: environment)
                let claimed = try await symbolon(
                    "wallet", "claim", "--wallet", name, "--service", url, "--community", community, "--code-file", "\(name).code",
                    in: folder, environment: environment)
                #expect(claimed.status == 0)
            }
            func sync() async throws -> Run {
                try await symbolon(
                    "wallet", "sync", "--service", url, "--community", community, "--witnesses", "witnesses.txt", "--json", in: folder,
                    environment: environment)
            }
            var leaves = 0
            for _ in 0..<100 where leaves < 2 {
                try await Task.sleep(for: .milliseconds(100))
                let run = try await sync()
                leaves = run.status == 0 ? try run.object()["leaves"] as? Int ?? 0 : 0
            }
            #expect(leaves == 2)

            func audit(_ source: String, _ more: String...) async throws -> (status: Int32, codes: [String], report: [String: Any]) {
                let run = try await symbolon(
                    ["audit", source, "--community", community, "--json"] + more, in: folder, environment: environment)
                let report = try run.object()
                return (run.status, (report["findings"] as? [[String: Any]] ?? []).compactMap { $0["code"] as? String }, report)
            }
            let whole = try await audit("\(url)/log", "--witnesses", "witnesses.txt")
            #expect(whole.status == 0 && whole.codes.isEmpty && whole.report["appended"] as? Int == 2)
            let memory = try #require(whole.report["remembered"] as? String)
            #expect(memory.hasPrefix(folder.path + "/state") && FileManager.default.fileExists(atPath: memory))
            #expect((whole.report["witnesses"] as? [[String: Any]])?.first?["time"] is Int)

            try await export("second")
            let again = try await audit("second", "--witnesses", "witnesses.txt", "--checkpoint", "first/checkpoint")
            #expect(again.status == 0 && (again.report["contained"] as? [Int])?.first == 2)
            let other = try await checkLog("second", "--id", community, "--before", "first/checkpoint", "--witness", witnessKey, in: folder)
            #expect(other.status == 0 && other.output.contains("all holds"), "\(other.output)")
            #expect(try await checkLog("first", "--before", "second/checkpoint", in: folder).status == 1)
            #expect(try await checkLog("first", "--witness", witnessKey, in: folder).output.contains("did not cosign"))

            // What was seen is remembered: the earlier export is an older log now. An export without cosignatures is not enough.
            #expect(try await audit("first").codes == ["checkpoint-older"])
            #expect(try await audit("first", "--witnesses", "witnesses.txt").codes.first == "checkpoint-quorum")
            let stale = try await symbolon(
                "audit", "first", "--community", String(repeating: "0", count: 64), "--json", in: folder, environment: environment)
            #expect(stale.status == 1)
            #expect(try await symbolon("audit", "nowhere", in: folder, environment: environment).status == 2)

            // One bit of one entry, one of one tile.
            for path in ["tile/entries/000.p", "tile/0/000.p"] {
                try copy("second", "doctored")
                let width = try #require(FileManager.default.contentsOfDirectory(atPath: folder.path + "/doctored/" + path).first)
                let file = folder.appendingPathComponent("doctored/\(path)/\(width)")
                var bytes = [UInt8](try Data(contentsOf: file))
                bytes[bytes.count / 2] ^= 1
                try Data(bytes).write(to: file)
                #expect(try await audit("doctored").status == 1)
                #expect(try await checkLog("doctored", in: folder).status == 1)
                try FileManager.default.removeItem(at: folder.appendingPathComponent("doctored"))
            }

            // The operator shows this wallet and this auditor another history under the same key: what they saw before gives it away.
            let (other_, elsewhere) = try await serving(["serve", "--data", "other", "--port", "0", "--json"], in: folder)
            defer { other_.terminate() }
            let otherURL = try #require(elsewhere["url"] as? String)
            let shown = try await symbolon(
                "wallet", "sync", "--service", otherURL, "--community", community, "--json", in: folder, environment: environment)
            #expect(shown.status == 1)
            #expect(try shown.object()["code"] as? String == "checkpoint-older")
            #expect(try await audit("\(otherURL)/log").codes == ["checkpoint-older"])
            // Who never looked before is told the same by a friend's checkpoint.
            #expect(
                try await audit("\(otherURL)/log", "--state", "fresh", "--checkpoint", "second/checkpoint").codes == ["checkpoint-older"])
            #expect(try await audit("\(otherURL)/log", "--state", "fresh").status == 0)
        }
    }
}
