/// HMAC-SHA-256 (RFC 2104) in plain Swift: the twin of OpenSSL's, used where there is no OpenSSL. Constant time but for lengths.
public enum PortableHMACSHA256 {
    /// The 32-byte authentication code of `message` under `key`, which may have any length.
    public static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var block = key.count > 64 ? PortableSHA256.hash(key) : key
        while block.count < 64 { block.append(0) }
        var inner = block.map { $0 ^ 0x36 }
        inner += message
        var outer = block.map { $0 ^ 0x5c }
        outer += PortableSHA256.hash(inner)
        let code = PortableSHA256.hash(outer)
        zeroize(&block)
        zeroize(&inner)
        zeroize(&outer)
        return code
    }
}
