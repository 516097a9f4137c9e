import ArgumentParser
import Foundation
import Reputation
import VerifierService

extension CommunityCommand {
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a person's leaves out of the tree.",
            discussion: """
                Example:
                  symbolon community revoke --data ./vtaiwan --person p17

                Those leaves that stand in the tree of the current epoch: who has renewed since he was admitted cannot be told from the others, and
                only pseudonyms can be sanctioned then. The log shows that a leaf was taken out and which. A service that runs takes it out with its next batch; a code that
                was not claimed yet cannot be claimed any more. It cannot be undone.
                Exit status: 0 done, 1 no such person.
                """)

        @OptionGroup var folder: Folder
        @Option(help: "The person, as in the table that was imported.") var person: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, community) = try await folder.directory.openCommunity()
            let outcome = try await store.revoke(person: person, community: community.id.bytes)
            try store.close()
            switch outcome {
            case .revoked(let leaves):
                if json {
                    Terminal.output(JSON.object([.init("verdict", .text("revoked")), .init("leaves", .integer(Int64(leaves)))]).encoded())
                } else {
                    print("revoked; \(leaves) leaves are recorded under the person's code")
                }
            case .unknownPerson:
                if json {
                    Terminal.output(JSON.object([.init("verdict", .text("person-unknown"))]).encoded())
                } else {
                    print("person-unknown")
                }
                throw ExitStatus.rejected
            }
        }
    }
}
