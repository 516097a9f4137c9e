import ArgumentParser
import Foundation
import Reputation
import VerifierService

extension ForumCommand {
    struct WebhookCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "webhook", abstract: "Tell a forum what happens: presentations that are accepted, bans.",
            subcommands: [Set.self, Show.self, Remove.self, Test.self])

        /// Whose events.
        struct Target: ParsableArguments {
            @OptionGroup var folder: CommunityCommand.Folder
            @Option(help: "Name of the audience.") var audience: String

            /// Does something with the store and the audience's id.
            func with<T>(_ body: (any Store & WebhookStore, Digest) async throws -> T) async throws -> T {
                guard let audience = try folder.directory.audiences().first(where: { $0.name == self.audience }) else {
                    throw CommandFailure("there is no audience \(self.audience)")
                }
                let (store, _) = try await folder.directory.openCommunity()
                let result = try await body(store, audience.id)
                try store.close()
                return result
            }

            func webhook(_ store: any WebhookStore, _ audience: Digest) async throws -> (Webhook, waiting: Int) {
                guard let kept = try await store.webhook(audience: audience.bytes) else {
                    throw CommandFailure("the audience \(self.audience) has no webhook")
                }
                return (try Webhook(audience: audience, document: kept.document), kept.waiting)
            }

            func secrets() throws -> ForumSecrets { try ForumSecrets(folder: folder.directory.signInFolder) }
        }

        struct Set: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Set where an audience hears of events; prints the secret that they are signed with.",
                discussion: """
                    Example:
                      symbolon forum webhook set --data ./vtaiwan --audience forum --url https://forum.example.org/symbolon/events
                    Setting it again changes address and secret; what waits goes to the new address. A running service knows at once.
                    """)

            @OptionGroup var target: Target
            @Option(help: "https, or http on this machine. Redirects are not followed.") var url: String
            @Flag(name: .customLong("private"), help: "It may be at an address that the internet does not reach, such as this machine.")
            var mayBePrivate = false
            @Flag(help: "Print JSON.") var json = false

            func run() async throws {
                let webhook = try await target.with { store, audience in
                    let webhook = try Webhook(audience: audience, url: url, mayBePrivate: mayBePrivate)
                    try await store.setWebhook(audience: audience.bytes, document: webhook.document)
                    return webhook
                }
                let secret = webhook.secret(try target.secrets())
                if json {
                    Terminal.output(JSON.object([.init("url", .text(url)), .init("secret", .text(secret))]).encoded())
                } else {
                    print("Secret  \(secret)\nIt is shown this once.")
                }
            }
        }

        struct Show: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Show where an audience hears of events, and how many wait.")

            @OptionGroup var target: Target

            func run() async throws {
                let (webhook, waiting) = try await target.with { try await target.webhook($0, $1) }
                Terminal.output(
                    JSON.object([
                        .init("audience", .hex(webhook.audience.bytes)), .init("url", .text(webhook.url)),
                        .init("private", .bool(webhook.mayBePrivate)), .init("waiting", .integer(Int64(waiting))),
                    ]).encoded(pretty: true))
            }
        }

        struct Remove: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "End an audience's events; those that wait are given up.")

            @OptionGroup var target: Target

            func run() async throws {
                let isRemoved = try await target.with { try await $0.removeWebhook(audience: $1.bytes) }
                guard isRemoved else { throw CommandFailure("the audience \(target.audience) has no webhook") }
                print("removed")
            }
        }

        struct Test: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Send an event \"test\" at once, once.", discussion: "Exit status: 0 taken, 1 not.")

            @OptionGroup var target: Target

            func run() async throws {
                let (webhook, _) = try await target.with { try await target.webhook($0, $1) }
                let now = Int64(Date().timeIntervalSince1970)
                do {
                    try await WebhookSender(secrets: try target.secrets()).send(WebhookEvent(.test, time: now), to: webhook, now: now)
                    print("taken")
                } catch let failure as WebhookSender.Failure {
                    print("not taken: \(failure)")
                    throw ExitCode(1)
                }
            }
        }
    }
}
