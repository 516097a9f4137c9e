/// A point of the curve in homogeneous coordinates (X : Y : Z), the identity (0 : 1 : 0) included.
///
/// Additions are the complete formulas of Renes, Costello and Batina (2015, algorithms 7 to 9) for a = 0 and odd order: no exceptional
/// cases, no branches, so everything here is constant time unless it says otherwise. b3 = 3b.
@frozen public struct Point<C: Curve>: Equatable, Sendable, BitwiseCopyable {
    /// Homogeneous coordinates.
    public var x: C.Base, y: C.Base, z: C.Base

    /// From homogeneous coordinates that are known to satisfy the equation.
    @inlinable @inline(__always)
    public init(x: C.Base, y: C.Base, z: C.Base) {
        self.x = x
        self.y = y
        self.z = z
    }

    /// From affine coordinates.
    @inlinable @inline(__always)
    public init(_ p: Affine<C>) { self.init(x: p.x, y: p.y, z: .one) }

    /// The neutral element.
    @inlinable public static var identity: Self { @inline(__always) get { Self(x: .zero, y: .one, z: .zero) } }

    /// Whether this is the identity.
    @inlinable public var isIdentity: Bool { z.isZero }

    /// -self.
    @inlinable public var negated: Self { Self(x: x, y: y.negated, z: z) }

    /// Equality of the points, whatever their coordinates.
    @inlinable public static func == (a: Self, b: Self) -> Bool { a.x * b.z == b.x * a.z && a.y * b.z == b.y * a.z }

    /// Sum: 12 multiplications, algorithm 7.
    @inlinable public static func + (a: Self, b: Self) -> Self {
        let t0 = a.x * b.x
        let t1 = a.y * b.y
        let t2 = a.z * b.z
        let xy = (a.x + a.y) * (b.x + b.y) - (t0 + t1)
        let yz = (a.y + a.z) * (b.y + b.z) - (t1 + t2)
        let xz = (a.x + a.z) * (b.x + b.z) - (t0 + t2)
        return finish(t0, t1, t2, xy, yz, xz)
    }

    /// Sum with an affine point: 11 multiplications, algorithm 8.
    @inlinable @inline(__always)
    public static func + (a: Self, b: Affine<C>) -> Self {
        let t0 = a.x * b.x
        let t1 = a.y * b.y
        let xy = (a.x + a.y) * (b.x + b.y) - (t0 + t1)
        let yz = b.y * a.z + a.y
        let xz = b.x * a.z + a.x
        return finish(t0, t1, a.z, xy, yz, xz)
    }

    /// The common end of both additions, from x1 x2, y1 y2, z1 z2, x1 y2 + x2 y1, y1 z2 + y2 z1, x1 z2 + x2 z1.
    @inlinable @inline(__always)
    static func finish(_ t0: C.Base, _ t1: C.Base, _ t2: C.Base, _ xy: C.Base, _ yz: C.Base, _ xz: C.Base) -> Self {
        let b3 = 3 &* C.b
        let xx = t0.doubled + t0
        let zz = t2.multiplied(bySmall: b3)
        let sum = t1 + zz
        let difference = t1 - zz
        let w = xz.multiplied(bySmall: b3)
        return Self(x: xy * difference - yz * w, y: difference * sum + w * xx, z: sum * yz + xx * xy)
    }

    /// 2 self: 6 multiplications and 2 squarings, algorithm 9.
    @inlinable public var doubled: Self {
        let yy = y.squared
        let z8 = yy.doubled.doubled.doubled
        let yz = y * z
        let zz = z.squared.multiplied(bySmall: 3 &* C.b)
        let t = yy - (zz.doubled + zz)
        return Self(x: (t * (x * y)).doubled, y: t * (yy + zz) + zz * z8, z: yz * z8)
    }

    /// Difference.
    @inlinable public static func - (a: Self, b: Self) -> Self { a + b.negated }

    /// Difference with an affine point.
    @inlinable public static func - (a: Self, b: Affine<C>) -> Self { a + b.negated }

    /// Adds to this point.
    @inlinable @inline(__always)
    public static func += (a: inout Self, b: Self) { a = a + b }

    /// Adds an affine point to this point.
    @inlinable @inline(__always)
    public static func += (a: inout Self, b: Affine<C>) { a = a + b }

    /// `b` where mask is all ones, else `a`.
    @inlinable @inline(__always)
    public static func select(_ mask: UInt64, _ a: Self, _ b: Self) -> Self {
        Self(x: .select(mask, a.x, b.x), y: .select(mask, a.y, b.y), z: .select(mask, a.z, b.z))
    }

    /// k self, constant time in k and the point: four bits of k at a time, all 16 multiples are read at each step.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public func multiplied(by k: C.Scalar) -> Self {
        var table: [Self] = [.identity, self]
        for i in 2..<16 { table.append(i & 1 == 0 ? table[i / 2].doubled : table[i - 1] + self) }
        let k = k.canonical
        var r = Self.identity
        for window in stride(from: (C.Scalar.bitCount + 3) / 4 - 1, through: 0, by: -1) {
            for _ in 0..<4 { r = r.doubled }
            let d = k.bits(4 * window, 4)
            var t = table[0]
            for i in 1..<16 { t = .select(equalityMask(UInt64(i), d), t, table[i]) }
            r += t
        }
        return r
    }

    /// The affine form; nil for the identity.
    @inlinable public var affine: Affine<C>? {
        if isIdentity { return nil }
        let i = z.inverted
        return Affine(x: x * i, y: y * i)
    }

    /// The affine forms with one inversion; nil for identities.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public static func normalize(_ points: [Self]) -> [Affine<C>?] {
        var inverses: [C.Base] = []
        inverses.reserveCapacity(points.count)
        for p in points { inverses.append(p.z) }
        C.Base.invert(&inverses)
        var out: [Affine<C>?] = []
        out.reserveCapacity(points.count)
        for (p, i) in zip(points, inverses) { out.append(i.isZero ? nil : Affine(x: p.x * i, y: p.y * i)) }
        return out
    }
}
