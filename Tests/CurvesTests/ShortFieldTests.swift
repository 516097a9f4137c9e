import BigIntegers
import Curves
import TestSupport
import Testing

/// The fields in short limbs at the bounds of their limbs, and beside the fields in four words.
@Suite struct ShortFieldTests {
    private func big(_ v: ShortLimbs) -> BigInteger {
        let limbs: [UInt32] = [v.l0, v.l1, v.l2, v.l3, v.l4, v.l5, v.l6, v.l7, v.l8]
        return limbs.reversed().reduce(0) { ($0 << 29) + BigInteger(UInt64($1)) }
    }

    private func limbs(_ l: [UInt32]) -> ShortLimbs { ShortLimbs(l[0], l[1], l[2], l[3], l[4], l[5], l[6], l[7], l[8]) }

    private func keepsBound(_ v: ShortLimbs) -> Bool {
        [v.l0, v.l1, v.l2, v.l3, v.l4, v.l5, v.l6, v.l7, v.l8].allSatisfy { $0 < 1 << 29 + 1 << 23 }
    }

    /// Limbs of all ones and at the bound in every arrangement that matters, and at random below it.
    private func extremes() -> [ShortLimbs] {
        let greatest: UInt32 = 1 << 29 + 1 << 23 - 1
        var all: [ShortLimbs] = []
        for high in [0, 1, 1 << 24 - 1, 1 << 24, 1 << 29 - 1, 1 << 29, greatest] as [UInt32] {
            for low in [0, 1, 1 << 29 - 1, 1 << 29, greatest] as [UInt32] {
                for place in 0...9 { all.append(limbs((0..<9).map { $0 < place ? low : high })) }
            }
        }
        for place in 0..<9 {
            all.append(limbs((0..<9).map { $0 == place ? greatest : 0 }))
            all.append(limbs((0..<9).map { $0 == place ? 0 : greatest }))
        }
        var random = SeededGenerator(seed: 21)
        for _ in 0..<60 { all.append(limbs((0..<9).map { _ in UInt32(random.next() % UInt64(greatest + 1)) })) }
        return all
    }

    @Test func boundsModuloP() throws { try bounds({ ShortFp(weak: $0) }, { $0.v }) }
    @Test func boundsModuloN() throws { try bounds({ ShortFn(weak: $0) }, { $0.v }) }

    private func bounds<F: PrimeField>(_ make: (ShortLimbs) -> F, _ limbs: (F) -> ShortLimbs) throws {
        let m = BigInteger(F.modulus)
        func same(_ x: F, _ wanted: BigInteger, _ what: String) throws {
            try check(keepsBound(limbs(x)), "\(what): a limb is too large")
            try check(BigInteger(x.canonical) == (try wanted.modulo(m)), what)
        }
        let all = extremes()
        #expect(all.count > 400 && all.allSatisfy(keepsBound))
        for a in all {
            let x = make(a), value = big(a)
            try same(x, value, "\(value)")
            try same(x.squared, value * value, "\(value) squared")
            try same(x.negated, 0 - value, "-\(value)")
            try same(x.doubled, value + value, "2 \(value)")
            try check(x.isZero == (try value.modulo(m)).isZero, "\(value) == 0")
            for k: UInt64 in [0, 1, 21, 32768, 65535] { try same(x.multiplied(bySmall: k), value * BigInteger(k), "\(value) * \(k)") }
        }
        for (i, a) in all.enumerated() {
            for b in all[i...] {
                let x = make(a), y = make(b), v = big(a), w = big(b)
                try same(x * y, v * w, "\(v) * \(w)")
                try same(x + y, v + w, "\(v) + \(w)")
                try same(x - y, v - w, "\(v) - \(w)")
                try same(y - x, w - v, "\(w) - \(v)")
            }
        }
    }

    @Test func formsModuloP() throws { try forms { ShortFp(weak: $0) } }
    @Test func formsModuloN() throws { try forms { ShortFn(weak: $0) } }

    /// All forms that the first elements and the last have below 2^261, and what lies around 2^256 and its multiples.
    private func forms<F: PrimeField & Equatable>(_ make: (ShortLimbs) -> F) throws {
        let m = BigInteger(F.modulus)
        let mask: BigInteger = 1 << 29 - 1
        func form(_ value: BigInteger) throws -> F {
            make(limbs(try (0..<9).map { i in UInt32(try (try (value >> (29 * i)).modulo(mask + 1)).words().w0) }))
        }
        for multiple in 0...32 {
            for distance in -3...3 {
                for centre in [m * BigInteger(multiple), BigInteger(multiple) << 256] {
                    let value = centre + BigInteger(distance)
                    guard value >= 0, value < 1 << 261 else { continue }
                    let x = try form(value), reduced = try value.modulo(m)
                    try check(BigInteger(x.canonical) == reduced, "\(value)")
                    try check(x.isZero == reduced.isZero && (x == .zero) == reduced.isZero, "\(value) == 0")
                    try check(x == F(canonical: try reduced.words()), "\(value) == \(reduced)")
                    try check(x.isOdd == reduced.isOdd, "\(value) odd")
                }
            }
        }
    }

    @Test func twinsModuloP() throws { try twins(Fp.self, ShortFp.self, seed: 22) }
    @Test func twinsModuloN() throws { try twins(Fn.self, ShortFn.self, seed: 23) }

    /// The same long walk through operations ends at the same integers in both representations.
    private func twins<F: PrimeField, G: PrimeField>(_: F.Type, _: G.Type, seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        #expect(F.modulus == G.modulus && F.bitCount == G.bitCount && F.one.canonical == G.one.canonical && G.zero.isZero)
        for _ in 0..<200 {
            let start = U256(bigEndian: random.bytes(32)[...]), other = U256(bigEndian: random.bytes(32)[...])
            var x = F(canonical: start), y = F(canonical: other)
            var s = G(canonical: start), t = G(canonical: other)
            var walk = ""
            for _ in 0..<100 {
                let step = random.next() % 8
                walk += "\(step)"
                switch step {
                case 0: (x, s) = (x * y, s * t)
                case 1: (x, s) = (x.squared, s.squared)
                case 2: (x, s) = (x + y, s + t)
                case 3: (x, s) = (x - y, s - t)
                case 4: (x, s) = (x.negated, s.negated)
                case 5: (x, s) = (x.multiplied(bySmall: 65535), s.multiplied(bySmall: 65535))
                case 6: (x, s) = (.select(.max, y, x + y), .select(.max, t, s + t))
                default: (x, y, s, t) = (y, x, t, s)
                }
                try check(x.canonical == s.canonical && x.encoded == s.encoded, "\(start), \(other): \(walk)")
            }
            try check(x.inverted.canonical == s.inverted.canonical, "1/\(x)")
            try check(x.squareRoot?.squared.canonical == s.squareRoot?.squared.canonical, "root of \(x)")
        }
    }
}
