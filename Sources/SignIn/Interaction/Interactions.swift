import Platform
import Reputation
import VerifierService

extension Problem {
    /// No interaction of that handle, or not in this browser, or long over.
    static let unknownSignIn = Problem(404, "sign-in-unknown", "There is no such sign-in.")
    /// It is answered, cancelled, or over.
    static let signInClosed = Problem(409, "sign-in-closed", "This sign-in waits for no answer.")
    /// It is too late.
    static let signInExpired = Problem(410, "expired", "This sign-in has expired.")
    /// The answer is to none of the requests that are open for this sign-in.
    static let foreignAnswer = Problem(422, "nonce-mismatch", "The answer is to none of the requests of this sign-in.")
}

/// An interaction with what it is about.
struct Interaction: Sendable {
    let handle: Opaque
    let record: InteractionRecord
    let forum: Forum
    let asked: Asked

    /// Whether it waits for an answer of a wallet.
    func isOpen(_ now: Int64) -> Bool { record.state == .waiting && now < record.expires }
}

extension SignIn {
    /// The interaction of a handle; nil when there is none.
    func interaction(_ handle: String?) async throws -> Interaction? {
        guard let handle = handle.flatMap({ Opaque($0) }), let record = try await store.interaction(id: handle.hash),
            let forum = try await forum(record.forum)
        else { return nil }
        return Interaction(handle: handle, record: record, forum: forum, asked: try Asked(document: record.document, of: forum))
    }

    // MARK: What wallets ask and answer

    /// The presentation requests of an interaction, one for each tier. They are made when a wallet first wants them, and again when one was
    /// used elsewhere or the epoch went on: a browser alone leaves no trace among the verifier's requests.
    func requests(of interaction: Interaction) async throws -> [PresentationRequest] {
        let now = now()
        guard now < interaction.record.expires else { throw Problem.signInExpired }
        guard interaction.isOpen(now) else { throw Problem.signInClosed }
        if let open = try await openRequests(interaction.record.nonces, now: now) { return open }
        var fresh: [PresentationRequest] = []
        for place in interaction.forum.tiers.indices {
            let question = try interaction.forum.question(
                ofTier: place, schema: community.schema, lifetime: interaction.record.expires - now)
            fresh.append(try await service.verifier.ask(question, audience: interaction.forum.audience, now: now))
        }
        let held = try await store.openRequests(
            fresh.map(\.context.nonce), replacing: interaction.record.nonces, interaction: interaction.handle.hash)
        guard let held else { throw Problem.signInClosed }
        if held == fresh.map(\.context.nonce) { return fresh }
        // Another wallet's fetch came first.
        guard let open = try await openRequests(held, now: now) else { throw Problem.signInClosed }
        return open
    }

    private func openRequests(_ nonces: [[UInt8]], now: Int64) async throws -> [PresentationRequest]? {
        let epoch = await service.issuer.state.epoch
        var open: [PresentationRequest] = []
        for nonce in nonces {
            guard let record = try await store.request(nonce: nonce), record.accepted == nil else { return nil }
            let request = try PresentationRequest(json: JSON(parsing: record.document), schema: community.schema)
            guard request.context.epoch == epoch, request.context.expires > now else { return nil }
            open.append(request)
        }
        return open.isEmpty ? nil : open
    }

    /// What a wallet is told.
    func offer(for interaction: Interaction) async throws -> SignInOffer {
        let checkpoint = await service.issuer.state.checkpoint
        let requests = try await requests(of: interaction).map { $0.json(community.schema).telling(checkpoint: checkpoint) }
        let forum = interaction.forum
        // What the operator published of this audience, else what its tiers ask: then another tier later is no new question.
        let policy = try service.audiences.policy(of: forum.audience) ?? forum.policy(community: community)
        let record = try await keys.sign(
            ClientRecord(forum, issuer: issuer.origin).claims(now: now(), expires: interaction.record.expires), .es256,
            type: ClientRecord.type)
        return SignInOffer(
            issuer: issuer.origin, forum: forum, policy: policy.json(community.schema), requests: requests, record: record)
    }

    /// Verifies a wallet's answer and records it. From a wallet elsewhere the interaction then waits for the code that is returned; what was
    /// given in the browser where it began is accepted at once, and nil is returned.
    ///
    /// One by a pseudonym that is banned is recorded too, so that who is at the browser is shown why he is not let in; it leads no further, and its
    /// request stays open. To a wallet elsewhere ``Banned`` is thrown, with the code.
    ///
    /// The verifier uses up the request's nonce first. Should the process die before the interaction knows, the member answers anew: a used
    /// request is replaced by a fresh one.
    func accept(_ body: [UInt8], for interaction: Interaction, inBrowser: Bool) async throws -> ShortCode? {
        let now = now()
        guard now < interaction.record.expires else { throw Problem.signInExpired }
        guard interaction.isOpen(now) else { throw Problem.signInClosed }
        let answer = try PresentationAnswer(json: JSON(parsing: body).separatingCheckpoint().content, schema: community.schema)
        let nonce = answer.request.context.nonce
        guard let tier = interaction.record.nonces.firstIndex(of: nonce) else { throw Problem.foreignAnswer }
        let forum = interaction.forum
        let (subject, notice) = try await accepted(body, for: forum, now: now)
        let proof = Proof(subject: subject, tier: forum.tiers[tier].name, groups: forum.groups(ofTier: tier), time: now)
        let code = inBrowser ? nil : ShortCode()
        let isRecorded = try await store.prove(
            proof.document, nonce: nonce, code: code?.hash(for: interaction.handle.hash), tries: ShortCode.tries,
            interaction: interaction.handle.hash)
        guard isRecorded else { throw Problem.signInClosed }
        if var notice, let code {
            notice.code = code.text
            throw Banned(subject: subject, notice: notice)
        }
        return code
    }

    /// Whose pseudonym an answer proves, and what he is told when it is banned.
    private func accepted(_ body: [UInt8], for forum: Forum, now: Int64) async throws -> (Subject, BanNotice?) {
        do {
            let acceptance = try await service.counting(forum.id) {
                try await service.verifier.accept(body, audience: forum.audience, now: now)
            }
            guard case (.signIn, let nullifier)? = acceptance.nullifiers.first.map({ ($0.scope, $0.nullifier) }) else {
                throw Problem.foreignAnswer
            }
            let subject = Subject(audience: forum.audience, nullifier: nullifier)
            try await moderation.store.saw(subject, audience: forum.audience.bytes, day: Int(now / 86_400))
            return (subject, nil)
        } catch let banned as Banned {
            return (banned.subject, banned.notice)
        }
    }
}
