import ArgumentParser
import Foundation
import Logging
import Membership
import Platform
import Reputation
import VerifierService
import WalletSite

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "The whole path on real participation: issue, prove, verify, and refuse what is to be refused.",
        discussion: """
            Starts the real service on the loopback interface with a temporary store, makes the community vtaiwan of the people of a real
            consultation, lets each claim a credential over HTTP, and then tries what an honest member, a dishonest one and a thief would. Then the
            community lives for two more epochs: feedback, renewals, a recovery, an audit.
            Exit status: 0 when every verdict is the expected one, 1 when not.

            With --keep it tries nothing and stays: the service, a wallet for browsers and a small forum, each at an origin of its own on this machine.
            The last line says where to begin; Ctrl-C ends all of it, and nothing is left.
            """)

    @Option(help: "Table of participation; by default the one in Examples.") var csv: String?
    @Flag(help: "Serve the community, a wallet for browsers and a small forum, to try out in a browser.") var keep = false
    @Option(
        help: ArgumentHelp("Folder of the wallet for --keep; by default the one that Scripts/build-wallet makes.", valueName: "folder"))
    var walletFiles: String?
    @Flag(help: "Print JSON: a list of {step, expected, verdict, ms, bytes}.") var json = false

    func validate() throws {
        if keep, json { throw ValidationError("--json has nothing to print with --keep") }
        if !keep, walletFiles != nil { throw ValidationError("--wallet-files is for --keep") }
    }

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbolon-demo-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let table = try csv ?? Self.inRepository("Examples/vtaiwan-uberx-participation.csv", orGive: "the table with --csv FILE")
        if keep {
            let files = try walletFiles ?? Self.inRepository(".build/wallet", orGive: "--wallet-files FOLDER, or run Scripts/build-wallet")
            try await KeptDemo(
                table: try CSV(parsing: try Files.read(table)), schema: try Self.schema(), directory: DataDirectory(path: folder.path),
                walletFiles: try WalletFiles(folder: files), ports: try KeptDemo.ports()
            ).run()
            return
        }
        let steps = try await Self.steps(csv: table, directory: DataDirectory(path: folder.path))
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
            store: store, key: key, audiences: AudienceBook([forum, elsewhere]), options: .init(port: 0))

        var steps: [DemoStep] = []
        try await withLocalService(service) { _, client in
            let demo = Demo(
                client: client, community: community, members: members, forum: forum, elsewhere: elsewhere, store: store, key: key)
            try await demo.run { steps.append($0) }
        }
        try store.close()
        return steps
    }

    /// What stands in the repository, from its top folder or from wherever the executable was built.
    private static func inRepository(_ name: String, orGive instead: String) throws -> String {
        var folders = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
        var above = (Bundle.main.executableURL ?? folders[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        while above.path != "/" {
            folders.append(above)
            above.deleteLastPathComponent()
        }
        guard let found = folders.map({ $0.appendingPathComponent(name).path }).first(where: FileManager.default.fileExists(atPath:)) else {
            throw CommandFailure("\(name) is not found; give \(instead)")
        }
        return found
    }
}
