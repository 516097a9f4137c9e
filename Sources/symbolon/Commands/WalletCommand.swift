import ArgumentParser
import Foundation
import Membership
import Reputation
import VerifierService

struct WalletCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wallet", abstract: "A member's wallet: claim credentials, present them, renew them.",
        discussion: """
            The wallet is one encrypted file, and its own backup; 24 words bring it back without the file. Its passphrase is asked for, or
            read from --passphrase-file or the environment variable SYMBOLON_PASSPHRASE; never given as an argument.
            """,
        subcommands: [
            Initialize.self, Claim.self, Sync.self, Present.self, Renew.self, TopUp.self, Restore.self, Reports.self, Appeal.self,
            Show.self,
        ])

    /// The wallet file and its passphrase.
    struct File: ParsableArguments {
        @Option(help: "The wallet's file.") var wallet = "symbolon.wallet"
        @Option(help: "File whose first line is the passphrase.") var passphraseFile: String?

        /// Opens the file and runs a body with the wallet in it and a way to keep it.
        func open<Result>(_ body: (inout Wallet, (Wallet) throws -> Void) async throws -> Result) async throws -> Result {
            let (file, opened) = try Self.open(wallet, passphraseFile: passphraseFile)
            var wallet = opened
            return try await body(&wallet) { try file.save($0) }
        }

        /// The file of that name, and the wallet in it.
        static func open(_ path: String, passphraseFile: String?) throws -> (WalletFile, Wallet) {
            let passphrase = try Secrets.passphrase(file: passphraseFile, isNew: false)
            do { return try WalletFile.open(path, passphrase: passphrase) } catch {
                throw CommandFailure("cannot open the wallet \(path): \(error.code)")
            }
        }
    }

    /// Which service is talked to.
    struct Service: ParsableArguments {
        @Option(help: "Address of the community's service.") var service: String
    }

    /// A service and the community that it must be of.
    struct CommunityService: ParsableArguments {
        @OptionGroup var address: Service
        @Option(help: "The community's id, 64 hex digits.") var community: String

        var client: ServiceClient { ServiceClient(url: address.service) }

        /// The community whose id was given, as the service's log describes it.
        func described() async throws -> Community {
            guard let id = try? Digest(hex: community) else { throw CommandFailure("--community is 64 hex digits") }
            let found = try await client.log.community()
            guard found.id == id else { throw CommandFailure("the service is of another community: \(found.id.hex)") }
            return found
        }
    }

    struct Initialize: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init", abstract: "Make a wallet, or bring one back from its 24 words.",
            discussion: """
                Example:
                  symbolon wallet init --wallet mine.wallet
                The words appear once, on standard output. Whoever has them has the wallet: write them down, show them to nobody.
                """)

        @OptionGroup var file: File
        @Option(help: "File whose first line is the phrase of a wallet to bring back.") var phraseFile: String?
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let phrase: Phrase
            if let phraseFile {
                do { phrase = try Phrase(parsing: try Secrets.phrase(file: phraseFile)) } catch let error as PhraseError {
                    throw CommandFailure("\(phraseFile) holds no seed phrase: \(error.message)")
                }
            } else {
                phrase = Phrase()
            }
            let passphrase = try Secrets.passphrase(file: file.passphraseFile, isNew: true)
            let wallet = Wallet(phrase: phrase, restoredAt: phraseFile == nil ? nil : Int64(Date().timeIntervalSince1970))
            do { _ = try WalletFile.create(file.wallet, passphrase: passphrase, wallet: wallet) } catch {
                throw CommandFailure("cannot make the wallet \(file.wallet): \(error.code)")
            }
            let isNew = phraseFile == nil
            if json {
                var members: [JSON.Member] = [.init("wallet", .text(file.wallet))]
                if isNew { members.append(.init("phrase", .text(phrase.text))) }
                Terminal.output(JSON.object(members).encoded())
            } else {
                print("Wallet \(file.wallet)")
                if isNew { print("Its 24 words:\n\n  \(phrase.text)\n") }
            }
        }
    }

    struct Claim: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Claim a credential with a claim code.",
            discussion: """
                Example:
                  symbolon wallet claim --service http://127.0.0.1:8080 --community ID
                The code is asked for, or read from --code-file. The id says which community the wallet trusts; take it from where the
                community publishes it, not from the service. A claim whose answer got lost is repeated with the same command. The copy of the
                community's tree is brought up to date before, as by `symbolon wallet sync`.
                """)

        @OptionGroup var file: File
        @OptionGroup var service: CommunityService
        @OptionGroup var log: LogOptions
        @Option(help: "File whose first line is the claim code.") var codeFile: String?
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let code: ClaimCode
            do { code = try ClaimCode(parsing: try Secrets.code(file: codeFile)) } catch let error as BearerCodeError {
                throw CommandFailure("this is no claim code: \(error.message)")
            }
            let community = try await service.described()
            let credential = try await file.open { wallet, keep in
                // Before the claim: leaves that are in the tree now are not the one that comes of it.
                var copy = try await log.walletLog(of: community, whole: false)
                do { _ = try await copy.update(from: service.client.log, for: nil) } catch let found as ForkFound {
                    throw Refusal(fork: found.path).shown(json: json)
                }
                return try await service.client.claim(code, community: community, wallet: &wallet, store: keep)
            }
            if json {
                Terminal.output(credential.json.encoded())
            } else {
                print("Credential of \(credential.name): \(credential.valuesText)")
            }
        }
    }

    struct Sync: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring the copy of a community's tree up to date.",
            discussion: """
                Example, for a timer to run twice an hour:
                  symbolon wallet sync --service http://127.0.0.1:8080 --community ID
                Run by a timer, it does not show when somebody is about to present. It fetches what changed in the tree and verifies it down from
                the signed checkpoint: all leaves up to 100,000, above that those of eight buckets of some 12,000; and with it the histogram of
                members and the set of spent tickets. An older log than was seen before, and one that does not go on from it, is refused. Needs
                no passphrase, but where buckets have to be drawn for a new epoch: with --wallet they are, else when the wallet presents.
                With --whole-log the whole log is fetched and every entry held against the rules.
                Exit status: 0 up to date, 1 refused.
                """)

        @OptionGroup var service: CommunityService
        @OptionGroup var log: LogOptions
        @Flag(help: "Fetch the whole log and check its rules.") var wholeLog = false
        @Option(help: "A wallet's file: buckets are drawn for its leaf where that has to be done.") var wallet: String?
        @Option(help: "File whose first line is the wallet's passphrase.") var passphraseFile: String?
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (client, community) = (service.client, try await service.described())
            var copy = try await log.walletLog(of: community, whole: wholeLog)
            let own = try wallet.map { try File.open($0, passphraseFile: passphraseFile).1 }
            let checkpoint: Checkpoint
            do { checkpoint = try await log.update(&copy, of: community, for: own, from: client) } catch let error as LogError {
                throw Refusal(code: error.code).shown(json: json)
            } catch let error as LightError {
                throw Refusal(code: error.code).shown(json: json)
            } catch let found as ForkFound {
                throw Refusal(fork: found.path).shown(json: json)
            }
            try await log.keepSpent(in: checkpoint.batch.epoch, of: community, from: client)
            if json {
                Terminal.output(
                    JSON.object([
                        .init("size", .integer(Int64(checkpoint.size))), .init("epoch", .integer(checkpoint.batch.epoch)),
                        .init("leaves", .integer(checkpoint.batch.leafCount)),
                    ]).encoded())
            } else {
                print("\(checkpoint.size) entries, \(checkpoint.batch.leafCount) leaves in epoch \(checkpoint.batch.epoch)")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what the wallet holds.")

        @OptionGroup var file: File
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (credentials, claims, topUps, renewals) = try await file.open { wallet, _ in
                (wallet.credentials, wallet.pending.count, wallet.topUps.count, wallet.renewals.count)
            }
            if json {
                Terminal.output(
                    JSON.object([
                        .init("credentials", .array(credentials.map(\.json))), .init("pending-claims", .integer(Int64(claims))),
                        .init("pending-top-ups", .integer(Int64(topUps))), .init("pending-renewals", .integer(Int64(renewals))),
                    ]).encoded())
                return
            }
            for credential in credentials { print("\(credential.name), epoch \(credential.epoch): \(credential.valuesText)") }
            print("\(credentials.count) credentials, \(claims) claims without an answer")
            if topUps > 0 { print("A top-up is not in the log yet: `symbolon wallet top-up --continue`") }
            if renewals > 0 { print("A renewal is not in the log yet: `symbolon wallet renew`") }
        }
    }
}

/// A variable that closures share on one task.
final class Mutable<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
}

extension Credential {
    /// The community's name.
    var name: String { String(decoding: community.origin, as: UTF8.self) }

    /// Values by name.
    var valuesText: String { zip(community.schema.attributes, values).map { "\($0.nameText) \($1)" }.joined(separator: ", ") }

    /// What the wallet shows: nothing that the holder's secret could be learnt from.
    var json: JSON {
        .object([
            .init("community", .hex(community.id.bytes)), .init("name", .string(community.origin)), .init("epoch", .integer(epoch)),
            .init("values", .object(zip(community.schema.attributes, values).map { .init($0.name, .integer($1)) })),
        ])
    }
}
