#if arch(wasm32)
/// Integers modulo n, as they are represented where words are short.
public typealias Fn = ShortFn
#endif

/// Integers modulo n in nine limbs of 29 bits: the twin of the one in four words, for WebAssembly.
///
/// Constant time but for `squareRoot` and `squareRoots`. Each operation is a call: inlined, they would double the size of a wallet and make its
/// compilation several times longer.
public struct ShortFn: IntegersModuloN {
    package let v: ShortLimbs

    @inline(__always)
    package init(weak v: ShortLimbs) { self.v = v }

    /// From an integer below n (any value below 2^256 is understood modulo n).
    @export(interface)
    public init(canonical v: U256) { self.v = ShortLimbs(v) }

    /// From one word.
    @export(interface)
    public init(_ value: UInt64) { v = ShortLimbs(U256(value)) }

    /// 0.
    public static var zero: ShortFn { ShortFn(weak: ShortLimbs(0, 0, 0, 0, 0, 0, 0, 0, 0)) }
    /// 1.
    public static var one: ShortFn { ShortFn(weak: ShortLimbs(1, 0, 0, 0, 0, 0, 0, 0, 0)) }

    /// Product.
    @export(interface)
    public static func * (a: ShortFn, b: ShortFn) -> ShortFn { ShortFn(weak: ModuloN.reduce(ShortProduct(a.v, b.v))) }

    /// Square.
    public var squared: ShortFn { @export(interface) get { ShortFn(weak: ModuloN.reduce(ShortProduct(squareOf: v))) } }

    /// Product with an integer below 2^16.
    @export(interface)
    public func multiplied(bySmall s: UInt64) -> ShortFn { ShortFn(weak: ModuloN.product(v, small: s)) }

    /// Sum.
    @export(interface)
    public static func + (a: ShortFn, b: ShortFn) -> ShortFn { ShortFn(weak: ModuloN.sum(a.v, b.v)) }

    /// Difference.
    @export(interface)
    public static func - (a: ShortFn, b: ShortFn) -> ShortFn { ShortFn(weak: ModuloN.difference(a.v, b.v)) }

    /// The integer in 0 ..< n.
    public var canonical: U256 { @export(interface) get { ModuloN.canonical(v) } }

    /// Whether this is 0 in any form.
    public var isZero: Bool { @export(interface) get { ModuloN.isZero(v) } }

    /// `b` where mask is all ones, else `a`.
    @export(interface)
    public static func select(_ mask: UInt64, _ a: ShortFn, _ b: ShortFn) -> ShortFn { ShortFn(weak: .select(mask, a.v, b.v)) }
}

/// n.
enum ModuloN: ShortModulus {
    static var d: FiveLimbs { @inline(__always) get { FiveLimbs(0xFC9_BEBF, 0x16D_0B99, 0xDD7_F110, 0x246_32A1, 0x1455) } }
    static var f: FiveLimbs { @inline(__always) get { FiveLimbs(0x1937_D7E0, 0xDA1_732F, 0x1AFE_2201, 0x8C6_542D, 0x2_8AA2) } }
    static var multiple: ShortLimbs {
        @inline(__always) get {
            ShortLimbs(0x4D90_5040, 0x44BD_199E, 0x4A03_BBFB, 0x4E73_57A2, 0x5FFA_EAB9, 0x3FFF_FFFD, 0x3FFF_FFFE, 0x3FFF_FFFE, 0x3FFF_FFFE)
        }
    }
    static var limbs: ShortLimbs {
        @inline(__always) get {
            ShortLimbs(0x1036_4141, 0x1E92_F466, 0x1228_0EEF, 0x1DB9_CD5E, 0x1FFF_EBAA, 0x1FFF_FFFF, 0x1FFF_FFFF, 0x1FFF_FFFF, 0xFF_FFFF)
        }
    }
}
