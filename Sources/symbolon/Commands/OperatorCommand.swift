import ArgumentParser
import Console
import Foundation
import Reputation
import SignIn
import VerifierService

struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator", abstract: "Accounts of those who work at the console.",
        discussion: """
            The console is served by `symbolon serve --console` (docs/operators.md). Owners do everything there, moderators bans, notes and appeals.
            """,
        subcommands: [Add.self, List.self, Link.self, Role.self, Remove.self, Token.self, Revoke.self, LimitsCommand.self])

    /// Whose account, and who says so.
    struct Named: ParsableArguments {
        @OptionGroup var folder: CommunityCommand.Folder
        @OptionGroup var acting: ActingOperator
        @Argument(help: "The operator's name: lower-case letters, digits, hyphens and underscores.") var name: String
    }

    /// Where the console is, so that whole links are printed.
    struct Address: ParsableArguments {
        @Option(help: "Origin of the console, for the link that is printed.") var origin: String?

        func show(_ link: String, json: Bool) {
            let address = "\(origin ?? "")/console/join/\(link)"
            if json {
                Terminal.output(JSON.object([.init("link", .text(address))]).encoded())
            } else {
                print("Good once, for a day; whoever has it chooses the password:\n\(address)")
            }
        }
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    /// Runs something with the accounts of a folder.
    private static func with<T>(_ folder: CommunityCommand.Folder, _ body: (Accounts, any ConsoleStore) async throws -> T) async throws -> T
    {
        let (store, _) = try await folder.directory.openCommunity()
        let result = try await body(Accounts(store: store), store)
        try store.close()
        return result
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an operator; prints a link by which he chooses a password.",
            discussion: """
                Example:
                  symbolon operator add --data ./vtaiwan carla --role owner --origin https://console.example.org
                """)

        @OptionGroup var named: Named
        @OptionGroup var address: Address
        @Option(help: "owner or moderator.") var role = OperatorRole.moderator
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let link = try await OperatorCommand.with(named.folder) { accounts, _ in
                try await accounts.add(named.name, role: role, by: try named.acting.checked(), now: OperatorCommand.now)
            }
            address.show(link, json: json)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List operators and their tokens.")

        @OptionGroup var folder: CommunityCommand.Folder
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (operators, tokens) = try await OperatorCommand.with(folder) { _, store in
                (try await store.operators(), try await store.operatorTokens())
            }
            if json {
                let all = operators.map { one in
                    JSON.object([
                        .init("name", .text(one.name)), .init("role", .text(one.role.rawValue)),
                        .init("password", .bool(one.password != nil)),
                        .init(
                            "tokens",
                            .array(
                                tokens.filter { $0.name == one.name }.map {
                                    .object([
                                        .init("token", .integer(Int64($0.number))), .init("label", .text($0.label)),
                                        .init("expires", .integer($0.expires)),
                                    ])
                                })),
                    ])
                }
                Terminal.output(JSON.array(all).encoded())
                return
            }
            for one in operators {
                print("\(one.name)  \(one.role.rawValue)\(one.password == nil ? "  no password yet" : "")")
                for token in tokens where token.name == one.name {
                    print("  token \(token.number)  \(token.label)  until \(UTC.text(token.expires))")
                }
            }
            if operators.isEmpty { print("No operators") }
        }
    }

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make another link for a forgotten password; the sessions end when it is used.")

        @OptionGroup var named: Named
        @OptionGroup var address: Address
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let link = try await OperatorCommand.with(named.folder) { accounts, _ in
                try await accounts.link(named.name, by: try named.acting.checked(), now: OperatorCommand.now)
            }
            address.show(link, json: json)
        }
    }

    struct Role: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an operator an owner or a moderator.")

        @OptionGroup var named: Named
        @Argument(help: "owner or moderator.") var role: OperatorRole

        func run() async throws {
            try await OperatorCommand.with(named.folder) { accounts, _ in
                try await accounts.setRole(role, of: named.name, by: try named.acting.checked(), now: OperatorCommand.now)
            }
            print(role.rawValue)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove an operator; his sessions and tokens end.")

        @OptionGroup var named: Named

        func run() async throws {
            try await OperatorCommand.with(named.folder) { accounts, _ in
                try await accounts.remove(named.name, by: try named.acting.checked(), now: OperatorCommand.now)
            }
            print("removed")
        }
    }

    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token with which a program acts for an operator; it is shown this once.")

        @OptionGroup var named: Named
        @Option(help: "What it is for.") var label: String
        @Option(help: "Days for which it is good.") var days: Int64 = 90
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (number, token) = try await OperatorCommand.with(named.folder) { accounts, _ in
                try await accounts.makeToken(
                    for: named.name, label: label, days: days, by: try named.acting.checked(), now: OperatorCommand.now)
            }
            if json {
                Terminal.output(JSON.object([.init("token", .text(token)), .init("number", .integer(Int64(number)))]).encoded())
            } else {
                print("Token \(number): \(token)\nIt is shown this once.")
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a token back.")

        @OptionGroup var folder: CommunityCommand.Folder
        @OptionGroup var acting: ActingOperator
        @Argument(help: "Its number.") var number: Int

        func run() async throws {
            try await OperatorCommand.with(folder) { accounts, _ in
                try await accounts.removeToken(number, by: try acting.checked(), now: OperatorCommand.now)
            }
            print("taken back")
        }
    }
}

extension OperatorCommand {
    struct LimitsCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "limits", abstract: "Show or set how much each network may ask of the service in a minute.",
            discussion: """
                What is set here holds in the place of the service's settings, in all processes on the store within a second. Kinds are
                \(Limits.Kind.allCases.map(\.rawValue).joined(separator: ", ")).

                Example:
                  symbolon operator limits --data ./vtaiwan --set pages=300 --reset claims
                """)

        @OptionGroup var folder: CommunityCommand.Folder
        @OptionGroup var acting: ActingOperator
        @Option(help: ArgumentHelp("A limit; 0 is without; may be repeated.", valueName: "kind=number")) var set: [String] = []
        @Option(help: ArgumentHelp("Let the service's setting hold again; may be repeated.", valueName: "kind"))
        var reset: [Limits.Kind] = []
        @Flag(help: "Print JSON.") var json = false

        private func changes() throws -> [Limits.Kind: Int?] {
            var changes: [Limits.Kind: Int?] = [:]
            for kind in reset { changes.updateValue(nil, forKey: kind) }
            for text in set {
                let parts = text.split(separator: "=", omittingEmptySubsequences: false)
                guard parts.count == 2, let kind = Limits.Kind(rawValue: String(parts[0])), let number = Int(parts[1]) else {
                    throw ValidationError("--set takes KIND=NUMBER")
                }
                guard changes.updateValue(number, forKey: kind) == nil else { throw ValidationError("\(kind.rawValue) is named twice") }
            }
            return changes
        }

        func validate() throws { _ = try changes() }

        func run() async throws {
            let changes = try changes()
            let limits = try await OperatorCommand.with(folder) { _, store in
                if !changes.isEmpty { try await store.setLimits(changes, by: try acting.checked(), now: OperatorCommand.now) }
                return try await store.limits()
            }
            if json {
                let members = Limits.Kind.allCases.map { JSON.Member($0.rawValue, limits[$0].map { .integer(Int64($0)) } ?? .null) }
                Terminal.output(JSON.object(members).encoded())
                return
            }
            for kind in Limits.Kind.allCases {
                print("\(kind.rawValue)  \(limits[kind].map { "\($0) a minute" } ?? "as the service's setting")")
            }
        }
    }
}

extension OperatorRole: ExpressibleByArgument {}
extension Limits.Kind: ExpressibleByArgument {}
