import Circuits
import Curves
import Proofs

/// Public parameters of a tree and of the proofs in it: depth, children per node on each curve, gates per argument (protocol.md #5).
public struct TreeShape: Equatable, Hashable, Sendable {
    /// Levels above the leaves, at least 1.
    public let depth: Int
    /// Children of a node on secq256k1 (odd levels) and on secp256k1 (even levels).
    public let widthQ: Int, widthP: Int
    /// Gates of the argument over each curve, a power of two.
    public let gates: Int

    /// Deepest tree.
    public static let greatestDepth = 4
    /// Most predicates of a presentation: keeps an argument within `greatestGates`.
    public static let greatestPredicates = 64

    /// A shape of the protocol: widths 120 and 104, gates for so many predicates. Throws `.invalidStatement` outside of depth 1...4 and
    /// 0...64 predicates.
    public init(depth: Int, predicates: Int = 0) throws(ProofError) {
        guard (1...TreeShape.greatestDepth).contains(depth), (0...TreeShape.greatestPredicates).contains(predicates) else {
            throw .invalidStatement
        }
        try self.init(depth: depth, widthQ: 120, widthP: 104, gates: gatesFor(depth: depth, predicates: predicates))
    }

    /// Any shape, narrower ones for tests. Throws `.invalidStatement` if it makes no sense.
    public init(depth: Int, widthQ: Int, widthP: Int, gates: Int) throws(ProofError) {
        guard (1...TreeShape.greatestDepth).contains(depth), (1...gates).contains(widthQ), (1...gates).contains(widthP),
            gates >= 256, gates <= greatestGates, gates & (gates - 1) == 0
        else { throw .invalidStatement }
        self.depth = depth
        self.widthQ = widthQ
        self.widthP = widthP
        self.gates = gates
    }

    /// The same tree with the gates that proofs with so many predicates need.
    public func with(predicates: Int) throws(ProofError) -> TreeShape {
        guard (0...TreeShape.greatestPredicates).contains(predicates) else { throw .invalidStatement }
        let gates = gatesFor(depth: depth, predicates: predicates, widthQ: widthQ, widthP: widthP)
        return try TreeShape(depth: depth, widthQ: widthQ, widthP: widthP, gates: gates)
    }

    /// Children of a node at this level.
    public func width(_ level: Int) -> Int { level % 2 == 0 ? widthP : widthQ }

    /// Levels whose nodes are on secq256k1, and on secp256k1.
    var levelsQ: [Int] { (1...depth).filter { $0 % 2 == 1 } }
    var levelsP: [Int] { (1...depth).filter { $0 % 2 == 0 } }

    /// Leaves that the tree holds.
    public var capacity: Int { (1...depth).reduce(1) { $0 * width($1) } }
}

/// Gates of both arguments: the smallest power of two, at least 256, that holds the larger circuit.
public func gatesFor(depth: Int, predicates: Int, widthQ: Int = 120, widthP: Int = 104) -> Int {
    let q = (depth + 1) / 2 * ClaimShape.gates(width: widthQ)
    let p = depth / 2 * ClaimShape.gates(width: widthP) + RangeShape.bits * predicates
    var gates = 256
    while gates < max(q, p) { gates *= 2 }
    return gates
}

/// Delta: shifts a leaf before its x coordinate is taken, so that C and -C do not look alike.
public let leafShift: Affine<Secp256k1> = generator("leaf-shift")
