import Foundation
import FoundationNetworking
import StoreSupport
import Testing

@Suite("The commands together", .serialized) struct WholePathTests {
    @Test("An operator makes a community, a member claims and presents, a forum verifies offline")
    func wholePath() async throws {
        try await withTemporaryFolder { folder in
            let passphrase = ["SYMBOLON_PASSPHRASE": "correct horse", "XDG_STATE_HOME": folder.path + "/state"]
            func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
            func read(_ name: String) throws -> String { try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8) }
            try write(#"[{"name":"votes","kind":"growing","least":0,"greatest":1000}]"#, "schema.json")
            try write("person,votes\nann,30\nbob,3\n", "members.csv")

            // The operator.
            let made = try await symbolon(
                "community", "init", "--data", "data", "--name", "assembly", "--schema", "schema.json", "--depth", "1", "--batch-leaves",
                "2",
                "--batch-seconds", "1", "--json", in: folder
            )
            #expect(made.status == 0)
            let community = try #require(try made.object()["community"] as? String)
            #expect(
                try await symbolon("community", "init", "--data", "data", "--name", "x", "--schema", "schema.json", in: folder).status == 2)
            let imported = try await symbolon(
                "community", "import", "--data", "data", "--csv", "members.csv", "--person-column", "person", "--codes", "codes.csv",
                "--json",
                in: folder)
            #expect(imported.status == 0)
            #expect(try imported.object()["imported"] as? Int == 2)
            let codes = try read("codes.csv").split(separator: "\n").dropFirst().map { String($0.split(separator: ",")[1]) }
            #expect(!imported.output.contains(codes[0]) && !imported.errors.contains(codes[0]))
            let twice = try await symbolon(
                "community", "import", "--data", "data", "--csv", "members.csv", "--person-column", "person", "--codes", "more.csv",
                in: folder)
            #expect(twice.status == 2)

            // The service, in a process of its own.
            let server = process(
                ["serve", "--data", "data", "--port", "0", "--audience", "forum", "--metrics-port", "0", "--json"],
                in: folder)
            let output = Pipe()
            server.standardOutput = output
            server.standardError = FileHandle.nullDevice
            try server.run()
            defer { server.terminate() }
            let line = await onOwnThread { output.fileHandleForReading.availableData }
            let serving = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            let url = try #require(serving["url"] as? String)
            let metrics = try #require((serving["metrics"] as? String).flatMap(URL.init(string:)))
            let audience = try #require((serving["audiences"] as? [[String: String]])?.first?["id"])
            let token = try read("data/audiences/forum.token")

            let (early, _) = try await URLSession.shared.data(from: try #require(URL(string: "\(url)/log/checkpoint")))
            try early.write(to: folder.appendingPathComponent("early.txt"))

            // Two members.
            for (name, code) in zip(["ann", "bob"], codes) {
                try write(code + "\n", "\(name).code")
                #expect(try await symbolon("wallet", "init", "--wallet", name, in: folder, environment: passphrase).status == 0)
                func claim(_ id: String) async throws -> Run {
                    try await symbolon(
                        "wallet", "claim", "--wallet", name, "--service", url, "--community", id, "--code-file", "\(name).code", "--json",
                        in: folder,
                        environment: passphrase)
                }
                let stranger = try await claim(String(repeating: "0", count: 64))
                #expect(stranger.status == 2)
                let claimed = try await claim(community)
                #expect(claimed.status == 0)
                #expect((try claimed.object()["values"] as? [String: Int])?["votes"] == (name == "ann" ? 30 : 3))
            }
            // Another wallet with a used code.
            #expect(try await symbolon("wallet", "init", "--wallet", "thief", in: folder, environment: passphrase).status == 0)
            let theft = try await symbolon(
                "wallet", "claim", "--wallet", "thief", "--service", url, "--community", community, "--code-file", "ann.code", in: folder,
                environment: passphrase)
            #expect(theft.status == 1)
            #expect(theft.errors.contains("code-used"))
            let wrong = try await symbolon("wallet", "show", "--wallet", "ann", in: folder, environment: ["SYMBOLON_PASSPHRASE": "wrong"])
            #expect(wrong.status == 2)
            #expect(wrong.errors.contains("wallet-passphrase"))

            // Until the batch with both is published.
            var leaves = 0
            for _ in 0..<100 where leaves < 2 {
                try await Task.sleep(for: .milliseconds(100))
                leaves = try await symbolon("community", "status", "--data", "data", "--json", in: folder).object()["leaves"] as? Int ?? 0
            }
            #expect(leaves == 2)

            func ask(_ bound: Int = 20) async throws -> (nonce: String, document: Data) {
                var request = URLRequest(url: try #require(URL(string: "\(url)/v1/audiences/\(audience)/requests")))
                request.httpMethod = "POST"
                request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
                request.httpBody = Data(
                    #"{"purposes":[{"purpose":"act","subject":"766f7465"}],"predicates":["votes >= \#(bound)"]}"#.utf8)
                let (data, _) = try await URLSession.shared.data(for: request)
                let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
                return (try #require(object["nonce"] as? String), data)
            }
            func present(_ name: String, _ nonce: String, _ more: String...) async throws -> Run {
                let process = process(
                    [
                        "wallet", "present", "--wallet", name, "--service", url, "--audience", audience, "--nonce", nonce, "--json",
                        "--smallest-set", "0",
                    ] + more,
                    in: folder,
                    environment: passphrase)
                let output = Pipe()
                process.standardOutput = output
                process.standardError = FileHandle.nullDevice
                try process.run()
                let data = await onOwnThread { output.fileHandleForReading.readDataToEndOfFile() }
                process.waitUntilExit()
                return Run(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self), errors: "")
            }
            let accepted = try await present("ann", try await ask().nonce)
            #expect(accepted.status == 0)
            #expect(try accepted.object()["verdict"] as? String == "accepted")
            // The copy was brought up to date for that; as it is new, nothing is fetched for the next ones, unless one says so.
            func checked() throws -> Date {
                let file = folder.path + "/state/symbolon/logs/\(community)-light.checkpoint"
                return try #require(try FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date)
            }
            /// How often what is published was asked for.
            func fetches() async throws -> Int {
                let text = String(decoding: try await URLSession.shared.data(from: metrics).0, as: UTF8.self)
                let routes = ["/log/", "/v1/histogram", "/v1/spent/"].map { #"route="\#($0)"# }
                let lines = text.split(separator: "\n").filter { $0.hasPrefix("symbolon_http_requests_total") }
                return lines.filter { line in routes.contains { line.contains($0) } }
                    .compactMap { Int($0.split(separator: " ").last ?? "") }.reduce(0, +)
            }
            let (before, fetchedBefore) = (try checked(), try await fetches())
            let second = try await present("ann", try await ask().nonce)
            #expect(second.status == 1)
            #expect(try checked() == before)
            #expect(try await fetches() == fetchedBefore && fetchedBefore > 0)
            #expect(try await present("ann", try await ask().nonce, "--fetch").object()["code"] as? String == "already-spent")
            #expect(try checked() > before)
            #expect(try await fetches() > fetchedBefore)
            // As is one that is old.
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -3_600)],
                ofItemAtPath: folder.path + "/state/symbolon/logs/\(community)-light.checkpoint")
            let old = try checked()
            #expect(try await present("ann", try await ask().nonce).object()["code"] as? String == "already-spent")
            #expect(try checked() > old)
            #expect(try second.object()["code"] as? String == "already-spent")
            // Another bound than the forum asked first needs the member's word, once.
            let searching = try await present("ann", try await ask(21).nonce)
            #expect(searching.status == 1)
            #expect(try searching.object()["code"] as? String == "policy-changed")
            #expect(try await present("ann", try await ask(21).nonce, "--accept-policy").object()["code"] as? String == "already-spent")
            #expect(try await present("ann", try await ask(21).nonce).object()["code"] as? String == "already-spent")
            let few = try await present("bob", try await ask().nonce)
            #expect(few.status == 1)
            #expect(try few.object()["code"] as? String == "not-satisfied")

            // Offline.
            let (nonce, document) = try await ask()
            #expect(try await present("ann", nonce, "--out", "answer.json").status == 0)
            try document.write(to: folder.appendingPathComponent("request.json"))
            for (path, name) in [("v1/community", "community.json"), ("log/checkpoint", "checkpoint.txt")] {
                let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: "\(url)/\(path)")))
                try data.write(to: folder.appendingPathComponent(name))
            }
            func verify(
                request: String = "request.json", answer: String = "answer.json", checkpoint: String = "checkpoint.txt", _ more: String...
            ) async throws -> Run {
                try await symbolon(
                    [
                        "verify", "--community", "community.json", "--id", community, "--checkpoint", checkpoint, "--request", request,
                        "--answer", answer, "--json",
                    ] + more, in: folder, environment: passphrase)
            }
            #expect(try await verify("--log", url + "/log").status == 0)
            // The checkpoint of the empty tree is signed too, and older than what was seen.
            let older = try await verify(checkpoint: "early.txt")
            #expect(older.status == 1)
            #expect(try older.object()["code"] as? String == "checkpoint-older")
            let holds = try await verify()
            #expect(holds.status == 0)
            #expect((try holds.object()["nullifiers"] as? [String])?.count == 1)
            try (try await ask().document).write(to: folder.appendingPathComponent("other.json"))
            let other = try await verify(request: "other.json")
            #expect(other.status == 1)
            #expect(try other.object()["verdict"] as? String == "refused")
            #expect(try await verify(answer: "request.json").status == 2)
            #expect(try await verify(answer: "nowhere.json").status == 2)

            // Asked to end, the service ends by itself.
            server.terminate()
            server.waitUntilExit()
            #expect(server.terminationReason == .exit && server.terminationStatus == 0)
        }
    }
}
