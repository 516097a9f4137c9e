import Platform
import Proofs

/// A bearer code with which a person claims a first credential: 128 random bits, typed by people.
///
/// The issuer stores the hash only.
public struct ClaimCode: Equatable, Sendable {
    /// The 16 bytes that the code is.
    public let bytes: [UInt8]

    /// A fresh code.
    public init() { bytes = Random.bytes(BearerCodeText.length) }

    /// From its 16 bytes; throws `.length`.
    public init(bytes: [UInt8]) throws(FormatError) {
        if bytes.count != BearerCodeText.length { throw .length }
        self.bytes = bytes
    }

    /// SHA-256 of the bytes: what the issuer keeps, what requests and receipts name the code by.
    public var hash: Digest { Digest.of(bytes) }

    /// The text for people: `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`.
    public var text: String { BearerCodeText.claim.text(bytes) }

    /// Reads a typed code; the error says what is wrong with it.
    public init(parsing text: [UInt8]) throws(BearerCodeError) { bytes = try BearerCodeText.claim.bytes(text) }

    /// Reads a typed code.
    public init(parsing text: String) throws(BearerCodeError) { try self.init(parsing: Array(text.utf8)) }
}

/// A bearer code that adds to a credential's growing attributes: of the same form, and not to be mistaken for a claim code.
public struct TopUpCode: Equatable, Sendable {
    /// The 16 bytes that the code is.
    public let bytes: [UInt8]

    /// A fresh code.
    public init() { bytes = Random.bytes(BearerCodeText.length) }

    /// SHA-256 of the bytes: what the issuer keeps, what scopes and receipts name the code by.
    public var hash: Digest { Digest.of(bytes) }

    /// The text for people: `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`.
    public var text: String { BearerCodeText.topUp.text(bytes) }

    /// Reads a typed code; the error says what is wrong with it.
    public init(parsing text: [UInt8]) throws(BearerCodeError) { bytes = try BearerCodeText.topUp.bytes(text) }

    /// Reads a typed code.
    public init(parsing text: String) throws(BearerCodeError) { try self.init(parsing: Array(text.utf8)) }
}

/// How codes are written: 28 digits of Crockford's base 32 in groups of four, the last 12 bits a checksum; read without regard to case, spaces
/// and hyphens, with O for 0 and I, L for 1.
enum BearerCodeText {
    case claim, topUp

    static let length = 16
    /// Bytes of a written code at most, where one is parsed from JSON.
    static let greatestLength = 64
    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let digitCount = 28

    /// The 12 bits behind the code: they catch a wrong digit, and a code of the other kind.
    private func checksum(_ bytes: [UInt8]) -> [UInt8] {
        let label: StaticString =
            switch self {
            case .claim: "SYMBOLON-V01-claim-code"
            case .topUp: "SYMBOLON-V01-top-up-code"
            }
        let hash = SHA256.hash(literalBytes(label) + bytes)
        return [hash[0], hash[1] & 0xf0]
    }

    func text(_ bytes: [UInt8]) -> String {
        let all = bytes + checksum(bytes)
        var out: [UInt8] = []
        for i in 0..<BearerCodeText.digitCount {
            if i > 0, i % 4 == 0 { out.append(UInt8(ascii: "-")) }
            var digit = 0
            for bit in 5 * i..<5 * i + 5 { digit = digit << 1 | Int(all[bit / 8] >> UInt8(7 - bit % 8) & 1) }
            out.append(BearerCodeText.digits[digit])
        }
        return String(decoding: out, as: UTF8.self)
    }

    func bytes(_ text: [UInt8]) throws(BearerCodeError) -> [UInt8] {
        if text.count > 256 { throw .length }
        var values: [UInt8] = []
        for (at, byte) in text.enumerated() where byte != 0x20 && byte != UInt8(ascii: "-") {
            guard let value = BearerCodeText.value(byte) else { throw .character(at: at) }
            values.append(value)
        }
        guard values.count == BearerCodeText.digitCount else { throw .length }
        var all = [UInt8](repeating: 0, count: BearerCodeText.length + 2)
        for i in 0..<5 * BearerCodeText.digitCount { all[i / 8] |= (values[i / 5] >> UInt8(4 - i % 5) & 1) << UInt8(7 - i % 8) }
        let bytes = Array(all.prefix(BearerCodeText.length))
        let check = Array(all.suffix(2))
        if check == checksum(bytes) { return bytes }
        let other: BearerCodeText = self == .claim ? .topUp : .claim
        throw check == other.checksum(bytes) ? .otherKind : .checksum
    }

    private static func value(_ byte: UInt8) -> UInt8? {
        let upper = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 0x20 : byte
        switch upper {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        default: return digits.firstIndex(of: upper).map { UInt8($0) }
        }
    }
}

/// Why a text is not the code it should be.
public enum BearerCodeError: Error, Equatable, Sendable {
    /// A character that no code has.
    case character(at: Int)
    /// Too few or too many digits.
    case length
    /// Mistyped somewhere.
    case checksum
    /// A claim code where a top-up code belongs, or the other way round.
    case otherKind

    /// What is wrong, for people.
    public var message: String {
        switch self {
        case .character(let at): "character \(at + 1) is none that a code has"
        case .length: "a code has 28 letters and digits"
        case .checksum: "it is mistyped somewhere"
        case .otherKind: "claim codes begin a membership, top-up codes add to one, and this is the other kind"
        }
    }

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .character: "code-character"
        case .length: "code-length"
        case .checksum: "code-checksum"
        case .otherKind: "code-other-kind"
        }
    }
}
