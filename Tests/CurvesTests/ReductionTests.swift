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

    /// Any product: three folds by d = 2^256 - n and one for the last overflow; values around all of their carries and around multiples of n.
    @Test func reductionModuloN() throws {
        let n = BigInteger(Fn.modulus)
        let d = top - n
        var cases: [BigInteger] = []
        let all = try edges(of: n)
        for high in all {
            for low in all { cases.append((high << 256) + low) }
            for distance in -3...3 {
                // u = low + high d around a multiple of 2^256
                let low = try (BigInteger(distance) - high * d).modulo(top)
                cases.append((high << 256) + low)
                // v = u mod 2^256 + (u >> 256) d around one, and v mod 2^256 + c d for the carries c that v can have
                let carry = (high * d + low) >> 256
                for second in [carry, carry + 1] {
                    let lower = try (low - second * d).modulo(top)
                    cases.append((high << 256) + lower)
                    for third in 1...2 { cases.append((high << 256) + (try (lower - BigInteger(third) * d).modulo(top))) }
                }
            }
            for distance in -2...2 {
                let multiple = high * n + BigInteger(distance)
                if multiple >= 0 { cases.append(multiple) }
            }
        }
        cases.append((top << 256) - 1)
        for t in cases { try check(BigInteger(Fn.reduce(try wide(t)).canonical) == (try t.modulo(n)), "\(t) mod n") }
        #expect(cases.count > 15_000)
    }

    /// Both forms of an element, with and without a modulus more, are the same element.
    @Test func formsModuloN() throws {
        let n = BigInteger(Fn.modulus)
        for small in [0, 1, 2, (top - n) - 1] as [BigInteger] {
            let plain = Fn(canonical: try small.words()), weak = Fn(canonical: try (small + n).words())
            try check(plain == weak && weak == plain && plain.isZero == weak.isZero && plain.isZero == (small == 0), "\(small)")
            try check(weak.canonical == plain.canonical && weak.encoded == plain.encoded && weak.isOdd == plain.isOdd, "\(small)")
            try check(weak.negated == plain.negated && weak.inverted == plain.inverted, "\(small)")
        }
    }

    /// Montgomery's reduction for the order of P-256, any t below m 2^256: the result is below m, at the ends and around every multiple.
    @Test func montgomeryReduction() throws {
        typealias F = P256.Scalar
        let m = BigInteger(F.modulus)
        let inverse = try top.inverse(modulo: m)
        var cases: [BigInteger] = []
        let all = try edges(of: m)
        for high in all where high < m {
            for low in all { cases.append((high << 256) + low) }
            for distance in -2...2 {
                cases.append(high * m + BigInteger(distance))
                cases.append((high << 256) + (try (BigInteger(distance) - (high << 256)).modulo(m)))
            }
        }
        cases.append((m << 256) - 1)
        for t in cases where t >= 0 && t < m << 256 {
            try check(BigInteger(F.reduce(try wide(t)).v) == (try (t * inverse).modulo(m)), "\(t) / R mod m")
        }
        #expect(cases.count > 10_000)
    }

    /// Elements of a Montgomery field stay below the modulus whatever is done with them: equality and zero are compared word by word.
    @Test func montgomeryRepresentations() throws {
        typealias F = P256.Scalar
        let all = try edges(of: BigInteger(F.modulus)).map { F(canonical: try $0.words()) }
        for x in all {
            try check(x.v < F.modulus && x.negated.v < F.modulus && x.doubled.v < F.modulus && x.squared.v < F.modulus, "\(x)")
            for k: UInt64 in [0, 1, 21, 65535] { try check(x.multiplied(bySmall: k).v < F.modulus, "\(x) * \(k)") }
            for y in all { try check((x + y).v < F.modulus && (x - y).v < F.modulus && (x * y).v < F.modulus, "\(x), \(y)") }
        }
    }
}
