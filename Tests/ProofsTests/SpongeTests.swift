import BigIntegers
import Curves
import Platform
import Proofs
import TestSupport
import Testing

/// The sponge with all official vectors of draft-irtf-cfrg-fiat-shamir that concern what we use of it.
@Suite struct SpongeTests {
    private struct Vector: Decodable {
        struct Operation: Decodable {
            var type: String, length: Int?, data: String?
        }
        var Name: String, Function: String, SessionId: String?, Operations: [Operation]?, Output: String?, Tag: String?, Challenge: String?
        var Input: String?, Witness: [UInt64]?, ClaimedSum: String?, Narg: String?, FinalEvaluation: String?, Expected: String?
    }

    private let files = ["fiatShamirShake128Vectors.json", "fiatShamirCodecVectors.json"]

    private func vectors(_ function: String) throws -> [Vector] {
        try files.flatMap { try TestVectors.decode([Vector].self, from: $0) }.filter { $0.Function == function }
    }

    @Test func duplexSponge() throws {
        let all = try vectors("DuplexSponge")
        #expect(all.count == 9)
        for v in all { #expect(try output(v) == hex(v.Output ?? ""), "\(v.Name)") }
    }

    /// All that a vector's operations squeeze.
    private func output(_ v: Vector) throws -> [UInt8] {
        var sponge = Sponge(sessionID: try hex(v.SessionId ?? ""))
        var out: [UInt8] = []
        for operation in v.Operations ?? [] {
            if operation.type == "squeeze" {
                out += sponge.squeeze(operation.length ?? 0)
            } else {
                sponge.absorb(try hex(operation.data ?? ""))
            }
        }
        return out
    }

    @Test func sessionIDs() throws {
        for v in try vectors("DeriveSessionID") {
            let tag = try hex(v.Tag ?? "")
            #expect(try Sponge.sessionID(of: tag) == hex(v.Output ?? ""))
            var byTag = Sponge(tag: tag), byID = Sponge(sessionID: Sponge.sessionID(of: tag))
            #expect(byTag.squeeze(64) == byID.squeeze(64))
        }
        #expect(try vectors("DeriveSessionID").count == 1)
    }

    @Test func challengesOfP256() throws {
        let all = try vectors("DecodeUint")
        #expect(all.count == 2)
        for v in all {
            let bytes = try v.Input.map { try hex($0) } ?? output(v)
            let expected = try BigInteger(hex: String((v.Challenge ?? "").dropFirst(2)))
            #expect(BigInteger(P256.Scalar(reducingLittleEndian: bytes).canonical) == expected, "\(v.Name)")
        }
        // The same through the sponge, zero refused.
        let v = try #require(all.first { $0.Operations != nil })
        var sponge = Sponge(sessionID: try hex(v.SessionId ?? ""))
        sponge.absorb(try hex(v.Operations?.first?.data ?? ""))
        let k: P256.Scalar = try sponge.challenge()
        #expect(try BigInteger(k.canonical) == BigInteger(hex: String((v.Challenge ?? "").dropFirst(2))))
    }

    @Test func lengthPrefixes() throws {
        let all = try vectors("SerializeVarLenString")
        #expect(all.count == 2)
        for v in all { #expect(try lengthPrefixed(hex(v.Input ?? "")) == hex(v.Output ?? "")) }
        #expect(littleEndian4(0x0102_0304) == [4, 3, 2, 1] && littleEndian4(0) == [0, 0, 0, 0])
        #expect(littleEndian4(0xffff_fffe) == [0xfe, 0xff, 0xff, 0xff])
        #expect(literalBytes("a/") == [0x61, 0x2f] && literalBytes("").isEmpty)
    }

    /// The draft's example of a protocol, over integers modulo 2^31 - 1: proof, evaluation and refusals as the vectors have them.
    @Test func sumcheck() throws {
        let all = try vectors("Sumcheck")
        #expect(all.count == 4)
        for v in all {
            var sum: UInt64 = 0
            for byte in try hex("0000" + (v.ClaimedSum ?? "").dropFirst(2)) { sum = sum << 8 | UInt64(byte) }
            let id = try hex(v.SessionId ?? "")
            if let tag = v.Tag { #expect(try Sponge.sessionID(of: hex(tag)) == id) }
            let proof = try hex(v.Narg ?? "")
            let evaluation = SumcheckExample.verify(proof, sum: sum, sessionID: id)
            #expect((evaluation == nil) == (v.Expected == "reject"), "\(v.Name)")
            if let expected = v.FinalEvaluation { #expect(evaluation == UInt64(expected.dropFirst(2), radix: 16)) }
            if let witness = v.Witness { #expect(SumcheckExample.prove(witness, sum: sum, sessionID: id) == proof) }
        }
    }

    /// The sponge against its definition: SHAKE128 of session id, padding and all that was absorbed.
    @Test func definition() {
        var random = SeededGenerator(seed: 60)
        for _ in 0..<50 {
            let id = random.bytes(32)
            var sponge = Sponge(sessionID: id)
            var input = id + [UInt8](repeating: 0, count: 136)
            var read = 0
            for _ in 0..<12 {
                let count = [0, 1, 31, 32, 167, 168, 169, 400][Int(random.next() % 8)]
                if random.next() % 2 == 0 {
                    let bytes = random.bytes(count)
                    sponge.absorb(bytes[...])
                    input += bytes
                    if count > 0 { read = 0 }
                } else {
                    var whole = SHAKE128()
                    whole.absorb(input)
                    #expect(sponge.squeeze(count) == whole.output(from: read, count: count))
                    read += count
                }
            }
        }
    }

    /// Any other session, tag, or byte absorbed gives other challenges.
    @Test func separation() throws {
        var seen: Set<[UInt8]> = []
        for tag in [[], [0], [1], [0, 0], Array("SYMBOLON".utf8)] as [[UInt8]] {
            for message in [[], [0], [1], [0, 0]] as [[UInt8]] {
                var sponge = Sponge(tag: tag)
                sponge.absorb(message)
                seen.insert(sponge.squeeze(32))
            }
        }
        #expect(seen.count == 20)
    }

    /// A challenge of zero is refused; on a toy field zeros come often enough to see it.
    @Test func zeroChallenges() {
        var sponge = Sponge(tag: [])
        var refused = 0
        for i in 0..<5000 {
            sponge.absorb(littleEndian4(i))
            do throws(ProofError) {
                let k: ToyField<M211> = try sponge.challenge()
                #expect(!k.isZero)
            } catch {
                #expect(error == .degenerateChallenge)
                refused += 1
            }
        }
        // about 5000 / 211 = 24
        #expect(refused > 5 && refused < 60)
    }

    /// Points of the stream are on the curve, of both parities, and reading goes on behind what was rejected.
    @Test func points() throws {
        var sponge = Sponge(tag: [7])
        var seen: Set<[UInt8]> = []
        var odd = 0
        for _ in 0..<100 {
            let p: Affine<Secq256k1> = sponge.point()
            #expect(p.isOnCurve)
            seen.insert(p.encoded)
            odd += p.y.isOdd ? 1 : 0
        }
        #expect(seen.count == 100 && odd > 20 && odd < 80)
    }
}

/// Sumcheck of a multilinear polynomial given by its values on the cube, as draft-irtf-cfrg-fiat-shamir has it for an example: number of
/// variables and claimed sum are absorbed, then each round's constant and linear coefficient.
private enum SumcheckExample {
    static let p: UInt64 = 0x7fff_ffff

    static func start(_ variables: Int, _ sum: UInt64, _ sessionID: [UInt8]) -> Sponge {
        var sponge = Sponge(sessionID: sessionID)
        sponge.absorb(littleEndian4(variables) + littleEndian4(Int(sum)))
        return sponge
    }

    static func integer(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

    /// The evaluation that remains to be checked; nil if the proof is refused.
    static func verify(_ proof: [UInt8], sum: UInt64, sessionID: [UInt8]) -> UInt64? {
        let variables = 4
        guard proof.count == 8 * variables else { return nil }
        var sponge = start(variables, sum, sessionID)
        var claim = sum % p
        for round in 0..<variables {
            let message = Array(proof[(8 * round)..<(8 * round + 8)])
            let constant = integer(message[..<4]), linear = integer(message[4...])
            guard constant < p, linear < p, (2 * constant + linear) % p == claim else { return nil }
            sponge.absorb(message)
            claim = (constant + integer(sponge.squeeze(4)) % p * linear) % p
        }
        return claim
    }

    static func prove(_ witness: [UInt64], sum: UInt64, sessionID: [UInt8]) -> [UInt8] {
        var values = witness
        var sponge = start(values.count.trailingZeroBitCount, sum, sessionID)
        var out: [UInt8] = []
        while values.count > 1 {
            var constant: UInt64 = 0, linear: UInt64 = 0
            for i in stride(from: 0, to: values.count, by: 2) {
                constant = (constant + values[i]) % p
                linear = (linear + values[i + 1] + p - values[i]) % p
            }
            let message = littleEndian4(Int(constant)) + littleEndian4(Int(linear))
            out += message
            sponge.absorb(message)
            let r = integer(sponge.squeeze(4)) % p
            values = stride(from: 0, to: values.count, by: 2).map { (values[$0] + r * ((values[$0 + 1] + p - values[$0]) % p)) % p }
        }
        return out
    }
}
