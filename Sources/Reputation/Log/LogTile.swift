/// A resource of a log in its static form (c2sp.org/tlog-tiles): up to 256 hashes of the Merkle tree side by side, or up to 256 entries.
public struct LogTile: Hashable, Sendable {
    /// What it holds.
    public enum Content: Hashable, Sendable {
        /// Hashes of complete subtrees of 256^level entries, level 0 to 7.
        case hashes(level: Int)
        /// Entries.
        case entries
    }

    /// What it holds.
    public let content: Content
    /// Its place among those of its kind.
    public let index: Int
    /// How many, 1 to 256; fewer than 256 are a partial tile.
    public let width: Int

    /// Hashes or entries of a full tile.
    public static let fullWidth = 256
    /// Level 7 is above any log whose size fits 63 bits.
    static let greatestLevel = 7
    /// Indices stay below this: no log of 2^62 entries is read.
    static let greatestIndex: Int64 = 1 << 53

    /// Throws `.notCanonical` outside of the ranges.
    public init(_ content: Content, index: Int, width: Int = LogTile.fullWidth) throws(FormatError) {
        if case .hashes(let level) = content, !(0...LogTile.greatestLevel).contains(level) { throw .notCanonical }
        guard index >= 0, Int64(index) <= LogTile.greatestIndex, (1...LogTile.fullWidth).contains(width) else { throw .notCanonical }
        self.content = content
        self.index = index
        self.width = width
    }

    private init(checked content: Content, index: Int, width: Int) {
        self.content = content
        self.index = index
        self.width = width
    }

    /// Whether it has fewer than 256.
    public var isPartial: Bool { width < LogTile.fullWidth }

    /// The full tile of the same place.
    public var full: LogTile { LogTile(checked: content, index: index, width: LogTile.fullWidth) }

    // MARK: Names

    /// Its name behind the log's prefix, such as `tile/0/x001/067` or `tile/entries/000.p/12`.
    public var path: [UInt8] {
        var out = Array("tile/".utf8)
        switch content {
        case .hashes(let level): out += decimal(Int64(level))
        case .entries: out += Array("entries".utf8)
        }
        out += groupedDecimal(index)
        if isPartial { out += Array(".p/".utf8) + decimal(Int64(width)) }
        return out
    }

    /// Reads a name; throws `.notCanonical` for any that is not written so.
    public init(path: [UInt8]) throws(FormatError) {
        guard path.count <= 128 else { throw .length }
        var parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) }
        guard parts.count >= 3, parts.removeFirst() == Array("tile".utf8) else { throw .notCanonical }
        let kind = parts.removeFirst()
        let content: Content
        if kind == Array("entries".utf8) {
            content = .entries
        } else {
            guard kind.count == 1, Attribute.isDigit(kind[0]) else { throw .notCanonical }
            content = .hashes(level: Int(kind[0] - UInt8(ascii: "0")))
        }
        var width = LogTile.fullWidth
        let mark = Array(".p".utf8)
        if parts.count >= 2, parts[parts.count - 2].suffix(2).elementsEqual(mark) {
            let digits = parts.removeLast()
            guard (1...3).contains(digits.count), digits.allSatisfy(Attribute.isDigit) else { throw .notCanonical }
            width = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            parts[parts.count - 1].removeLast(2)
        }
        guard let place = groupedIndex(parts[...]) else { throw .notCanonical }
        try self.init(content, index: place, width: width)
        // One name for one tile: what is written for it is what was read.
        if self.path != path { throw .notCanonical }
    }

    // MARK: Which a log has

    /// Bundles of entries and tiles of hashes of a log of this size, from that place on where they differ from those of a log of size
    /// `old`: what a log that grew adds.
    public static func all(size: Int, from old: Int = 0) -> [LogTile] {
        entries(size: size, from: old) + hashes(size: size, from: old)
    }

    /// The bundles that hold entries `old` to `size - 1`.
    public static func entries(size: Int, from old: Int = 0) -> [LogTile] { row(.entries, count: size, from: old) }

    /// The tiles of hashes that a log of size `old` does not have.
    public static func hashes(size: Int, from old: Int = 0) -> [LogTile] {
        var out: [LogTile] = []
        for level in 0...greatestLevel {
            let shift = 8 * level
            guard shift < Int.bitWidth - 1, size >> shift > 0 else { break }
            out += row(.hashes(level: level), count: size >> shift, from: old >> shift)
        }
        return out
    }

    private static func row(_ content: Content, count: Int, from old: Int) -> [LogTile] {
        guard count > old else { return [] }
        return (old / fullWidth...(count - 1) / fullWidth).map { index in
            LogTile(checked: content, index: index, width: min(fullWidth, count - index * fullWidth))
        }
    }
}

/// An index as names hold it: groups of three digits, all but the last behind an `x`, each behind a slash.
func groupedDecimal(_ index: Int) -> [UInt8] {
    var groups: [Int] = [index % 1000]
    var rest = index / 1000
    while rest > 0 {
        groups.append(rest % 1000)
        rest /= 1000
    }
    var out: [UInt8] = []
    for place in groups.indices.reversed() {
        out.append(UInt8(ascii: "/"))
        if place > 0 { out.append(UInt8(ascii: "x")) }
        for unit in [100, 10, 1] { out.append(UInt8(ascii: "0") + UInt8(groups[place] / unit % 10)) }
    }
    return out
}

/// The index in parts of a name; nil for what is none. Who reads a name compares it with the one that is written.
func groupedIndex(_ parts: ArraySlice<[UInt8]>) -> Int? {
    guard (1...6).contains(parts.count) else { return nil }
    var index: Int64 = 0
    for part in parts {
        let digits = part.suffix(3)
        guard digits.count == 3, digits.allSatisfy(Attribute.isDigit), part.count <= 4, index <= LogTile.greatestIndex / 1000 else {
            return nil
        }
        index = digits.reduce(index) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
    return Int(exactly: index)
}

/// Entries as a bundle holds them: each behind its length, two bytes, big-endian.
public enum EntryBundle {
    /// Bytes of a bundle at most.
    public static let greatestLength = LogTile.fullWidth * (2 + LogEntry.greatestLength)

    /// The bundle of entries of at most 65,535 bytes each.
    public static func encode(_ entries: [[UInt8]]) -> [UInt8] {
        var out: [UInt8] = []
        for entry in entries {
            precondition(entry.count <= LogEntry.greatestLength, "an entry is too long for its bundle")
            out += [UInt8(truncatingIfNeeded: entry.count >> 8), UInt8(truncatingIfNeeded: entry.count)] + entry
        }
        return out
    }

    /// The entries of a bundle; throws `.length` unless there are exactly so many.
    public static func decode(_ bundle: [UInt8], count: Int) throws(FormatError) -> [[UInt8]] {
        var out: [[UInt8]] = []
        var at = 0
        for _ in 0..<count {
            guard bundle.count - at >= 2 else { throw .length }
            let length = Int(bundle[at]) << 8 | Int(bundle[at + 1])
            guard bundle.count - at - 2 >= length else { throw .length }
            out.append(Array(bundle[(at + 2)..<(at + 2 + length)]))
            at += 2 + length
        }
        if at != bundle.count { throw .length }
        return out
    }
}
