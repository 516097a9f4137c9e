import BigIntegers
import Curves
import TestSupport
import Testing

/// Wide products and their reductions at the values that multiplications hit with a chance of 2^-64 and less: written down, not waited for.
@Suite struct ReductionTests {
    private let top: BigInteger = 1 << 256

    private func big(_ t: U512) -> BigInteger { (BigInteger(t.high) << 256) + BigInteger(t.low) }

    private func wide(_ value: BigInteger) throws -> U512 {
        let bytes = try value.bigEndian(count: 64)
        return U512(U256(bigEndian: bytes[32...]), U256(bigEndian: bytes[..<32]))
    }

    @Test func products() throws {
        let all = try edges(of: BigInteger(Fn.modulus))
        for a in all {
            let x = try a.words()
            try check(big(U512.square(x)) == a * a, "\(a) squared")
            for b in all { try check(big(U512.product(x, try b.words())) == a * b, "\(a) * \(b)") }
        }
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            let a = BigInteger(bigEndian: random.bytes(32)), b = BigInteger(bigEndian: random.bytes(32))
            try check(big(U512.product(try a.words(), try b.words())) == a * b, "\(a) * \(b)")
            try check(big(U512.square(try a.words())) == a * a, "\(a) squared")
        }
    }

    /// Any product: high k + low, and once more; both overflows of the second step, and values around multiples of p.
    @Test func reductionModuloP() throws {
        let p = BigInteger(Fp.modulus)
        let k = top - p
        var cases: [BigInteger] = []
        let all = try edges(of: p)
        for high in all {
            for low in all { cases.append((high << 256) + low) }
            // low such that high k + low lies around a multiple of 2^256: the second step overflows, or just does not.
            for distance in -3...3 {
                let low = try (BigInteger(distance) - high * k).modulo(top)
                cases.append((high << 256) + low)
                // and such that the carry times k brings it there
                let carry = (high * k + low) >> 256
                cases.append((high << 256) + (try (low - carry * k).modulo(top)))
                cases.append((high << 256) + (try (low - (carry + 1) * k).modulo(top)))
            }
            for distance in -2...2 {
                let multiple = high * p + BigInteger(distance)
                if multiple >= 0 { cases.append(multiple) }
            }
        }
        for t in cases { try check(BigInteger(Fp.reduce(try wide(t)).canonical) == (try t.modulo(p)), "\(t) mod p") }
        #expect(cases.count > 10_000)
    }

    /// Any t below n 2^256: the result is below n, at the ends and around every multiple of n 2^j.
    @Test func reductionModuloN() throws {
        let n = BigInteger(Fn.modulus)
        let inverse = try top.inverse(modulo: n)
        var cases: [BigInteger] = []
        let all = try edges(of: n)
        for high in all where high < n {
            for low in all { cases.append((high << 256) + low) }
            for distance in -2...2 {
                cases.append(high * n + BigInteger(distance))
                cases.append((high << 256) + (try (BigInteger(distance) - (high << 256)).modulo(n)))
            }
        }
        cases.append((n << 256) - 1)
        for t in cases where t >= 0 && t < n << 256 {
            let reduced = Fn.reduce(try wide(t))
            try check(BigInteger(reduced.v) == (try (t * inverse).modulo(n)), "\(t) / R mod n")
        }
        #expect(cases.count > 10_000)
    }

    /// Elements modulo n stay below n whatever is done with them: equality and zero are compared word by word.
    @Test func representationsModuloN() throws {
        let n = Fn.modulus
        let all = try edges(of: BigInteger(n)).map { Fn(canonical: try $0.words()) }
        for x in all {
            try check(x.v < n && x.negated.v < n && x.doubled.v < n && x.squared.v < n, "\(x)")
            for k: UInt64 in [0, 1, 21, 65535] { try check(x.multiplied(bySmall: k).v < n, "\(x) * \(k)") }
            for y in all { try check((x + y).v < n && (x - y).v < n && (x * y).v < n, "\(x), \(y)") }
        }
    }
}
