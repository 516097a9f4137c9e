import BigIntegers
import Curves
import TestSupport
import Testing

/// Both fields against big integers: at every pair of edges and at random.
@Suite struct FieldTests {
    @Test func sumsAndProductsModuloP() throws { try sumsAndProducts(Fp.self) }
    @Test func sumsAndProductsModuloN() throws { try sumsAndProducts(Fn.self) }
    @Test func sumsAndProductsModuloPInShortLimbs() throws { try sumsAndProducts(ShortFp.self) }
    @Test func sumsAndProductsModuloNInShortLimbs() throws { try sumsAndProducts(ShortFn.self) }

    private func sumsAndProducts<F: PrimeField>(_: F.Type) throws {
        let m = BigInteger(F.modulus)
        var random = SeededGenerator(seed: 1)
        let edges = try edges(of: m)
        for a in edges {
            for b in edges { try binary(F.self, a, b, m) }
            for _ in 0..<8 { try binary(F.self, a, BigInteger(bigEndian: random.bytes(32)), m) }
        }
        for _ in 0..<5000 { try binary(F.self, BigInteger(bigEndian: random.bytes(32)), BigInteger(bigEndian: random.bytes(32)), m) }
    }

    private func binary<F: PrimeField>(_: F.Type, _ a: BigInteger, _ b: BigInteger, _ m: BigInteger) throws {
        let x = F(canonical: try a.words()), y = F(canonical: try b.words())
        let sum = try (a + b).modulo(m), difference = try (a - b).modulo(m), product = try (a * b).modulo(m)
        try check(BigInteger((x + y).canonical) == sum, "\(a) + \(b)")
        try check(BigInteger((x - y).canonical) == difference, "\(a) - \(b)")
        try check(BigInteger((x * y).canonical) == product, "\(a) * \(b)")
        try check((x == y) == difference.isZero, "\(a) == \(b)")
        // Results in whatever form they come are good operands.
        try check((x + y) * x - y * x == x.squared, "(\(a) + \(b)) a - b a")
        try check(((x - y) + y) - x == .zero && ((x - y) + y - x).isZero, "\(a) - \(b) + b - a")
        var z = x
        z += y
        z -= x
        z *= x
        try check(z == y * x, "\(a), \(b) in place")
    }

    @Test func unaryModuloP() throws { try unary(Fp.self) }
    @Test func unaryModuloN() throws { try unary(Fn.self) }
    @Test func unaryModuloPInShortLimbs() throws { try unary(ShortFp.self) }
    @Test func unaryModuloNInShortLimbs() throws { try unary(ShortFn.self) }

    private func unary<F: PrimeField>(_: F.Type) throws {
        let m = BigInteger(F.modulus)
        var random = SeededGenerator(seed: 2)
        let edges = try edges(of: m)
        for a in edges + (0..<3000).map({ _ in BigInteger(bigEndian: random.bytes(32)) }) {
            let x = F(canonical: try a.words())
            let value = try a.modulo(m)
            try check(BigInteger(x.canonical) == value, "canonical \(a)")
            try check(BigInteger(bigEndian: x.encoded) == value && x.encoded.count == 32, "encoded \(a)")
            try check(BigInteger(x.squared.canonical) == (try (a * a).modulo(m)), "\(a) squared")
            try check(BigInteger(x.doubled.canonical) == (try (2 * a).modulo(m)), "\(a) doubled")
            try check(BigInteger(x.negated.canonical) == (try (-a).modulo(m)), "-\(a)")
            try check((x + x.negated).isZero, "\(a) - a")
            try check(x.isZero == value.isZero && (x == .zero) == value.isZero, "\(a) == 0")
            try check(x.isOdd == value.isOdd, "\(a) odd")
            for k: UInt64 in [0, 1, 2, 3, 15, 21, 39, 87, 255, 256, 32768, 65534, 65535] {
                try check(BigInteger(x.multiplied(bySmall: k).canonical) == (try (a * BigInteger(k)).modulo(m)), "\(a) * \(k)")
            }
        }
    }

    @Test func inversesAndRootsModuloP() throws { try inversesAndRoots(Fp.self) }
    @Test func inversesAndRootsModuloN() throws { try inversesAndRoots(Fn.self) }
    @Test func inversesAndRootsModuloPInShortLimbs() throws { try inversesAndRoots(ShortFp.self) }
    @Test func inversesAndRootsModuloNInShortLimbs() throws { try inversesAndRoots(ShortFn.self) }

    private func inversesAndRoots<F: PrimeField>(_: F.Type) throws {
        let m = BigInteger(F.modulus)
        var random = SeededGenerator(seed: 3)
        let edges = try edges(of: m)
        var squares = 0
        for a in edges + (0..<300).map({ _ in BigInteger(bigEndian: random.bytes(32)) }) {
            let x = F(canonical: try a.words())
            let value = try a.modulo(m)
            if value.isZero {
                try check(x.inverted.isZero, "1/0")
            } else {
                try check(BigInteger(x.inverted.canonical) == (try value.inverse(modulo: m)), "1/\(a)")
            }
            let symbol = try value.jacobi(m)
            if let root = x.squareRoot {
                try check(root.squared == x && symbol >= 0, "root of \(a)")
                squares += 1
            } else {
                try check(symbol == -1, "\(a) has a root")
            }
            let square = x.squared
            try check(square.squareRoot.map { $0 == x || $0 == x.negated } ?? false, "root of the square of \(a)")
        }
        #expect(squares > 150)
    }

    /// Roots of unity of every order are the hard cases of Tonelli and Shanks.
    @Test func rootsOfUnity() throws {
        var root = Fn.rootOfUnity
        for order in (0..<6).reversed() {
            if order == 5 { #expect(root.squareRoot == nil) }
            root = root.squared
            let found = try #require(root.squareRoot)
            #expect(found.squared == root)
        }
        #expect(root == .one)
        #expect(Fn.one.negated.squareRoot?.squared == Fn.one.negated)
        #expect(Fp.one.negated.squareRoot == nil)
    }

    /// Roots taken together are those taken alone, in order, for even and odd numbers of elements and with non-residues among them.
    @Test func rootsTogether() throws {
        func check<F: PrimeField>(_: F.Type) throws {
            let m = BigInteger(F.modulus)
            var random = SeededGenerator(seed: 5)
            var elements = try edges(of: m).map { F(canonical: try $0.words()) }
            for _ in 0..<50 { elements.append(F(reducingLittleEndian: random.bytes(48))) }
            for count in [0, 1, 2, 3, 7, elements.count - 1, elements.count] {
                let some = Array(elements.prefix(count))
                let together = F.squareRoots(some)
                #expect(together.count == count)
                for (x, root) in zip(some, together) {
                    #expect((root == nil) == (try BigInteger(x.canonical).jacobi(m) == -1))
                    if let root { #expect(root.squared == x) }
                }
            }
        }
        try check(Fp.self)
        try check(Fn.self)
        try check(ShortFp.self)
        try check(ShortFn.self)
        try check(P256.Scalar.self)
    }

    /// The eightfold arithmetic against the plain one: edges and random elements, the exponents of roots and odd ones.
    @Test func powersInLanes() throws {
        func check<F: PrimeField>(_: F.Type) throws {
            let m = BigInteger(F.modulus)
            let d = try #require(F.complement)
            #expect((1 << 256) - m == BigInteger(U256(d.0, d.1, d.2, 0)))
            var random = SeededGenerator(seed: 6)
            var elements = try edges(of: m).map { F(canonical: try $0.words()) }
            for _ in 0..<100 { elements.append(F(reducingLittleEndian: random.bytes(48))) }
            var exponents = [U256(1), U256(2), U256(3), U256(31), F.modulus, U256(.max, .max, .max, .max), U256(0, 0, 0, 1 << 63)]
            for _ in 0..<5 { exponents.append(U256(bigEndian: random.bytes(32)[...])) }
            for exponent in exponents {
                let expected = elements.map { $0.power(exponent) }
                #expect(Lanes.two(elements[...], exponent) == expected)
                if Lanes.isAvailable { #expect(Lanes.sixteen(elements, exponent, d) == expected) }
                #expect(Lanes.powers(Array(elements.prefix(3)), exponent) == Array(expected.prefix(3)))
            }
        }
        try check(Fp.self)
        try check(Fn.self)
    }

    @Test func constants() throws {
        let r: BigInteger = 1 << 256
        #expect(BigInteger(Fp.modulus) == r - (1 << 32) - 977)
        let n = BigInteger(Fn.modulus)
        #expect(BigInteger(Fn.modulus) == r - (1 << 128) - (BigInteger(U256(Fn.e0, Fn.e1, 0, 0))))
        #expect((n - 1).trailingZeroBitCount == 6)
        let odd = (n - 1) >> 6
        #expect(BigInteger(Fn.oddPartHalf) == (odd - 1) >> 1)
        #expect(try BigInteger(Fn.rootOfUnity.canonical) == (5 as BigInteger).power(odd, modulo: n))
        #expect(try (5 as BigInteger).jacobi(n) == -1)
    }

    @Test func powersModuloP() throws { try powers(Fp.self) }
    @Test func powersModuloN() throws { try powers(Fn.self) }
    @Test func powersModuloPInShortLimbs() throws { try powers(ShortFp.self) }
    @Test func powersModuloNInShortLimbs() throws { try powers(ShortFn.self) }

    private func powers<F: PrimeField>(_: F.Type) throws {
        let m = BigInteger(F.modulus)
        var random = SeededGenerator(seed: 4)
        let exponents = try edges(of: m)
        for (i, e) in exponents.enumerated() where i % 3 == 0 {
            let a = BigInteger(bigEndian: random.bytes(32))
            let x = F(canonical: try a.words())
            try check(BigInteger(x.power(try e.words()).canonical) == (try a.power(e, modulo: m)), "\(a)^\(e)")
        }
        #expect(F.zero.power(.zero) == .one)
        #expect(F.zero.power(U256(5)) == .zero)
        let x = F(canonical: try BigInteger(bigEndian: random.bytes(32)).words())
        let list = x.powers(20)
        #expect(list.count == 20)
        for (i, power) in list.enumerated() { #expect(power == x.power(U256(UInt64(i)))) }
        #expect(x.powers(0).isEmpty)
    }

    @Test func encodingsModuloP() throws { try encodings(Fp.self) }
    @Test func encodingsModuloN() throws { try encodings(Fn.self) }
    @Test func encodingsModuloPInShortLimbs() throws { try encodings(ShortFp.self) }
    @Test func encodingsModuloNInShortLimbs() throws { try encodings(ShortFn.self) }

    private func encodings<F: PrimeField>(_: F.Type) throws {
        let m = BigInteger(F.modulus)
        var random = SeededGenerator(seed: 5)
        for a in try edges(of: m) + (0..<1000).map({ _ in BigInteger(bigEndian: random.bytes(32)) }) {
            let bytes = try a.bigEndian(count: 32)
            do {
                let x = try F(encoded: bytes[...])
                try check(a < m && x.encoded == bytes && BigInteger(x.canonical) == a, "\(a) decoded")
            } catch CurveError.notCanonical {
                try check(a >= m, "\(a) refused")
            }
        }
        for count in [0, 1, 31, 33, 64] {
            #expect(throws: CurveError.length) { try F(encoded: [UInt8](repeating: 0, count: count)[...]) }
        }
        // A slice need not begin at 0.
        let slice = ([9, 9] + F(77).encoded + [9])[2..<34]
        #expect(try F(encoded: slice) == F(77))
    }

    @Test func reductionsOfBytesModuloP() throws { try reductionsOfBytes(Fp.self) }
    @Test func reductionsOfBytesModuloN() throws { try reductionsOfBytes(Fn.self) }
    @Test func reductionsOfBytesModuloPInShortLimbs() throws { try reductionsOfBytes(ShortFp.self) }
    @Test func reductionsOfBytesModuloNInShortLimbs() throws { try reductionsOfBytes(ShortFn.self) }
    @Test func reductionsOfBytesModuloSmall() throws { try reductionsOfBytes(ToyField<M7069>.self) }

    private func reductionsOfBytes<F: PrimeField>(_: F.Type) throws {
        let m = BigInteger(F.modulus)
        var random = SeededGenerator(seed: 6)
        for count in 0...64 {
            var cases = [[UInt8](repeating: 0, count: count), [UInt8](repeating: 255, count: count)]
            for _ in 0..<20 { cases.append(random.bytes(count)) }
            for multiple in 1...3 where count > 33 {
                for distance in -1...1 {
                    cases.append(try (m * BigInteger(multiple) + BigInteger(distance)).littleEndian(count: count))
                    cases.append(try ((m << (8 * (count - 33))) * BigInteger(multiple) + BigInteger(distance)).littleEndian(count: count))
                }
            }
            for bytes in cases {
                let value = try BigInteger(littleEndian: bytes).modulo(m)
                try check(BigInteger(F(reducingLittleEndian: bytes).canonical) == value, "\(hex(bytes)) reduced")
            }
        }
    }

    @Test func smallIntegers() throws {
        for value: UInt64 in [0, 1, 7, 1 << 32, .max - 1, .max] {
            #expect(BigInteger(Fp(value).canonical) == BigInteger(value))
            #expect(BigInteger(Fn(value).canonical) == BigInteger(value))
        }
        for value: Int64 in [.min, .min + 1, -5, -1, 0, 1, 5, .max] {
            #expect(try BigInteger(Fp(signed: value).canonical) == BigInteger(value).modulo(BigInteger(Fp.modulus)))
            #expect(try BigInteger(Fn(signed: value).canonical) == BigInteger(value).modulo(BigInteger(Fn.modulus)))
        }
    }

    @Test func selections() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<100 {
            let a = U256(bigEndian: random.bytes(32)[...]), b = U256(bigEndian: random.bytes(32)[...])
            #expect(Fp.select(0, Fp(canonical: a), Fp(canonical: b)) == Fp(canonical: a))
            #expect(Fp.select(.max, Fp(canonical: a), Fp(canonical: b)) == Fp(canonical: b))
            #expect(Fn.select(0, Fn(canonical: a), Fn(canonical: b)) == Fn(canonical: a))
            #expect(Fn.select(.max, Fn(canonical: a), Fn(canonical: b)) == Fn(canonical: b))
        }
        for a: UInt64 in 0..<40 {
            for b: UInt64 in 0..<40 { #expect(equalityMask(a, b) == (a == b ? .max : 0)) }
        }
        for bit in 0..<64 { #expect(equalityMask(1 << bit, 0) == 0 && equalityMask(1 << bit, 1 << bit) == .max) }
    }

    @Test func manyInverses() {
        var random = SeededGenerator(seed: 8)
        for count in [0, 1, 2, 3, 50] {
            for zeros in 0..<4 {
                var all = (0..<count).map { i in i % 4 < zeros ? Fp.zero : Fp(canonical: U256(bigEndian: random.bytes(32)[...])) }
                if count > 2 && zeros == 3 { all[2] = Fp(canonical: Fp.modulus) }  // the other form of zero
                let expected = all.map { $0.inverted }
                Fp.invert(&all)
                #expect(all == expected)
            }
        }
    }

    /// Chance that two of 1000 scalars agree, or that one bit is the same in all: none.
    @Test func randomScalars() {
        let all = (0..<1000).map { _ in Fn.random().canonical }
        #expect(Set(all.map { BigInteger($0) }).count == 1000)
        #expect(all.allSatisfy { !$0.isZero && $0 < Fn.modulus })
        let ones = all.reduce(U256.zero) { U256($0.w0 | $1.w0, $0.w1 | $1.w1, $0.w2 | $1.w2, $0.w3 | $1.w3) }
        let zeros = all.reduce(U256(.max, .max, .max, .max)) { U256($0.w0 & $1.w0, $0.w1 & $1.w1, $0.w2 & $1.w2, $0.w3 & $1.w3) }
        #expect(ones == U256(.max, .max, .max, .max) && zeros.isZero)
    }
}
