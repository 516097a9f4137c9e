/// A witness's statement that, at a time, this was the largest state it had seen of a log that only grew (c2sp.org/tlog-cosignature,
/// `cosignature/v1`).
public enum Cosignature {
    /// Bytes of a signature: the time, big-endian, and an Ed25519 signature.
    static let length = 8 + 64

    /// What is signed: a head line, the time, the checkpoint's text.
    static func signedBytes(text: [UInt8], time: Int64) -> [UInt8] {
        Array("cosignature/v1\ntime ".utf8) + decimal(time) + [0x0a] + text
    }
}

#if !hasFeature(Embedded)
import Platform

extension Cosignature {
    /// The cosignature of a checkpoint's text at a time in seconds since 1970, as a line of its note.
    public static func sign(text: [UInt8], time: Int64, name: [UInt8], key: Ed25519SigningKey) -> SignedNote.Signature {
        precondition(time >= 0, "times are not negative")
        let stamp = (0..<8).map { UInt8(truncatingIfNeeded: time >> (56 - 8 * $0)) }
        return SignedNote.Signature(
            name: name, keyID: SignedNote.keyID(name: name, publicKey: key.publicKey, type: VerifierKey.Purpose.cosignatures.rawValue),
            bytes: stamp + key.sign(signedBytes(text: text, time: time)))
    }

    /// When a key cosigned a note; nil when it did not. Throws `.signature` for a line of this key that does not hold.
    public static func time(in note: SignedNote, by key: VerifierKey) throws(LogError) -> Int64? {
        var newest: Int64?
        for signature in note.signatures where signature.name == key.name && signature.keyID == key.keyID {
            guard signature.bytes.count == length else { throw .signature }
            let time = signature.bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard let time = Int64(exactly: time),
                Ed25519.verify(
                    signature: Array(signature.bytes[8...]), message: signedBytes(text: note.text, time: time), publicKey: key.publicKey)
            else { throw .signature }
            newest = max(newest ?? time, time)
        }
        return newest
    }
}
#endif
