import Curves

// Two cycles of toy curves with the properties of ours: y^2 = x^3 + b of prime order, each one's base field the other's scalar field, b no
// square, so that no point has x = 0, and none has y = 0. Found by counting points; CurvesTests count them again.

/// y^2 = x^3 + 13 over the integers modulo 241; 211 points.
public enum Toy241: Curve {
    /// Coordinates.
    public typealias Base = ToyField<M241>
    /// Scalars.
    public typealias Scalar = ToyField<M211>
    /// 13.
    public static var b: UInt64 { 13 }
    /// "toy241".
    public static var name: StaticString { "toy241" }
    /// The point with the smallest x, and even y.
    public static var basePoint: Affine<Toy241> { smallestPoint() }
}

/// y^2 = x^3 + 29 over the integers modulo 211; 241 points: with `Toy241` a cycle.
public enum Toy211: Curve {
    /// Coordinates.
    public typealias Base = ToyField<M211>
    /// Scalars.
    public typealias Scalar = ToyField<M241>
    /// 29.
    public static var b: UInt64 { 29 }
    /// "toy211".
    public static var name: StaticString { "toy211" }
    /// The point with the smallest x, and even y.
    public static var basePoint: Affine<Toy211> { smallestPoint() }
}

/// y^2 = x^3 + 2 over the integers modulo 7069; 7219 points.
public enum Toy7069: Curve {
    /// Coordinates.
    public typealias Base = ToyField<M7069>
    /// Scalars.
    public typealias Scalar = ToyField<M7219>
    /// 2.
    public static var b: UInt64 { 2 }
    /// "toy7069".
    public static var name: StaticString { "toy7069" }
    /// The point with the smallest x, and even y.
    public static var basePoint: Affine<Toy7069> { smallestPoint() }
}

/// y^2 = x^3 + 2 over the integers modulo 7219; 7069 points: with `Toy7069` a cycle.
public enum Toy7219: Curve {
    /// Coordinates.
    public typealias Base = ToyField<M7219>
    /// Scalars.
    public typealias Scalar = ToyField<M7069>
    /// 2.
    public static var b: UInt64 { 2 }
    /// "toy7219".
    public static var name: StaticString { "toy7219" }
    /// The point with the smallest x, and even y.
    public static var basePoint: Affine<Toy7219> { smallestPoint() }
}

private func smallestPoint<C: Curve>(_: C.Type = C.self) -> Affine<C> {
    var x = C.Base.one
    while true {
        if let p = Affine<C>(x: x, oddY: false) { return p }
        x += .one
    }
}
