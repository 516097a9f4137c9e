import CMemcheck
import Curves

/// secp256k1 that tells valgrind what a prover gives out: an element when it is encoded, a scalar when its integer is asked for. Everything
/// else stays as secret as it was, so that the generic prover can be watched as it is.
enum PublishingGroup: Group {
    typealias Scalar = PublishingScalar
    typealias Element = Point<Secp256k1>

    static var elementLength: Int { Secp256k1.elementLength }
    static var scalarLength: Int { Secp256k1.scalarLength }
    static var identity: Element { .identity }
    static var base: Element { Secp256k1.base }
    static func add(_ a: Element, _ b: Element) -> Element { Secp256k1.add(a, b) }
    static func negate(_ a: Element) -> Element { Secp256k1.negate(a) }
    /// With the scalar of the real group, whose integer is not published.
    static func multiply(_ k: Scalar, _ a: Element) -> Element { Secp256k1.multiply(k.scalar, a) }
    static func multiScalar(_ k: [Scalar], _ a: [Element]) -> Element { Secp256k1.multiScalar(k.map { $0.scalar }, a) }
    static func encode(_ a: Element) throws(CurveError) -> [UInt8] { try Secp256k1.encode(published(a)) }
    static func encode(all elements: [Element]) throws(CurveError) -> [UInt8] {
        try Secp256k1.encode(all: elements.map { published($0) })
    }
    static func decode(_ bytes: ArraySlice<UInt8>) throws(CurveError) -> Element { try Secp256k1.decode(bytes) }
}

/// Integers modulo n whose integer becomes public when it is asked for.
struct PublishingScalar: PrimeField {
    var scalar: Fn

    init(_ scalar: Fn) { self.scalar = scalar }
    init(_ value: UInt64) { scalar = Fn(value) }
    init(canonical: U256) { scalar = Fn(canonical: canonical) }
    static var modulus: U256 { Fn.modulus }
    static var bitCount: Int { Fn.bitCount }
    static var zero: Self { Self(Fn.zero) }
    static var one: Self { Self(Fn.one) }
    var canonical: U256 { published(scalar.canonical) }
    var isZero: Bool { scalar.isZero }
    static func + (a: Self, b: Self) -> Self { Self(a.scalar + b.scalar) }
    static func - (a: Self, b: Self) -> Self { Self(a.scalar - b.scalar) }
    static func * (a: Self, b: Self) -> Self { Self(a.scalar * b.scalar) }
    var negated: Self { Self(scalar.negated) }
    var squared: Self { Self(scalar.squared) }
    func multiplied(bySmall k: UInt64) -> Self { Self(scalar.multiplied(bySmall: k)) }
    var squareRoot: Self? { scalar.squareRoot.map { Self($0) } }
    static func select(_ mask: UInt64, _ a: Self, _ b: Self) -> Self { Self(.select(mask, a.scalar, b.scalar)) }
}
