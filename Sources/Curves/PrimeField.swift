import Platform

/// A field of prime order of at most 256 bits.
///
/// `+ - *`, `negated`, `squared`, `doubled`, `multiplied(bySmall:)`, `canonical` and `select` take the same time for all values in
/// the two real fields. `inverted` is constant time, `squareRoot` and `inverseVariableTime` are not: public values only.
public protocol PrimeField: Equatable, Sendable, BitwiseCopyable {
    /// The order of the field, an odd prime.
    static var modulus: U256 { get }
    /// Bits of the modulus.
    static var bitCount: Int { get }
    /// 0.
    static var zero: Self { get }
    /// 1.
    static var one: Self { get }
    /// The element that a small integer stands for.
    init(_ value: UInt64)
    /// From an integer below the modulus; the caller has checked that.
    init(canonical: U256)
    /// The integer in 0 ..< modulus that this element stands for.
    var canonical: U256 { get }
    /// Whether this is 0.
    var isZero: Bool { get }
    static func + (a: Self, b: Self) -> Self
    static func - (a: Self, b: Self) -> Self
    static func * (a: Self, b: Self) -> Self
    /// 0 - self.
    var negated: Self { get }
    /// self * self.
    var squared: Self { get }
    /// self + self.
    var doubled: Self { get }
    /// self times an integer of at most 32 bits.
    func multiplied(bySmall k: UInt64) -> Self
    /// 1/self, and 0 for 0. Constant time.
    var inverted: Self { get }
    /// 1/self, and 0 for 0. Variable time: public values only.
    var inverseVariableTime: Self { get }
    /// A square root if there is one, either of the two. Variable time: public values only.
    var squareRoot: Self? { get }
    /// `b` where mask is all ones, `a` where it is zero. Constant time.
    static func select(_ mask: UInt64, _ a: Self, _ b: Self) -> Self
}
