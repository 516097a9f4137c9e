import Curves

/// The modulus of a toy field, as a type.
public protocol ToyModulus: Sendable {
    /// An odd prime below 2^16.
    static var value: UInt64 { get }
}

/// Integers modulo a small prime, by the remainder operator: a field small enough to test generic code with every value there is.
public struct ToyField<M: ToyModulus>: PrimeField, Hashable, CustomStringConvertible {
    /// The representative in 0 ..< m.
    public let value: UInt32

    /// From any integer, reduced.
    public init(_ value: UInt64) { self.value = UInt32(value % M.value) }
    /// From an integer below 2^64, reduced; higher words must be zero.
    public init(canonical: U256) {
        precondition(canonical.w1 | canonical.w2 | canonical.w3 == 0)
        self.init(canonical.w0)
    }

    /// m.
    public static var modulus: U256 { U256(M.value) }
    /// Bits of m.
    public static var bitCount: Int { 64 - M.value.leadingZeroBitCount }
    /// 0.
    public static var zero: Self { Self(0) }
    /// 1.
    public static var one: Self { Self(1) }
    /// The representative in 0 ..< m.
    public var canonical: U256 { U256(UInt64(value)) }
    /// Whether this is 0.
    public var isZero: Bool { value == 0 }
    /// Sum.
    public static func + (a: Self, b: Self) -> Self { Self(UInt64(a.value) + UInt64(b.value)) }
    /// Difference.
    public static func - (a: Self, b: Self) -> Self { Self(UInt64(a.value) + M.value - UInt64(b.value)) }
    /// Product.
    public static func * (a: Self, b: Self) -> Self { Self(UInt64(a.value) * UInt64(b.value)) }
    /// 0 - self.
    public var negated: Self { Self.zero - self }
    /// self * self.
    public var squared: Self { self * self }
    /// self times a small integer.
    public func multiplied(bySmall k: UInt64) -> Self { self * Self(k) }
    /// The smallest root, by trying all.
    public var squareRoot: Self? {
        for candidate in 0..<M.value where candidate * candidate % M.value == UInt64(value) { return Self(candidate) }
        return nil
    }
    /// `b` where mask is all ones, else `a`.
    public static func select(_ mask: UInt64, _ a: Self, _ b: Self) -> Self { Self((UInt64(a.value) & ~mask) | (UInt64(b.value) & mask)) }
    /// Every element, in order.
    public static var all: [Self] { (0..<M.value).map { Self($0) } }
    /// The representative.
    public var description: String { String(value) }
}

/// 211 = 3 mod 4.
public enum M211: ToyModulus {
    /// 211.
    public static var value: UInt64 { 211 }
}
/// 241 = 1 + 15 * 16.
public enum M241: ToyModulus {
    /// 241.
    public static var value: UInt64 { 241 }
}
/// 7069 = 1 mod 4.
public enum M7069: ToyModulus {
    /// 7069.
    public static var value: UInt64 { 7069 }
}
/// 7219 = 3 mod 4.
public enum M7219: ToyModulus {
    /// 7219.
    public static var value: UInt64 { 7219 }
}
