/// A point of the curve other than the identity, by its coordinates.
@frozen public struct Affine<C: Curve>: Equatable, Sendable, BitwiseCopyable {
    /// Coordinates.
    public var x: C.Base, y: C.Base

    /// From coordinates that are known to satisfy the equation.
    @inlinable @inline(__always)
    public init(x: C.Base, y: C.Base) {
        self.x = x
        self.y = y
    }

    /// The point with this x and the wanted parity of y, nil if there is none. Variable time.
    @inlinable public init?(x: C.Base, oddY: Bool) {
        guard let y = (x.squared * x + C.Base(C.b)).squareRoot, !y.isZero else { return nil }
        self.init(x: x, y: y.isOdd == oddY ? y : y.negated)
    }

    /// Whether the coordinates satisfy the equation.
    @inlinable public var isOnCurve: Bool { y.squared == x.squared * x + C.Base(C.b) }

    /// -self.
    @inlinable public var negated: Self { Self(x: x, y: y.negated) }

    /// SEC 1 compressed encoding: 2 or 3 for even or odd y, then x big-endian (33 bytes on the real curves).
    @inlinable public var encoded: [UInt8] { [UInt8(truncatingIfNeeded: 2 + (y.canonical.w0 & 1))] + x.encoded }

    /// From the compressed encoding. Throws `.length`, `.notCanonical` (prefix, x at the modulus or above) or `.notOnCurve`. Variable time.
    @inlinable public init(encoded bytes: ArraySlice<UInt8>) throws(CurveError) {
        guard bytes.count == C.elementLength, let prefix = bytes.first else { throw .length }
        guard prefix == 2 || prefix == 3 else { throw .notCanonical }
        let x = try C.Base(encoded: bytes.dropFirst())
        guard let point = Self(x: x, oddY: prefix == 3) else { throw .notOnCurve }
        self = point
    }

    /// `b` where mask is all ones, else `a`. Constant time.
    @inlinable @inline(__always)
    public static func select(_ mask: UInt64, _ a: Self, _ b: Self) -> Self {
        Self(x: .select(mask, a.x, b.x), y: .select(mask, a.y, b.y))
    }
}
