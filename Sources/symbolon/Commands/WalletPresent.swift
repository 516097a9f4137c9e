import ArgumentParser
import Foundation
import Reputation
import SignIn
import VerifierService

extension WalletCommand {
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
}
