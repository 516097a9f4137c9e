import Curves
import Platform

/// One or more verification equations over a curve, summed with random weights: a multi-scalar sum that must be the identity.
///
/// Holds a scalar for every generator and a list of other terms, so that all proofs of a batch share the generators.
public struct VerificationEquation<C: Curve>: Sendable {
    /// The generators.
    public let generators: Generators<C>
    var g: [C.Scalar], h: [C.Scalar]
    package var value = C.Scalar.zero, blinding = C.Scalar.zero
    var scalars: [C.Scalar] = [], points: [Affine<C>] = []

    /// 0 = 0.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public init(generators: Generators<C>) {
        self.generators = generators
        g = [C.Scalar](repeating: .zero, count: generators.gates)
        h = g
    }

    /// Adds k P.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public mutating func add(_ k: C.Scalar, _ point: Affine<C>) {
        scalars.append(k)
        points.append(point)
    }

    /// Adds k g, g the base of values.
    public mutating func addValue(_ k: C.Scalar) { value += k }

    /// Adds k h, h the base of blindings.
    public mutating func addBlinding(_ k: C.Scalar) { blinding += k }

    /// Whether the sum is the identity: if so, each equation holds but with probability below 2^-127. Variable time.
    public var holds: Bool { sum().isIdentity }

    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    func sum() -> Point<C> {
        let bases = generators.bases
        return multiScalarMultiply(scalars + [value, blinding], points + [bases.value.point, bases.blinding.point])
            + generators.commit(g, h)
    }
}

/// A fresh random non-zero weight of 128 bits for an equation in a sum: predictable or equal weights would let errors cancel.
public func randomWeight<F: PrimeField>(_: F.Type = F.self) -> F {
    while true {
        let w = F(reducingLittleEndian: Random.bytes(16))
        if !w.isZero { return w }
    }
}

/// A proof read from bytes, with the challenges that its transcript gave; nothing is verified yet.
public struct ReadArgument<C: Curve>: Sendable {
    let wires: [Affine<C>]
    let t: [Affine<C>]
    let tauX: C.Scalar, mu: C.Scalar, product: C.Scalar
    let rounds: [Affine<C>]
    let a: C.Scalar, b: C.Scalar
    package let y: C.Scalar, z: C.Scalar, x: C.Scalar, w: C.Scalar
    package let e: [C.Scalar]
}

extension Argument {
    /// Reads a proof and runs the transcript over it. Throws for wrong lengths and encodings, before any heavy work.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public func read(_ proof: ArraySlice<UInt8>, sponge: inout Sponge) throws(ProofError) -> ReadArgument<C> {
        typealias F = C.Scalar
        guard proof.count == Argument.proofLength(gates: generators.gates, commitments: commitments.count) else { throw .length }
        var reader = ByteReader(proof)
        // The bytes of all points, decoded together at the end.
        var pointBytes: [UInt8] = []
        func absorbPoints(_ count: Int) throws(ProofError) {
            let bytes = try decoding { () throws(CurveError) in try reader.take(count * C.elementLength) }
            sponge.absorb(bytes)
            pointBytes += bytes
        }
        func absorbScalars(_ count: Int) throws(ProofError) -> [F] {
            let bytes = try decoding { () throws(CurveError) in try reader.take(count * C.scalarLength) }
            sponge.absorb(bytes)
            return try decoding { () throws(CurveError) in
                var inner = ByteReader(bytes)
                var out: [F] = []
                for _ in 0..<count { out.append(try inner.scalar()) }
                return out
            }
        }
        try absorbPoints(3)
        let y: F = try sponge.challenge(), z: F = try sponge.challenge()
        try absorbPoints(sentDegrees.count)
        let x: F = try sponge.challenge()
        let opened = try absorbScalars(3)
        let w: F = try sponge.challenge()
        var e: [F] = []
        for _ in 0..<Argument.rounds(generators.gates) {
            try absorbPoints(2)
            e.append(try sponge.challenge())
        }
        let last = try absorbScalars(2)
        var points: [Affine<C>] = []
        try decoding { () throws(CurveError) in
            var inner = ByteReader(pointBytes)
            points = try inner.points(pointBytes.count / C.elementLength)
        }
        let rounds = 3 + sentDegrees.count
        return ReadArgument(
            wires: Array(points[..<3]), t: Array(points[3..<rounds]), tauX: opened[0], mu: opened[1], product: opened[2],
            rounds: Array(points[rounds...]), a: last[0], b: last[1], y: y, z: z, x: x, w: w, e: e)
    }

    /// Adds the proof's two equations, t-hat = t(x) and the inner product, to the sum with fresh weights r1 and r2.
    ///
    /// `circuit` folds the rows. The equation's generators may be those of a larger argument.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    public func accumulate(
        _ proof: ReadArgument<C>, into equation: inout VerificationEquation<C>,
        circuit: (inout RowWeights<C.Scalar>) -> Void
    ) throws(ProofError) {
        typealias F = C.Scalar
        let n = generators.gates, c = commitments.count, top = top
        precondition(equation.generators.gates >= n)
        var w = RowWeights<F>(layout, z: proof.z)
        circuit(&w)
        guard w.gateCount <= n else { throw .circuitTooLarge }

        var inverses = [proof.y] + proof.e
        F.invert(&inverses)
        let yi = inverses[0].powers(n), ei = inverses.dropFirst()
        let xs = proof.x.powers(2 * top + 3)
        // Wires beyond the gates in use have no weight.
        let delta = dot(entrywise(yi.prefix(w.gateCount), w.right), w.left)
        // s_i = product of e_j^(+-1), the first challenge at the highest bit of i.
        var s = [F.one]
        for (e, inverse) in zip(proof.e, ei) {
            var next: [F] = []
            next.reserveCapacity(2 * s.count)
            for v in s {
                next.append(v * inverse)
                next.append(v * e)
            }
            s = next
        }
        let r1: F = randomWeight(), r2: F = randomWeight()
        equation.value += r1 * (proof.product - xs[top] * (delta - w.one)) + r2 * proof.w * (proof.product - proof.a * proof.b)
        equation.blinding += r1 * proof.tauX - r2 * proof.mu
        for (j, v) in values.enumerated() { equation.add(r1 * xs[top] * w.value(j), v) }
        for (i, t) in zip(sentDegrees, proof.t) { equation.add((r1 * xs[i]).negated, t) }
        equation.add(r2 * xs[c + 1], proof.wires[0])
        equation.add(r2 * xs[top], proof.wires[1])
        equation.add(r2 * xs[top + 1], proof.wires[2])
        for (k, commitment) in commitments.enumerated() { equation.add(r2 * xs[k + 1], commitment) }
        for (k, (e, inverse)) in zip(proof.e, ei).enumerated() {
            equation.add(r2 * e.squared, proof.rounds[2 * k])
            equation.add(r2 * inverse.squared, proof.rounds[2 * k + 1])
        }
        // Public halves of l and r: x^(c+1) w_R + sum x^(n'-k) w_H,k and x^(c+1) w_L + w_O + sum x^(n'-k) w_G,k.
        var gPublic = [F](repeating: .zero, count: n), hPublic = gPublic
        for (i, ((left, right), output)) in zip(zip(w.left, w.right), w.output).prefix(w.gateCount).enumerated() {
            gPublic[i] = xs[c + 1] * right
            hPublic[i] = xs[c + 1] * left + output
        }
        for k in 0..<c {
            let power = xs[top - k - 1]
            addMultiple(of: w.h(k), by: power, to: &gPublic)
            addMultiple(of: w.g(k), by: power, to: &hPublic)
        }
        let ra = r2 * proof.a
        equation.g.withUnsafeMutableBufferPointer { g in
            equation.h.withUnsafeMutableBufferPointer { h in
                for i in 0..<n {
                    let ry = r2 * yi[i]
                    g[i] += ry * gPublic[i] - ra * s[i]
                    h[i] += ry * (hPublic[i] - proof.b * s[n &- 1 &- i]) - r2
                }
            }
        }
    }
}
