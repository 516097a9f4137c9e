import ArgumentParser
import Reputation
import SignIn
import VerifierService

extension ForumCommand {
    struct Settings: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print what a forum's operator enters so that it signs members in here.",
            discussion: """
                Example:
                  symbolon forum settings --data ./vtaiwan CLIENT-ID --for synapse --issuer https://id.example.org
                The client secret is kept nowhere: it has to be put in, or made anew with `symbolon forum rotate-secret`.
                """)

        @OptionGroup var named: Named
        @Option(name: .customLong("for"), help: ArgumentHelp("What it runs on.", valueName: "software")) var software: ForumSoftware
        @Option(help: "Origin of this service.") var issuer: String

        func validate() throws {
            guard SignIn.Issuer(issuer) != nil else { throw ValidationError("--issuer is an origin without a path") }
        }

        func run() async throws {
            let (store, _) = try await named.folder.directory.openCommunity()
            let forum = try await ForumBook(store).forum(id: named.clientID)
            try store.close()
            guard let forum else { throw named.unknown }
            let settings = ForumSettings(software, of: forum, issuer: issuer)
            Terminal.message(settings.place)
            print(settings.text)
        }
    }
}

extension ForumSoftware: ExpressibleByArgument {}
