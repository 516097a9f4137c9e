import Curves
import TestSupport
import Testing

/// Sums of products on the real curves, at every size where the method or its window changes.
@Suite struct MultiScalarTests {
    @Test func secp256k1() throws { try sums(Secp256k1.self, sizes: sizes + [5000, 12000, 20000, 40000]) }
    @Test func secq256k1() throws { try sums(Secq256k1.self, sizes: sizes) }

    private var sizes: [Int] { Array(1...60) + [99, 100, 128, 179, 180, 255, 256, 399, 400, 511, 512, 513, 899, 900, 2199, 2200] }

    private func sums<C: Curve>(_: C.Type, sizes: [Int]) throws {
        var random = SeededGenerator(seed: 50)
        // Points with known logarithms i + 1.
        let base = C.basePoint
        let fixed = FixedBase(base)
        var running: [Point<C>] = [Point(base)]
        for _ in 1..<(sizes.max() ?? 1) { running.append(running[running.count - 1] + base) }
        let points = Point.normalize(running).map { $0! }
        let edge = try edgeScalars(C.Scalar.self)
        for size in sizes {
            let scalars = (0..<size).map { i in
                i % 5 == 0 ? edge[i % edge.count] : C.Scalar(canonical: U256(random.next(), random.next(), random.next(), random.next()))
            }
            var logarithm = C.Scalar.zero
            for (i, k) in scalars.enumerated() { logarithm += k * C.Scalar(UInt64(i + 1)) }
            let sum = multiScalarMultiply(scalars, Array(points[..<size]))
            try check(sum == fixed.multiplied(by: logarithm), "\(size) points")
            if size < 200 && size % 3 == 0 {
                var naive = Point<C>.identity
                for (k, p) in zip(scalars, points) { naive += Point(p).multiplied(by: k) }
                try check(sum == naive, "\(size) points one by one")
            }
        }
    }

    /// Equal, opposite and cancelling points in numbers that make buckets collide.
    @Test func collisions() {
        let p = Secp256k1.basePoint
        let k = Fn(canonical: U256(0x1111_1111_1111_1111, 0x1111_1111_1111_1111, 0x1111_1111_1111_1111, 0x1111_1111_1111_1111))
        for count in [2, 46, 48, 200, 1000] {
            let same = multiScalarMultiply([Fn](repeating: k, count: count), [Affine](repeating: p, count: count))
            #expect(same == Point(p).multiplied(by: k * Fn(UInt64(count))))
            let alternating = (0..<count).map { $0 % 2 == 0 ? p : p.negated }
            #expect(multiScalarMultiply([Fn](repeating: k, count: count), alternating).isIdentity)
            let signs = (0..<count).map { $0 % 2 == 0 ? k : k.negated }
            #expect(multiScalarMultiply(signs, [Affine](repeating: p, count: count)).isIdentity)
            #expect(multiScalarMultiply([Fn](repeating: .zero, count: count), alternating).isIdentity)
            #expect(multiScalarMultiply([Fn](repeating: Fn.one.negated, count: count), alternating).isIdentity)
        }
        #expect(multiScalarMultiply([], [] as [Affine<Secp256k1>]).isIdentity)
    }
}
