import Benchmark
import Curves

/// Field operations: dependent chains, and four chains at once for throughput.
func fieldBenchmarks<F: PrimeField>(_: F.Type, _ name: String) {
    let a = F.random(), b = F.random()
    perThousand("field \(name): multiply, dependent") { count in
        var x = a
        for _ in 0..<count { x *= b }
        blackHole(x)
    }
    perThousand("field \(name): multiply, four chains") { count in
        var (x, y, z, w) = (a, b, a + b, a - b)
        for _ in 0..<count / 4 {
            x *= a
            y *= a
            z *= a
            w *= a
        }
        blackHole((x, y, z, w))
    }
    perThousand("field \(name): square, dependent") { count in
        var x = a
        for _ in 0..<count { x = x.squared }
        blackHole(x)
    }
    perThousand("field \(name): add, dependent") { count in
        var x = a
        for _ in 0..<count { x += b }
        blackHole(x)
    }
    Benchmark("field \(name): invert") { _ in blackHole(a.inverted) }
    let square = a.squared
    Benchmark("field \(name): square root") { _ in blackHole(square.squareRoot) }
}
