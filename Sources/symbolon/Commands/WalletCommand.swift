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

    struct Present: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Answer a presentation request.",
            discussion: """
                Example:
                  symbolon wallet present --service http://127.0.0.1:8080 --audience ID --nonce NONCE
                The request is fetched by its nonce, or read from --request. The audience's id says whom you talk to. With --out the answer
                is written to a file, to be verified offline, and not sent.

                To sign in to a forum, on any device, give the address that the sign-in page shows:
                  symbolon wallet present --url https://id.example.org/sign-in/HANDLE
                It prints a code to type on that page. Whoever gets the code signs in as you: type it only where you began yourself. With
                --out the answer goes to a file instead, to be given to that page and nobody else.

                The tree, and how many members could answer the same, is taken from what `symbolon wallet sync` left, so that no fetch shows
                when you present. It is fetched when that is older than --copy-age or does not hold your leaf yet.
                Exit status: 0 accepted (or written), 1 refused by the service or by the wallet.
                """)

        @OptionGroup var file: File
        @OptionGroup var log: LogOptions
        @Option(help: "Address of a sign-in page.") var url: String?
        @Option(help: "Tier to prove at a sign-in; the lowest unless given.") var tier: String?
        @Option(help: "Address of the community's service.") var service: String?
        @Option(help: "Id of the audience, 64 hex digits; at a sign-in only to make sure.") var audience: String?
        @Option(help: "Nonce of the request, in hex.") var nonce: String?
        @Option(help: "File with the request.") var request: String?
        @Option(help: "Refuse when fewer members than this could have answered, as far as is published.") var smallestSet: Int64 = 5
        @Flag(help: "Agree that the audience asks something else than before.") var acceptPolicy = false
        @Option(
            help: ArgumentHelp(
                "Use the copy of the tree without fetching, when it was checked so many minutes ago at most.", valueName: "minutes"))
        var copyAge: UInt16 = 45
        @Flag(help: "Bring the copy of the tree up to date first, however new it is.") var fetch = false
        @Flag(help: "Fetch the whole log, check its rules and take the tree from it.") var wholeLog = false
        @Option(help: "Write the answer to this file instead of sending it.") var out: String?
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            guard [nonce, request, url].count(where: { $0 != nil }) == 1 else {
                throw ValidationError("give one of --nonce, --request and --url")
            }
            if url == nil {
                guard service != nil, audience != nil else { throw ValidationError("--service and --audience say whom you talk to") }
                guard tier == nil else { throw ValidationError("--tier is for a sign-in") }
            } else {
                guard service == nil else { throw ValidationError("--url says which service it is") }
            }
        }

        func run() async throws {
            do {
                let target = try await target()
                let verdict = try await file.open { wallet, keep in try await present(&wallet, keep, to: target) }
                if json {
                    Terminal.output(verdict.encoded())
                } else if let out {
                    print("Answer written to \(out)")
                } else {
                    print("accepted")
                    if let code = verdict["code"]?.text, let page = target.signIn {
                        print("Type this code on the page where you began, at \(page.address.origin) and nowhere else: \(code)")
                    }
                }
            } catch let refusal as Refusal {
                throw refusal.shown(json: json)
            }
        }

        private func present(
            _ wallet: inout Wallet, _ keep: (Wallet) throws -> Void, to target: PresentTarget
        ) async throws -> JSON {
            guard !wallet.credentials.isEmpty else { throw CommandFailure("the wallet holds no credential; claim one first") }
            let (client, audience, json, told) = (target.client, target.audience, target.request, target.checkpoint)
            // The credential is chosen by the community that the request is about; the request is read with that community's schema.
            guard let community = json["community"]?.text,
                let credential = wallet.credentials.last(where: { $0.community.id.hex == community })
            else { throw CommandFailure("the wallet holds no credential of the request's community") }
            let schema = credential.community.schema
            let request: PresentationRequest
            do { request = try PresentationRequest(json: json, schema: schema) } catch { throw Refusal(code: error.code) }
            let now = Int64(Date().timeIntervalSince1970)
            // What is fetched does not depend on what is asked: whether, and why, the wallet refuses does not show in it.
            let policy = try await target.policy(community: credential.community)
            var copy = try await log.walletLog(of: credential.community, whole: wholeLog)
            let checkpoint: Checkpoint
            do {
                // A wallet that knows nothing of the others refuses: then what is kept is not enough.
                if !fetch, log.histogram(in: credential.epoch, of: credential.community) != nil,
                    let known = copy.checkpoint(holding: credential, checkedSince: now - Int64(copyAge) * 60)
                {
                    checkpoint = known
                } else {
                    checkpoint = try await log.update(&copy, of: credential.community, for: wallet, from: client)
                }
            } catch let error as LogError where error == .older || error == .quorum {
                // Not the wallet's to decide: the operator, or somebody between, shows another log than before.
                throw Refusal(code: error.code)
            } catch let found as ForkFound {
                throw Refusal(fork: found.path)
            }
            // The same was fetched whatever was told; what is ahead waits for the next time.
            do { if let told { try await copy.hear(told) } } catch let error as LogError {
                throw Refusal(code: error.code)
            } catch let found as ForkFound {
                throw Refusal(fork: found.path)
            }
            // Found with whomever: as long as it is not settled, the tree that this wallet was shown may be its own.
            if let proof = copy.forks.first { throw Refusal(fork: proof) }
            do throws(WalletError) {
                // Who asks is compared before what he asks is pinned under his name.
                if let refusal = wallet.refusal(of: request, with: credential, to: audience, now: now), refusal != .policy || !acceptPolicy
                {
                    throw refusal
                }
                if target.signIn != nil, request.scopes != [.signIn(audience: audience)] || request.tickets != nil {
                    throw WalletError.request(.scopeMismatch)
                }
                if acceptPolicy { try wallet.consent(to: request, published: policy) } else { try wallet.pin(request, published: policy) }
                if let refusal = wallet.refusal(of: request, with: credential, to: audience, now: now) { throw refusal }
            } catch {
                throw Refusal(code: error.code)
            }
            let histogram = log.histogram(in: credential.epoch, of: credential.community)
            try checkSet(histogram, request, credential, leaves: Int64(checkpoint.batch.leafCount))
            try keep(wallet)
            let path = try copy.path(of: credential)
            var ticket: UInt32?
            if request.tickets != nil {
                let spent = try await log.spent(
                    in: request.context.epoch, of: credential.community, notBefore: wallet.restoredAt, from: client)
                do { ticket = try wallet.reserveTicket(request, with: credential, spent: spent) } catch { throw Refusal(code: error.code) }
                try keep(wallet)
            }
            let answer: PresentationAnswer
            do { answer = try wallet.present(request, with: credential, to: audience, path: path, ticket: ticket, now: now) } catch {
                throw Refusal(code: error.code)
            }
            if let out {
                try Files.write(answer.json(schema).telling(checkpoint: copy.told(to: told)).encoded(), to: out)
                return .object([.init("answer", .text(out)), .init("bytes", .integer(Int64(answer.presentation.count)))])
            }
            do {
                return try await target.send(answer, schema: schema, checkpoint: copy.told(to: told))
            } catch ServiceClient.Failure.banned(let notice) {
                throw Refusal(banned: notice, service: target.service)
            } catch ServiceClient.Failure.refused(let code, let status) where status < 500 { throw Refusal(code: code) }
        }

        /// Warns when few members could have answered, refuses when hardly any.
        private func checkSet(
            _ histogram: Histogram?, _ request: PresentationRequest, _ credential: Credential, leaves: Int64
        ) throws {
            // One that counts more members than there are leaves counts nothing.
            let believed = histogram.flatMap { $0.total <= leaves ? $0 : nil }
            let members = believed?.membersAtLeast(request, values: credential.values, schema: credential.community.schema) ?? 0
            if members < smallestSet { throw Refusal(code: "anonymity-set-too-small") }
            if members < Int64(believed?.minimum ?? 0) {
                Terminal.message("Warning: perhaps only \(members) members could give this answer; you are one of them.")
            }
        }

        /// What is answered, and to whom.
        private func target() async throws -> PresentTarget {
            let known = try audience.map { text in
                guard let id = try? Digest(hex: text) else { throw CommandFailure("--audience is 64 hex digits") }
                return id
            }
            if let url { return try await PresentTarget(signIn: url, tier: tier, audience: known) }
            guard let service, let known else { throw CommandFailure("--service and --audience say whom you talk to") }
            if let request { return try PresentTarget(service: service, audience: known, served: try Files.json(request)) }
            guard let nonce, let bytes = try? Hex.decode(Array(nonce.utf8)) else { throw CommandFailure("--nonce is hex") }
            return try PresentTarget(
                service: service, audience: known, served: try await ServiceClient(url: service).requestJSON(nonce: bytes))
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

/// A wallet or a service refuses, with a stable code.
struct Refusal: Error {
    let code: String
    /// The file that proves why, where two histories of a log are signed.
    private(set) var proof: String?
    private var explanation: String?
    /// What a banned member is told.
    private var notice: BanNotice?

    init(code: String) { self.code = code }

    /// Two histories of the log are signed.
    init(fork proof: String?) {
        code = LogError.fork.code
        self.proof = proof
        explanation = ForkFound.explanation(proof: proof)
    }

    /// The pseudonym is banned there.
    init(banned notice: BanNotice, service: String) {
        code = BanNotice.code
        self.notice = notice
        var lines = ["Reason: \(notice.reason)", notice.until.map { "Until \(UTC.text($0))" } ?? "Without end"]
        if let code = notice.code { lines.append("On the page where you began, this code shows the same, and tells the forum no: \(code)") }
        lines.append("To appeal: symbolon wallet appeal --service \(service) --audience \(notice.audience.hex) --text-file FILE")
        explanation = lines.joined(separator: "\n")
    }

    /// Prints it; the status to end with.
    func shown(json: Bool) -> any Error {
        if let explanation { Terminal.message(explanation) }
        if json {
            var members: [JSON.Member] = [.init("verdict", .text("refused")), .init("code", .text(code))]
            if let proof { members.append(.init("proof", .text(proof))) }
            if let notice {
                members += [.init("reason", .text(notice.reason)), .init("audience", .hex(notice.audience.bytes))]
                if let until = notice.until { members.append(.init("until", .integer(until))) }
                if let code = notice.code { members.append(.init("sign-in-code", .text(code))) }
            }
            Terminal.output(JSON.object(members).encoded())
        } else {
            print("refused: \(code)")
        }
        return ExitStatus.rejected
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
