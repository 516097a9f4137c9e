/// Values that can be multiplied and squared: elements of a field, and pairs of them.
public protocol Multiplicative {
    /// 1.
    static var one: Self { get }
    /// Product.
    static func * (a: Self, b: Self) -> Self
    /// self * self.
    var squared: Self { get }
}

extension Multiplicative {
    /// self to a public power. Constant time in self, not in the exponent.
    ///
    /// The exponents of inversions and square roots begin with hundreds of ones: x^(2^2k - 1) = (x^(2^k - 1))^(2^k) x^(2^k - 1) takes them with
    /// few products; what follows goes by sliding windows of four bits.
    @specialized(where Self == Fp)
    @specialized(where Self == Fn)
    @specialized(where Self == Pair<Fp>)
    @specialized(where Self == Pair<Fn>)
    public func power(_ exponent: U256) -> Self {
        var rest = exponent.bitLength
        if rest == 0 { return .one }
        var ones = 0
        while ones < rest && exponent.bits(rest - 1 - ones, 1) == 1 { ones += 1 }
        rest -= ones
        var r = self
        var length = 1
        for i in stride(from: Int.bitWidth - ones.leadingZeroBitCount - 2, through: 0, by: -1) {
            let run = r
            for _ in 0..<length { r = r.squared }
            r = r * run
            length *= 2
            if ones >> i & 1 == 1 {
                r = r.squared * self
                length += 1
            }
        }
        if rest == 0 { return r }
        // self, self^3, ..., self^15
        let square = squared
        var odd = [self]
        for i in 1..<8 { odd.append(odd[i - 1] * square) }
        while rest > 0 {
            if exponent.bits(rest - 1, 1) == 0 {
                r = r.squared
                rest -= 1
                continue
            }
            var low = max(rest - 4, 0)
            while exponent.bits(low, 1) == 0 { low += 1 }
            for _ in low..<rest { r = r.squared }
            r = r * odd[Int(truncatingIfNeeded: exponent.bits(low, rest - low) >> 1)]
            rest = low
        }
        return r
    }
}

/// Two elements that go through the same steps.
///
/// A product waits for the one before it longer than it computes: two chains of products side by side take 1.3 times as long as one.
@frozen public struct Pair<F: PrimeField>: Multiplicative {
    /// The elements.
    public var first: F, second: F

    /// From two elements.
    @inlinable @inline(__always)
    public init(_ first: F, _ second: F) {
        self.first = first
        self.second = second
    }

    /// (1, 1).
    @inlinable public static var one: Self { @inline(__always) get { Self(.one, .one) } }
    /// Sums.
    @inlinable @inline(__always)
    public static func + (a: Self, b: Self) -> Self { Self(a.first + b.first, a.second + b.second) }
    /// Differences.
    @inlinable @inline(__always)
    public static func - (a: Self, b: Self) -> Self { Self(a.first - b.first, a.second - b.second) }
    /// Products.
    @inlinable @inline(__always)
    public static func * (a: Self, b: Self) -> Self { Self(a.first * b.first, a.second * b.second) }
    /// Squares.
    @inlinable public var squared: Self { @inline(__always) get { Self(first.squared, second.squared) } }
}

extension PrimeField {
    /// A square root by Tonelli and Shanks, m - 1 = 2^s t: from `half` = self^((t - 1) / 2), which makes self^((t + 1) / 2) a root up to a root of
    /// unity of order 2^s, and a generator of those. Nil if there is none. Variable time.
    @inlinable
    func tonelliShanks(_ half: Self, rootOfUnity: Self, twoAdicity: Int) -> Self? {
        if isZero { return self }
        var r = half * self
        var b = r * half
        var root = rootOfUnity
        var order = twoAdicity
        while b != .one {
            var i = 0
            var square = b
            while square != .one {
                square = square.squared
                i += 1
                if i == order { return nil }
            }
            for _ in 0..<(order - i - 1) { root = root.squared }
            order = i
            r = r * root
            root = root.squared
            b = b * root
        }
        return r
    }
}
