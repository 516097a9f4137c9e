import Platform
import Reputation

/// A member's pseudonym at one audience, as forums see it. Computed from the audience and the nullifier of the sign-in scope, so it is the
/// same at every sign-in, and says nothing about the pseudonym at another audience.
public struct Subject: Sendable, Hashable {
    /// `sub`: 160 bits in base 32, 32 lower-case letters and digits.
    public let text: String

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// Of an audience and the nullifier there, 33 bytes.
    public init(audience: Digest, nullifier: [UInt8]) {
        let digest = SHA256.hash(Array("SYMBOLON-V01-sign-in-subject".utf8) + audience.bytes + nullifier)
        text = Subject.base32(Array(digest.prefix(20)))
    }

    /// One that was kept.
    package init(text: String) { self.text = text }

    /// One that came from outside; nil for text that none can be.
    public init?(_ text: String) {
        guard text.utf8.count == 32, text.utf8.allSatisfy(Subject.alphabet.contains) else { return nil }
        self.text = text
    }

    /// RFC 4648, lower case; five bytes are eight digits, and 20 bytes leave nothing over.
    private static func base32(_ bytes: [UInt8]) -> String {
        var (out, word, bits): ([UInt8], UInt32, UInt32) = ([], 0, 0)
        for byte in bytes {
            word = word << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                out.append(alphabet[Int(word >> bits & 31)])
            }
            word &= 1 << bits - 1
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// `preferred_username`: 48 bits of the subject's hash as three words of five letters, to be said aloud: `lusab-tivor-nekom`. Of 10,000 members
    /// of a forum two share one with a chance of some 10^-7; `sub` alone is the identity.
    public var username: String {
        let (consonants, vowels) = (Array("bdfghjklmnprstvz".utf8), Array("aeio".utf8))
        let digest = SHA256.hash(Array("SYMBOLON-V01-sign-in-username".utf8) + Array(text.utf8))
        let words = (0..<3).map { place in
            let word = UInt16(digest[2 * place]) << 8 | UInt16(digest[2 * place + 1])
            return String(
                decoding: [
                    consonants[Int(word >> 12)], vowels[Int(word >> 10 & 3)], consonants[Int(word >> 6 & 15)], vowels[Int(word >> 4 & 3)],
                    consonants[Int(word & 15)],
                ], as: UTF8.self)
        }
        return words.joined(separator: "-")
    }

    /// Whether a text has the form of ``username``.
    package static func isUsername(_ text: String) -> Bool {
        text.utf8.count == 17
            && text.utf8.enumerated().allSatisfy { $0 % 6 == 5 ? $1 == UInt8(ascii: "-") : (0x61...0x7A).contains($1) }
    }

    /// What the document of everything that was proved under it begins with, so that a store finds them without reading them.
    package var documentStart: [UInt8] { Array("{\"subject\":\"\(text)\",".utf8) }
}
