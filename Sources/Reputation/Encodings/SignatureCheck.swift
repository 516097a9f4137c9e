/// An Ed25519 signature that is still to be verified. On Linux `holds` does it; where the package has no Ed25519 of its own, whoever runs it: a
/// browser's WebCrypto, which answers later. What was verified there is taken over by members of `package` access only.
public struct SignatureCheck: Equatable, Sendable {
    /// The key, 32 bytes.
    public let publicKey: [UInt8]
    /// What is signed.
    public let message: [UInt8]
    /// The signature; any number of bytes.
    public let signature: [UInt8]

    /// What stands before the last 64 bytes is signed by them; throws `.length` for fewer bytes.
    package init(trailing bytes: [UInt8], publicKey: [UInt8]) throws(FormatError) {
        guard bytes.count >= 64 else { throw .length }
        self.init(publicKey: publicKey, message: Array(bytes.dropLast(64)), signature: Array(bytes.suffix(64)))
    }

    package init(publicKey: [UInt8], message: [UInt8], signature: [UInt8]) {
        self.publicKey = publicKey
        self.message = message
        self.signature = signature
    }
}

#if !hasFeature(Embedded)
import Platform

extension SignatureCheck {
    /// Whether the signature is one of the key over the message.
    public var holds: Bool { Ed25519.verify(signature: signature, message: message, publicKey: publicKey) }
}
#endif
