/// An Ed25519 key as other tools are told of it (c2sp.org/signed-note): name, key id in hex, and type byte and key in base 64, joined by `+`.
public struct VerifierKey: Hashable, Sendable {
    /// What the key signs.
    public enum Purpose: UInt8, Sendable {
        /// Notes, and so checkpoints of a log.
        case notes = 1
        /// Timestamped cosignatures of a witness.
        case cosignatures = 4
    }

    /// Name of the key.
    public let name: [UInt8]
    /// The public key, 32 bytes.
    public let publicKey: [UInt8]
    /// What it signs.
    public let purpose: Purpose

    /// Throws `.notCanonical` for a name that no key can have, `.length` for a key that is not 32 bytes.
    public init(name: [UInt8], publicKey: [UInt8], purpose: Purpose) throws(FormatError) {
        guard SignedNote.isKeyName(name) else { throw .notCanonical }
        guard publicKey.count == 32 else { throw .length }
        self.name = name
        self.publicKey = publicKey
        self.purpose = purpose
    }

    /// Reads the text; throws for anything that `text` does not write.
    public init(text: [UInt8]) throws(FormatError) {
        guard text.count <= SignedNote.greatestName + 64 else { throw .length }
        let parts = text.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false).map { Array($0) }
        guard parts.count == 3 else { throw .notCanonical }
        let key = try Base64.standard.decode(parts[2])
        guard key.count == 33 else { throw .length }
        guard let purpose = key[0] == 1 ? Purpose.notes : key[0] == 4 ? .cosignatures : nil else { throw .unknownKind }
        try self.init(name: parts[0], publicKey: Array(key.dropFirst()), purpose: purpose)
        guard Hex.encode(keyID) == parts[1] else { throw .notCanonical }
    }

    /// Four bytes that tell keys of one name apart.
    public var keyID: [UInt8] { SignedNote.keyID(name: name, publicKey: publicKey, type: purpose.rawValue) }

    init(checked name: [UInt8], publicKey: [UInt8], purpose: Purpose) {
        self.name = name
        self.publicKey = publicKey
        self.purpose = purpose
    }

    /// The text.
    public var text: [UInt8] {
        let plus = [UInt8(ascii: "+")]
        return name + plus + Hex.encode(keyID) + plus + Base64.standard.encode([purpose.rawValue] + publicKey)
    }
}

extension Community {
    /// The key that signs the checkpoints of its log; named as the log.
    public var verifierKey: VerifierKey { VerifierKey(checked: origin, publicKey: logKey, purpose: .notes) }
}
