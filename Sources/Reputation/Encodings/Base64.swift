/// Base 64 of RFC 4648, strict both ways: one text for one byte string, so no white space, no stray bits in the last digit.
public struct Base64: Sendable {
    private let alphabet: [UInt8]
    private let padded: Bool

    private init(last: String, padded: Bool) {
        alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8) + Array(last.utf8)
        self.padded = padded
    }

    /// Section 4, with padding: checkpoints.
    public static let standard = Base64(last: "+/", padded: true)
    /// Section 5, without padding: JSON.
    public static let url = Base64(last: "-_", padded: false)

    /// The text of bytes.
    public func encode(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var word: UInt32 = 0
            for i in 0..<3 { word = word << 8 | (i < count ? UInt32(bytes[start + i]) : 0) }
            for i in 0...count { out.append(alphabet[Int(word >> UInt32(18 - 6 * i) & 63)]) }
            if padded { out += [UInt8](repeating: UInt8(ascii: "="), count: 3 - count) }
        }
        return out
    }

    /// The bytes of a text that `encode` can have written; throws for any other.
    public func decode(_ text: [UInt8]) throws(FormatError) -> [UInt8] {
        var digits = text[...]
        if padded {
            if text.count % 4 != 0 { throw .length }
            for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        }
        if digits.count % 4 == 1 { throw .length }
        var out: [UInt8] = []
        out.reserveCapacity(digits.count * 3 / 4)
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for byte in digits {
            guard let value = value(byte) else { throw .notCanonical }
            word = word << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: word >> bits))
                word &= 1 << bits - 1
            }
        }
        if word != 0 { throw .notCanonical }
        return out
    }

    private func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case alphabet[62]: 62
        case alphabet[63]: 63
        default: nil
        }
    }
}
