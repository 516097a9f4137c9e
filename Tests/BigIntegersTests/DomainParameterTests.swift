import BigIntegers
import Testing

/// What the protocol relies on in secp256k1 (over F_p, of order n) and secq256k1 (over F_n, of order p), y^2 = x^3 + 7.
/// That the orders are n and p, and not only may be, is tested on points, with the curves.
@Suite struct DomainParameterTests {
    private let p: BigInteger = 0xffffffff_ffffffff_ffffffff_ffffffff_ffffffff_ffffffff_fffffffe_fffffc2f
    private let n: BigInteger = 0xffffffff_ffffffff_ffffffff_fffffffe_baaedce6_af48a03b_bfd25e8c_d0364141

    @Test func forms() {
        #expect(p == (1 << 256) - (1 << 32) - 977)
        #expect(p.bitCount == 256 && n.bitCount == 256)
    }

    @Test func primes() {
        #expect(p.isProbablePrime())
        #expect(n.isProbablePrime())
        #expect(p != n)
    }

    /// |order - (field + 1)| <= 2 sqrt(field): an order of the other prime's size is possible over each field. As n > p / 2 + ...,
    /// the only multiple of it in the interval is itself: one point of that order settles the order of the curve.
    @Test func hasse() {
        let trace = n - (p + 1)
        #expect(trace * trace <= 4 * p)
        let other = p - (n + 1)
        #expect(other * other <= 4 * n)
        #expect(2 * n > p + 1 + 2 * (p.squareRoot! + 1))
        #expect(2 * p > n + 1 + 2 * (n.squareRoot! + 1))
    }

    /// No point has x = 0, so 0 can stand for an empty slot.
    @Test func noPointOverZero() throws {
        #expect(try (7 as BigInteger).jacobi(p) == -1)
        #expect(try (7 as BigInteger).jacobi(n) == -1)
    }

    /// No point has y = 0: -7 is no cube in either field (a cube's power of (q - 1) / 3 is 1).
    @Test func noPointOfOrderTwo() throws {
        for q in [p, n] {
            #expect(try q % 3 == 1)
            #expect(try (-7 as BigInteger).power((q - 1) / 3, modulo: q) != 1)
        }
    }

    /// Roots modulo p are one exponentiation; modulo n they need Tonelli-Shanks over 2^6.
    @Test func twoAdicity() throws {
        #expect((n - 1).trailingZeroBitCount == 6)
        #expect(try p % 4 == 3)
    }

    /// Neither curve is anomalous, and no small power of one prime is 1 modulo the other: no known transfer of discrete logarithms.
    @Test func embeddingDegree() throws {
        var a: BigInteger = 1, b: BigInteger = 1
        for _ in 1...100 {
            a = try (a * p) % n
            b = try (b * n) % p
            #expect(a != 1 && b != 1)
        }
    }
}
