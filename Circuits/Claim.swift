import Curves
import Proofs

/// Sizes of a claim.
public enum ClaimShape {
    /// Digits of rho.
    public static var digits: Int { 256 }
    /// What the digits sum to.
    public static var digitSum: Int { 253 }
    /// Coefficients of A, the fixed A_1 = 1 included, and of B.
    public static var aCoefficients: Int { 128 }
    /// Coefficients of B.
    public static var bCoefficients: Int { 127 }
    /// Gates of a claim under a parent of `width` slots.
    public static func gates(width: Int) -> Int { width + 6 }
}

/// What the prover knows of a claim (protocol.md #6): S = C + rho h for one of the parent's children C, rho = sum d_i 2^i with sum d_i = 253, and
/// the function D = A(x) + y B(x) that has zeros exactly at C, at -S and d_i times at each 2^i h.
public struct ClaimWitness<F: PrimeField> {
    /// d_0, ..., d_255.
    public var digits: [F]
    /// A_0, ..., A_127 with A_1 = 1, and B_0, ..., B_126.
    public var a: [F], b: [F]
    /// C.
    public var x: F, y: F
    /// The parent's slots.
    public var slots: [F]

    /// The witness of S = C + rho h. Throws `.witness` if `digits` is not the rho of these points.
    @specialized(where F == Fp, E == Secp256k1)
    @specialized(where F == Fn, E == Secq256k1)
    public init<E: Curve>(child: Affine<E>, shown: Affine<E>, digits: [Int], doublings: [Affine<E>], slots: [F]) throws(ProofError)
    where E.Base == F {
        var zeros = [child, shown.negated]
        for (d, point) in zip(digits, doublings) { for _ in 0..<d { zeros.append(point) } }
        (a, b) = try divisorFunction(zeros, aCoefficients: ClaimShape.aCoefficients, bCoefficients: ClaimShape.bCoefficients)
        self.digits = digits.map { F(UInt64($0)) }
        x = child.x
        y = child.y
        self.slots = slots
    }

    /// Half of the claim's commitment over G: the digits.
    public var g: [F] { digits }
    /// Half over H: A_0, A_2, ..., A_127, B_0, ..., B_126, x, y.
    public var h: [F] { [a[0]] + a[2...] + b + [x, y] }
}

/// The digits d_i of rho: its bits, then borrowed from the highest digit (d_i 2^i = (d_i - 1) 2^i + 2 * 2^(i-1)) until they sum to 253.
/// Nil for the negligible rho with more than 253 ones. Variable time.
public func claimDigits(of rho: U256) -> [Int]? {
    var d = (0..<ClaimShape.digits).map { Int(rho.bits($0, 1)) }
    var sum = d.reduce(0, +)
    if sum > ClaimShape.digitSum { return nil }
    var high = ClaimShape.digits - 1
    while sum < ClaimShape.digitSum {
        while high > 0 && d[high] == 0 { high -= 1 }
        if high == 0 { return nil }
        d[high] -= 1
        d[high - 1] += 2
        sum += 1
    }
    return d
}

/// Writes a claim (protocol.md #6): the point (x, y) committed in vector commitment `claim` is one of the first `width` slots of vector
/// commitment `parent`, and S - (x, y) is a multiple of the blinding base, S the line's shown point of number `shown`.
///
/// Gates and rows, in order:
/// - product of (slot_i - x) = 0, width - 1 gates;
/// - y^2 = x^3 + 7, three gates;
/// - o_j D(c_j) = kappa_j D'(c_j) for the three points of the line, a gate each;
/// - f (nu - y + lambda x) = 1, one gate;
/// - o_0 + o_1 + o_2 = f + sum d_i / (nu - y_i + lambda x_i) + 1 / (nu + y_S + lambda x_S), (x_i, y_i) = 2^i h:
///   the logarithmic derivative of D on the line has the residues of the wanted divisor (Eagen 2022).
///
/// The digits need no range check: residues are true multiplicities.
@specialized(where S == RowWeights<Fp>, E == Secp256k1)
@specialized(where S == RowWeights<Fn>, E == Secq256k1)
@specialized(where S == GateAssignment<Fp>, E == Secp256k1)
@specialized(where S == GateAssignment<Fn>, E == Secq256k1)
public func addClaim<S: ConstraintSystem, E: Curve>(
    to s: inout S, parent: Int, claim: Int, width: Int, line: Line<E>, shown: Int, witness: ClaimWitness<S.F>? = nil
) where E.Base == S.F {
    typealias F = S.F
    let layout = s.layout
    let x = layout.h(claim, 254), y = layout.h(claim, 255)
    /// Takes D(c) from the row before the last and kappa D'(c) from the last, A_1 being 1: x^i A_i and kappa i x^(i-1) A_i, y x^i B_i and
    /// kappa (y i x^(i-1) + y' x^i) B_i.
    func subtractFunction(at c: LinePoint<E>) {
        let ky = c.kappa * c.y
        s.subtract(c.powers[...0], before: .one, last: .zero, step: .zero, from: layout.h(claim, 0))
        s.subtract(c.powers[...0], before: c.x, last: c.kappa, step: .zero, from: layout.one)
        s.subtract(
            c.powers[1..<(ClaimShape.aCoefficients - 1)], before: c.x, last: c.kappa.doubled, step: c.kappa, from: layout.h(claim, 1))
        let b = ClaimShape.aCoefficients - 1
        s.subtract(c.powers[...0], before: c.y, last: c.kappaSlope, step: .zero, from: layout.h(claim, b))
        s.subtract(
            c.powers[..<(ClaimShape.bCoefficients - 1)], before: c.x * c.y, last: c.kappaSlope * c.x + ky, step: ky,
            from: layout.h(claim, b + 1))
    }

    // product of (slot_i - x) = 0
    var product = witness.map { $0.slots[0] - $0.x } ?? .zero
    var previous: Variable?
    for i in 1..<width {
        let factor = witness.map { $0.slots[i] - $0.x } ?? .zero
        let gate = s.gate(product, factor)
        if let previous {
            s.equal(gate.left, previous)
        } else {
            s.equal(gate.left, layout.g(parent, 0))
            s.add(x)
        }
        s.equal(gate.right, layout.g(parent, i))
        s.add(x)
        product *= factor
        previous = gate.output
    }
    if let previous { s.zero(previous) } else { s.equal(layout.g(parent, 0), x) }

    // y^2 = x^3 + 7
    let wx = witness?.x ?? .zero, wy = witness?.y ?? .zero
    let xx = s.gate(wx, wx)
    s.equal(xx.left, x)
    s.equal(xx.right, x)
    let xxx = s.gate(wx.squared, wx)
    s.equal(xxx.left, xx.output)
    s.equal(xxx.right, x)
    let yy = s.gate(wy, wy)
    s.equal(yy.left, y)
    s.equal(yy.right, y)
    s.equal(yy.output, xxx.output)
    s.add(F(E.b).negated, layout.one)

    // o_j D(c_j) = kappa_j D'(c_j)
    var residues: [Variable] = []
    for c in line.points {
        var value = F.zero, o = F.zero
        if let witness {
            value = c.value(witness.a, witness.b)
            o = c.derivative(witness.a, witness.b) * value.inverted
        }
        let gate = s.gate(o, value)
        s.row()
        s.add(gate.right)
        s.row()
        s.add(gate.output)
        subtractFunction(at: c)
        residues.append(gate.left)
    }

    // f (nu - y + lambda x) = 1
    let denominator = witness == nil ? .zero : line.intercept - wy + line.slope * wx
    let f = s.gate(denominator, witness == nil ? .zero : denominator.inverted)
    s.row()
    s.add(f.left)
    s.subtract(line.intercept, layout.one)
    s.add(y)
    s.subtract(line.slope, x)
    s.equal(f.output, layout.one)

    // o_0 + o_1 + o_2 = f + sum d_i / (nu - y_i + lambda x_i) + 1 / (nu + y_S + lambda x_S)
    s.row()
    for o in residues { s.add(o) }
    s.subtract(f.right)
    s.subtract(line.inverses, from: layout.g(claim, 0))
    s.subtract(line.ends[shown], layout.one)
}
