import CGMP

extension BigInteger: CustomStringConvertible {
    /// The number in decimal digits.
    public var description: String { text(base: 10) }

    /// The number in lower-case hexadecimal digits, without a prefix.
    public var hex: String { text(base: 16) }

    /// From decimal digits with an optional minus sign before them; throws `.text` for anything else.
    public init(decimal text: String) throws(BigIntegerError) {
        self = try Self.parsed(text, base: 10) { $0 >= 0x30 && $0 <= 0x39 }
    }

    /// From hexadecimal digits of either case with an optional minus sign before them; throws `.text` for anything else.
    public init(hex text: String) throws(BigIntegerError) {
        self = try Self.parsed(text, base: 16) {
            ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x41 && $0 <= 0x46) || ($0 >= 0x61 && $0 <= 0x66)
        }
    }

    private func text(base: Int32) -> String {
        lent { number in
            // Digits (one too many at most), sign, terminating zero.
            let room = __gmpz_sizeinbase(number, base) + 2
            return String(unsafeUninitializedCapacity: room) { buffer in
                buffer.withMemoryRebound(to: CChar.self) { characters in
                    _ = __gmpz_get_str(characters.baseAddress, base, number)
                    return characters.firstIndex(of: 0) ?? 0
                }
            }
        }
    }

    private static func parsed(_ text: String, base: Int32, _ isDigit: (UInt8) -> Bool) throws(BigIntegerError) -> BigInteger {
        let digits = text.utf8.first == 0x2d ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { throw .text }
        return computed { number in
            let status = text.withCString { __gmpz_set_str(number, $0, base) }
            precondition(status == 0, "digits were checked")
        }
    }
}
