// A request: read, told to the holder, weighed. Nothing is proved here.

import Membership
import Proofs
import Reputation

/// The request that is being answered.
struct Asked {
    let request: PresentationRequest
    let credential: Credential
    /// Whom the page talks to, by what it knows itself.
    let audience: Digest
    let isSignIn: Bool
    var ticket: UInt32?

    /// Why the wallet does not answer; nil when it would.
    func refusal(by wallet: Wallet, now: Int64) -> WalletError? {
        let refusal = wallet.refusal(of: request, with: credential, to: audience, now: now)
        // To another policy its holder may agree, to what follows nobody.
        if let refusal, refusal != .policy { return refusal }
        // A page that signs members in has no business with acts and tickets.
        if isSignIn, request.scopes != [.signIn(audience: audience)] || request.tickets != nil { return .request(.scopeMismatch) }
        return refusal
    }
}

extension Session {
    /// The request at hand.
    func askedFor() throws(Failure) -> Asked {
        guard let asked else { throw Failure("request-none") }
        return asked
    }
}

/// A request as it is served, as JSON; the audience's id; whether it is a sign-in. It is at hand; the answer is what its answer would show, as JSON.
@_expose(wasm, "request_open")
@_cdecl("request_open")
public func requestOpen(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let served = try fields.json()
        let (audience, isSignIn) = (try fields.digest(), try fields.flag())
        try fields.end()
        session.asked = nil
        let community = try session.laidOut().community
        guard let credential = try session.opened().credentials.last(where: { $0.community.id == community.id }) else {
            throw Failure("credential-none")
        }
        let (content, told): (JSON, [UInt8]?)
        do throws(JSONError) { (content, told) = try served.separatingCheckpoint() } catch { throw Failure(error.code) }
        let request: PresentationRequest
        do throws(RequestError) { request = try PresentationRequest(json: content, schema: credential.community.schema) } catch {
            throw Failure(error.code)
        }
        session.asked = Asked(request: request, credential: credential, audience: audience, isSignIn: isSignIn)
        var members = request.told(credential)
        if let told { members.append(.init("checkpoint", .string(told))) }
        return JSON.object(members).encoded()
    }
}

/// The time: why the wallet does not answer the request at hand, as JSON; an empty object when it would.
@_expose(wasm, "request_refusal")
@_cdecl("request_refusal")
public func requestRefusal(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let now = try fields.time()
        try fields.end()
        guard let refusal = try session.askedFor().refusal(by: try session.opened(), now: now) else { return JSON.object([]).encoded() }
        return refusal.json.encoded()
    }
}

/// A published histogram: the signature that it needs.
@_expose(wasm, "histogram_checks")
@_cdecl("histogram_checks")
public func histogramChecks(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let bytes = try fields.take()
        try fields.end()
        let community = try session.laidOut().community
        do throws(LogError) { return encoded([try Histogram.signatureCheck(of: bytes, community: community)]) } catch {
            throw Failure(error.code)
        }
    }
}

/// A histogram whose signature was verified, or nothing: how many members at least could give the answer, as JSON: `members`, and `minimum`, below
/// which the community wants a warning. No members when nothing is published that can be believed.
@_expose(wasm, "request_set")
@_cdecl("request_set")
public func requestSet(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let bytes = try fields.takeIfGiven()
        try fields.end()
        let (asked, table) = (try session.askedFor(), try session.laidOut())
        var (members, minimum): (Int64, UInt32) = (0, 0)
        if let bytes {
            let histogram: Histogram
            do throws(LogError) {
                histogram = try Histogram(verified: bytes, community: table.community, epoch: asked.request.context.epoch)
            } catch {
                throw Failure(error.code)
            }
            // One that counts more members than there are leaves counts nothing.
            if let leaves = table.copy.known?.checkpoint.batch.leafCount, histogram.total <= Int64(leaves) {
                members = histogram.membersAtLeast(asked.request, values: asked.credential.values, schema: table.community.schema)
                minimum = histogram.minimum
            }
        }
        return JSON.object([.init("members", .integer(members)), .init("minimum", .integer(minimum))]).encoded()
    }
}

/// What the audience may ask as its service says, as JSON, and the audience's id: the same, read, with the forms as texts.
@_expose(wasm, "policy_read")
@_cdecl("policy_read")
public func policyRead(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let json = try fields.json()
        let audience = try fields.digest()
        try fields.end()
        let community = try session.laidOut().community
        return try policy(json, of: audience, community).json(community.schema).encoded()
    }
}

/// A published policy, checked to be that of an audience.
func policy(_ json: JSON, of audience: Digest, _ community: Community) throws(Failure) -> Policy {
    let policy: Policy
    do throws(RequestError) { policy = try Policy(json: json, schema: community.schema) } catch { throw Failure(error.code) }
    guard policy.audience == audience, policy.community == community.id else { throw Failure("policy-mismatch") }
    return policy
}

extension WalletError {
    /// The code, and which predicate does not hold.
    fileprivate var json: JSON {
        var members: [JSON.Member] = [.init("code", .text(code))]
        if case .notSatisfied(let predicate) = self { members.append(.init("predicate", .integer(Int64(predicate)))) }
        return .object(members)
    }
}

extension PresentationRequest {
    /// What an answer with this credential would show to who asks, and what it would prove.
    fileprivate func told(_ credential: Credential) -> [JSON.Member] {
        let schema = credential.community.schema
        var members: [JSON.Member] = [
            .init("community", .hex(context.community.bytes)), .init("name", .string(credential.community.origin)),
            .init("epoch", .integer(context.epoch)), .init("audience", .hex(context.audience.bytes)),
            .init("expires", .integer(context.expires)), .init("nonce", .hex(context.nonce)),
            .init("scopes", .array(scopes.map { $0.json })),
        ]
        if let message = context.message { members.append(.init("message", .hex(message.bytes))) }
        if let tickets { members.append(.init("tickets", .integer(tickets))) }
        let disclosed = disclose.map { index -> JSON in
            let value = credential.values.indices.contains(index - 1) ? JSON.integer(credential.values[index - 1]) : .null
            return .object([.init("name", .string(schema.attribute(at: index)?.name ?? [])), .init("value", value)])
        }
        members.append(.init("disclosed", .array(disclosed)))
        members.append(
            .init(
                "predicates",
                .array(predicates.map { .string($0.weights.allSatisfy { schema.attribute(at: $0.index) != nil } ? $0.text(schema) : []) })))
        return members
    }
}
