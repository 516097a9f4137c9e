/// What every checkpoint of a log says, whatever the log is about (c2sp.org/tlog-checkpoint): the log's name, how many entries it has and
/// the root of the Merkle tree over them. All that a witness looks at.
public struct TreeHead: Equatable, Sendable {
    /// Name of the log.
    public let origin: [UInt8]
    /// Entries.
    public let size: Int
    /// Root of the Merkle tree over them.
    public let root: Digest
    /// The lines behind these three.
    public let extensions: [[UInt8]]

    /// Reads a checkpoint's text; throws `.checkpoint`.
    public init(text: [UInt8]) throws(LogError) {
        guard text.last == 0x0a else { throw .checkpoint }
        let lines = text.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false).map { Array($0) }
        guard lines.count >= 3, lines.allSatisfy({ !$0.isEmpty }), let size = decimalSize(lines[1]),
            let hash = try? Base64.standard.decode(lines[2]), let root = try? Digest(hash)
        else { throw .checkpoint }
        origin = lines[0]
        self.size = size
        self.root = root
        extensions = Array(lines.dropFirst(3))
    }
}

/// A number of entries: decimal without leading zeros, of at most 15 digits; nil for anything else.
func decimalSize(_ digits: [UInt8]) -> Int? {
    guard (1...15).contains(digits.count), digits.allSatisfy(Attribute.isDigit), digits.count == 1 || digits[0] != UInt8(ascii: "0") else {
        return nil
    }
    var size: Int64 = 0
    for digit in digits { size = size * 10 + Int64(digit - UInt8(ascii: "0")) }
    return Int(exactly: size)
}
