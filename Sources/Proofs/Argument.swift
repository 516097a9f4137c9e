import Curves

/// Statement of the arithmetic-circuit argument (protocol.md #4): a circuit of n gates over vector commitments and committed scalars.
///
/// Vector commitments C_k = <G-half, G> + <H-half, H> + r h (Bulletproofs, Bünz et al. 2018, with vector commitments as witnesses),
/// committed scalars V_j = v g + gamma h. With c vector commitments, n' = 2(c + 1):
///
/// | degree | l(X) | r(X) |
/// |---|---|---|
/// | 0 | - | w_O - y^i |
/// | k = 1..c | G-half of C_k | y^i * H-half of C_k |
/// | c+1 | a_L + y^-i w_R | y^i a_R + w_L |
/// | n'-k | y^-i w_H,k | w_G,k |
/// | n' | a_O | - |
/// | n'+1 | s_L | y^i s_R |
///
/// t(X) = <l, r>; the coefficient at n' carries all gates and rows. No two of the degrees at which commitments sit may sum to n' but c+1 with
/// itself: the tighter layouts of some papers admit forgeries.
public struct Argument<C: Curve>: Sendable {
    /// Generators of n gates.
    public let generators: Generators<C>
    /// C_1, ..., C_c.
    public let commitments: [Affine<C>]
    /// V_1, ..., V_m.
    public let values: [Affine<C>]

    /// A statement.
    public init(generators: Generators<C>, commitments: [Affine<C>], values: [Affine<C>] = []) {
        self.generators = generators
        self.commitments = commitments
        self.values = values
    }

    /// Places of the variables in the circuit's rows.
    public var layout: ConstraintLayout {
        ConstraintLayout(gates: generators.gates, commitments: commitments.count, values: values.count)
    }

    /// n'.
    package var top: Int { 2 * (commitments.count + 1) }

    /// Degrees of t for which a commitment is sent: 1...2n'+2 without n'.
    package var sentDegrees: [Int] { (1...(2 * top + 2)).filter { $0 != top } }

    /// Rounds of the inner-product argument.
    static func rounds(_ gates: Int) -> Int { gates.trailingZeroBitCount }

    /// Bytes of a proof with n gates (a power of two) and c commitments: 3 + 4c + 5 + 2 log2 n points and five scalars.
    public static func proofLength(gates: Int, commitments: Int) -> Int {
        C.elementLength * (3 + 4 * commitments + 5 + 2 * rounds(gates)) + 5 * C.scalarLength
    }
}

/// What the prover knows: gate inputs and the openings of the commitments.
public struct ArgumentWitness<F: PrimeField> {
    /// Inputs of the gates; shorter than n is filled with zeros.
    public var left: [F], right: [F]
    /// Openings of the vector commitments: halves (shorter than n is filled with zeros) and blinding.
    public var openings: [(g: [F], h: [F], blinding: F)]
    /// Openings of the committed scalars.
    public var values: [(value: F, blinding: F)]

    /// A witness.
    public init(left: [F], right: [F], openings: [(g: [F], h: [F], blinding: F)], values: [(value: F, blinding: F)] = []) {
        self.left = left
        self.right = right
        self.openings = openings
        self.values = values
    }
}
