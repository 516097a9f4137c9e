import Curves
import Platform

extension Argument {
    /// Proves that the circuit, whose rows `circuit` folds by a challenge z, is satisfied by the witness.
    ///
    /// Not constant time: multi-scalar sums and their tables depend on the witness. Whoever times it closely learns about the witness of this one
    /// proof. The witness is checked on the way (gates are products by construction, rows by their weighted sum): throws `.witness`.
    public func prove(
        _ witness: ArgumentWitness<C.Scalar>, circuit: (inout RowWeights<C.Scalar>) -> Void, sponge: inout Sponge
    ) throws(ProofError) -> [UInt8] {
        try prove(witness, circuit: circuit, sponge: &sponge, dishonestly: false)
    }

    /// As above; a dishonest prover goes on with a witness that does not satisfy the rows, to show that its proof is refused.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    package func prove(
        _ witness: ArgumentWitness<C.Scalar>, circuit: (inout RowWeights<C.Scalar>) -> Void, sponge: inout Sponge,
        dishonestly: Bool
    ) throws(ProofError) -> [UInt8] {
        typealias F = C.Scalar
        let n = generators.gates, c = commitments.count, top = top
        let bases = generators.bases
        guard witness.left.count <= n, witness.left.count == witness.right.count else { throw .circuitTooLarge }
        guard witness.openings.count == c, witness.values.count == values.count else { throw .invalidStatement }

        // Commitments to the wires and to the masks.
        var aL = padded(witness.left, to: n), aR = padded(witness.right, to: n)
        var aO = entrywise(aL, aR)
        var sL: [F] = randomVector(n), sR: [F] = randomVector(n)
        let alpha = F.random(), beta = F.random(), rho = F.random()
        defer {
            zeroize(&aL)
            zeroize(&aR)
            zeroize(&aO)
            zeroize(&sL)
            zeroize(&sR)
        }
        let wires = [
            generators.commit(aL, aR) + bases.blinding.multiplied(by: alpha),
            generators.commit(aO) + bases.blinding.multiplied(by: beta),
            generators.commit(sL, sR) + bases.blinding.multiplied(by: rho),
        ]
        var out: [UInt8] = []
        try send(wires, &out, &sponge)
        let y: F = try sponge.challenge(), z: F = try sponge.challenge()
        var w = RowWeights<F>(layout, z: z)
        circuit(&w)

        // l(X) and r(X), by degree; nil is zero.
        let yn = y.powers(n), yi = y.inverted.powers(n)
        var l = [[F]?](repeating: nil, count: top + 2), r = l
        r[0] = zip(w.output, yn).map { $0 - $1 }
        for (k, opening) in witness.openings.enumerated() {
            l[k + 1] = padded(opening.g, to: n)
            r[k + 1] = entrywise(yn, padded(opening.h, to: n))
            l[top - k - 1] = entrywise(yi, w.h(k))
            r[top - k - 1] = Array(w.g(k))
        }
        l[c + 1] = zip(aL, entrywise(yi, w.right)).map { $0 + $1 }
        r[c + 1] = zip(entrywise(yn, aR), w.left).map { $0 + $1 }
        l[top] = aO
        l[top + 1] = sL
        r[top + 1] = entrywise(yn, sR)

        var t = [F](repeating: .zero, count: 2 * top + 3)
        for (i, li) in l.enumerated() {
            guard let li else { continue }
            for (j, rj) in r.enumerated() {
                guard let rj else { continue }
                t[i + j] += dot(li, rj)
            }
        }
        // What the verifier will insist on for the coefficient at n'.
        let delta = dot(entrywise(yi, w.right), w.left)
        var expected = delta - w.one
        for (j, v) in witness.values.enumerated() { expected -= w.value(j) * v.value }
        guard dishonestly || t[top] == expected else { throw .witness }

        let tau: [F] = randomVector(sentDegrees.count)
        try send(
            zip(sentDegrees, tau).map { bases.value.multiplied(by: t[$0]) + bases.blinding.multiplied(by: $1) }, &out, &sponge)
        let x: F = try sponge.challenge()
        let xs = x.powers(2 * top + 3)
        func evaluate(_ p: [[F]?]) -> [F] {
            var v = [F](repeating: .zero, count: n)
            for (d, vector) in p.enumerated() {
                guard let vector else { continue }
                for i in 0..<n { v[i] += xs[d] * vector[i] }
            }
            return v
        }
        let lx = evaluate(l), rx = evaluate(r)
        var tauX = F.zero
        for (i, tau) in zip(sentDegrees, tau) { tauX += tau * xs[i] }
        for (j, v) in witness.values.enumerated() { tauX -= xs[top] * w.value(j) * v.blinding }
        var mu = alpha * xs[c + 1] + beta * xs[top] + rho * xs[top + 1]
        for (k, opening) in witness.openings.enumerated() { mu += opening.blinding * xs[k + 1] }
        let opened = tauX.encoded + mu.encoded + dot(lx, rx).encoded
        sponge.absorb(opened)
        out += opened
        let u = bases.value.multiplied(by: try sponge.challenge())
        try proveInnerProduct(lx, rx, scale: yi, u: u, &out, &sponge)
        return out
    }

    /// <a, b> for commitments over G and scale_i H_i, with base U for the product; halves the vectors each round:
    /// a' = e a_low + e^-1 a_high, b' = e^-1 b_low + e b_high, G' = e^-1 G_low + e G_high, H' = e H_low + e^-1 H_high.
    ///
    /// The points are never folded: G'_k is a sum over the generators i = k modulo the halved length with weights s_i (for H: scale_i / s_i), so that
    /// every round's sums run over the table of the generators, which is faster than to fold points.
    package func proveInnerProduct(
        _ a: [C.Scalar], _ b: [C.Scalar], scale: [C.Scalar], u: Point<C>, _ out: inout [UInt8], _ sponge: inout Sponge
    ) throws(ProofError) {
        typealias F = C.Scalar
        let n = generators.gates
        var a = a, b = b
        var gWeights = [F](repeating: .one, count: n), hWeights = scale
        while a.count > 1 {
            let length = a.count, half = length / 2
            // L: a_low over the high half of G, b_high over the low half of H; R the other way round.
            var left: [(Int, F)] = [], right: [(Int, F)] = []
            left.reserveCapacity(n)
            right.reserveCapacity(n)
            for i in 0..<n {
                let k = i & (length - 1)
                if k < half {
                    left.append((n + i, b[half + k] * hWeights[i]))
                    right.append((i, a[half + k] * gWeights[i]))
                } else {
                    left.append((i, a[k - half] * gWeights[i]))
                    right.append((n + i, b[k - half] * hWeights[i]))
                }
            }
            let products = [dot(a[..<half], b[half...]), dot(a[half...], b[..<half])]
            let (forLeft, forRight) = generators.sums(left, right)
            try send([forLeft + u.multiplied(by: products[0]), forRight + u.multiplied(by: products[1])], &out, &sponge)
            let e: F = try sponge.challenge()
            let inverse = e.inverted
            a = (0..<half).map { e * a[$0] + inverse * a[half + $0] }
            b = (0..<half).map { inverse * b[$0] + e * b[half + $0] }
            for i in 0..<n {
                let low = i & (length - 1) < half
                gWeights[i] *= low ? inverse : e
                hWeights[i] *= low ? e : inverse
            }
        }
        let last = a[0].encoded + b[0].encoded
        sponge.absorb(last)
        out += last
    }

    /// Appends points to the proof and the transcript.
    package func send(_ points: [Point<C>], _ out: inout [UInt8], _ sponge: inout Sponge) throws(ProofError) {
        var bytes: [UInt8] = []
        for p in Point.normalize(points) {
            // The identity has no encoding; with fresh blindings it comes up with negligible probability.
            guard let p else { throw .degenerateChallenge }
            bytes += p.encoded
        }
        sponge.absorb(bytes)
        out += bytes
    }
}
