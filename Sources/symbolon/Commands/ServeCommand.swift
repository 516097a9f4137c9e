import ArgumentParser
import Foundation
import Logging
import Reputation
import SignIn
import Synchronization
import VerifierService

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve a community over HTTP: issue credentials, publish the tree, accept presentations.",
        discussion: """
            Example:
              symbolon serve --data ./vtaiwan --port 8080 --audience forum

            An audience is somebody who asks visitors for presentations. Each gets a key and a token in the folder; its operator shows
            the token to create requests:
              curl -H "Authorization: Bearer $(cat ./vtaiwan/audiences/forum.token)" \\
                   -d '{"purposes": [{"purpose": "act", "subject": "766f7465"}], "predicates": ["votes >= 20"]}' \\
                   http://127.0.0.1:8080/v1/audiences/ID/requests

            The service speaks plain HTTP: put a proxy that ends TLS before it, and let that proxy log no addresses. The log on standard
            error holds routes, statuses and times only. SIGTERM ends it after the requests under way.
            """)

    @OptionGroup var folder: CommunityCommand.Folder
    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port; 0 takes a free one.") var port = 8080
    @Option(help: "An audience to serve, made if it is new; may be repeated.") var audience: [String] = []
    @Option(
        help: ArgumentHelp(
            "File that says which witnesses must cosign a checkpoint before it is published (c2sp.org/tlog-policy).", valueName: "file"))
    var witnesses: String?
    @Option(
        help: "Seconds for which a published set of spent tickets stands; a wallet that was brought back waits so long before it posts.")
    var spentSeconds: Int64 = SpentTickets.interval
    @Option(help: "Wallets warn their owners below so many members who could answer a request.")
    var minimumSet: UInt32 = HistogramPublisher.minimum
    @Option(
        help: "Seconds for which a root is accepted after another of the same epoch replaced it. Wallets use copies up to 45 minutes old.")
    var grace: Int64 = Verifier.grace
    @Option(
        help: ArgumentHelp(
            "Origin at which browsers and forums reach the service, such as https://id.example.org; with it members sign in to forums. Unless given it is the address it listens on, if that is this machine's own and --port is not 0; else there is no sign-in.",
            valueName: "origin"))
    var issuer: String?
    @Flag(help: "Print the address and the audiences as JSON once it serves.") var json = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is 0 to 65535") }
        guard spentSeconds >= 1 else { throw ValidationError("--spent-seconds is at least 1") }
        guard (0...86_400).contains(grace) else { throw ValidationError("--grace is 0 to 86400") }
        guard issuer.map({ SignIn.Issuer($0) != nil }) ?? true else {
            throw ValidationError("--issuer is an https origin, or http on this machine, without a path: https://id.example.org")
        }
    }

    /// Where sign-ins happen; nil when nobody can be sent there.
    private var signInOrigin: SignIn.Issuer? {
        if let issuer { return SignIn.Issuer(issuer) }
        guard port != 0, ["127.0.0.1", "::1", "localhost"].contains(host) else { return nil }
        return SignIn.Issuer("http://\(host == "::1" ? "[::1]" : host):\(port)")
    }

    func run() async throws {
        let key = try folder.directory.logKey()
        for name in audience { _ = try folder.directory.audience(named: name) }
        let audiences = try folder.directory.audiences()
        let store = try folder.directory.openStore()
        var policies: [Digest: Policy] = [:]
        let id = try Digest.keyID(key.publicKey)
        if let record = try await store.communities().first(where: { $0.id == id.bytes }) {
            let community = try Community(json: JSON(parsing: record.document))
            for audience in audiences { policies[audience.id] = try folder.directory.policy(of: audience, community: community) }
        }
        let service = try await CommunityService(
            store: store, key: key, audiences: audiences, policies: policies,
            options: .init(
                host: host, port: port, witnesses: try LogOptions.policy(witnesses), spentInterval: spentSeconds, minimumSet: minimumSet,
                grace: grace, checkpoints: folder.directory.checkpointsPrefix),
            progress: Self.progress())
        var extensions: [any ServiceExtension] = []
        if let origin = signInOrigin {
            let keys = try await SigningKeys(folder: folder.directory.signInFolder, now: service.now())
            let secrets = try ForumSecrets(folder: folder.directory.signInFolder)
            extensions.append(SignIn(issuer: origin, service: service, store: store, keys: keys, secrets: secrets))
        }
        let (host, json, folder) = (self.host, self.json, self.folder)
        try await service.run(logger: Self.logger, with: extensions) { port in
            if json {
                let parties = audiences.map { JSON.object([.init("name", .text($0.name)), .init("id", .hex($0.id.bytes))]) }
                Terminal.output(
                    JSON.object([.init("url", .text("http://\(host):\(port)")), .init("audiences", .array(parties))]).encoded())
            } else {
                Terminal.message("Serving \(String(decoding: service.issuer.community.origin, as: UTF8.self)) at http://\(host):\(port)")
                for audience in audiences {
                    Terminal.message(
                        "Audience \(audience.name), id \(audience.id.hex), token in \(folder.directory.tokenPath(ofAudience: audience.name))"
                    )
                }
            }
        }
        try store.close()
    }

    /// Shows how far the log is read, when it is long.
    private static func progress() -> @Sendable (Int, Int) -> Void {
        let bar = Mutex<ProgressBar?>(nil)
        return { done, total in
            guard total >= 10_000 else { return }
            bar.withLock { bar in
                if bar == nil { bar = ProgressBar("Reading the log", total: total) }
                bar?.update(done)
            }
        }
    }

    static let logger = {
        var logger = Logger(label: "symbolon") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = ProcessInfo.processInfo.environment["SYMBOLON_LOG"].flatMap(Logger.Level.init(rawValue:)) ?? .notice
        return logger
    }()
}
