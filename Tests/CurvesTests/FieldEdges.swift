import BigIntegers
import Curves
import TestSupport

/// 256-bit integers at which carries, borrows and reductions of a field with this modulus go other ways than at random ones; some of them
/// at the modulus and above.
func edges(of m: BigInteger) throws -> [BigInteger] {
    let top: BigInteger = 1 << 256
    var all: [BigInteger] = []
    // Words of all zeros, of one and of all ones.
    for pattern in 0..<81 {
        var value: BigInteger = 0
        var rest = pattern
        for _ in 0..<4 {
            value = (value << 64) + [0, 1, (1 << 64) - 1][rest % 3]
            rest /= 3
        }
        all.append(value)
    }
    // Neighbours of the modulus, of its half, of 2^256 - m and its multiples, of powers of two.
    var centres: [BigInteger] = [m, top, (m - 1) >> 1, top - m, 2 * (top - m), m - (top - m), 1 << 128, 1 << 255, (1 << 192) + (1 << 64)]
    for bit in stride(from: 32, through: 224, by: 32) { centres.append(1 << bit) }
    for centre in centres {
        for distance in -2...2 { all.append(centre + BigInteger(distance)) }
    }
    // Alternating bits, and square roots of the modulus and of 2^256, where products meet it.
    for pattern: UInt64 in [0x5555_5555_5555_5555, 0xaaaa_aaaa_aaaa_aaaa, 0xffff_ffff_0000_0000, 0x0000_0000_ffff_ffff] {
        all.append(BigInteger(U256(pattern, pattern, pattern, pattern)))
    }
    for square in [m, top] {
        guard let root = square.squareRoot else { continue }
        all.append(root)
        all.append(root + 1)
    }
    return Array(Set(all.filter { $0 >= 0 && $0 < top })).sorted()
}
