/// A number in nine limbs of 29 bits, sum of l_i 2^(29 i): the representation of field elements where a machine multiplies 32 by 32 bits and
/// not 64 by 64, as in WebAssembly.
///
/// Invariant: every limb is below B = 2^29 + 2^23 (weakly reduced: any value below about 2^261, in many forms). Then nine products of limbs stay
/// below 2^61.3, and all sums of a multiplication are made in 64 bits without a carry between them. Constant time.
@frozen package struct ShortLimbs: Equatable, Sendable, BitwiseCopyable {
    package var l0: UInt32, l1: UInt32, l2: UInt32, l3: UInt32, l4: UInt32, l5: UInt32, l6: UInt32, l7: UInt32, l8: UInt32

    @inline(__always)
    package init(
        _ l0: UInt32, _ l1: UInt32, _ l2: UInt32, _ l3: UInt32, _ l4: UInt32, _ l5: UInt32, _ l6: UInt32, _ l7: UInt32, _ l8: UInt32
    ) {
        self.l0 = l0
        self.l1 = l1
        self.l2 = l2
        self.l3 = l3
        self.l4 = l4
        self.l5 = l5
        self.l6 = l6
        self.l7 = l7
        self.l8 = l8
    }

    /// From an integer of four words: exact limbs, the highest below 2^24.
    @inline(__always)
    package init(_ v: U256) {
        self.init(
            low(v.w0), low(v.w0 &>> 29), low(v.w0 &>> 58 | v.w1 &<< 6), low(v.w1 &>> 23), low(v.w1 &>> 52 | v.w2 &<< 12), low(v.w2 &>> 17),
            low(v.w2 &>> 46 | v.w3 &<< 18), low(v.w3 &>> 11), low(v.w3 &>> 40))
    }

    /// The integer, of exact limbs that stand for less than 2^256.
    @inline(__always)
    package var words: U256 {
        let (l0, l1, l2, l3, l4) = (UInt64(l0), UInt64(l1), UInt64(l2), UInt64(l3), UInt64(l4))
        let (l5, l6, l7, l8) = (UInt64(l5), UInt64(l6), UInt64(l7), UInt64(l8))
        return U256(
            l0 | l1 &<< 29 | l2 &<< 58, l2 &>> 6 | l3 &<< 23 | l4 &<< 52, l4 &>> 12 | l5 &<< 17 | l6 &<< 46,
            l6 &>> 18 | l7 &<< 11 | l8 &<< 40)
    }

    /// `b` where mask is all ones, else `a`.
    @inline(__always)
    package static func select(_ mask: UInt64, _ a: ShortLimbs, _ b: ShortLimbs) -> ShortLimbs {
        let m = UInt32(truncatingIfNeeded: mask)
        return ShortLimbs(
            a.l0 ^ (m & (a.l0 ^ b.l0)), a.l1 ^ (m & (a.l1 ^ b.l1)), a.l2 ^ (m & (a.l2 ^ b.l2)), a.l3 ^ (m & (a.l3 ^ b.l3)),
            a.l4 ^ (m & (a.l4 ^ b.l4)), a.l5 ^ (m & (a.l5 ^ b.l5)), a.l6 ^ (m & (a.l6 ^ b.l6)), a.l7 ^ (m & (a.l7 ^ b.l7)),
            a.l8 ^ (m & (a.l8 ^ b.l8)))
    }
}

/// The lowest 29 bits.
@inline(__always)
private func low(_ x: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: x) & 0x1FFF_FFFF }

/// The product of two 32-bit numbers.
@inline(__always)
func wide(_ a: UInt32, _ b: UInt32) -> UInt64 { UInt64(a) &* UInt64(b) }

/// A product of two numbers before any carry: the integer sum of c_i 2^(29 i), each c_i a sum of at most nine products of limbs.
struct ShortProduct {
    var c0: UInt64, c1: UInt64, c2: UInt64, c3: UInt64, c4: UInt64, c5: UInt64, c6: UInt64, c7: UInt64, c8: UInt64
    var c9: UInt64, c10: UInt64, c11: UInt64, c12: UInt64, c13: UInt64, c14: UInt64, c15: UInt64, c16: UInt64

    /// a * b: 81 products of limbs.
    @inline(__always)
    init(_ a: ShortLimbs, _ b: ShortLimbs) {
        c0 = wide(a.l0, b.l0)
        c1 = wide(a.l0, b.l1) &+ wide(a.l1, b.l0)
        c2 = wide(a.l0, b.l2) &+ wide(a.l1, b.l1) &+ wide(a.l2, b.l0)
        c3 = wide(a.l0, b.l3) &+ wide(a.l1, b.l2) &+ wide(a.l2, b.l1)
        c3 &+= wide(a.l3, b.l0)
        c4 = wide(a.l0, b.l4) &+ wide(a.l1, b.l3) &+ wide(a.l2, b.l2)
        c4 &+= wide(a.l3, b.l1) &+ wide(a.l4, b.l0)
        c5 = wide(a.l0, b.l5) &+ wide(a.l1, b.l4) &+ wide(a.l2, b.l3)
        c5 &+= wide(a.l3, b.l2) &+ wide(a.l4, b.l1) &+ wide(a.l5, b.l0)
        c6 = wide(a.l0, b.l6) &+ wide(a.l1, b.l5) &+ wide(a.l2, b.l4)
        c6 &+= wide(a.l3, b.l3) &+ wide(a.l4, b.l2) &+ wide(a.l5, b.l1)
        c6 &+= wide(a.l6, b.l0)
        c7 = wide(a.l0, b.l7) &+ wide(a.l1, b.l6) &+ wide(a.l2, b.l5)
        c7 &+= wide(a.l3, b.l4) &+ wide(a.l4, b.l3) &+ wide(a.l5, b.l2)
        c7 &+= wide(a.l6, b.l1) &+ wide(a.l7, b.l0)
        c8 = wide(a.l0, b.l8) &+ wide(a.l1, b.l7) &+ wide(a.l2, b.l6)
        c8 &+= wide(a.l3, b.l5) &+ wide(a.l4, b.l4) &+ wide(a.l5, b.l3)
        c8 &+= wide(a.l6, b.l2) &+ wide(a.l7, b.l1) &+ wide(a.l8, b.l0)
        c9 = wide(a.l1, b.l8) &+ wide(a.l2, b.l7) &+ wide(a.l3, b.l6)
        c9 &+= wide(a.l4, b.l5) &+ wide(a.l5, b.l4) &+ wide(a.l6, b.l3)
        c9 &+= wide(a.l7, b.l2) &+ wide(a.l8, b.l1)
        c10 = wide(a.l2, b.l8) &+ wide(a.l3, b.l7) &+ wide(a.l4, b.l6)
        c10 &+= wide(a.l5, b.l5) &+ wide(a.l6, b.l4) &+ wide(a.l7, b.l3)
        c10 &+= wide(a.l8, b.l2)
        c11 = wide(a.l3, b.l8) &+ wide(a.l4, b.l7) &+ wide(a.l5, b.l6)
        c11 &+= wide(a.l6, b.l5) &+ wide(a.l7, b.l4) &+ wide(a.l8, b.l3)
        c12 = wide(a.l4, b.l8) &+ wide(a.l5, b.l7) &+ wide(a.l6, b.l6)
        c12 &+= wide(a.l7, b.l5) &+ wide(a.l8, b.l4)
        c13 = wide(a.l5, b.l8) &+ wide(a.l6, b.l7) &+ wide(a.l7, b.l6)
        c13 &+= wide(a.l8, b.l5)
        c14 = wide(a.l6, b.l8) &+ wide(a.l7, b.l7) &+ wide(a.l8, b.l6)
        c15 = wide(a.l7, b.l8) &+ wide(a.l8, b.l7)
        c16 = wide(a.l8, b.l8)
    }

    /// a * a: 45 products of limbs.
    @inline(__always)
    init(squareOf a: ShortLimbs) {
        let (d0, d1, d2, d3) = (a.l0 &<< 1, a.l1 &<< 1, a.l2 &<< 1, a.l3 &<< 1)
        let (d4, d5, d6, d7) = (a.l4 &<< 1, a.l5 &<< 1, a.l6 &<< 1, a.l7 &<< 1)
        c0 = wide(a.l0, a.l0)
        c1 = wide(d0, a.l1)
        c2 = wide(d0, a.l2) &+ wide(a.l1, a.l1)
        c3 = wide(d0, a.l3) &+ wide(d1, a.l2)
        c4 = wide(d0, a.l4) &+ wide(d1, a.l3) &+ wide(a.l2, a.l2)
        c5 = wide(d0, a.l5) &+ wide(d1, a.l4) &+ wide(d2, a.l3)
        c6 = wide(d0, a.l6) &+ wide(d1, a.l5) &+ wide(d2, a.l4)
        c6 &+= wide(a.l3, a.l3)
        c7 = wide(d0, a.l7) &+ wide(d1, a.l6) &+ wide(d2, a.l5)
        c7 &+= wide(d3, a.l4)
        c8 = wide(d0, a.l8) &+ wide(d1, a.l7) &+ wide(d2, a.l6)
        c8 &+= wide(d3, a.l5) &+ wide(a.l4, a.l4)
        c9 = wide(d1, a.l8) &+ wide(d2, a.l7) &+ wide(d3, a.l6)
        c9 &+= wide(d4, a.l5)
        c10 = wide(d2, a.l8) &+ wide(d3, a.l7) &+ wide(d4, a.l6)
        c10 &+= wide(a.l5, a.l5)
        c11 = wide(d3, a.l8) &+ wide(d4, a.l7) &+ wide(d5, a.l6)
        c12 = wide(d4, a.l8) &+ wide(d5, a.l7) &+ wide(a.l6, a.l6)
        c13 = wide(d5, a.l8) &+ wide(d6, a.l7)
        c14 = wide(d6, a.l8) &+ wide(a.l7, a.l7)
        c15 = wide(d7, a.l8)
        c16 = wide(a.l8, a.l8)
    }
}
