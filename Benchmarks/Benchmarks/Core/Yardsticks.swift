import Benchmark
import BigIntegers
import CSecp256k1
import Curves

/// What others do: libsecp256k1's public operations and GMP, in the same run as ours.
func yardstickBenchmarks() {
    let seed = [UInt8](repeating: 0x5a, count: 32)
    Benchmark("libsecp256k1: key creation (fixed base, constant time)") { benchmark in
        guard let context = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY)) else {
            return benchmark.error("no context")
        }
        defer { secp256k1_context_destroy(context) }
        var key = secp256k1_pubkey()
        benchmark.startMeasurement()
        blackHole(secp256k1_ec_pubkey_create(context, &key, seed))
        benchmark.stopMeasurement()
        blackHole(key)
    }
    Benchmark("libsecp256k1: tweak multiplication (any base, variable time)") { benchmark in
        guard let context = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY)) else {
            return benchmark.error("no context")
        }
        defer { secp256k1_context_destroy(context) }
        var key = secp256k1_pubkey()
        guard secp256k1_ec_pubkey_create(context, &key, seed) == 1 else { return benchmark.error("no key") }
        benchmark.startMeasurement()
        blackHole(secp256k1_ec_pubkey_tweak_mul(context, &key, seed))
        benchmark.stopMeasurement()
        blackHole(key)
    }
    let p = BigInteger(bigEndian: Fp.modulus.bigEndian)
    let a = BigInteger(bigEndian: Fp.random().encoded), b = BigInteger(bigEndian: Fp.random().encoded)
    Benchmark("GMP: multiply and reduce modulo p") { _ in blackHole(try? (a * b).modulo(p)) }
    Benchmark("GMP: invert modulo p") { _ in blackHole(try? a.inverse(modulo: p)) }
    Benchmark("GMP: Jacobi symbol") { _ in blackHole(try? a.jacobi(p)) }
}
