import ArgumentParser
import Foundation
import Membership
import Reputation
import VerifierService

struct EpochCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "epoch", abstract: "End an epoch, let feedback settle, begin renewals.",
        discussion: """
            First `close`: nobody enters the epoch's tree any more, and acts of the epoch before it are reported no more; disputes still are
            taken. Then `open`: feedback settles and members renew; the next epoch serves as soon as so many have renewed as the rules say,
            and this one until then. The running service acts on both within a second.
            """, subcommands: [Close.self, Open.self, Status.self])

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End the current epoch: its tree, and the reports on the epoch before it.",
            discussion: """
                Example:
                  symbolon community epoch close --data ./vtaiwan
                """)

        @OptionGroup var folder: CommunityCommand.Folder
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, community) = try await folder.directory.openCommunity()
            let epoch = try await store.newestCheckpoint(of: community).batch.epoch
            try await store.endEpoch(epoch, community: community.id.bytes)
            try store.close()
            if json {
                Terminal.output(JSON.object([.init("epoch", .integer(epoch)), .init("ended", .bool(true))]).encoded())
            } else {
                print("Epoch \(epoch) has ended. Next: decide disputes, then symbolon community epoch open --data \(folder.data)")
            }
        }
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let feedback settle, and take renewals into the next epoch.",
            discussion: """
                Refused while a report that would settle is disputed; see `symbolon community disputes`. Rules hold from the next epoch on:
                  {"minimum-renewals": 64, "open-renewals": 2, "forums": ["forum"],
                   "reasons": [{"code": "spam", "attribute": "warnings", "amount": 1}], "caps": [{"attribute": "warnings", "most": 3}]}
                Forums are names of audiences, made if they are new. Amounts and caps stand in the log.

                A community that outgrows its tree gets a deeper one with the next epoch.

                Examples:
                  symbolon community epoch open --data ./vtaiwan --rules rules.json
                  symbolon community epoch open --data ./vtaiwan --depth 3
                Exit status: 0 done, 1 not closed yet or disputed.
                """)

        @OptionGroup var folder: CommunityCommand.Folder
        @Option(help: "File with the rules of the next epoch; without it they stay.") var rules: String?
        @Option(help: "Depth of the next epoch's tree: 1 holds 120 leaves, 2 12,480, 3 1,497,600, 4 155,750,400; without it it stays.")
        var depth: UInt32?
        @Option(help: "New leaves enter the next epoch's tree as soon as so many wait; with --batch-seconds.") var batchLeaves: UInt32?
        @Option(help: "And fewer after so many seconds.") var batchSeconds: UInt32?
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            if let depth, !(1...4).contains(depth) { throw ValidationError("--depth is 1 to 4") }
            guard (batchLeaves == nil) == (batchSeconds == nil) else {
                throw ValidationError("--batch-leaves and --batch-seconds are given together")
            }
            guard batchLeaves ?? 1 >= 1, batchSeconds ?? 1 >= 1 else {
                throw ValidationError("--batch-leaves and --batch-seconds are at least 1")
            }
        }

        func run() async throws {
            let (store, community) = try await folder.directory.openCommunity()
            let rules = try self.rules.map { try EpochRules(file: $0, directory: folder.directory, schema: community.schema) }
            let epoch = try await store.newestCheckpoint(of: community).batch.epoch
            if let depth {
                let (capacity, codes) = (
                    try TreeShape(depth: Int(depth)).capacity, try await store.counts(community: community.id.bytes).codes
                )
                guard codes <= capacity else {
                    throw CommandFailure("a tree of depth \(depth) holds \(capacity) leaves, and \(codes) members may come into it")
                }
            }
            let batching: Batching? =
                if let batchLeaves, let batchSeconds { try Batching(leaves: batchLeaves, seconds: batchSeconds) } else { nil }
            let outcome = try await store.settleEpoch(
                epoch, next: EpochPlan(rules: rules?.json(community.schema).encoded(), depth: depth, batching: batching),
                community: community.id.bytes)
            try store.close()
            let code: String? =
                switch outcome {
                case .settled: nil
                case .notEnded: "epoch-not-closed"
                case .disputed: "disputed"
                }
            if json {
                var members: [JSON.Member] = [.init("epoch", .integer(epoch)), .init("settled", .bool(code == nil))]
                if let code { members.append(.init("code", .text(code))) }
                Terminal.output(JSON.object(members).encoded())
            } else {
                print(code.map { "refused: \($0)" } ?? "Feedback settles, and members renew out of epoch \(epoch)")
            }
            if code != nil { throw ExitStatus.rejected }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show how the current epoch stands, and how many have renewed.")

        @OptionGroup var folder: CommunityCommand.Folder
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, community) = try await folder.directory.openCommunity()
            let id = community.id.bytes
            let epoch = try await store.newestCheckpoint(of: community).batch.epoch
            let end = try await store.epochEnd(epoch, community: id)
            let waiting = try await store.pendingRenewals(community: id, limit: 1_000_000).count
            try store.close()
            let state = end.map { $0.isSettled ? "renewing" : "ended" } ?? "open"
            if json {
                Terminal.output(
                    JSON.object([
                        .init("epoch", .integer(epoch)), .init("state", .text(state)), .init("renewals-waiting", .integer(Int64(waiting))),
                    ]).encoded())
            } else {
                print("Epoch \(epoch): \(state); renewals that wait for the tree: \(waiting)")
            }
        }
    }
}

struct DisputesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disputes", abstract: "List disputed reports, or decide one.",
        discussion: """
            Examples:
              symbolon community disputes --data ./vtaiwan --epoch 3
              symbolon community disputes --data ./vtaiwan --epoch 3 --uphold 17
            Exit status: 0 done, 1 no dispute of this number.
            """)

    @OptionGroup var folder: CommunityCommand.Folder
    @Option(help: "Epoch of the acts.") var epoch: UInt32
    @Option(help: "Number of a report that stands.") var uphold: Int?
    @Option(help: "Number of a report that is taken back.") var dismiss: Int?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard uphold == nil || dismiss == nil else { throw ValidationError("decide one report at a time") }
    }

    func run() async throws {
        let (store, community) = try await folder.directory.openCommunity()
        let id = community.id.bytes
        var isDecided = true
        if let number = uphold ?? dismiss { isDecided = try await store.decide(report: number, upheld: uphold != nil, community: id) }
        let disputed = try await store.reports(epoch: epoch, after: 0, limit: 1_000_000, community: id).filter { $0.state == .disputed }
        try store.close()
        if json {
            Terminal.output(
                JSON.object([.init("disputed", .array(disputed.map(\.json))), .init("decided", .bool(isDecided))]).encoded())
        } else {
            for report in disputed { print("\(report.number): \(report.reason), message \(Hex.text(report.message))") }
            print(isDecided ? "\(disputed.count) disputes" : "no dispute of this number")
        }
        guard isDecided else { throw ExitStatus.rejected }
    }
}

extension EpochRules {
    /// Rules from a file that names forums by the names of audiences; those that are new are made.
    init(file: String, directory: DataDirectory, schema: Schema) throws {
        guard case .object(let members) = try Files.json(file) else { throw CommandFailure("\(file) holds no rules") }
        var named: [JSON.Member] = []
        for member in members {
            guard member.name.elementsEqual("forums".utf8), case .array(let names) = member.value else {
                named.append(member)
                continue
            }
            var ids: [JSON] = []
            for name in names {
                guard let name = name.text else { throw CommandFailure("\(file): forums are names of audiences") }
                ids.append(.hex(try directory.audience(named: name).id.bytes))
            }
            named.append(.init("forums", .array(ids)))
        }
        do { self = try EpochRules(json: .object(named), schema: schema) } catch {
            throw CommandFailure("\(file) holds no rules for this schema: \(error.code)")
        }
    }
}
