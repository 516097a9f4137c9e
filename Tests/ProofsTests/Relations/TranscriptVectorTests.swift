import Curves
import Proofs
import Testing

/// The published vectors of draft-irtf-cfrg-fiat-shamir, through the code that the proofs use.
@Suite struct TranscriptVectorTests {
    @Test func sponge() throws {
        let vectors = try VectorFile.read("fiatShamirShake128Vectors.json")
        #expect(vectors.count == 13)
        for vector in vectors {
            let name = Comment(rawValue: try vector.text("Id"))
            switch try vector.text("Function") {
            case "DuplexSponge":
                #expect(try replay(vector) == vector.bytes("Output"), name)
            case "DeriveSessionID":
                #expect(Sponge.sessionID(of: try vector.bytes("Tag")) == (try vector.bytes("Output")), name)
            case "DecodeUint":
                let output = try replay(vector)
                #expect(try output == vector.bytes("Output"), name)
                #expect(P256.Scalar(reducingLittleEndian: output).encoded == (try hexNumber(vector.text("Challenge"))), name)
            case "Sumcheck":
                #expect(Sponge.sessionID(of: try vector.bytes("Tag")) == (try vector.bytes("SessionId")), name)
                try sumcheck(vector, name)
            case let other:
                Issue.record("unknown function \(other)")
            }
        }
    }

    @Test func codec() throws {
        let vectors = try VectorFile.read("fiatShamirCodecVectors.json")
        #expect(vectors.count == 13)
        for vector in vectors {
            let name = Comment(rawValue: try vector.text("Id"))
            switch try vector.text("Function") {
            case "SerializeVarLenString":
                #expect(lengthPrefixed(try vector.bytes("Input")) == (try vector.bytes("Output")), name)
            case "DeserializeVarLenString":
                let input = try vector.bytes("Input")
                #expect(vector.wantsRefusal)
                #expect(throws: CurveError.length, name) {
                    var reader = ByteReader(input)
                    let count = try reader.take(4).reversed().reduce(0) { $0 << 8 | Int($1) }
                    _ = try reader.take(count)
                }
            case "SerializeUint":
                let value = try Large(encoded: hexNumber(vector.text("Value"))[...])
                #expect(try value.encoded.reversed() == vector.bytes("Output"), name)
            case "DeserializeUint":
                #expect(vector.wantsRefusal)
                let input = try vector.bytes("Input")
                #expect(throws: CurveError.self, name) { try littleEndianPair(input, degree: 1) }
            case "DeserializeField":
                let input = try vector.bytes("Input")
                if vector.wantsRefusal {
                    #expect(throws: CurveError.notCanonical, name) { try littleEndianPair(input, degree: 2) }
                } else {
                    let coordinates = try #require(vector["Coordinates"] as? [String])
                    #expect(try littleEndianPair(input, degree: 2).map(\.encoded) == coordinates.map(hexNumber), name)
                }
            case "DecodeUint":
                let challenge = P256.Scalar(reducingLittleEndian: try vector.bytes("Input"))
                #expect(try challenge.encoded == hexNumber(vector.text("Challenge")), name)
            case "SerializeField":
                let value = try P256.Scalar(encoded: hexNumber(vector.text("Value"))[...])
                #expect(try value.encoded == vector.bytes("Output"), name)
            case "Sumcheck":
                try sumcheck(vector, name)
            case let other:
                Issue.record("unknown function \(other)")
            }
        }
    }

    /// Squeezed bytes of a list of operations.
    private func replay(_ vector: [String: Any]) throws -> [UInt8] {
        var sponge = Sponge(sessionID: try vector.bytes("SessionId"))
        var out: [UInt8] = []
        for operation in try #require(vector["Operations"] as? [[String: Any]]) {
            switch try operation.text("type") {
            case "absorb": sponge.absorb(try operation.bytes("data"))
            case "squeeze": out += sponge.squeeze(try #require(operation["length"] as? Int))
            case let other: Issue.record("unknown operation \(other)")
            }
        }
        return out
    }

    /// `degree` canonical elements of the large field, little-endian here, and nothing after them.
    private func littleEndianPair(_ bytes: [UInt8], degree: Int) throws(CurveError) -> [Large] {
        var reader = ByteReader(bytes)
        var out: [Large] = []
        for _ in 0..<degree { out.append(try Large(encoded: [UInt8](try reader.take(32).reversed())[...])) }
        try reader.finish()
        return out
    }
}

/// Integers modulo 2^256 - 189.
private typealias Large = MontgomeryField<LargePrime>
private enum LargePrime: MontgomeryParameters {
    static var modulus: U256 { U256(.max - 188, .max, .max, .max) }
    static var negatedInverse: UInt64 { 0xa53f_a94f_ea53_fa95 }
    static var r: U256 { U256(189) }
    static var rSquared: U256 { U256(189 * 189) }
    static var twoAdicity: Int { 1 }
    static var oddPartHalf: U256 { U256(0xffff_ffff_ffff_ffd0, .max, .max, 0x3fff_ffff_ffff_ffff) }
    static var rootOfUnity: U256 { U256(.max - 189, .max, .max, .max) }
}

// MARK: - The drafts' example protocol

/// The draft's example: that a table of 2^v numbers modulo 2^31 - 1 has the claimed sum, one variable a round.
///
/// Each round sends g(X) = a0 + a1 X with g(0) + g(1) the current claim; the new claim is g(r) for a challenge r of four squeezed bytes.
private struct Sumcheck {
    static let prime: UInt64 = 0x7fff_ffff
    let sessionID: [UInt8], variables: Int, claim: UInt64

    private var sponge: Sponge {
        var sponge = Sponge(sessionID: sessionID)
        sponge.absorb(littleEndian4(variables) + littleEndian4(Int(claim)))
        return sponge
    }

    private static func challenge(_ sponge: inout Sponge) -> UInt64 { number(sponge.squeeze(4)[...]) % prime }
    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

    /// The last claim, an evaluation of the table's polynomial; nil if the proof is refused.
    func verify(_ proof: [UInt8]) -> UInt64? {
        var sponge = sponge, reader = ByteReader(proof), claim = claim
        do {
            for _ in 0..<variables {
                let message = [UInt8](try reader.take(8))
                let a0 = Self.number(message[..<4]), a1 = Self.number(message[4...])
                guard a0 < Self.prime, a1 < Self.prime, (2 * a0 + a1) % Self.prime == claim else { return nil }
                sponge.absorb(message)
                claim = (a0 + a1 * Self.challenge(&sponge)) % Self.prime
            }
            try reader.finish()
        } catch {
            return nil
        }
        return claim
    }

    func prove(_ table: [UInt64]) -> [UInt8] {
        var sponge = sponge, table = table, proof: [UInt8] = []
        while table.count > 1 {
            let half = table.count / 2
            let even = (0..<half).map { table[2 * $0] }, odd = (0..<half).map { table[2 * $0 + 1] }
            let a0 = even.reduce(0, +) % Self.prime
            let a1 = (odd.reduce(0, +) % Self.prime + Self.prime - a0) % Self.prime
            let message = littleEndian4(Int(a0)) + littleEndian4(Int(a1))
            sponge.absorb(message)
            proof += message
            let r = Self.challenge(&sponge)
            table = zip(even, odd).map { ($0 + r * ($1 + Self.prime - $0)) % Self.prime }
        }
        return proof
    }
}

private func sumcheck(_ vector: [String: Any], _ name: Comment) throws {
    #expect(try hexNumber(vector.text("Modulus")).suffix(4) == [0x7f, 0xff, 0xff, 0xff])
    let claim = try hexNumber(vector.text("ClaimedSum")).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    let protocolRun = Sumcheck(
        sessionID: try vector.bytes("SessionId"), variables: try #require(vector["NumVariables"] as? Int), claim: claim)
    let proof = try vector.bytes("Narg")
    if vector.wantsRefusal {
        #expect(protocolRun.verify(proof) == nil, name)
        // It is refused for what is wrong with it, not for everything.
        if try vector.text("Id").hasSuffix("trailing_bytes") { #expect(protocolRun.verify([UInt8](proof.dropLast())) != nil, name) }
    } else {
        let final = try hexNumber(vector.text("FinalEvaluation")).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        #expect(protocolRun.verify(proof) == final, name)
        let table = try #require(vector["Witness"] as? [Int]).map { UInt64($0) }
        #expect(protocolRun.prove(table) == proof, name)
    }
}
