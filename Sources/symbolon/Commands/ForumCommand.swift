import ArgumentParser
import Foundation
import Reputation
import VerifierService

struct ForumCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forum", abstract: "Forums that sign members in, and the reports of forums.",
        subcommands: [
            Add.self, List.self, Show.self, Settings.self, RotateSecret.self, RotateKeys.self, Remove.self, WebhookCommand.self,
            Report.self, Ban.self, Unban.self, Bans.self, Note.self, Lookup.self, Appeals.self, Decide.self, AuditLog.self,
        ])

    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report an act, with the presentation that was accepted for it as evidence.",
            discussion: """
                Example:
                  symbolon forum report --service http://127.0.0.1:8080 --audience ID --token-file ./vtaiwan/audiences/forum.token \\
                      --nonce NONCE --account NULLIFIER --message DIGEST --reason spam
                Nonce and account are those of the acceptance; the message is the digest that the act's request was bound to. Which reasons
                there are and what they count stands in the rules of the epoch. Each message once; until the epoch after the act's ends.
                Exit status: 0 recorded, 1 refused.
                """)

        @Option(help: "Address of the community's service.") var service: String
        @Option(help: "Id of the audience, 64 hex digits.") var audience: String
        @Option(help: "File that holds the audience's token.") var tokenFile: String
        @Option(help: "Nonce of the request that the act answered, in hex.") var nonce: String
        @Option(help: "Nullifier of the account, in hex.") var account: String
        @Option(help: "Digest of the message, 64 hex digits.") var message: String
        @Option(help: "Code of the reason.") var reason: String
        @Flag(help: "Lower the attribute instead of raising it.") var lower = false

        func run() async throws {
            guard let audience = try? Digest(hex: self.audience), let message = try? Digest(hex: self.message),
                let nonce = try? Hex.decode(Array(self.nonce.utf8)), let account = try? Hex.decode(Array(self.account.utf8))
            else { throw CommandFailure("--audience, --nonce, --account and --message are hex") }
            let token = String(decoding: try Files.read(tokenFile), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            try await ServiceClient(url: service).report(
                nonce: nonce, account: account, message: message, reason: reason, raises: !lower, audience: audience, token: token)
            print("reported")
        }
    }
}
