import Curves
import Platform
import Proofs

/// The nullifiers that are spent in an epoch, as a community publishes them: for a wallet that lost its state and asks which of its own
/// tickets are gone. It can be asked of a nullifier that one knows; it does not say which audience, index or time an element belongs to.
///
/// A Golomb-coded set: each nullifier is hashed with its scope to a number below count * 2^20, the numbers rise, and their differences are
/// written with 20 low bits and the rest in unary. So a nullifier that is not spent is taken for one with probability 2^-20, and the wallet
/// passes over a good ticket; a spent one is never missed. Some 21.5 bits a nullifier.
public struct SpentSet: Equatable, Sendable {
    /// The community.
    public let community: Digest
    /// The epoch of the scopes.
    public let epoch: UInt32
    /// All that was spent before this time is in it, in seconds since 1970.
    public let time: Int64
    private let values: [UInt64]

    /// Nullifiers of a set at most.
    public static let greatestCount = 1 << 22
    /// Bytes of a set with its signature at most.
    public static let greatestLength = 128 + greatestCount / 8 * 23
    /// Bits of a difference that are written as they are.
    private static let lowBits: UInt64 = 20
    private static let head = Array("SYMBOLON-V01-spent".utf8)

    /// The set of nullifiers with these hashes, in any order; throws `.tooMany`.
    public init(community: Digest, epoch: UInt32, time: Int64, hashes: [UInt64]) throws(FormatError) {
        guard hashes.count <= SpentSet.greatestCount else { throw .tooMany }
        self.community = community
        self.epoch = epoch
        self.time = time
        values = hashes.map { SpentSet.value($0, count: hashes.count) }.sorted()
    }

    /// Number of nullifiers.
    public var count: Int { values.count }

    /// What a spent nullifier enters the set by: the first eight bytes, big-endian, of a digest over scope and nullifier.
    public static func hash(scope: [UInt8], nullifier: [UInt8]) -> UInt64 {
        let digest = SHA256.hash(Array("SYMBOLON-V01-spent-nullifier".utf8) + lengthPrefixed(scope) + nullifier)
        return digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }

    /// Where the scopes of an epoch begin whose nullifiers are in its set: tickets. What else is spent in an epoch stands in the log.
    public static func scopePrefixes(community: Digest, epoch: UInt32) -> [[UInt8]] {
        let fields: [UInt8] = [1] + lengthPrefixed(community.bytes) + [1] + littleEndian4(Int(truncatingIfNeeded: epoch))
        return [3].map { (purpose: UInt8) -> [UInt8] in [purpose] + fields }
    }

    /// Whether a nullifier is spent in a scope: always true when it was before `time`, and true by mistake once in a million.
    public func contains(scope: [UInt8], nullifier: [UInt8]) -> Bool {
        let wanted = SpentSet.value(SpentSet.hash(scope: scope, nullifier: nullifier), count: count)
        var (low, high) = (0, values.count)
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low < values.count && values[low] == wanted
    }

    /// A hash brought evenly into 0 ..< count * 2^20.
    private static func value(_ hash: UInt64, count: Int) -> UInt64 { hash.multipliedFullWidth(by: UInt64(count) << lowBits).high }

    /// The canonical form, without a signature.
    @export(interface)
    public var encoded: [UInt8] {
        var bits = BitWriter()
        var last: UInt64 = 0
        for value in values {
            bits.write(value - last, lowBits: SpentSet.lowBits)
            last = value
        }
        var out = SpentSet.head + community.bytes
        out += littleEndian4(Int(truncatingIfNeeded: epoch))
        out += littleEndian8(time)
        out += littleEndian4(values.count)
        return out + lengthPrefixed(bits.bytes)
    }

    /// From the canonical form; throws for any other bytes. Work and memory are bounded by the number of bytes.
    @export(interface)
    public init(encoded: [UInt8]) throws(FormatError) {
        guard encoded.count <= SpentSet.greatestLength else { throw .length }
        var reader = ByteReader(encoded)
        try reader.expect(SpentSet.head)
        community = try reader.digest()
        epoch = try reader.uint32()
        time = try reader.time()
        let count = try reader.count(atMost: SpentSet.greatestCount)
        let bytes = try reader.string(atMost: SpentSet.greatestLength)
        try reader.end()
        // Every element has its low bits and one more: nothing is reserved for what was not sent.
        guard count <= bytes.count * 8 / Int(SpentSet.lowBits + 1) else { throw .length }
        var bits = BitReader(bytes)
        var values: [UInt64] = []
        values.reserveCapacity(count)
        var last: UInt64 = 0
        let end = UInt64(count) << SpentSet.lowBits
        for _ in 0..<count {
            last += try bits.read(lowBits: SpentSet.lowBits, greatest: end - 1 - last)
            values.append(last)
        }
        try bits.end()
        self.values = values
    }
}

/// Differences as bits, the first in the highest place of a byte.
private struct BitWriter {
    var bytes: [UInt8] = []
    private var used = 8

    private mutating func write(_ bit: Bool) {
        if used == 8 {
            bytes.append(0)
            used = 0
        }
        if bit { bytes[bytes.count - 1] |= 0x80 >> UInt8(used) }
        used += 1
    }

    /// The part above the low bits as so many ones and a zero, then the low bits.
    mutating func write(_ value: UInt64, lowBits: UInt64) {
        for _ in 0..<(value >> lowBits) { write(true) }
        write(false)
        for bit in (0..<lowBits).reversed() { write(value >> bit & 1 == 1) }
    }
}

private struct BitReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private mutating func bit() throws(FormatError) -> UInt64 {
        guard place < bytes.count * 8 else { throw .length }
        defer { place += 1 }
        return UInt64(bytes[place / 8] >> UInt8(7 - place % 8) & 1)
    }

    mutating func read(lowBits: UInt64, greatest: UInt64) throws(FormatError) -> UInt64 {
        var value: UInt64 = 0
        while try bit() == 1 {
            value += 1
            guard value <= greatest >> lowBits else { throw .notCanonical }
        }
        for _ in 0..<lowBits { value = value << 1 | (try bit()) }
        guard value <= greatest else { throw .notCanonical }
        return value
    }

    /// Throws unless only the rest of the last byte is left, and zero.
    mutating func end() throws(FormatError) {
        guard (place + 7) / 8 == bytes.count else { throw .length }
        while place < bytes.count * 8 { if try bit() == 1 { throw .notCanonical } }
    }
}
