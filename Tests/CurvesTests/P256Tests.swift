import BigIntegers
import Curves
import Testing

@Suite struct P256Tests {
    typealias Scalar = P256.Scalar

    private func hex(_ bytes: [UInt8]) -> String { BigInteger(bigEndian: bytes).hex }

    /// The base point of SP 800-186 and its double.
    @Test func base() throws {
        #expect(hex(try P256.encode(P256.base)) == "36b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
        #expect(
            hex(try P256.encode(P256.add(P256.base, P256.base))) == "37cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978")
    }

    @Test func order() {
        let g = P256.base
        let minusOne = Scalar.zero - .one
        #expect(P256.multiply(minusOne, g) == P256.negate(g))
        #expect(P256.add(P256.multiply(minusOne, g), g) == P256.identity)
        #expect(P256.multiply(.zero, g) == P256.identity)
        #expect(P256.multiply(.one, g) == g)
        #expect(BigInteger(bigEndian: Scalar.modulus.bigEndian).isProbablePrime())
    }

    @Test func laws() {
        for _ in 0..<20 {
            let a = Scalar.random(), b = Scalar.random()
            let p = P256.multiply(a, P256.base), q = P256.multiply(b, P256.base)
            #expect(P256.add(p, q) == P256.multiply(a + b, P256.base))
            #expect(P256.multiply(b, p) == P256.multiply(a * b, P256.base))
            #expect(P256.add(p, P256.negate(p)) == P256.identity)
            #expect(P256.add(p, P256.identity) == p)
            #expect(P256.add(P256.identity, q) == q)
            #expect(P256.add(p, p) == P256.multiply(Scalar(2), p))
            #expect(P256.multiScalar([a, b, .one], [p, q, p]) == P256.add(P256.multiply(a, p), P256.add(P256.multiply(b, q), p)))
        }
        #expect(P256.multiScalar([], []) == P256.identity)
        #expect(P256.negate(P256.identity) == P256.identity)
        #expect(P256.multiply(Scalar(5), P256.identity) == P256.identity)
    }

    @Test func encodings() throws {
        for _ in 0..<20 {
            let p = P256.multiply(.random(), P256.base)
            let bytes = try P256.encode(p)
            #expect(bytes.count == P256.elementLength)
            #expect(try P256.decode(bytes[...]) == p)
            #expect(try P256.decode(([bytes[0] ^ 1] + bytes[1...])[...]) == P256.negate(p))
            #expect(try P256.encode(all: [p, P256.base, p]) == bytes + P256.encode(P256.base) + bytes)
            #expect(throws: CurveError.length) { try P256.decode(bytes[1...]) }
            #expect(throws: CurveError.length) { try P256.decode((bytes + [0])[...]) }
            for prefix in [0, 1, 4, 5, 6, 7, 0x82] as [UInt8] {
                #expect(throws: CurveError.notCanonical) { try P256.decode(([prefix] + bytes[1...])[...]) }
            }
        }
        #expect(throws: CurveError.identity) { try P256.encode(P256.identity) }
        #expect(throws: CurveError.identity) { try P256.encode(all: [P256.base, P256.identity]) }
        #expect(throws: CurveError.length) { try P256.decode([0][...]) }
        let prime = try BigInteger(hex: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
        #expect(throws: CurveError.notOnCurve) { try P256.decode(([2] + (1 as BigInteger).bigEndian(count: 32))[...]) }
        #expect(throws: CurveError.notCanonical) { try P256.decode(([2] + prime.bigEndian(count: 32))[...]) }
        #expect(throws: CurveError.notCanonical) { try P256.decode(([2] + (prime + 5).bigEndian(count: 32))[...]) }
        #expect(try P256.decode(([2] + (5 as BigInteger).bigEndian(count: 32))[...]) != P256.identity)
    }

    /// Scalar arithmetic against GMP, at the edges and at random.
    @Test func scalars() throws {
        let n = BigInteger(bigEndian: Scalar.modulus.bigEndian)
        var generator = SystemRandomNumberGenerator()
        var values: [BigInteger] = [0, 1, 2, n - 1, n - 2, n >> 1, (n >> 1) + 1, 0xffff_ffff_ffff_ffff]
        for _ in 0..<30 { values.append(.random(below: n, using: &generator)) }
        func scalar(_ v: BigInteger) throws -> Scalar { try Scalar(encoded: v.bigEndian(count: 32)[...]) }
        for a in values {
            let x = try scalar(a)
            #expect(try x.encoded == a.bigEndian(count: 32))
            #expect(try x.negated == scalar((n - a).modulo(n)))
            if !a.isZero { #expect(try x.inverted == scalar(a.inverse(modulo: n))) }
            let root = x.squareRoot
            #expect(try (root == nil) == (a.jacobi(n) == -1))
            if let root { #expect(root * root == x) }
            for b in values {
                let y = try scalar(b)
                #expect(try x + y == scalar((a + b).modulo(n)))
                #expect(try x - y == scalar((a - b).modulo(n)))
                #expect(try x * y == scalar((a * b).modulo(n)))
            }
        }
        #expect(throws: CurveError.notCanonical) { try scalar(n) }
        #expect(throws: CurveError.notCanonical) { try scalar((1 << 256) - 1) }
    }
}
