/// Multiples of a point that is multiplied often: d 16^i P for d = 1...15 and every window i.
///
/// 64 x 15 affine points (61 KB) on the real curves.
public struct FixedBase<C: Curve>: Sendable {
    /// The point.
    public let point: Affine<C>
    let multiples: [Affine<C>]

    /// Computes the table: some 1200 additions.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public init(_ point: Affine<C>) {
        self.point = point
        var all: [Point<C>] = []
        var base = Point(point)
        for _ in 0..<FixedBase.windows {
            var m = base
            for _ in 1...15 {
                all.append(m)
                m += base
            }
            base = m
        }
        // A prime order above 15 has no multiple d 16^i that is the identity.
        multiples = Point.normalize(all).map { $0! }
    }

    static var windows: Int { (C.Scalar.bitCount + 3) / 4 }

    /// k P in constant time: every step reads all 15 multiples of its window.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public func multiplied(by k: C.Scalar) -> Point<C> {
        let k = k.canonical
        var r = Point<C>.identity
        for window in 0..<FixedBase.windows {
            let d = k.bits(4 * window, 4)
            var t = multiples[15 * window]
            for i in 1..<15 { t = .select(equalityMask(UInt64(i + 1), d), t, multiples[15 * window + i]) }
            r = .select(equalityMask(0, d), r + t, r)
        }
        return r
    }
}
