import Curves
import TestSupport
import Testing

/// Sums of products on toy curves: all scalars, and points that meet, cancel and repeat.
@Suite struct ToyMultiScalarTests {
    /// A sum as it is, which is of few terms, and among `padding` others that are zero or cancel, which makes it one of many.
    private func inBothWays<C: Curve>(
        _ table: PointTable<C>, _ scalars: [Int], _ logarithms: [Int], _ which: @autoclosure () -> String, padding: Int = 60
    ) throws {
        let expected = zip(scalars, logarithms).reduce(0) { ($0 + $1.0 * $1.1) % table.order }
        var k = scalars.map { table.scalar($0) }, p = logarithms.map { table.points[$0]! }
        try check(table.logarithm(multiScalarMultiply(k, p)) == expected, which())
        for i in 0..<padding {
            k.append(i % 3 == 0 ? .zero : table.scalar(5 + i / 3))
            p.append(i % 3 == 1 ? table.points[1 + i / 3]! : table.points[table.order - 1 - i / 3]!)
        }
        try check(table.logarithm(multiScalarMultiply(k, p)) == expected, which() + " among others")
    }

    /// Every scalar, one point.
    @Test func onePoint() throws {
        let small = try PointTable(Toy241.self), large = try PointTable(Toy7219.self)
        for k in 0..<small.order { try inBothWays(small, [k], [17], "\(k)") }
        for k in 0..<large.order { try inBothWays(large, [k], [17], "\(k)") }
    }

    /// Every pair of scalars, with a second point that is equal, opposite, double, half or another.
    @Test func twoPoints() throws {
        let table = try PointTable(Toy241.self)
        let a = 5
        for b in [a, table.order - a, 2 * a, 108, 77] {
            for k in 0..<table.order {
                for l in 0..<table.order {
                    let k2 = [table.scalar(k), table.scalar(l)]
                    let expected = (k * a + l * b) % table.order
                    let sum = multiScalarMultiply(k2, [table.points[a]!, table.points[b]!])
                    try check(table.logarithm(sum) == expected, "\(k) \(a) + \(l) \(b)")
                    if (k + l) % 16 == b % 16 { try inBothWays(table, [k, l], [a, b], "\(k) \(a) + \(l) \(b)") }
                }
            }
        }
    }

    @Test func empty() {
        #expect(multiScalarMultiply([], [] as [Affine<Toy241>]).isIdentity)
    }

    /// Many points from few, so that buckets meet equal and opposite points all the time; every third sum is zero by its last scalar.
    @Test func manyPoints() throws {
        try manyPoints(Toy241.self)
        try manyPoints(Toy211.self)
        try manyPoints(Toy7069.self)
    }

    private func manyPoints<C: Curve>(_: C.Type) throws {
        let table = try PointTable(C.self)
        var random = SeededGenerator(seed: 30)
        func below(_ n: Int) -> Int { Int(random.next() % UInt64(n)) }
        for count in Array(1...60) + [100, 179, 180, 181, 399, 400, 899, 900, 2200, 5000] {
            for variant in 0..<(count > 100 ? 3 : 9) {
                let choice = 1 + below(variant % 3 == 0 ? 3 : table.order - 1)
                var logarithms = (0..<count).map { _ in 1 + below(choice) }
                if variant % 2 == 1 { logarithms = logarithms.map { below(2) == 1 ? table.order - $0 : $0 } }
                var scalars = (0..<count).map { _ in below(table.order) }
                if variant == 4 { scalars = scalars.map { _ in table.order - 1 } }
                var expected = zip(scalars, logarithms).reduce(0) { ($0 + $1.0 * $1.1) % table.order }
                if variant % 3 == 2 {
                    // append the opposite of the sum
                    logarithms.append(expected == 0 ? 1 : table.order - expected)
                    scalars.append(expected == 0 ? 0 : 1)
                    expected = 0
                }
                let points = logarithms.map { table.points[$0]! }
                let elements = scalars.map { table.scalar($0) }
                try check(table.logarithm(multiScalarMultiply(elements, points)) == expected, "\(count) points, variant \(variant)")
            }
        }
    }

    /// The group's own entrance takes identities too.
    @Test func sumsOfElements() throws {
        let table = try PointTable(Toy241.self)
        for n in [0, 1, 3, 60] {
            let logarithms = (0..<n).map { $0 % 4 == 0 ? 0 : 3 * $0 }
            let elements = logarithms.map { table.point($0, z: Toy241.Base(9)) }
            let sum = Toy241.multiScalar((0..<n).map { table.scalar(7 * $0) }, elements)
            #expect(table.logarithm(sum) == (0..<n).reduce(0) { $0 + 7 * $1 * logarithms[$1] } % table.order)
        }
    }
}
