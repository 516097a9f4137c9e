import Platform

/// A bearer code with which a person claims a first credential: 128 random bits, typed by people.
///
/// Text: 28 digits of Crockford's base 32 in groups of four, the last 12 bits a checksum; read without regard to case, spaces and hyphens,
/// with O for 0 and I, L for 1. The issuer stores the hash only.
public struct ClaimCode: Equatable, Sendable {
    /// The 16 bytes that the code is.
    public let bytes: [UInt8]

    /// A fresh code.
    public init() { bytes = Random.bytes(ClaimCode.length) }

    /// From its 16 bytes; throws `.length`.
    public init(bytes: [UInt8]) throws(FormatError) {
        if bytes.count != ClaimCode.length { throw .length }
        self.bytes = bytes
    }

    /// SHA-256 of the bytes: what the issuer keeps, what requests and receipts name the code by.
    public var hash: Digest { Digest.of(bytes) }

    static let length = 16
    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let digitCount = 28

    /// The 12 bits behind the code: they catch a wrong digit, and a code of another type.
    private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
        let hash = SHA256.hash(Array("SYMBOLON-V01-claim-code".utf8) + bytes)
        return [hash[0], hash[1] & 0xf0]
    }

    /// The text for people: `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`.
    public var text: String {
        let all = bytes + ClaimCode.checksum(bytes)
        var out: [UInt8] = []
        for i in 0..<ClaimCode.digitCount {
            if i > 0, i % 4 == 0 { out.append(UInt8(ascii: "-")) }
            var digit = 0
            for bit in 5 * i..<5 * i + 5 { digit = digit << 1 | Int(all[bit / 8] >> UInt8(7 - bit % 8) & 1) }
            out.append(ClaimCode.digits[digit])
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Reads a typed code; the error says what is wrong with it.
    public init(parsing text: [UInt8]) throws(ClaimCodeError) {
        if text.count > 256 { throw .length }
        var values: [UInt8] = []
        for (at, byte) in text.enumerated() where byte != 0x20 && byte != UInt8(ascii: "-") {
            guard let value = ClaimCode.value(byte) else { throw .character(at: at) }
            values.append(value)
        }
        guard values.count == ClaimCode.digitCount else { throw .length }
        var all = [UInt8](repeating: 0, count: ClaimCode.length + 2)
        for i in 0..<5 * ClaimCode.digitCount { all[i / 8] |= (values[i / 5] >> UInt8(4 - i % 5) & 1) << UInt8(7 - i % 8) }
        bytes = Array(all.prefix(ClaimCode.length))
        guard Array(all.suffix(2)) == ClaimCode.checksum(bytes) else { throw .checksum }
    }

    /// Reads a typed code.
    public init(parsing text: String) throws(ClaimCodeError) { try self.init(parsing: Array(text.utf8)) }

    private static func value(_ byte: UInt8) -> UInt8? {
        let upper = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 0x20 : byte
        switch upper {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        default: return digits.firstIndex(of: upper).map { UInt8($0) }
        }
    }
}

/// Why a text is not a claim code.
public enum ClaimCodeError: Error, Equatable, Sendable {
    /// A character that no code has.
    case character(at: Int)
    /// Too few or too many digits.
    case length
    /// Mistyped somewhere.
    case checksum

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .character: "claim-code-character"
        case .length: "claim-code-length"
        case .checksum: "claim-code-checksum"
        }
    }
}
