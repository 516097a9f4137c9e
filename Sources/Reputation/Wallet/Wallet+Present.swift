import Curves
import Membership
import Platform

extension Wallet {
    /// Takes a ticket for a post, at random among those left, so that its number says nothing. Store the wallet before presenting it.
    ///
    /// `spent`: the community's published set of the request's epoch; tickets in it are passed over and remembered as taken. A wallet that was
    /// brought back from its words needs one that is not older than that: it does not know what it used before.
    /// Throws `.request(.ticket)` when the request wants none, `.spentUnknown`, `.noTicketLeft`.
    public mutating func reserveTicket(
        _ request: PresentationRequest, with credential: Credential, spent: SpentSet? = nil
    ) throws(WalletError) -> UInt32 {
        guard let tickets = request.tickets else { throw .request(.ticket) }
        let context = request.context
        if let spent, spent.community != context.community || spent.epoch != context.epoch { throw .spentUnknown }
        if let restoredAt { guard let spent, spent.time >= restoredAt else { throw .spentUnknown } }
        func ticket(_ index: UInt32) -> ReservedTicket {
            ReservedTicket(
                identity: credential.identity, community: context.community, epoch: context.epoch, audience: context.audience, index: index)
        }
        var left = (0..<tickets).filter { !self.tickets.contains(ticket($0)) }
        while !left.isEmpty {
            let random = Random.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let index = left.remove(at: Int(random % UInt64(left.count)))
            self.tickets.append(ticket(index))
            let scope = Scope.post(community: context.community, epoch: context.epoch, audience: context.audience, index: index)
            if let spent, isSpent(scope, identity: credential.identity, in: spent) { continue }
            return index
        }
        throw .noTicketLeft
    }

    /// Whether this wallet's own nullifier of a scope is in a published set.
    private func isSpent(_ scope: Scope, identity: UInt32, in spent: SpentSet) -> Bool {
        let bytes = scope.encoded
        guard let nullifier = Scope.base(of: bytes).multiplied(by: seed.secret(identity: identity)).affine else { return true }
        return spent.contains(scope: bytes, nullifier: nullifier.encoded)
    }

    /// Whether the wallet would answer: nil, or why not. The same checks as `present`, without the work of proving.
    public func refusal(of request: PresentationRequest, with credential: Credential, to audience: Digest, now: Int64) -> WalletError? {
        do {
            try request.check(
                community: credential.community.id, schema: credential.community.schema, epoch: credential.epoch, audience: audience,
                now: now)
        } catch {
            return .request(error)
        }
        if let policy = policy(of: audience, community: credential.community.id), !policy.allows(request) { return .policy }
        return credential.firstUnsatisfied(request.predicates).map { .notSatisfied(predicate: $0) }
    }

    /// Answers a request with a credential, or refuses (docs/living-community.md, "What may be asked"). What the audience may ask is held to
    /// once it is pinned: `pin` the request and store the wallet before.
    ///
    /// `audience`: whom the wallet talks to, by what it knows itself, not by what the request says. `path`: of the credential's leaf to the newest
    /// root that the wallet knows of the epoch. `ticket`: from `reserveTicket`. `now`: seconds since 1970.
    /// Throws `.request`, `.notSatisfied`, `.ticketNotReserved`, `.path` or `.proof`.
    @export(interface)
    public func present(
        _ request: PresentationRequest, with credential: Credential, to audience: Digest, path: MembershipPath, ticket: UInt32? = nil,
        now: Int64
    ) throws(WalletError) -> PresentationAnswer {
        if let refusal = refusal(of: request, with: credential, to: audience, now: now) { throw refusal }
        if let ticket {
            let context = request.context
            let reserved = ReservedTicket(
                identity: credential.identity, community: context.community, epoch: context.epoch, audience: context.audience, index: ticket
            )
            guard tickets.contains(reserved) else { throw .ticketNotReserved }
        }
        return try answer(request, with: credential, path: path, ticket: ticket, dishonestly: false)
    }

    /// Proves that a text comes from the pseudonym that this credential has at an audience: what an appeal against a ban is. Made by the wallet
    /// itself and showing nothing but the pseudonym: what the audience may ask is not at stake.
    ///
    /// `path`: as of `present`. `text`: UTF-8, `AppealStatement.greatestText` bytes at most.
    /// Throws `.request`, `.path` or `.proof`.
    @export(interface)
    public func appeal(
        _ text: [UInt8], to audience: Digest, with credential: Credential, path: MembershipPath
    ) throws(WalletError) -> PresentationAnswer {
        let request: PresentationRequest
        do {
            request = try AppealStatement.request(
                community: credential.community, epoch: credential.epoch, audience: audience, text: text)
        } catch {
            throw .request(error)
        }
        return try answer(request, with: credential, path: path, dishonestly: false)
    }

    /// Answers a request whatever the wallet thinks of it, and proves predicates that do not hold: what a verifier has to refuse.
    package func presentDishonestly(
        _ request: PresentationRequest, with credential: Credential, path: MembershipPath
    ) throws(WalletError) -> PresentationAnswer {
        try answer(request, with: credential, path: path, ticket: nil, dishonestly: true)
    }

    /// The answer without the wallet's refusals.
    @export(interface)
    package func answer(
        _ request: PresentationRequest, with credential: Credential, path: MembershipPath, ticket: UInt32? = nil, dishonestly: Bool
    ) throws(WalletError) -> PresentationAnswer {
        guard path.leaf.encoded == credential.leaf else { throw .path }
        var disclosed: [Int64] = []
        for index in request.disclose {
            guard credential.values.indices.contains(index - 1) else { throw .request(.disclosedAttributes) }
            disclosed.append(credential.values[index - 1])
        }
        let asked: Request
        do {
            asked = try request.protocolRequest(schema: credential.community.schema, disclosed: disclosed, ticket: ticket)
        } catch {
            throw .request(error)
        }
        var attributes = [seed.secret(identity: credential.identity)] + credential.values.map { Fn(signed: $0) }
        defer { zeroize(&attributes) }
        let proved: Presentation.Proved
        do {
            proved = try Presentation.prove(
                asked, attributes: attributes, blinding: credential.blinding, path: path, dishonestly: dishonestly)
        } catch {
            throw .proof(error)
        }
        return PresentationAnswer(
            request: request, root: path.root.encoded, ticket: ticket, disclosed: disclosed, presentation: proved.bytes)
    }
}
