import BigIntegers
import Curves
import TestSupport
import Testing

/// secp256k1 and secq256k1 as they are used.
@Suite struct CurveTests {
    /// One point of the claimed prime order, which by Hasse's bound settles the order of the curve.
    @Test func orders() {
        order(Secp256k1.self)
        order(Secq256k1.self)
    }

    private func order<C: Curve>(_: C.Type) {
        let base = Point(C.basePoint)
        #expect(C.basePoint.isOnCurve && !base.isIdentity)
        // (order - 1) G = -G
        #expect(base.multiplied(by: C.Scalar.one.negated) == base.negated)
        #expect((base.multiplied(by: C.Scalar.one.negated) + base).isIdentity)
        #expect(!base.doubled.isIdentity)
    }

    @Test func cycle() {
        #expect(Secp256k1.Base.modulus == Secq256k1.Scalar.modulus && Secq256k1.Base.modulus == Secp256k1.Scalar.modulus)
        #expect(Secp256k1.elementLength == 33 && Secq256k1.elementLength == 33)
    }

    @Test func againstOpenSSL() throws {
        let openSSL = try OpenSSLCurve()
        var random = SeededGenerator(seed: 40)
        let base = Secp256k1.basePoint
        let other = hashToCurve([1], domain: [2]).affine!
        let fixedBase = FixedBase(base), fixedOther = FixedBase(other)
        var scalars = try edgeScalars(Fn.self)
        for _ in 0..<100 { scalars.append(Fn(reducingLittleEndian: random.bytes(48))) }
        let zero = Fn.zero.encoded
        for (i, k) in scalars.enumerated() {
            let expected = try openSSL.multiply(base: k.encoded, zero, other.encoded)
            let expectedOther = try openSSL.multiply(base: zero, k.encoded, other.encoded)
            try check(openSSLEncoding(Secp256k1.base.multiplied(by: k)) == expected, "\(hex(k.encoded)) G")
            try check(openSSLEncoding(fixedBase.multiplied(by: k)) == expected, "\(hex(k.encoded)) G, fixed")
            try check(openSSLEncoding(multiScalarMultiply([k], [base])) == expected, "\(hex(k.encoded)) G, one of a sum")
            try check(openSSLEncoding(Point(other).multiplied(by: k)) == expectedOther, "\(hex(k.encoded)) P")
            try check(openSSLEncoding(fixedOther.multiplied(by: k)) == expectedOther, "\(hex(k.encoded)) P, fixed")
            let l = scalars[(i * 7 + 3) % scalars.count]
            let both = try openSSL.multiply(base: k.encoded, l.encoded, other.encoded)
            try check(openSSLEncoding(multiScalarMultiply([k, l], [base, other])) == both, "\(hex(k.encoded)) G + \(hex(l.encoded)) P")
            let sum = Secp256k1.add(Secp256k1.multiply(k, Secp256k1.base), Secp256k1.multiply(l, Point(other)))
            try check(openSSLEncoding(sum) == both, "\(hex(k.encoded)) G + \(hex(l.encoded)) P as a group")
        }
    }

    @Test func additionsAgainstOpenSSL() throws {
        let openSSL = try OpenSSLCurve()
        var points = [Secp256k1.basePoint]
        for i in 0..<12 as Range<UInt8> { points.append(hashToCurve([i], domain: [7]).affine!) }
        points += points.prefix(4).map { $0.negated }
        points.append(Secp256k1.base.doubled.affine!)
        for a in points {
            #expect(openSSLEncoding(Point(a).doubled) == (try openSSL.add(a.encoded, a.encoded)))
            for b in points {
                let expected = try openSSL.add(a.encoded, b.encoded)
                try check(openSSLEncoding(Point(a) + Point(b)) == expected, "sum")
                try check(openSSLEncoding(Point(a) + b) == expected, "mixed sum")
                try check(openSSLEncoding(Point(a) - b.negated) == expected, "difference")
            }
        }
    }

    /// OpenSSL does not know secq256k1; the textbook does.
    @Test func againstTheTextbook() throws {
        try againstTheTextbook(Secq256k1.self)
        try againstTheTextbook(Secp256k1.self)
    }

    private func againstTheTextbook<C: Curve>(_: C.Type) throws {
        let plain = PlainCurve(C.self)
        var random = SeededGenerator(seed: 41)
        let base = C.basePoint
        let far = Point(base).multiplied(by: C.Scalar(canonical: U256(bigEndian: random.bytes(32)[...])))
        let fixed = FixedBase(base)
        let scalars = try edgeScalars(C.Scalar.self)
        for (i, k) in scalars.enumerated() where i % 3 == 0 {
            let integer = BigInteger(k.canonical)
            let expected = try plain.multiply(integer, PlainCurve.Point(base))
            try check(Point(base).multiplied(by: k).plain == expected, "\(integer) G")
            try check(fixed.multiplied(by: k).plain == expected, "\(integer) G, fixed")
            try check(multiScalarMultiply([k], [base]).plain == expected, "\(integer) G, one of a sum")
            try check(far.multiplied(by: k).plain == (try plain.multiply(integer, far.plain)), "\(integer) P")
        }
        // Additions, with all that is special about them.
        var points: [Point<C>] = [.identity, Point(base), Point(base).negated, Point(base).doubled, far, far.negated, far.doubled]
        for _ in 0..<6 { points.append(far.multiplied(by: C.Scalar(canonical: U256(bigEndian: random.bytes(32)[...])))) }
        for a in points {
            try check(a.doubled.plain == (try plain.add(a.plain, a.plain)), "double")
            try check(a.negated.plain == (try plain.negate(a.plain)), "negative")
            for b in points {
                let expected = try plain.add(a.plain, b.plain)
                try check((a + b).plain == expected && (a == b) == (a.plain == b.plain), "sum")
                if let q = b.affine { try check((a + q).plain == expected && (a - q.negated).plain == expected, "mixed sum") }
            }
        }
        #expect(Point.normalize(points) == points.map { $0.affine })
    }

    @Test func encodings() throws {
        let openSSL = try OpenSSLCurve()
        try encodings(Secp256k1.self) { openSSL.accepts($0) }
        let plain = PlainCurve(Secq256k1.self)
        try encodings(Secq256k1.self) { bytes in
            let x = BigInteger(bigEndian: bytes[1...])
            let right = try (x * x * x + plain.b).jacobi(plain.m)
            return (bytes[0] == 2 || bytes[0] == 3) && x < plain.m && right == 1
        }
    }

    private func encodings<C: Curve>(_: C.Type, accepts: ([UInt8]) throws -> Bool) throws {
        var random = SeededGenerator(seed: 42)
        let m = BigInteger(C.Base.modulus)
        var accepted = 0
        var all = try edges(of: m).map { try $0.bigEndian(count: 32) }
        for _ in 0..<200 { all.append(random.bytes(32)) }
        for x in all {
            for prefix: UInt8 in [2, 3] {
                let decoded = try? C.decode(([prefix] + x)[...])
                try check((decoded != nil) == (try accepts([prefix] + x)), "\(prefix) \(hex(x))")
                guard let p = decoded?.affine else { continue }
                accepted += 1
                try check(p.isOnCurve && p.encoded == [prefix] + x, "\(prefix) \(hex(x)) decoded")
                try check(p.negated.encoded == [prefix ^ 1] + x, "\(prefix) \(hex(x)) negated")
                for other: UInt8 in [0, 1, 4, 5, 6, 7, 0x82, 0xff] {
                    try check((try? C.decode(([other] + x)[...])) == nil, "prefix \(other)")
                }
                for wrong in [[prefix] + x.dropLast(), [prefix] + x + [0], [0, prefix] + x, [4] + x + p.y.encoded] {
                    try check(refusal(C.self, wrong) == .length, "\(wrong.count) bytes")
                }
            }
        }
        #expect(accepted > 200)
        // The modulus added to x: the same residue, another encoding.
        let small = Affine<C>(x: C.basePoint.x, oddY: false)!
        let shifted = BigInteger(small.x.canonical) + m
        if shifted < 1 << 256 {
            #expect(try refusal(C.self, [2] + (shifted.bigEndian(count: 32))) == .notCanonical)
        }
        #expect(refusal(C.self, [2] + C.Base.modulus.bigEndian) == .notCanonical)
        #expect(refusal(C.self, []) == .length)
        #expect(refusal(C.self, [0]) == .length)
        #expect(refusal(C.self, [UInt8](repeating: 0, count: 33)) == .notCanonical)
        #expect(refusal(C.self, [2] + C.Base.zero.encoded) == .notOnCurve)
        #expect(throws: CurveError.identity) { try C.encode(.identity) }
    }

    @Test func selections() {
        let a = Secp256k1.base, b = a.doubled
        #expect(Point.select(0, a, b) == a && Point.select(.max, a, b) == b)
        #expect(Affine.select(0, a.affine!, b.affine!) == a.affine! && Affine.select(.max, a.affine!, b.affine!) == b.affine!)
    }
}

/// Why these bytes are refused as a point, nil if they are not.
func refusal<C: Curve>(_: C.Type, _ bytes: some Sequence<UInt8>) -> CurveError? {
    do throws(CurveError) {
        _ = try C.decode(Array(bytes)[...])
        return nil
    } catch {
        return error
    }
}
