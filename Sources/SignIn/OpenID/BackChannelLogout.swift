import Logging
import Reputation
import VerifierService

/// Tells forums, from service to service, that a member is signed in no more (OpenID Connect Back-Channel Logout 1.0).
struct BackChannelLogout: Sendable {
    private let issuer: SignIn.Issuer
    private let keys: SigningKeys

    /// Seconds for which a logout token is good.
    private static let life: Int64 = 120
    /// Tries, each with a wait before it.
    private static let waits: [Duration] = [.zero, .seconds(2), .seconds(10)]

    init(issuer: SignIn.Issuer, keys: SigningKeys) { (self.issuer, self.keys) = (issuer, keys) }

    /// A logout token about a subject, for a forum.
    func token(_ subject: Subject, at forum: Forum, now: Int64) async throws -> String {
        try await keys.sign(
            Claims([
                .init("iss", .text(issuer.origin)), .init("aud", .text(forum.id)), .init("iat", .integer(now)),
                .init("exp", .integer(now + Self.life)), .init("jti", .text(Opaque().text)), .init("sub", .text(subject.text)),
                .init("events", .object([.init("http://schemas.openid.net/event/backchannel-logout", .object([]))])),
            ]), forum.algorithm, type: "logout+jwt")
    }

    /// Tells a forum, unless it has no address for that; tries three times, and follows no redirect. Nobody waits for it: the session here has ended
    /// already. That it failed is logged, not about whom.
    func tell(_ forum: Forum, of subject: Subject, now: @escaping @Sendable () -> Int64, logger: Logger) {
        guard let address = forum.backChannelLogoutURI else { return }
        Task {
            for wait in Self.waits {
                try await Task.sleep(for: wait)
                // Letters, digits, dots, hyphens and underscores: a token needs no escape.
                let body = Array("logout_token=\(try await token(subject, at: forum, now: now()))".utf8)
                // Forums that an operator registers often stand on his own network.
                let status = try? await OutboundCall.post(
                    body, to: address, headers: [("Content-Type", "application/x-www-form-urlencoded")], mayBePrivate: true)
                guard let status else { continue }
                switch status {
                case 200, 204: return
                // The forum's own refusal: it would say the same again.
                case 400, 501:
                    logger.warning("a forum refused a logout", metadata: ["status": .stringConvertible(status)])
                    return
                default: continue
                }
            }
            logger.warning("a forum could not be told of a logout")
        }
    }
}

extension SignIn {
    /// Ends the sessions of a browser at the forums of an audience, or at all, and tells those of the audience of the forum that began it. Forums of
    /// other audiences are not told: of two that hear of a logout at one time each learns a pseudonym that the other knows by another name. Without
    /// the browser's cookie nobody finds its sessions.
    func endSessions(of browser: Browser, everywhere: Bool, begunBy party: Forum?, logger: Logger) async throws {
        for forum in try await ForumBook(store).all() where everywhere || forum.audience == party?.audience {
            let id = browser.session(at: forum.id)
            guard let session = try await store.session(id: id) else { continue }
            try await store.endSession(id: id)
            guard session.expires > now(), forum.audience == party?.audience, forum.id != party?.id else { continue }
            backChannel.tell(forum, of: try Proof(document: session.proof).subject, now: now, logger: logger)
        }
    }
}
