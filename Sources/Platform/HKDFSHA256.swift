/// HKDF-SHA-256 (RFC 5869): keys derived from a secret, over whichever HMAC the platform has. Constant time but for lengths.
public enum HKDFSHA256 {
    /// The most bytes that one derivation gives: 255 digests.
    public static let maximumCount = 255 * 32

    /// `count` bytes (at most `maximumCount`) that only depend on `secret`, `salt` and `info`.
    public static func derive(secret: [UInt8], salt: [UInt8], info: [UInt8], count: Int) -> [UInt8] {
        precondition(count >= 0 && count <= maximumCount, "HKDF derives at most 255 digests")
        var key = HMACSHA256.authenticate(secret, key: salt)
        var out: [UInt8] = []
        out.reserveCapacity(count + 32)
        var block: [UInt8] = []
        var counter: UInt8 = 0
        while out.count < count {
            counter += 1
            block = HMACSHA256.authenticate(block + info + [counter], key: key)
            out += block
        }
        out.removeLast(out.count - count)
        zeroize(&key)
        zeroize(&block)
        return out
    }
}
