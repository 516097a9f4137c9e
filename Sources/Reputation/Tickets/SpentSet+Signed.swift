/// Why a published set of spent nullifiers is refused.
public enum SpentSetError: Error, Equatable, Sendable {
    /// The bytes are not the canonical form.
    case format(FormatError)
    /// Of another community or epoch.
    case other
    /// Not signed by the community's log.
    case signature

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .format(let error): error.code
        case .other: "spent-set-other"
        case .signature: "spent-set-signature"
        }
    }
}

#if !hasFeature(Embedded)
import Platform

extension SpentSet {
    /// The canonical form and the log key's signature over it. The form holds zero bytes, so no signed note can pass for it.
    public func signed(by key: Ed25519SigningKey) -> [UInt8] {
        let bytes = encoded
        return bytes + key.sign(bytes)
    }

    /// A published set, checked to be that of a community and epoch. Who serves a set without some nullifier makes a wallet show it twice,
    /// which links two posts: the signature makes the lie provable.
    public init(signed bytes: [UInt8], community: Community, epoch: UInt32) throws(SpentSetError) {
        guard try SpentSet.signatureCheck(of: bytes, community: community).holds else { throw .signature }
        try self.init(verified: bytes, community: community, epoch: epoch)
    }
}
#endif

extension SpentSet {
    /// The signature behind a published set; throws `.format(.length)`.
    package static func signatureCheck(of bytes: [UInt8], community: Community) throws(SpentSetError) -> SignatureCheck {
        guard bytes.count <= SpentSet.greatestLength else { throw .format(.length) }
        do { return try SignatureCheck(trailing: bytes, publicKey: community.logKey) } catch { throw .format(error) }
    }

    /// A published set whose `signatureCheck` was verified elsewhere.
    package init(verified bytes: [UInt8], community: Community, epoch: UInt32) throws(SpentSetError) {
        do { try self.init(encoded: Array(bytes.dropLast(64))) } catch { throw .format(error) }
        guard self.community == community.id, self.epoch == epoch else { throw .other }
    }
}
