import Platform
import Reputation
import VerifierService

/// A forum that is about to be registered, as its operator describes it.
public struct ForumDraft: Sendable {
    /// Why it cannot be registered.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// Not a tier.
        case tier(String)
        /// The audience's policy does not allow the tiers.
        case policy
        /// The client id is taken.
        case exists(String)

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .tier(let text): "\"\(text)\" is not NAME=GROUP: CONDITION, CONDITION"
            case .policy: "the audience's policy does not allow these tiers; change it with `symbolon community policy`"
            case .exists(let id): "there is a forum with the client id \(id)"
            }
        }
    }

    /// Shown to members.
    public var name: String
    /// Name of its audience, made if it is new.
    public var audience: String
    /// Where it may be sent back to.
    public var redirectURIs: [String]
    /// Where a browser may be sent after logout.
    public var logoutURIs: [String] = []
    /// `NAME=GROUP: CONDITION, CONDITION`, rising; `member=members` when there are none.
    public var tiers: [String] = []
    /// Client id; nil makes one up.
    public var clientID: String?
    /// How it speaks DiscourseConnect; nil is OpenID Connect.
    public var discourse: Forum.Discourse?
    /// Whether it can keep no secret.
    public var isPublic = false
    /// Whether an authorization request needs PKCE.
    public var requiresPKCE = true
    /// Whether an authorization request needs a nonce.
    public var requiresNonce = true
    /// Whether an answer to it says who gives it.
    public var sendsIssuer = true
    /// What it is told as e-mail address.
    public var email = Forum.Email.none
    /// Where it is told that a member signed out, if it wants to be.
    public var backChannelLogoutURI: String?
    /// How its ID tokens are signed.
    public var algorithm = Forum.Algorithm.rs256

    /// Creates a draft.
    public init(name: String, audience: String, redirectURIs: [String]) {
        self.name = name
        self.audience = audience
        self.redirectURIs = redirectURIs
    }

    /// Registers it.
    ///
    /// - Parameter before: called once all is checked, with the forum that is about to be added.
    /// - Returns: the forum, and its secret, which is kept nowhere.
    /// - Throws: ``Failure``; `Forum.Failure`; `DataDirectory.Failure`; `SigningKeys.Failure`; `RequestError` for tiers that may not be asked;
    ///   `StoreError`.
    public func register(
        in book: ForumBook, directory: DataDirectory, community: Community, before: (Forum) async throws -> Void
    ) async throws -> (forum: Forum, secret: String?) {
        let read = try (tiers.isEmpty ? ["member=members"] : tiers).map { text in
            guard let tier = Tier(parsing: text) else { throw Failure.tier(text) }
            return tier
        }
        let id = clientID ?? Hex.text(Random.bytes(16))
        let made = isPublic || discourse != nil ? nil : Forum.makeSecret()
        // Everything but the audience's id is checked before an audience is made that nobody needs.
        func forum(audience: Digest) throws -> Forum {
            if let discourse {
                return try Forum(
                    id: id, discourse: discourse, returnURLs: redirectURIs, logoutURIs: logoutURIs, name: name, audience: audience,
                    tiers: read, email: email)
            }
            return try Forum(
                id: id, secretHash: made?.hash, redirectURIs: redirectURIs, logoutURIs: logoutURIs, name: name, audience: audience,
                tiers: read, requiresPKCE: requiresPKCE, requiresNonce: requiresNonce, sendsIssuer: sendsIssuer, email: email,
                algorithm: algorithm, backChannelLogoutURI: backChannelLogoutURI)
        }
        _ = try forum(audience: Digest.of([])).policy(community: community)
        if try await book.forum(id: id) != nil { throw Failure.exists(id) }
        let audience = try directory.audience(named: self.audience)
        let added = try forum(audience: audience.id)
        if let policy = try directory.policy(of: audience, community: community) {
            guard try added.policy(community: community).forms.allSatisfy(policy.forms.contains) else { throw Failure.policy }
        }
        let secret = try discourse.map {
            try ForumSecrets(folder: directory.signInFolder).secret(.discourse, of: id, salt: $0.salt)
        }
        try await before(added)
        do { try await book.add(added, community: community) } catch StoreError.exists { throw Failure.exists(id) }
        return (added, secret ?? made?.secret)
    }
}
