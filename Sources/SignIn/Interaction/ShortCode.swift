import Platform

/// The code that a wallet shows and its owner types where he began: 40 random bits as eight digits of Crockford's base 32, in two groups.
///
/// It ties the browser in which a sign-in began to the person whose wallet answered: without it a request that somebody shows to
/// others would sign him in as them. Single use, few tries, so 40 bits are enough.
package struct ShortCode: Sendable, Equatable {
    /// Tries at most; guessing succeeds with a chance of 5 in 2^40.
    static let tries = 5

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private let digits: [UInt8]

    package init() { digits = Random.bytes(8).map { ShortCode.alphabet[Int($0 & 31)] } }

    /// As somebody types it: small letters, spaces, hyphens, and what looks like a zero or a one. Nil for what none can be.
    package init?(typed text: String) {
        var digits: [UInt8] = []
        for byte in text.utf8 where byte != 0x20 && byte != UInt8(ascii: "-") {
            let upper = byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte
            let digit =
                switch upper {
                case UInt8(ascii: "O"): UInt8(ascii: "0")
                case UInt8(ascii: "I"), UInt8(ascii: "L"): UInt8(ascii: "1")
                default: upper
                }
            guard ShortCode.alphabet.contains(digit), digits.count < 8 else { return nil }
            digits.append(digit)
        }
        guard digits.count == 8 else { return nil }
        self.digits = digits
    }

    /// As it is shown.
    package var text: String { String(decoding: digits[..<4] + [UInt8(ascii: "-")] + digits[4...], as: UTF8.self) }

    /// What is kept of it, for one interaction.
    func hash(for interaction: [UInt8]) -> [UInt8] { SHA256.hash(Array("SYMBOLON-V01-sign-in-code".utf8) + interaction + digits) }
}
