import Membership
import Metrics
import Platform
import Reputation

/// Asks for presentations and accepts them: verifies completely, off the event loop, and then records in one atomic step.
public struct Verifier: Sendable {
    /// How many requests may be open at a time; beyond, none is made until some are used or expire.
    public static let outstandingLimit = 100_000
    /// Seconds for which an unused request is remembered after it expired, so that a late answer is told so.
    public static let memory: Int64 = 3600

    /// An accepted presentation.
    public struct Acceptance: Sendable {
        /// The request it answers.
        public let request: PresentationRequest
        /// One for each scope: the pseudonym there, or what is now spent.
        public let nullifiers: [(scope: Scope, nullifier: [UInt8])]
        /// Values disclosed, in the order of the request.
        public let disclosed: [Int64]
        /// Encoding of the root it was proved against.
        public let root: [UInt8]
        /// When it was accepted, in seconds since 1970.
        public let time: Int64
    }

    let issuer: Issuer
    let store: any Store
    let batches: BatchVerifier
    private let audiences: AudienceBook
    let grace: Int64
    let moderation: (any ModerationStore)?

    /// Seconds for which a replaced root is accepted unless said otherwise: longer than wallets use a copy of the tree without fetching, so that who
    /// presents needs not fetch.
    public static let grace: Int64 = 3_600
    private let watch: CheckpointWatch
    private let requests: Gatherer<RequestRecord, Void, any Error>
    private let acceptances: Gatherer<AcceptanceRecord, AcceptanceOutcome, StoreError>

    /// - Parameters:
    ///   - issuer: whose tree presentations are verified against.
    ///   - store: where requests and nullifiers are kept.
    ///   - batches: where proofs are verified.
    ///   - audiences: say what may be asked.
    ///   - grace: seconds for which a root is accepted after another of the same epoch replaced it.
    ///   - watch: holds the checkpoints that wallets tell against the log; nil for one that keeps nothing on disk.
    ///   - moderation: says which pseudonyms are banned; nil where none is.
    public init(
        issuer: Issuer, store: any Store, batches: BatchVerifier, audiences: AudienceBook = AudienceBook(), grace: Int64 = 0,
        watch: CheckpointWatch? = nil, moderation: (any ModerationStore)? = nil
    ) {
        self.moderation = moderation
        self.grace = grace
        self.watch = watch ?? CheckpointWatch(issuer: issuer)
        self.issuer = issuer
        self.store = store
        self.batches = batches
        self.audiences = audiences
        // A commit waits for the disk, so what comes during one is written with the next: one wait for all of them.
        let commits = Gathering(wait: .zero, largest: 256, capacity: 4096)
        requests = Gatherer(commits) { records, _ in
            let room = max(0, Self.outstandingLimit - (try await store.outstandingRequests()))
            let added = try await store.addRequests(Array(records.prefix(room))).map { $0.mapError { $0 as any Error } }
            return added + records.dropFirst(room).map { _ in .failure(Problem.tooManyRequests) }
        }
        acceptances = Gatherer(commits) { records, _ in try await store.accept(records) }
    }

    /// Makes a request with a fresh nonce, and keeps it until it is used.
    ///
    /// - Throws: `RequestError` when this may not be asked; ``Problem`` when too many are open; `StoreError`.
    public func ask(_ question: Question, audience: Digest, now: Int64) async throws -> PresentationRequest {
        let community = issuer.community
        let request = try question.request(
            community: community, epoch: await issuer.state.epoch, audience: audience, nonce: Random.bytes(32), now: now)
        if let policy = audiences.policy(of: audience), !policy.allows(request) { throw RequestError.policy }
        try await requests.submit(
            RequestRecord(
                nonce: request.context.nonce, audience: audience.bytes, document: request.json(community.schema).encoded(),
                expires: UInt64(request.context.expires)))
        return request
    }

    /// The open or used request of a nonce.
    public func request(nonce: [UInt8]) async throws -> PresentationRequest {
        guard let record = try await store.request(nonce: nonce) else { throw Problem.unknownRequest }
        return try PresentationRequest(json: JSON(parsing: record.document), schema: issuer.community.schema)
    }

    /// Verifies an answer and records its acceptance; of answers with the same request or the same spent nullifier, one is accepted.
    ///
    /// The order of the checks: whom it is for, which request, when, the checkpoint that the wallet tells, which root; then the answer
    /// against the request and the proof, all of it; whether the pseudonym is banned; and last the one step that writes.
    ///
    /// - Parameter announced: whether the audience's webhook hears of it.
    /// - Throws: ``Banned``; ``Problem``, `RequestError` or `PresentationError`, which say the check that failed; `LogError` and ``ForkFound`` for the
    ///   checkpoint; `WorkPool.Busy`; `StoreError`.
    public func accept(_ body: [UInt8], audience: Digest, announced: Bool = false, now: Int64) async throws -> Acceptance {
        func count(_ result: String) { Counter(label: "symbolon.presentations", dimensions: [("result", result)]).increment() }
        do {
            let acceptance = try await judge(body, audience: audience, announced: announced, now: now)
            count("accepted")
            return acceptance
        } catch {
            count(Problem(error).code)
            throw error
        }
    }

    private func judge(_ body: [UInt8], audience: Digest, announced: Bool, now: Int64) async throws -> Acceptance {
        let community = issuer.community
        let schema = community.schema
        let (content, told) = try JSON(parsing: body).separatingCheckpoint()
        let answer = try PresentationAnswer(json: content, schema: schema)
        guard answer.request.context.audience == audience else { throw RequestError.audienceMismatch }
        guard let record = try await store.request(nonce: answer.request.context.nonce) else { throw Problem.unknownRequest }
        guard record.audience == audience.bytes else { throw RequestError.audienceMismatch }
        guard record.accepted == nil else { throw Problem.requestUsed }
        guard !record.isCancelled else { throw Problem.requestCancelled }
        guard now < Int64(clamping: record.expires) else { throw RequestError.expired }
        let asked = try PresentationRequest(json: JSON(parsing: record.document), schema: schema)
        // Before the root: a wallet that was shown another log has another root too, and this is why.
        if let told { try await watch.hear(told) }
        let state = try await state(with: answer.root)
        let isTopUp = asked.scopes.contains { if case .topUp = $0 { true } else { false } }
        let root = try root(answer.root, of: state, grace: isTopUp ? 0 : grace, now: now)
        let claim = try answer.claim(
            asked: asked, community: community.id, schema: schema, audience: audience, now: now, epoch: state.epoch,
            depth: state.tree.shape.depth, root: root)
        let verified = try await batches.verify(claim)
        let scopes = try claim.request.scopes.map { try Scope(encoded: $0) }
        let nullifiers = Array(zip(scopes, verified.nullifiers))
        try await refuseBanned(nullifiers.map { ($0.0, $0.1) }, audience: audience, now: now)
        let spends = nullifiers.filter { $0.0.isSpent }.map { Spend(scope: $0.0.encoded, nullifier: $0.1) }
        let acceptance = Acceptance(
            request: asked, nullifiers: nullifiers.map { ($0.0, $0.1) }, disclosed: answer.disclosed, root: answer.root, time: now)
        let outcome = try await acceptances.submit(
            AcceptanceRecord(
                nonce: record.nonce, spends: spends, time: UInt64(clamping: now), presentation: answer.json(schema).encoded(),
                logSize: state.log.size, event: announced ? (.accepted(acceptance), audience.bytes) : nil))
        switch outcome {
        case .accepted: return acceptance
        case .alreadySpent: throw Problem.alreadySpent
        case .requestUsed: throw Problem.requestUsed
        case .requestCancelled: throw Problem.requestCancelled
        case .unknownRequest: throw Problem.unknownRequest
        }
    }

    /// The published state; of roots that it does not know, another process may have published one just now.
    private func state(with root: [UInt8]) async throws -> Issuer.State {
        let state = await issuer.state
        let isKnown = root == state.tree.root.encoded || state.replay.epochs.replacedRoots.contains { $0.batch.root == root }
        return isKnown ? state : try await issuer.newest()
    }

    /// The current root, or an earlier one of the same epoch that was replaced only just now.
    func root(_ encoded: [UInt8], of state: Issuer.State, grace: Int64, now: Int64) throws -> TreeRoot {
        if encoded == state.tree.root.encoded { return state.tree.root }
        // A clock behind the one that closed the batch gives no root more time.
        guard let earlier = state.replay.epochs.replacedRoots.last(where: { $0.batch.root == encoded }), max(0, now - earlier.time) < grace
        else { throw RequestError.rootMismatch }
        return try TreeRoot(encoded: encoded[...], depth: Int(earlier.batch.depth))
    }

    // MARK: Feedback

    /// Records a forum's report: `{"version":1,"nonce","account","message","reason","raises"}`. The nonce names the accepted presentation
    /// that is the evidence: of that account's scope, bound to that message.
    ///
    /// - Throws: ``Problem``; `JSONError`; `StoreError`.
    public func report(_ body: [UInt8], audience: Digest) async throws {
        let community = issuer.community
        var object = try JSONObject(JSON(parsing: body))
        try object.version(1)
        let (nonce, account) = (try object.hex("nonce", 0...PresentationRequest.greatestNonce), try object.hex("account", 33))
        let (message, reason) = (try object.digest("message"), try object.text("reason", atMost: 64))
        guard case .bool(let raises) = try object.take("raises") else { throw JSONError.wrongValue(Array("raises".utf8)) }
        try object.finish()
        guard let accepted = try await store.acceptedPresentation(nonce: nonce), accepted.audience == audience.bytes else {
            throw Problem.unknownPresentation
        }
        let answer = try PresentationAnswer(json: JSON(parsing: accepted.presentation), schema: community.schema)
        let epoch = answer.request.context.epoch
        let scope = Scope.account(community: community.id, epoch: epoch, audience: audience).encoded
        let scopes = try answer.protocolRequest(schema: community.schema).scopes
        guard answer.request.context.message == message, let place = scopes.firstIndex(of: scope),
            Array(answer.presentation.dropFirst(33 * place).prefix(33)) == account
        else { throw Problem.reportEvidence }
        let rules = await issuer.state.replay.epochs.rules(of: epoch)
        guard rules.forums.contains(audience) else { throw Problem.unregisteredForum }
        guard rules.reason(reason) != nil else { throw Problem.unknownReason }
        let record = ReportRecord(
            epoch: epoch, audience: audience.bytes, account: account, message: message.bytes,
            reason: String(decoding: reason, as: UTF8.self),
            raises: raises, nonce: nonce)
        switch try await store.addReport(record, community: community.id.bytes) {
        case .recorded: return
        case .repeated: throw Problem.alreadyReported
        case .closed: throw Problem.reportsClosed
        }
    }

    /// Records that the holder of an account disputes a report on it: an answer to `DisputeStatement.request`, against the tree of the
    /// epoch of the act.
    ///
    /// - Throws: ``Problem``, `RequestError` or `PresentationError`; `WorkPool.Busy`; `StoreError`.
    public func dispute(_ body: [UInt8], audience: Digest, now: Int64) async throws {
        let community = issuer.community
        let answer = try PresentationAnswer(json: JSON(parsing: body), schema: community.schema)
        let epoch = answer.request.context.epoch
        guard let message = answer.request.context.message else { throw RequestError.messageMismatch }
        let asked = try DisputeStatement.request(community: community, epoch: epoch, audience: audience, message: message)
        let state = try await state(with: answer.root)
        let (root, depth): (TreeRoot, Int)
        if epoch == state.epoch {
            (root, depth) = (try self.root(answer.root, of: state, grace: grace, now: now), state.tree.shape.depth)
        } else {
            guard let final = state.replay.epochs.final(of: epoch) else { throw RequestError.epochMismatch }
            depth = Int(final.depth)
            root = try TreeRoot(encoded: final.root[...], depth: depth)
        }
        let claim = try answer.claim(
            asked: asked, community: community.id, schema: community.schema, audience: audience, now: now, epoch: epoch, depth: depth,
            root: root)
        let account = try await batches.verify(claim).nullifiers[1]
        let outcome = try await store.dispute(
            epoch: epoch, audience: audience.bytes, account: account, message: message.bytes, community: community.id.bytes)
        switch outcome {
        case .disputed: return
        case .closed: throw Problem.disputeClosed
        case .unknown: throw Problem.unknownReport
        }
    }

    /// Forgets requests that nobody answered.
    public func forgetUnused(now: Int64) async throws {
        _ = try await store.removeUnusedRequests(expiredBefore: UInt64(clamping: now - Self.memory))
    }
}
