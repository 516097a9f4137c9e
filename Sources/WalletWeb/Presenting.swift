// The answer to the request at hand. Each step changes the wallet, which is to be stored before the next: what was agreed to, then the ticket, then
// the answer is sent.

import Curves
import Membership
import Proofs
import Reputation

/// Derives the generators that copies and presentations need, some 0.2 s of work, before somebody waits for it. They are public.
@_expose(wasm, "prepare")
@_cdecl("prepare")
public func prepare() {
    let gates = gatesFor(depth: TreeShape.greatestDepth, predicates: 1)
    _ = Secp256k1.generators(gates: gates)
    _ = Secq256k1.generators(gates: gates)
}

/// What the audience may ask as its service says, as JSON, or nothing; whether the holder agrees to something else than before; the time. What
/// the audience may ask is held to from now on.
@_expose(wasm, "request_pin")
@_cdecl("request_pin")
public func requestPin(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let text = try fields.takeIfGiven()
        let (isAccepted, now) = (try fields.flag(), try fields.time())
        try fields.end()
        let asked = try session.askedFor()
        var wallet = try session.opened()
        var published: Policy?
        if let text {
            let json: JSON
            do throws(JSONError) { json = try JSON(parsing: text) } catch { throw Failure(error.code) }
            published = try policy(json, of: asked.audience, asked.credential.community)
        }
        // Who asks is compared before what he asks is pinned under his name.
        if let refusal = asked.refusal(by: wallet, now: now), refusal != .policy || !isAccepted { throw Failure(refusal.code) }
        do throws(WalletError) {
            if isAccepted {
                try wallet.consent(to: asked.request, published: published)
            } else {
                try wallet.pin(asked.request, published: published)
            }
        } catch {
            throw Failure(error.code)
        }
        if let refusal = asked.refusal(by: wallet, now: now) { throw Failure(refusal.code) }
        session.wallet = wallet
        return []
    }
}

/// An epoch and a published set of spent tickets: the signature that it needs.
@_expose(wasm, "spent_checks")
@_cdecl("spent_checks")
public func spentChecks(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let bytes = try fields.take()
        try fields.end()
        let community = try session.laidOut().community
        do throws(SpentSetError) { return encoded([try SpentSet.signatureCheck(of: bytes, community: community)]) } catch {
            throw Failure(error.code)
        }
    }
}

/// The set of spent tickets of the request's epoch, its signature verified: a ticket is taken, its number four bytes. Nothing for a request that
/// wants none.
@_expose(wasm, "request_ticket")
@_cdecl("request_ticket")
public func requestTicket(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let bytes = try fields.takeIfGiven()
        try fields.end()
        let asked = try session.askedFor()
        guard asked.request.tickets != nil else { return [] }
        var wallet = try session.opened()
        var spent: SpentSet?
        if let bytes {
            do throws(SpentSetError) {
                spent = try SpentSet(verified: bytes, community: asked.credential.community, epoch: asked.request.context.epoch)
            } catch {
                throw Failure(error.code)
            }
        }
        let ticket: UInt32
        do throws(WalletError) { ticket = try wallet.reserveTicket(asked.request, with: asked.credential, spent: spent) } catch {
            throw Failure(error.code)
        }
        session.wallet = wallet
        session.asked?.ticket = ticket
        return (0..<4).map { UInt8(truncatingIfNeeded: ticket >> UInt32(8 * $0)) }
    }
}

/// The note to tell, or nothing; the time: the answer to send, as JSON. The request is not at hand any more.
@_expose(wasm, "request_prove")
@_cdecl("request_prove")
public func requestProve(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let told = try fields.takeIfGiven()
        let now = try fields.time()
        try fields.end()
        let (asked, wallet, table) = (try session.askedFor(), try session.opened(), try session.laidOut())
        session.asked = nil
        if let refusal = asked.refusal(by: wallet, now: now) { throw Failure(refusal.code) }
        guard let path = table.copy.path(of: asked.credential.leaf) else { throw Failure("leaf-missing") }
        let answer: PresentationAnswer
        do throws(WalletError) {
            answer = try wallet.present(
                asked.request, with: asked.credential, to: asked.audience, path: path, ticket: asked.ticket, now: now)
        } catch {
            throw Failure(error.code)
        }
        return answer.json(asked.credential.community.schema).telling(checkpoint: told).encoded()
    }
}
