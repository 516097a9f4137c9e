import Curves
import Proofs
import Testing

/// The attack on tight degree layouts (protocol.md #4): a prover who hides a second half in A_O, or in a commitment, proves 3 * 5 = 16 where two
/// degrees of commitments sum to n'. The prover below builds its proof for either layout; the tight one's verifier, which exists only here,
/// accepts, the real verifier and ours written out refuse.
@Suite struct DegreeLayoutTests {
    typealias F = Fp
    static let generators = Generators<Secq256k1>(gates: 16, bases: Secq256k1.bases)

    struct Layout {
        var top: Int
        var commitments: [Int]
        var wires: Int

        /// n' = 2(c+1), or the tight n' = 2 + 2 floor(c/2).
        init(_ c: Int, tight: Bool) {
            top = tight ? 2 + 2 * (c / 2) : 2 * (c + 1)
            wires = top / 2
            let wires = wires
            commitments = tight ? Array((0...top).filter { $0 != wires }.prefix(c)) : Array(1...c)
        }

        func sent(tight: Bool) -> [Int] { ((tight ? 0 : 1)...(2 * top + 2)).filter { $0 != top } }
    }

    /// Rows: O_0 = 16, L_0 = 3, R_0 = 5, and commitment 0 has 7 at its first place.
    static func circuit<S: ConstraintSystem>(_ s: inout S) where S.F == F {
        let layout = s.layout
        let gate = s.gate(.zero, .zero)
        for (variable, value) in [(gate.output, F(16)), (gate.left, F(3)), (gate.right, F(5)), (layout.g(0, 0), F(7))] {
            s.row()
            s.add(variable)
            s.subtract(value, layout.one)
        }
    }

    struct Forgery {
        var argument: Argument<Secq256k1>
        var proof: [UInt8]
        var plainHolds: Bool
    }

    /// A full proof of 3 * 5 = 16 with c commitments, and whether the layout's equations hold for it.
    static func forge(_ c: Int, tight: Bool) throws -> Forgery {
        let n = 16, bases = generators.bases, layout = Layout(c, tight: tight)
        func pad(_ v: F) -> [F] { [v] + [F](repeating: .zero, count: n - 1) }
        let zero = [F](repeating: .zero, count: n)
        var cH = [[F]](repeating: zero, count: c), second = zero
        // 7 * 1/7 makes up for 16 - 15
        let patch = F(7).inverted
        if let k = layout.commitments.firstIndex(of: layout.top - layout.commitments[0]) { cH[k][0] = patch } else { second[0] = patch }
        let aL = pad(F(3)), aR = pad(F(5)), aO = pad(F(16)), cG = [[F]](repeating: pad(F(7)), count: c)
        let r = (0..<c).map { _ in F.random() }
        func commit(_ g: [F], _ h: [F], _ blinding: F) -> Point<Secq256k1> {
            multiScalarMultiply(g + h, generators.g + generators.h) + bases.blinding.multiplied(by: blinding)
        }
        let argument = Argument(generators: generators, commitments: (0..<c).map { commit(cG[$0], cH[$0], r[$0]).affine! })

        var out: [UInt8] = []
        var sponge = Sponge(sessionID: [UInt8](repeating: 0, count: 32))
        let alpha = F.random(), beta = F.random(), rho = F.random()
        let sL = (0..<n).map { _ in F.random() }, sR = (0..<n).map { _ in F.random() }
        let wires = [commit(aL, aR, alpha), commit(aO, second, beta), commit(sL, sR, rho)]
        try argument.send(wires, &out, &sponge)
        let y: F = try sponge.challenge(), z: F = try sponge.challenge()
        var w = RowWeights<F>(argument.layout, z: z)
        circuit(&w)
        let weight = { (v: Variable) in w.weights[v.index] }
        let places = argument.layout
        let yn = y.powers(n), yi = y.inverted.powers(n)
        let wL = (0..<n).map { weight(places.left($0)) }, wR = (0..<n).map { weight(places.right($0)) }
        let wO = (0..<n).map { weight(places.output($0)) }
        var l = [[F]](repeating: zero, count: layout.top + 2), rr = l
        func add(_ v: inout [F], _ e: (Int) -> F) { for i in 0..<n { v[i] += e(i) } }
        add(&rr[0]) { wO[$0] - yn[$0] }
        for (k, d) in layout.commitments.enumerated() {
            add(&l[d]) { cG[k][$0] }
            add(&rr[d]) { yn[$0] * cH[k][$0] }
            add(&l[layout.top - d]) { yi[$0] * weight(places.h(k, $0)) }
            add(&rr[layout.top - d]) { weight(places.g(k, $0)) }
        }
        add(&l[layout.wires]) { aL[$0] + yi[$0] * wR[$0] }
        add(&rr[layout.wires]) { yn[$0] * aR[$0] + wL[$0] }
        add(&l[layout.top]) { aO[$0] }
        add(&rr[layout.top]) { yn[$0] * second[$0] }
        l[layout.top + 1] = sL
        add(&rr[layout.top + 1]) { yn[$0] * sR[$0] }
        var t = [F](repeating: .zero, count: 2 * layout.top + 3)
        for i in l.indices { for j in rr.indices { t[i + j] += dot(l[i], rr[j]) } }
        let sent = layout.sent(tight: tight)
        let tau = sent.map { _ in F.random() }
        let points = zip(sent, tau).map { bases.value.multiplied(by: t[$0]) + bases.blinding.multiplied(by: $1) }
        try argument.send(points, &out, &sponge)
        let x: F = try sponge.challenge()
        let xs = x.powers(2 * layout.top + 3)
        func evaluate(_ p: [[F]]) -> [F] { (0..<n).map { i in p.indices.reduce(F.zero) { $0 + xs[$1] * p[$1][i] } } }
        let lx = evaluate(l), rx = evaluate(rr)
        let tauX = zip(sent, tau).reduce(F.zero) { $0 + xs[$1.0] * $1.1 }
        var mu = alpha * xs[layout.wires] + beta * xs[layout.top] + rho * xs[layout.top + 1]
        for (k, d) in layout.commitments.enumerated() { mu += r[k] * xs[d] }
        let product = dot(lx, rx)

        // The verifier's two equations with l and r in the clear.
        let delta = (0..<n).reduce(F.zero) { $0 + yi[$1] * wR[$1] * wL[$1] }
        let left = bases.value.multiplied(by: product) + bases.blinding.multiplied(by: tauX)
        var right = bases.value.multiplied(by: xs[layout.top] * (delta - weight(places.one)))
        for (i, p) in zip(sent, points) { right += Secq256k1.multiply(xs[i], p) }
        var committed = [wires[0], wires[1], wires[2]]
        for (k, d) in [layout.wires, layout.top, layout.top + 1].enumerated() { committed[k] = Secq256k1.multiply(xs[d], committed[k]) }
        var sum = committed[0] + committed[1] + committed[2]
        for (k, d) in layout.commitments.enumerated() { sum += Secq256k1.multiply(xs[d], Point(argument.commitments[k])) }
        var gPublic = zero, hPublic = zero
        for i in 0..<n {
            gPublic[i] = yi[i] * xs[layout.wires] * wR[i]
            hPublic[i] = yi[i] * (xs[layout.wires] * wL[i] + wO[i] - yn[i])
            for (k, d) in layout.commitments.enumerated() {
                gPublic[i] += yi[i] * xs[layout.top - d] * weight(places.h(k, i))
                hPublic[i] += yi[i] * xs[layout.top - d] * weight(places.g(k, i))
            }
        }
        sum += commit(gPublic, hPublic, .zero)
        let plainHolds = left == right && sum == commit(lx, (0..<n).map { yi[$0] * rx[$0] }, mu)

        let opened = tauX.encoded + mu.encoded + product.encoded
        sponge.absorb(opened)
        out += opened
        let u = bases.value.multiplied(by: try sponge.challenge())
        try argument.proveInnerProduct(lx, rx, scale: yi, u: u, &out, &sponge)
        return Forgery(argument: argument, proof: out, plainHolds: plainHolds)
    }

    @Test(arguments: 1...4) func tightLayoutAdmitsTheForgery(c: Int) throws {
        #expect(try Self.forge(c, tight: true).plainHolds)
    }

    @Test(arguments: 1...4) func ourLayoutRefusesTheForgery(c: Int) throws {
        let forgery = try Self.forge(c, tight: false)
        #expect(!forgery.plainHolds)
        var sponge = Sponge(sessionID: [UInt8](repeating: 0, count: 32))
        let read = try forgery.argument.read(forgery.proof[...], sponge: &sponge)
        var equation = VerificationEquation(generators: Self.generators)
        try forgery.argument.accumulate(read, into: &equation) { (w: inout RowWeights<F>) in Self.circuit(&w) }
        #expect(!equation.holds)
    }
}
