import ArgumentParser
import Foundation
import Reputation
import VerifierService

extension WalletCommand {
    struct TopUp: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "top-up", abstract: "Add to the credential with a top-up code.",
            discussion: """
                Example:
                  symbolon wallet top-up --service http://127.0.0.1:8080
                The code is asked for, or read from --code-file. Sends the top-up, or with --continue goes on with the one that was sent, as far as
                it goes; may be interrupted anywhere and repeated. The old credential is left once the new leaf stands in the log. The issuer
                learns that the code's person has the new leaf, until the next renewal; he does not recognise it in what is presented.
                Exit status: 0 topped up or taken; 1 refused.
                """)

        @OptionGroup var file: File
        @OptionGroup var service: Service
        @OptionGroup var log: LogOptions
        @OptionGroup var choice: Choice
        @Option(help: "File whose first line is the top-up code.") var codeFile: String?
        @Flag(name: .customLong("continue"), help: "Go on with the top-up that was begun; no code is asked for.") var goesOn = false
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            if goesOn, codeFile != nil { throw ValidationError("--continue takes no code") }
        }

        func run() async throws {
            var code: TopUpCode?
            if !goesOn {
                do { code = try TopUpCode(parsing: try Secrets.code(file: codeFile)) } catch let error as BearerCodeError {
                    throw CommandFailure("this is no top-up code: \(error.message)")
                }
            }
            let client = ServiceClient(url: service.service)
            let (state, credential) = try await file.open { wallet, keep in
                let community = try choice.community(of: wallet)
                var mirror = try await log.mirror(of: community)
                var attempt = 1
                while true {
                    let checkpoint = try await mirror.update(from: client.log)
                    guard let tree = mirror.tree else { throw CommandFailure("the log has no tree") }
                    do {
                        let state = try await client.topUp(
                            code, community: community, wallet: &wallet, entries: try await mirror.entries(from: client.log),
                            batch: checkpoint.batch, tree: tree, store: keep)
                        return (state, wallet.newestCredential(of: community.id))
                    } catch ServiceClient.Failure.refused(code: TopUpError.root.code, status: _) where attempt < 3 {
                        // Another batch came in between: the proof is made anew, for the same leaf.
                        attempt += 1
                        try await Task.sleep(for: .seconds(1))
                    } catch let error as WalletError {
                        Terminal.message("refused: \(error.code)")
                        throw ExitStatus.rejected
                    }
                }
            }
            if json {
                var members: [JSON.Member] = [.init("state", .text(String(describing: state)))]
                if let credential { members.append(.init("credential", credential.json)) }
                Terminal.output(JSON.object(members).encoded())
            } else {
                switch state {
                case .waiting: print("The top-up is taken; go on with `symbolon wallet top-up --continue` once its batch is in the log")
                case .toppedUp: print("Topped up")
                }
                if let credential { print("\(credential.name), epoch \(credential.epoch): \(credential.valuesText)") }
            }
        }
    }
}
