#if !arch(wasm32)
/// Integers modulo p = 2^256 - 2^32 - 977: base field of secp256k1, scalar field of secq256k1.
///
/// Invariant: four words, any value below 2^256 (weakly reduced, so 0 has two forms); reduction by 2^256 = k modulo p, k = 2^32 + 977.
/// Constant time but for `squareRoot` and `squareRoots`.
@frozen public struct Fp: IntegersModuloP {
    @usableFromInline package var v: U256

    @inlinable @inline(__always)
    init(weak v: U256) { self.v = v }

    /// From an integer below p (any value below 2^256 is understood modulo p).
    @inlinable @inline(__always)
    public init(canonical v: U256) { self.v = v }

    /// From one word.
    @inlinable @inline(__always)
    public init(_ value: UInt64) { v = U256(value) }

    /// 2^256 mod p.
    @inlinable static var k: UInt64 { @inline(__always) get { 0x1_0000_03D1 } }

    /// k.
    public static var complement: (UInt64, UInt64, UInt64)? { (k, 0, 0) }
    /// 0.
    @inlinable public static var zero: Fp { @inline(__always) get { Fp(weak: .zero) } }
    /// 1.
    @inlinable public static var one: Fp { @inline(__always) get { Fp(weak: U256(1)) } }

    /// low + 2^256 * carry modulo p, for carry of 0 or 1 or so few that low + carry * k overflows at most once.
    @inlinable @inline(__always)
    static func fold(_ r: U256, _ carry: UInt64) -> Fp {
        // carry * k < 2^98: two words. A second overflow leaves a value below 2^98, so adding k again touches two words only.
        let t = carry.multipliedFullWidth(by: k)
        var c: UInt64 = 0
        var r0 = adc(r.w0, t.low, &c)
        var r1 = adc(r.w1, t.high, &c)
        let r2 = adc(r.w2, 0, &c)
        let r3 = adc(r.w3, 0, &c)
        let again = (0 &- c) & k
        c = 0
        r0 = adc(r0, again, &c)
        r1 = r1 &+ c
        return Fp(weak: U256(r0, r1, r2, r3))
    }

    @inlinable @inline(__always)
    package static func reduce(_ t: U512) -> Fp {
        var c: UInt64 = 0
        let r0 = mac(t.low.w0, t.high.w0, k, &c)
        let r1 = mac(t.low.w1, t.high.w1, k, &c)
        let r2 = mac(t.low.w2, t.high.w2, k, &c)
        let r3 = mac(t.low.w3, t.high.w3, k, &c)
        return fold(U256(r0, r1, r2, r3), c)
    }

    /// Product.
    @inlinable @inline(__always)
    public static func * (a: Fp, b: Fp) -> Fp { reduce(.product(a.v, b.v)) }

    /// Square.
    @inlinable public var squared: Fp { @inline(__always) get { Fp.reduce(.square(v)) } }

    /// Product with an integer below 2^16.
    @inlinable @inline(__always)
    public func multiplied(bySmall s: UInt64) -> Fp {
        var c: UInt64 = 0
        let r0 = mac(0, v.w0, s, &c)
        let r1 = mac(0, v.w1, s, &c)
        let r2 = mac(0, v.w2, s, &c)
        let r3 = mac(0, v.w3, s, &c)
        return Fp.fold(U256(r0, r1, r2, r3), c)
    }

    /// Sum.
    @inlinable @inline(__always)
    public static func + (a: Fp, b: Fp) -> Fp {
        var c: UInt64 = 0
        let r = U256.add(a.v, b.v, &c)
        let m = (0 &- c) & k
        c = 0
        let r0 = adc(r.w0, m, &c)
        let r1 = adc(r.w1, 0, &c)
        let r2 = adc(r.w2, 0, &c)
        let r3 = adc(r.w3, 0, &c)
        // both operands close to 2^256: the result is below k, one more k cannot carry
        return Fp(weak: U256(r0 &+ ((0 &- c) & k), r1, r2, r3))
    }

    /// Difference.
    @inlinable @inline(__always)
    public static func - (a: Fp, b: Fp) -> Fp {
        var c: UInt64 = 0
        let r = U256.subtract(a.v, b.v, &c)
        let m = (0 &- c) & k
        c = 0
        let r0 = sbb(r.w0, m, &c)
        let r1 = sbb(r.w1, 0, &c)
        let r2 = sbb(r.w2, 0, &c)
        let r3 = sbb(r.w3, 0, &c)
        return Fp(weak: U256(r0 &- ((0 &- c) & k), r1, r2, r3))
    }

    /// The integer in 0 ..< p.
    @inlinable public var canonical: U256 {
        @inline(__always) get {
            var borrow: UInt64 = 0
            let reduced = U256.subtract(v, Fp.modulus, &borrow)
            let keep = barrier(0 &- borrow)
            return Fp.select(keep, Fp(weak: reduced), self).v
        }
    }

    /// Whether this is 0 in either form.
    @inlinable public var isZero: Bool {
        @inline(__always) get { canonical.isZero }
    }

    /// `b` where mask is all ones, else `a`.
    @inlinable @inline(__always)
    public static func select(_ mask: UInt64, _ a: Fp, _ b: Fp) -> Fp {
        Fp(
            weak: U256(
                a.v.w0 ^ (mask & (a.v.w0 ^ b.v.w0)), a.v.w1 ^ (mask & (a.v.w1 ^ b.v.w1)), a.v.w2 ^ (mask & (a.v.w2 ^ b.v.w2)),
                a.v.w3 ^ (mask & (a.v.w3 ^ b.v.w3))))
    }
}
#endif
