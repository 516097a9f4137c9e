import AsyncHTTPClient
import Foundation
import Logging
import Membership
import NIOCore
import Platform
import Reputation
import Synchronization
import Testing
import VerifierService

/// Keeps everything that is logged.
private final class LogBook: Sendable {
    let lines = Mutex<[String]>([])

    struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            book.lines.withLock { $0.append("\(event.message) \(all)") }
        }
    }
}

/// The service with its HTTP, running on a free port, and one member with a claim code.
private struct RunningService {
    let url: String
    let client: ServiceClient
    let community: Community
    let forum: Audience
    let code: ClaimCode
    let log: LogBook

    static func with(
        threads: Int = 2, capacity: Int = 64, _ body: @escaping @Sendable (RunningService) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { path in
            let directory = DataDirectory(path: path + "/data")
            let key = try directory.createLogKey()
            let community = try Community(logKey: key.publicKey, origin: Array("assembly".utf8), schema: CommunityFixture.schema())
            let store = try directory.openStore()
            try await Issuer.create(
                community: community, depth: 1, batching: try Batching(leaves: 1, seconds: 1), store: store, key: key, now: 0)
            let code = try await MemberImport.makeCodes(
                for: [.init(person: "1", values: [0, 50, -1])], community: community.id, capacity: 120, store: store)[0].code
            let forum = try directory.audience(named: "forum")
            let book = LogBook()
            let service = try await CommunityService(
                store: store, key: key, audiences: AudienceBook([forum]),
                options: .init(port: 0, threads: threads, capacity: capacity))
            let (ports, running) = AsyncStream.makeStream(of: Int.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { running.finish() }
                    try await service.run(logger: Logger(label: "test") { _ in LogBook.Handler(book: book) }, signals: []) {
                        running.yield($0)
                    }
                }
                let port = try #require(await ports.first { _ in true })
                let url = "http://127.0.0.1:\(port)"
                try await body(
                    RunningService(
                        url: url, client: ServiceClient(url: url), community: community, forum: forum, code: code, log: book))
                // Ends the service as a signal would; that it comes to an end is part of every test here.
                group.cancelAll()
                try await group.waitForAll()
            }
            try store.close()
        }
    }

    /// A bare call: status, headers, body.
    func call(
        _ method: String, _ path: String, _ body: [UInt8] = [], token: String? = nil, headers: [String: String] = [:]
    ) async throws -> (Int, [String: String], [UInt8]) {
        var request = HTTPClientRequest(url: url + path)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if !body.isEmpty { request.body = .bytes(ByteBuffer(bytes: body)) }
        // How long a test may take is not what is tested: other tests run at the same time.
        let response = try await HTTPClient.shared.execute(request, timeout: .minutes(5))
        let headers = Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        return (Int(response.status.code), headers, Array(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    /// Expects a problem of this status and code, in the form that it must have.
    func expect(
        _ expected: String, from method: String, _ path: String, _ body: [UInt8] = [], token: String? = nil
    ) async throws {
        let (status, headers, bytes) = try await call(method, path, body, token: token)
        #expect(headers["content-type"] == "application/problem+json")
        var object = try JSONObject(JSON(parsing: bytes))
        #expect(try object.integer("status") == Int64(status))
        let code = try #require(try object.take("code").text)
        #expect(try object.take("type").text == "urn:symbolon:problem:\(code)")
        #expect(try object.take("title").text?.isEmpty == false)
        try object.finish()
        #expect("\(status) \(code)" == expected)
    }

    /// A member with a credential in the published tree.
    func claim() async throws -> (Wallet, Credential, CurveTree) {
        var wallet = Wallet(phrase: Phrase())
        let credential = try await client.claim(code, community: community, wallet: &wallet, store: { _ in })
        return (wallet, credential, try await client.tree(of: community, leaves: 1))
    }
}

@Suite("HTTP service") struct ServiceTests {
    @Test("The whole path over HTTP, and nothing secret in the log")
    func wholePath() async throws {
        try await RunningService.with { service in
            let described = try await service.client.description()
            #expect(described.community == service.community)
            #expect(described.audiences.map(\.name) == ["forum"])
            let (wallet, credential, tree) = try await service.claim()
            let path = try ServiceClient.path(of: credential, in: tree)
            let schema = service.community.schema
            let question = Question(purposes: [.act(subject: [1])], disclose: ["group"], predicates: ["votes >= 20"], lifetime: 60)
            let asked = try await service.client.ask(question, audience: service.forum.id, token: service.forum.token, schema: schema)
            #expect(try await service.client.request(nonce: asked.context.nonce, schema: schema).request == asked)
            let now = Int64(Date().timeIntervalSince1970)
            let answer = try wallet.present(asked, with: credential, to: service.forum.id, path: path, now: now)
            // Each tells the other the newest checkpoint that he knows.
            var mirror = try await LogMirror(community: service.community)
            try await mirror.update(from: service.client.log)
            let told = try #require(try await service.client.request(nonce: asked.context.nonce, schema: schema).checkpoint)
            #expect(try await mirror.hear(told))
            var doctored = told
            doctored[told.count - 20] = told[told.count - 20] == 0x41 ? 0x42 : 0x41
            await #expect(throws: ServiceClient.Failure.refused(code: "note-signature", status: 422)) {
                try await service.client.present(answer, to: service.forum.id, schema: schema, checkpoint: doctored)
            }
            let verdict = try await service.client.present(
                answer, to: service.forum.id, schema: schema, checkpoint: mirror.told(to: told))
            #expect(verdict["verdict"]?.text == "accepted")
            #expect(verdict["disclosed"]?["group"] == .integer(Int64(-1)))
            await #expect(throws: ServiceClient.Failure.refused(code: "request-used", status: 409)) {
                try await service.client.present(answer, to: service.forum.id, schema: schema)
            }
            let (status, _, health) = try await service.call("GET", "/health")
            #expect(status == 200)
            #expect(try JSON(parsing: health)["status"]?.text == "ok" && JSON(parsing: health)["log-forks"] == .integer(Int64(0)))

            let lines = service.log.lines.withLock { $0 }
            #expect(lines.contains { $0.contains("/v1/credentials") }, "requests are logged by their route")
            let secrets = [
                service.code.text, service.forum.token, Hex.text(asked.context.nonce), Hex.text(credential.leaf), service.forum.id.hex,
                "127.0.0.1:",
            ]
            for line in lines where !line.contains("Server started") {
                for secret in secrets { #expect(!line.contains(secret), "the log shows what is not its business: \(line)") }
            }
        }
    }

    @Test("What is wrong comes back as problem details with a stable code")
    func problems() async throws {
        try await RunningService.with { service in
            let forum = "/v1/audiences/\(service.forum.id.hex)"
            let token = service.forum.token
            let question = Array(#"{"purposes":[{"purpose":"act","subject":"01"}]}"#.utf8)
            try await service.expect("404 not-found", from: "GET", "/nowhere")
            try await service.expect("404 not-found", from: "DELETE", "/health")
            try await service.expect("401 unauthorized", from: "POST", forum + "/requests", question)
            try await service.expect("401 unauthorized", from: "POST", forum + "/requests", question, token: token + "0")
            let nobody = "/v1/audiences/\(String(repeating: "0", count: 64))"
            try await service.expect("404 audience-unknown", from: "POST", nobody + "/requests", question, token: token)
            try await service.expect("404 audience-unknown", from: "POST", nobody + "/presentations", Array("{}".utf8))
            let unknownMember = Array(#"{"purposes":[],"policy":1}"#.utf8)
            try await service.expect("400 json-member-unknown", from: "POST", forum + "/requests", unknownMember, token: token)
            try await service.expect("400 json-malformed", from: "POST", forum + "/presentations", Array("{".utf8))
            let large = [UInt8](repeating: 0x20, count: 200_000)
            try await service.expect("413 body-too-large", from: "POST", forum + "/presentations", large)
            try await service.expect("413 body-too-large", from: "POST", "/v1/credentials", Array(large.prefix(5000)))
            try await service.expect("404 request-unknown", from: "GET", "/v1/requests/00")
            try await service.expect("404 request-unknown", from: "GET", "/v1/requests/zz")
            for name in [
                "", "tile", "tile/0/000", "tile/0/000.p/03", "tile/0/x000/000.p/2", "tile/entries/000.p/9", "tile/8/000", "../health",
            ] {
                try await service.expect("404 not-found", from: "GET", "/log/" + name)
            }
            // Still alive and well.
            #expect(try await service.call("POST", forum + "/requests", question, token: token).0 == 201)
        }
    }

    @Test("Pages of every origin may call what is public, and nothing that a token opens")
    func otherOrigins() async throws {
        try await RunningService.with { service in
            let audience = "/v1/audiences/\(service.forum.id.hex)"
            let nonce = String(repeating: "0", count: 64)
            let open: [(String, String)] = [
                ("GET", "/openapi.json"), ("GET", "/log/checkpoint"), ("GET", "/log//tile/entries/000.p/9"), ("GET", "/v1/community"),
                ("GET", "/v1/histogram"), ("GET", "/v1/spent/1"), ("GET", "/v1/spent/x"), ("GET", audience + "/policy"),
                ("GET", "/v1/requests/" + nonce), ("POST", audience + "/presentations"), ("POST", audience + "/appeals"),
                ("POST", "/v1/credentials"), ("POST", "/v1/top-ups"), ("POST", "/v1/top-ups/offer"), ("POST", "/v1/renewals"),
            ]
            for (method, path) in open {
                // Whatever the answer is: most of these are refusals here.
                let headers = try await service.call(method, path).1
                #expect(headers["access-control-allow-origin"] == "*", "\(path)")
                #expect(headers["access-control-allow-credentials"] == nil && headers["cross-origin-resource-policy"] == "cross-origin")
                let (status, asked, body) = try await service.call("OPTIONS", path, headers: ["Access-Control-Request-Method": method])
                #expect(status == 204 && body.isEmpty && asked["access-control-allow-origin"] == "*")
                #expect(asked["access-control-allow-methods"] == method && asked["access-control-allow-headers"] == "content-type")
                #expect(try await service.call("OPTIONS", path).0 == 404, "what asks for nothing is answered as anything else")
            }
            let closed: [(String, String)] = [
                ("GET", "/live"), ("GET", "/nowhere"), ("GET", "/log"), ("GET", "/v1/reports?epoch=1"), ("POST", audience + "/requests"),
                ("GET", audience + "/requests/" + nonce), ("GET", audience + "/requests/\(nonce)/events"),
                ("DELETE", audience + "/requests/" + nonce), ("POST", audience + "/reports"), ("GET", audience),
                ("GET", "/v1/requests/\(nonce)/x"), ("GET", "/v1/community/x"),
            ]
            for (method, path) in closed {
                #expect(try await service.call(method, path, token: service.forum.token).1["access-control-allow-origin"] == nil, "\(path)")
                let asked = try await service.call("OPTIONS", path, headers: ["Access-Control-Request-Method": method])
                #expect(asked.0 == 404 && asked.1["access-control-allow-origin"] == nil)
            }
        }
    }

    @Test("With more to do than it takes on, the service says when to come back, and goes on")
    func backPressure() async throws {
        try await RunningService.with(threads: 1, capacity: 1) { service in
            var wallet = Wallet(phrase: Phrase())
            let claim = try wallet.beginClaim(community: service.community, code: service.code).json.encoded()
            let answers = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        let (status, headers, _) = try await service.call("POST", "/v1/credentials", claim)
                        return (status, headers["retry-after"])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.contains { $0.0 == 200 })
            #expect(answers.allSatisfy { $0.0 == 200 || ($0.0 == 503 && $0.1 == "1") })
            #expect(answers.contains { $0.0 == 503 }, "sixty at once on one place: some have to wait")
            // The place is free again a moment after the last answer went out.
            var status = 503
            for _ in 0..<100 where status == 503 {
                try await Task.sleep(for: .milliseconds(20))
                status = try await service.call("POST", "/v1/credentials", claim).0
            }
            #expect(status == 200)
        }
    }

    @Test("The log is served as tiles, with headers that let caches keep what never changes")
    func tiles() async throws {
        try await RunningService.with { service in
            _ = try await service.claim()
            // The epoch, its first batch, the leaf, its batch.
            let (status, headers, note) = try await service.call("GET", "/log/checkpoint")
            #expect(status == 200 && headers["content-type"] == "text/plain; charset=utf-8")
            #expect(headers["cache-control"] == "public, max-age=2" && headers["access-control-allow-origin"] == "*")
            let checkpoint = try Checkpoint(note: note, community: service.community)
            #expect(checkpoint.size == 4)
            let (_, bundleHeaders, bundle) = try await service.call("GET", "/log/tile/entries/000.p/4")
            let entries = try EntryBundle.decode(bundle, count: 4)
            #expect(bundleHeaders["content-type"] == "application/octet-stream")
            #expect(bundleHeaders["cache-control"] == "public, max-age=3600")
            var log = MerkleTree()
            for entry in entries { log.append(entry) }
            #expect(log.root == checkpoint.root)
            // Earlier checkpoints' partial tiles stay.
            #expect(try await service.call("GET", "/log/tile/entries/000.p/2").2 == EntryBundle.encode(Array(entries.prefix(2))))
            #expect(try await service.call("GET", "/log/tile/0/000.p/4").2 == entries.flatMap { MerkleTree.leafHash($0).bytes })
            #expect(try Community(json: JSON(parsing: try await service.call("GET", "/log/community.json").2)) == service.community)
            let lines = service.log.lines.withLock { $0 }
            #expect(lines.contains { $0.contains("/log/**") } && !lines.contains { $0.contains("entries/") })
        }
    }
}

@Suite("Work pool") struct WorkPoolTests {
    @Test("It runs off the caller's thread, passes errors on and refuses beyond its bound")
    func bound() async throws {
        let pool = WorkPool(threads: 1, capacity: 2)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        let blocked = Task {
            try await pool.run {
                start.yield()
                gate.wait()
                return 1
            }
        }
        for await _ in started { break }
        // The first computes and one may wait: of the next ten, nine find no place.
        let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do { return try await pool.run { true } } catch is WorkPool.Busy { return false }
                }
            }
            var outcomes: [Bool] = []
            while let outcome = try await group.next() {
                outcomes.append(outcome)
                if outcomes.count == 9 { gate.signal() }
            }
            return outcomes
        }
        #expect(outcomes == [Bool](repeating: false, count: 9) + [true])
        #expect(try await blocked.value == 1)
        struct Own: Error {}
        await #expect(throws: Own.self) { try await pool.run { throw Own() } }
        try await pool.shutdown()
    }
}

@Suite("Data directory") struct DataDirectoryTests {
    @Test("Keys are their owner's alone, made once, and an audience's id and token follow from its key")
    func keys() async throws {
        try await withTemporaryDirectory { path in
            let directory = DataDirectory(path: path + "/data")
            #expect(throws: DataDirectory.Failure.noCommunity(directory.path)) { try directory.logKey() }
            let key = try directory.createLogKey()
            #expect(try directory.logKey().publicKey == key.publicKey)
            #expect(throws: DataDirectory.Failure.notEmpty(directory.path)) { try directory.createLogKey() }
            let forum = try directory.audience(named: "forum")
            #expect(try directory.audience(named: "forum").token == forum.token)
            #expect(try directory.audiences().map(\.id) == [forum.id])
            #expect(try directory.audience(named: "other").token != forum.token)
            for file in ["/data/log.key", "/data/audiences/forum.key", "/data/audiences/forum.token"] {
                let mode = try #require(FileManager.default.attributesOfItem(atPath: path + file)[.posixPermissions] as? NSNumber)
                #expect(mode.intValue == 0o600)
            }
            #expect(throws: DataDirectory.Failure.audienceName("../x")) { try directory.audience(named: "../x") }
            try Data("zz".utf8).write(to: URL(fileURLWithPath: path + "/data/log.key"))
            #expect(throws: DataDirectory.Failure.file(directory.path + "/log.key")) { try directory.logKey() }
        }
    }
}
