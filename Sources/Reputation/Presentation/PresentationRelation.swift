import Curves
import Membership
import Proofs

extension Request {
    /// The linear relation of a presentation (protocol.md #9): C' minus what is disclosed opens over the rest, N_k = s U_k with the same s,
    /// V_j = (sum w a) g + gamma_j h with the same a. Scalars: hidden attributes in order (the secret first), the blinding, each gamma_j.
    func relation(
        credential: Affine<Secp256k1>, nullifiers: [Affine<Secp256k1>], bases: [Point<Secp256k1>], values: [Affine<Secp256k1>]
    ) -> LinearRelation<Secp256k1> {
        typealias Relation = LinearRelation<Secp256k1>
        var relation = Relation()
        let attributeBases = (0..<attributes).map { relation.add(Point(AttributeBases.base($0))) }
        let h = relation.add(Point(Secp256k1.bases.blinding.point))
        var scalarOf = [Int](repeating: -1, count: attributes)
        for shown in disclosed { scalarOf[shown.index] = -2 }
        var hidden = 0
        for i in scalarOf.indices where scalarOf[i] == -1 {
            scalarOf[i] = hidden
            hidden += 1
        }
        let blinding = hidden
        var image: [Relation.ImageTerm] = [(element: relation.add(Point(credential)), coefficient: .one)]
        for shown in disclosed { image.append((element: attributeBases[shown.index], coefficient: shown.value.negated)) }
        var terms: [Relation.Term] = []
        for i in scalarOf.indices where scalarOf[i] >= 0 {
            terms.append((scalar: scalarOf[i], element: attributeBases[i], coefficient: .one))
        }
        terms.append((scalar: blinding, element: h, coefficient: .one))
        relation.require(image: image, equals: terms)
        for (base, nullifier) in zip(bases, nullifiers) {
            let u = relation.add(base)
            relation.require(
                image: [(element: relation.add(Point(nullifier)), coefficient: .one)], equals: [(scalar: 0, element: u, coefficient: .one)])
        }
        if !values.isEmpty {
            let g = relation.add(Point(Secp256k1.bases.value.point))
            for (j, value) in values.enumerated() {
                var terms: [Relation.Term] = []
                for weight in predicates[j].weights {
                    terms.append((scalar: scalarOf[weight.index], element: g, coefficient: Fn(signed: weight.weight)))
                }
                terms.append((scalar: blinding + 1 + j, element: h, coefficient: .one))
                relation.require(image: [(element: relation.add(Point(value)), coefficient: .one)], equals: terms)
            }
        }
        return relation
    }

    /// Bytes of the relation's proof: a commitment an equation, a response a scalar.
    var relationProofLength: Int {
        33 * (1 + scopes.count + predicates.count) + 32 * (attributes - disclosed.count + 1 + predicates.count)
    }

    /// What a presentation's relation is bound to: the encoded request and all bytes before the relation's proof.
    static func relationTag(context: [UInt8], head: [UInt8]) -> [UInt8] { Reputation.relationTag("presentation", bound: context + head) }

    /// Lower bounds of the committed values.
    var bounds: [Fn] { predicates.map { Fn(signed: $0.bound) } }
}
