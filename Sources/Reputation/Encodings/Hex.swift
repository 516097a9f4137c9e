/// Base 16, lower case only: one text for one byte string.
public enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Two digits a byte.
    public static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return out
    }

    /// The same as text.
    public static func text(_ bytes: [UInt8]) -> String { String(decoding: encode(bytes), as: UTF8.self) }

    /// Throws for anything but pairs of lower-case digits.
    public static func decode(_ text: [UInt8]) throws(FormatError) -> [UInt8] {
        if text.count % 2 != 0 { throw .length }
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 2)
        for i in stride(from: 0, to: text.count, by: 2) {
            guard let high = digit(text[i], upperCase: false), let low = digit(text[i + 1], upperCase: false) else { throw .notCanonical }
            out.append(high << 4 | low)
        }
        return out
    }

    static func digit(_ byte: UInt8, upperCase: Bool) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F") where upperCase: byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
