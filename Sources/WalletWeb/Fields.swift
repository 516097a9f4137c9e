// Fields of a call: each its length in four bytes, little-endian, and so many bytes. An optional one is empty when it is not given.

import Proofs
import Reputation

/// Reads the fields of a call in order, where the page wrote them: a light copy can be large, and another one of it would stay in the module's memory.
struct Fields {
    private var bytes: UnsafeMutableRawBufferPointer
    private var at = 0

    /// From a buffer that is wiped and given back when they are read.
    init(_ bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

    private static var malformed: Failure { Failure("call-malformed") }

    /// The next field.
    mutating func take() throws(Failure) -> [UInt8] {
        guard bytes.count - at >= 4 else { throw Fields.malformed }
        var length: UInt32 = 0
        for i in 0..<4 { length |= UInt32(bytes[at + i]) << UInt32(8 * i) }
        guard let length = Int(exactly: length), length <= bytes.count - at - 4 else { throw Fields.malformed }
        let start = at + 4
        at = start + length
        return Array(UnsafeRawBufferPointer(rebasing: bytes[start..<at]))
    }

    /// A field that may be absent.
    mutating func takeIfGiven() throws(Failure) -> [UInt8]? {
        let field = try take()
        return field.isEmpty ? nil : field
    }

    /// A number of four bytes.
    mutating func uint32() throws(Failure) -> UInt32 {
        let field = try take()
        guard field.count == 4 else { throw Fields.malformed }
        var value: UInt32 = 0
        for i in 0..<4 { value |= UInt32(field[i]) << UInt32(8 * i) }
        return value
    }

    /// Seconds since 1970: eight bytes.
    mutating func time() throws(Failure) -> Int64 {
        guard let time = try timeIfGiven() else { throw Fields.malformed }
        return time
    }

    /// Seconds since 1970, or nothing.
    mutating func timeIfGiven() throws(Failure) -> Int64? {
        let field = try take()
        if field.isEmpty { return nil }
        guard field.count == 8 else { throw Fields.malformed }
        var value: UInt64 = 0
        for i in 0..<8 { value |= UInt64(field[i]) << UInt64(8 * i) }
        guard let time = Int64(exactly: value) else { throw Fields.malformed }
        return time
    }

    /// One byte, 0 or 1.
    mutating func flag() throws(Failure) -> Bool {
        let field = try take()
        guard field.count == 1, field[0] <= 1 else { throw Fields.malformed }
        return field[0] == 1
    }

    /// The 32 bytes of an id.
    mutating func digest() throws(Failure) -> Digest {
        let field = try take()
        guard let digest = try? Digest(field) else { throw Fields.malformed }
        return digest
    }

    /// A JSON text.
    mutating func json(limits: JSON.Limits = .standard) throws(Failure) -> JSON {
        let text = try take()
        do throws(JSONError) { return try JSON(parsing: text, limits: limits) } catch { throw Failure(error.code) }
    }

    /// Throws when fields are left; else their room is free for what is made of them.
    mutating func end() throws(Failure) {
        guard at == bytes.count else { throw Fields.malformed }
        wipe()
    }

    mutating func wipe() {
        Session.wipe(&bytes)
        at = 0
    }
}

/// Signatures that the page has to verify, all of them: for each key, message and signature behind their lengths.
func encoded(_ checks: [SignatureCheck]) -> [UInt8] {
    var out: [UInt8] = []
    for check in checks { out += lengthPrefixed(check.publicKey) + lengthPrefixed(check.message) + lengthPrefixed(check.signature) }
    return out
}
