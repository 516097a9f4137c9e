import Platform

/// Why bytes are not the encoding of a scalar or a point.
public enum CurveError: Error, Equatable, Sendable {
    /// Not exactly as many bytes as the encoding has.
    case length
    /// Not the one canonical encoding: an integer at or above the modulus, an unknown prefix byte.
    case notCanonical
    /// No point of the curve has this x coordinate.
    case notOnCurve
    /// The identity, which has no encoding and is never accepted.
    case identity
}

/// A group of prime order in which discrete logarithms are hard: the algebra that Schnorr-style proofs are written in.
///
/// Instances: secp256k1 and secq256k1 (ours), P-256 (OpenSSL), toy curves in the tests.
public protocol Group: Sendable {
    /// Integers modulo the order of the group.
    associatedtype Scalar: PrimeField
    /// An element of the group, the identity included.
    associatedtype Element: Equatable, Sendable
    /// Bytes of an encoded element.
    static var elementLength: Int { get }
    /// Bytes of an encoded scalar.
    static var scalarLength: Int { get }
    /// The neutral element.
    static var identity: Element { get }
    /// The standard base point.
    static var base: Element { get }
    /// a + b.
    static func add(_ a: Element, _ b: Element) -> Element
    /// -a.
    static func negate(_ a: Element) -> Element
    /// k * a in constant time: for secret k.
    static func multiply(_ k: Scalar, _ a: Element) -> Element
    /// sum of k_i * a_i. Variable time: public values only.
    static func multiScalar(_ k: [Scalar], _ a: [Element]) -> Element
    /// SEC 1 compressed encoding; throws `.identity` for the identity.
    static func encode(_ a: Element) throws(CurveError) -> [UInt8]
    /// The encodings of several elements, one after the other; throws `.identity` if one is the identity.
    static func encode(all elements: [Element]) throws(CurveError) -> [UInt8]
    /// The inverse of `encode`; throws for anything else.
    static func decode(_ bytes: ArraySlice<UInt8>) throws(CurveError) -> Element
    /// The inverse of `encode(all:)`; throws for anything else.
    static func decode(all bytes: ArraySlice<UInt8>) throws(CurveError) -> [Element]
}

extension Group {
    /// The encodings of several elements, one at a time.
    public static func encode(all elements: [Element]) throws(CurveError) -> [UInt8] {
        var out: [UInt8] = []
        for element in elements { out += try encode(element) }
        return out
    }

    /// The inverse of `encode(all:)`, one at a time.
    public static func decode(all bytes: ArraySlice<UInt8>) throws(CurveError) -> [Element] {
        var reader = ByteReader(bytes)
        var out: [Element] = []
        while reader.remaining > 0 { out.append(try decode(try reader.take(elementLength))) }
        return out
    }
}
