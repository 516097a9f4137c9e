import Benchmark
import Curves

/// All suites. Names say what is done once; times are per iteration.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock], warmupIterations: 2, scalingFactor: .one, maxDuration: .seconds(2), maxIterations: 10_000,
        // Machines differ and are disturbed: what counts is a kernel that became half as fast again.
        thresholds: [.wallClock: .init(relative: [.p50: 50])])
    fieldBenchmarks(Fp.self, "p")
    fieldBenchmarks(Fn.self, "n")
    curveBenchmarks(Secp256k1.self, "secp256k1")
    curveBenchmarks(Secq256k1.self, "secq256k1")
    argumentBenchmarks(Secp256k1.self, "secp256k1")
    argumentBenchmarks(Secq256k1.self, "secq256k1")
    proofBenchmarks()
    yardstickBenchmarks()
}

/// A thousand iterations inside one measurement.
func perThousand(_ name: String, _ body: @escaping @Sendable (Int) -> Void) {
    Benchmark(name, configuration: .init(scalingFactor: .kilo)) { benchmark in body(benchmark.scaledIterations.count) }
}
