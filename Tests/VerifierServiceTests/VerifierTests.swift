import Membership
import Reputation
import Testing
import VerifierService

@Suite("Verifier") struct VerifierTests {
    @Test("An eligible member is accepted once for a subject, and again for another")
    func accepts() async throws {
        try await CommunityFixture.with { fixture in
            let first = try fixture.answer(0, try await fixture.ask())
            let acceptance = try await fixture.verifier.accept(
                first.json(fixture.community.schema).encoded(), audience: fixture.forum, now: CommunityFixture.now)
            #expect(acceptance.nullifiers.count == 1)
            #expect(
                try await fixture.store.isSpent(
                    Spend(scope: acceptance.nullifiers[0].scope.encoded, nullifier: acceptance.nullifiers[0].nullifier)))
            #expect(try await fixture.verdict(try fixture.answer(0, try await fixture.ask())) == "already-spent")
            #expect(try await fixture.verdict(try fixture.answer(0, try await fixture.ask(subject: "another"))) == "accepted")
            #expect(try await fixture.verdict(try fixture.answer(1, try await fixture.ask())) == "accepted")
        }
    }

    @Test("Each failed check has its own code, and a refused answer spends nothing")
    func codes() async throws {
        try await CommunityFixture.with { fixture in
            let now = CommunityFixture.now
            let request = try await fixture.ask()
            let answer = try fixture.answer(0, request)
            let bytes = answer.presentation
            func flipped(_ at: Int) -> PresentationAnswer {
                var altered = bytes
                altered[at] ^= 1
                return answer.with(presentation: altered)
            }
            #expect(try await fixture.verdict(answer, to: fixture.elsewhere) == "audience-mismatch")
            #expect(try await fixture.verdict(answer, now: now + 100) == "expired")
            #expect(try await fixture.verdict(answer.with(root: Array(fixture.wallets[0].credentials[0].leaf))) == "root-mismatch")
            #expect(try await fixture.verdict(answer.with(presentation: bytes + [0])) == "presentation-length")
            #expect(try await fixture.verdict(answer.with(presentation: [])) == "presentation-length")
            #expect(try await fixture.verdict(flipped(bytes.count - 1)) == "relation-proof")
            #expect(try await fixture.verdict(answer.with(presentation: [9] + bytes.dropFirst())) == "presentation-encoding")
            // The last scalar of the argument over secq256k1: behind the nullifier, the leaf, a node, two claims, a value and the argument's rest.
            let argument = 33 * (3 + 4 * 2 + 5 + 2 * 8) + 32 * 5
            #expect(try await fixture.verdict(flipped(33 * 6 + argument - 1)) == "membership-proof")

            let unknown = try PresentationRequest(
                context: Context(
                    community: fixture.community.id, schema: fixture.community.schema.digest, epoch: 1, audience: fixture.forum,
                    nonce: [UInt8](repeating: 1, count: 32), expires: now + 10), scopes: request.scopes, predicates: request.predicates)
            #expect(try await fixture.verdict(try fixture.answer(0, unknown)) == "request-unknown")
            let otherScope = try PresentationRequest(
                context: request.context, scopes: [.act(community: fixture.community.id, audience: fixture.forum, subject: [1])],
                predicates: request.predicates)
            let proofOfOther = try fixture.answer(0, otherScope)
            #expect(try await fixture.verdict(proofOfOther) == "scope-mismatch")
            #expect(try await fixture.verdict(proofOfOther.with(request: request)) == "membership-proof")
            let lower = try PresentationRequest(
                context: request.context, scopes: request.scopes,
                predicates: [Predicate(parsing: "votes >= 10", schema: fixture.community.schema)])
            #expect(try await fixture.verdict(try fixture.answer(2, lower)) == "predicate-mismatch")
            #expect(try await fixture.verdict(try fixture.forged(2, request)) == "membership-proof")

            // The dishonest prover is a real one: where the predicate holds, what it makes is accepted.
            #expect(try await fixture.verdict(try fixture.forged(1, try await fixture.ask(subject: "control"))) == "accepted")

            // After all of these the request is still open.
            #expect(try await fixture.verdict(answer) == "accepted")
            #expect(try await fixture.verdict(answer) == "request-used")
        }
    }

    @Test("A presentation for one audience is none for another, relabelled or not")
    func replay() async throws {
        try await CommunityFixture.with { fixture in
            let answer = try fixture.answer(0, try await fixture.ask())
            let other = try await fixture.ask(fixture.elsewhere)
            #expect(try await fixture.verdict(answer, to: fixture.elsewhere) == "audience-mismatch")
            #expect(try await fixture.verdict(answer.with(request: other), to: fixture.elsewhere) == "membership-proof")
        }
    }

    @Test("The wallet refuses to prove what does not hold")
    func impossible() async throws {
        try await CommunityFixture.with { fixture in
            let request = try await fixture.ask()
            #expect(throws: WalletError.notSatisfied(predicate: 0)) { try fixture.answer(2, request) }
        }
    }

    @Test("Of one member's answers to many requests at once, and of one answer many times at once, one is accepted")
    func concurrent() async throws {
        try await CommunityFixture.with { fixture in
            var bodies: [[UInt8]] = []
            for _ in 0..<6 { bodies.append(try fixture.answer(0, try await fixture.ask()).json(fixture.community.schema).encoded()) }
            let repeated = try fixture.answer(1, try await fixture.ask()).json(fixture.community.schema).encoded()
            let (verifier, forum) = (fixture.verifier, fixture.forum)
            let verdicts = try await withThrowingTaskGroup(of: (Bool, String).self) { group in
                for body in bodies + [[UInt8]](repeating: repeated, count: 6) {
                    group.addTask {
                        do {
                            _ = try await verifier.accept(body, audience: forum, now: CommunityFixture.now)
                            return (body == repeated, "accepted")
                        } catch {
                            return (body == repeated, Problem(error).code)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let many = verdicts.filter { !$0.0 }.map(\.1)
            #expect(many.filter { $0 == "accepted" }.count == 1)
            #expect(many.filter { $0 == "already-spent" }.count == 5)
            let same = verdicts.filter { $0.0 }.map(\.1)
            #expect(same.filter { $0 == "accepted" }.count == 1)
            #expect(same.filter { $0 == "request-used" }.count == 5)
        }
    }

    @Test("A question that asks for more than it says, or in another's name, is not asked")
    func questions() async throws {
        try await CommunityFixture.with { fixture in
            func code(_ question: Question) async -> String {
                do {
                    _ = try await fixture.verifier.ask(question, audience: fixture.forum, now: CommunityFixture.now)
                    return "asked"
                } catch {
                    return Problem(error).code
                }
            }
            let act = Question.Purpose.act(subject: [1])
            #expect(await code(Question(purposes: [act, .account])) == "asked")
            #expect(await code(Question(purposes: [.signIn])) == "asked")
            #expect(await code(Question(purposes: [])) == "scope-combination")
            #expect(await code(Question(purposes: [act, .signIn])) == "scope-combination")
            #expect(await code(Question(purposes: [act], predicates: ["karma >= 1"])) == "attribute-unknown")
            #expect(await code(Question(purposes: [act], predicates: ["2*votes >= 1"])) == "predicate-weights")
            #expect(await code(Question(purposes: [act], predicates: ["votes <= 1"])) == "predicate-at-most-growing")
            #expect(await code(Question(purposes: [act], disclose: ["votes"], predicates: ["votes >= 1"])) == "predicate-attributes")
        }
    }

    @Test("The store keeps a request for a while after it expired, then forgets it")
    func forgets() async throws {
        try await CommunityFixture.with { fixture in
            let now = CommunityFixture.now
            let answer = try fixture.answer(0, try await fixture.ask())
            try await fixture.verifier.forgetUnused(now: now + 100 + Verifier.memory)
            #expect(try await fixture.verdict(answer, now: now + 100) == "expired")
            try await fixture.verifier.forgetUnused(now: now + 101 + Verifier.memory)
            #expect(try await fixture.verdict(answer, now: now + 100) == "request-unknown")
        }
    }
}
