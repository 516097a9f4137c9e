import BigIntegers
import Curves

/// All points of a toy curve by their discrete logarithm, counted out with the plain group law: what any group operation must give is then
/// an addition of small integers.
public struct PointTable<C: Curve>: Sendable {
    /// i times the base point at place i; place 0 is nil, the identity.
    public let points: [Affine<C>?]
    private let logarithms: [PlainCurve.Point: Int]

    /// Counts from the base point until it comes round.
    public init(_: C.Type = C.self) throws {
        let plain = PlainCurve(C.self)
        let base = PlainCurve.Point(C.basePoint)
        var points: [Affine<C>?] = [nil]
        var logarithms: [PlainCurve.Point: Int] = [:]
        var next: PlainCurve.Point? = base
        while let p = next {
            logarithms[p] = points.count
            points.append(Affine(x: C.Base(canonical: try p.x.words()), y: C.Base(canonical: try p.y.words())))
            next = try plain.add(p, base)
        }
        self.points = points
        self.logarithms = logarithms
    }

    /// The order of the group.
    public var order: Int { points.count }

    /// The point with this logarithm, by coordinates (x z, y z, z).
    public func point(_ logarithm: Int, z: C.Base = .one) -> Point<C> {
        guard let p = points[((logarithm % order) + order) % order] else { return Point(x: .zero, y: z, z: .zero) }
        return Point(x: p.x * z, y: p.y * z, z: z)
    }

    /// The logarithm of a point; nil if its coordinates are not of the curve.
    public func logarithm(_ p: Point<C>) -> Int? {
        if p.isIdentity { return p.x.isZero && !p.y.isZero ? 0 : nil }
        return p.affine.flatMap { logarithms[PlainCurve.Point($0)] }
    }

    /// The scalar k, reduced; negative too.
    public func scalar(_ k: Int) -> C.Scalar { C.Scalar(UInt64(((k % order) + order) % order)) }
}
