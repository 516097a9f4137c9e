import BigIntegers
import Curves
import TestSupport
import Testing

/// phi and the splitting of scalars on both curves.
@Suite struct EndomorphismTests {
    @Test func secp256k1() throws { try endomorphism(Secp256k1.self) }
    @Test func secq256k1() throws { try endomorphism(Secq256k1.self) }

    private func endomorphism<C: Curve>(_: C.Type) throws {
        let phi = try #require(C.endomorphism)
        #expect(phi.lambda != .one && phi.beta != .one)
        #expect((phi.lambda.squared + phi.lambda + .one).isZero && (phi.beta.squared + phi.beta + .one).isZero)
        var p = C.base
        for _ in 0..<5 {
            let image = phi.apply(p.affine!)
            #expect(image.isOnCurve && Point(image) == p.multiplied(by: phi.lambda))
            p = p.multiplied(by: .random())
        }
        try splits(phi, of: C.self)
    }

    /// Both halves are below 2^128, which sums of products rely on, and belong together; at the corners of the lattice's cell too, where the
    /// halves are largest.
    private func splits<C: Curve>(_ phi: Endomorphism<C>, of _: C.Type) throws {
        let n = BigInteger(C.Scalar.modulus), lambda = BigInteger(phi.lambda.canonical)
        var random = SeededGenerator(seed: 70)
        var scalars = try edgeScalars(C.Scalar.self)
        for _ in 0..<3000 { scalars.append(C.Scalar(reducingLittleEndian: random.bytes(48))) }
        let (first, second) = try shortBasis(n, lambda)
        #expect(try (first.0 + first.1 * lambda).modulo(n).isZero && (second.0 + second.1 * lambda).modulo(n).isZero)
        for (i, j) in [(1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (0, 1), (2, 1), (1, 2), (3, 1), (-1, 3)] {
            let x = (first.0 * BigInteger(i) + second.0 * BigInteger(j)) >> 1, y = (first.1 * BigInteger(i) + second.1 * BigInteger(j)) >> 1
            for dx in -2...2 {
                for dy in -2...2 {
                    let k = try (x + BigInteger(dx) + (y + BigInteger(dy)) * lambda).modulo(n)
                    scalars.append(C.Scalar(canonical: try k.words()))
                }
            }
        }
        var longest = 0
        for k in scalars {
            let (k1, negative1, k2, negative2) = phi.split(k)
            let a = BigInteger(k1), b = BigInteger(k2)
            try check(a < 1 << 128 && b < 1 << 128, "halves of \(k)")
            let value = (negative1 ? -a : a) + (negative2 ? -b : b) * lambda
            try check((try value.modulo(n)) == BigInteger(k.canonical), "\(k) put together")
            longest = max(longest, a.bitCount, b.bitCount)
        }
        #expect(longest == 128 || longest == 127)
        let zero = phi.split(.zero)
        #expect(zero.0.isZero && zero.2.isZero)
    }

    /// Two short vectors (a, b) with a + b lambda = 0 mod n, by Euclid's algorithm on n and lambda around the square root of n.
    private func shortBasis(
        _ n: BigInteger, _ lambda: BigInteger
    ) throws -> ((BigInteger, BigInteger), (BigInteger, BigInteger)) {
        // r = s n + t lambda all along, so (r, -t) is in the lattice.
        var (r0, t0, r1, t1): (BigInteger, BigInteger, BigInteger, BigInteger) = (n, 0, lambda, 1)
        while r1 * r1 >= n {
            let q = try r0 / r1
            (r0, t0, r1, t1) = (r1, t1, r0 - q * r1, t0 - q * t1)
        }
        let q = try r0 / r1
        let (r2, t2) = (r0 - q * r1, t0 - q * t1)
        let before = (r0, -t0), after = (r2, -t2)
        let shorter = before.0 * before.0 + before.1 * before.1 <= after.0 * after.0 + after.1 * after.1 ? before : after
        return ((r1, -t1), shorter)
    }
}
