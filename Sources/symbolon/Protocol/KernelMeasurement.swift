import Curves
import Proofs

/// Times of the operations that proofs are made of: the unit costs of the model in docs/performance.md.
enum KernelMeasurement {
    /// Each in nanoseconds, medians.
    static func figures() -> [(String, Figure)] {
        field(Fp.self, "p") + field(Fn.self, "n") + curve(Secp256k1.self, "secp256k1") + curve(Secq256k1.self, "secq256k1") + additions()
            + [("squeeze_ns", .time(squeeze()))]
    }

    private static func field<F: PrimeField>(_: F.Type, _ name: String) -> [(String, Figure)] {
        let a = (0..<256).map { _ in F.random() }, b = (0..<256).map { _ in F.random() }
        return [
            ("product_\(name)_ns", .time(nanoseconds(256, repetitions: 200) { consume(dot(a, b)) })),
            ("inversion_\(name)_ns", .time(nanoseconds(1, repetitions: 200) { consume(a[0].inverted) })),
        ]
    }

    private static func curve<C: ArgumentCurve>(_: C.Type, _ name: String) -> [(String, Figure)] {
        let k = C.Scalar.random()
        let bytes = C.generators(gates: 256).g[..<32].flatMap { $0.encoded }
        var sum = C.base
        return [
            ("point_addition_\(name)_ns", .time(nanoseconds(100, repetitions: 20) { for _ in 0..<100 { sum += C.base } })),
            (
                "root_\(name)_ns",
                .time(
                    nanoseconds(32, repetitions: 50) {
                        var reader = ByteReader(bytes)
                        consume(try? reader.points(32, C.self))
                    })
            ),
            ("fixed_multiple_\(name)_ns", .time(nanoseconds(1, repetitions: 50) { consume(C.bases.blinding.multiplied(by: k)) })),
            ("multiple_\(name)_ns", .time(nanoseconds(1, repetitions: 50) { consume(C.base.multiplied(by: k)) })),
        ]
    }

    /// An addition of a bucket pass, from sums over the 512 generators: 26 windows into 512 buckets, one addition less than entries in each,
    /// two to weight it. The curves take turns, as in a proof, where each finds the other's tables in the cache.
    private static func additions() -> [(String, Figure)] {
        func sum<C: ArgumentCurve>(_: C.Type) -> () -> Void {
            let generators = C.generators(gates: 256)
            let a = (0..<256).map { _ in C.Scalar.random() }, b = (0..<256).map { _ in C.Scalar.random() }
            return { consume(generators.commit(a, b)) }
        }
        let sums = [sum(Secp256k1.self), sum(Secq256k1.self)]
        var times: [[Double]] = [[], []]
        for _ in 0..<101 {
            for (i, sum) in sums.enumerated() { times[i].append(Timing.median(1) { _ in sum() }.cpu * 1e6 / (26 * 512 + 512)) }
        }
        return zip(["secp256k1", "secq256k1"], times).map { ("addition_\($0)_ns", .time($1.sorted()[50])) }
    }

    private static func squeeze() -> Double {
        let bytes = [UInt8](repeating: 1, count: 33)
        return nanoseconds(1, repetitions: 50) {
            var sponge = Sponge(tag: [1])
            for _ in 0..<16 {
                sponge.absorb(bytes)
                consume(sponge.squeeze(48))
            }
        } / 16
    }

    /// The time of one of `operations` that the work does, the median of 15 measurements of so many repetitions.
    private static func nanoseconds(_ operations: Int, repetitions: Int, _ work: () -> Void) -> Double {
        Timing.median(15) { _ in for _ in 0..<repetitions { work() } }.cpu * 1e6 / Double(repetitions * operations)
    }

    /// Keeps a result from being optimised away.
    @inline(never) private static func consume<T>(_ value: T) { withExtendedLifetime(value) {} }
}
