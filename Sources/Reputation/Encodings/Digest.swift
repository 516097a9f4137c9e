import Platform

/// 32 bytes that name something: a digest, or the id of a community or an audience.
public struct Digest: Hashable, Sendable {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Throws unless there are exactly 32 bytes.
    public init(_ bytes: [UInt8]) throws(FormatError) {
        if bytes.count != 32 { throw .length }
        self.bytes = bytes
    }

    /// From 64 lower-case hex digits.
    public init(hex: String) throws(FormatError) { try self.init(Hex.decode(Array(hex.utf8))) }

    /// SHA-256 of a message.
    public static func of(_ message: [UInt8]) -> Digest { Digest(checked: SHA256.hash(message)) }

    /// Id of a community (its log's key) or an audience (the key of its client record): SHA-256 of the 32 bytes of an Ed25519 public
    /// key, so that nobody can take the scope of another.
    public static func keyID(_ publicKey: [UInt8]) throws(FormatError) -> Digest {
        if publicKey.count != 32 { throw .length }
        return of(publicKey)
    }

    /// 64 lower-case hex digits.
    public var hex: String { Hex.text(bytes) }

    private init(checked: [UInt8]) { bytes = checked }
}
