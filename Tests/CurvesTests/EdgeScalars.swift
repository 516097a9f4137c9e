import BigIntegers
import Curves
import TestSupport

/// Scalars at which multiplications have gone wrong before: the ends of the range, single bits and runs of ones, digits of a window all
/// alike, halves and thirds of the order, the eigenvalue of the curve's endomorphism and what lies near.
func edgeScalars<F: PrimeField>(_: F.Type) throws -> [F] {
    let m = BigInteger(F.modulus)
    var all: [BigInteger] = []
    for i in -20...20 { all.append(try BigInteger(i).modulo(m)) }
    for bit in stride(from: 1, to: 256, by: 7) {
        all.append(1 << bit)
        all.append((1 << bit) - 1)
        all.append(m - (1 << bit))
    }
    for bit in 250..<256 { all.append(1 << bit) }
    for digit in 1...15 as ClosedRange<UInt8> { all.append(BigInteger(bigEndian: [UInt8](repeating: digit << 4 | digit, count: 32))) }
    for pattern: UInt8 in [0x0f, 0xf0, 0x01, 0x80, 0x7f, 0xfe] { all.append(BigInteger(bigEndian: [UInt8](repeating: pattern, count: 32))) }
    all.append((m - 1) >> 1)
    all.append((m + 1) >> 1)
    // lambda^2 + lambda + 1 = 0: a cube root of one; lambda P has the y of P, and so 1 + lambda + lambda^2 cancels.
    let third = (m - 1).isZero ? 0 : try (m - 1) / 3
    var cubeRoot = F.one, base = F(2)
    while cubeRoot == .one {
        cubeRoot = base.power(try third.words())
        base += .one
    }
    let lambda = BigInteger(cubeRoot.canonical)
    all += [lambda, m - lambda, m - 1 - lambda, lambda + 1, lambda - 1]
    return try all.filter { $0 >= 0 }.map { F(canonical: try $0.modulo(m).words()) }
}
