/// Why a text is no hexadecimal number of whole bytes.
public struct HexError: Error {}

/// The bytes that hexadecimal digits stand for, with or without "0x" before them.
public func hex(_ text: String) throws -> [UInt8] {
    let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
    guard digits.utf8.count % 2 == 0 else { throw HexError() }
    var out: [UInt8] = []
    var high: UInt8?
    for digit in digits {
        guard digit.isASCII, let value = digit.hexDigitValue else { throw HexError() }
        if let first = high {
            out.append(first << 4 | UInt8(value))
            high = nil
        } else {
            high = UInt8(value)
        }
    }
    return out
}

/// Lowercase hexadecimal digits of bytes.
public func hex(_ bytes: some Sequence<UInt8>) -> String {
    var out = ""
    for byte in bytes { out += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
    return out
}
