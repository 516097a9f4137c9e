import Benchmark
import Curves
import Proofs

/// Point operations and multi-scalar sums of 64 to 16384 points.
func curveBenchmarks<C: ArgumentCurve>(_: C.Type, _ name: String) {
    let p = C.base, q = C.bases.value.point
    perThousand("\(name): add") { count in
        var x = p
        for _ in 0..<count { x += p }
        blackHole(x)
    }
    perThousand("\(name): add affine") { count in
        var x = p
        for _ in 0..<count { x += q }
        blackHole(x)
    }
    perThousand("\(name): double") { count in
        var x = p
        for _ in 0..<count { x = x.doubled }
        blackHole(x)
    }
    let k = C.Scalar.random()
    Benchmark("\(name): multiply, constant time") { _ in blackHole(p.multiplied(by: k)) }
    Benchmark("\(name): multiply a fixed base, constant time") { _ in blackHole(C.bases.blinding.multiplied(by: k)) }
    let bytes = q.encoded
    Benchmark("\(name): decode") { _ in blackHole(try? Affine<C>(encoded: bytes[...])) }
    let many = (0..<32).flatMap { C.generators(gates: 256).g[$0].encoded }
    Benchmark("\(name): decode 32 together") { _ in
        var reader = ByteReader(many)
        blackHole(try? reader.points(32, C.self))
    }
    var points: [Affine<C>] = []
    for i in 0..<16384 { points.append(i < 1024 ? C.generators(gates: 1024).g[i] : points[i - 1024].negated) }
    let scalars = points.map { _ in C.Scalar.random() }
    for count in [64, 256, 1024, 4096, 16384] {
        let (k, p) = (Array(scalars[..<count]), Array(points[..<count]))
        Benchmark("\(name): sum of \(count)") { _ in blackHole(multiScalarMultiply(k, p)) }
    }
    let generators = C.generators(gates: 256)
    let (a, b) = (Array(scalars[..<256]), Array(scalars[256..<512]))
    Benchmark("\(name): sum over 512 known points") { _ in blackHole(generators.commit(a, b)) }
}
