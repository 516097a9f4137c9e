import BigIntegers
import Curves
import TestSupport
import Testing

/// Generic curve code on curves so small that every case there is can be tried; what must come out is counted with logarithms.
@Suite struct ToyCurveTests {
    @Test func curvesAreAsTheyClaim() throws {
        try curveIsAsItClaims(Toy241.self)
        try curveIsAsItClaims(Toy211.self)
        try curveIsAsItClaims(Toy7069.self)
        try curveIsAsItClaims(Toy7219.self)
        #expect(Toy241.Base.modulus == Toy211.Scalar.modulus && Toy211.Base.modulus == Toy241.Scalar.modulus)
        #expect(Toy7069.Base.modulus == Toy7219.Scalar.modulus && Toy7219.Base.modulus == Toy7069.Scalar.modulus)
    }

    private func curveIsAsItClaims<C: Curve>(_: C.Type) throws {
        let m = Int(C.Base.modulus.w0)
        var rootsOf = [Int](repeating: 0, count: m)
        for y in 0..<m { rootsOf[y * y % m] += 1 }
        let points = 1 + (0..<m).reduce(0) { $0 + rootsOf[($1 * $1 % m * $1 + Int(C.b)) % m] }
        #expect(U256(UInt64(points)) == C.Scalar.modulus)
        #expect(BigInteger(points).isProbablePrime() && BigInteger(m).isProbablePrime() && points != m)
        #expect(rootsOf[Int(C.b)] == 0)
        #expect((1..<m).allSatisfy { ($0 * $0 % m * $0 + Int(C.b)) % m != 0 })
        #expect(C.basePoint.isOnCurve)
        #expect(try PointTable(C.self).order == points)
    }

    /// The field that all of this stands on, by every pair.
    @Test func toyField() throws {
        let all = ToyField<M241>.all
        for a in all {
            for b in all {
                try check((a + b).value == (a.value + b.value) % 241, "\(a) + \(b)")
                try check((a - b) + b == a, "\(a) - \(b)")
                try check((a * b).value == a.value * b.value % 241, "\(a) * \(b)")
            }
            try check((a + a.negated).isZero && a.squared == a * a, "\(a)")
            try check(a.isZero ? a.inverted.isZero : a * a.inverted == .one, "1/\(a)")
            try check(a.squared.squareRoot?.squared == a.squared, "root of the square of \(a)")
            try check((try? ToyField<M241>(encoded: a.encoded[...])) == a, "\(a) decoded")
        }
        #expect(throws: CurveError.notCanonical) { try ToyField<M241>(encoded: [241]) }
        #expect(throws: CurveError.length) { try ToyField<M241>(encoded: [0, 0]) }
    }

    @Test func additionsOfAllPairs() throws {
        try additions(Toy241.self)
        try additions(Toy211.self)
    }

    private func additions<C: Curve>(_: C.Type) throws {
        let table = try PointTable(C.self)
        var random = SeededGenerator(seed: 20)
        func z() -> C.Base { C.Base(1 + random.next() % (C.Base.modulus.w0 - 1)) }
        for a in 0..<table.order {
            for b in 0..<table.order {
                let p = table.point(a, z: z()), q = table.point(b, z: z())
                try check(table.logarithm(p + q) == (a + b) % table.order, "\(a) + \(b)")
                try check(table.logarithm(p - q) == (a - b + table.order) % table.order, "\(a) - \(b)")
                try check((p == q) == (a == b), "\(a) == \(b)")
                if let affine = table.points[b] {
                    try check(table.logarithm(p + affine) == (a + b) % table.order, "\(a) + affine \(b)")
                    try check(table.logarithm(p - affine) == (a - b + table.order) % table.order, "\(a) - affine \(b)")
                    var sum = p
                    sum += affine
                    sum += q
                    try check(table.logarithm(sum) == (a + 2 * b) % table.order, "\(a) + \(b) in place")
                }
            }
        }
    }

    /// Every representation of every point.
    @Test func doublingsNegationsAndAffineForms() throws {
        let table = try PointTable(Toy241.self)
        for a in 0..<table.order {
            for z in Toy241.Base.all where !z.isZero {
                let p = table.point(a, z: z)
                try check(table.logarithm(p.doubled) == 2 * a % table.order, "2 \(a), z \(z)")
                try check(table.logarithm(p.negated) == (table.order - a) % table.order, "-\(a), z \(z)")
                try check(p.affine == table.points[a], "affine \(a), z \(z)")
                try check(p == table.point(a) && p.isIdentity == (a == 0), "\(a), z \(z)")
            }
        }
    }

    @Test func normalizationOfMany() throws {
        let table = try PointTable(Toy241.self)
        for identities in [[], [0], [0, 0, 7], [3, 0, 0, 5, 0], Array(0..<211)] {
            let points = identities.map { table.point($0, z: Toy241.Base(UInt64(5 + $0))) }
            #expect(Point.normalize(points) == identities.map { table.points[$0] })
        }
    }

    @Test func allPointsByAllScalars() throws {
        try multiplications(Toy241.self)
        try multiplications(Toy211.self)
    }

    private func multiplications<C: Curve>(_: C.Type) throws {
        let table = try PointTable(C.self)
        for a in 0..<table.order {
            let p = table.point(a, z: C.Base(UInt64(3 + a % 7)))
            let fixed = table.points[a].map { FixedBase<C>($0) }
            for k in 0..<table.order {
                let scalar = table.scalar(k)
                try check(table.logarithm(p.multiplied(by: scalar)) == k * a % table.order, "\(k) times \(a)")
                try check(table.logarithm(C.multiply(scalar, p)) == k * a % table.order, "\(k) times \(a) as a group")
                if let fixed { try check(table.logarithm(fixed.multiplied(by: scalar)) == k * a % table.order, "\(k) times fixed \(a)") }
            }
        }
    }

    /// A scalar of 13 bits has other windows than one of 8.
    @Test func allScalarsOfTheLargerCurves() throws {
        try allScalars(Toy7069.self)
        try allScalars(Toy7219.self)
    }

    private func allScalars<C: Curve>(_: C.Type) throws {
        let table = try PointTable(C.self)
        let a = 1234
        let p = table.point(a, z: C.Base(99)), fixed = FixedBase<C>(table.points[a]!)
        for k in 0..<table.order {
            let scalar = table.scalar(k)
            try check(table.logarithm(p.multiplied(by: scalar)) == k * a % table.order, "\(k) times \(a)")
            try check(table.logarithm(fixed.multiplied(by: scalar)) == k * a % table.order, "\(k) times fixed \(a)")
            try check(table.logarithm(multiScalarMultiply([scalar], [table.points[a]!])) == k * a % table.order, "\(k) times \(a), straus")
        }
    }

    @Test func encodingsOfAllPoints() throws {
        let table = try PointTable(Toy241.self)
        let plain = PlainCurve(Toy241.self)
        var valid: [[UInt8]: Affine<Toy241>] = [:]
        for p in table.points {
            guard let p else { continue }
            valid[p.encoded] = p
            #expect(p.encoded == [p.y.value % 2 == 0 ? 2 : 3, UInt8(p.x.value)])
            #expect(try plain.contains(PlainCurve.Point(p)))
        }
        #expect(valid.count == 210)
        // Every string of two bytes, and no other lengths.
        for prefix in 0...255 as ClosedRange<UInt8> {
            for x in 0...255 as ClosedRange<UInt8> {
                let expected: CurveError? =
                    valid[[prefix, x]] != nil ? nil : prefix != 2 && prefix != 3 || x >= 241 ? .notCanonical : .notOnCurve
                try check(refusal(Toy241.self, [prefix, x]) == expected, "\(prefix) \(x)")
                try check((try? Affine<Toy241>(encoded: [prefix, x])) == valid[[prefix, x]], "\(prefix) \(x) decoded")
            }
            #expect(throws: CurveError.length) { try Affine<Toy241>(encoded: [prefix]) }
            #expect(throws: CurveError.length) { try Affine<Toy241>(encoded: [prefix, 1, 1]) }
        }
        #expect(throws: CurveError.length) { try Affine<Toy241>(encoded: []) }
        #expect(throws: CurveError.identity) { try Toy241.encode(.identity) }
    }

    /// Two bytes for x: every x, the canonical and the others, under every prefix that is near.
    @Test func encodingsOfTheLargerCurve() throws {
        let table = try PointTable(Toy7069.self)
        var valid: Set<[UInt8]> = []
        for p in table.points { if let p { valid.insert(p.encoded) } }
        #expect(valid.count == 7218)
        var accepted = 0
        for x in 0..<8000 {
            for prefix in 0..<5 as Range<UInt8> {
                let bytes = [prefix, UInt8(x >> 8), UInt8(x & 255)]
                let decoded = try? Affine<Toy7069>(encoded: bytes[...])
                try check((decoded != nil) == valid.contains(bytes), "\(bytes)")
                if let decoded {
                    try check(decoded.encoded == bytes && decoded.isOnCurve, "\(bytes)")
                    accepted += 1
                }
            }
        }
        #expect(accepted == 7218)
    }
}
