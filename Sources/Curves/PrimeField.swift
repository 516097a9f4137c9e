import Platform

/// A field of prime order of at most 256 bits.
///
/// `+ - *`, `negated`, `squared`, `multiplied(bySmall:)`, `canonical`, `inverted` and `select` take the same time for all values in the
/// two real fields. `squareRoot` and `squareRoots` do not: public values only.
public protocol PrimeField: Multiplicative, Equatable, Sendable, BitwiseCopyable {
    /// The order of the field, an odd prime.
    static var modulus: U256 { get }
    /// Bits of the modulus.
    static var bitCount: Int { get }
    /// 0.
    static var zero: Self { get }
    /// 1.
    static var one: Self { get }
    /// The element that a small integer stands for, reduced.
    init(_ value: UInt64)
    /// From an integer below the modulus; the caller has checked that.
    init(canonical: U256)
    /// The integer in 0 ..< modulus that this element stands for.
    var canonical: U256 { get }
    /// Whether this is 0.
    var isZero: Bool { get }
    /// Sum.
    static func + (a: Self, b: Self) -> Self
    /// Difference.
    static func - (a: Self, b: Self) -> Self
    /// Product.
    static func * (a: Self, b: Self) -> Self
    /// 0 - self.
    var negated: Self { get }
    /// self * self.
    var squared: Self { get }
    /// self times an integer below 2^16.
    func multiplied(bySmall k: UInt64) -> Self
    /// A square root if there is one, either of the two. Variable time: public values only.
    var squareRoot: Self? { get }
    /// A square root of each element that has one; cheaper than one at a time. Variable time: public values only.
    static func squareRoots(_ elements: [Self]) -> [Self?]
    /// 2^256 - modulus in three words, for a field whose elements are stored as they are, four words each: then `Lanes` may compute with them.
    static var complement: (UInt64, UInt64, UInt64)? { get }
    /// `b` where mask is all ones, `a` where it is zero. Constant time.
    static func select(_ mask: UInt64, _ a: Self, _ b: Self) -> Self
}

extension PrimeField {
    /// None: computed one at a time.
    public static var complement: (UInt64, UInt64, UInt64)? { nil }

    /// One at a time.
    public static func squareRoots(_ elements: [Self]) -> [Self?] { elements.map { $0.squareRoot } }

    /// Bytes of an encoded element.
    @inlinable public static var encodedLength: Int { (bitCount + 7) / 8 }

    /// The element that a signed integer stands for, by its size and sign; constant time but for the sign.
    @inlinable public init(signed value: Int64) {
        let size = Self(value.magnitude)
        self = value < 0 ? size.negated : size
    }

    /// self + self.
    @inlinable @inline(__always)
    public var doubled: Self { self + self }

    /// Adds to this element.
    @inlinable @inline(__always)
    public static func += (a: inout Self, b: Self) { a = a + b }

    /// Subtracts from this element.
    @inlinable @inline(__always)
    public static func -= (a: inout Self, b: Self) { a = a - b }

    /// Multiplies this element.
    @inlinable @inline(__always)
    public static func *= (a: inout Self, b: Self) { a = a * b }

    /// Whether the canonical integer is odd.
    @inlinable public var isOdd: Bool { canonical.w0 & 1 == 1 }

    /// 1/self, and 0 for 0, by Fermat's little theorem. Constant time.
    @inlinable public var inverted: Self {
        var borrow: UInt64 = 0
        return power(U256.subtract(Self.modulus, U256(2), &borrow))
    }

    /// Inverts all elements in place with one inversion (Montgomery's trick); zeros stay zero. Branches only on zeros.
    @specialized(where Self == Fp)
    @specialized(where Self == Fn)
    public static func invert(_ elements: inout [Self]) {
        var products: [Self] = []
        products.reserveCapacity(elements.count)
        var product = Self.one
        for e in elements {
            products.append(product)
            if !e.isZero { product = product * e }
        }
        var inverse = product.inverted
        for i in stride(from: elements.count - 1, through: 0, by: -1) where !elements[i].isZero {
            let e = elements[i]
            elements[i] = inverse * products[i]
            inverse = inverse * e
        }
    }

    /// The powers 1, x, x^2, ... of this element.
    @specialized(where Self == Fp)
    @specialized(where Self == Fn)
    public func powers(_ count: Int) -> [Self] {
        var out: [Self] = []
        out.reserveCapacity(count)
        var x = Self.one
        for _ in 0..<count {
            out.append(x)
            x = x * self
        }
        return out
    }

    /// An integer of little-endian bytes (at most 64), reduced. 48 bytes give a bias below 2^-128.
    @inlinable public init(reducingLittleEndian bytes: [UInt8]) {
        // Horner over 64-bit words; 2^64 as (2^32)^2, so that it stands in fields smaller than a word too.
        let shift = Self(1 << 32).squared
        var value = Self.zero
        var at = (bytes.count + 7) / 8 * 8
        while at > 0 {
            at -= 8
            var word: UInt64 = 0
            for k in 0..<8 where at + k < bytes.count { word |= UInt64(bytes[at + k]) &<< UInt64(8 * k) }
            value = value * shift + Self(word)
        }
        self = value
    }

    /// Uniform non-zero element, from 384 random bits.
    @inlinable public static func random() -> Self {
        while true {
            let k = Self(reducingLittleEndian: Random.bytes(48))
            if !k.isZero { return k }
        }
    }

    /// Canonical big-endian bytes.
    @inlinable public var encoded: [UInt8] {
        let all = canonical.bigEndian
        return Self.encodedLength == 32 ? all : Array(all.suffix(Self.encodedLength))
    }

    /// From canonical big-endian bytes; throws `.length`, or `.notCanonical` at the modulus and above.
    @inlinable public init(encoded bytes: ArraySlice<UInt8>) throws(CurveError) {
        guard bytes.count == Self.encodedLength else { throw .length }
        let v = U256(bigEndian: bytes.count == 32 ? bytes : ArraySlice([UInt8](repeating: 0, count: 32 - bytes.count) + bytes))
        guard v < Self.modulus else { throw .notCanonical }
        self.init(canonical: v)
    }
}

/// Mask of all ones if the two small numbers are equal, else zero. Constant time.
@inlinable @inline(__always)
public func equalityMask(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let d = a ^ b
    return barrier(((d | (0 &- d)) &>> 63) &- 1)
}
