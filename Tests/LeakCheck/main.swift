// Runs every operation of BigIntegers, failing ones included, for Scripts/check-leaks to watch the heap.
import BigIntegers

/// Where results go, so that no operation is optimised away.
@inline(never) func keep<T>(_ value: T) { withExtendedLifetime(value) {} }

func refuse<T>(_ body: () throws(BigIntegerError) -> T) {
    do {
        keep(try body())
        fatalError("an operation without a result had one")
    } catch {
        keep(error)
    }
}

func everything() throws {
    var generator = SystemRandomNumberGenerator()
    for size in [1, 63, 64, 65, 300, 5000] {
        let a = BigInteger.random(below: 1 << size, using: &generator) - (1 << (size - 1))
        let b = BigInteger.random(below: 1 << size, using: &generator) * 2 + 3
        keep(a + b)
        keep(a - b)
        keep(a * b)
        keep(-a)
        keep(a < b)
        keep(a == b)
        keep(a.hashValue)
        keep(try a / b)
        keep(try a % b)
        keep(try a.modulo(b))
        keep(a << 77)
        keep(a >> 77)
        keep(a.power(5))
        keep(b.squareRoot)
        keep(a.greatestCommonDivisor(b))
        keep(try? a.inverse(modulo: b))
        keep(try a.power(b >> (size / 2), modulo: b))
        keep(try a.jacobi(b))
        keep(b.isProbablePrime(rounds: 26))
        let bytes = try b.bigEndian(count: size / 8 + 2)
        keep(try b.littleEndian(count: size / 8 + 2))
        keep(BigInteger(bigEndian: bytes))
        keep(BigInteger(littleEndian: bytes))
        keep(try BigInteger(decimal: a.description))
        keep(try BigInteger(hex: a.hex))
        refuse { () throws(BigIntegerError) in try a / 0 }
        refuse { () throws(BigIntegerError) in try a % 0 }
        refuse { () throws(BigIntegerError) in try a.modulo(0) }
        refuse { () throws(BigIntegerError) in try a.power(2, modulo: 0) }
        refuse { () throws(BigIntegerError) in try b.inverse(modulo: b * b) }
        refuse { () throws(BigIntegerError) in try b.power(-1, modulo: b * b) }
        refuse { () throws(BigIntegerError) in try a.jacobi(b + b) }
        refuse { () throws(BigIntegerError) in try b.bigEndian(count: 0) }
        refuse { () throws(BigIntegerError) in try BigInteger(decimal: a.description + "x") }
    }
}

for _ in 0..<3 { try everything() }
if CommandLine.arguments.contains("--leak") {
    // Shows that the watcher sees a leak when there is one.
    keep(UnsafeMutablePointer<UInt8>.allocate(capacity: 4321))
}
