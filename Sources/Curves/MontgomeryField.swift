/// The constants of a Montgomery field: a prime m with 2^256 - m below 2^224.
public protocol MontgomeryParameters: Sendable {
    /// The prime m.
    static var modulus: U256 { get }
    /// -1/m modulo 2^64.
    static var negatedInverse: UInt64 { get }
    /// R mod m for R = 2^256.
    static var r: U256 { get }
    /// R^2 mod m.
    static var rSquared: U256 { get }
    /// Largest s such that 2^s divides m - 1.
    static var twoAdicity: Int { get }
    /// (m - 1) / 2^twoAdicity, halved and rounded down: (odd part - 1) / 2.
    static var oddPartHalf: U256 { get }
    /// Some c^(odd part) for a non-residue c: generates the roots of unity of order 2^twoAdicity. In canonical form.
    static var rootOfUnity: U256 { get }
}

/// Integers modulo m, represented as v = value * R mod m, R = 2^256 (Montgomery 1985): for primes without a fast reduction of their own.
///
/// Invariant: v < m. Constant time but for `squareRoot`.
@frozen public struct MontgomeryField<P: MontgomeryParameters>: PrimeField {
    @usableFromInline package var v: U256

    @inlinable @inline(__always)
    init(montgomery v: U256) { self.v = v }

    /// From an integer below m (any value below 2^256 is understood modulo m).
    @inlinable @inline(__always)
    public init(canonical v: U256) { self = Self(montgomery: v) * Self(montgomery: P.rSquared) }

    /// From one word.
    @inlinable @inline(__always)
    public init(_ value: UInt64) { self.init(canonical: U256(value)) }

    /// m.
    @inlinable public static var modulus: U256 { @inline(__always) get { P.modulus } }
    /// 256.
    @inlinable public static var bitCount: Int { @inline(__always) get { 256 } }
    /// 0.
    @inlinable public static var zero: Self { @inline(__always) get { Self(montgomery: .zero) } }
    /// 1.
    @inlinable public static var one: Self { @inline(__always) get { Self(montgomery: P.r) } }

    /// r + 2^256 top, known to be below 2m, brought below m.
    @inlinable @inline(__always)
    static func subtractModulus(_ r: U256, _ top: UInt64) -> Self {
        var borrow: UInt64 = 0
        let s = U256.subtract(r, P.modulus, &borrow)
        _ = sbb(top, 0, &borrow)
        let keep = barrier(0 &- borrow)
        return select(keep, Self(montgomery: s), Self(montgomery: r))
    }

    /// t / R mod m for t < m * 2^256: four rounds, each makes the lowest word zero by adding a multiple of m.
    #if arch(wasm32)
    @inlinable @inline(never)
    #else
    @inlinable @inline(__always)
    #endif
    package static func reduce(_ t: U512) -> Self {
        let m = P.modulus
        var top: UInt64 = 0
        var c: UInt64 = 0
        var q = t.low.w0 &* P.negatedInverse
        _ = mac(t.low.w0, q, m.w0, &c)
        let t1 = mac(t.low.w1, q, m.w1, &c)
        var t2 = mac(t.low.w2, q, m.w2, &c)
        var t3 = mac(t.low.w3, q, m.w3, &c)
        var t4 = adc(t.high.w0, c, &top)
        c = 0
        q = t1 &* P.negatedInverse
        _ = mac(t1, q, m.w0, &c)
        t2 = mac(t2, q, m.w1, &c)
        t3 = mac(t3, q, m.w2, &c)
        t4 = mac(t4, q, m.w3, &c)
        var t5 = adc(t.high.w1, c, &top)
        c = 0
        q = t2 &* P.negatedInverse
        _ = mac(t2, q, m.w0, &c)
        t3 = mac(t3, q, m.w1, &c)
        t4 = mac(t4, q, m.w2, &c)
        t5 = mac(t5, q, m.w3, &c)
        var t6 = adc(t.high.w2, c, &top)
        c = 0
        q = t3 &* P.negatedInverse
        _ = mac(t3, q, m.w0, &c)
        t4 = mac(t4, q, m.w1, &c)
        t5 = mac(t5, q, m.w2, &c)
        t6 = mac(t6, q, m.w3, &c)
        let t7 = adc(t.high.w3, c, &top)
        return subtractModulus(U256(t4, t5, t6, t7), top)
    }

    /// Product.
    @inlinable @inline(__always)
    public static func * (a: Self, b: Self) -> Self { reduce(.product(a.v, b.v)) }

    /// Square.
    @inlinable public var squared: Self { @inline(__always) get { Self.reduce(.square(v)) } }

    /// Product with an integer below 2^16.
    @inlinable @inline(__always)
    public func multiplied(bySmall s: UInt64) -> Self {
        // v * s = r + 2^256 top, top < s; take top * m away: r + top * (2^256 - m), below 2^256 + 2^240, so below 2m.
        var c: UInt64 = 0
        let r0 = mac(0, v.w0, s, &c)
        let r1 = mac(0, v.w1, s, &c)
        let r2 = mac(0, v.w2, s, &c)
        let r3 = mac(0, v.w3, s, &c)
        let top = c
        var borrow: UInt64 = 0
        let d = U256.subtract(.zero, P.modulus, &borrow)
        c = 0
        let q0 = mac(r0, top, d.w0, &c)
        let q1 = mac(r1, top, d.w1, &c)
        let q2 = mac(r2, top, d.w2, &c)
        let q3 = mac(r3, top, d.w3, &c)
        return Self.subtractModulus(U256(q0, q1, q2, q3), c)
    }

    /// Sum.
    @inlinable @inline(__always)
    public static func + (a: Self, b: Self) -> Self {
        var c: UInt64 = 0
        let r = U256.add(a.v, b.v, &c)
        return subtractModulus(r, c)
    }

    /// Difference.
    @inlinable @inline(__always)
    public static func - (a: Self, b: Self) -> Self {
        var c: UInt64 = 0
        let r = U256.subtract(a.v, b.v, &c)
        let mask = barrier(0 &- c)
        let m = P.modulus
        c = 0
        return Self(montgomery: U256.add(r, U256(m.w0 & mask, m.w1 & mask, m.w2 & mask, m.w3 & mask), &c))
    }

    /// 0 - self.
    @inlinable public var negated: Self { @inline(__always) get { Self.zero - self } }

    /// The integer in 0 ..< m.
    @inlinable public var canonical: U256 { Self.reduce(U512(v, .zero)).v }

    /// Whether this is 0.
    @inlinable public var isZero: Bool { @inline(__always) get { v.w0 | v.w1 | v.w2 | v.w3 == 0 } }

    /// Equality.
    @inlinable public static func == (a: Self, b: Self) -> Bool {
        (a.v.w0 ^ b.v.w0) | (a.v.w1 ^ b.v.w1) | (a.v.w2 ^ b.v.w2) | (a.v.w3 ^ b.v.w3) == 0
    }

    /// `b` where mask is all ones, else `a`.
    @inlinable @inline(__always)
    public static func select(_ mask: UInt64, _ a: Self, _ b: Self) -> Self {
        Self(
            montgomery: U256(
                a.v.w0 ^ (mask & (a.v.w0 ^ b.v.w0)), a.v.w1 ^ (mask & (a.v.w1 ^ b.v.w1)), a.v.w2 ^ (mask & (a.v.w2 ^ b.v.w2)),
                a.v.w3 ^ (mask & (a.v.w3 ^ b.v.w3))))
    }

    /// A square root by Tonelli and Shanks. Variable time.
    @inlinable public var squareRoot: Self? {
        tonelliShanks(power(P.oddPartHalf), rootOfUnity: Self(canonical: P.rootOfUnity), twoAdicity: P.twoAdicity)
    }
}
