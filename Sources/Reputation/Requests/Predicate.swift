import Curves
import Proofs

/// A weighted sum of hidden attributes is at least a bound: `30*comments + votes >= 100`. "At most b" is weight -1 and bound -b.
///
/// What is proved is that the sum minus the bound lies in 0 ..< 2^32.
public struct Predicate: Equatable, Sendable {
    /// An attribute of the credential and its weight.
    public struct Weight: Equatable, Sendable {
        /// Index of the attribute in the credential: 1 is the first of the schema.
        public let index: Int
        /// How often it counts.
        public let weight: Int64

        /// From its parts.
        public init(index: Int, weight: Int64) {
            self.index = index
            self.weight = weight
        }
    }

    /// Weights by rising index.
    public let weights: [Weight]
    /// What the sum must at least be.
    public let bound: Int64

    /// From its parts; `check` says whether it may be asked.
    public init(weights: [Weight], bound: Int64) {
        self.weights = weights
        self.bound = bound
    }

    /// Size of the window above the bound in which the sum is proved to lie.
    private static let window: Int128 = 1 << 32
    /// Largest size of a weight.
    static let greatestWeight: UInt64 = 1000
    /// Sizes of bounds are below this.
    static let boundLimit: UInt64 = 1 << 62

    /// Throws unless the predicate may be asked of a credential with so many attributes (the secret included) of which these are disclosed.
    ///
    /// `domains` (of the attributes after the secret), when the schema is known: no sum over them may lie above the window, else the
    /// predicate would ask for more than it says.
    func check(attributes: Int, disclosed: [Int], domains: [ClosedRange<Int64>]?) throws(RequestError) {
        guard !weights.isEmpty else { throw .predicateAttributes }
        var last = 0
        var factor: UInt64 = 0
        for weight in weights {
            guard weight.index > last, weight.index < attributes, !disclosed.contains(weight.index) else { throw .predicateAttributes }
            last = weight.index
            factor = greatestCommonDivisor(factor, weight.weight.magnitude)
        }
        guard factor == 1, hasSizesInRange else { throw .predicateWeights }
        guard let domains else { return }
        // Weights are at most 1000, values 64 bits and there are fewer than 2^32 attributes: the sum fits into 128 bits.
        var greatest: Int128 = 0
        for weight in weights {
            let domain = domains[weight.index - 1]
            greatest += Int128(weight.weight) * Int128(weight.weight > 0 ? domain.upperBound : domain.lowerBound)
        }
        if greatest - Int128(bound) >= Predicate.window { throw .predicateWindow }
    }

    /// Whether weights and bound are of an allowed size; what is not has no encoding.
    var hasSizesInRange: Bool {
        bound.magnitude < Predicate.boundLimit && weights.allSatisfy { $0.weight != 0 && $0.weight.magnitude <= Predicate.greatestWeight }
    }

    /// Whether these values (after the secret, within their domains) satisfy the predicate.
    public func holds(for values: [Int64]) -> Bool {
        var sum: Int128 = 0
        for weight in weights {
            guard weight.index >= 1, weight.index <= values.count else { return false }
            sum += Int128(weight.weight) * Int128(values[weight.index - 1])
        }
        return sum >= Int128(bound) && sum - Int128(bound) < Predicate.window
    }

    /// The sum over a credential's attributes, the secret included, modulo the group's order.
    func value(_ attributes: [Fn]) -> Fn {
        var sum = Fn.zero
        for weight in weights { sum += Fn(signed: weight.weight) * attributes[weight.index] }
        return sum
    }

    /// As it enters the encoding of a request; for weights and bounds that were checked.
    var encoded: [UInt8] {
        var out = littleEndian4(weights.count)
        for weight in weights { out += littleEndian4(weight.index) + littleEndian4(Int(truncatingIfNeeded: weight.weight)) }
        return out + littleEndian8(bound)
    }
}

/// Euclid's; the other number when one is 0.
private func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
}
