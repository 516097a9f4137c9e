import BigIntegers
import Curves

extension BigInteger {
    /// The same integer.
    public init(_ value: U256) { self.init(bigEndian: value.bigEndian) }

    /// The same integer, which must be in 0 ..< 2^256.
    public func words() throws -> U256 { U256(bigEndian: try bigEndian(count: 32)[...]) }
}

/// The group law of the textbook on y^2 = x^3 + b modulo m: the plain twin of everything that is clever about curves.
public struct PlainCurve: Sendable {
    /// A point other than the identity; the identity is nil.
    public struct Point: Hashable, Sendable {
        /// Coordinates in 0 ..< m.
        public var x: BigInteger, y: BigInteger

        /// From coordinates.
        public init(x: BigInteger, y: BigInteger) {
            self.x = x
            self.y = y
        }

        /// The coordinates of a point of the tested kind.
        public init<C: Curve>(_ p: Affine<C>) { self.init(x: BigInteger(p.x.canonical), y: BigInteger(p.y.canonical)) }
    }

    /// Modulus of the coordinates, and the constant of the equation.
    public let m: BigInteger, b: BigInteger

    /// The twin of a curve.
    public init<C: Curve>(_: C.Type) {
        m = BigInteger(C.Base.modulus)
        b = BigInteger(C.b)
    }

    /// Whether the equation holds.
    public func contains(_ p: Point) throws -> Bool { try (p.y * p.y - p.x * p.x * p.x - b).modulo(m).isZero }

    /// a + b by chord and tangent.
    public func add(_ a: Point?, _ b: Point?) throws -> Point? {
        guard let a else { return b }
        guard let b else { return a }
        let slope: BigInteger
        if a.x == b.x {
            if try (a.y + b.y).modulo(m).isZero { return nil }
            slope = try (3 * a.x * a.x * (2 * a.y).inverse(modulo: m)).modulo(m)
        } else {
            slope = try ((b.y - a.y) * (b.x - a.x).modulo(m).inverse(modulo: m)).modulo(m)
        }
        let x = try (slope * slope - a.x - b.x).modulo(m)
        return Point(x: x, y: try (slope * (a.x - x) - a.y).modulo(m))
    }

    /// -a.
    public func negate(_ a: Point?) throws -> Point? {
        guard let a else { return nil }
        return Point(x: a.x, y: try (-a.y).modulo(m))
    }

    /// k a by doubling and adding, for k at least 0.
    public func multiply(_ k: BigInteger, _ a: Point?) throws -> Point? {
        var sum: Point?
        var power = a
        var rest = k
        while !rest.isZero {
            if rest.isOdd { sum = try add(sum, power) }
            power = try add(power, power)
            rest = rest >> 1
        }
        return sum
    }
}

extension Point {
    /// The same point in the plain twin's form, nil for the identity.
    public var plain: PlainCurve.Point? { affine.map { PlainCurve.Point($0) } }
}
