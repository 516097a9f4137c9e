import ArgumentParser
import Foundation
import Logging
import Membership
import Platform
import Reputation
import VerifierService

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "The whole path on real participation: issue, prove, verify, and refuse what is to be refused.",
        discussion: """
            Starts the real service on the loopback interface with a temporary store, makes the community vtaiwan of the people of a real
            consultation, lets each claim a credential over HTTP, and then tries what an honest member, a dishonest one and a thief would. Then the
            community lives for two more epochs: feedback, renewals, a recovery, an audit.
            Exit status: 0 when every verdict is the expected one, 1 when not.
            """)

    @Option(help: "Table of participation; by default the one in Examples.") var csv: String?
    @Flag(help: "Print JSON: a list of {step, expected, verdict, ms, bytes}.") var json = false

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbolon-demo-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let steps = try await Self.steps(csv: try csv ?? Self.exampleTable(), directory: DataDirectory(path: folder.path))
        if json {
            Terminal.output(JSON.array(steps.map(\.json)).encoded())
        } else {
            print(DemoStep.table(steps))
        }
        guard steps.allSatisfy(\.agrees) else { throw ExitStatus.rejected }
    }

    /// What the participation table says of a person, and the domains that the community declares for it.
    private static func schema() throws -> Schema {
        try Schema([
            .counter("comments", atMost: 100_000), .counter("votes", atMost: 1_000_000),
            // Which of the two groups of opinion; -1 for those whom the analysis put into none.
            Attribute(name: Array("group".utf8), kind: .fixed, least: -1, greatest: 1),
            .counter("warnings", atMost: 100, kind: .feedback),
        ])
    }

    private static func steps(csv: String, directory: DataDirectory) async throws -> [DemoStep] {
        let key = try directory.createLogKey()
        let community = try Community(logKey: key.publicKey, origin: Array("vtaiwan".utf8), schema: try schema())
        let store = try directory.openStore()
        let depth = 2
        let table = try CSV(parsing: try Files.read(csv))
        // All of them are to enter the tree together.
        let batching = try Batching(leaves: UInt32(max(table.rows.count, 1)), seconds: 3600)
        let (forum, elsewhere) = (try directory.audience(named: "forum"), try directory.audience(named: "elsewhere"))
        try await Issuer.create(
            community: community, depth: depth, batching: batching, rules: try Demo.rules(forum: forum, schema: community.schema),
            store: store, key: key, now: Int64(Date().timeIntervalSince1970))
        let rows = try MemberImport.members(
            of: table, schema: community.schema, personColumn: "participant", whenEmpty: ["group": -1, "warnings": 0])
        let codes = try await MemberImport.makeCodes(
            for: rows, community: community.id, capacity: try TreeShape(depth: depth).capacity, store: store)
        let members = zip(rows, codes).map { DemoMember(code: $1.code, values: $0.values) }
        let service = try await CommunityService(
            store: store, key: key, audiences: [forum, elsewhere],
            options: .init(port: 0))

        var steps: [DemoStep] = []
        try await withLocalService(service) { _, client in
            let demo = Demo(
                client: client, community: community, members: members, forum: forum, elsewhere: elsewhere, store: store, key: key)
            try await demo.run { steps.append($0) }
        }
        try store.close()
        return steps
    }

    /// The table in the repository, from its top folder or from wherever the executable was built.
    private static func exampleTable() throws -> String {
        let name = "Examples/vtaiwan-uberx-participation.csv"
        var folders = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
        var above = (Bundle.main.executableURL ?? folders[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        while above.path != "/" {
            folders.append(above)
            above.deleteLastPathComponent()
        }
        guard let found = folders.map({ $0.appendingPathComponent(name).path }).first(where: FileManager.default.fileExists(atPath:)) else {
            throw CommandFailure("\(name) is not found; give the table with --csv FILE")
        }
        return found
    }
}
