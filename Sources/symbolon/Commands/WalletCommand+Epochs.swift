import ArgumentParser
import Foundation
import Membership
import Reputation
import VerifierService

extension WalletCommand {
    /// The wallet's community, by id or because it is the only one.
    struct Choice: ParsableArguments {
        @Option(help: "The community's id, 64 hex digits; needed when the wallet knows several.") var community: String?

        func community(of wallet: Wallet) throws -> Community {
            var known: [Community] = []
            for credential in wallet.credentials where !known.contains(credential.community) { known.append(credential.community) }
            if let community { known = known.filter { $0.id.hex == community } }
            guard known.count == 1 else {
                throw CommandFailure("the wallet knows \(known.count) such communities; name one with --community")
            }
            return known[0]
        }
    }

    struct Renew: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Renew the credential into the next epoch.",
            discussion: """
                Example:
                  symbolon wallet renew --service http://127.0.0.1:8080
                Sends the renewal, or goes on with one that was sent, as far as it goes; may be interrupted anywhere and repeated. The old
                credential is left once the new leaf stands in the log. That shows, to the issuer and to all who read the log, that the accounts
                whose feedback settles belong to one member, and nothing else.
                Exit status: 0 renewed, taken, or nothing to do; 1 refused.
                """)

        @OptionGroup var file: File
        @OptionGroup var service: Service
        @OptionGroup var log: LogOptions
        @OptionGroup var choice: Choice
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let client = ServiceClient(url: service.service)
            let (state, credential) = try await file.open { wallet, keep in
                let community = try choice.community(of: wallet)
                var mirror = try await log.mirror(of: community)
                try await mirror.update(from: client.log)
                guard let tree = mirror.tree else { throw CommandFailure("the log has no tree") }
                let state: ServiceClient.Renewal
                do {
                    state = try await client.renew(
                        community: community, wallet: &wallet, entries: try await mirror.entries(from: client.log),
                        epochs: mirror.replay.epochs, tree: tree, store: keep)
                } catch let error as WalletError {
                    Terminal.message("refused: \(error.code)")
                    throw ExitStatus.rejected
                }
                return (state, wallet.newestCredential(of: community.id))
            }
            if json {
                var members: [JSON.Member] = [.init("state", .text(String(describing: state)))]
                if let credential { members.append(.init("credential", credential.json)) }
                Terminal.output(JSON.object(members).encoded())
            } else {
                switch state {
                case .waiting: print("The renewal is taken; repeat this once the epoch has opened")
                case .renewed: print("Renewed")
                case .current: print("Nothing to renew")
                }
                if let credential { print("\(credential.name), epoch \(credential.epoch): \(credential.valuesText)") }
            }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find the wallet's credentials again in a community's log.",
            discussion: """
                Example, after `symbolon wallet init --phrase-file words.txt`:
                  symbolon wallet restore --service http://127.0.0.1:8080 --community ID
                From the seed and public data alone, through all renewals. A renewal that was sent and is not in the log yet is sent again with
                `symbolon wallet renew`, and gets the answer that it got. Tickets that were used are passed over once `symbolon wallet sync` has
                fetched the published set of spent ones.
                """)

        @OptionGroup var file: File
        @OptionGroup var service: CommunityService
        @OptionGroup var log: LogOptions
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (source, community) = (service.client.log, try await service.described())
            let (found, newest) = try await file.open { wallet, keep in
                var mirror = try await log.mirror(of: community)
                try await mirror.update(from: source)
                let found = try wallet.restore(community: community, entries: try await mirror.entries(from: source))
                try keep(wallet)
                return (found, wallet.newestCredential(of: community.id))
            }
            if json {
                var members: [JSON.Member] = [.init("found", .integer(Int64(found)))]
                if let newest { members.append(.init("credential", newest.json)) }
                Terminal.output(JSON.object(members).encoded())
            } else {
                print("\(found) credentials found")
                if let newest { print("\(newest.name), epoch \(newest.epoch): \(newest.valuesText)") }
            }
        }
    }

    struct Reports: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what forums reported about the wallet's accounts.",
            discussion: """
                All reports of the epoch are fetched, and one's own found among them by the wallet. With --dispute the report of that number is
                disputed: the account's holder proves that it is his, and nothing settles until the operator has decided.
                Exit status: 0 done, 1 refused.
                """)

        @OptionGroup var file: File
        @OptionGroup var service: Service
        @OptionGroup var log: LogOptions
        @OptionGroup var choice: Choice
        @Option(help: "Epoch of the acts.") var epoch: UInt32
        @Option(help: "Number of a report to dispute.") var dispute: Int64?

        func run() async throws {
            let client = ServiceClient(url: service.service)
            try await file.open { wallet, _ in
                let community = try choice.community(of: wallet)
                let own = try await client.reports(epoch: epoch).filter { report in
                    guard let text = report["audience"]?.text, let audience = try? Digest(hex: text) else { return false }
                    let scope = Scope.account(community: community.id, epoch: epoch, audience: audience)
                    return report["account"]?.text == Hex.text(wallet.nullifier(scope))
                }
                guard let number = dispute else {
                    Terminal.output(JSON.array(own).encoded())
                    return
                }
                guard let report = own.first(where: { $0["number"] == .integer(number) }),
                    let audience = try? Digest(hex: report["audience"]?.text ?? ""),
                    let message = try? Digest(hex: report["message"]?.text ?? "")
                else { throw CommandFailure("no report of this number is on an account of this wallet") }
                guard let credential = wallet.credentials.last(where: { $0.community == community && $0.epoch == epoch }) else {
                    throw CommandFailure("the wallet holds no credential of epoch \(epoch)")
                }
                var mirror = try await log.mirror(of: community)
                try await mirror.update(from: client.log)
                let tree =
                    epoch == mirror.replay.epochs.current
                    ? mirror.tree : finalTree(of: epoch, entries: try await mirror.entries(from: client.log))
                guard let tree else { throw CommandFailure("the log has no tree of this epoch") }
                let request = try DisputeStatement.request(community: community, epoch: epoch, audience: audience, message: message)
                let answer = try wallet.present(
                    request, with: credential, to: audience, path: try ServiceClient.path(of: credential, in: tree),
                    now: Int64(Date().timeIntervalSince1970))
                try await client.dispute(answer, to: audience, schema: community.schema)
                print("disputed")
            }
        }
    }
}
