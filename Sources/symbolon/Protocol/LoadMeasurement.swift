import Foundation
import Membership
import Platform
import Reputation
import VerifierService

/// Presentations a second through the real service on loopback, from clients that each send one after the other; service and clients share this
/// machine's cores. Depth 4, one predicate, sign-in; all presentations are made before the clock starts.
struct LoadMeasurement {
    let clients: Int
    let presentations: Int
    /// Members of the community.
    private static let members = 16
    private static let depth = 4

    /// What a run of the clients found.
    private struct Run {
        var milliseconds: [Double] = []
        var accepted = 0, refused = 0
        var seconds = 0.0

        func quantile(_ q: Double) -> Double { milliseconds.sorted()[min(milliseconds.count - 1, Int(q * Double(milliseconds.count)))] }
    }

    func figures() async throws -> [(String, Figure)] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbolon-load-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let directory = DataDirectory(path: folder.path)
        let key = try directory.createLogKey()
        let schema = try Schema([.counter("comments", atMost: 100_000), .counter("votes", atMost: 1_000_000), .flag("verified")])
        let community = try Community(logKey: key.publicKey, origin: Array("load".utf8), schema: schema)
        let store = try directory.openStore()
        try await Issuer.create(community: community, depth: Self.depth, store: store, key: key)
        let rows = (0..<Self.members).map { "m\($0),3,\(30 + $0),1" }.joined(separator: "\n")
        let table = try CSV(parsing: Array("person,comments,votes,verified\n\(rows)\n".utf8))
        let imported = try MemberImport.members(of: table, schema: schema, personColumn: "person", whenEmpty: [:])
        let codes = try await MemberImport.makeCodes(
            for: imported, community: community.id, capacity: try TreeShape(depth: Self.depth).capacity, store: store)
        let members = zip(imported, codes).map { DemoMember(code: $1.code, values: $0.values) }
        let forum = try directory.audience(named: "forum")
        let service = try await CommunityService(
            store: store, key: key, audiences: [forum], options: .init(port: 0, batching: .init(leaves: members.count, seconds: 3600)))

        var good = Run(), mixed = Run()
        try await withLocalService(service) { client in
            for member in members { try await member.claim(of: community, from: client) }
            var checkpoint = try await client.checkpoint(of: community)
            while Int(checkpoint.batch.leafCount) < members.count {
                try await Task.sleep(for: .milliseconds(100))
                checkpoint = try await client.checkpoint(of: community)
            }
            let tree = try await client.tree(of: checkpoint)
            var bar = ProgressBar("Proving", total: 2 * presentations)
            var answers: [PresentationAnswer] = []
            for i in 0..<2 * presentations {
                let question = Question(purposes: [.signIn], disclose: ["verified"], predicates: ["votes >= 20"], lifetime: 3600)
                let request = try await client.ask(question, audience: forum.id, token: forum.token, schema: schema)
                let now = Int64(Date().timeIntervalSince1970)
                answers.append(try await members[i % members.count].answer(request, to: forum.id, in: tree, now: now))
                bar.update(i + 1)
            }
            good = try await run(Array(answers[..<presentations]), client, forum.id, schema)
            let second = answers[presentations...].enumerated().map { i, answer in i % 100 == 50 ? Self.spoilt(answer) : answer }
            mixed = try await run(second, client, forum.id, schema)
        }
        try store.close()
        let bad = (0..<presentations).filter { $0 % 100 == 50 }.count
        guard good.accepted == presentations, mixed.accepted == presentations - bad, mixed.refused == bad else {
            throw CommandFailure("a verdict was wrong: \(good.accepted) and \(mixed.accepted) accepted, \(mixed.refused) refused")
        }
        return [
            ("clients", .whole(clients)), ("presentations", .whole(presentations)), ("depth", .whole(Self.depth)), ("bad", .whole(bad)),
            ("good_per_second", .time(Double(presentations) / good.seconds)), ("good_p50_ms", .time(good.quantile(0.5))),
            ("good_p99_ms", .time(good.quantile(0.99))), ("mixed_per_second", .time(Double(presentations) / mixed.seconds)),
            ("mixed_p50_ms", .time(mixed.quantile(0.5))), ("mixed_p99_ms", .time(mixed.quantile(0.99))),
            ("peak_rss_bytes", .whole(Timing.peakResidentBytes)),
        ]
    }

    /// One bit off: of the right length and form, and false.
    private static func spoilt(_ answer: PresentationAnswer) -> PresentationAnswer {
        var bytes = answer.presentation
        bytes[bytes.count - 1] ^= 1
        return PresentationAnswer(
            request: answer.request, root: answer.root, ticket: answer.ticket, disclosed: answer.disclosed, presentation: bytes)
    }

    private func run(_ answers: [PresentationAnswer], _ client: ServiceClient, _ audience: Digest, _ schema: Schema) async throws -> Run {
        let clock = ContinuousClock()
        let start = clock.now
        var result = Run()
        try await withThrowingTaskGroup(of: [(Double, Bool)].self) { group in
            for first in 0..<clients {
                group.addTask {
                    var outcomes: [(Double, Bool)] = []
                    for i in stride(from: first, to: answers.count, by: clients) {
                        let sent = clock.now
                        var accepted = true
                        do {
                            try await client.present(answers[i], to: audience, schema: schema)
                        } catch ServiceClient.Failure.refused(_, let status) where status < 500 {
                            accepted = false
                        }
                        outcomes.append(((clock.now - sent) / .milliseconds(1), accepted))
                    }
                    return outcomes
                }
            }
            for try await outcomes in group {
                for (milliseconds, accepted) in outcomes {
                    result.milliseconds.append(milliseconds)
                    if accepted { result.accepted += 1 } else { result.refused += 1 }
                }
            }
        }
        result.seconds = (clock.now - start) / .seconds(1)
        return result
    }
}
