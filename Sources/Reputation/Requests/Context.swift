import Proofs

/// What surrounds a request. Wallet and verifier each compute its digest from the request they parsed; neither takes it from the other.
public struct Context: Equatable, Sendable {
    /// Community that issued the credential.
    public var community: Digest
    /// Digest of its schema.
    public var schema: Digest
    /// Epoch of the root that is verified against.
    public var epoch: UInt32
    /// Who asks.
    public var audience: Digest
    /// Freshness: 16 bytes or more, drawn by who asks.
    public var nonce: [UInt8]
    /// Until when the request holds, in seconds since 1970.
    public var expires: Int64
    /// Digest of a message that the proof is bound to.
    public var message: Digest?

    /// From its parts.
    public init(
        community: Digest, schema: Digest, epoch: UInt32, audience: Digest, nonce: [UInt8], expires: Int64, message: Digest? = nil
    ) {
        self.community = community
        self.schema = schema
        self.epoch = epoch
        self.audience = audience
        self.nonce = nonce
        self.expires = expires
        self.message = message
    }

    /// Bytes of a nonce at least.
    public static let leastNonce = 16

    /// The digest that a presentation is bound to; throws `.nonceLength` or `.contextFields`.
    public func digest() throws(RequestError) -> Digest {
        guard nonce.count >= Context.leastNonce else { throw .nonceLength }
        guard expires >= 0 else { throw .contextFields }
        return Digest.of(Array("SYMBOLON-V01-context".utf8) + fields)
    }

    /// The fields one after the other, as digest and canonical request hold them.
    var fields: [UInt8] {
        community.bytes + schema.bytes + littleEndian4(Int(truncatingIfNeeded: epoch)) + audience.bytes + lengthPrefixed(nonce)
            + littleEndian8(expires) + lengthPrefixed(message?.bytes ?? [])
    }
}
