import ArgumentParser
import Curves
import Foundation
import Membership
import Reputation

struct MeasureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Measure proving and verifying on this machine.",
        discussion: """
            The tree is as full as a proof can notice: all slots of all nodes on the measured paths are filled. Medians after warm-up, in
            milliseconds; CPU time is the process's. Parsing presentations and hashing to scopes are inside the times.

            --tree measures a tree of so many leaves instead, --log what a log of so many members costs its readers, --light what the light
            copy of a tree of so many leaves costs a wallet, --start how soon the tables of generators stand, --service the load that the
            service bears, with good presentations and with one bad in a hundred, --kernels the unit costs of the model in docs/performance.md, in nanoseconds.

            Examples:
              symbolon measure --depth 4 --json
              symbolon measure --tree 100000 --json
              symbolon measure --log 100000 --json
              symbolon measure --light 1000000 --json
              symbolon measure --start
              symbolon measure --service 64 --json
            """)

    @Option(help: "Measure presentations a second through the service with so many clients.") var service: Int?
    @Option(help: "Measure renewals a second through the service with so many clients.") var renewals: Int?
    @Option(help: "Presentations to send with --service, members who renew with --renewals.") var presentations = 400
    @Option(
        help: ArgumentHelp(
            "An empty PostgreSQL database for --service to keep its stores in; given three times. Unless given they are files.",
            valueName: "address"))
    var database: [String] = []
    @Option(help: "Depth of the tree, 1 to 4.") var depth = 4
    @Option(help: "Measure building and changing a tree of so many leaves.") var tree: Int?
    @Option(help: "Measure what a log of so many members costs a wallet and an audit.") var log: Int?
    @Option(help: "Measure what the light copy of a tree of so many leaves costs a wallet.") var light: Int?
    @Flag(help: "Measure how soon a service has all tables ready.") var start = false
    @Flag(help: "Measure the operations that proofs are made of.") var kernels = false
    @Option(help: "Attributes of a credential, the secret not counted.") var attributes = 3
    @Option(help: "Predicates in the request.") var predicates = 1
    @Option(help: "Disclosed attributes in the request.") var disclosed = 1
    @Option(help: "Scopes in the request.") var scopes = 1
    @Option(help: "Presentations, of different members, in the batch.") var batch = 100
    @Option(help: "Measurements of which the median is taken.") var repetitions = 15
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard [start, kernels, tree != nil, service != nil, renewals != nil, log != nil, light != nil].filter({ $0 }).count <= 1 else {
            throw ValidationError("--tree, --log, --light, --start, --kernels, --service and --renewals measure different things")
        }
        guard (1...1024).contains(service ?? 1) else { throw ValidationError("--service is 1 to 1024 clients") }
        guard database.isEmpty || service != nil && Set(database).count == 3 else {
            throw ValidationError("--database goes with --service, and names three databases")
        }
        for address in database { try CommunityCommand.Folder.check(database: address) }
        guard (1...1024).contains(renewals ?? 1) else { throw ValidationError("--renewals is 1 to 1024 clients") }
        guard (1...100_000).contains(presentations) else { throw ValidationError("--presentations is 1 to 100000") }
        guard (1...1_000_000).contains(log ?? 1) else { throw ValidationError("--log is 1 to 1000000") }
        guard (2...10_000_000).contains(light ?? 2) else { throw ValidationError("--light is 2 to 10000000") }
        guard (1...10_000_000).contains(tree ?? 1) else { throw ValidationError("--tree is 1 to 10000000") }
        guard (1...TreeShape.greatestDepth).contains(depth) else { throw ValidationError("--depth is 1 to 4") }
        guard (0...TreeShape.greatestPredicates).contains(predicates) else { throw ValidationError("--predicates is 0 to 64") }
        guard (1...Schema.greatestCount).contains(attributes) else { throw ValidationError("--attributes is 1 to \(Schema.greatestCount)") }
        guard (0...attributes).contains(disclosed), predicates == 0 || disclosed < attributes else {
            throw ValidationError("--disclosed is at most the number of attributes, and leaves one hidden for the predicates")
        }
        guard (1...1000).contains(scopes) else { throw ValidationError("--scopes is 1 to 1000") }
        guard (1...FullPath.greatestMembers(depth: depth)).contains(batch) else {
            throw ValidationError("--batch is 1 to \(FullPath.greatestMembers(depth: depth)) at depth \(depth)")
        }
        guard (1...10_000).contains(repetitions) else { throw ValidationError("--repetitions is 1 to 10000") }
    }

    func run() async throws {
        if let tree { return report(try TreeMeasurement.figures(leaves: tree, repetitions: repetitions)) }
        if let service {
            let load = LoadMeasurement(clients: service, presentations: presentations, databases: database)
            return report(try await load.figures())
        }
        if let renewals { return report(try await RenewalMeasurement(clients: renewals, renewals: presentations).figures()) }
        if let log { return report(try await LogMeasurement.figures(members: log)) }
        if let light { return report(try LightMeasurement.figures(leaves: light)) }
        if kernels { return report(KernelMeasurement.figures()) }
        if start { return report(TreeMeasurement.startFigures()) }
        report(try presentationFigures())
    }

    private func presentationFigures() throws -> [(String, Figure)] {
        var bar = ProgressBar("Measuring", total: batch + 4 * repetitions)
        var steps = 0
        func step() {
            steps += 1
            bar.update(steps)
        }
        let shape = try TreeShape(depth: depth, predicates: predicates)
        let tree = try FullPath(shape: shape, members: batch, attributes: attributes)
        let request = self.request

        // Members of the batch prove in turn; the first ones warm up, the last of them are measured.
        var presentations: [[UInt8]] = []
        for member in tree.members.indices {
            presentations.append(try tree.prove(request, member: member))
            step()
        }
        let proving = try Timing.median(repetitions) { round in
            _ = try tree.prove(request, member: round % batch)
            step()
        }

        let claims = zip(presentations, tree.members.indices).map { presentation, _ in
            Presentation.Claim(presentation: presentation, request: request, depth: depth, root: tree.root)
        }
        // A first pass over all warms up and shows that every presentation holds.
        for claim in claims { _ = try Presentation.verify([claim], threads: 1) }
        let single = try Timing.median(repetitions) { round in
            _ = try Presentation.verify([claims[round % batch]], threads: 1)
            step()
        }
        let double = try Timing.median(repetitions) { round in
            _ = try Presentation.verify([claims[round % batch]], threads: 2)
            step()
        }
        _ = try Presentation.verify(claims, threads: 1)
        let together = try Timing.median(repetitions) { _ in
            _ = try Presentation.verify(claims, threads: 1)
            step()
        }

        return [
            ("depth", .whole(depth)), ("attributes", .whole(attributes)), ("predicates", .whole(predicates)),
            ("disclosed", .whole(disclosed)),
            ("scopes", .whole(scopes)), ("batch", .whole(batch)), ("repetitions", .whole(repetitions)), ("gates", .whole(shape.gates)),
            ("capacity", .whole(shape.capacity)), ("leaves", .whole(tree.leaves)), ("build", .text(Self.build)), ("threads", .whole(2)),
            ("prove_cpu_ms", .time(proving.cpu)), ("prove_wall_ms", .time(proving.wall)), ("verify_cpu_ms", .time(single.cpu)),
            ("verify_wall_ms", .time(double.wall)), ("batch_verify_cpu_ms_per_proof", .time(together.cpu / Double(batch))),
            ("presentation_bytes", .whole(presentations[0].count)), ("peak_rss_bytes", .whole(Timing.peakResidentBytes)),
        ]
    }

    private func report(_ figures: [(String, Figure)]) {
        if json {
            print("{" + figures.map { "\"\($0)\":\($1.json)" }.joined(separator: ",") + "}")
        } else {
            for (name, figure) in figures { print(name.padding(toLength: 32, withPad: " ", startingAt: 0) + figure.plain) }
        }
    }

    private static var build: String {
        #if DEBUG
        "debug"
        #else
        "release"
        #endif
    }

    /// A request of the wanted size that every measured member satisfies.
    private var request: Request {
        let hidden = disclosed + 1
        return Request(
            attributes: attributes + 1, context: [UInt8](repeating: 1, count: 32),
            scopes: (0..<scopes).map { [4, UInt8($0 & 255), UInt8($0 >> 8)] },
            disclosed: (0..<disclosed).map { .init(index: $0 + 1, value: Fn(signed: FullPath.value)) },
            predicates: (0..<predicates).map { Predicate(weights: [.init(index: hidden, weight: 1)], bound: Int64(20 - $0)) })
    }
}
