// A claim: stated, sent by the page, its answer verified and taken over.

import Reputation

/// A claim code, typed: the claim to send, as JSON. It is in the wallet, which is to be stored before it is sent.
@_expose(wasm, "claim_begin")
@_cdecl("claim_begin")
public func claimBegin(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let text = try fields.take()
        try fields.end()
        let community = try session.laidOut().community
        let code: ClaimCode
        do throws(BearerCodeError) { code = try ClaimCode(parsing: text) } catch { throw Failure(error.code) }
        var wallet = try session.opened()
        let request: ClaimRequest
        do throws(IssuanceError) { request = try wallet.beginClaim(community: community, code: code) } catch { throw Failure(error.code) }
        session.wallet = wallet
        return request.json.encoded()
    }
}

private func receipt(_ fields: inout Fields) throws(Failure) -> Receipt {
    let json = try fields.json()
    try fields.end()
    do throws(IssuanceError) { return try Receipt(json: json) } catch { throw Failure(error.code) }
}

/// What the issuer answered: the signature that it needs.
@_expose(wasm, "claim_checks")
@_cdecl("claim_checks")
public func claimChecks(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let receipt = try receipt(&fields)
        let wallet = try session.opened()
        do throws(WalletError) { return encoded([try wallet.signatureCheck(of: receipt)]) } catch { throw Failure(error.code) }
    }
}

/// The same answer, its signature verified: the credential is in the wallet.
@_expose(wasm, "claim_finish")
@_cdecl("claim_finish")
public func claimFinish(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let receipt = try receipt(&fields)
        var wallet = try session.opened()
        do throws(WalletError) { _ = try wallet.finishClaim(verified: receipt) } catch { throw Failure(error.code) }
        session.wallet = wallet
        return []
    }
}

/// A claim code that the issuer refused for good: its claim is dropped.
@_expose(wasm, "claim_forget")
@_cdecl("claim_forget")
public func claimForget(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let text = try fields.take()
        try fields.end()
        let code: ClaimCode
        do throws(BearerCodeError) { code = try ClaimCode(parsing: text) } catch { throw Failure(error.code) }
        var wallet = try session.opened()
        let community = try session.laidOut().community
        for claim in wallet.pending where claim.request.code == code && claim.community == community { wallet.forgetClaim(claim.request) }
        session.wallet = wallet
        return []
    }
}
