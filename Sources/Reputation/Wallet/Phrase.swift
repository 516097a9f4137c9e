import Platform

/// A wallet's seed as 24 words that people write down: BIP-39 with the English list, 256 bits and 8 bits of checksum.
///
/// Only the words are BIP-39's: keys are derived from the 256 bits by HKDF, see `Seed`.
public struct Phrase: Equatable {
    /// The 32 secret bytes.
    let entropy: [UInt8]

    /// Words of a phrase.
    public static let wordCount = 24

    /// A fresh phrase.
    public init() { entropy = Random.bytes(32) }

    init(entropy: [UInt8]) throws(FormatError) {
        if entropy.count != 32 { throw .length }
        self.entropy = entropy
    }

    /// The words in lower case with one space between them.
    public var text: String {
        let all = entropy + [SHA256.hash(entropy)[0]]
        var out: [UInt8] = []
        for word in 0..<Phrase.wordCount {
            var index = 0
            for bit in 11 * word..<11 * word + 11 { index = index << 1 | Int(all[bit / 8] >> UInt8(7 - bit % 8) & 1) }
            if word > 0 { out.append(0x20) }
            out += EnglishWords.list[index]
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Reads typed words, without regard to case and to how much white space is between them. The error says which word is unknown.
    @export(interface)
    public init(parsing text: [UInt8]) throws(PhraseError) {
        let words = text.split { $0 == 0x20 || (0x09...0x0d).contains($0) }
        var indices: [Int] = []
        for (place, word) in words.enumerated() {
            let lower = word.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 + 0x20 : $0 }
            guard let index = EnglishWords.list.firstIndex(of: lower) else { throw .unknownWord(lower, place: place + 1) }
            indices.append(index)
        }
        guard indices.count == Phrase.wordCount else { throw .wordCount(indices.count) }
        var all = [UInt8](repeating: 0, count: 33)
        for bit in 0..<11 * Phrase.wordCount { all[bit / 8] |= UInt8(indices[bit / 11] >> (10 - bit % 11) & 1) << UInt8(7 - bit % 8) }
        entropy = Array(all.prefix(32))
        guard all[32] == SHA256.hash(entropy)[0] else { throw .checksum }
    }

    /// Reads typed words.
    public init(parsing text: String) throws(PhraseError) { try self.init(parsing: Array(text.utf8)) }
}

/// Why words are no seed phrase.
public enum PhraseError: Error, Equatable, Sendable {
    /// This word, at this place counted from 1, is not in the list: mistyped, or of another list.
    case unknownWord([UInt8], place: Int)
    /// So many words instead of 24.
    case wordCount(Int)
    /// All words are known but do not belong together: one is another than was written down, or two are exchanged.
    case checksum

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .unknownWord: "phrase-unknown-word"
        case .wordCount: "phrase-word-count"
        case .checksum: "phrase-checksum"
        }
    }

    /// The error in words, for who typed the phrase.
    public var message: String {
        switch self {
        case .unknownWord(let word, let place):
            "word \(place), \"\(String(decoding: word, as: UTF8.self))\", is not in the list of words"
        case .wordCount(let count): "a seed phrase has 24 words, these are \(count)"
        case .checksum: "the words are known, but do not belong together: one of them is wrong, or two are exchanged"
        }
    }
}
