import Curves
import Proofs

/// Where a nullifier holds. A purpose has exactly the fields of its case, so a scope with wrong fields cannot be said.
public enum Scope: Hashable, Sendable {
    /// Stable pseudonym at an audience.
    case signIn(audience: Digest)
    /// Where feedback on acts at an audience gathers, for an epoch.
    case account(community: Digest, epoch: UInt32, audience: Digest)
    /// One of several unlinkable tickets of an epoch.
    case post(community: Digest, epoch: UInt32, audience: Digest, index: UInt32)
    /// One act for each person on a subject: a vote, a claim.
    case act(community: Digest, audience: Digest, subject: [UInt8])
    /// Renewed out of this epoch.
    case renew(community: Digest, epoch: UInt32)
    /// This top-up code used.
    case topUp(community: Digest, epoch: UInt32, codeHash: Digest)

    /// Bytes of a subject at most, where requests are parsed.
    public static let greatestSubject = 256

    /// The purpose's name in JSON.
    public var purpose: String {
        switch self {
        case .signIn: "sign-in"
        case .account: "account"
        case .post: "post"
        case .act: "act"
        case .renew: "renew"
        case .topUp: "top-up"
        }
    }

    /// The purpose's byte.
    var purposeByte: UInt8 {
        switch self {
        case .signIn: 1
        case .account: 2
        case .post: 3
        case .act: 4
        case .renew: 5
        case .topUp: 6
        }
    }

    /// Whether the nullifier is good for one use: it is then entered among the spent ones.
    public var isSpent: Bool {
        switch self {
        case .signIn, .account: false
        case .post, .act, .renew, .topUp: true
        }
    }

    /// The community, where the purpose has one.
    public var community: Digest? { fields.community }
    /// The epoch, where the purpose has one.
    public var epoch: UInt32? { fields.epoch }
    /// The audience, where the purpose has one.
    public var audience: Digest? { fields.audience }

    typealias Fields = (community: Digest?, epoch: UInt32?, audience: Digest?, subject: [UInt8]?, index: UInt32?)

    var fields: Fields {
        switch self {
        case .signIn(let audience): (nil, nil, audience, nil, nil)
        case .account(let community, let epoch, let audience): (community, epoch, audience, nil, nil)
        case .post(let community, let epoch, let audience, let index): (community, epoch, audience, nil, index)
        case .act(let community, let audience, let subject): (community, nil, audience, subject, nil)
        case .renew(let community, let epoch): (community, epoch, nil, nil, nil)
        case .topUp(let community, let epoch, let codeHash): (community, epoch, nil, codeHash.bytes, nil)
        }
    }

    /// The scope of a purpose that has exactly these fields; nil for all other combinations. The one table of purposes.
    init?(purposeByte: UInt8, fields: Fields) {
        switch (purposeByte, fields.community, fields.epoch, fields.audience, fields.subject, fields.index) {
        case (1, nil, nil, let audience?, nil, nil): self = .signIn(audience: audience)
        case (2, let community?, let epoch?, let audience?, nil, nil):
            self = .account(community: community, epoch: epoch, audience: audience)
        case (3, let community?, let epoch?, let audience?, nil, let index?):
            self = .post(community: community, epoch: epoch, audience: audience, index: index)
        case (4, let community?, nil, let audience?, let subject?, nil):
            self = .act(community: community, audience: audience, subject: subject)
        case (5, let community?, let epoch?, nil, nil, nil): self = .renew(community: community, epoch: epoch)
        case (6, let community?, let epoch?, nil, let code?, nil):
            guard let codeHash = try? Digest(code) else { return nil }
            self = .topUp(community: community, epoch: epoch, codeHash: codeHash)
        default: return nil
        }
    }

    /// The one encoding: the purpose's byte, then each field: 0 when absent, or 1 and the value (bytes behind their length, numbers in
    /// four bytes).
    @export(interface)
    public var encoded: [UInt8] {
        let fields = fields
        func bytes(_ field: [UInt8]?) -> [UInt8] { field.map { [1] + lengthPrefixed($0) } ?? [0] }
        func number(_ field: UInt32?) -> [UInt8] { field.map { [1] + littleEndian4(Int(truncatingIfNeeded: $0)) } ?? [0] }
        return [purposeByte] + bytes(fields.community?.bytes) + number(fields.epoch) + bytes(fields.audience?.bytes)
            + bytes(fields.subject) + number(fields.index)
    }

    /// From the encoding; throws for any bytes that `encoded` does not give.
    @export(interface)
    public init(encoded: [UInt8]) throws(FormatError) {
        var reader = ByteReader(encoded)
        let purpose = try reader.byte()
        guard (1...6).contains(purpose) else { throw .unknownKind }
        var fields: Fields = (nil, nil, nil, nil, nil)
        if try reader.present() { fields.community = try Digest(reader.string(atMost: 32)) }
        if try reader.present() { fields.epoch = try reader.uint32() }
        if try reader.present() { fields.audience = try Digest(reader.string(atMost: 32)) }
        if try reader.present() { fields.subject = try reader.string(atMost: Scope.greatestSubject) }
        if try reader.present() { fields.index = try reader.uint32() }
        try reader.end()
        guard let scope = Scope(purposeByte: purpose, fields: fields) else { throw .notCanonical }
        self = scope
    }

    /// Domain separation tag of scope bases.
    static let domain = Array("SYMBOLON-V01-scope-with-secp256k1_XMD:SHA-256_SSWU_RO_".utf8)

    /// The base U of which a nullifier is the multiple by the holder's secret, from a scope's encoding. The bytes are public.
    public static func base(of encoded: [UInt8]) -> Point<Secp256k1> { hashToCurve(encoded, domain: domain) }
}
