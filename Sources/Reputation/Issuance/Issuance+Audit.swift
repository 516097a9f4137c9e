import Curves
import Proofs

extension Issuance {
    /// Whether all these leaves were rightly issued: for each the proof of opening holds, and the leaf is the commitment and the values. One
    /// multi-scalar sum in all; false when any does not hold, without saying which.
    static func holds(_ leaves: [(entry: IssuedEntry, point: Affine<Secp256k1>)], community: Digest) -> Bool {
        var scalars: [Fn] = []
        var points: [Point<Secp256k1>] = []
        // sum of weights times values, for each attribute: the bases are the same for all leaves.
        var values = [Fn](repeating: .zero, count: Schema.greatestCount)
        for (entry, point) in leaves {
            guard entry.message.count == messageLength, entry.values.count <= values.count,
                let blank = try? Affine<Secp256k1>(encoded: entry.message[..<33])
            else { return false }
            let tag = relationTag("issuance", bound: context(community: community, codeHash: entry.codeHash))
            guard let check = try? relation(blank).openBatchable(tag: tag, proof: Array(entry.message[33...])) else { return false }
            let terms = check.verificationTerms(weights: batchWeights(check.equationCount))
            scalars += terms.scalars
            points += terms.elements
            // leaf - Q - sum a_i B_i = 0.
            let weight: Fn = randomWeight()
            scalars += [weight, weight.negated]
            points += [Point(point), Point(blank)]
            for (i, value) in entry.values.enumerated() { values[i] -= weight * Fn(signed: value) }
        }
        for (i, value) in values.enumerated() where !value.isZero {
            scalars.append(value)
            points.append(Point(AttributeBases.base(i + 1)))
        }
        return Secp256k1.multiScalar(scalars, points) == Secp256k1.identity
    }
}
