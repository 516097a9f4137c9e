import Foundation
import Testing

@Suite("Exit statuses and streams") struct ExitStatusTests {
    @Test(
        "Wrong usage is 2, on standard error, with nothing on standard output",
        arguments: [
            ["bogus"], ["protocol", "make-case"], ["protocol", "make-case", "--depth", "5"], ["protocol", "make-case", "--depth", "x"],
            ["protocol", "make-case", "--depth", "1", "--leaves", "121"], ["protocol", "check-case"], ["measure", "--depth", "0"],
            ["measure", "--depth", "2", "--disclosed", "3"], ["measure", "--depth", "1", "--batch", "121"], ["community", "init"],
            ["serve", "--data", "x", "--port", "70000"], ["wallet", "present", "--service", "x", "--audience", "y"], ["verify", "--bogus"],
        ])
    func usage(_ arguments: [String]) async throws {
        let run = try await runAll(arguments)
        #expect(run.status == 2)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("Error:"))
    }

    private func runAll(_ arguments: [String]) async throws -> Run {
        switch arguments.count {
        case 1: try await symbolon(arguments[0])
        case 2: try await symbolon(arguments[0], arguments[1])
        case 3: try await symbolon(arguments[0], arguments[1], arguments[2])
        case 4: try await symbolon(arguments[0], arguments[1], arguments[2], arguments[3])
        case 5: try await symbolon(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4])
        default: try await symbolon(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5])
        }
    }

    @Test("Help and version are 0, on standard output")
    func help() async throws {
        for run in [try await symbolon("--help"), try await symbolon("help", "wallet", "claim"), try await symbolon("--version")] {
            #expect(run.status == 0)
            #expect(!run.output.isEmpty)
            #expect(run.errors.isEmpty)
        }
    }

    @Test("Trouble with the environment is 2 and says what is wrong")
    func environment() async throws {
        try await withTemporaryFolder { folder in
            let missing = try await symbolon("community", "status", "--data", "nowhere", in: folder)
            #expect(missing.status == 2)
            #expect(missing.errors.contains("symbolon community init"))
            let demo = try await symbolon("demo", "--csv", "nowhere.csv", in: folder)
            #expect(demo.status == 2)
            #expect(demo.errors.contains("nowhere.csv"))
            // No terminal, no variable, no file: the passphrase is asked for in vain.
            let wallet = try await symbolon("wallet", "init", in: folder, environment: ["SYMBOLON_PASSPHRASE": ""])
            #expect(wallet.status == 2)
            #expect(wallet.errors.contains("--passphrase-file"))
        }
    }
}

@Suite("Cases") struct CaseTests {
    @Test("A made case is accepted by its own check; a wrong statement is 1; what is no case is 2", arguments: 1...4)
    func roundTrip(_ depth: Int) async throws {
        try await withTemporaryFolder { folder in
            let made = try await symbolon("protocol", "make-case", "--depth", String(depth), in: folder)
            #expect(made.status == 0)
            var object = try made.object()
            try made.output.write(to: folder.appendingPathComponent("good.json"), atomically: true, encoding: .utf8)
            object["valid"] = false
            let wrong = try JSONSerialization.data(withJSONObject: [object])
            try wrong.write(to: folder.appendingPathComponent("wrong.json"))
            let good = try await symbolon("protocol", "check-case", "good.json", "--json", in: folder)
            #expect(good.status == 0)
            let list = try #require(try good.json() as? [[String: Any]])
            #expect(list.count == 1)
            #expect(Set(list[0].keys) == ["file", "index", "expected", "got", "why"])
            #expect(list[0]["got"] as? Bool == true)
            let bad = try await symbolon("protocol", "check-case", "good.json", "wrong.json", "--json", in: folder)
            #expect(bad.status == 1)
            #expect((try bad.json() as? [[String: Any]])?.count == 2)
        }
    }

    @Test("Numbers that are no exact integers, unknown shapes of values and other files are malformed, not rejected")
    func malformed() async throws {
        try await withTemporaryFolder { folder in
            let made = try await symbolon("protocol", "make-case", "--depth", "1", in: folder).output
            let file = folder.appendingPathComponent("case.json")
            func status(_ text: String) async throws -> Int32 {
                try text.write(to: file, atomically: true, encoding: .utf8)
                let run = try await symbolon("protocol", "check-case", "case.json", in: folder)
                if run.status == 2 { #expect(run.output.isEmpty && run.errors.contains("case.json")) }
                return run.status
            }
            #expect(try await status(made) == 0)
            #expect(try await status("") == 2)
            #expect(try await status("3") == 2)
            #expect(try await status("[{}]") == 2)
            #expect(try await status(made.replacingOccurrences(of: "\"depth\":1", with: "\"depth\":1.0")) == 2)
            #expect(try await status(made.replacingOccurrences(of: "\"depth\":1", with: "\"depth\":18446744073709551617")) == 2)
            #expect(try await status(made.replacingOccurrences(of: "\"depth\":1", with: "\"depth\":\"1\"")) == 2)
            #expect(try await status(made.replacingOccurrences(of: "\"valid\":true", with: "\"valid\":1")) == 2)
            #expect(try await status(made.replacingOccurrences(of: "\"root\":\"0", with: "\"root\":\"x")) == 2)
            // Of the right form, and wrong: a verdict.
            #expect(try await status(made.replacingOccurrences(of: "\"depth\":1", with: "\"depth\":2")) == 1)
            #expect(try await status(made.replacingOccurrences(of: "\"gates\":256", with: "\"gates\":512")) == 1)
            #expect(try await status(made.replacingOccurrences(of: "\"width_q\":120", with: "\"width_q\":119")) == 1)
            for name in ["missing.json", "."] {
                let unreadable = try await symbolon("protocol", "check-case", name, in: folder)
                #expect(unreadable.status == 2)
            }
        }
    }

    @Test("A made case holds for the model too, with as many predicates as force larger arguments")
    func manyPredicates() async throws {
        try await withTemporaryFolder { folder in
            let made = try await symbolon("protocol", "make-case", "--depth", "2", "--predicates", "5", "--leaves", "1", in: folder)
            #expect(try made.object()["gates"] as? Int == 512)
            try made.output.write(to: folder.appendingPathComponent("case.json"), atomically: true, encoding: .utf8)
            #expect(try await symbolon("protocol", "check-case", "case.json", in: folder).status == 0)
        }
    }
}

@Suite("Measuring") struct MeasureTests {
    @Test("One JSON object with every figure")
    func figures() async throws {
        let run = try await symbolon("measure", "--depth", "3", "--batch", "2", "--repetitions", "1", "--json")
        #expect(run.status == 0)
        let figures = try run.object()
        let whole: [String: Int] = [
            "depth": 3, "attributes": 3, "predicates": 1, "disclosed": 1, "scopes": 1, "batch": 2, "repetitions": 1, "gates": 256,
            "capacity": 1_497_600, "leaves": 120 + 103 + 119, "threads": 2,
        ]
        for (name, value) in whole { #expect(figures[name] as? Int == value, "\(name)") }
        #expect(figures["build"] as? String == "release")
        for name in ["prove_cpu_ms", "prove_wall_ms", "verify_cpu_ms", "verify_wall_ms", "batch_verify_cpu_ms_per_proof"] {
            #expect((figures[name] as? Double ?? 0) > 0, "\(name)")
        }
        #expect((figures["presentation_bytes"] as? Int ?? .max) <= 3600)
        #expect((figures["peak_rss_bytes"] as? Int ?? 0) > 1 << 20)
        #expect(figures.count == 19)
    }
}
