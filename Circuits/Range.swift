import Curves
import Proofs

/// Sizes of a range.
public enum RangeShape {
    /// Bits of the window.
    public static var bits: Int { 32 }
}

/// Writes a range: committed scalar j lies in least ..< least + 2^32, modulo the order.
///
/// Gates and rows, in order: b_i (1 - b_i) = 0 for each bit, as left + right = 1 and output = 0; then v - least = sum 2^i b_i.
/// The assignment of a value outside the window does not satisfy the last row.
public func addRange<S: ConstraintSystem>(to s: inout S, value j: Int, least: S.F, witness: S.F? = nil) {
    typealias F = S.F
    let layout = s.layout
    let rest = witness.map { ($0 - least).canonical } ?? .zero
    var bits: [Variable] = []
    for i in 0..<RangeShape.bits {
        let bit = F(rest.bits(i, 1))
        let gate = s.gate(witness == nil ? .zero : bit, witness == nil ? .zero : F.one - bit)
        s.row()
        s.add(gate.left)
        s.add(gate.right)
        s.subtract(layout.one)
        s.zero(gate.output)
        bits.append(gate.left)
    }
    s.row()
    s.add(layout.value(j))
    s.subtract(least, layout.one)
    for (i, bit) in bits.enumerated() { s.subtract(F(1 &<< UInt64(i)), bit) }
}
