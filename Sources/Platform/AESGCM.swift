#if !hasFeature(Embedded)
import COpenSSL

/// AES-256 in Galois/counter mode by OpenSSL: keeps a message secret and notices every change of it.
///
/// A nonce is used once under a key: a second message under the same pair gives away both.
public enum AESGCM {
    /// Bytes of a key.
    public static let keyLength = 32
    /// Bytes of a nonce.
    public static let nonceLength = 12
    /// Bytes by which a sealed message is longer than the plain one.
    public static let tagLength = 16

    /// The encrypted message followed by its tag; `authenticating` is bound to it but not contained. Key and nonce have their lengths.
    public static func seal(_ plain: [UInt8], key: [UInt8], nonce: [UInt8], authenticating: [UInt8]) -> [UInt8] {
        precondition(key.count == keyLength && nonce.count == nonceLength, "AES-256-GCM takes a key of 32 and a nonce of 12 bytes")
        let context = newContext()
        defer { EVP_CIPHER_CTX_free(context) }
        var out = [UInt8](repeating: 0, count: plain.count + tagLength)
        var written: Int32 = 0
        let done = out.withUnsafeMutableBufferPointer { room in
            let tag = room.baseAddress! + plain.count
            return EVP_EncryptInit_ex2(context, EVP_aes_256_gcm(), key, nonce, nil) == 1
                && EVP_EncryptUpdate(context, nil, &written, authenticating, Int32(authenticating.count)) == 1
                && EVP_EncryptUpdate(context, room.baseAddress!, &written, plain, Int32(plain.count)) == 1
                && EVP_EncryptFinal_ex(context, tag, &written) == 1
                && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagLength), tag) == 1
        }
        precondition(done, "OpenSSL could not encrypt")
        return out
    }

    /// The plain message of `sealed`.
    ///
    /// Throws `.length` when key, nonce or message cannot be one, `.authentication` when anything was altered: then nothing is revealed.
    public static func open(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], authenticating: [UInt8]) throws(PlatformError) -> [UInt8] {
        guard key.count == keyLength, nonce.count == nonceLength, sealed.count >= tagLength, sealed.count <= Int(Int32.max) else {
            throw .length
        }
        let context = newContext()
        defer { EVP_CIPHER_CTX_free(context) }
        let count = sealed.count - tagLength
        var tag = [UInt8](sealed[count...])
        var out = [UInt8](repeating: 0, count: count + tagLength)
        var written: Int32 = 0
        let started =
            EVP_DecryptInit_ex2(context, EVP_aes_256_gcm(), key, nonce, nil) == 1
            && EVP_DecryptUpdate(context, nil, &written, authenticating, Int32(authenticating.count)) == 1
            && EVP_DecryptUpdate(context, &out, &written, sealed, Int32(count)) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), &tag) == 1
        precondition(started, "OpenSSL could not decrypt")
        var last = [UInt8](repeating: 0, count: tagLength)
        guard EVP_DecryptFinal_ex(context, &last, &written) == 1 else {
            zeroize(&out)
            throw .authentication
        }
        out.removeLast(tagLength)
        return out
    }

    private static func newContext() -> OpaquePointer {
        guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("out of memory") }
        return context
    }
}
#endif
