/// What a log sends to a witness (c2sp.org/tlog-witness, add-checkpoint): a checkpoint, and the proof that it goes on from the one of the
/// size that the witness saw last.
public struct CosigningRequest: Equatable, Sendable {
    /// Size of the log that the witness saw last; 0 when it saw none.
    public let oldSize: Int
    /// Proof of consistency from there.
    public let proof: [Digest]
    /// The checkpoint, a signed note.
    public let note: [UInt8]

    /// Hashes of a proof at most.
    static let greatestProof = 63

    /// From its parts.
    public init(oldSize: Int, proof: [Digest], note: [UInt8]) {
        self.oldSize = oldSize
        self.proof = proof
        self.note = note
    }

    /// The body that is sent.
    @export(interface)
    public var encoded: [UInt8] {
        var out = Array("old ".utf8) + decimal(Int64(oldSize)) + [0x0a]
        for hash in proof { out += Base64.standard.encode(hash.bytes) + [0x0a] }
        return out + [0x0a] + note
    }

    /// Reads a body; throws `.note` for anything that `encoded` does not write. Says nothing about the note.
    @export(interface)
    public init(encoded: [UInt8]) throws(LogError) {
        guard encoded.count <= SignedNote.greatestLength + 64 * (CosigningRequest.greatestProof + 1) else { throw .note }
        var rest = encoded[...]
        func line() -> [UInt8]? {
            guard let end = rest.firstIndex(of: 0x0a) else { return nil }
            let line = Array(rest[..<end])
            rest = rest[(end + 1)...]
            return line
        }
        guard let first = line(), first.starts(with: Array("old ".utf8)), let size = decimalSize(Array(first.dropFirst(4))) else {
            throw .note
        }
        var proof: [Digest] = []
        while true {
            guard let text = line() else { throw .note }
            if text.isEmpty { break }
            guard proof.count < CosigningRequest.greatestProof, let bytes = try? Base64.standard.decode(text), let hash = try? Digest(bytes)
            else { throw .note }
            proof.append(hash)
        }
        self.init(oldSize: size, proof: proof, note: Array(rest))
    }
}
