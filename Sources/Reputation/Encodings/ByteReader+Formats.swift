import Curves

/// Little-endian integers and length-prefixed strings, with this package's errors.
extension ByteReader {
    /// Exactly so many bytes.
    mutating func bytes(_ count: Int) throws(FormatError) -> [UInt8] {
        do { return Array(try take(count)) } catch { throw .length }
    }

    mutating func byte() throws(FormatError) -> UInt8 { try bytes(1)[0] }

    mutating func uint32() throws(FormatError) -> UInt32 {
        var value: UInt32 = 0
        for byte in try bytes(4).reversed() { value = value << 8 | UInt32(byte) }
        return value
    }

    mutating func int64() throws(FormatError) -> Int64 {
        var value: UInt64 = 0
        for byte in try bytes(8).reversed() { value = value << 8 | UInt64(byte) }
        return Int64(bitPattern: value)
    }

    /// Seconds since 1970, never negative.
    mutating func time() throws(FormatError) -> Int64 {
        let value = try int64()
        if value < 0 { throw .notCanonical }
        return value
    }

    /// A count of at most `limit`.
    mutating func count(atMost limit: Int) throws(FormatError) -> Int {
        let value = try uint32()
        if value > UInt32(limit) { throw .tooMany }
        return Int(value)
    }

    /// A string of at most `limit` bytes behind its length.
    mutating func string(atMost limit: Int) throws(FormatError) -> [UInt8] { try bytes(count(atMost: limit)) }

    mutating func digest() throws(FormatError) -> Digest { try Digest(bytes(32)) }

    /// 33 bytes of a point of secp256k1, checked to be one.
    mutating func point() throws(FormatError) -> [UInt8] {
        let encoded = try bytes(33)
        do { _ = try Affine<Secp256k1>(encoded: encoded[...]) } catch { throw .notCanonical }
        return encoded
    }

    /// Whether an optional field is there: 0 or 1.
    mutating func present() throws(FormatError) -> Bool {
        let flag = try byte()
        if flag > 1 { throw .notCanonical }
        return flag == 1
    }

    /// A constant that stands at the head of a format.
    mutating func expect(_ head: [UInt8]) throws(FormatError) {
        if try bytes(head.count) != head { throw .unknownKind }
    }

    /// Throws when bytes are left.
    func end() throws(FormatError) {
        do { try finish() } catch { throw .length }
    }
}

/// 8 bytes, little-endian, two's complement.
func littleEndian8(_ value: Int64) -> [UInt8] {
    let bits = UInt64(bitPattern: value)
    return (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
}
