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
        guard let point = Self.decompress([(x: x, oddY: oddY)])[0] else { return nil }
        self = point
    }

    /// The points with these x and parities of y, nil where there is none. Variable time.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public static func decompress(_ points: [(x: C.Base, oddY: Bool)]) -> [Self?] {
        let roots = C.Base.squareRoots(points.map { $0.x.squared * $0.x + C.Base(C.b) })
        var out: [Self?] = []
        out.reserveCapacity(points.count)
        for (point, root) in zip(points, roots) {
            guard let y = root, !y.isZero else {
                out.append(nil)
                continue
            }
            out.append(Self(x: point.x, y: y.isOdd == point.oddY ? y : y.negated))
        }
        return out
    }

    /// Whether the coordinates satisfy the equation.
    @inlinable public var isOnCurve: Bool { y.squared == x.squared * x + C.Base(C.b) }

    /// -self.
    @inlinable public var negated: Self { Self(x: x, y: y.negated) }

    /// SEC 1 compressed encoding: 2 or 3 for even or odd y, then x big-endian (33 bytes on the real curves).
    @inlinable public var encoded: [UInt8] { [UInt8(truncatingIfNeeded: 2 + (y.canonical.w0 & 1))] + x.encoded }

    /// From the compressed encoding. Throws `.length`, `.notCanonical` (prefix, x at the modulus or above) or `.notOnCurve`. Variable time.
    @inlinable public init(encoded bytes: ArraySlice<UInt8>) throws(CurveError) {
        let (x, oddY) = try Self.parse(bytes)
        guard let point = Self(x: x, oddY: oddY) else { throw .notOnCurve }
        self = point
    }

    /// What a compressed encoding says, x not yet known to be on the curve. Throws `.length` or `.notCanonical`.
    @inlinable static func parse(_ bytes: ArraySlice<UInt8>) throws(CurveError) -> (x: C.Base, oddY: Bool) {
        guard bytes.count == C.elementLength, let prefix = bytes.first else { throw .length }
        guard prefix == 2 || prefix == 3 else { throw .notCanonical }
        return (try C.Base(encoded: bytes.dropFirst()), prefix == 3)
    }

    /// `b` where mask is all ones, else `a`. Constant time.
    @inlinable @inline(__always)
    public static func select(_ mask: UInt64, _ a: Self, _ b: Self) -> Self {
        Self(x: .select(mask, a.x, b.x), y: .select(mask, a.y, b.y))
    }
}
