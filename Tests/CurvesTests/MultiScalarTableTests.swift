import Curves
import TestSupport
import Testing

/// Sums over points known in advance.
@Suite struct MultiScalarTableTests {
    @Test func allScalarsOnAToyCurve() throws {
        let points = try PointTable(Toy7069.self)
        let table = MultiScalarTable([points.points[17]!, points.points[points.order - 17]!, points.points[34]!])
        #expect(table.count == 3)
        for k in 0..<points.order {
            let scalar = points.scalar(k)
            try check(points.logarithm(table.sum([scalar])) == 17 * k % points.order, "\(k)")
            try check(table.sum([scalar, scalar]).isIdentity, "\(k), opposite points")
            let l = 31 * k % points.order
            let sum = table.sum([(2, scalar), (0, points.scalar(l)), (2, scalar)])
            try check(points.logarithm(sum) == (68 * k + 17 * l) % points.order, "\(k), a point twice")
        }
        #expect(table.sum([Toy7069.Scalar]()).isIdentity)
    }

    @Test func manyOnToyCurves() throws {
        try many(Toy241.self)
        try many(Toy7219.self)
    }

    private func many<C: Curve>(_: C.Type) throws {
        let points = try PointTable(C.self)
        var random = SeededGenerator(seed: 80)
        for round in 0..<60 {
            let spread = round % 2 == 0 ? 4 : points.order - 1
            let logarithms = (0..<(1 + round * 5)).map { _ in 1 + Int(random.next() % UInt64(spread)) }
            let table = MultiScalarTable(logarithms.map { points.points[$0]! })
            let scalars = logarithms.map { _ in Int(random.next() % UInt64(points.order)) }
            let expected = zip(scalars, logarithms).reduce(0) { ($0 + $1.0 * $1.1) % points.order }
            try check(points.logarithm(table.sum(scalars.map { points.scalar($0) })) == expected, "\(logarithms.count) points")
        }
    }

    @Test func secp256k1() throws { try agrees(Secp256k1.self) }
    @Test func secq256k1() throws { try agrees(Secq256k1.self) }

    /// The same as the sum without a table, for prefixes of the points, edge scalars among them.
    private func agrees<C: Curve>(_: C.Type) throws {
        var random = SeededGenerator(seed: 81)
        var running = [Point<C>](repeating: C.base, count: 1)
        for _ in 1..<600 { running.append(running[running.count - 1].doubled + C.basePoint) }
        let points = Point.normalize(running).map { $0! }
        let table = MultiScalarTable(points)
        let edge = try edgeScalars(C.Scalar.self)
        for count in [0, 1, 2, 3, 17, 100, 255, 256, 257, 600] {
            let scalars = (0..<count).map { i in i % 3 == 0 ? edge[i % edge.count] : C.Scalar(reducingLittleEndian: random.bytes(48)) }
            try check(table.sum(scalars) == multiScalarMultiply(scalars, Array(points[..<count])), "\(count) points")
        }
        for (i, k) in edge.enumerated() {
            let one: [(Int, C.Scalar)] = [(i % 600, k)]
            try check(table.sum(one) == Point(points[i % 600]).multiplied(by: k), "edge \(i)")
        }
    }
}
