import BigIntegers
import Testing

@Suite struct NumberTheoryTests {
    /// By exhaustion modulo all small numbers, signs included.
    @Test func inverses() throws {
        for m in -40...40 {
            for a in -45...45 {
                let modulus = BigInteger(m), number = BigInteger(a), size = abs(m)
                if m == 0 {
                    #expect(throws: BigIntegerError.divisionByZero) { try number.inverse(modulo: modulus) }
                } else if let expected = (0..<size).first(where: { ($0 * a - 1) % size == 0 }) {
                    #expect(try number.inverse(modulo: modulus) == BigInteger(expected), "1/\(a) mod \(m)")
                } else {
                    #expect(throws: BigIntegerError.noInverse) { try number.inverse(modulo: modulus) }
                }
            }
        }
    }

    @Test func powers() throws {
        for m in [-13, -12, -1, 1, 2, 12, 13] {
            for a in -14...14 {
                var expected = 1
                for e in 0...10 {
                    let size = abs(m), reduced = ((expected % size) + size) % size
                    #expect(try BigInteger(a).power(BigInteger(e), modulo: BigInteger(m)) == BigInteger(reduced))
                    #expect(BigInteger(a).power(UInt(e)) == BigInteger(expected))
                    expected *= a
                }
            }
        }
        let modulus: BigInteger = (1 << 255) - 19
        let a = BigInteger(bigEndian: "Symbolon is a token that proves".utf8)
        let b = BigInteger(bigEndian: "who took part in the assembly".utf8)
        #expect(
            try a.power(b, modulo: modulus) == 43129653419195554041307466481373177992395481884668399211681382484739979237789)
        #expect(
            try a.inverse(modulo: modulus) == 318224855941891764842763160891038817245996590359885124482925111529690342688)
        #expect(try a.power(-b, modulo: modulus) == a.power(b, modulo: modulus).inverse(modulo: modulus))
        #expect(throws: BigIntegerError.divisionByZero) { try a.power(2, modulo: 0) }
        #expect(throws: BigIntegerError.noInverse) { try (6 as BigInteger).power(-1, modulo: 9) }
        #expect(throws: BigIntegerError.divisionByZero) { try (6 as BigInteger).power(-1, modulo: 0) }
    }

    /// For a prime the Jacobi symbol says whether there is a square root; for a product it is the product.
    @Test func jacobi() throws {
        let primes = [3, 5, 7, 11, 13, 31]
        func legendre(_ a: Int, _ p: Int) -> Int {
            let r = ((a % p) + p) % p
            return r == 0 ? 0 : (1..<p).contains { $0 * $0 % p == r } ? 1 : -1
        }
        for p in primes {
            for q in primes {
                for a in -40...40 {
                    #expect(try BigInteger(a).jacobi(BigInteger(p * q)) == legendre(a, p) * legendre(a, q))
                }
            }
        }
        #expect(try (5 as BigInteger).jacobi(1) == 1)
        for bad in [0, 2, 10, -1, -3] as [BigInteger] {
            #expect(throws: BigIntegerError.evenModulus) { try (5 as BigInteger).jacobi(bad) }
        }
    }

    @Test func primes() {
        var sieve = [Bool](repeating: true, count: 3000)
        sieve[0] = false
        sieve[1] = false
        for i in 2..<3000 where sieve[i] { for k in stride(from: 2 * i, to: 3000, by: i) { sieve[k] = false } }
        for i in 0..<3000 { #expect(BigInteger(i).isProbablePrime() == sieve[i], "\(i)") }
        #expect(!(-7 as BigInteger).isProbablePrime())
        #expect(((1 << 521) - 1 as BigInteger).isProbablePrime())
        #expect(!((1 << 523) - 1 as BigInteger).isProbablePrime())
        // Carmichael numbers and strong pseudoprimes to many bases.
        let composites: [BigInteger] = [
            561, 1105, 1729, 341_550_071_728_321, 3_825_123_056_546_413_051, 318_665_857_834_031_151_167_461,
        ]
        for composite in composites {
            #expect(!composite.isProbablePrime())
        }
    }

    @Test func commonDivisors() {
        func euclid(_ a: Int, _ b: Int) -> Int { b == 0 ? abs(a) : euclid(b, a % b) }
        for a in -30...30 {
            for b in -30...30 {
                #expect(BigInteger(a).greatestCommonDivisor(BigInteger(b)) == BigInteger(euclid(a, b)))
            }
        }
    }
}
