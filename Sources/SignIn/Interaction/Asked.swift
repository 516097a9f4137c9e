import Reputation
import VerifierService

/// What a forum asked, in its own protocol. All between the question and the answer is the same for all of them.
enum Asked: Sendable, Equatable {
    case openID(AuthorizationRequest)
    case discourse(DiscourseRequest)

    /// The one that an interaction keeps.
    init(document: [UInt8], of forum: Forum) throws(JSONError) {
        switch forum.kind {
        case .openID: self = .openID(try AuthorizationRequest(document: document))
        case .discourse: self = .discourse(try DiscourseRequest(document: document))
        }
    }

    var document: [UInt8] {
        switch self {
        case .openID(let request): request.document
        case .discourse(let request): request.document
        }
    }

    /// Nobody else is to be signed in.
    var subject: String? {
        if case .openID(let request) = self { request.subject } else { nil }
    }

    /// Whether a page may be shown.
    var admitsPage: Bool {
        switch self {
        case .openID(let request): if case .only = request.reuse { false } else { true }
        case .discourse(let request): request.prompt != .none
        }
    }

    /// Whether it may begin anew once it is too late. A Discourse forum's nonce has ended then too.
    var outlivesInteraction: Bool {
        if case .openID = self { true } else { false }
    }

    /// Whether what was proved earlier answers it.
    func isAnswered(by proof: Proof, now: Int64) -> Bool {
        switch self {
        case .openID(let request): request.isAnswered(by: proof, now: now)
        case .discourse: true
        }
    }
}

extension SignIn {
    /// A proof as the answer to a forum: the record of which there is one, and where the browser goes with it.
    func granted(_ proof: [UInt8], asked: Asked, forum: Forum) throws -> (grant: GrantRecord, address: String) {
        let now = now()
        switch (asked, forum.kind) {
        case (.discourse(let request), .discourse(let discourse)):
            // The store keeps that the nonce is used, and nothing of who used it.
            let grant = GrantRecord(
                codeHash: request.answerID(forum: forum.id), forum: forum.id, document: [], proof: [],
                expires: now + DiscourseRequest.nonceMemory)
            let parameters = [("nonce", request.nonce)] + (try Proof(document: proof)).parameters(for: forum, discourse)
            return (grant, answer(parameters, to: request, forum: forum, discourse))
        case (.openID(let request), _):
            let code = Opaque()
            let grant = GrantRecord(
                codeHash: code.hash, forum: forum.id, document: request.document, proof: proof, expires: now + SignIn.codeLife)
            return (grant, request.address([("code", code.text)], issuer: issuer(for: forum)))
        case (.discourse, .openID): throw Problem.unknownSignIn
        }
    }

    /// Where a browser goes that was not signed in.
    func refused(_ error: AuthorizationError, asked: Asked, forum: Forum) -> String {
        switch (asked, forum.kind) {
        case (.openID(let request), _): request.address(error, issuer: issuer(for: forum))
        case (.discourse(let request), .discourse(let discourse)) where request.prompt == .none:
            answer([("nonce", request.nonce), ("failed", "true")], to: request, forum: forum, discourse)
        case (.discourse(let request), _): request.home
        }
    }

    /// What a forum is told as `iss` beside an answer; nil when that would mislead its software.
    func issuer(for forum: Forum) -> String? { forum.sendsIssuer ? issuer.origin : nil }

    private func answer(
        _ parameters: [(String, String)], to request: DiscourseRequest, forum: Forum, _ discourse: Forum.Discourse
    ) -> String {
        Form.address(request.returnURL, adding: DiscourseEnvelope.seal(parameters, secret: secret(of: forum, discourse)))
    }
}
