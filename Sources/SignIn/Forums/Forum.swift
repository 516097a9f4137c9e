import Platform
import Reputation
import VerifierService

/// A forum that signs members in: a client of OpenID Connect.
public struct Forum: Sendable, Equatable {
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
    /// What it is told as e-mail address.
    public let email: Email
    /// How its ID tokens are signed.
    public let algorithm: Algorithm

    static let greatestTiers = 8, greatestAddresses = 16

    /// Creates a record.
    ///
    /// - Throws: ``Failure``.
    public init(
        id: String, secretHash: Digest?, redirectURIs: [String], logoutURIs: [String] = [], name: String, audience: Digest, tiers: [Tier],
        requiresPKCE: Bool = true, requiresNonce: Bool = true, email: Email = .none, algorithm: Algorithm = .rs256
    ) throws(Failure) {
        guard Forum.isID(id) else { throw .id }
        guard (1...80).contains(name.count), isLine(name), !name.hasPrefix(" "), !name.hasSuffix(" ") else { throw .name }
        guard (1...Forum.greatestAddresses).contains(redirectURIs.count), logoutURIs.count <= Forum.greatestAddresses else {
            throw .addresses
        }
        for uri in redirectURIs + logoutURIs where !RedirectURI.isAdmissible(uri) { throw .address(uri) }
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
        self.email = email
        self.algorithm = algorithm
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

    static func isID(_ id: String) -> Bool {
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
