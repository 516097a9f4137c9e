import Curves

/// A wire, a committed value or the constant 1 of an argument, by its place in the flat order of `ConstraintLayout`.
@frozen public struct Variable: Equatable, Sendable {
    /// Place in the layout.
    public let index: Int

    @inlinable init(_ index: Int) { self.index = index }
}

/// Where the variables of an argument stand: left, right and output wires of n gates, G-halves then H-halves of c vector commitments
/// (n each), m committed scalars, the constant.
@frozen public struct ConstraintLayout: Equatable, Sendable {
    /// n, c and m.
    public let gates: Int, commitments: Int, values: Int

    /// For n gates, c vector commitments and m committed scalars.
    @inlinable public init(gates: Int, commitments: Int, values: Int) {
        self.gates = gates
        self.commitments = commitments
        self.values = values
    }

    /// Left input of gate i.
    @inlinable public func left(_ i: Int) -> Variable { Variable(i) }
    /// Right input of gate i.
    @inlinable public func right(_ i: Int) -> Variable { Variable(gates + i) }
    /// Output of gate i.
    @inlinable public func output(_ i: Int) -> Variable { Variable(2 * gates + i) }
    /// Value i of the G-half of commitment k.
    @inlinable public func g(_ k: Int, _ i: Int) -> Variable { Variable((3 + k) * gates + i) }
    /// Value i of the H-half of commitment k.
    @inlinable public func h(_ k: Int, _ i: Int) -> Variable { Variable((3 + commitments + k) * gates + i) }
    /// Committed scalar j.
    @inlinable public func value(_ j: Int) -> Variable { Variable((3 + 2 * commitments) * gates + j) }
    /// The constant 1.
    @inlinable public var one: Variable { Variable((3 + 2 * commitments) * gates + values) }
    /// How many variables there are.
    @inlinable public var count: Int { one.index + 1 }
}

/// What a circuit is written against: gates in order, and rows, each of which says that a linear combination of variables is zero.
///
/// A circuit is one piece of code, run by the prover to assign the gates (`GateAssignment`) and by both sides to fold its rows
/// into one vector (`RowWeights`), so that the two cannot differ and no row is ever stored.
public protocol ConstraintSystem<F> {
    /// The field of the argument.
    associatedtype F: PrimeField
    /// Places of the variables.
    var layout: ConstraintLayout { get }
    /// The next gate, left * right = output. The inputs matter to an assignment only; others pass zeros.
    mutating func gate(_ left: F, _ right: F) -> Gate
    /// Begins the next row.
    mutating func row()
    /// Adds coefficient * variable to the row.
    mutating func add(_ coefficient: F, _ variable: Variable)
    /// Takes coefficient * variable from the row.
    mutating func subtract(_ coefficient: F, _ variable: Variable)
    /// Takes coefficient * variable from the row for consecutive variables.
    mutating func subtract(_ coefficients: ArraySlice<F>, from first: Variable)
    /// For consecutive variables v_i takes before * b_i v_i from the row before the last and (last + i step) b_i v_i from the last row: two rows
    /// over the same powers of a point for one product a variable.
    mutating func subtract(_ b: ArraySlice<F>, before: F, last: F, step: F, from first: Variable)
    /// Adds a variable to the row.
    mutating func add(_ variable: Variable)
    /// Takes a variable from the row.
    mutating func subtract(_ variable: Variable)
}

/// The wires of a gate.
@frozen public struct Gate: Sendable {
    /// Inputs and output.
    public let left: Variable, right: Variable, output: Variable

    @inlinable init(_ i: Int, in layout: ConstraintLayout) {
        left = layout.left(i)
        right = layout.right(i)
        output = layout.output(i)
    }
}

extension ConstraintSystem {
    /// Takes coefficient * variable from the row for consecutive variables.
    @inlinable public mutating func subtract(_ coefficients: [F], from first: Variable) { subtract(coefficients[...], from: first) }

    /// Row: `variable` is zero.
    @inlinable public mutating func zero(_ variable: Variable) {
        row()
        add(variable)
    }

    /// Row: the two are equal.
    @inlinable public mutating func equal(_ a: Variable, _ b: Variable) {
        row()
        add(a)
        subtract(b)
    }
}

/// The prover's gate inputs, in the order of the gates; rows are not looked at.
@frozen public struct GateAssignment<F: PrimeField>: ConstraintSystem {
    /// Places of the variables.
    public let layout: ConstraintLayout
    /// Gate inputs so far.
    public var left: [F] = [], right: [F] = []

    /// No gates yet.
    @inlinable public init(_ layout: ConstraintLayout) { self.layout = layout }

    /// Records the inputs of the next gate.
    @inlinable public mutating func gate(_ left: F, _ right: F) -> Gate {
        self.left.append(left)
        self.right.append(right)
        return Gate(self.left.count - 1, in: layout)
    }
    /// Nothing.
    @inlinable public mutating func row() {}
    /// Nothing.
    @inlinable public mutating func add(_ coefficient: F, _ variable: Variable) {}
    /// Nothing.
    @inlinable public mutating func subtract(_ coefficient: F, _ variable: Variable) {}
    /// Nothing.
    @inlinable public mutating func subtract(_ coefficients: ArraySlice<F>, from first: Variable) {}
    /// Nothing.
    @inlinable public mutating func subtract(_ b: ArraySlice<F>, before: F, last: F, step: F, from first: Variable) {}
    /// Nothing.
    @inlinable public mutating func add(_ variable: Variable) {}
    /// Nothing.
    @inlinable public mutating func subtract(_ variable: Variable) {}
}

/// All rows folded into one by the powers z, z^2, ... of a challenge: a weight for every variable.
@frozen public struct RowWeights<F: PrimeField>: ConstraintSystem {
    /// Places of the variables.
    public let layout: ConstraintLayout
    /// Weight of each variable: w_L, w_R, w_O, w_G and w_H of each commitment, w_V, w_1.
    public var weights: [F]
    /// Gates so far.
    @usableFromInline var gateCount = 0
    @usableFromInline let z: F
    @usableFromInline var power = F.one
    /// The power of the row before.
    @usableFromInline var powerBefore = F.zero

    /// No rows yet.
    @inlinable public init(_ layout: ConstraintLayout, z: F) {
        self.layout = layout
        self.z = z
        weights = [F](repeating: .zero, count: layout.count)
    }

    /// Counts the gate.
    @inlinable public mutating func gate(_ left: F, _ right: F) -> Gate {
        gateCount += 1
        return Gate(gateCount - 1, in: layout)
    }
    /// The next power of z.
    @inlinable public mutating func row() {
        powerBefore = power
        power *= z
    }
    /// Weight power * coefficient.
    @inlinable public mutating func add(_ coefficient: F, _ variable: Variable) { weights[variable.index] += power * coefficient }
    /// Weight -power * coefficient.
    @inlinable public mutating func subtract(_ coefficient: F, _ variable: Variable) { weights[variable.index] -= power * coefficient }
    /// Weights -power * coefficient.
    @inlinable public mutating func subtract(_ coefficients: ArraySlice<F>, from first: Variable) {
        precondition(first.index + coefficients.count <= weights.count)
        let power = power
        weights.withUnsafeMutableBufferPointer { weights in
            var i = first.index
            for coefficient in coefficients {
                weights[i] -= power * coefficient
                i &+= 1
            }
        }
    }
    /// Weights -(powerBefore * before + power * (last + i step)) b_i.
    @inlinable public mutating func subtract(_ b: ArraySlice<F>, before: F, last: F, step: F, from first: Variable) {
        precondition(first.index + b.count <= weights.count)
        var c = powerBefore * before + power * last
        let step = power * step
        weights.withUnsafeMutableBufferPointer { weights in
            var i = first.index
            for b in b {
                weights[i] -= c * b
                c += step
                i &+= 1
            }
        }
    }
    /// Weight power.
    @inlinable public mutating func add(_ variable: Variable) { weights[variable.index] += power }
    /// Weight -power.
    @inlinable public mutating func subtract(_ variable: Variable) { weights[variable.index] -= power }

    /// w_L, w_R and w_O.
    var left: ArraySlice<F> { weights[0..<layout.gates] }
    var right: ArraySlice<F> { weights[layout.gates..<(2 * layout.gates)] }
    var output: ArraySlice<F> { weights[(2 * layout.gates)..<(3 * layout.gates)] }
    /// w_G and w_H of commitment k.
    func g(_ k: Int) -> ArraySlice<F> { weights[layout.g(k, 0).index..<layout.g(k + 1, 0).index] }
    func h(_ k: Int) -> ArraySlice<F> { weights[layout.h(k, 0).index..<layout.h(k + 1, 0).index] }
    /// w_V of value j, and w_1.
    func value(_ j: Int) -> F { weights[layout.value(j).index] }
    var one: F { weights[layout.one.index] }
}
