import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import Metrics
import NIOCore
import Operations
import Platform
import Reputation
import ServiceLifecycle
import UnixSignals

/// What another room serves beside the community's own addresses.
public protocol ServiceExtension: Sendable {
    /// Adds its addresses. Requests are logged by their routes, and errors become problem details, as everywhere.
    func addRoutes(to router: Router<ServiceContext>)
    /// What has to be done about once a minute.
    func keepUp(now: Int64) async throws
    /// Who signs results for forums, if it has keys that they know.
    var resultSigner: (any ResultSigner)? { get }
    /// What runs beside the server, and ends with it.
    var services: [any Service] { get }
}

extension ServiceExtension {
    /// Nobody.
    public var resultSigner: (any ResultSigner)? { nil }
    /// Nothing.
    public var services: [any Service] { [] }
}

/// One community's HTTP service: issuer and verifier over one store.
public struct CommunityService: Sendable {
    /// How to run.
    public struct Options: Sendable {
        /// Address to listen on.
        public var host: String
        /// Port; 0 takes a free one.
        public var port: Int
        /// Who has to cosign a checkpoint before it is published.
        public var witnesses: WitnessPolicy
        /// Threads for cryptography.
        public var threads: Int
        /// Pieces of cryptographic work taken on at a time; beyond, clients are told to come back.
        public var capacity: Int
        /// How presentations are gathered into batches.
        public var gathering: Gathering
        /// Seconds for which a published set of spent nullifiers stands.
        public var spentInterval: Int64
        /// Below so many members who could answer, the community wants its members to be warned.
        public var minimumSet: UInt32
        /// Seconds for which a root is accepted after another of the same epoch replaced it.
        public var grace: Int64
        /// What the names of files begin with in which checkpoints that contradict the log are kept; nil keeps none.
        public var checkpoints: String?
        /// The certificate to serve with; nil serves plain HTTP, for this machine and for proxies.
        public var certificate: Certificate?
        /// Proxies that say who asks.
        public var proxies: TrustedProxies
        /// What each network may ask for.
        public var limits: Limits
        /// Connections at a time.
        public var connections: Int
        /// Where what is measured is served, and what it is collected in; nil serves none of it.
        public var metrics: MetricsListener?

        /// Creates options.
        public init(
            host: String = "127.0.0.1", port: Int = 8080, witnesses: WitnessPolicy = .none,
            threads: Int = max(1, ProcessInfo.processInfo.activeProcessorCount), capacity: Int = 64,
            gathering: Gathering = BatchVerifier.gathering, spentInterval: Int64 = SpentTickets.interval,
            minimumSet: UInt32 = HistogramPublisher.minimum, grace: Int64 = Verifier.grace,
            checkpoints: String? = nil, certificate: Certificate? = nil, proxies: TrustedProxies = .init([]), limits: Limits = .none,
            connections: Int = 4096, metrics: MetricsListener? = nil
        ) {
            self.certificate = certificate
            self.proxies = proxies
            self.limits = limits
            self.connections = connections
            self.metrics = metrics
            self.checkpoints = checkpoints
            self.grace = grace
            self.host = host
            self.port = port
            self.witnesses = witnesses
            self.threads = threads
            self.capacity = capacity
            self.gathering = gathering
            self.spentInterval = spentInterval
            self.minimumSet = minimumSet
        }
    }

    /// The issuer; its state is what is published.
    public let issuer: Issuer
    /// The verifier.
    public let verifier: Verifier
    /// Who may ask for presentations.
    public let audiences: AudienceBook
    /// How much each network may ask.
    public let limits: LimitBook
    /// The clock, in seconds since 1970.
    public let now: @Sendable () -> Int64
    /// Counts what is accepted and refused; nil where nobody does.
    private let tally: Tally?
    private let spent: SpentTickets
    private let histogram: HistogramPublisher
    private let watch: CheckpointWatch
    private let store: any Store
    private let pool: WorkPool
    private let options: Options

    /// Puts a service together: reads the log and builds the tree from it.
    ///
    /// - Parameters:
    ///   - store: with the community of `key` in it.
    ///   - key: the log's key.
    ///   - audiences: relying parties that may ask, and what.
    ///   - limits: where owners set limits over those of the options; nil where nobody does.
    ///   - moderation: says which pseudonyms are banned; nil where none is.
    ///   - tally: counts what is accepted and refused.
    ///   - now: the clock, in seconds since 1970.
    ///   - progress: called with the number of log entries read so far and in all.
    public init(
        store: any Store, key: Ed25519SigningKey, audiences: AudienceBook = AudienceBook(), limits: (any LimitStore)? = nil,
        moderation: (any ModerationStore)? = nil, tally: Tally? = nil, options: Options,
        now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }, progress: (@Sendable (Int, Int) -> Void)? = nil
    ) async throws {
        pool = WorkPool(threads: options.threads, capacity: options.capacity)
        Presentation.prepare()
        do {
            issuer = try await Issuer.resume(
                store: store, key: key, pool: pool, witnesses: Witnesses(policy: options.witnesses),
                keepingTrees: max(options.grace, Issuer.leastTreeSeconds), progress: progress)
        } catch {
            try await pool.shutdown()
            throw error
        }
        watch = CheckpointWatch(issuer: issuer, prefix: options.checkpoints)
        verifier = Verifier(
            issuer: issuer, store: store, batches: BatchVerifier(gathering: options.gathering, pool: pool), audiences: audiences,
            grace: options.grace, watch: watch, moderation: moderation)
        histogram = HistogramPublisher(issuer: issuer, store: store, key: key, minimum: options.minimumSet)
        spent = SpentTickets(community: issuer.community.id, store: store, key: key, interval: options.spentInterval)
        self.audiences = audiences
        self.limits = LimitBook(options.limits, store: limits)
        self.tally = tally
        self.store = store
        self.options = options
        self.now = now
    }

    /// Serves until the process is told to end (SIGTERM, SIGINT) or the task is cancelled; requests under way are finished.
    ///
    /// - Parameters:
    ///   - extensions: what is served beside the community's own addresses.
    ///   - onRunning: called with the port once connections are taken.
    public func run(
        logger: Logger, signals: [UnixSignal] = [.sigterm, .sigint], with extensions: [any ServiceExtension] = [],
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        try await limits.refresh()
        let routes = Routes(
            issuer: issuer, verifier: verifier, store: store, spent: spent, histogram: histogram, watch: watch, tally: tally,
            audiences: audiences, signer: extensions.lazy.compactMap(\.resultSigner).first,
            limits: LimitMiddleware(limits, proxies: options.proxies), now: now)
        let router = routes.router
        for one in extensions { one.addRoutes(to: router) }
        let application = Application(
            router: router, server: try options.server(),
            configuration: .init(
                address: .hostname(options.host, port: options.port), serverName: "symbolon",
                availableConnectionsDelegate: MaximumAvailableConnections(options.connections)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) }, logger: logger)
        let upkeep = Upkeep(issuer: issuer, verifier: verifier, watch: watch, extensions: extensions, now: now, logger: logger)
        // Started in this order and ended in the opposite one: the server stops taking requests before its threads go.
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: pool), .init(service: upkeep), .init(service: Following(audiences: audiences, limits: limits, logger: logger)),
        ]
        services += extensions.flatMap(\.services).map { .init(service: $0) }
        if let metrics = options.metrics {
            services.append(.init(service: metrics.application(logger: logger) { try await record(certificate: options.certificate) }))
        }
        services.append(.init(service: application))
        let group = ServiceGroup(configuration: .init(services: services, gracefulShutdownSignals: signals, logger: logger))
        // A task of its own, so that cancelling the caller's ends it as gracefully as a signal does.
        let running = Task { try await group.run() }
        try await withTaskCancellationHandler {
            try await running.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }
}

extension CommunityService {
    /// Sets the gauges that say how things stand.
    private func record(certificate: Certificate?) async throws {
        let state = await issuer.state
        let counts = try await store.counts(community: issuer.community.id.bytes)
        Meter(label: "symbolon.log.entries").set(Int64(state.log.size))
        Meter(label: "symbolon.epoch").set(Int64(state.epoch))
        Meter(label: "symbolon.tree.leaves").set(Int64(state.tree.leaves.count))
        Meter(label: "symbolon.leaves.pending").set(Int64(counts.pending))
        Meter(label: "symbolon.log.forks").set(Int64(await watch.forks))
        if let certificate { Meter(label: "symbolon.tls.certificate_expires_seconds").set(certificate.expires) }
    }
}

extension CommunityService {
    /// Does something that a forum or audience asked for, and counts how it came out, if somebody counts.
    package func counting<T>(_ party: String, _ body: () async throws -> T) async throws -> T {
        try await tally.counting(party, body)
    }

    /// A router whose requests are logged by their routes, and whose errors become problem details, for a server on another port.
    package static func emptyRouter() -> Router<ServiceContext> {
        let router = Router(context: ServiceContext.self)
        router.addMiddleware {
            AccessLogMiddleware()
            ProblemMiddleware()
        }
        return router
    }

    /// The same for one that faces the internet.
    ///
    /// - Parameters:
    ///   - options: the proxies that say who asks.
    ///   - limits: counted together with those of the other port.
    ///   - last: sees every answer, problems too, before it goes.
    package static func emptyRouter(
        _ options: Options, limits: LimitBook, last: some RouterMiddleware<ServiceContext>
    ) -> Router<ServiceContext> {
        let router = Router(context: ServiceContext.self)
        router.addMiddleware {
            AccessLogMiddleware()
            last
            ProblemMiddleware()
            LimitMiddleware(limits, proxies: options.proxies)
        }
        return router
    }
}

extension CommunityService.Options {
    /// The server that these options describe: what it reads of a request is bounded, and it ends TLS where there is a certificate.
    package func server() throws -> HTTPServerBuilder {
        let http = HTTPServerBuilder.http1(
            configuration: .init(
                idleTimeout: .seconds(60),
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 8192, maxHeaderListSize: 16_384, maxHeaderFieldCount: 64)))
        return try certificate.map { try .tls(http, tlsConfiguration: $0.configuration()) } ?? http
    }
}

/// Takes up what commands, the console and other processes on the same store changed. Apart from ``Upkeep``, which may wait for witnesses.
private struct Following: Service {
    let audiences: AudienceBook
    let limits: LimitBook
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try audiences.refresh()
                    try await limits.refresh()
                } catch {
                    logger.error("audiences or limits cannot be read", metadata: ["error": .string(String(describing: type(of: error)))])
                }
                do { try await Task.sleep(for: .milliseconds(500)) } catch { return }
            }
        }
    }
}

/// What has to be done from time to time: closing batches, forgetting unused requests.
private struct Upkeep: Service {
    let issuer: Issuer
    let verifier: Verifier
    let watch: CheckpointWatch
    let extensions: [any ServiceExtension]
    let now: @Sendable () -> Int64
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var forgotten: Int64 = 0
            while !Task.isCancelled {
                do {
                    let leaves = try await issuer.closeBatchIfDue(now: now())
                    if leaves > 0 { logger.info("batch closed", metadata: ["leaves": .stringConvertible(leaves)]) }
                    if now() - forgotten >= 60 {
                        try await verifier.forgetUnused(now: now())
                        for one in extensions { try await one.keepUp(now: now()) }
                        forgotten = now()
                        try await watch.review()
                    }
                } catch is CancellationError {
                    return
                } catch let found as ForkFound {
                    logger.error("another history of the log was shown", metadata: ["proof": .string(found.path ?? "not kept")])
                } catch {
                    // The next round tries again; the kind of error is enough to know which store or rule it was.
                    logger.error("upkeep failed", metadata: ["error": .string(String(describing: type(of: error)))])
                }
                do { try await Task.sleep(for: .milliseconds(500)) } catch { return }
            }
        }
    }
}
