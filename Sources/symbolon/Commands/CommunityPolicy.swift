import ArgumentParser
import Foundation
import Reputation
import VerifierService

extension CommunityCommand {
    struct SetPolicy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "policy", abstract: "Say what an audience may ask of members.",
            discussion: """
                The file holds a JSON list of forms that requests have:
                  [{"purposes": ["act"], "predicates": ["votes >= 20"]}, {"purposes": ["account"], "tickets": 5}]

                Example:
                  symbolon community policy --data ./vtaiwan --audience forum forms.json

                The service publishes it and refuses to ask anything else. Wallets hold the audience to what they saw first; another policy needs
                each member's consent. A running service takes it up within a second.
                """)

        @OptionGroup var folder: Folder
        @Option(help: "Name of the audience, made if it is new.") var audience: String
        @Argument(help: "File with the forms.") var file: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, community) = try await folder.directory.openCommunity()
            try store.close()
            let audience = try folder.directory.audience(named: self.audience)
            guard case .array(let values) = try Files.json(file) else { throw CommandFailure("\(file) is not a JSON list") }
            let forms = try values.map { try Policy.Form(json: $0, schema: community.schema) }
            let policy = try Policy(community: community.id, schema: community.schema.digest, audience: audience.id, forms: forms)
            try folder.directory.setPolicy(policy, of: audience, community: community)
            if json {
                Terminal.output(policy.json(community.schema).encoded())
            } else {
                print("\(forms.count) forms set for \(audience.name)")
            }
        }
    }
}
