import Platform

/// A text signed by one or more keys (c2sp.org/signed-note).
///
/// Written: the text, which ends in a newline, an empty line, and a line for each signature: an em dash, the key's name, and in base 64 four
/// bytes of key id before the signature.
public struct SignedNote: Equatable, Sendable {
    /// A signature line.
    public struct Signature: Equatable, Sendable {
        /// Name of the key.
        public let name: [UInt8]
        /// Four bytes that tell keys of one name apart.
        public let keyID: [UInt8]
        /// The signature itself.
        public let bytes: [UInt8]

        /// The line, as it stands in a note.
        public var line: [UInt8] { SignedNote.dash + name + [0x20] + Base64.standard.encode(keyID + bytes) + [0x0a] }
    }

    /// What is signed, its last newline included.
    public let text: [UInt8]
    /// At least one.
    public private(set) var signatures: [Signature]

    /// Bytes of a note at most.
    public static let greatestLength = 1 << 17
    /// Bytes of a key name at most.
    public static let greatestName = 255
    /// Signatures at most.
    static let greatestSignatures = 64
    /// The byte of Ed25519 among signature types.
    public static let ed25519Type: UInt8 = 1
    /// An em dash and a space.
    fileprivate static let dash: [UInt8] = [0xe2, 0x80, 0x94, 0x20]

    /// Whether this can be the name of a key: not empty, UTF-8 without spaces, control characters and `+`.
    public static func isKeyName(_ name: [UInt8]) -> Bool {
        guard !name.isEmpty, name.count <= greatestName, isText(name) else { return false }
        // Unicode spaces (White_Space), by their UTF-8.
        let spaces: [[UInt8]] = [
            [0xc2, 0x85], [0xc2, 0xa0], [0xe1, 0x9a, 0x80], [0xe2, 0x80, 0xa8], [0xe2, 0x80, 0xa9], [0xe2, 0x80, 0xaf], [0xe2, 0x81, 0x9f],
            [0xe3, 0x80, 0x80],
        ]
        for at in name.indices {
            if name[at] == 0x20 || name[at] == 0x0a || name[at] == 0x7f || name[at] == UInt8(ascii: "+") { return false }
            let rest = name[at...]
            if rest.starts(with: [0xe2, 0x80]), rest.count > 2, (0x80...0x8a).contains(rest[at + 2]) { return false }
            if spaces.contains(where: { rest.starts(with: $0) }) { return false }
        }
        return true
    }

    /// Whether bytes are UTF-8 without control characters other than newlines.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        var at = 0
        while at < bytes.count {
            let count = bytes[at] < 0x80 ? (bytes[at] >= 0x20 || bytes[at] == 0x0a ? 1 : 0) : utf8Sequence(bytes, at)
            if count == 0 { return false }
            at += count
        }
        return true
    }

    /// The four bytes that name an Ed25519 key besides its name; `type` says what it signs.
    public static func keyID(name: [UInt8], publicKey: [UInt8], type: UInt8 = ed25519Type) -> [UInt8] {
        Array(SHA256.hash(name + [0x0a, type] + publicKey).prefix(4))
    }

    /// Reads a note; throws `.note`. Says nothing about its signatures.
    @export(interface)
    public init(parsing note: [UInt8]) throws(LogError) {
        guard note.count <= SignedNote.greatestLength, note.last == 0x0a, SignedNote.isText(note) else { throw .note }
        // The last empty line parts text and signatures.
        guard let blank = (1..<note.count).last(where: { note[$0] == 0x0a && note[$0 - 1] == 0x0a }) else { throw .note }
        text = Array(note[..<blank])
        var signatures: [Signature] = []
        for line in note[(blank + 1)...].dropLast().split(separator: 0x0a, omittingEmptySubsequences: false) {
            guard signatures.count < SignedNote.greatestSignatures else { throw .note }
            signatures.append(try Signature(line: line))
        }
        guard !signatures.isEmpty else { throw .note }
        self.signatures = signatures
    }

    /// The note as it is served.
    public var encoded: [UInt8] { signatures.reduce(text + [0x0a]) { $0 + $1.line } }

    /// The same with another signature, in place of earlier ones of the same key.
    public func adding(_ signature: Signature) -> SignedNote {
        var note = self
        note.signatures.removeAll { $0.name == signature.name && $0.keyID == signature.keyID }
        note.signatures.append(signature)
        return note
    }
}

extension SignedNote.Signature {
    /// Reads a line without its newline; throws `.note`.
    public init(line: ArraySlice<UInt8>) throws(LogError) {
        guard line.starts(with: SignedNote.dash), let space = line.dropFirst(4).firstIndex(of: 0x20) else { throw .note }
        let name = Array(line[(line.startIndex + 4)..<space])
        guard SignedNote.isKeyName(name), let bytes = try? Base64.standard.decode(Array(line[(space + 1)...])), bytes.count > 4 else {
            throw .note
        }
        self.init(name: name, keyID: Array(bytes.prefix(4)), bytes: Array(bytes.dropFirst(4)))
    }
}

extension SignedNote {
    /// The signatures of a key, all of which must hold; those of other keys are passed over. Throws `.signature` when there is none.
    public func signatureChecks(name: [UInt8], publicKey: [UInt8]) throws(LogError) -> [SignatureCheck] {
        let id = SignedNote.keyID(name: name, publicKey: publicKey)
        let ours = signatures.filter { $0.name == name && $0.keyID == id }
        guard !ours.isEmpty else { throw .signature }
        return ours.map { SignatureCheck(publicKey: publicKey, message: text, signature: $0.bytes) }
    }
}

#if !hasFeature(Embedded)
extension SignedNote {
    /// A text (UTF-8, ending in a newline) with the signature of one key.
    init(text: [UInt8], signedBy key: Ed25519SigningKey, name: [UInt8]) {
        self.text = text
        signatures = [Signature(name: name, keyID: SignedNote.keyID(name: name, publicKey: key.publicKey), bytes: key.sign(text))]
    }

    /// Throws `.signature` unless this key signed the note. Signatures of other keys are passed over; each of this key must hold.
    @export(interface)
    public func verify(name: [UInt8], publicKey: [UInt8]) throws(LogError) {
        guard try signatureChecks(name: name, publicKey: publicKey).allSatisfy({ $0.holds }) else { throw .signature }
    }
}
#endif
