#if !hasFeature(Embedded)
import COpenSSL

/// A key that signs with Ed25519 (RFC 8032), by OpenSSL in constant time.
public struct Ed25519SigningKey: Sendable {
    /// The 32 secret bytes that the key is.
    public let seed: [UInt8]
    /// The 32 bytes that signatures are verified with.
    public let publicKey: [UInt8]

    /// A fresh random key.
    public init() {
        seed = Random.bytes(32)
        publicKey = Self.publicKey(of: seed)
    }

    /// The key with these 32 secret bytes; throws `.length` for another number of bytes.
    public init(seed: [UInt8]) throws(PlatformError) {
        guard seed.count == 32 else { throw .length }
        self.seed = seed
        publicKey = Self.publicKey(of: seed)
    }

    /// The 64-byte signature of `message`: always the same for the same message.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        let key = Self.openSSLKey(seed)
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        defer { EVP_MD_CTX_free(context) }
        var out = [UInt8](repeating: 0, count: 64)
        var count = out.count
        let done =
            EVP_DigestSignInit(context, nil, nil, nil, key) == 1
            && EVP_DigestSign(context, &out, &count, message, message.count) == 1
        precondition(done && count == 64, "OpenSSL could not sign")
        return out
    }

    private static func openSSLKey(_ seed: [UInt8]) -> OpaquePointer {
        guard let key = EVP_PKEY_new_raw_private_key(NID_ED25519, nil, seed, 32) else {
            preconditionFailure("OpenSSL could not take a key")
        }
        return key
    }

    private static func publicKey(of seed: [UInt8]) -> [UInt8] {
        let key = openSSLKey(seed)
        defer { EVP_PKEY_free(key) }
        var out = [UInt8](repeating: 0, count: 32)
        var count = out.count
        precondition(EVP_PKEY_get_raw_public_key(key, &out, &count) == 1 && count == 32, "OpenSSL could not derive a public key")
        return out
    }
}

extension Ed25519SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Says what it is and nothing of the seed, so that no log can.
    public var description: String { "Ed25519SigningKey" }
    /// As `description`.
    public var debugDescription: String { description }
    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Verification of Ed25519 signatures (RFC 8032), by OpenSSL.
public enum Ed25519 {
    /// Whether `signature` is one of `message` under `publicKey`; lengths other than 64 and 32 bytes and unusable keys are a plain no.
    public static func verify(signature: [UInt8], message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == 64, publicKey.count == 32 else { return false }
        guard let key = EVP_PKEY_new_raw_public_key(NID_ED25519, nil, publicKey, 32) else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, 64, message, message.count) == 1
    }
}
#endif
