import Foundation
import Membership
import Platform
import Reputation
import VerifierService

/// Presentations a second through the real service on loopback, from clients that each send one after the other; service and clients share this
/// machine's cores. Depth 4, one predicate, sign-in; all presentations are made before the clock starts.
///
/// The good ones and those with bad ones among them are the same presentations, each time sent to a service on a fresh copy of the store.
struct LoadMeasurement {
    let clients: Int
    let presentations: Int
    /// Addresses of empty PostgreSQL databases, one for each of the three stores; none keeps them in files.
    var databases: [String] = []
    /// Members of the community.
    private static let members = 16
    private static let depth = 4

    /// What the figures are, for who reads them without this source.
    private static let description = """
        sign-in with one predicate, depth 4; prepared presentations POSTed over HTTP/1.1 on loopback, one at a time from each client over a \
        connection kept open; clients and service share this machine's cores; an answer is sent once the acceptance is on disk
        """

    func figures() async throws -> [(String, Figure)] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbolon-load-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func directory(_ number: Int) -> DataDirectory {
            DataDirectory(path: folder.path + "/\(number)", database: databases.isEmpty ? nil : databases[number])
        }
        let (asked, answers) = try await prepare(directory(0))
        let backup = try await Backup.make(of: directory(0), to: folder.path + "/backup", now: Int64(Date().timeIntervalSince1970))
        let path = "/v1/audiences/\(asked.audience.hex)/presentations"
        func send(_ answers: [PresentationAnswer], _ number: Int) async throws -> LoadClients.Run {
            try await backup.restore(from: folder.path + "/backup", to: directory(number))
            let requests = answers.map { LoadClients.post(path, $0.json(asked.schema).encoded()) }
            return try await Self.serve(directory(number)) { port, _ in
                try await LoadClients(count: clients, port: port).run(requests)
            }
        }
        let good = try await send(answers, 1)
        let spoilt = answers.enumerated().map { i, answer in i % 100 == 50 ? Self.spoilt(answer) : answer }
        let mixed = try await send(spoilt, 2)
        let bad = (0..<presentations).filter { $0 % 100 == 50 }.count
        let right = mixed.answers.enumerated().allSatisfy { i, answer in answer.status == (i % 100 == 50 ? 422 : 200) }
        guard good.answers.allSatisfy({ $0.status == 200 }), right else { throw CommandFailure("a verdict was wrong") }

        func figures(_ name: String, _ run: LoadClients.Run) -> [(String, Figure)] {
            let count = Double(run.answers.count)
            return [
                ("\(name)_per_second", .time(run.rate)), ("\(name)_p50_ms", .time(run.milliseconds(quantile: 0.5))),
                ("\(name)_p99_ms", .time(run.milliseconds(quantile: 0.99))), ("\(name)_service_cpu_ms_each", .time(run.serviceCPU / count)),
                ("\(name)_client_cpu_ms_each", .time(run.clientCPU / count)),
            ]
        }
        return [
            ("measured", .text(Self.description)), ("cores", .whole(ProcessInfo.processInfo.activeProcessorCount)),
            ("store", .text(databases.isEmpty ? "SQLite" : "PostgreSQL")), ("clients", .whole(clients)),
            ("presentations", .whole(presentations)), ("depth", .whole(Self.depth)), ("bad", .whole(bad)),
        ] + figures("good", good) + figures("mixed", mixed) + figures("requests_made", asked.run) + [
            ("peak_rss_bytes", .whole(Timing.peakResidentBytes))
        ]
    }

    /// What the audience asked, and how long the service took to make the requests.
    private struct Asked {
        let audience: Digest
        let schema: Schema
        let run: LoadClients.Run
    }

    /// Makes a community of members in an empty folder and, for each presentation, a request and its answer.
    private func prepare(_ directory: DataDirectory) async throws -> (Asked, [PresentationAnswer]) {
        let key = try directory.createLogKey()
        let schema = try Schema([.counter("comments", atMost: 100_000), .counter("votes", atMost: 1_000_000), .flag("verified")])
        let community = try Community(logKey: key.publicKey, origin: Array("load".utf8), schema: schema)
        let store = try directory.openStore()
        try await Issuer.create(
            community: community, depth: Self.depth, batching: try Batching(leaves: UInt32(Self.members), seconds: 3600), store: store,
            key: key, now: Int64(Date().timeIntervalSince1970))
        let rows = (0..<Self.members).map { "m\($0),3,\(30 + $0),1" }.joined(separator: "\n")
        let table = try CSV(parsing: Array("person,comments,votes,verified\n\(rows)\n".utf8))
        let imported = try MemberImport.members(of: table, schema: schema, personColumn: "person", whenEmpty: [:])
        let codes = try await MemberImport.makeCodes(
            for: imported, community: community.id, capacity: try TreeShape(depth: Self.depth).capacity, store: store)
        let members = zip(imported, codes).map { DemoMember(code: $1.code, values: $0.values) }
        let forum = try directory.audience(named: "forum")
        try store.close()
        return try await Self.serve(directory) { port, client in
            for member in members { try await member.claim(of: community, from: client) }
            let tree = try await client.tree(of: community, leaves: members.count)
            let question = Question(
                purposes: [.signIn], disclose: ["verified"], predicates: ["votes >= 20"], lifetime: Question.greatestLifetime)
            let ask = LoadClients.post("/v1/audiences/\(forum.id.hex)/requests", token: forum.token, question.json.encoded())
            let asked = try await LoadClients(count: clients, port: port).run([[UInt8]](repeating: ask, count: presentations))
            var bar = ProgressBar("Proving", total: presentations)
            var answers: [PresentationAnswer] = []
            for (i, answer) in asked.answers.enumerated() {
                let request = try PresentationRequest(json: JSON(parsing: answer.body).separatingCheckpoint().content, schema: schema)
                let now = Int64(Date().timeIntervalSince1970)
                answers.append(try await members[i % members.count].answer(request, to: forum.id, in: tree, now: now))
                bar.update(i + 1)
            }
            return (Asked(audience: forum.id, schema: schema, run: asked), answers)
        }
    }

    /// Runs the service of a folder on a free port of loopback.
    private static func serve<T>(_ directory: DataDirectory, _ body: (Int, ServiceClient) async throws -> T) async throws -> T {
        let store = try directory.openStore()
        let service = try await CommunityService(
            store: store, key: try directory.logKey(), audiences: AudienceBook(try directory.audiences()),
            options: .init(port: 0))
        let result = try await withLocalService(service, body)
        try store.close()
        return result
    }

    /// One bit off: of the right length and form, and false.
    private static func spoilt(_ answer: PresentationAnswer) -> PresentationAnswer {
        var bytes = answer.presentation
        bytes[bytes.count - 1] ^= 1
        return PresentationAnswer(
            request: answer.request, root: answer.root, ticket: answer.ticket, disclosed: answer.disclosed, presentation: bytes)
    }
}
