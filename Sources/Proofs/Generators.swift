import Curves

/// A nothing-up-my-sleeve generator (protocol.md #3): hashed from the curve's name and a label, with an index after the label if there is one.
@specialized(where C == Secp256k1)
@specialized(where C == Secq256k1)
public func generator<C: Curve>(_ label: StaticString, _ index: Int? = nil, on _: C.Type = C.self) -> Affine<C> {
    var name = literalBytes(label)
    if let index { name += decimal(index) }
    var sponge = Sponge(tag: literalBytes("SYMBOLON-V01-generators"))
    sponge.absorb(lengthPrefixed(literalBytes(C.name)) + lengthPrefixed(name))
    return sponge.point()
}

/// ASCII digits of a non-negative number.
func decimal(_ n: Int) -> [UInt8] {
    var digits: [UInt8] = []
    var rest = n
    repeat {
        digits.append(UInt8(48 + rest % 10))
        rest /= 10
    } while rest > 0
    return digits.reversed()
}

/// The generators of a curve that do not depend on the size of an argument.
public struct Bases<C: Curve>: Sendable {
    /// g: base of committed values, and the inner product's U = w g.
    public let value: FixedBase<C>
    /// h: base of all blindings.
    public let blinding: FixedBase<C>
    /// Node: constant term of every tree node.
    public let node: Affine<C>
    /// 2^i h for every bit i of a 256-bit blinding.
    public let doublings: [Affine<C>]

    /// Derives them.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public init() {
        value = FixedBase(generator("value"))
        blinding = FixedBase(generator("blinding"))
        node = generator("node")
        var all = [Point(blinding.point)]
        for _ in 1..<256 { all.append(all[all.count - 1].doubled) }
        // h has odd order: no doubling is the identity.
        doublings = Point.normalize(all).map { $0! }
    }
}

/// The generators of arguments with `gates` gates: the vectors G and H, and the bases. Those of a smaller argument are a prefix.
public struct Generators<C: Curve>: Sendable {
    /// Gates of the argument, a power of two.
    public let gates: Int
    /// G_i and H_i.
    public let g: [Affine<C>], h: [Affine<C>]
    /// The generators that do not depend on the size.
    public let bases: Bases<C>
    /// For sums over G_0, G_1, ..., H_0, H_1, ...
    public let table: MultiScalarTable<C>

    /// Derives the vectors; some 100 microseconds each, most of them for the table.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public init(gates: Int, bases: Bases<C>) {
        self.gates = gates
        self.bases = bases
        g = (0..<gates).map { generator("G/", $0) }
        h = (0..<gates).map { generator("H/", $0) }
        table = MultiScalarTable(g + h)
    }
}

extension Generators {
    /// <a, G> + <b, H>, for vectors no longer than the generators. Variable time.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public func commit(_ a: [C.Scalar], _ b: [C.Scalar] = []) -> Point<C> {
        var terms: [(Int, C.Scalar)] = []
        terms.reserveCapacity(a.count + b.count)
        for (i, k) in a.enumerated() { terms.append((i, k)) }
        for (i, k) in b.enumerated() { terms.append((gates + i, k)) }
        return sum(terms)
    }
}

/// A curve of the cycle, with its generators at hand.
public protocol ArgumentCurve: Curve {
    /// Which curve this is.
    static var cycle: CycleCurve { get }
    /// Generators of any size.
    static var bases: Bases<Self> { get }
    /// Generators of an argument of 256, 512, 1024, 2048 or 4096 gates, derived at first use.
    static func generators(gates: Int) -> Generators<Self>
}

/// Largest number of gates of an argument: bounds the work that a statement can ask for.
public let greatestGates = 4096

extension Secp256k1: ArgumentCurve {
    /// secp256k1.
    public static var cycle: CycleCurve { .secp256k1 }
    /// Generators of any size.
    @export(interface)
    public static var bases: Bases<Secp256k1> { SecpGenerators.bases }
    /// Generators of an argument.
    @export(interface)
    public static func generators(gates: Int) -> Generators<Secp256k1> {
        switch gates {
        case 256: SecpGenerators.of256
        case 512: SecpGenerators.of512
        case 1024: SecpGenerators.of1024
        case 2048: SecpGenerators.of2048
        case 4096: SecpGenerators.of4096
        default: Generators(gates: gates, bases: bases)
        }
    }
}

extension Secq256k1: ArgumentCurve {
    /// secq256k1.
    public static var cycle: CycleCurve { .secq256k1 }
    /// Generators of any size.
    @export(interface)
    public static var bases: Bases<Secq256k1> { SecqGenerators.bases }
    /// Generators of an argument.
    @export(interface)
    public static func generators(gates: Int) -> Generators<Secq256k1> {
        switch gates {
        case 256: SecqGenerators.of256
        case 512: SecqGenerators.of512
        case 1024: SecqGenerators.of1024
        case 2048: SecqGenerators.of2048
        case 4096: SecqGenerators.of4096
        default: Generators(gates: gates, bases: bases)
        }
    }
}

enum SecpGenerators {
    static let bases = Bases<Secp256k1>()
    static let of256 = Generators(gates: 256, bases: bases)
    static let of512 = Generators(gates: 512, bases: bases)
    static let of1024 = Generators(gates: 1024, bases: bases)
    static let of2048 = Generators(gates: 2048, bases: bases)
    static let of4096 = Generators(gates: 4096, bases: bases)
}

enum SecqGenerators {
    static let bases = Bases<Secq256k1>()
    static let of256 = Generators(gates: 256, bases: bases)
    static let of512 = Generators(gates: 512, bases: bases)
    static let of1024 = Generators(gates: 1024, bases: bases)
    static let of2048 = Generators(gates: 2048, bases: bases)
    static let of4096 = Generators(gates: 4096, bases: bases)
}
