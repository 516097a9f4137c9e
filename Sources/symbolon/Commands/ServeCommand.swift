import ArgumentParser
import Configuration
import Console
import Foundation
import Logging
import Metrics
import Operations
import Reputation
import SignIn
import Synchronization
import VerifierService
import WalletSite

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

            Each setting can stand in a file (--config, JSON) and in the environment too; what is said here comes first, then the environment,
            then the file (docs/operating.md lists them). --check looks whether all is there and right, and serves nothing.

            Without a certificate the service speaks plain HTTP: put a proxy that ends TLS before it, name it with --proxy, and let it log no
            addresses. The log on standard error holds routes, statuses and times only. SIGTERM ends it after the requests under way.
            Exit status: 0 ended as it was told to, or checked and fine; 1 checked and something is wrong; 2 a wrong setting.
            """)

    @Option(help: "Folder of the community: its store and its keys.") var data: String?
    @Option(
        help: ArgumentHelp(
            "PostgreSQL database with the store, without a password; unless given the one of `community init`, or a file in the folder.",
            valueName: "address"))
    var database: String?
    @Option(help: ArgumentHelp("File of settings, JSON.", valueName: "file")) var config: String?
    @Option(help: "Address to listen on; 127.0.0.1 unless given.") var host: String?
    @Option(help: "Port; 0 takes a free one; 8080 unless given.") var port: Int?
    @Option(help: "An audience to serve, made if it is new; may be repeated.") var audience: [String] = []
    @Option(
        help: ArgumentHelp(
            "File that says which witnesses must cosign a checkpoint before it is published (c2sp.org/tlog-policy).", valueName: "file"))
    var witnesses: String?
    @Option(
        help: "Seconds for which a published set of spent tickets stands; a wallet that was brought back waits so long before it posts.")
    var spentSeconds: Int?
    @Option(help: "Wallets warn their owners below so many members who could answer a request.") var minimumSet: Int?
    @Option(
        help: "Seconds for which a root is accepted after another of the same epoch replaced it. Wallets use copies up to 45 minutes old.")
    var grace: Int?
    @Option(
        help: ArgumentHelp(
            "Origin at which browsers and forums reach the service, such as https://id.example.org; with it members sign in to forums. Unless given it is the address it listens on, if that is this machine's own and --port is not 0; else there is no sign-in.",
            valueName: "origin"))
    var issuer: String?
    @Option(help: ArgumentHelp("Certificate chain to serve with, PEM; read again when it is replaced.", valueName: "file"))
    var tlsCertificate: String?
    @Option(help: ArgumentHelp("Its private key, PEM.", valueName: "file")) var tlsKey: String?
    @Option(help: ArgumentHelp("A proxy whose X-Forwarded-For is believed: address or range; may be repeated.", valueName: "range"))
    var proxy: [String] = []
    @Option(
        help:
            "Port at which Prometheus finds /metrics, on 127.0.0.1 unless metrics.host is set; 0 takes a free one; not served unless given."
    )
    var metricsPort: Int?
    @Flag(help: "Serve the operators' console too, below /console of this address (docs/operators.md).") var console = false
    @Option(help: "Serve the operators' console, on this port of 127.0.0.1 alone.") var consolePort: Int?
    @Option(
        help: ArgumentHelp("Origin at which operators reach that port, if a proxy that ends TLS stands before it.", valueName: "origin"))
    var consoleOrigin: String?
    @Option(help: ArgumentHelp("Serve a wallet for browsers too: folder that Scripts/build-wallet made.", valueName: "folder"))
    var walletFiles: String?
    @Option(help: "Port to serve it on: it needs an origin of its own.") var walletPort: Int?
    @Option(
        help: ArgumentHelp(
            "Origin at which browsers reach that port; unless given it is localhost, if the service listens on this machine alone.",
            valueName: "origin"))
    var walletOrigin: String?
    @Option(
        help: ArgumentHelp(
            "Wallet that members' browsers are led to when they sign in; unless given the one served here.", valueName: "address"))
    var wallet: String?
    @Flag(help: "Look whether all is there and right, and serve nothing.") var check = false
    @Flag(help: "Print the address and the audiences, or what was checked, as JSON.") var json = false

    func validate() throws { try CommunityCommand.Folder.check(database: database) }

    /// What the command line says.
    private var flags: [ServeSettings.Key: ConfigContent] {
        var flags: [ServeSettings.Key: ConfigContent] = [:]
        let texts: [(ServeSettings.Key, String?)] = [
            (.data, data), (.database, database), (.host, host), (.witnesses, witnesses), (.issuer, issuer),
            (.certificate, tlsCertificate), (.privateKey, tlsKey), (.walletFiles, walletFiles),
            (.walletOrigin, walletOrigin), (.walletAddress, wallet),
        ]
        for (key, value) in texts { flags[key] = value.map { .string($0) } }
        let numbers: [(ServeSettings.Key, Int?)] = [
            (.port, port), (.spentSeconds, spentSeconds), (.minimumSet, minimumSet), (.grace, grace), (.metricsPort, metricsPort),
            (.consolePort, consolePort), (.walletPort, walletPort),
        ]
        for (key, value) in numbers { flags[key] = value.map { .int($0) } }
        flags[.consoleOrigin] = consoleOrigin.map { .string($0) }
        if console { flags[.consoleHere] = .bool(true) }
        if !audience.isEmpty { flags[.audiences] = .stringArray(audience) }
        if !proxy.isEmpty { flags[.proxies] = .stringArray(proxy) }
        return flags
    }

    private func report(_ check: ServeCheck) {
        if json {
            Terminal.output(
                JSON.object([.init("fine", .bool(check.isFine)), .init("findings", .array(check.findings.map(\.json)))]).encoded())
        } else {
            for finding in check.findings {
                print("\(finding.verdict.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0))\(finding.subject): \(finding.text)")
            }
        }
    }

    func run() async throws {
        let settings = try await ServeSettings(flags: flags, file: config)
        if check {
            let check = await ServeCheck(settings)
            report(check)
            if !check.isFine { throw ExitCode(1) }
            return
        }
        let folder = settings.folder
        let key = try folder.logKey()
        for name in settings.audiences { _ = try folder.audience(named: name) }
        let (store, community) = try await folder.openCommunity()
        let audiences = try AudienceBook(of: folder, community: community)
        let walletFiles = try settings.walletSite.map { try WalletFiles(folder: $0.folder) }
        let certificate = try settings.tls.map { try Certificate(certificate: $0.certificate, key: $0.key) }
        let (metricsAddresses, metricsRunning) = AsyncStream.makeStream(of: String.self)
        if settings.metrics == nil { metricsRunning.finish() }
        let metrics = settings.metrics.map { metrics in
            let prometheus = Prometheus()
            MetricsSystem.bootstrap(prometheus)
            return MetricsListener(host: metrics.host, port: metrics.port, prometheus: prometheus) { port in
                metricsRunning.yield("http://\(metrics.host):\(port)/metrics")
            }
        }
        let tally = Tally(store: store) { Int64(Date().timeIntervalSince1970) }
        var options = CommunityService.Options(
            host: settings.host, port: settings.port, witnesses: try LogOptions.policy(settings.witnesses),
            spentInterval: settings.spentSeconds, minimumSet: settings.minimumSet, grace: settings.grace,
            checkpoints: folder.checkpointsPrefix, certificate: certificate, proxies: settings.proxies, limits: settings.limits,
            connections: settings.connections, metrics: metrics)
        let service = try await CommunityService(
            store: store, key: key, audiences: audiences, limits: store, moderation: store, tally: tally, options: options,
            progress: Self.progress())
        let secrets = try ForumSecrets(folder: folder.signInFolder)
        var extensions: [any ServiceExtension] = [
            AppealRoutes(service: service), WebhookCourier(store: store, secrets: secrets, logger: Logs.logger), tally,
        ]
        if let origin = settings.issuer {
            let keys = try await SigningKeys(folder: folder.signInFolder, now: service.now())
            extensions.append(
                SignIn(issuer: origin, service: service, store: store, keys: keys, secrets: secrets, wallet: settings.wallet))
            let desk = Desk(issuer: origin, service: service, store: store, directory: folder, keys: keys)
            switch settings.console {
            case .none: break
            case .here: extensions.append(Console(origin: origin, desk: desk))
            case .port(let port, let reached):
                extensions.append(
                    ConsoleListener(Console(origin: reached, desk: desk), port: port, logger: Logs.logger) { _ in
                        Terminal.message("The operators' console is at \(reached.origin)/console")
                    })
            }
        }
        if let site = settings.walletSite, let walletFiles {
            options.port = site.port
            extensions.append(
                try WalletSite(walletFiles, options: options, limits: service.limits, logger: Logs.logger) { _ in
                    Terminal.message("The wallet is at \(site.origin.origin)/")
                })
        }
        let (address, json) = ("\(certificate == nil ? "http" : "https")://\(settings.host)", self.json)
        try await service.run(logger: Logs.logger, with: extensions) { port in
            let metrics = await metricsAddresses.first { _ in true }
            if json {
                let parties = audiences.all.map { JSON.object([.init("name", .text($0.name)), .init("id", .hex($0.id.bytes))]) }
                Terminal.output(
                    JSON.object(
                        [.init("url", .text("\(address):\(port)")), .init("audiences", .array(parties))]
                            + (metrics.map { [.init("metrics", .text($0))] } ?? [])
                    ).encoded())
            } else {
                Terminal.message("Serving \(String(decoding: service.issuer.community.origin, as: UTF8.self)) at \(address):\(port)")
                if let metrics { Terminal.message("Metrics at \(metrics)") }
                for audience in audiences.all {
                    Terminal.message(
                        "Audience \(audience.name), id \(audience.id.hex), token in \(folder.tokenPath(ofAudience: audience.name))"
                    )
                }
            }
        }
        try await tally.flush()
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
}
