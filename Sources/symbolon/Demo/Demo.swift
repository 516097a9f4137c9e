import Foundation
import Membership
import Platform
import Reputation
import VerifierService

/// The demo's actors: the service under its address, the members with their wallets, and the operator of a forum; all they say to each
/// other goes over HTTP.
struct Demo {
    let client: ServiceClient
    let community: Community
    let members: [DemoMember]
    let forum: Audience
    let elsewhere: Audience
    /// What the operator has besides: the store that his verbs write to, and the key of the log.
    let store: any Store
    let key: Ed25519SigningKey

    /// The condition that the forum sets.
    static let bound: Int64 = 20
    private static let predicate = "votes >= \(bound)"
    /// Place of the votes among the values.
    private static let votes = 1

    /// Everything in order; the closure is told each step as it is done.
    func run(_ report: (DemoStep) -> Void) async throws {
        report(try await step("issue-all", "\(members.count) members claim their credentials", expecting: "done") { try await issueAll() })
        var tree: CurveTree?
        report(
            try await step("checkpoint", "fetch and check the signed checkpoint and the tree", expecting: "done") {
                tree = try await published()
                return ("done", nil)
            })
        guard let tree else { throw CommandFailure("the tree was not published") }

        // Four who cast enough votes and one who did not, anywhere in the crowd.
        let eligible = members.filter { $0.values[Self.votes] >= Self.bound }.shuffled()
        guard eligible.count >= 4, let few = members.filter({ $0.values[Self.votes] < Self.bound }).randomElement() else {
            throw CommandFailure("the table has too few members on one side of \(Self.predicate)")
        }
        report(
            try await step("accept", "a member with at least \(Self.bound) votes acts", expecting: "accepted") {
                try await send(try await answer(of: eligible[0], try await ask(), tree))
            })
        report(
            try await step("second-act", "the same member acts again", expecting: "refused:already-spent") {
                try await send(try await answer(of: eligible[0], try await ask(), tree))
            })
        report(
            try await step("below-bound", "a member with \(few.values[Self.votes]) votes tries", expecting: "impossible") {
                do { return try await send(try await answer(of: few, try await ask(), tree)) } catch WalletError.notSatisfied {
                    return ("impossible", nil)
                }
            })
        report(
            try await step("forged-below-bound", "the same with a dishonest prover", expecting: "refused:membership-proof") {
                try await send(try await few.forge(try await ask(), in: tree))
            })
        report(
            try await step("tampered", "one bit of a presentation is flipped", expecting: "refused:relation-proof") {
                try await send(tampered(try await answer(of: eligible[1], try await ask(), tree)))
            })
        report(
            try await step("other-scope", "a presentation for another subject", expecting: "refused:scope-mismatch") {
                try await otherScope(eligible[1], tree)
            })
        report(
            try await step("expired", "an answer to an old request", expecting: "refused:expired") { try await expired(eligible[2], tree) })
        report(
            try await step("other-audience", "a presentation replayed elsewhere", expecting: "refused:audience-mismatch") {
                try await otherAudience(eligible[3], tree)
            })
        try await live(report)
    }

    typealias Outcome = (verdict: String, bytes: Int?)

    func step(
        _ name: String, _ what: String, expecting expected: String, _ body: () async throws -> Outcome
    ) async throws -> DemoStep {
        let start = ContinuousClock.now
        let outcome = try await body()
        let milliseconds = Int(((ContinuousClock.now - start) / .milliseconds(1)).rounded())
        return DemoStep(
            step: name, what: what, expected: expected, verdict: outcome.verdict, milliseconds: milliseconds, bytes: outcome.bytes)
    }

    // MARK: Issuing

    private func issueAll() async throws -> Outcome {
        var bar = ProgressBar("Claiming", total: members.count)
        var done = 0
        let (community, client) = (self.community, self.client)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // A few at a time, as many browsers would; more would only wait for each other on the service's threads.
            var waiting = members.makeIterator()
            for _ in 0..<8 { if let member = waiting.next() { group.addTask { try await member.claim(of: community, from: client) } } }
            while try await group.next() != nil {
                done += 1
                bar.update(done)
                if let member = waiting.next() { group.addTask { try await member.claim(of: community, from: client) } }
            }
        }
        return ("done", nil)
    }

    /// The tree of the checkpoint that holds all members, once there is one.
    private func published() async throws -> CurveTree {
        var bar: ProgressBar?
        return try await client.tree(of: community, leaves: members.count) { done, total in
            if bar?.total != total { bar = ProgressBar("Reading the log", total: total) }
            bar?.update(done)
        }
    }

    // MARK: Presenting

    private func ask(_ audience: Audience? = nil, subject: String = "vote on UberX", lifetime: Int64 = 300) async throws
        -> PresentationRequest
    {
        let audience = audience ?? forum
        let question = Question(purposes: [.act(subject: Array(subject.utf8))], predicates: [Self.predicate], lifetime: lifetime)
        return try await client.ask(question, audience: audience.id, token: audience.token, schema: community.schema)
    }

    func answer(of member: DemoMember, _ request: PresentationRequest, _ tree: CurveTree) async throws -> PresentationAnswer {
        try await member.answer(request, to: request.context.audience, in: tree, now: Int64(Date().timeIntervalSince1970))
    }

    /// Posts an answer; what the service says is the verdict.
    func send(_ answer: PresentationAnswer, to audience: Audience? = nil) async throws -> Outcome {
        let bytes = answer.presentation.count
        do {
            try await client.present(answer, to: (audience ?? forum).id, schema: community.schema)
            return ("accepted", bytes)
        } catch ServiceClient.Failure.refused(let code, let status) where status < 500 {
            return ("refused:\(code)", bytes)
        }
    }

    private func tampered(_ answer: PresentationAnswer) -> PresentationAnswer {
        var bytes = answer.presentation
        // The lowest bit of the last scalar: what is left is canonical and of the right length, and only the equations can refuse it.
        bytes[bytes.count - 1] ^= 1
        return relabelled(answer, presentation: bytes)
    }

    private func relabelled(_ answer: PresentationAnswer, as request: PresentationRequest? = nil, presentation: [UInt8]? = nil)
        -> PresentationAnswer
    {
        PresentationAnswer(
            request: request ?? answer.request, root: answer.root, ticket: answer.ticket, disclosed: answer.disclosed,
            presentation: presentation ?? answer.presentation)
    }

    /// A member proves for a subject of his own choice, to get a nullifier that is not spent. As it is, the label gives it away; with the
    /// label changed to what was asked, the proof does.
    private func otherScope(_ member: DemoMember, _ tree: CurveTree) async throws -> Outcome {
        let asked = try await ask()
        let wanted = try PresentationRequest(
            context: asked.context,
            scopes: [.act(community: community.id, audience: forum.id, subject: Array("another vote".utf8))], predicates: asked.predicates)
        let answer = try await answer(of: member, wanted, tree)
        if let accepted = try await refusedRelabelled(answer, as: asked, to: forum) { return accepted }
        return try await send(answer)
    }

    private func expired(_ member: DemoMember, _ tree: CurveTree) async throws -> Outcome {
        let request = try await ask(lifetime: 2)
        let answer = try await answer(of: member, request, tree)
        let left = Double(request.context.expires) - Date().timeIntervalSince1970
        try await Task.sleep(for: .seconds(max(0, left) + 0.1))
        return try await send(answer)
    }

    /// Somebody who was shown a presentation shows it elsewhere as his own; the same in two ways.
    private func otherAudience(_ member: DemoMember, _ tree: CurveTree) async throws -> Outcome {
        let answer = try await answer(of: member, try await ask(), tree)
        if let accepted = try await refusedRelabelled(answer, as: try await ask(elsewhere), to: elsewhere) { return accepted }
        return try await send(answer, to: elsewhere)
    }

    /// Sends an answer under another request's name. Nil when the proof is refused, as it must be; else the verdict there was.
    private func refusedRelabelled(_ answer: PresentationAnswer, as request: PresentationRequest, to audience: Audience) async throws
        -> Outcome?
    {
        let outcome = try await send(relabelled(answer, as: request), to: audience)
        return outcome.verdict.hasPrefix("refused:") ? nil : outcome
    }
}
