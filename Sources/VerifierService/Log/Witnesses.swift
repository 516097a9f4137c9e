import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Reputation

/// The witnesses of a log, as its operator asks them: sends each a checkpoint and takes its cosignature (c2sp.org/tlog-witness).
public struct Witnesses: Sendable {
    /// Which of them are needed, and where they are.
    public let policy: WitnessPolicy
    private let http: HTTPClient

    /// - Parameters:
    ///   - policy: witnesses with an address are asked.
    ///   - http: the client that connects; the caller shuts it down.
    public init(policy: WitnessPolicy, http: HTTPClient = .shared) {
        self.policy = policy
        self.http = http
    }

    /// Whether enough of them cosigned a note.
    func areMet(by note: [UInt8]) -> Bool { (try? policy.verify(note: note)) != nil }

    /// Asks all witnesses at once for their cosignatures of a checkpoint.
    ///
    /// - Parameters:
    ///   - note: the checkpoint, signed by the log.
    ///   - log: the entries under it.
    ///   - last: the size that witnesses probably saw last; who saw another says so.
    /// - Returns: the note with all cosignatures there are.
    /// - Throws: `LogError.quorum` when they are too few.
    func cosign(_ note: [UInt8], log: MerkleTree, last: Int) async throws -> [UInt8] {
        var signed = try SignedNote(parsing: note)
        let lines = await withTaskGroup(of: SignedNote.Signature?.self, returning: [SignedNote.Signature].self) { group in
            for witness in policy.witnesses where witness.url != nil {
                group.addTask { await cosignature(by: witness, of: note, log: log, last: last) }
            }
            var lines: [SignedNote.Signature] = []
            for await line in group { if let line { lines.append(line) } }
            return lines
        }
        for line in lines { signed = signed.adding(line) }
        let cosigned = signed.encoded
        try policy.verify(note: cosigned)
        return cosigned
    }

    /// One witness's cosignature; nil when it gives none that holds.
    private func cosignature(by witness: WitnessPolicy.Witness, of note: [UInt8], log: MerkleTree, last: Int) async -> SignedNote.Signature?
    {
        guard let signed = try? SignedNote(parsing: note) else { return nil }
        var old = last
        // The second time with the size that the witness says it saw.
        for _ in 0..<2 {
            let proof = old == 0 ? [] : log.consistencyProof(from: old, to: log.size)
            guard let proof, let (status, body) = await post(CosigningRequest(oldSize: old, proof: proof, note: note), to: witness) else {
                return nil
            }
            if status == 409, let size = Int(String(decoding: body.dropLast(), as: UTF8.self)), size != old, (0...log.size).contains(size) {
                old = size
                continue
            }
            guard status == 200 else { return nil }
            for line in body.split(separator: 0x0a) {
                guard let signature = try? SignedNote.Signature(line: line), signature.name == witness.key.name,
                    signature.keyID == witness.key.keyID,
                    let time = try? Cosignature.time(in: signed.adding(signature), by: witness.key), time > 0
                else { continue }
                return signature
            }
            return nil
        }
        return nil
    }

    private func post(_ request: CosigningRequest, to witness: WitnessPolicy.Witness) async -> (Int, [UInt8])? {
        guard let url = witness.url else { return nil }
        var prefix = String(decoding: url, as: UTF8.self)
        if prefix.hasSuffix("/") { prefix.removeLast() }
        var call = HTTPClientRequest(url: prefix + "/add-checkpoint")
        call.method = .POST
        call.body = .bytes(ByteBuffer(bytes: request.encoded))
        guard let response = try? await http.execute(call, timeout: .seconds(10)),
            let body = try? await response.body.collect(upTo: 1 << 16)
        else { return nil }
        return (Int(response.status.code), Array(buffer: body))
    }
}
