/// A curve y^2 = x^3 + b of prime order over a prime field, without points where x or y is zero.
public protocol Curve: Group where Element == Point<Self> {
    /// The field of the coordinates.
    associatedtype Base: PrimeField
    /// b of the equation.
    static var b: UInt64 { get }
    /// The curve's name, as it enters the derivation of generators.
    static var name: StaticString { get }
    /// The standard base point.
    static var basePoint: Affine<Self> { get }
    /// A fast endomorphism that halves scalars, if the curve has one.
    static var endomorphism: Endomorphism<Self>? { get }
}

extension Curve {
    /// None.
    public static var endomorphism: Endomorphism<Self>? { nil }
}

extension Curve {
    /// One byte for the parity of y, and x.
    @inlinable public static var elementLength: Int { 1 + Base.encodedLength }
    /// Bytes of a scalar.
    @inlinable public static var scalarLength: Int { Scalar.encodedLength }
    /// The neutral element.
    @inlinable public static var identity: Point<Self> { .identity }
    /// The standard base point.
    @inlinable public static var base: Point<Self> { Point(basePoint) }
    /// a + b. Constant time.
    @inlinable public static func add(_ a: Point<Self>, _ b: Point<Self>) -> Point<Self> { a + b }
    /// -a. Constant time.
    @inlinable public static func negate(_ a: Point<Self>) -> Point<Self> { a.negated }
    /// k * a in constant time.
    @inlinable public static func multiply(_ k: Scalar, _ a: Point<Self>) -> Point<Self> { a.multiplied(by: k) }
    /// sum of k_i * a_i. Variable time.
    @inlinable public static func multiScalar(_ k: [Scalar], _ a: [Point<Self>]) -> Point<Self> {
        var scalars: [Scalar] = []
        var points: [Affine<Self>] = []
        for (k, p) in zip(k, Point.normalize(a)) {
            guard let p else { continue }
            scalars.append(k)
            points.append(p)
        }
        return multiScalarMultiply(scalars, points)
    }
    /// SEC 1 compressed encoding; throws `.identity` for the identity.
    @inlinable public static func encode(_ a: Point<Self>) throws(CurveError) -> [UInt8] {
        guard let p = a.affine else { throw .identity }
        return p.encoded
    }
    /// The encodings of several points with one inversion for all of them.
    @inlinable public static func encode(all elements: [Point<Self>]) throws(CurveError) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(elements.count * elementLength)
        for p in Point.normalize(elements) {
            guard let p else { throw .identity }
            out += p.encoded
        }
        return out
    }
    /// The inverse of `encode`; throws `CurveError` for all other bytes. Variable time.
    @inlinable public static func decode(_ bytes: ArraySlice<UInt8>) throws(CurveError) -> Point<Self> { Point(try Affine(encoded: bytes)) }
    /// The inverse of `encode(all:)`; throws `CurveError` for all other bytes. Variable time.
    @inlinable public static func decode(all bytes: ArraySlice<UInt8>) throws(CurveError) -> [Point<Self>] {
        var reader = ByteReader(bytes)
        let points: [Affine<Self>] = try reader.points(bytes.count / elementLength)
        try reader.finish()
        return points.map { Point($0) }
    }
}

/// secp256k1 (SEC 2): over F_p, of order n.
public enum Secp256k1: Curve {
    /// Integers modulo p.
    public typealias Base = Fp
    /// Integers modulo n.
    public typealias Scalar = Fn
    /// 7.
    @inlinable public static var b: UInt64 { @inline(__always) get { 7 } }
    /// "secp256k1".
    public static var name: StaticString { "secp256k1" }
    /// G of SEC 2.
    public static var basePoint: Affine<Secp256k1> {
        Affine(
            x: Fp(canonical: U256(0x59F2_815B_16F8_1798, 0x029B_FCDB_2DCE_28D9, 0x55A0_6295_CE87_0B07, 0x79BE_667E_F9DC_BBAC)),
            y: Fp(canonical: U256(0x9C47_D08F_FB10_D4B8, 0xFD17_B448_A685_5419, 0x5DA4_FBFC_0E11_08A8, 0x483A_DA77_26A3_C465)))
    }
}

/// secq256k1: the same equation over F_n, of order p; with secp256k1 a cycle, each one's base field the other's scalar field.
public enum Secq256k1: Curve {
    /// Integers modulo n.
    public typealias Base = Fn
    /// Integers modulo p.
    public typealias Scalar = Fp
    /// 7.
    @inlinable public static var b: UInt64 { @inline(__always) get { 7 } }
    /// "secq256k1".
    public static var name: StaticString { "secq256k1" }
    /// The point with the smallest x, and even y; the curve has no standard base point.
    public static var basePoint: Affine<Secq256k1> { SecqBase.point }
}

enum SecqBase {
    static let point: Affine<Secq256k1> = {
        var x = Fn.one
        while true {
            if let p = Affine<Secq256k1>(x: x, oddY: false) { return p }
            x += .one
        }
    }()
}
