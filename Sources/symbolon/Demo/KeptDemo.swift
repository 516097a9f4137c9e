import DemoForum
import Foundation
import Membership
import Operations
import Platform
import Reputation
import SignIn
import UnixSignals
import VerifierService
import WalletSite

/// The demo that stays: the service with the community vtaiwan, a wallet for browsers and a small forum, each at an origin of its own on this machine,
/// until it is told to end.
struct KeptDemo {
    private static let forumName = "The Board", bound: Int64 = 20, mostGifts = 100

    private let store: SQLStore
    private let service: CommunityService
    private let extensions: [any ServiceExtension]
    /// Who makes up the crowd.
    private let members: [DemoMember]
    private let forum: String

    /// Makes the community and all that is served.
    ///
    /// - Parameters:
    ///   - directory: of the community, fresh.
    ///   - walletFiles: folder of the wallet.
    ///   - ports: of the service, the wallet and the forum.
    init(
        table: CSV, schema: Schema, directory: DataDirectory, walletFiles: WalletFiles, ports: (service: Int, wallet: Int, forum: Int)
    ) async throws {
        // By name: passkeys belong to names.
        func origin(_ port: Int) -> String { "http://localhost:\(port)" }
        let (key, now) = (try directory.createLogKey(), Int64(Date().timeIntervalSince1970))
        let community = try Community(logKey: key.publicKey, origin: Array("vtaiwan".utf8), schema: schema)
        store = try directory.openStore()
        // Who claims is to be in the tree at once: nobody is to wait here, and nobody is to be hidden.
        try await Issuer.create(
            community: community, depth: 2, batching: try Batching(leaves: 1, seconds: 1), store: store, key: key, now: now)
        let rows = try MemberImport.members(
            of: table, schema: schema, personColumn: "participant", whenEmpty: ["group": -1, "warnings": 0])
        let codes = try await MemberImport.makeCodes(
            for: rows, community: community.id, capacity: try TreeShape(depth: 2).capacity, store: store)
        guard let issuer = SignIn.Issuer(origin(ports.service)), let wallet = WalletAddress(origin(ports.wallet)),
            let votes = schema.attributes.firstIndex(where: { $0.nameText == "votes" }),
            let comments = schema.attributes.firstIndex(where: { $0.nameText == "comments" })
        else { throw CommandFailure("the table says nothing of votes and comments") }

        // Some of those who cast enough votes are given away; all others are the crowd that these stand in.
        let everybody = zip(rows, codes).map { (member: $0, code: $1.code) }.shuffled()
        let eligible = everybody.filter { $0.member.values[votes] >= Self.bound }
        let given = eligible.prefix(min(Self.mostGifts, eligible.count / 2))
        let gone = Set(given.map(\.member.person))
        members = everybody.filter { !gone.contains($0.member.person) }.map { DemoMember(code: $0.code, values: $0.member.values) }
        let gifts = given.map { member, code in
            DemoForum.Gift(
                link: wallet.link(.claim, code: code.text, service: issuer.origin, community: community.id),
                what: "somebody who cast \(member.values[votes]) votes and wrote \(member.values[comments]) comments")
        }

        forum = origin(ports.forum)
        var draft = ForumDraft(name: Self.forumName, audience: "board", redirectURIs: [DemoForum.callback(forum)])
        draft.logoutURIs = [forum + "/"]
        draft.tiers = ["member=members: votes >= 1", "regular=regulars: votes >= \(Self.bound)"]
        let (registered, secret) = try await draft.register(in: ForumBook(store), directory: directory, community: community) { _ in }
        guard let secret else { throw CommandFailure("the forum was given no secret") }

        let options = CommunityService.Options(port: ports.service)
        let moderation = store
        service = try await CommunityService(
            store: store, key: key, audiences: try AudienceBook(of: directory, community: community), moderation: moderation,
            options: options)
        var site = options
        site.port = ports.wallet
        extensions = [
            AppealRoutes(service: service),
            SignIn(
                issuer: issuer, service: service, store: store,
                keys: try await SigningKeys(folder: directory.signInFolder, now: now),
                secrets: try ForumSecrets(folder: directory.signInFolder), wallet: wallet),
            try WalletSite(walletFiles, options: site, limits: service.limits, logger: Logs.logger),
            DemoForum(
                origin: forum, port: ports.forum, issuer: issuer.origin, clientID: registered.id, secret: secret, gifts: gifts,
                logger: Logs.logger),
        ]
    }

    /// Serves until the process is told to end (SIGINT, SIGTERM). The last line of the output is the forum's address, once all is there.
    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: End?.self) { group in
            group.addTask {
                defer { running.finish() }
                try await service.run(logger: Logs.logger, signals: [], with: extensions) { running.yield($0) }
                return .served
            }
            group.addTask {
                for await _ in signals { return .told }
                return nil
            }
            group.addTask {
                guard let port = await ports.first(where: { _ in true }) else { return nil }
                do { try await gather(ServiceClient(url: "http://127.0.0.1:\(port)")) } catch { return .failed(error) }
                Terminal.message("All is there; Ctrl-C ends it, and nothing is left. Open:")
                print(forum + "/")
                fflush(nil)
                return nil
            }
            var end: End?
            while end == nil, let next = try await group.next() { end = next }
            group.cancelAll()
            // What is under way is finished, as far as the service goes; claims that fail because it ends are no failure.
            do { while try await group.next() != nil {} } catch is CancellationError {}
            if case .failed(let error) = end { throw error }
        }
        try store.close()
    }

    private enum End {
        /// By the user.
        case told
        /// The service ended by itself.
        case served
        /// A member could not claim.
        case failed(any Error)
    }

    /// The crowd claims, each with a wallet of its own, so that who comes is one of many.
    private func gather(_ client: ServiceClient) async throws {
        var bar = ProgressBar("Members claim", total: members.count)
        var done = 0
        let community = service.issuer.community
        try await withThrowingTaskGroup(of: Void.self) { group in
            var waiting = members.makeIterator()
            for _ in 0..<8 { if let member = waiting.next() { group.addTask { try await member.claim(of: community, from: client) } } }
            while try await group.next() != nil {
                done += 1
                bar.update(done)
                if let member = waiting.next() { group.addTask { try await member.claim(of: community, from: client) } }
            }
        }
    }
}

extension KeptDemo {
    /// Three ports that are free now, the usual ones where they are.
    static func ports() throws -> (service: Int, wallet: Int, forum: Int) {
        let free = (8080...8280).lazy.filter { LocalPort.isFree(host: "127.0.0.1", port: $0) }.prefix(3)
        let found = Array(free)
        guard found.count == 3 else { throw CommandFailure("no three ports from 8080 to 8280 are free") }
        return (found[0], found[1], found[2])
    }
}
