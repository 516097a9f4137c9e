import Foundation
import Membership
import Platform
import Reputation
import VerifierService

/// Renewals a second through the real service on loopback, from clients that each send one after the other; service and clients share this machine's
/// cores. Depth 4, one feedback attribute, one forum; every member renews once, and all proofs are made before the clock starts.
struct RenewalMeasurement {
    let clients: Int
    let renewals: Int
    private static let depth = 4

    /// What the figures are, for who reads them without this source.
    private static let description = """
        renewals out of epoch 1, depth 4, one forum's account shown; prepared messages POSTed over HTTP/1.1 on loopback, one at a time from each \
        client over a connection kept open; clients and service share this machine's cores; a receipt is sent once the renewal is on disk
        """

    func figures() async throws -> [(String, Figure)] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbolon-renewals-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let directory = DataDirectory(path: folder.path)
        let key = try directory.createLogKey()
        let schema = try Schema([.counter("votes", atMost: 1_000_000), .counter("warnings", atMost: 100, kind: .feedback)])
        let community = try Community(logKey: key.publicKey, origin: Array("renewals".utf8), schema: schema)
        let forum = try directory.audience(named: "forum")
        let rules = try EpochRules(
            minimumRenewals: UInt32(renewals), openRenewals: 1, forums: [forum.id],
            reasons: [.init(code: Array("abuse".utf8), attribute: 2, amount: 5)], caps: [.init(attribute: 2, most: 10)])
        let store = try directory.openStore()
        let now = Int64(Date().timeIntervalSince1970)
        try await Issuer.create(
            community: community, depth: Self.depth, batching: try Batching(leaves: UInt32(renewals), seconds: 3600), rules: rules,
            store: store, key: key, now: now)
        let codes = try await MemberImport.makeCodes(
            for: (0..<renewals).map { .init(person: "m\($0)", values: [Int64(30 + $0 % 50), 0]) }, community: community.id,
            capacity: try TreeShape(depth: Self.depth).capacity, store: store)
        let members = codes.map { DemoMember(code: $0.code, values: []) }
        let service = try await CommunityService(store: store, key: key, audiences: AudienceBook([forum]), options: .init(port: 0))
        let run = try await withLocalService(service) { port, client in
            var bar = ProgressBar("Claiming and proving", total: 2 * renewals)
            for (i, member) in members.enumerated() {
                try await member.claim(of: community, from: client)
                bar.update(i + 1)
            }
            _ = try await client.tree(of: community, leaves: renewals)
            try await store.endEpoch(1, community: community.id.bytes)
            guard try await store.settleEpoch(1, next: .same, community: community.id.bytes) == .settled else {
                throw CommandFailure("the epoch does not settle")
            }
            let (epochs, tree) = try await Self.closed(community, client)
            var requests: [[UInt8]] = []
            for (i, member) in members.enumerated() {
                requests.append(LoadClients.post("/v1/renewals", try await member.renewal(epochs, in: tree).json.encoded()))
                bar.update(renewals + i + 1)
            }
            return try await LoadClients(count: clients, port: port).run(requests)
        }
        guard run.answers.allSatisfy({ $0.status == 200 }) else { throw CommandFailure("a renewal was refused") }
        try store.close()
        let count = Double(renewals)
        return [
            ("measured", .text(Self.description)), ("cores", .whole(ProcessInfo.processInfo.activeProcessorCount)),
            ("clients", .whole(clients)), ("renewals", .whole(renewals)), ("depth", .whole(Self.depth)), ("per_second", .time(run.rate)),
            ("p50_ms", .time(run.milliseconds(quantile: 0.5))), ("p99_ms", .time(run.milliseconds(quantile: 0.99))),
            ("service_cpu_ms_each", .time(run.serviceCPU / count)), ("client_cpu_ms_each", .time(run.clientCPU / count)),
            ("peak_rss_bytes", .whole(Timing.peakResidentBytes)),
        ]
    }

    /// What renewals are proved against, once the log says that the first epoch is closed.
    private static func closed(_ community: Community, _ client: ServiceClient) async throws -> (EpochHistory, CurveTree) {
        var mirror = try await LogMirror(community: community)
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            try await mirror.update(from: client.log)
            if let tree = mirror.tree, mirror.replay.epochs.isClosed { return (mirror.replay.epochs, tree) }
            guard ContinuousClock.now < deadline else { throw CommandFailure("the service does not go on") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
