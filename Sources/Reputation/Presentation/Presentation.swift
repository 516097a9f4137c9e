import Curves
import Membership
import Platform
import Proofs

/// A proof that the prover holds a credential of a tree that satisfies a request (protocol.md #9).
///
/// Bytes: a nullifier for each scope, the membership proof, the relation's proof.
public enum Presentation {
    /// Derives all tables that proofs with at most one predicate need, on two threads: else the first proof does. Some tenths of a second.
    public static func prepare() {
        _ = concurrently(
            { () throws(Never) in Secp256k1.generators(gates: 256).gates + AttributeBases.base(0).encoded.count },
            { () throws(Never) in Secq256k1.generators(gates: 256).gates })
    }

    /// A presentation, and what its maker needs for a renewal.
    public struct Proved: Sendable {
        /// What is sent.
        public let bytes: [UInt8]
        /// Blinding of the re-randomised credential, secret.
        public let blinding: Fn
    }

    /// Proves that the leaf at the end of a path satisfies a request.
    ///
    /// `attributes`: all of the credential, the secret first. Constant time in the secret and in the blindings of credential and values; not in
    /// the attributes, the place of the leaf and what re-randomises it. Throws `.request` for a request that may not be asked, `.witness` when
    /// it does not hold of this credential.
    @export(interface)
    public static func prove(
        _ request: Request, attributes: [Fn], blinding: Fn, path: MembershipPath
    ) throws(PresentationError) -> Proved {
        try prove(request, attributes: attributes, blinding: blinding, path: path, dishonestly: false)
    }

    /// As above; a dishonest prover goes on when predicates or the opening do not hold, to show that its proof is refused.
    @export(interface)
    package static func prove(
        _ request: Request, attributes: [Fn], blinding: Fn, path: MembershipPath, dishonestly: Bool
    ) throws(PresentationError) -> Proved {
        do { try request.check() } catch { throw .request(error) }
        guard attributes.count == request.attributes else { throw .witness }
        for shown in request.disclosed where attributes[shown.index] != shown.value { throw .witness }
        let context = request.encoded
        let openings = request.predicates.map { predicate in
            RangeOpening(bound: Fn(signed: predicate.bound), value: predicate.value(attributes), blinding: .random())
        }
        let member: ProvedMembership
        do {
            let shape = try path.shape.with(predicates: request.predicates.count)
            let sized = MembershipPath(shape: shape, stepsQ: path.stepsQ, stepsP: path.stepsP, root: path.root)
            member = try proveMembership(path: sized, context: context, ranges: openings, dishonestly: dishonestly)
        } catch {
            throw error == .witness ? .witness : .membership(error)
        }
        let bases = request.scopes.map { Scope.base(of: $0) }
        let points = Point.normalize(bases.map { $0.multiplied(by: attributes[0]) })
        var nullifiers: [Affine<Secp256k1>] = []
        for point in points {
            guard let point else { throw .witness }
            nullifiers.append(point)
        }
        var head = nullifiers.flatMap { $0.encoded }
        head += member.bytes
        let relation = request.relation(credential: member.leaf, nullifiers: nullifiers, bases: bases, values: member.values)
        let shown = Set(request.disclosed.map { $0.index })
        var witness = attributes.indices.filter { !shown.contains($0) }.map { attributes[$0] }
        witness.append(blinding + member.rho)
        witness += openings.map { $0.blinding }
        defer { zeroize(&witness) }
        let proof: [UInt8]
        do {
            let tag = Request.relationTag(context: context, head: head)
            proof =
                dishonestly
                ? try relation.proveDishonestly(tag: tag, witness: witness) : try relation.proveBatchable(tag: tag, witness: witness)
        } catch {
            throw error == .witness ? .witness : .relation(error)
        }
        return Proved(bytes: head + proof, blinding: blinding + member.rho)
    }

    /// What a presentation shows.
    public struct Verified: Equatable, Sendable {
        /// Encoded nullifiers, 33 bytes each, in the order of the request's scopes.
        public let nullifiers: [[UInt8]]
        /// The re-randomised credential C': what a renewal or top-up adds to.
        public let credential: Affine<Secp256k1>
    }

    /// Verifies a presentation in a tree of this depth and root, on two threads. Throws `PresentationError` naming the failed check.
    @export(interface)
    public static func verify(_ presentation: [UInt8], _ request: Request, depth: Int, root: TreeRoot) throws(PresentationError) -> Verified
    {
        try verify([Claim(presentation: presentation, request: request, depth: depth, root: root)])[0]
    }

    /// One presentation of a batch, and what it must be a presentation of.
    public struct Claim: Sendable {
        /// The bytes.
        public let presentation: [UInt8]
        /// What was asked.
        public let request: Request
        /// Depth of the tree.
        public let depth: Int
        /// Root of the tree.
        public let root: TreeRoot

        /// From its parts.
        public init(presentation: [UInt8], request: Request, depth: Int, root: TreeRoot) {
            self.presentation = presentation
            self.request = request
            self.depth = depth
            self.root = root
        }
    }

    /// Verifies many presentations with one multi-scalar sum a curve; they may be of different trees. All hold, or it throws, and then for more
    /// than one claim says only over which curve the sum failed. `threads`: 1, or 2 for one a curve.
    @export(interface)
    public static func verify(_ claims: [Claim], threads: Int = 2) throws(PresentationError) -> [Verified] {
        var read: [ReadPresentation] = []
        read.reserveCapacity(claims.count)
        for claim in claims { read.append(try ReadPresentation(claim)) }
        try check(read, threads: threads)
        return read.map { $0.verified }
    }

    /// Checks presentations that were read, with one multi-scalar sum a curve; throws as `verify`.
    public static func check(_ read: [ReadPresentation], threads: Int = 2) throws(PresentationError) {
        guard let gates = read.map({ $0.gates }).max() else { return }
        do {
            try checkCycle(
                gates: gates, threads: threads,
                fillP: { (equation: inout VerificationEquation<Secp256k1>) throws(ProofError) in
                    for presentation in read { try presentation.accumulate(into: &equation) }
                },
                fillQ: { (equation: inout VerificationEquation<Secq256k1>) throws(ProofError) in
                    for presentation in read { try presentation.membership.accumulate(into: &equation) }
                })
        } catch {
            // Both proofs share the sum over secp256k1: look at the relation alone to say which it was. Not in a batch, which names nobody: a
            // single bad proof must not make everyone's relation be verified again.
            if error == .argument(.secp256k1), read.count == 1 { try read[0].checkRelation() }
            throw .inMembership(error)
        }
    }
}

/// A presentation read from bytes, all its challenges drawn; its equations are still to be checked, by `Presentation.check`.
public struct ReadPresentation: Sendable {
    let nullifiers: [[UInt8]]
    let membership: ReadMembership
    let relation: RelationCheck<Secp256k1>
    let gates: Int
    private let statement: LinearRelation<Secp256k1>
    private let tag: [UInt8]
    private let proof: [UInt8]

    /// Reads a presentation: a tenth of the work of verifying one. Throws for all that needs no sum: lengths, encodings, what may not be asked.
    public init(_ claim: Presentation.Claim) throws(PresentationError) {
        let (bytes, request) = (claim.presentation, claim.request)
        do { try request.check() } catch { throw .request(error) }
        let shape: TreeShape
        do { shape = try TreeShape(depth: claim.depth, predicates: request.predicates.count) } catch { throw .membership(error) }
        let context = request.encoded
        // A response for each hidden attribute: bounds all that follows by what was sent.
        guard request.attributes - request.disclosed.count <= bytes.count / 32 else { throw .length }
        let nullifierEnd = 33 * request.scopes.count
        let membershipEnd = nullifierEnd + membershipProofLength(shape, ranges: request.predicates.count)
        guard bytes.count == membershipEnd + request.relationProofLength else { throw .length }
        var points: [Affine<Secp256k1>] = []
        var encodings: [[UInt8]] = []
        for start in stride(from: 0, to: nullifierEnd, by: 33) {
            let encoding = bytes[start..<start + 33]
            do { points.append(try Affine(encoded: encoding)) } catch { throw .encoding }
            encodings.append(Array(encoding))
        }
        do {
            membership = try ReadMembership(
                bytes[nullifierEnd..<membershipEnd], shape: shape, root: claim.root, context: context, bounds: request.bounds)
        } catch {
            throw .inMembership(error)
        }
        let bases = request.scopes.map { Scope.base(of: $0) }
        statement = request.relation(credential: membership.leaf, nullifiers: points, bases: bases, values: membership.values)
        tag = Request.relationTag(context: context, head: Array(bytes[..<membershipEnd]))
        proof = Array(bytes[membershipEnd...])
        do { relation = try statement.openBatchable(tag: tag, proof: proof) } catch { throw .inRelation(error) }
        nullifiers = encodings
        gates = shape.gates
    }

    /// What it shows, once it was checked.
    public var verified: Presentation.Verified { Presentation.Verified(nullifiers: nullifiers, credential: membership.leaf) }

    /// Adds the equations over secp256k1, of the argument and of the relation, with fresh random weights.
    func accumulate(into equation: inout VerificationEquation<Secp256k1>) throws(ProofError) {
        try membership.accumulate(into: &equation)
        let terms = relation.verificationTerms(weights: batchWeights(relation.equationCount))
        for (k, point) in zip(terms.scalars, Point.normalize(terms.elements)) {
            // The identity adds nothing.
            if let point { equation.add(k, point) }
        }
    }

    /// The relation alone.
    func checkRelation() throws(PresentationError) {
        do { try statement.verifyBatchable(tag: tag, proof: proof) } catch { throw .inRelation(error) }
    }
}
