import Circuits
import Curves
import Membership
import Proofs
import Testing

@Suite struct MembershipProofTests {
    static func tree(_ depth: Int, leaves: Int = 5) throws -> CurveTree {
        var tree = CurveTree(shape: try narrow(depth))
        try tree.append(randomLeaves(min(leaves, tree.shape.capacity)))
        return tree
    }

    static func verify(
        _ proof: [UInt8], _ tree: CurveTree, root: TreeRoot? = nil, context: [UInt8] = [1, 2], bounds: [Fn] = []
    ) throws -> Affine<Secp256k1> {
        try verifyMembership(proof, shape: tree.shape, root: root ?? tree.root, context: context, bounds: bounds).leaf
    }

    @Test(arguments: 1...4, [0, 1]) func provesEveryDepth(depth: Int, ranges: Int) throws {
        let tree = try Self.tree(depth)
        for index in 0..<min(3, tree.leaves.count) {
            let openings = (0..<ranges).map { _ in RangeOpening(bound: Fn(20), value: Fn(29), blinding: .random()) }
            let proved = try proveMembership(path: tree.path(at: index), context: [1, 2], ranges: openings)
            let bounds = openings.map(\.bound)
            #expect(try Self.verify(proved.bytes, tree, bounds: bounds) == proved.leaf)
            let rerandomised = Secp256k1.bases.blinding.multiplied(by: proved.rho) + tree.leaves[index]!
            #expect(rerandomised.affine == proved.leaf)
            #expect(proved.bytes.count == membershipProofLength(tree.shape, ranges: ranges))
        }
    }

    @Test func treesWithHolesProveTheRest() throws {
        var tree = try Self.tree(2, leaves: 6)
        try tree.remove(at: 1)
        try tree.remove(at: 3)
        for index in [0, 2, 4, 5] {
            let proved = try proveMembership(path: tree.path(at: index), context: [1, 2])
            #expect(try Self.verify(proved.bytes, tree) == proved.leaf)
        }
    }

    @Test func bindsContextRootBoundsAndShape() throws {
        let tree = try Self.tree(2)
        let opening = RangeOpening(bound: Fn(20), value: Fn(29), blinding: .random())
        let proof = try proveMembership(path: tree.path(at: 2), context: [1, 2], ranges: [opening]).bytes
        _ = try Self.verify(proof, tree, bounds: [Fn(20)])
        #expect(throws: ProofError.self) { try Self.verify(proof, tree, context: [1, 3], bounds: [Fn(20)]) }
        #expect(throws: ProofError.self) { try Self.verify(proof, tree, bounds: [Fn(19)]) }
        #expect(throws: ProofError.self) { try Self.verify(proof, tree, bounds: [Fn(21)]) }
        #expect(throws: ProofError.self) { try Self.verify(proof, tree, root: Self.tree(2).root, bounds: [Fn(20)]) }
        #expect(throws: ProofError.length) { try Self.verify(proof, tree, bounds: []) }
        #expect(throws: ProofError.invalidStatement) { try Self.verify(proof, tree, root: Self.tree(1).root, bounds: [Fn(20)]) }
        let wider = try TreeShape(depth: 2, widthQ: 4, widthP: 2, gates: 256)
        #expect(throws: ProofError.self) {
            try verifyMembership(proof, shape: wider, root: tree.root, context: [1, 2], bounds: [Fn(20)])
        }
    }

    @Test func valuesOutsideTheWindowAreRefused() throws {
        let tree = try Self.tree(2)
        for value in [Fn(19), Fn.zero, Fn(20 + 1 << 32), Fn(20) - Fn(1 << 40)] {
            let opening = RangeOpening(bound: Fn(20), value: value, blinding: .random())
            #expect(throws: ProofError.witness) { try proveMembership(path: tree.path(at: 0), context: [1, 2], ranges: [opening]) }
            let forged = try proveMembership(path: tree.path(at: 0), context: [1, 2], ranges: [opening], dishonestly: true)
            #expect(throws: ProofError.argument(.secp256k1)) { try Self.verify(forged.bytes, tree, bounds: [Fn(20)]) }
        }
        for value in [Fn(20), Fn(20 + (1 << 32) - 1)] {
            let opening = RangeOpening(bound: Fn(20), value: value, blinding: .random())
            let proved = try proveMembership(path: tree.path(at: 0), context: [1, 2], ranges: [opening])
            _ = try Self.verify(proved.bytes, tree, bounds: [Fn(20)])
        }
    }

    @Test func strangersAreRefused() throws {
        let tree = try Self.tree(2), path = try tree.path(at: 0)
        let stranger = MembershipPath(
            shape: path.shape, stepsQ: [PathStep(child: randomLeaves(1)[0], slots: path.stepsQ[0].slots)], stepsP: path.stepsP,
            root: path.root)
        #expect(throws: ProofError.witness) { try proveMembership(path: stranger, context: [1, 2]) }
        let forged = try proveMembership(path: stranger, context: [1, 2], ranges: [], dishonestly: true)
        #expect(throws: ProofError.argument(.secq256k1)) { try Self.verify(forged.bytes, tree) }
        // Adding the stranger to the slots breaks the commitment of the parent instead.
        let slots = [leafSlots([stranger.leaf])[0]!] + path.stepsQ[0].slots.dropFirst()
        let inserted = MembershipPath(
            shape: path.shape, stepsQ: [PathStep(child: stranger.leaf, slots: slots)], stepsP: path.stepsP, root: path.root)
        let second = try proveMembership(path: inserted, context: [1, 2], ranges: [], dishonestly: true)
        #expect(throws: ProofError.argument(.secq256k1)) { try Self.verify(second.bytes, tree) }
    }

    /// Empty and removed slots are 0, and no point has x = 0: nobody can prove to be an empty slot.
    @Test func paddingIsNoMember() {
        #expect(Affine<Secp256k1>(x: .zero, oddY: false) == nil)
        #expect(Affine<Secq256k1>(x: .zero, oddY: false) == nil)
    }

    /// Leaf, nodes, claims and values are committed before the line is drawn: each of them changes both lines and all that follows.
    @Test func claimsAreCommittedBeforeTheLine() throws {
        let tree = try Self.tree(4)
        let opening = RangeOpening(bound: Fn(20), value: Fn(29), blinding: .random())
        let proof = try proveMembership(path: tree.path(at: 0), context: [1, 2], ranges: [opening]).bytes
        func read(_ proof: [UInt8]) throws -> ReadMembership {
            try ReadMembership(proof[...], shape: tree.shape, root: tree.root, context: [1, 2], bounds: [Fn(20)])
        }
        let honest = try read(proof)
        #expect(try read(proof).q.side.line?.slope == honest.q.side.line?.slope)
        // Four points on the way up, two claims on each curve, one value.
        for i in 0..<9 {
            var changed = proof
            changed[33 * i] ^= 1
            let other = try read(changed)
            #expect(other.q.side.line?.slope != honest.q.side.line?.slope, "point \(i)")
            #expect(other.p?.side.line?.slope != honest.p?.side.line?.slope, "point \(i)")
            #expect(other.q.proof.y != honest.q.proof.y && other.p?.proof.y != honest.p?.proof.y, "point \(i)")
        }
    }

    /// Only x coordinates are committed: -(C + Delta) - Delta passes here, which is why no membership proof is accepted without the relation
    /// that opens the leaf.
    @Test func membershipAloneShowsTheLeafUpToSign() throws {
        let tree = try Self.tree(1), path = try tree.path(at: 0)
        let negated = (Point(path.leaf) + leafShift).negated - leafShift
        let mirrored = MembershipPath(
            shape: path.shape, stepsQ: [PathStep(child: negated.affine!, slots: path.stepsQ[0].slots)], stepsP: [], root: path.root)
        let proved = try proveMembership(path: mirrored, context: [1, 2])
        #expect(try Self.verify(proved.bytes, tree) == proved.leaf)
    }

    @Test func everyRandomiserIsFresh() throws {
        let tree = try Self.tree(4), path = try tree.path(at: 0)
        let proofs = try (0..<4).map { _ in try proveMembership(path: path, context: [1, 2]) }
        // Leaf, nodes and claims: no point of one proof comes again in another.
        var seen: Set<[UInt8]> = []
        for proof in proofs {
            for i in 0..<8 { #expect(seen.insert(Array(proof.bytes[33 * i..<33 * i + 33])).inserted) }
        }
    }

    @Test func everyFlippedByteIsRefused() throws {
        let tree = try Self.tree(1)
        let proof = try proveMembership(path: tree.path(at: 1), context: [1, 2]).bytes
        for at in stride(from: 0, to: proof.count, by: 3) {
            var bad = proof
            bad[at] ^= 1 << UInt8(at % 8)
            #expect(throws: ProofError.self) { try Self.verify(bad, tree) }
        }
    }

    @Test func randomBytesNeverTrap() throws {
        let tree = try Self.tree(2), length = membershipProofLength(tree.shape, ranges: 0)
        let honest = try proveMembership(path: tree.path(at: 1), context: [1, 2]).bytes
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            // Random tails behind an honest head reach deeper than noise from the first byte on.
            let cut = Int.random(in: 0...length, using: &generator)
            let noise = honest.prefix(cut) + (cut..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if Array(noise) != honest { #expect(throws: ProofError.self) { try Self.verify(Array(noise), tree) } }
            let short = Int.random(in: 0..<length, using: &generator)
            #expect(throws: ProofError.length) { try Self.verify(Array(honest.prefix(short)), tree) }
        }
    }

    @Test func batchesShareTheGenerators() throws {
        let tree = try Self.tree(3)
        let shape = tree.shape
        var reads: [ReadMembership] = []
        for i in 0..<4 {
            let proved = try proveMembership(path: tree.path(at: i), context: [UInt8(i)])
            reads.append(try ReadMembership(proved.bytes[...], shape: shape, root: tree.root, context: [UInt8(i)], bounds: []))
        }
        func check(_ reads: [ReadMembership]) throws {
            try checkCycle(
                gates: shape.gates,
                fillP: { (e: inout VerificationEquation<Secp256k1>) throws(ProofError) in for r in reads { try r.accumulate(into: &e) } },
                fillQ: { (e: inout VerificationEquation<Secq256k1>) throws(ProofError) in for r in reads { try r.accumulate(into: &e) } })
        }
        try check(reads)
        let proved = try proveMembership(path: tree.path(at: 0), context: [9])
        let bad = try ReadMembership(proved.bytes[...], shape: shape, root: tree.root, context: [8], bounds: [])
        #expect(throws: ProofError.self) { try check(reads + [bad]) }
        #expect(throws: ProofError.self) { try check([bad, bad]) }
    }

    @Test func digitsAlwaysSumToTheSame() {
        for _ in 0..<50 {
            let rho = Fn.random()
            guard let digits = claimDigits(of: rho.canonical) else { continue }
            #expect(digits.reduce(0, +) == ClaimShape.digitSum && digits.allSatisfy { $0 >= 0 })
            var sum = Fn.zero
            for d in digits.reversed() { sum = sum + sum + Fn(UInt64(d)) }
            #expect(sum == rho)
        }
        #expect(claimDigits(of: U256(.max, .max, .max, .max)) == nil)
        #expect(claimDigits(of: .zero) == nil)
    }
}
