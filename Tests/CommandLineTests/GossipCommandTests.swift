import Foundation
import FoundationNetworking
import StoreSupport
import Testing

@Suite("Two histories of a log on the command line", .serialized) struct GossipCommandTests {
    @Test("A member who was shown one and a verifier who was shown the other find out from each other")
    func twoHistories() async throws {
        try await withTemporaryFolder { folder in
            let environment = ["SYMBOLON_PASSPHRASE": "correct horse", "XDG_STATE_HOME": folder.path + "/state"]
            func run(_ arguments: String...) async throws -> Run { try await symbolon(arguments, in: folder, environment: environment) }
            func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
            func read(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }
            func serving(_ data: String) async throws -> (Process, url: String, audience: String) {
                let server = process(["serve", "--data", data, "--port", "0", "--audience", "forum", "--json"], in: folder)
                let output = Pipe()
                server.standardOutput = output
                server.standardError = FileHandle.nullDevice
                try server.run()
                let line = await onOwnThread { output.fileHandleForReading.availableData }
                let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
                let audience = try #require((object["audiences"] as? [[String: String]])?.first?["id"])
                return (server, try #require(object["url"] as? String), audience)
            }
            func call(_ url: String, token: String? = nil, _ body: Data? = nil) async throws -> (status: Int, body: Data) {
                var request = URLRequest(url: try #require(URL(string: url)))
                if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
                if let body { (request.httpMethod, request.httpBody) = ("POST", body) }
                let (data, response) = try await URLSession.shared.data(for: request)
                return (try #require((response as? HTTPURLResponse)?.statusCode), data)
            }
            func object(_ data: Data) throws -> [String: Any] {
                try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            }

            try write(#"[{"name":"votes","kind":"growing","least":0,"greatest":1000}]"#, "schema.json")
            try write("participant,votes\nann,30\nbob,30\n", "members.csv")
            let made = try await run(
                "community", "init", "--data", "data", "--name", "assembly", "--schema", "schema.json", "--depth", "1", "--batch-leaves",
                "1", "--json")
            let community = try #require(try made.object()["community"] as? String)
            _ = try await run("community", "import", "--data", "data", "--csv", "members.csv", "--codes", "codes.csv")
            let codes = try String(decoding: read("codes.csv"), as: UTF8.self).split(separator: "\n").dropFirst().map {
                String($0.split(separator: ",")[1])
            }
            // The operator's log as it is, and a copy that goes another way under the same keys.
            let (first, _, audience) = try await serving("data")
            first.terminate()
            first.waitUntilExit()
            try FileManager.default.copyItem(
                at: folder.appendingPathComponent("data"), to: folder.appendingPathComponent("other"))
            let token = String(decoding: try read("data/audiences/forum.token"), as: UTF8.self)
            let (server, url, _) = try await serving("data")
            defer { server.terminate() }
            let (twin, otherURL, otherAudience) = try await serving("other")
            defer { twin.terminate() }
            #expect(audience == otherAudience)
            for (name, code, service) in [("ann", codes[0], url), ("bob", codes[1], otherURL)] {
                try write(code + "\n", "\(name).code")
                _ = try await run("wallet", "init", "--wallet", name)
                let claimed = try await run(
                    "wallet", "claim", "--wallet", name, "--service", service, "--community", community, "--code-file", "\(name).code",
                    "--state", "state-\(name)")
                #expect(claimed.status == 0, "\(claimed.errors)")
                var leaves = 0
                for _ in 0..<100 where leaves < 1 {
                    try await Task.sleep(for: .milliseconds(100))
                    let run = try await run(
                        "wallet", "sync", "--service", service, "--community", community, "--state", "state-\(name)", "--json")
                    leaves = try run.object()["leaves"] as? Int ?? 0
                }
                #expect(leaves == 1)
            }
            let question = Data(#"{"purposes":[{"purpose":"act","subject":"766f7465"}],"predicates":["votes >= 20"]}"#.utf8)
            func ask(_ service: String) async throws -> Data {
                try await call("\(service)/v1/audiences/\(audience)/requests", token: token, question).body
            }
            func present(_ request: String, _ more: String...) async throws -> Run {
                try await symbolon(
                    [
                        "wallet", "present", "--wallet", "ann", "--service", url, "--audience", audience, "--request", request, "--json",
                        "--smallest-set", "0", "--state", "state-ann", "--fetch",
                    ] + more, in: folder, environment: environment)
            }

            // The verifier was shown the other history: what he tells gives it away.
            let asked = try await ask(otherURL)
            try asked.write(to: folder.appendingPathComponent("request.json"))
            let refused = try await present("request.json", "--out", "answer.json")
            #expect(refused.status == 1)
            #expect(try refused.object()["code"] as? String == "log-fork")
            let proof = try #require(try refused.object()["proof"] as? String)
            #expect(proof.hasPrefix("state-ann/logs/\(community)-fork-") && refused.errors.contains(proof))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/answer.json"))
            // Nothing is presented to anybody any more, and an auditor sees what the proof says.
            try (try await ask(url)).write(to: folder.appendingPathComponent("own.json"))
            #expect(try await present("own.json").object()["proof"] as? String == proof)
            let audited = try await run(
                "audit", "\(url)/log", "--community", community, "--state", "auditor", "--checkpoint", proof, "--json")
            #expect(audited.status == 1)
            #expect((try audited.object()["findings"] as? [[String: Any]])?.map { $0["code"] as? String } == ["log-fork"])
            try FileManager.default.removeItem(at: folder.appendingPathComponent(proof))
            #expect(try await present("own.json").status == 0)

            // The other way round: a verifier who tells nothing finds out from the answer.
            var silent = try object(asked)
            #expect((silent.removeValue(forKey: "checkpoint") as? String)?.contains("symbolon-batch") == true)
            try JSONSerialization.data(withJSONObject: silent).write(to: folder.appendingPathComponent("silent.json"))
            #expect(try await present("silent.json", "--out", "answer.json").status == 0)
            let sent = try await call("\(otherURL)/v1/audiences/\(audience)/presentations", try read("answer.json"))
            #expect(sent.status == 409)
            #expect(try object(sent.body)["code"] as? String == "log-fork")
            #expect(try object(try await call("\(otherURL)/health").body)["log-forks"] as? Int == 1)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path + "/other").contains { $0.hasPrefix("checkpoints-fork-") })

            // And from files: with the log, and without it where both are of one size.
            for (path, name) in [("v1/community", "community.json"), ("log/checkpoint", "checkpoint.txt")] {
                try (try await call("\(otherURL)/\(path)").body).write(to: folder.appendingPathComponent(name))
            }
            for more in [[], ["--log", "\(otherURL)/log"]] {
                let verified = try await symbolon(
                    [
                        "verify", "--community", "community.json", "--id", community, "--checkpoint", "checkpoint.txt", "--request",
                        "silent.json", "--answer", "answer.json", "--state", "verifier-\(more.count)", "--json",
                    ] + more, in: folder, environment: environment)
                #expect(verified.status == 1)
                #expect(try verified.object()["code"] as? String == "log-fork")
                #expect(verified.errors.contains(try #require(try verified.object()["proof"] as? String)))
            }
        }
    }
}
