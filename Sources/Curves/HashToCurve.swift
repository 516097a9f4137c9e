import Platform

/// RFC 9380, suite secp256k1_XMD:SHA-256_SSWU_RO_. For public messages: variable time.
@export(interface)
public func hashToCurve(_ message: [UInt8], domain: [UInt8]) -> Point<Secp256k1> {
    let uniform = expandMessage(message, domain: domain, count: 96)
    let u0 = Fp(reducingLittleEndian: Array(uniform[0..<48].reversed()))
    let u1 = Fp(reducingLittleEndian: Array(uniform[48..<96].reversed()))
    let points = mapToCurve([u0, u1])
    return points[0] + points[1]
}

/// expand_message_xmd of RFC 9380 #5.3.1 with SHA-256: `count` bytes, at most 8160.
package func expandMessage(_ message: [UInt8], domain: [UInt8], count: Int) -> [UInt8] {
    precondition(count <= 255 * 32)
    var dst = domain.count > 255 ? SHA256.hash(Array("H2C-OVERSIZE-DST-".utf8) + domain) : domain
    dst.append(UInt8(truncatingIfNeeded: dst.count))
    let length = [UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count), 0]
    let b0 = SHA256.hash([UInt8](repeating: 0, count: 64) + message + length + dst)
    var block = SHA256.hash(b0 + [1] + dst)
    var out = block
    var i: UInt8 = 1
    while out.count < count {
        i += 1
        block = SHA256.hash(zip(b0, block).map { $0 ^ $1 } + [i] + dst)
        out += block
    }
    return Array(out.prefix(count))
}

/// map_to_curve_simple_swu on the isogenous curve y^2 = x^3 + A x + B (RFC 9380 #6.6.2), then the 3-isogeny (appendix E.1), of several u.
package func mapToCurve(_ us: [Fp]) -> [Point<Secp256k1>] {
    func g(_ x: Fp) -> Fp { (x.squared + Isogeny.a) * x + Isogeny.b }
    let zuus = us.map { Isogeny.z * $0.squared }
    // 1 / (z^2 u^4 + z u^2)
    var inverses = zuus.map { $0.squared + $0 }
    Fp.invert(&inverses)
    let x1s = inverses.map { $0.isZero ? Isogeny.exceptionalX : Isogeny.minusBOverA * (Fp.one + $0) }
    let roots = Fp.squareRoots(x1s.map(g))
    var out: [Point<Secp256k1>] = []
    for i in us.indices {
        var x = x1s[i]
        var y: Fp
        if let root = roots[i] {
            y = root
        } else {
            x = zuus[i] * x
            // g(x1) g(x2) is a square (RFC 9380 #6.6.2), so one of the two has a root.
            guard let root = g(x).squareRoot else { preconditionFailure("SSWU: neither value is a square") }
            y = root
        }
        if y.isOdd != us[i].isOdd { y = y.negated }
        // As a projective point: a zero denominator gives the identity, as the RFC wants.
        let xn = Isogeny.evaluate(Isogeny.xNumerator, x), xd = Isogeny.evaluate(Isogeny.xDenominator, x)
        let yn = Isogeny.evaluate(Isogeny.yNumerator, x), yd = Isogeny.evaluate(Isogeny.yDenominator, x)
        out.append(xd.isZero || yd.isZero ? .identity : Point(x: xn * yd, y: y * yn * xd, z: xd * yd))
    }
    return out
}

/// Constants of RFC 9380 appendix E.1.
enum Isogeny {
    static let a = Fp(canonical: U256(0x4054_47C0_1A44_4533, 0xE953_D363_CB6F_0E5D, 0xA08A_5558_F0F5_D272, 0x3F87_31AB_DD66_1ADC))
    static let b = Fp(1771)
    static let z = Fp(11).negated
    static let minusBOverA = b.negated * a.inverted
    /// b / (z a): x where the general formula would divide by zero.
    static let exceptionalX = b * (z * a).inverted
    static let xNumerator: [Fp] = [
        Fp(canonical: U256(0x8E38_E38D_AAAA_A8C7, 0x38E3_8E38_E38E_38E3, 0xE38E_38E3_8E38_E38E, 0x8E38_E38E_38E3_8E38)),
        Fp(canonical: U256(0xDFFF_1044_F17C_6581, 0xD595_D2FC_0BF6_3B92, 0xB9F3_15CE_A7FD_44C5, 0x07D3_D4C8_0BC3_21D5)),
        Fp(canonical: U256(0x4ECB_D0B5_3D9D_D262, 0xE450_6144_037C_4031, 0xE2A4_13DE_CA25_CAEC, 0x534C_328D_23F2_34E6)),
        Fp(canonical: U256(0x8E38_E38D_AAAA_A88C, 0x38E3_8E38_E38E_38E3, 0xE38E_38E3_8E38_E38E, 0x8E38_E38E_38E3_8E38)),
    ]
    static let xDenominator: [Fp] = [
        Fp(canonical: U256(0x9FE6_B745_781E_B49B, 0x86CD_4095_42F8_487D, 0x9CA3_4CCB_B7B6_40DD, 0xD357_7119_3D94_918A)),
        Fp(canonical: U256(0xC52A_5661_2A8C_6D14, 0x06D3_6B64_1F5E_41BB, 0xF7C4_B2D5_1B54_2254, 0xEDAD_C6F6_4383_DC1D)),
        Fp(canonical: U256(0x0000_0000_0000_0001, 0x0000_0000_0000_0000, 0x0000_0000_0000_0000, 0x0000_0000_0000_0000)),
    ]
    static let yNumerator: [Fp] = [
        Fp(canonical: U256(0xA12F_684B_8E38_E23C, 0x2F68_4BDA_12F6_84BD, 0x684B_DA12_F684_BDA1, 0x4BDA_12F6_84BD_A12F)),
        Fp(canonical: U256(0xDFFC_90FC_201D_71A3, 0x647A_B046_D686_DA6F, 0xA9D0_A54B_12A0_A6D5, 0xC75E_0C32_D5CB_7C0F)),
        Fp(canonical: U256(0xA765_E85A_9ECE_E931, 0x7228_30A2_01BE_2018, 0x7152_09EF_6512_E576, 0x29A6_1946_91F9_1A73)),
        Fp(canonical: U256(0x84BD_A12F_38E3_8D84, 0xBDA1_2F68_4BDA_12F6, 0xA12F_684B_DA12_F684, 0x2F68_4BDA_12F6_84BD)),
    ]
    static let yDenominator: [Fp] = [
        Fp(canonical: U256(0xFFFF_FFFE_FFFF_F93B, 0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)),
        Fp(canonical: U256(0xDFB4_25D2_685C_2573, 0x9467_C1BF_C8E8_D978, 0xD5E9_E663_2722_C298, 0x7A06_534B_B8BD_B49F)),
        Fp(canonical: U256(0xA7BF_8192_BFD2_A76F, 0x0A3D_2116_2F0D_6299, 0xF3A7_0C3F_A8FE_337E, 0x6484_AA71_6545_CA2C)),
        Fp(canonical: U256(0x0000_0000_0000_0001, 0x0000_0000_0000_0000, 0x0000_0000_0000_0000, 0x0000_0000_0000_0000)),
    ]

    /// Coefficients from the constant term up.
    static func evaluate(_ coefficients: [Fp], _ x: Fp) -> Fp {
        var v = Fp.zero
        for c in coefficients.reversed() { v = v * x + c }
        return v
    }
}
