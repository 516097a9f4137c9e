import ArgumentParser
import Foundation
import Reputation
import VerifierService

@main struct Symbolon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "symbolon",
        abstract: "Anonymous credentials for communities: issue reputation, prove it without being recognised, accept the proof once.",
        discussion: """
            A community operator runs `community` and `serve`; a member runs `wallet`, a forum `forum`; anyone can `verify` a presentation from files.
            See it all at work on real data with `symbolon demo`.

            Exit status: 0 accepted or done, 1 rejected, 2 wrong usage, malformed input or trouble with the environment.
            With --json, standard output holds JSON alone; progress and messages go to standard error.
            """,
        version: "1",
        subcommands: [
            CommunityCommand.self, WalletCommand.self, ServeCommand.self, ForumCommand.self, OperatorCommand.self, VerifyCommand.self,
            AuditCommand.self,
            WitnessCommand.self,
            MeasureCommand.self, ProtocolCommand.self, DemoCommand.self,
        ])

    /// Parses, runs and ends with the exit statuses that the help promises: the parser's own codes (64 for usage) become 2.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let status as ExitCode {
            Foundation.exit(status.rawValue)
        } catch ServiceClient.Failure.refused(let code, let status) where status < 500 {
            Terminal.message("Error: the service refused: \(code)")
            Foundation.exit(ExitStatus.rejected.rawValue)
        } catch {
            if let text = text(of: error) {
                Terminal.message("Error: \(text)")
                Foundation.exit(ExitStatus.failure.rawValue)
            }
            let status = exitCode(for: error)
            let message = fullMessage(for: error)
            if status.isSuccess {
                print(message)
                Foundation.exit(0)
            }
            Terminal.message(message)
            Foundation.exit(ExitStatus.failure.rawValue)
        }
    }
}

extension Symbolon {
    /// The errors of the layers below have codes for programs; what they mean here is said where they come up, or by this.
    static func text(of error: any Error) -> String? {
        switch error {
        case let error as JSONError: "JSON: \(error.code)"
        case let error as SchemaError: "schema: \(error.code)"
        case let error as RequestError: "request: \(error.code)"
        case let found as ForkFound: found.description
        case let error as LightError: "tree: \(error.code)"
        case let error as LogError: "log or checkpoint: \(error.code)"
        case let error as LogViolation: "entry \(error.position) breaks a rule of the log: \(error.rule.code)"
        case let error as FileError: "a file cannot be read or written: \(error.code)"
        case let error as IssuanceError: "issuance failed: \(error.code)"
        case let error as PresentationError: "proof failed: \(error.code)"
        case let error as WalletError: "the wallet refuses: \(error.code)"
        case let error as WalletFileError: "the wallet cannot be stored: \(error.code)"
        case let failure as PostgresAddress.Failure: failure.description
        case StoreError.unavailable(let reason): "the store failed: \(reason)"
        case StoreError.newer(let step): "a newer version of symbolon made the store (\"\(step)\"); use that one"
        case let error as StoreError: "the store refused: \(error)"
        default: nil
        }
    }
}

/// The exit statuses of every command.
enum ExitStatus {
    /// A presentation or case is not what it should be.
    static let rejected = ExitCode(1)
    /// Wrong usage, malformed input, trouble with the environment.
    static let failure = ExitCode(2)
}

/// An error for people: what went wrong and, where it helps, what to do.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
