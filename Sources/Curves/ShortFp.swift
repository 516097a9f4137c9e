#if arch(wasm32)
/// Integers modulo p, as they are represented where words are short.
public typealias Fp = ShortFp
#endif

/// Integers modulo p in nine limbs of 29 bits: the twin of the one in four words, for WebAssembly.
///
/// Constant time but for `squareRoot` and `squareRoots`. Each operation is a call: inlined, they would double the size of a wallet and make its
/// compilation several times longer.
public struct ShortFp: IntegersModuloP {
    package let v: ShortLimbs

    @inline(__always)
    package init(weak v: ShortLimbs) { self.v = v }

    /// From an integer below p (any value below 2^256 is understood modulo p).
    @export(interface)
    public init(canonical v: U256) { self.v = ShortLimbs(v) }

    /// From one word.
    @export(interface)
    public init(_ value: UInt64) { v = ShortLimbs(U256(value)) }

    /// 0.
    public static var zero: ShortFp { ShortFp(weak: ShortLimbs(0, 0, 0, 0, 0, 0, 0, 0, 0)) }
    /// 1.
    public static var one: ShortFp { ShortFp(weak: ShortLimbs(1, 0, 0, 0, 0, 0, 0, 0, 0)) }

    /// Product.
    @export(interface)
    public static func * (a: ShortFp, b: ShortFp) -> ShortFp { ShortFp(weak: ModuloP.reduce(ShortProduct(a.v, b.v))) }

    /// Square.
    public var squared: ShortFp { @export(interface) get { ShortFp(weak: ModuloP.reduce(ShortProduct(squareOf: v))) } }

    /// Product with an integer below 2^16.
    @export(interface)
    public func multiplied(bySmall s: UInt64) -> ShortFp { ShortFp(weak: ModuloP.product(v, small: s)) }

    /// Sum.
    @export(interface)
    public static func + (a: ShortFp, b: ShortFp) -> ShortFp { ShortFp(weak: ModuloP.sum(a.v, b.v)) }

    /// Difference.
    @export(interface)
    public static func - (a: ShortFp, b: ShortFp) -> ShortFp { ShortFp(weak: ModuloP.difference(a.v, b.v)) }

    /// The integer in 0 ..< p.
    public var canonical: U256 { @export(interface) get { ModuloP.canonical(v) } }

    /// Whether this is 0 in any form.
    public var isZero: Bool { @export(interface) get { ModuloP.isZero(v) } }

    /// `b` where mask is all ones, else `a`.
    @export(interface)
    public static func select(_ mask: UInt64, _ a: ShortFp, _ b: ShortFp) -> ShortFp { ShortFp(weak: .select(mask, a.v, b.v)) }
}

/// p.
enum ModuloP: ShortModulus {
    static var d: FiveLimbs { @inline(__always) get { FiveLimbs(0x3D1, 8, 0, 0, 0) } }
    static var f: FiveLimbs { @inline(__always) get { FiveLimbs(0x7A20, 0x100, 0, 0, 0) } }
    static var multiple: ShortLimbs {
        @inline(__always) get {
            ShortLimbs(0x5FFF_0BC0, 0x5FFF_FDFD, 0x5FFF_FFFD, 0x5FFF_FFFD, 0x5FFF_FFFD, 0x3FFF_FFFD, 0x3FFF_FFFE, 0x3FFF_FFFE, 0x3FFF_FFFE)
        }
    }
    static var limbs: ShortLimbs {
        @inline(__always) get {
            ShortLimbs(0x1FFF_FC2F, 0x1FFF_FFF7, 0x1FFF_FFFF, 0x1FFF_FFFF, 0x1FFF_FFFF, 0x1FFF_FFFF, 0x1FFF_FFFF, 0x1FFF_FFFF, 0xFF_FFFF)
        }
    }
}
