import Platform
import Testing

@Suite struct RandomTests {
    @Test func lengths() {
        for count in [0, 1, 32, 1000] { #expect(Random.bytes(count).count == count) }
    }

    /// Twice the same 32 bytes, or a byte position that never changes in 200 draws, happens with probability below 2^-200.
    @Test func differs() {
        var seen = [UInt8](repeating: 0, count: 32), first = Random.bytes(32), draws: Set<[UInt8]> = [first]
        for _ in 0..<200 {
            let next = Random.bytes(32)
            #expect(draws.insert(next).inserted)
            for i in 0..<32 { seen[i] |= next[i] ^ first[i] }
            first = next
        }
        #expect(!seen.contains(0))
    }

    @Test func zeroizing() {
        var secret = pattern(100)
        zeroize(&secret)
        #expect(secret == [UInt8](repeating: 0, count: 100))
        var empty: [UInt8] = []
        zeroize(&empty)
        #expect(empty.isEmpty)
        var words: [UInt64] = [1, .max, 3]
        zeroize(&words)
        #expect(words == [0, 0, 0])
        var word: UInt64 = .max
        zeroize(&word)
        #expect(word == 0)
    }

    @Test func comparing() {
        let a = pattern(40)
        #expect(constantTimeEquals(a, a))
        #expect(constantTimeEquals([], []))
        #expect(!constantTimeEquals(a, [UInt8](a.dropLast())))
        for i in 0..<40 {
            for bit in 0..<8 {
                var b = a
                b[i] ^= 1 << UInt8(bit)
                #expect(!constantTimeEquals(a, b))
            }
        }
    }
}
