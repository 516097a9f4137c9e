import ArgumentParser
import Foundation
import Reputation
import SignIn
import VerifierService

extension WalletCommand {
    struct Appeal: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Appeal against a ban at a forum, or ask how an appeal stands.",
            discussion: """
                Example:
                  symbolon wallet appeal --service https://id.example.org --audience ID --text-file appeal.txt
                The refusal of a banned pseudonym says both. --url takes the address of a sign-in page of that forum instead. The wallet proves
                that the text comes from the pseudonym, and nothing else. Somebody else than the operator who banned decides. The same command
                with the same text says later how it stands.
                Exit status: 0 it waits or is granted, 1 refused.
                """)

        @OptionGroup var file: File
        @OptionGroup var log: LogOptions
        @OptionGroup var choice: Choice
        @Option(help: "Address of a sign-in page of the forum.") var url: String?
        @Option(help: "Address of the service.") var service: String?
        @Option(help: "Id of the audience, 64 hex digits; with --url only to make sure.") var audience: String?
        @Option(help: "File with what you say.") var textFile: String
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            guard url == nil ? service != nil && audience != nil : service == nil else {
                throw ValidationError("give --url, or --service and --audience")
            }
        }

        func run() async throws {
            do {
                let text = String(decoding: try Files.read(textFile), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
                guard text.utf8.count <= AppealStatement.greatestText else { throw Refusal(code: "appeal-text") }
                let (client, audience) = try await target()
                let (state, answer) = try await file.open { wallet, _ in
                    let community = try choice.community(of: wallet)
                    guard let credential = wallet.newestCredential(of: community.id) else {
                        throw CommandFailure("the wallet holds no credential; claim one first")
                    }
                    var copy = try await log.walletLog(of: community, whole: false)
                    do { _ = try await copy.update(from: client.log, for: wallet) } catch let error as LogError {
                        throw Refusal(code: error.code)
                    } catch let found as ForkFound {
                        throw Refusal(fork: found.path)
                    }
                    let proof = try wallet.appeal(Array(text.utf8), to: audience, with: credential, path: try copy.path(of: credential))
                    return try await client.appeal(proof, text: text, to: audience, schema: community.schema)
                }
                show(state, answer)
                if state == .refused { throw ExitStatus.rejected }
            } catch let refusal as Refusal {
                throw refusal.shown(json: json)
            } catch ServiceClient.Failure.refused(let code, let status) where status < 500 {
                throw Refusal(code: code).shown(json: json)
            }
        }

        private func show(_ state: AppealRecord.State, _ answer: String?) {
            if json {
                var members: [JSON.Member] = [.init("state", .text(String(describing: state)))]
                if let answer { members.append(.init("answer", .text(answer))) }
                Terminal.output(JSON.object(members).encoded())
                return
            }
            switch state {
            case .open: print("Your appeal waits for its decision")
            case .granted: print("Granted: the ban is lifted")
            case .refused: print("refused: the ban stays")
            }
            if let answer { print("Answer: \(answer)") }
        }

        private func target() async throws -> (ServiceClient, Digest) {
            let known = try audience.map { text in
                guard let id = try? Digest(hex: text) else { throw CommandFailure("--audience is 64 hex digits") }
                return id
            }
            if let service, let known { return (ServiceClient(url: service), known) }
            let target = try await PresentTarget(signIn: url ?? "", tier: nil, audience: known)
            return (target.client, target.audience)
        }
    }
}
