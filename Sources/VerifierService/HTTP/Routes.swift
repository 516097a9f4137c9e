import APIDescription
import Foundation
import Hummingbird
import NIOCore
import Platform
import Reputation

/// The addresses of the service. Handlers read the request, call the issuer or the verifier, and write the answer; they decide nothing.
struct Routes: Sendable {
    let issuer: Issuer
    let verifier: Verifier
    let store: any Store
    let spent: SpentTickets
    let histogram: HistogramPublisher
    let watch: CheckpointWatch
    let tally: Tally?
    let audiences: AudienceBook
    let signer: (any ResultSigner)?
    let streams = EventStreams()
    let limits: LimitMiddleware
    let now: @Sendable () -> Int64

    /// Largest bodies taken: a claim is a few hundred bytes, a question a few thousand, a presentation at most some ten thousand.
    static let claimLimit = 4096, questionLimit = 65_536, answerLimit = 131_072

    var router: Router<ServiceContext> {
        let router = Router(context: ServiceContext.self)
        router.addMiddleware {
            RequestMetrics()
            AccessLogMiddleware()
            PublicAddresses()
            ProblemMiddleware()
            limits
        }
        router.get("openapi.json") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "application/json", .cacheControl: "public, max-age=3600"],
                body: .init(byteBuffer: ByteBuffer(bytes: APIDescription.json)))
        }
        // Whether the process lives; and whether it can do its work, which is what a proxy asks before it sends visitors.
        router.get("live") { _, _ in Response.json(.object([.init("status", .text("ok"))])) }
        router.get("health") { _, _ in try await health() }
        // Everything below the log's prefix is one route: which tiles a visitor fetches is not logged.
        router.get("log/**") { request, _ in try await log(request) }
        let v1 = router.group("v1")
        v1.get("community") { _, _ in await community() }
        v1.get("spent/:epoch") { _, context in try await spentSet(context) }
        v1.get("histogram") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "application/octet-stream", .cacheControl: "public, max-age=60"],
                body: .init(byteBuffer: ByteBuffer(bytes: try await histogram.current())))
        }
        v1.get("audiences/:audience/policy") { _, context in try policy(context) }
        v1.post("credentials") { request, _ in try await claim(request) }
        v1.get("requests/:nonce") { _, context in try await storedRequest(context) }
        v1.post("audiences/:audience/requests") { request, context in try await ask(request, context) }
        v1.post("audiences/:audience/presentations") { request, context in try await present(request, context) }
        addRequestRoutes(to: v1)
        v1.post("top-ups/offer") { request, _ in try await offer(request) }
        v1.post("top-ups") { request, _ in try await topUp(request) }
        v1.post("renewals") { request, _ in try await renew(request) }
        v1.post("audiences/:audience/reports") { request, context in try await report(request, context) }
        v1.post("audiences/:audience/disputes") { request, context in try await dispute(request, context) }
        v1.get("reports") { request, _ in try await reports(request) }
        return router
    }

    // MARK: What is published

    private func health() async throws -> Response {
        // A look at the store: a service whose store is gone must not be sent visitors.
        let counts = try await store.counts(community: issuer.community.id.bytes)
        return .json(
            .object([
                .init("status", .text("ok")), .init("log-size", .integer(Int64(counts.logSize))),
                .init("pending", .integer(Int64(counts.pending))), .init("log-forks", .integer(Int64(await watch.forks))),
            ]))
    }

    private func community() async -> Response {
        let state = await issuer.state
        let parties = audiences.all.map { audience in
            JSON.object([.init("name", .text(audience.name)), .init("id", .hex(audience.id.bytes))])
        }
        return .json(
            .object([
                .init("version", .integer(Int64(1))), .init("community", issuer.community.json), .init("audiences", .array(parties)),
                .init("epoch", .integer(state.epoch)), .init("depth", .integer(Int64(state.tree.shape.depth))),
                .init("leaves", .integer(Int64(state.tree.leaves.count))), .init("closed", .bool(state.replay.epochs.isClosed)),
                .init("rules", state.replay.epochs.rules(of: state.epoch).json(issuer.community.schema)),
            ]))
    }

    /// The log in its static form (docs/log.md).
    private func log(_ request: Request) async throws -> Response {
        let name = Array(request.uri.path.utf8.dropFirst(LogNames.prefix.utf8.count + 1))
        guard let resource = try await PublishedLog(issuer: issuer, store: store).resource(name) else { throw Problem.notFound }
        return Response(
            status: .ok,
            headers: [.contentType: resource.type, .cacheControl: resource.caching],
            body: .init(byteBuffer: ByteBuffer(bytes: resource.content)))
    }

    /// The nullifiers that are spent in an epoch (docs/protocol/encodings.md).
    private func spentSet(_ context: ServiceContext) async throws -> Response {
        guard let text = context.parameters.get("epoch"), let epoch = UInt32(text), String(epoch) == text, epoch >= 1,
            epoch <= (await issuer.state.epoch)
        else { throw Problem.notFound }
        let (bytes, fresh) = try await spent.document(epoch: epoch, now: now())
        return Response(
            status: .ok,
            headers: [.contentType: "application/octet-stream", .cacheControl: "public, max-age=\(fresh)"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// What an audience may ask.
    private func policy(_ context: ServiceContext) throws -> Response {
        guard let policy = audiences.policy(of: try audience(context).id) else { throw Problem.notFound }
        return .json(policy.json(issuer.community.schema))
    }

    // MARK: Issuance

    private func claim(_ request: Request) async throws -> Response {
        let claim = try ClaimRequest(json: JSON(parsing: try await request.bytes(upTo: Self.claimLimit)))
        return .bytes(try await issuer.issue(claim.message, codeHash: claim.code.hash, now: now()), type: "application/json")
    }

    // MARK: Top-ups

    private func offer(_ request: Request) async throws -> Response {
        let code = try TopUpOffer.code(json: JSON(parsing: try await request.bytes(upTo: Self.claimLimit)))
        return .json(try await issuer.offer(codeHash: code.hash).json)
    }

    private func topUp(_ request: Request) async throws -> Response {
        let message = try TopUpMessage(json: JSON(parsing: try await request.bytes(upTo: Self.answerLimit)))
        return .bytes(try await issuer.topUp(message, now: now()), type: "application/json")
    }

    // MARK: Presentations

    private func ask(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let audience = try authorized(request, context)
        let question = try Question(json: JSON(parsing: try await request.bytes(upTo: Self.questionLimit)))
        let made = try await verifier.ask(question, audience: audience.id, now: now())
        return .json(await served(made), status: .created)
    }

    /// A request as it travels: with the newest checkpoint beside it.
    private func served(_ request: PresentationRequest) async -> JSON {
        request.json(issuer.community.schema).telling(checkpoint: await issuer.state.checkpoint)
    }

    private func storedRequest(_ context: ServiceContext) async throws -> Response {
        guard let text = context.parameters.get("nonce"), let nonce = try? Hex.decode(Array(text.utf8)) else {
            throw Problem.unknownRequest
        }
        return .json(await served(try await verifier.request(nonce: nonce)))
    }

    private func present(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let audience = try self.audience(context)
        let wantsResult = try wantsResult(request)
        let body = try await request.bytes(upTo: Self.answerLimit)
        let acceptance = try await tally.counting("audience/\(audience.id.hex)") {
            try await verifier.accept(body, audience: audience.id, announced: true, now: now())
        }
        return .json(.object([.init("verdict", .text("accepted"))] + (try await json(acceptance, signed: wantsResult))))
    }

    // MARK: Renewal and feedback

    private func renew(_ request: Request) async throws -> Response {
        let message = try RenewalMessage(json: JSON(parsing: try await request.bytes(upTo: Self.answerLimit)))
        return .bytes(try await issuer.renew(message, now: now()), type: "application/json")
    }

    private func report(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let audience = try authorized(request, context)
        try await verifier.report(try await request.bytes(upTo: Self.claimLimit), audience: audience.id)
        return .json(.object([.init("reported", .bool(true))]), status: .created)
    }

    private func dispute(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let audience = try self.audience(context)
        try await verifier.dispute(try await request.bytes(upTo: Self.answerLimit), audience: audience.id, now: now())
        return .json(.object([.init("disputed", .bool(true))]))
    }

    /// Reports of acts of an epoch, all of them: whose account is his own does not show.
    private func reports(_ request: Request) async throws -> Response {
        guard let epoch = request.uri.queryParameters["epoch"].flatMap({ UInt32($0) }),
            let after = Int(request.uri.queryParameters["after"].map { String($0) } ?? "0"), after >= 0
        else { throw Problem.badQuery }
        let reports = try await store.reports(epoch: epoch, after: after, limit: 1000, community: issuer.community.id.bytes)
        return .json(.object([.init("reports", .array(reports.map(\.json)))]))
    }

    /// The audience, when its token came along.
    func authorized(_ request: Request, _ context: ServiceContext) throws -> Audience {
        let audience = try self.audience(context)
        let expected = Array("Bearer \(audience.token)".utf8)
        guard let given = request.headers[.authorization], constantTimeEquals(Array(given.utf8), expected) else {
            throw Problem.unauthorized
        }
        return audience
    }

    private func audience(_ context: ServiceContext) throws -> Audience {
        guard let text = context.parameters.get("audience"), let id = try? Digest(hex: text), let audience = audiences.audience(id) else {
            throw Problem.unknownAudience
        }
        return audience
    }
}

extension ReportRecord {
    /// What everybody may see of it.
    public var json: JSON {
        .object([
            .init("number", .integer(Int64(number))), .init("epoch", .integer(epoch)), .init("audience", .hex(audience)),
            .init("account", .hex(account)), .init("message", .hex(message)), .init("reason", .text(reason)),
            .init("raises", .bool(raises)),
            .init("state", .text(String(describing: state))),
        ])
    }
}

extension Verifier.Acceptance {
    /// What the relying party gets: nullifiers with their scopes, and the disclosed values by name.
    func members(_ schema: Schema) -> [JSON.Member] {
        let nullifiers = self.nullifiers.map { scope, nullifier in
            JSON.object([
                .init("scope", scope.json), .init("nullifier", .hex(nullifier)), .init("spent", .bool(scope.isSpent)),
            ])
        }
        return [
            .init("nonce", .hex(request.context.nonce)), .init("nullifiers", .array(nullifiers)), .init("disclosed", shown(schema)),
        ]
    }
}

extension Request {
    /// The body, if it is no longer than it may be and comes in time: who sends a byte a minute does not hold a connection for ever.
    package func bytes(upTo limit: Int, within time: Duration = .seconds(30)) async throws -> [UInt8] {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw Problem.bodyTooLarge }
        let body = body
        return try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                do { return Array(buffer: try await body.collect(upTo: limit)) } catch is NIOTooManyBytesError {
                    throw Problem.bodyTooLarge
                }
            }
            group.addTask {
                try await Task.sleep(for: time)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let bytes = first else { throw Problem.timeout }
            return bytes
        }
    }
}

extension Response {
    package static func json(_ json: JSON, status: HTTPResponse.Status = .ok) -> Response {
        bytes(json.encoded(), type: "application/json", status: status)
    }

    package static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
