#if !hasFeature(Embedded)
import COpenSSL
import Platform

/// Constants of the order of P-256.
public enum P256Order: MontgomeryParameters {
    /// The order.
    @inlinable public static var modulus: U256 {
        @inline(__always) get { U256(0xF3B9_CAC2_FC63_2551, 0xBCE6_FAAD_A717_9E84, 0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_0000_0000) }
    }
    /// -1/order mod 2^64.
    @inlinable public static var negatedInverse: UInt64 { @inline(__always) get { 0xCCD1_C8AA_EE00_BC4F } }
    /// 2^256 mod order.
    @inlinable public static var r: U256 {
        @inline(__always) get { U256(0x0C46_353D_039C_DAAF, 0x4319_0552_58E8_617B, 0x0000_0000_0000_0000, 0x0000_0000_FFFF_FFFF) }
    }
    /// 2^512 mod order.
    @inlinable public static var rSquared: U256 {
        @inline(__always) get { U256(0x8324_4C95_BE79_EEA2, 0x4699_799C_49BD_6FA6, 0x2845_B239_2B6B_EC59, 0x66E1_2D94_F3D9_5620) }
    }
    /// order - 1 = 2^4 times an odd number.
    public static var twoAdicity: Int { 4 }
    /// ((order - 1) / 16 - 1) / 2.
    public static var oddPartHalf: U256 { U256(0x279D_CE56_17E3_192A, 0xFDE7_37D5_6D38_BCF4, 0x07FF_FFFF_FFFF_FFFF, 0x07FF_FFFF_F800_0000) }
    /// The non-residue 7 to the power (order - 1) / 16.
    public static var rootOfUnity: U256 { U256(0x0592_D7FB_B41E_6602, 0x1546_CAD0_0437_8DAF, 0xBA80_7ACE_842A_3DFC, 0xFFC9_7F06_2A77_0992) }
}

/// NIST P-256 (secp256r1) with OpenSSL's arithmetic: the group of the published vectors, and proof that `Group` hides its instance.
///
/// Elements are values: each operation hands their bytes to OpenSSL and takes bytes back. That is slow (some 100 us a multiplication) and
/// lets elements be shared between threads.
public enum P256: Group {
    /// Integers modulo the order.
    public typealias Scalar = MontgomeryField<P256Order>

    /// An element by the 64 bytes of its coordinates, or the identity.
    public struct Element: Equatable, Sendable {
        /// x and y, big-endian; empty for the identity.
        let coordinates: [UInt8]
    }

    /// 33.
    public static var elementLength: Int { 33 }
    /// 32.
    public static var scalarLength: Int { 32 }
    /// The neutral element.
    public static var identity: Element { Element(coordinates: []) }
    /// The base point of SP 800-186.
    public static let base = computed { point, context in EC_POINT_copy(point, EC_GROUP_get0_generator(group)) }

    /// a + b.
    public static func add(_ a: Element, _ b: Element) -> Element {
        lent(a) { a in lent(b) { b in computed { sum, context in EC_POINT_add(group, sum, a, b, context) } } }
    }

    /// -a.
    public static func negate(_ a: Element) -> Element {
        computed { point, context in
            load(a, into: point, context)
            return EC_POINT_invert(group, point, context)
        }
    }

    /// k * a in constant time, by OpenSSL's P-256 code; the copy of k is wiped.
    public static func multiply(_ k: Scalar, _ a: Element) -> Element {
        var bytes = k.encoded
        defer { zeroize(&bytes) }
        guard let integer = BN_bin2bn(bytes, Int32(bytes.count), nil) else { preconditionFailure("out of memory") }
        defer { BN_clear_free(integer) }
        BN_set_flags(integer, BN_FLG_CONSTTIME)
        return lent(a) { a in computed { product, context in EC_POINT_mul(group, product, nil, a, integer, context) } }
    }

    /// sum of k_i * a_i, one multiplication at a time.
    public static func multiScalar(_ k: [Scalar], _ a: [Element]) -> Element {
        precondition(k.count == a.count)
        var sum = identity
        for (k, a) in zip(k, a) { sum = add(sum, multiply(k, a)) }
        return sum
    }

    /// SEC 1 compressed encoding, 33 bytes; throws `.identity` for the identity.
    public static func encode(_ a: Element) throws(CurveError) -> [UInt8] {
        guard let last = a.coordinates.last else { throw .identity }
        return [2 + (last & 1)] + a.coordinates[..<32]
    }

    /// The inverse of `encode`; throws `.length`, `.notCanonical` (prefix, x at the field's prime or above) or `.notOnCurve`.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(CurveError) -> Element {
        guard bytes.count == elementLength, let prefix = bytes.first else { throw .length }
        guard prefix == 2 || prefix == 3, U256(bigEndian: bytes.dropFirst()) < fieldPrime else { throw .notCanonical }
        guard let element = converted([UInt8](bytes)) else { throw .notOnCurve }
        return element
    }

    private static let fieldPrime = U256(0xFFFF_FFFF_FFFF_FFFF, 0x0000_0000_FFFF_FFFF, 0x0000_0000_0000_0000, 0xFFFF_FFFF_0000_0001)

    /// OpenSSL's description of the curve, made once and only read from then on; its address, as an integer, may be shared between threads.
    private static let groupAddress: UInt = {
        guard let group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1) else { preconditionFailure("OpenSSL has no P-256") }
        return UInt(bitPattern: group)
    }()
    private static var group: OpaquePointer { OpaquePointer(bitPattern: groupAddress)! }

    /// Runs `body` with a fresh point and room for OpenSSL's temporaries, all freed again.
    private static func scratch<R>(_ body: (_ point: OpaquePointer, _ context: OpaquePointer) -> R) -> R {
        guard let context = BN_CTX_new(), let point = EC_POINT_new(group) else { preconditionFailure("out of memory") }
        defer {
            EC_POINT_clear_free(point)
            BN_CTX_free(context)
        }
        return body(point, context)
    }

    private static func load(_ a: Element, into point: OpaquePointer, _ context: OpaquePointer) {
        let bytes: [UInt8] = a.coordinates.isEmpty ? [0] : [4] + a.coordinates
        precondition(EC_POINT_oct2point(group, point, bytes, bytes.count, context) == 1, "elements are on the curve")
    }

    private static func store(_ point: OpaquePointer, _ context: OpaquePointer) -> Element {
        if EC_POINT_is_at_infinity(group, point) == 1 { return identity }
        var bytes = [UInt8](repeating: 0, count: 65)
        let count = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, &bytes, bytes.count, context)
        precondition(count == bytes.count, "OpenSSL could not encode a point")
        return Element(coordinates: [UInt8](bytes.dropFirst()))
    }

    private static func lent<R>(_ a: Element, _ body: (OpaquePointer) -> R) -> R {
        scratch { point, context in
            load(a, into: point, context)
            return body(point)
        }
    }

    private static func computed(_ body: (_ point: OpaquePointer, _ context: OpaquePointer) -> Int32) -> Element {
        scratch { point, context in
            precondition(body(point, context) == 1, "OpenSSL could not compute with points")
            return store(point, context)
        }
    }

    /// The element of a compressed encoding, nil if there is none.
    private static func converted(_ bytes: [UInt8]) -> Element? {
        scratch { point, context in
            EC_POINT_oct2point(group, point, bytes, bytes.count, context) == 1 ? store(point, context) : nil
        }
    }
}
#endif
