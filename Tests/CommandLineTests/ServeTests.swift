import Foundation
import FoundationNetworking
import StoreSupport
import Testing

@Suite("Serving on the internet", .serialized) struct ServeTests {
    /// A folder with a community in `data`.
    private func withCommunity(_ body: (URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try Data(#"[{"name":"votes","kind":"growing","least":0,"greatest":1000}]"#.utf8)
                .write(to: folder.appendingPathComponent("schema.json"))
            let made = try await symbolon(
                "community", "init", "--data", "data", "--name", "assembly", "--schema", "schema.json", "--depth", "1", in: folder)
            #expect(made.status == 0, "\(made.errors)")
            try await body(folder)
        }
    }

    private func write(_ text: String, _ name: String, in folder: URL) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    private func certificate(_ name: String, in folder: URL) throws {
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "\(name).key", "-out", "\(name).pem",
        ]
        openssl.currentDirectoryURL = folder
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        #expect(openssl.terminationStatus == 0)
    }

    /// The verdicts of a check by their subjects.
    private func findings(_ run: Run) throws -> [String: String] {
        let findings = try #require(try run.object()["findings"] as? [[String: String]])
        return Dictionary(findings.map { ($0["subject"] ?? "", $0["verdict"] ?? "") }, uniquingKeysWith: { max($0, $1) })
    }

    @Test("A check says of everything whether it is right")
    func check() async throws {
        try await withCommunity { folder in
            func check(_ more: String..., environment: [String: String] = [:]) async throws -> Run {
                try await symbolon(
                    ["serve", "--data", "data", "--port", "0", "--check", "--json"] + more, in: folder, environment: environment)
            }
            let fine = try await check("--audience", "forum", "--issuer", "https://id.example.org", "--proxy", "10.0.0.0/8")
            #expect(fine.status == 0, "\(fine.output)\(fine.errors)")
            #expect(
                try findings(fine) == ["data": "fine", "audiences": "fine", "keys": "fine", "issuer": "fine", "port": "fine"])
            // Nothing was made.
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/data/audiences"))

            #expect(try findings(try await check("--issuer", "https://id.example.org"))["proxies"] == "warning")
            #expect(try findings(try await check("--host", "0.0.0.0"))["host"] == "warning")
            try certificate("a", in: folder)
            try certificate("b", in: folder)
            let pair = try await check("--tls-certificate", "a.pem", "--tls-key", "a.key")
            #expect(pair.status == 0)
            #expect(try findings(pair)["tls"] == "fine")
            let mixed = try await check("--tls-certificate", "a.pem", "--tls-key", "b.key")
            #expect(mixed.status == 1)
            #expect(try findings(mixed)["tls"] == "wrong")
            #expect(try await check("--tls-certificate", "none.pem", "--tls-key", "a.key").status == 1)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder.path + "/data/log.key")
            let open = try await check()
            #expect(open.status == 1)
            #expect(try findings(open)["keys"] == "wrong")
            let empty = try await symbolon("serve", "--data", "nowhere", "--check", "--json", in: folder)
            #expect(empty.status == 1)
            #expect(try findings(empty)["data"] == "wrong")
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/nowhere"))
        }
    }

    @Test("The command line comes before the environment, that before the file; what is not a setting is refused")
    func settings() async throws {
        try await withCommunity { folder in
            func port(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
                let run = try await symbolon(["serve", "--check", "--json"] + arguments, in: folder, environment: environment)
                let findings = try #require(try run.object()["findings"] as? [[String: String]])
                return try #require(findings.first { $0["subject"] == "port" }?["text"])
            }
            try write(
                #"{"data":"data","port":45671,"tls":{},"limits":{"claims":5},"audiences":["forum"],"proxies":[]}"#, "s.json", in: folder)
            #expect(try await port(["--config", "s.json"]).contains(" 45671 "))
            #expect(try await port(["--config", "s.json"], environment: ["SYMBOLON_PORT": "45672"]).contains(" 45672 "))
            #expect(
                try await port(["--config", "s.json", "--port", "45673"], environment: ["SYMBOLON_PORT": "45672"]).contains(" 45673 "))
            #expect(try await port([], environment: ["SYMBOLON_DATA": "data", "SYMBOLON_PORT": "45674"]).contains(" 45674 "))

            let wrong = [
                (#"{"data":"data","prot":8080}"#, "prot"), (#"{"data":"data","limits":{"claim":5}}"#, "limits.claim"),
                (#"{"data":"data","port":"eighty"}"#, "SYMBOLON_PORT"), (#"{"data":"data","port":70000}"#, "0 to 65535"),
                (#"{"data":"data","proxies":["10.0.0.1/8"]}"#, "10.0.0.1/8"), (#"{"data":"data","tls":{"key":"k"}}"#, "tls.key"),
                (#"{"data":"data","issuer":"https://id.example.org/path"}"#, "issuer"), (#"{"data":"data","log":"loud"}"#, "SYMBOLON_LOG"),
                (#"{"port":1,"port":2}"#, "w.json"), (#"["data"]"#, "w.json"), (#"{"port":8080}"#, "SYMBOLON_DATA"), ("{", "w.json"),
            ]
            for (text, named) in wrong {
                try write(text, "w.json", in: folder)
                let run = try await symbolon("serve", "--check", "--config", "w.json", in: folder)
                #expect(run.status == 2, "\(text): \(run.output)")
                #expect(run.errors.contains(named), "\(text): \(run.errors)")
            }
            #expect(try await symbolon("serve", "--check", "--config", "none.json", in: folder).status == 2)
        }
    }

    /// A service that runs while something is done with it; gives its address, that of its metrics, and how to end it and read what it logged.
    private func serving(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:],
        _ body: (_ url: String, _ metrics: String) async throws -> Void
    ) async throws -> String {
        let server = process(["serve", "--data", "data", "--port", "0", "--json"] + arguments, in: folder, environment: environment)
        let (output, errors) = (Pipe(), Pipe())
        (server.standardOutput, server.standardError) = (output, errors)
        try server.run()
        defer { server.terminate() }
        let line = await onOwnThread { output.fileHandleForReading.availableData }
        let text = Task { await onOwnThread { String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) } }
        let said = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
        try await body(try #require(said["url"] as? String), said["metrics"] as? String ?? "")
        server.terminate()
        server.waitUntilExit()
        #expect(server.terminationStatus == 0)
        return await text.value
    }

    @Test("Each network has its limits, by what the trusted proxy says; metrics and log name nobody")
    func limits() async throws {
        try await withCommunity { folder in
            let environment = ["SYMBOLON_LIMITS_CLAIMS": "2", "SYMBOLON_LOG": "info", "SYMBOLON_LOG_FORMAT": "json"]
            let log = try await serving(["--proxy", "127.0.0.1", "--metrics-port", "0"], in: folder, environment: environment) {
                url, metrics in
                func claim(from address: String?, at path: String = "/v1/credentials") async throws -> (status: Int, wait: String?) {
                    var request = URLRequest(url: try #require(URL(string: url + path)))
                    (request.httpMethod, request.httpBody) = ("POST", Data("{}".utf8))
                    if let address { request.setValue(address, forHTTPHeaderField: "X-Forwarded-For") }
                    let response = try await URLSession.shared.data(for: request).1 as? HTTPURLResponse
                    return (try #require(response?.statusCode), response?.value(forHTTPHeaderField: "Retry-After"))
                }
                for _ in 0..<2 { #expect(try await claim(from: "203.0.113.5").status == 400) }
                let refused = try await claim(from: "203.0.113.5")
                #expect(refused.status == 429)
                #expect((1...30).contains(Int(refused.wait ?? "") ?? 0))
                #expect(try await claim(from: "203.0.113.5", at: "//v1//credentials").status == 429)
                // What a client claims to be does not help it; others and this machine itself are not touched.
                #expect(try await claim(from: "192.0.2.77, 203.0.113.5").status == 429)
                #expect(try await claim(from: "203.0.113.6").status == 400)
                for _ in 0..<4 { #expect(try await claim(from: nil).status == 400) }
                let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: metrics)))
                let text = String(decoding: data, as: UTF8.self)
                #expect(text.contains(#"symbolon_http_limited_total{kind="claims"} 3"#))
                #expect(text.contains(#"symbolon_http_requests_total{method="POST",route="/v1/credentials",status="400"} 7"#))
                #expect(text.contains("symbolon_tree_leaves 0\n") && text.contains("process_resident_memory_bytes "))
                #expect(!text.contains("203.0.113"))
            }
            let lines = log.split(separator: "\n").filter { $0.hasPrefix("{") }
            #expect(lines.contains { $0.contains(#""route":"/v1/credentials""#) && $0.contains(#""status":"429""#) })
            #expect(!log.contains("203.0.113"))
        }
    }

    @Test("With a certificate it speaks TLS, and nothing else")
    func tls() async throws {
        try await withCommunity { folder in
            try certificate("a", in: folder)
            _ = try await serving(["--tls-certificate", "a.pem", "--tls-key", "a.key"], in: folder) { url, _ in
                #expect(url.hasPrefix("https://127.0.0.1:"))
                func curl(_ arguments: String...) throws -> (status: Int32, output: String) {
                    let curl = Process()
                    curl.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
                    curl.arguments = ["--silent", "--max-time", "10"] + arguments
                    curl.currentDirectoryURL = folder
                    let output = Pipe()
                    curl.standardOutput = output
                    try curl.run()
                    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                    curl.waitUntilExit()
                    return (curl.terminationStatus, text)
                }
                let answer = try curl("--cacert", "a.pem", "\(url)/live")
                #expect(answer.status == 0 && answer.output == #"{"status":"ok"}"#)
                #expect(try curl("--cacert", "a.pem", "--tls-max", "1.1", "\(url)/live").status != 0)
                #expect(try curl("http" + url.dropFirst(5) + "/live").status != 0)
            }
        }
    }
}
