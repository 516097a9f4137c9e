/// The constants by which numbers in short limbs are reduced modulo a prime m = 2^256 - d, d below 2^130.
protocol ShortModulus {
    /// d in limbs of 29 bits.
    static var d: FiveLimbs { get }
    /// 32 d = 2^261 modulo m in limbs of 29 bits, the highest below 2^18.
    static var f: FiveLimbs { get }
    /// 64 m in limbs of B and above, so that a difference of limbs has no borrow; the limbs plus those of 3 f stay below 2^32 - B.
    static var multiple: ShortLimbs { get }
    /// m in limbs.
    static var limbs: ShortLimbs { get }
}

/// Constants of five limbs.
struct FiveLimbs {
    let l0: UInt32, l1: UInt32, l2: UInt32, l3: UInt32, l4: UInt32

    @inline(__always)
    init(_ l0: UInt32, _ l1: UInt32, _ l2: UInt32, _ l3: UInt32, _ l4: UInt32) {
        self.l0 = l0
        self.l1 = l1
        self.l2 = l2
        self.l3 = l3
        self.l4 = l4
    }
}

/// Nine sums that are on their way to be limbs.
struct ShortSums {
    var u0: UInt64, u1: UInt64, u2: UInt64, u3: UInt64, u4: UInt64, u5: UInt64, u6: UInt64, u7: UInt64, u8: UInt64

    static var mask: UInt64 { @inline(__always) get { 0x1FFF_FFFF } }

    @inline(__always)
    init(
        _ u0: UInt64, _ u1: UInt64, _ u2: UInt64, _ u3: UInt64, _ u4: UInt64, _ u5: UInt64, _ u6: UInt64, _ u7: UInt64, _ u8: UInt64
    ) {
        (self.u0, self.u1, self.u2, self.u3, self.u4) = (u0, u1, u2, u3, u4)
        (self.u5, self.u6, self.u7, self.u8) = (u5, u6, u7, u8)
    }

    @inline(__always)
    init(_ a: ShortLimbs) {
        (u0, u1, u2, u3, u4) = (UInt64(a.l0), UInt64(a.l1), UInt64(a.l2), UInt64(a.l3), UInt64(a.l4))
        (u5, u6, u7, u8) = (UInt64(a.l5), UInt64(a.l6), UInt64(a.l7), UInt64(a.l8))
    }

    /// The sums as limbs, which they must be.
    @inline(__always)
    var limbs: ShortLimbs {
        func limb(_ u: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: u) }
        return ShortLimbs(limb(u0), limb(u1), limb(u2), limb(u3), limb(u4), limb(u5), limb(u6), limb(u7), limb(u8))
    }

    /// Adds h f.
    @inline(__always)
    mutating func add(_ h: UInt64, _ f: FiveLimbs) {
        u0 &+= h &* UInt64(f.l0)
        u1 &+= h &* UInt64(f.l1)
        u2 &+= h &* UInt64(f.l2)
        u3 &+= h &* UInt64(f.l3)
        u4 &+= h &* UInt64(f.l4)
    }

    /// Carries one after the other up to sum 5.
    @inline(__always)
    mutating func carryLow() {
        let m = ShortSums.mask
        u1 &+= u0 &>> 29
        u0 &= m
        u2 &+= u1 &>> 29
        u1 &= m
        u3 &+= u2 &>> 29
        u2 &= m
        u4 &+= u3 &>> 29
        u3 &= m
        u5 &+= u4 &>> 29
        u4 &= m
    }

    /// Carries one after the other from sum 5 up to sum 8, which keeps what it gets.
    @inline(__always)
    mutating func carryHigh() {
        let m = ShortSums.mask
        u6 &+= u5 &>> 29
        u5 &= m
        u7 &+= u6 &>> 29
        u6 &= m
        u8 &+= u7 &>> 29
        u7 &= m
    }

    /// What stands above bit `place` of sum 8, which loses it.
    @inline(__always)
    mutating func takeTop(_ place: UInt64) -> UInt64 {
        let top = u8 &>> place
        u8 &= (1 &<< place) &- 1
        return top
    }

    /// Each sum gives what it has above 29 bits to the next, all at the same time; sum 8 has nothing to give.
    @inline(__always)
    var carriedAtOnce: ShortLimbs {
        let m = ShortSums.mask
        var r = self
        r.u0 = u0 & m
        r.u1 = (u1 & m) &+ (u0 &>> 29)
        r.u2 = (u2 & m) &+ (u1 &>> 29)
        r.u3 = (u3 & m) &+ (u2 &>> 29)
        r.u4 = (u4 & m) &+ (u3 &>> 29)
        r.u5 = (u5 & m) &+ (u4 &>> 29)
        r.u6 = (u6 & m) &+ (u5 &>> 29)
        r.u7 = (u7 & m) &+ (u6 &>> 29)
        r.u8 = (u8 & m) &+ (u7 &>> 29)
        return r.limbs
    }
}

extension ShortModulus {
    /// t modulo m.
    ///
    /// The high sums are carried to limbs h_0, ..., h_8 and replaced by h 32 d, which is 134 bits longer than the low sums; these again. No low sum
    /// passes 2^62.5 on the way: nine products of limbs (2^61.3) and ten of exact limbs. What the first carries then leave above bit 261 is below
    /// 2^34; times f it goes into sums 0 to 4, the last of which gets less than 2^53 and gives less than 2^23 to limb 5.
    @inline(__always)
    static func reduce(_ t: ShortProduct) -> ShortLimbs {
        let m = ShortSums.mask
        let f0 = UInt64(f.l0), f1 = UInt64(f.l1), f2 = UInt64(f.l2), f3 = UInt64(f.l3), f4 = UInt64(f.l4)
        var h0 = t.c9
        var h1 = t.c10 &+ h0 &>> 29
        h0 &= m
        var h2 = t.c11 &+ h1 &>> 29
        h1 &= m
        var h3 = t.c12 &+ h2 &>> 29
        h2 &= m
        var h4 = t.c13 &+ h3 &>> 29
        h3 &= m
        var h5 = t.c14 &+ h4 &>> 29
        h4 &= m
        var h6 = t.c15 &+ h5 &>> 29
        h5 &= m
        var h7 = t.c16 &+ h6 &>> 29
        h6 &= m
        let h8 = h7 &>> 29
        h7 &= m
        var u = ShortSums(t.c0, t.c1, t.c2, t.c3, t.c4, t.c5, t.c6, t.c7, t.c8)
        u.u0 &+= h0 &* f0
        u.u1 &+= h0 &* f1 &+ h1 &* f0
        u.u2 &+= h0 &* f2 &+ h1 &* f1 &+ h2 &* f0
        u.u3 &+= h0 &* f3 &+ h1 &* f2 &+ h2 &* f1
        u.u3 &+= h3 &* f0
        u.u4 &+= h0 &* f4 &+ h1 &* f3 &+ h2 &* f2
        u.u4 &+= h3 &* f1 &+ h4 &* f0
        u.u5 &+= h1 &* f4 &+ h2 &* f3 &+ h3 &* f2
        u.u5 &+= h4 &* f1 &+ h5 &* f0
        u.u6 &+= h2 &* f4 &+ h3 &* f3 &+ h4 &* f2
        u.u6 &+= h5 &* f1 &+ h6 &* f0
        u.u7 &+= h3 &* f4 &+ h4 &* f3 &+ h5 &* f2
        u.u7 &+= h6 &* f1 &+ h7 &* f0
        u.u8 &+= h4 &* f4 &+ h5 &* f3 &+ h6 &* f2
        u.u8 &+= h7 &* f1 &+ h8 &* f0
        var v0 = h5 &* f4 &+ h6 &* f3 &+ h7 &* f2 &+ h8 &* f1
        var v1 = h6 &* f4 &+ h7 &* f3 &+ h8 &* f2
        v1 &+= v0 &>> 29
        v0 &= m
        var v2 = h7 &* f4 &+ h8 &* f3
        v2 &+= v1 &>> 29
        v1 &= m
        var v3 = h8 &* f4
        v3 &+= v2 &>> 29
        v2 &= m
        let v4 = v3 &>> 29
        v3 &= m
        u.u0 &+= v0 &* f0
        u.u1 &+= v0 &* f1 &+ v1 &* f0
        u.u2 &+= v0 &* f2 &+ v1 &* f1 &+ v2 &* f0
        u.u3 &+= v0 &* f3 &+ v1 &* f2 &+ v2 &* f1
        u.u3 &+= v3 &* f0
        u.u4 &+= v0 &* f4 &+ v1 &* f3 &+ v2 &* f2
        u.u4 &+= v3 &* f1 &+ v4 &* f0
        u.u5 &+= v1 &* f4 &+ v2 &* f3 &+ v3 &* f2
        u.u5 &+= v4 &* f1
        u.u6 &+= v2 &* f4 &+ v3 &* f3 &+ v4 &* f2
        u.u7 &+= v3 &* f4 &+ v4 &* f3
        u.u8 &+= v4 &* f4
        u.carryLow()
        u.carryHigh()
        u.add(u.takeTop(29), f)
        u.carryLow()
        return u.limbs
    }

    /// a + b: limbs below 2^29 + 8.
    @inline(__always)
    static func sum(_ a: ShortLimbs, _ b: ShortLimbs) -> ShortLimbs {
        carry(
            ShortLimbs(
                a.l0 &+ b.l0, a.l1 &+ b.l1, a.l2 &+ b.l2, a.l3 &+ b.l3, a.l4 &+ b.l4, a.l5 &+ b.l5, a.l6 &+ b.l6, a.l7 &+ b.l7, a.l8 &+ b.l8
            ))
    }

    /// a - b: limbs below 2^29 + 8.
    @inline(__always)
    static func difference(_ a: ShortLimbs, _ b: ShortLimbs) -> ShortLimbs {
        let k = multiple
        return carry(
            ShortLimbs(
                a.l0 &+ k.l0 &- b.l0, a.l1 &+ k.l1 &- b.l1, a.l2 &+ k.l2 &- b.l2, a.l3 &+ k.l3 &- b.l3, a.l4 &+ k.l4 &- b.l4,
                a.l5 &+ k.l5 &- b.l5, a.l6 &+ k.l6 &- b.l6, a.l7 &+ k.l7 &- b.l7, a.l8 &+ k.l8 &- b.l8))
    }

    /// Limbs of a sum or difference brought below 2^29 + 8: at most 3 f for what limb 8 has above 29 bits, which no limb is too large to take, then a
    /// carry from each limb to the next.
    @inline(__always)
    private static func carry(_ a: ShortLimbs) -> ShortLimbs {
        let m: UInt32 = 0x1FFF_FFFF
        let top = a.l8 &>> 29
        let (r0, r1, r2) = (a.l0 &+ top &* f.l0, a.l1 &+ top &* f.l1, a.l2 &+ top &* f.l2)
        let (r3, r4) = (a.l3 &+ top &* f.l3, a.l4 &+ top &* f.l4)
        return ShortLimbs(
            r0 & m, (r1 & m) &+ (r0 &>> 29), (r2 & m) &+ (r1 &>> 29), (r3 & m) &+ (r2 &>> 29), (r4 & m) &+ (r3 &>> 29),
            (a.l5 & m) &+ (r4 &>> 29), (a.l6 & m) &+ (a.l5 &>> 29), (a.l7 & m) &+ (a.l6 &>> 29), (a.l8 & m) &+ (a.l7 &>> 29))
    }

    /// a s for s below 2^16: limbs below 2^29 + 2^18.
    @inline(__always)
    static func product(_ a: ShortLimbs, small s: UInt64) -> ShortLimbs {
        var u = ShortSums(a)
        u.u0 &*= s
        u.u1 &*= s
        u.u2 &*= s
        u.u3 &*= s
        u.u4 &*= s
        u.u5 &*= s
        u.u6 &*= s
        u.u7 &*= s
        u.u8 &*= s
        u.add(u.takeTop(29), f)
        return u.carriedAtOnce
    }

    /// a in exact limbs and below 2^256 + 2^136, so that it is one of at most two forms of an element.
    @inline(__always)
    private static func exact(_ a: ShortLimbs) -> ShortSums {
        var u = ShortSums(a)
        u.carryLow()
        u.carryHigh()
        u.add(u.takeTop(24), d)
        u.carryLow()
        u.carryHigh()
        return u
    }

    /// The integer in 0 ..< m.
    @inline(__always)
    static func canonical(_ a: ShortLimbs) -> U256 {
        // With d added, what is m and above passes 2^256.
        let u = exact(a)
        var less = u
        less.add(1, d)
        less.carryLow()
        less.carryHigh()
        let reaches = barrier(0 &- less.takeTop(24))
        return ShortLimbs.select(reaches, u.limbs, less.limbs).words
    }

    /// Whether a stands for 0.
    @inline(__always)
    static func isZero(_ a: ShortLimbs) -> Bool {
        let u = exact(a).limbs, m = limbs
        let bits = u.l0 | u.l1 | u.l2 | u.l3 | u.l4 | u.l5 | u.l6 | u.l7 | u.l8
        var others = (u.l0 ^ m.l0) | (u.l1 ^ m.l1) | (u.l2 ^ m.l2) | (u.l3 ^ m.l3) | (u.l4 ^ m.l4)
        others |= (u.l5 ^ m.l5) | (u.l6 ^ m.l6) | (u.l7 ^ m.l7) | (u.l8 ^ m.l8)
        return (bits == 0) != (others == 0)
    }
}
