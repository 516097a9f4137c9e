/// Integers modulo p = 2^256 - 2^32 - 977: base field of secp256k1, scalar field of secq256k1. However they are represented.
public protocol IntegersModuloP: PrimeField {}

/// Integers modulo n, the order of secp256k1: scalar field of secp256k1, base field of secq256k1. However they are represented.
public protocol IntegersModuloN: PrimeField {}

extension IntegersModuloP {
    /// p.
    @inlinable public static var modulus: U256 { @inline(__always) get { U256(0xFFFF_FFFE_FFFF_FC2F, .max, .max, .max) } }
    /// 256.
    @inlinable public static var bitCount: Int { @inline(__always) get { 256 } }

    /// 0 - self.
    @inlinable public var negated: Self { @inline(__always) get { .zero - self } }

    /// Equality of the elements, whatever their forms.
    @inlinable public static func == (a: Self, b: Self) -> Bool { (a - b).isZero }

    /// (p + 1) / 4.
    static var quarter: U256 { U256(0xFFFF_FFFF_BFFF_FF0C, .max, .max, 0x3FFF_FFFF_FFFF_FFFF) }

    /// self^((p + 1) / 4) if that is a root (p = 3 mod 4). Variable time.
    public var squareRoot: Self? {
        @specialized(where Self == Fp)
        get {
            let r = power(Self.quarter)
            return r.squared == self ? r : nil
        }
    }

    /// The square roots of many elements. Variable time.
    @specialized(where Self == Fp)
    public static func squareRoots(_ elements: [Self]) -> [Self?] {
        zip(elements, Lanes.powers(elements, quarter)).map { x, root in root.squared == x ? root : nil }
    }
}

extension IntegersModuloN {
    /// n.
    @inlinable public static var modulus: U256 {
        @inline(__always) get { U256(0xBFD2_5E8C_D036_4141, 0xBAAE_DCE6_AF48_A03B, 0xFFFF_FFFF_FFFF_FFFE, .max) }
    }
    /// 256.
    @inlinable public static var bitCount: Int { @inline(__always) get { 256 } }

    /// 0 - self.
    @inlinable public var negated: Self { @inline(__always) get { .zero - self } }

    /// Equality of the elements, whatever their forms.
    @inlinable public static func == (a: Self, b: Self) -> Bool { (a - b).isZero }

    /// (t - 1) / 2, where n - 1 = 2^6 t.
    package static var oddPartHalf: U256 {
        U256(0x777F_A4BD_19A0_6C82, 0xFD75_5DB9_CD5E_9140, 0xFFFF_FFFF_FFFF_FFFF, 0x01FF_FFFF_FFFF_FFFF)
    }

    /// The non-residue 5 to the power t, which generates the roots of unity of order 2^6.
    package static var rootOfUnity: Self {
        Self(canonical: U256(0x15B4_F83D_2D2A_D232, 0xB96E_9ABE_BBE4_51FA, 0xA7DC_810E_0657_10CB, 0x0D1F_8EAB_98DC_D1AC))
    }

    /// A square root by Tonelli and Shanks. Variable time.
    public var squareRoot: Self? {
        @specialized(where Self == Fn)
        get { tonelliShanks(power(Self.oddPartHalf), rootOfUnity: Self.rootOfUnity, twoAdicity: 6) }
    }

    /// The square roots of many elements. Variable time.
    @specialized(where Self == Fn)
    public static func squareRoots(_ elements: [Self]) -> [Self?] {
        zip(elements, Lanes.powers(elements, oddPartHalf)).map { x, half in
            x.tonelliShanks(half, rootOfUnity: rootOfUnity, twoAdicity: 6)
        }
    }
}
