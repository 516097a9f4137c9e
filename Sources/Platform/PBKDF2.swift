#if !hasFeature(Embedded)
import COpenSSL

/// PBKDF2 with HMAC-SHA-256 (RFC 8018) by OpenSSL: a key from a passphrase, made slow to guess.
public enum PBKDF2SHA256 {
    /// `count` bytes from a passphrase and a salt after `rounds` (at least 1) rounds, which is what a guess costs.
    public static func derive(passphrase: [UInt8], salt: [UInt8], rounds: Int, count: Int) -> [UInt8] {
        precondition(rounds >= 1 && rounds <= Int(Int32.max) && count >= 0 && count <= Int(Int32.max), "rounds and count of PBKDF2")
        if count == 0 { return [] }
        var out = [UInt8](repeating: 0, count: count)
        let done = passphrase.withUnsafeBytes { raw in
            PKCS5_PBKDF2_HMAC(
                raw.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(raw.count), salt, Int32(salt.count),
                Int32(rounds), EVP_sha256(), Int32(count), &out)
        }
        precondition(done == 1, "OpenSSL could not derive a key")
        return out
    }
}
#endif
