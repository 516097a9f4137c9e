import Reputation

/// How far a presentation request is, as its audience sees it. Nothing says why there is no answer: whether a wallet refused, a member declined, or
/// a proof did not hold.
public enum RequestState: Sendable {
    /// Nobody has answered it so that it was accepted, and somebody may.
    case pending
    /// Answered.
    case accepted(Verifier.Acceptance)
    /// Taken back by its audience.
    case cancelled
    /// Its time is over.
    case expired

    /// What it is called.
    var name: String {
        switch self {
        case .pending: "pending"
        case .accepted: "accepted"
        case .cancelled: "cancelled"
        case .expired: "expired"
        }
    }

    /// Whether it can become another.
    var isFinal: Bool { if case .pending = self { false } else { true } }
}

extension Verifier {
    /// How far a request of an audience is; another's is unknown to it.
    ///
    /// - Throws: ``Problem``; `StoreError`.
    public func state(ofRequest nonce: [UInt8], audience: Digest, now: Int64) async throws -> (state: RequestState, expires: Int64) {
        let record = try await record(nonce, audience)
        let expires = Int64(clamping: record.expires)
        if let time = record.accepted {
            guard let accepted = try await store.acceptedPresentation(nonce: nonce) else { throw Problem.unknownRequest }
            let schema = issuer.community.schema
            let answer = try PresentationAnswer(json: JSON(parsing: accepted.presentation), schema: schema)
            return (.accepted(try Acceptance(answer, schema: schema, time: Int64(clamping: time))), expires)
        }
        if record.isCancelled { return (.cancelled, expires) }
        return (now < expires ? .pending : .expired, expires)
    }

    /// Takes a request back that nobody has answered; again, when it was taken back before.
    ///
    /// - Throws: ``Problem``; `StoreError`.
    public func cancel(request nonce: [UInt8], audience: Digest) async throws {
        _ = try await record(nonce, audience)
        guard try await store.cancelRequest(nonce: nonce) else { throw Problem.requestUsed }
    }

    private func record(_ nonce: [UInt8], _ audience: Digest) async throws -> RequestRecord {
        guard let record = try await store.request(nonce: nonce), record.audience == audience.bytes else { throw Problem.unknownRequest }
        return record
    }
}

extension Verifier.Acceptance {
    /// What was accepted a while ago, from what is kept of it.
    init(_ answer: PresentationAnswer, schema: Schema, time: Int64) throws {
        let scopes = try answer.protocolRequest(schema: schema).scopes.map { try Scope(encoded: $0) }
        // A presentation begins with its nullifiers, 33 bytes each.
        let nullifiers = scopes.indices.map { Array(answer.presentation.dropFirst(33 * $0).prefix(33)) }
        self.init(
            request: answer.request, nullifiers: zip(scopes, nullifiers).map { ($0, $1) }, disclosed: answer.disclosed, root: answer.root,
            time: time)
    }
}
