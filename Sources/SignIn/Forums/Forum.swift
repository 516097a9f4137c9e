import Platform
import Reputation
import VerifierService

/// A forum that signs members in: a client of OpenID Connect, or a Discourse forum.
public struct Forum: Sendable, Equatable {
    /// Which protocol it speaks. Nobody speaks another in its name.
    public enum Kind: Sendable, Equatable {
        /// OpenID Connect.
        case openID
        /// DiscourseConnect.
        case discourse(Discourse)
    }

    /// What a Discourse forum has beside.
    public struct Discourse: Sendable, Equatable {
        /// Tells its secret from others, ``ForumSecrets``.
        public var salt: Digest
        /// Name of the tier from which on members are moderators there; nil says nothing of it.
        public let moderators: String?
        /// Name of the tier from which on members are administrators there; nil says nothing of it.
        public let admins: String?

        /// Creates the settings, with a fresh secret.
        public init(moderators: String? = nil, admins: String? = nil) {
            self.init(salt: Forum.Discourse.makeSalt(), moderators: moderators, admins: admins)
        }

        init(salt: Digest, moderators: String?, admins: String?) {
            self.salt = salt
            self.moderators = moderators
            self.admins = admins
        }

        static func makeSalt() -> Digest { Digest.of(Random.bytes(32)) }
    }

    /// How its tokens are signed.
    public enum Algorithm: String, Sendable, CaseIterable {
        /// RSASSA-PKCS1-v1_5 with SHA-256: what every client knows.
        case rs256 = "RS256"
        /// ECDSA over P-256 with SHA-256.
        case es256 = "ES256"
    }

    /// The e-mail address that the forum is told.
    public enum Email: Sendable, Equatable {
        /// None.
        case none
        /// The subject in a domain of the operator, made up: nobody reads it unless the operator does. `isVerified`: what the forum is told
        /// of it; true keeps forums from writing to it, and is the operator's word.
        case synthetic(domain: String, isVerified: Bool)
    }

    /// Why a record cannot be one.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The client id.
        case id
        /// The name for members.
        case name
        /// A redirect or logout address.
        case address(String)
        /// No redirect address, or too many addresses.
        case addresses
        /// No tiers, too many, or two of one name.
        case tiers
        /// A tier's name or group.
        case tier(String)
        /// The domain of made-up e-mail addresses.
        case domain
        /// A client without a secret that would not have to use PKCE.
        case publicWithoutPKCE
        /// A Discourse forum without e-mail addresses, which it needs.
        case discourseWithoutEmail
        /// A group that cannot be one at a Discourse forum.
        case discourseGroup(String)
        /// Staff of a tier that there is not.
        case staff(String)

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .id: "a client id is 1 to 64 letters, digits, hyphens, dots or underscores"
            case .name: "a forum's name is one line of 1 to 80 characters"
            case .address(let text): "\(text) cannot be an address: https, http on this machine, or an app's own scheme; no fragment"
            case .addresses: "a forum has 1 to 16 redirect addresses and at most 16 for logout"
            case .tiers: "a forum has 1 to 8 tiers of different names"
            case .tier(let name):
                "tier \"\(name)\": names are lower-case letters, digits and hyphens, groups one line of 1 to 64 characters"
            case .domain: "not a domain for e-mail addresses"
            case .publicWithoutPKCE: "a client without a secret has to use PKCE"
            case .discourseWithoutEmail: "a Discourse forum needs an e-mail address for everybody: give a domain for made-up ones"
            case .discourseGroup(let group):
                "\"\(group)\" is no group of Discourse: letters, digits and, within and not twice in a row, hyphens, dots or underscores"
            case .staff(let name): "there is no tier \"\(name)\""
            }
        }
    }

    /// Client id.
    public let id: String
    /// Hash of its secret; nil for a client that can keep none.
    public var secretHash: Digest?
    /// Where it may be sent back to, byte for byte.
    public let redirectURIs: [String]
    /// Where a browser may be sent after logout, byte for byte.
    public let logoutURIs: [String]
    /// Where it is told that a member is signed in no more; nil when it need not be.
    public let backChannelLogoutURI: String?
    /// Shown to members.
    public let name: String
    /// Its audience: forums with one audience see one pseudonym of a member. Pinned here, derived from no host name.
    public let audience: Digest
    /// What members may prove, rising.
    public let tiers: [Tier]
    /// Whether an authorization request needs PKCE.
    public let requiresPKCE: Bool
    /// Whether an authorization request needs a nonce.
    public let requiresNonce: Bool
    /// Whether an answer to it says who gives it (`iss`, RFC 9207). Some software takes that for a login which somebody else began.
    public let sendsIssuer: Bool
    /// What it is told as e-mail address.
    public let email: Email
    /// How its ID tokens are signed.
    public let algorithm: Algorithm
    /// Which protocol it speaks.
    public internal(set) var kind: Kind

    static let greatestTiers = 8, greatestAddresses = 16

    /// Creates a record.
    ///
    /// - Throws: ``Failure``.
    public init(
        id: String, secretHash: Digest?, redirectURIs: [String], logoutURIs: [String] = [], name: String, audience: Digest, tiers: [Tier],
        requiresPKCE: Bool = true, requiresNonce: Bool = true, sendsIssuer: Bool = true, email: Email = .none,
        algorithm: Algorithm = .rs256, backChannelLogoutURI: String? = nil, kind: Kind = .openID
    ) throws(Failure) {
        guard Forum.isID(id) else { throw .id }
        guard (1...80).contains(name.count), isLine(name), !name.hasPrefix(" "), !name.hasSuffix(" ") else { throw .name }
        guard (1...Forum.greatestAddresses).contains(redirectURIs.count), logoutURIs.count <= Forum.greatestAddresses else {
            throw .addresses
        }
        for uri in redirectURIs + logoutURIs where !RedirectURI.isAdmissible(uri) { throw .address(uri) }
        if let uri = backChannelLogoutURI, !uri.hasPrefix("http") || !RedirectURI.isAdmissible(uri) { throw .address(uri) }
        guard (1...Forum.greatestTiers).contains(tiers.count), Set(tiers.map(\.name)).count == tiers.count else { throw .tiers }
        for tier in tiers where !Tier.isName(tier.name) || !Tier.isGroup(tier.group) { throw .tier(tier.name) }
        if case .synthetic(let domain, _) = email, !Forum.isDomain(domain) { throw .domain }
        guard requiresPKCE || secretHash != nil else { throw .publicWithoutPKCE }
        self.id = id
        self.secretHash = secretHash
        self.redirectURIs = redirectURIs
        self.logoutURIs = logoutURIs
        self.name = name
        self.audience = audience
        self.tiers = tiers
        self.requiresPKCE = requiresPKCE
        self.requiresNonce = requiresNonce
        self.sendsIssuer = sendsIssuer
        self.email = email
        self.algorithm = algorithm
        self.backChannelLogoutURI = backChannelLogoutURI
        self.kind = kind
        if case .discourse(let discourse) = kind { try check(discourse) }
    }

    /// Creates the record of a Discourse forum. After logout a browser may be sent to its first page.
    ///
    /// - Throws: ``Failure``.
    public init(
        id: String, discourse: Discourse, returnURLs: [String], logoutURIs: [String] = [], name: String, audience: Digest, tiers: [Tier],
        email: Email
    ) throws(Failure) {
        var homes: [String] = []
        for url in returnURLs where RedirectURI.isAdmissible(url) {
            let home = DiscourseRequest.home(of: url)
            if !homes.contains(home), !logoutURIs.contains(home) { homes.append(home) }
        }
        try self.init(
            id: id, secretHash: nil, redirectURIs: returnURLs, logoutURIs: homes + logoutURIs, name: name, audience: audience, tiers: tiers,
            email: email, kind: .discourse(discourse))
    }

    /// What the operator of a Discourse forum enters there; empty for another.
    public func discourseSettings(issuer: String, secret: String) -> [(name: String, value: String)] {
        guard case .discourse = kind else { return [] }
        let home = DiscourseRequest.home(of: redirectURIs[0])
        let logout = Form.address(issuer + "/openid/logout", adding: [("client_id", id), ("post_logout_redirect_uri", home)])
        return [
            ("discourse_connect_url", "\(issuer)/discourse/\(id)"), ("discourse_connect_secret", secret),
            ("enable_discourse_connect", "true"), ("logout_redirect", logout),
        ]
    }

    private func check(_ discourse: Discourse) throws(Failure) {
        if email == .none { throw .discourseWithoutEmail }
        // An app of its own has no first page to go back to.
        for uri in redirectURIs where !uri.hasPrefix("http") { throw .address(uri) }
        for tier in tiers where !Forum.isDiscourseName(tier.group) { throw .discourseGroup(tier.group) }
        for name in [discourse.moderators, discourse.admins] {
            if let name, !tiers.contains(where: { $0.name == name }) { throw .staff(name) }
        }
    }

    /// What Discourse admits as a name, and what cannot be taken for two of them in a list.
    private static func isDiscourseName(_ name: String) -> Bool {
        let isWord = { (byte: UInt8) in
            (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x30 && byte <= 0x39)
        }
        let bytes = Array(name.utf8)
        guard (1...60).contains(bytes.count), isWord(bytes[0]), isWord(bytes[bytes.count - 1]) else { return false }
        return zip(bytes, bytes.dropFirst()).allSatisfy { one, next in
            (isWord(one) || "-._".utf8.contains(one)) && (isWord(one) || isWord(next))
        }
    }

    /// A fresh secret of 256 bits, to be shown once, and its hash.
    public static func makeSecret() -> (secret: String, hash: Digest) {
        let secret = Opaque.text(Random.bytes(32))
        return (secret, hash(ofSecret: secret))
    }

    /// A secret has 256 random bits: guessing is hopeless, and a plain hash is enough.
    static func hash(ofSecret secret: String) -> Digest { Digest.of(Array("SYMBOLON-V01-client-secret".utf8) + Array(secret.utf8)) }

    /// Whether a secret is this client's; compares in constant time.
    func isSecret(_ secret: String) -> Bool {
        secretHash.map { constantTimeEquals($0.bytes, Forum.hash(ofSecret: secret).bytes) } ?? false
    }

    /// Whether it shares a secret with this service.
    public var hasSecret: Bool { secretHash != nil || kind != .openID }

    package static func isID(_ id: String) -> Bool {
        (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x30 && byte <= 0x39)
                    || "-._".utf8.contains(byte)
            }
    }

    private static func isDomain(_ domain: String) -> Bool {
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        return domain.utf8.count <= 200 && labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
            }
    }
}
