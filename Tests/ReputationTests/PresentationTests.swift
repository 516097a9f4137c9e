import Curves
import Membership
import Reputation
import TestSupport
import Testing

/// From claim to verified presentation, and everything that must be refused on the way.
struct PresentationTests {
    let f: Fixture

    init() throws { f = try Fixture() }

    private func verify(
        _ answer: PresentationAnswer, _ asked: PresentationRequest, _ tree: CurveTree, audience: Digest? = nil, now: Int64? = nil,
        epoch: UInt32 = 7
    ) throws(PresentationError) -> Presentation.Verified {
        try answer.verify(
            asked: asked, community: f.community.id, schema: f.schema, audience: audience ?? f.audience, now: now ?? f.now, epoch: epoch,
            depth: tree.shape.depth, root: tree.root)
    }

    @Test(arguments: [1, 2]) func accepted(depth: Int) throws {
        let members = try [[25, 3, 1, 0], [7, 0, 2, 1], [100, 40, 0, 3]].map { try f.member($0) }
        let tree = try f.tree(depth: depth, members.map(\.credential))
        let asked = try f.request(disclose: [3], ["votes >= 20", "warnings <= 0"])
        let (wallet, credential) = members[0]
        let path = try tree.path(at: 0)
        let answer = try wallet.present(asked, with: credential, to: f.audience, path: path, now: f.now)
        #expect(answer.disclosed == [1])
        #expect(answer.root == tree.root.encoded)
        let travelled = try PresentationAnswer(json: JSON(parsing: answer.json(f.schema).encoded()), schema: f.schema)
        let verified = try verify(travelled, asked, tree)
        // The nullifier of a scope is the secret's and nothing else's: again the same, in another scope another.
        let again = try wallet.present(asked, with: credential, to: f.audience, path: path, now: f.now)
        #expect(again.presentation != answer.presentation)
        #expect(try verify(again, asked, tree).nullifiers == verified.nullifiers)
        let other = try f.request(scopes: [f.act("another poll")])
        let elsewhere = try wallet.present(other, with: credential, to: f.audience, path: path, now: f.now)
        #expect(try verify(elsewhere, other, tree).nullifiers != verified.nullifiers)
        let secret = wallet.seed.secret(identity: 0)
        #expect(verified.nullifiers == [try #require(Scope.base(of: f.act().encoded).multiplied(by: secret).affine).encoded])
    }

    @Test func refusedByTheVerifier() throws {
        let (wallet, credential) = try f.member([25, 3, 1, 0])
        let other = try f.member([1, 1, 1, 1])
        let tree = try f.tree(depth: 1, [credential, other.credential])
        let path = try tree.path(at: 0)
        let asked = try f.request(disclose: [3], ["votes >= 20"])
        let answer = try wallet.present(asked, with: credential, to: f.audience, path: path, now: f.now)
        _ = try verify(answer, asked, tree)
        func with(_ request: PresentationRequest? = nil, disclosed: [Int64]? = nil, root: [UInt8]? = nil) -> PresentationAnswer {
            PresentationAnswer(
                request: request ?? answer.request, root: root ?? answer.root, disclosed: disclosed ?? answer.disclosed,
                presentation: answer.presentation)
        }
        #expect(throws: PresentationError.request(.expired)) { try verify(answer, asked, tree, now: asked.context.expires) }
        #expect(throws: PresentationError.request(.audienceMismatch)) { try verify(answer, asked, tree, audience: f.otherAudience) }
        #expect(throws: PresentationError.request(.epochMismatch)) { try verify(answer, asked, tree, epoch: 8) }
        // A replay as the answer to another request is refused for what it says, and if it says nothing of it, for its proof.
        let fresh = try f.request(f.context(nonce: [UInt8](repeating: 8, count: 16)), disclose: [3], ["votes >= 20"])
        #expect(throws: PresentationError.request(.nonceMismatch)) { try verify(answer, fresh, tree) }
        #expect(throws: PresentationError.membership(.argument(.secq256k1))) { try verify(with(fresh), fresh, tree) }
        let poll = try f.request(scopes: [f.act("other")], disclose: [3], ["votes >= 20"])
        #expect(throws: PresentationError.request(.scopeMismatch)) { try verify(answer, poll, tree) }
        #expect(throws: PresentationError.membership(.argument(.secq256k1))) { try verify(with(poll), poll, tree) }
        #expect(throws: PresentationError.self) { try verify(with(disclosed: [2]), asked, tree) }
        #expect(throws: PresentationError.request(.disclosedValue)) { try verify(with(disclosed: [9]), asked, tree) }
        let grown = try f.tree(depth: 1, [credential])
        #expect(throws: PresentationError.request(.rootMismatch)) { try verify(answer, asked, grown) }
        #expect(throws: PresentationError.membership(.argument(.secq256k1))) { try verify(with(root: grown.root.encoded), asked, grown) }
    }

    @Test func refusedByTheWallet() throws {
        let (wallet, credential) = try f.member([19, 3, 1, 0])
        let tree = try f.tree(depth: 1, [credential])
        let path = try tree.path(at: 0)
        func present(_ request: PresentationRequest, audience: Digest? = nil) throws(WalletError) -> PresentationAnswer {
            try wallet.present(request, with: credential, to: audience ?? f.audience, path: path, now: f.now)
        }
        #expect(throws: WalletError.notSatisfied(predicate: 1)) { try present(f.request(["comments >= 1", "votes >= 20"])) }
        #expect(throws: WalletError.request(.audienceMismatch)) { try present(f.request(), audience: f.otherAudience) }
        #expect(throws: WalletError.request(.epochMismatch)) { try present(f.request(f.context(epoch: 8))) }
        #expect(throws: WalletError.request(.expired)) { try present(f.request(f.context(expires: f.now))) }
        #expect(throws: WalletError.request(.scopeAudience)) { try present(f.request(scopes: [f.act(audience: f.otherAudience)])) }
        #expect(throws: WalletError.request(.atMostOnGrowing)) { try present(f.request(["votes <= 50"])) }
        let another = try f.member([1, 1, 1, 1])
        let others = try f.tree(depth: 1, [another.credential])
        #expect(throws: WalletError.path) {
            try wallet.present(f.request(), with: credential, to: f.audience, path: others.path(at: 0), now: f.now)
        }
    }

    /// Who has 19 votes cannot make the proof of 20; made in spite of that, it is refused.
    @Test func belowTheBound() throws {
        let (wallet, credential) = try f.member([19, 3, 1, 0])
        let tree = try f.tree(depth: 2, [credential])
        let path = try tree.path(at: 0)
        let asked = try f.request(["votes >= 20"])
        #expect(throws: WalletError.proof(.witness)) { try wallet.answer(asked, with: credential, path: path, dishonestly: false) }
        let forged = try wallet.answer(asked, with: credential, path: path, dishonestly: true)
        #expect(throws: PresentationError.membership(.argument(.secp256k1))) { try verify(forged, asked, tree) }
        // The same way with a predicate that holds is accepted: it is the bound that was refused.
        let honest = try f.request(["votes >= 19"])
        _ = try verify(wallet.answer(honest, with: credential, path: path, dishonestly: true), honest, tree)
    }

    @Test func tickets() throws {
        var (wallet, credential) = try f.member([25, 3, 1, 0])
        let tree = try f.tree(depth: 1, [credential])
        let asked = try f.request(scopes: [f.account()], tickets: 3)
        let path = try tree.path(at: 0)
        #expect(throws: WalletError.ticketNotReserved) {
            try wallet.present(asked, with: credential, to: f.audience, path: path, ticket: 1, now: f.now)
        }
        #expect(throws: WalletError.request(.ticket)) {
            try wallet.present(asked, with: credential, to: f.audience, path: path, now: f.now)
        }
        var nullifiers: Set<[UInt8]> = []
        var accounts: Set<[UInt8]> = []
        for _ in 0..<3 {
            let ticket = try wallet.reserveTicket(asked, with: credential)
            let answer = try wallet.present(asked, with: credential, to: f.audience, path: path, ticket: ticket, now: f.now)
            let verified = try verify(answer, asked, tree)
            nullifiers.insert(verified.nullifiers[0])
            accounts.insert(verified.nullifiers[1])
        }
        #expect(nullifiers.count == 3)
        #expect(accounts.count == 1)
        #expect(throws: WalletError.noTicketLeft) { try wallet.reserveTicket(asked, with: credential) }
        #expect(throws: WalletError.request(.ticket)) { try wallet.reserveTicket(f.request(), with: credential) }
    }

    @Test func batch() throws {
        let members = try (0..<3).map { try f.member([25 + Int64($0), 3, 1, 0]) }
        let tree = try f.tree(depth: 2, members.map(\.credential))
        let asked = try f.request(["votes >= 20"])
        var claims: [Presentation.Claim] = []
        for (i, member) in members.enumerated() {
            let answer = try member.wallet.present(asked, with: member.credential, to: f.audience, path: tree.path(at: i), now: f.now)
            claims.append(
                Presentation.Claim(
                    presentation: answer.presentation, request: try answer.protocolRequest(schema: f.schema), depth: 2, root: tree.root))
        }
        let all = try Presentation.verify(claims)
        #expect(Set(all.map { $0.nullifiers[0] }).count == 3)
        #expect(try Presentation.verify(claims, threads: 1) == all)
        // Nullifiers exchanged between two members: each is on the curve, none is of its proof.
        func exchanged(_ a: Int, _ b: Int) -> Presentation.Claim {
            Presentation.Claim(
                presentation: Array(claims[b].presentation.prefix(33) + claims[a].presentation.dropFirst(33)), request: claims[a].request,
                depth: 2, root: tree.root)
        }
        // A batch says which sum failed; alone, each of the two says that it was the relation.
        #expect(throws: PresentationError.membership(.argument(.secp256k1))) {
            try Presentation.verify([exchanged(0, 1), exchanged(1, 0), claims[2]])
        }
        for bad in [exchanged(0, 1), exchanged(1, 0)] {
            #expect(throws: PresentationError.relation(.relation)) { try Presentation.verify([bad]) }
        }
    }

    /// A tampered byte anywhere is refused, with an error and not a crash.
    @Test func everyByte() throws {
        let (wallet, credential) = try f.member([25, 3, 1, 0])
        let tree = try f.tree(depth: 2, [credential])
        let asked = try f.request(disclose: [3], ["votes >= 20"])
        let answer = try wallet.present(asked, with: credential, to: f.audience, path: tree.path(at: 0), now: f.now)
        let request = try answer.protocolRequest(schema: f.schema)
        var generator = SeededGenerator(seed: 23)
        var codes: [String: Int] = [:]
        for at in answer.presentation.indices {
            var bytes = answer.presentation
            bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            codes[code(bytes, request, tree), default: 0] += 1
        }
        #expect(codes["accepted"] == nil)
        #expect(codes["presentation-encoding", default: 0] > 100)
        #expect(codes["membership-proof", default: 0] > 100)
        #expect(codes["relation-proof", default: 0] > 100)
        for _ in 0..<200 {
            let bytes = mutated(answer.presentation, using: &generator)
            #expect(code(bytes, request, tree) != "accepted" || bytes == answer.presentation)
        }
        let huge = Request(attributes: 4_000_000_000, context: request.context, scopes: request.scopes)
        #expect(code(answer.presentation, huge, tree) == "presentation-length")
        for count in [0, 32, 33, 34, 4096] { #expect(code(generator.bytes(count), request, tree) == "presentation-length") }
        #expect(code(generator.bytes(answer.presentation.count), request, tree) == "presentation-encoding")
    }

    private func code(_ bytes: [UInt8], _ request: Request, _ tree: CurveTree) -> String {
        do throws(PresentationError) {
            _ = try Presentation.verify(bytes, request, depth: 2, root: tree.root)
            return "accepted"
        } catch {
            return error.code
        }
    }
}
