import BigIntegers
import Curves
import TestSupport
import Testing

@Suite struct U256Tests {
    @Test func sumsDifferencesAndOrder() throws {
        let top: BigInteger = 1 << 256
        let all = try edges(of: BigInteger(Fn.modulus))
        for a in all {
            for b in all {
                let x = try a.words(), y = try b.words()
                for carryIn: UInt64 in 0...1 {
                    var carry = carryIn
                    let sum = U256.add(x, y, &carry)
                    try check(BigInteger(sum) + BigInteger(carry) * top == a + b + BigInteger(carryIn), "\(a) + \(b)")
                    var borrow = carryIn
                    let difference = U256.subtract(x, y, &borrow)
                    try check(BigInteger(difference) - BigInteger(borrow) * top == a - b - BigInteger(carryIn), "\(a) - \(b)")
                }
                try check((x < y) == (a < b) && (x == y) == (a == b), "\(a) < \(b)")
            }
        }
    }

    @Test func bitsAtEveryPlace() throws {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<4 {
            let a = BigInteger(bigEndian: random.bytes(32))
            let x = try a.words()
            for low in 0..<300 {
                for count in 0...32 {
                    let expected = try (a >> low).modulo(1 << count)
                    try check(BigInteger(x.bits(low, count)) == expected, "bits \(low) ..< \(low + count) of \(a)")
                }
            }
        }
    }

    @Test func bytesAndWords() throws {
        var random = SeededGenerator(seed: 10)
        for _ in 0..<100 {
            let bytes = random.bytes(32)
            let x = U256(bigEndian: bytes[...])
            #expect(x.bigEndian == bytes)
            #expect(U256(bigEndian: ([1, 2, 3] + bytes)[3...]) == x)
            #expect([x.word(0), x.word(1), x.word(2), x.word(3)] == [x.w0, x.w1, x.w2, x.w3])
            #expect(BigInteger(x.w3) == BigInteger(bigEndian: bytes[..<8]))
        }
        #expect(U256.zero.isZero && !U256(0, 0, 0, 1).isZero && !U256(1).isZero)
    }
}
