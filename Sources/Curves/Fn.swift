#if !arch(wasm32)
/// Integers modulo n = 2^256 - d, the order of secp256k1: scalar field of secp256k1, base field of secq256k1.
///
/// d = 2^128 + e, e = e_0 + 2^64 e_1 of 127 bits. Invariant: four words, any value below 2^256 (weakly reduced, so 0 has two forms); reduction
/// by 2^256 = d modulo n. Constant time but for `squareRoot` and `squareRoots`.
@frozen public struct Fn: IntegersModuloN {
    @usableFromInline package var v: U256

    @inlinable @inline(__always)
    init(weak v: U256) { self.v = v }

    /// From an integer below n (any value below 2^256 is understood modulo n).
    @inlinable @inline(__always)
    public init(canonical v: U256) { self.v = v }

    /// From one word.
    @inlinable @inline(__always)
    public init(_ value: UInt64) { v = U256(value) }

    /// e.
    @inlinable package static var e0: UInt64 { @inline(__always) get { 0x402D_A173_2FC9_BEBF } }
    @inlinable package static var e1: UInt64 { @inline(__always) get { 0x4551_2319_50B7_5FC4 } }

    /// d.
    public static var complement: (UInt64, UInt64, UInt64)? { (e0, e1, 1) }
    /// 0.
    @inlinable public static var zero: Fn { @inline(__always) get { Fn(weak: .zero) } }
    /// 1.
    @inlinable public static var one: Fn { @inline(__always) get { Fn(weak: U256(1)) } }

    /// r + 2^256 count modulo n, for a count of at most 2^16.
    @inlinable @inline(__always)
    static func fold(_ r: U256, _ count: UInt64) -> Fn {
        // count * d < 2^145; a second overflow leaves a value below that, so adding d again touches three words only.
        var c: UInt64 = 0
        let r0 = mac(r.w0, count, e0, &c)
        let r1 = mac(r.w1, count, e1, &c)
        let r2 = adc(r.w2, count, &c)
        let r3 = adc(r.w3, 0, &c)
        let again = 0 &- c
        c = 0
        let s0 = adc(r0, again & e0, &c)
        let s1 = adc(r1, again & e1, &c)
        return Fn(weak: U256(s0, s1, r2 &+ (again & 1) &+ c, r3))
    }

    /// low + 2^256 high = low + d high, twice; then d once more for what is left above 2^256, at most 2.
    @inlinable @inline(__always)
    package static func reduce(_ t: U512) -> Fn {
        let h = t.high
        // u = low + high e_0 + 2^64 high e_1 + 2^128 high < 2^385: u_0 ... u_5 and the bit u_6
        var c: UInt64 = 0
        let u0 = mac(t.low.w0, h.w0, e0, &c)
        var u1 = mac(t.low.w1, h.w1, e0, &c)
        var u2 = mac(t.low.w2, h.w2, e0, &c)
        var u3 = mac(t.low.w3, h.w3, e0, &c)
        var u4 = c
        c = 0
        u1 = mac(u1, h.w0, e1, &c)
        u2 = mac(u2, h.w1, e1, &c)
        u3 = mac(u3, h.w2, e1, &c)
        u4 = mac(u4, h.w3, e1, &c)
        var u5 = c
        c = 0
        u2 = adc(u2, h.w0, &c)
        u3 = adc(u3, h.w1, &c)
        u4 = adc(u4, h.w2, &c)
        u5 = adc(u5, h.w3, &c)
        let u6 = c
        // The same with u_4 + 2^64 u_5 + 2^128 u_6, which is below 1.3 * 2^128, for high: the sum is below 2.7 * 2^256.
        let bit = 0 &- u6
        c = 0
        let v0 = mac(u0, u4, e0, &c)
        var v1 = mac(u1, u5, e0, &c)
        var v2 = adc(u2, bit & e0, &c)
        var v3 = adc(u3, bit & e1, &c)
        var v4 = c &+ u6
        c = 0
        v1 = mac(v1, u4, e1, &c)
        v2 = mac(v2, u5, e1, &c)
        v3 = adc(v3, 0, &c)
        v4 = v4 &+ c
        c = 0
        v2 = adc(v2, u4, &c)
        v3 = adc(v3, u5, &c)
        v4 = v4 &+ c
        return fold(U256(v0, v1, v2, v3), v4)
    }

    /// Product.
    @inlinable @inline(__always)
    public static func * (a: Fn, b: Fn) -> Fn { reduce(.product(a.v, b.v)) }

    /// Square.
    @inlinable public var squared: Fn { @inline(__always) get { Fn.reduce(.square(v)) } }

    /// Product with an integer below 2^16.
    @inlinable @inline(__always)
    public func multiplied(bySmall s: UInt64) -> Fn {
        var c: UInt64 = 0
        let r0 = mac(0, v.w0, s, &c)
        let r1 = mac(0, v.w1, s, &c)
        let r2 = mac(0, v.w2, s, &c)
        let r3 = mac(0, v.w3, s, &c)
        return Fn.fold(U256(r0, r1, r2, r3), c)
    }

    /// r + d where the mask is all ones, and whether that overflows.
    @inlinable @inline(__always)
    static func addD(_ r: U256, _ mask: UInt64) -> (U256, UInt64) {
        var c: UInt64 = 0
        let s = U256.add(r, U256(mask & e0, mask & e1, mask & 1, 0), &c)
        return (s, c)
    }

    /// Sum.
    @inlinable @inline(__always)
    public static func + (a: Fn, b: Fn) -> Fn {
        var c: UInt64 = 0
        let r = U256.add(a.v, b.v, &c)
        let (s, again) = addD(r, 0 &- c)
        // both operands close to 2^256: s is below d, one more d cannot overflow
        return Fn(weak: addD(s, 0 &- again).0)
    }

    /// Difference.
    @inlinable @inline(__always)
    public static func - (a: Fn, b: Fn) -> Fn {
        var c: UInt64 = 0
        let r = U256.subtract(a.v, b.v, &c)
        var m = 0 &- c
        c = 0
        let s = U256.subtract(r, U256(m & e0, m & e1, m & 1, 0), &c)
        m = 0 &- c
        c = 0
        return Fn(weak: U256.subtract(s, U256(m & e0, m & e1, m & 1, 0), &c))
    }

    /// The integer in 0 ..< n.
    @inlinable public var canonical: U256 {
        @inline(__always) get {
            var borrow: UInt64 = 0
            let reduced = U256.subtract(v, Fn.modulus, &borrow)
            let keep = barrier(0 &- borrow)
            return Fn.select(keep, Fn(weak: reduced), self).v
        }
    }

    /// Whether this is 0 in either form.
    @inlinable public var isZero: Bool {
        @inline(__always) get { canonical.isZero }
    }

    /// `b` where mask is all ones, else `a`.
    @inlinable @inline(__always)
    public static func select(_ mask: UInt64, _ a: Fn, _ b: Fn) -> Fn {
        Fn(
            weak: U256(
                a.v.w0 ^ (mask & (a.v.w0 ^ b.v.w0)), a.v.w1 ^ (mask & (a.v.w1 ^ b.v.w1)), a.v.w2 ^ (mask & (a.v.w2 ^ b.v.w2)),
                a.v.w3 ^ (mask & (a.v.w3 ^ b.v.w3))))
    }
}
#endif
