import Benchmark
import Circuits
import Curves
import Membership
import Proofs
import Reputation

/// An argument of 256 gates alone: eight ranges over committed values.
func argumentBenchmarks<C: ArgumentCurve>(_: C.Type, _ name: String) {
    let generators = C.generators(gates: 256)
    let openings = (0..<8).map { i in (value: C.Scalar(UInt64(1000 + i)), blinding: C.Scalar.random()) }
    let values = Point.normalize(
        openings.map { C.bases.value.multiplied(by: $0.value) + C.bases.blinding.multiplied(by: $0.blinding) })
    let argument = Argument(generators: generators, commitments: [], values: values.compactMap(\.self))
    @Sendable func circuit<S: ConstraintSystem>(_ s: inout S, _ witness: [C.Scalar]?) where S.F == C.Scalar {
        for j in 0..<8 { addRange(to: &s, value: j, least: C.Scalar(20), witness: witness?[j]) }
    }
    @Sendable func prove() throws -> [UInt8] {
        var assignment = GateAssignment<C.Scalar>(argument.layout)
        circuit(&assignment, openings.map(\.value))
        var sponge = Sponge(tag: [1])
        let witness = ArgumentWitness(left: assignment.left, right: assignment.right, openings: [], values: openings)
        return try argument.prove(witness, circuit: { (w: inout RowWeights<C.Scalar>) in circuit(&w, nil) }, sponge: &sponge)
    }
    @Sendable func verify(_ proof: [UInt8]) throws -> Bool {
        var sponge = Sponge(tag: [1])
        let read = try argument.read(proof[...], sponge: &sponge)
        var equation = VerificationEquation(generators: generators)
        try argument.accumulate(read, into: &equation) { (w: inout RowWeights<C.Scalar>) in circuit(&w, nil) }
        return equation.holds
    }
    guard let proof = try? prove(), (try? verify(proof)) == true else { preconditionFailure("the statement holds") }
    Benchmark("argument over \(name): prove") { _ in blackHole(try? prove()) }
    Benchmark("argument over \(name): verify") { _ in blackHole(try? verify(proof)) }
}

/// A presentation at depth 4 with one range and one disclosed attribute, and a batch.
func proofBenchmarks() {
    guard let fixture = try? Fixture() else { preconditionFailure("the fixture's own statement holds") }
    Benchmark("presentation: prove") { _ in blackHole(try? fixture.prove()) }
    guard let claims = try? (0..<100).map({ _ in try fixture.claim() }) else { preconditionFailure("the statement holds") }
    Benchmark("presentation: verify, one thread") { _ in blackHole(try? Presentation.verify([claims[0]], threads: 1)) }
    Benchmark("presentation: verify, two threads") { _ in blackHole(try? Presentation.verify([claims[0]], threads: 2)) }
    Benchmark("presentation: verify 100 in a batch, one thread") { _ in blackHole(try? Presentation.verify(claims, threads: 1)) }
}

/// A tree of depth 4 with one bottom node of credentials.
struct Fixture: Sendable {
    let path: MembershipPath
    let attributes: [Fn]
    let blinding: Fn
    let request: Request

    init() throws {
        attributes = [.random(), Fn(42), Fn(7), Fn(1)]
        blinding = .random()
        var credential = Secp256k1.bases.blinding.multiplied(by: blinding)
        for (i, a) in attributes.enumerated() { credential += Point(AttributeBases.base(i)).multiplied(by: a) }
        let others = (1..<120).map { _ in Secp256k1.bases.value.multiplied(by: .random()) }
        var tree = CurveTree(shape: try TreeShape(depth: 4))
        try tree.append(Point.normalize([credential] + others).compactMap(\.self))
        path = try tree.path(at: 0)
        request = Request(
            attributes: 4, context: [UInt8](repeating: 1, count: 32),
            scopes: [Scope.signIn(audience: try Digest([UInt8](repeating: 2, count: 32))).encoded],
            disclosed: [Request.Disclosed(index: 3, value: Fn(1))],
            predicates: [Predicate(weights: [Predicate.Weight(index: 1, weight: 1)], bound: 20)])
    }

    func prove() throws -> [UInt8] {
        try Presentation.prove(request, attributes: attributes, blinding: blinding, path: path).bytes
    }

    func claim() throws -> Presentation.Claim {
        Presentation.Claim(presentation: try prove(), request: request, depth: 4, root: path.root)
    }
}
