/// phi(x, y) = (beta x, y) = lambda (x, y), and what splits a scalar k into k1 + k2 lambda with both halves below 2^128 in size
/// (Gallant, Lambert, Vanstone 2001).
///
/// The lattice of (a, b) with a + b lambda = 0 has a short basis (a1, b1), (a2, b2) of determinant n; c_i are k b2 / n and -k b1 / n, rounded.
public struct Endomorphism<C: Curve>: Sendable {
    /// Cube root of unity in the base field.
    public let beta: C.Base
    /// Cube root of unity in the scalar field.
    public let lambda: C.Scalar
    /// round(2^384 b2 / n) and round(-2^384 b1 / n).
    let g1: U256, g2: U256
    /// -b1 and -b2 in the scalar field.
    let minusB1: C.Scalar, minusB2: C.Scalar

    init(beta: U256, lambda: U256, g1: U256, g2: U256, minusB1: U256, minusB2: U256) {
        self.beta = C.Base(canonical: beta)
        self.lambda = C.Scalar(canonical: lambda)
        self.g1 = g1
        self.g2 = g2
        self.minusB1 = C.Scalar(canonical: minusB1)
        self.minusB2 = C.Scalar(canonical: minusB2)
    }

    /// Magnitudes and signs of k1 and k2. Variable time.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public func split(_ k: C.Scalar) -> (U256, Bool, U256, Bool) {
        let integer = k.canonical
        func rounded(_ g: U256) -> C.Scalar {
            let high = U512.product(integer, g).high
            var carry = high.w1 &>> 63
            let low = adc(high.w2, 0, &carry)
            return C.Scalar(canonical: U256(low, high.w3 &+ carry, 0, 0))
        }
        let k2 = rounded(g1) * minusB1 + rounded(g2) * minusB2
        let (m1, s1) = Endomorphism.signed(k - k2 * lambda)
        let (m2, s2) = Endomorphism.signed(k2)
        return (m1, s1, m2, s2)
    }

    /// Magnitude and sign of a scalar taken between -n/2 and n/2.
    static func signed(_ k: C.Scalar) -> (U256, Bool) {
        let v = k.canonical
        if v.w3 | v.w2 == 0 { return (v, false) }
        return (k.negated.canonical, true)
    }

    /// phi of a point.
    @inlinable public func apply(_ p: Affine<C>) -> Affine<C> { Affine(x: p.x * beta, y: p.y) }
}

extension Secp256k1 {
    /// beta and lambda of secp256k1.
    public static var endomorphism: Endomorphism<Secp256k1>? { SecpEndomorphism.value }
}

extension Secq256k1 {
    /// beta and lambda of secq256k1.
    public static var endomorphism: Endomorphism<Secq256k1>? { SecqEndomorphism.value }
}

enum SecpEndomorphism {
    static let value = Endomorphism<Secp256k1>(
        beta: U256(0xC139_6C28_7195_01EE, 0x9CF0_4975_12F5_8995, 0x6E64_479E_AC34_34E9, 0x7AE9_6A2B_657C_0710),
        lambda: U256(0xDF02_967C_1B23_BD72, 0x122E_22EA_2081_6678, 0xA526_1C02_8812_645A, 0x5363_AD4C_C05C_30E0),
        g1: U256(0xE893_209A_45DB_B031, 0x3DAA_8A14_71E8_CA7F, 0xE86C_90E4_9284_EB15, 0x3086_D221_A7D4_6BCD),
        g2: U256(0x1571_B4AE_8AC4_7F71, 0x2212_08AC_9DF5_06C6, 0x6F54_7FA9_0ABF_E4C4, 0xE443_7ED6_010E_8828),
        minusB1: U256(0x6F54_7FA9_0ABF_E4C3, 0xE443_7ED6_010E_8828, 0x0000_0000_0000_0000, 0x0000_0000_0000_0000),
        minusB2: U256(0xD765_CDA8_3DB1_562C, 0x8A28_0AC5_0774_346D, 0xFFFF_FFFF_FFFF_FFFE, 0xFFFF_FFFF_FFFF_FFFF))
}

enum SecqEndomorphism {
    static let value = Endomorphism<Secq256k1>(
        beta: U256(0xE0CF_C810_B512_83CE, 0xA880_B9FC_8EC7_39C2, 0x5AD9_E3FD_77ED_9BA4, 0xAC9C_52B3_3FA3_CF1F),
        lambda: U256(0x3EC6_93D6_8E6A_FA40, 0x630F_B68A_ED0A_766A, 0x919B_B861_53CB_CB16, 0x8516_95D4_9A83_F8EF),
        g1: U256(0x0000_0000_E443_823D, 0x0000_0000_0000_0000, 0x6F54_7FA9_0ABF_E4C3, 0xE443_7ED6_010E_8828),
        g2: U256(0x0000_0000_3086_D2DB, 0x0000_0000_0000_0000, 0xE86C_90E4_9284_EB16, 0x3086_D221_A7D4_6BCD),
        minusB1: U256(0xE86C_90E4_9284_EB16, 0x3086_D221_A7D4_6BCD, 0x0000_0000_0000_0000, 0x0000_0000_0000_0000),
        minusB2: U256(0x90AB_8055_F540_176C, 0x1BBC_8129_FEF1_77D7, 0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF))
}
