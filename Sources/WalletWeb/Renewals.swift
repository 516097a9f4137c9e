// Renewals and top-ups: a message is in the wallet before it is sent, and the same bytes are sent again until there is an answer.

import Curves
import Membership
import Reputation

/// Nothing: what is to be done about the newest credential's renewal, by the log that was read. One byte: 0 nothing, 1 the issuer has taken it and
/// the log is waited for, 2 the message behind this byte is to be sent, as JSON; it is in the wallet.
@_expose(wasm, "renewal_begin")
@_cdecl("renewal_begin")
public func renewalBegin(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        try fields.end()
        let (table, reading) = try session.read()
        var wallet = try session.opened()
        if wallet.renewals.contains(where: { $0.community == table.community && $0.receipt != nil }) { return [1] }
        let epochs = reading.replay.epochs
        guard let credential = wallet.newestCredential(of: table.community.id), credential.epoch < epochs.renewalTarget else { return [0] }
        // The tree of the current epoch is the copy's; an earlier one is made again.
        var path = table.copy.path(of: credential.leaf)
        if credential.epoch != epochs.current || path == nil {
            let tree = credential.epoch == epochs.current ? reading.replay.tree : finalTree(of: credential.epoch, entries: reading.entries)
            guard let tree, let place = tree.leaves.firstIndex(where: { $0?.encoded == credential.leaf }) else {
                throw Failure("leaf-missing")
            }
            path = try? tree.path(at: place)
        }
        guard let path else { throw Failure("leaf-missing") }
        let message: RenewalMessage
        do throws(WalletError) { message = try wallet.beginRenewal(of: credential, epochs: epochs, path: path) } catch {
            throw Failure(error.code)
        }
        session.wallet = wallet
        return [2] + message.json.encoded()
    }
}

private func renewalReceipt(_ fields: inout Fields) throws(Failure) -> RenewalReceipt {
    let json = try fields.json()
    try fields.end()
    do { return try RenewalReceipt(json: json) } catch { throw Failure(error.code) }
}

/// What the issuer answered to a renewal: the signature that it needs.
@_expose(wasm, "renewal_checks")
@_cdecl("renewal_checks")
public func renewalChecks(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let receipt = try renewalReceipt(&fields)
        let wallet = try session.opened()
        do throws(WalletError) { return encoded([try wallet.signatureCheck(of: receipt)]) } catch { throw Failure(error.code) }
    }
}

/// The same answer, its signature verified: it is in the wallet.
@_expose(wasm, "renewal_finish")
@_cdecl("renewal_finish")
public func renewalFinish(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let receipt = try renewalReceipt(&fields)
        var wallet = try session.opened()
        do throws(WalletError) { try wallet.finishRenewal(verified: receipt) } catch { throw Failure(error.code) }
        session.wallet = wallet
        return []
    }
}

/// The code of a top-up, typed, or nothing for the one that was begun with the community at hand.
private func topUpCode(_ fields: inout Fields, _ wallet: Wallet, _ community: Community) throws(Failure) -> TopUpCode {
    guard let text = try fields.takeIfGiven() else {
        guard let pending = wallet.topUps.first(where: { $0.community == community }) else { throw Failure(WalletError.notPending.code) }
        return pending.message.code
    }
    do { return try TopUpCode(parsing: text) } catch { throw Failure(error.code) }
}

/// A top-up code, or nothing for the one that was begun: one byte, 0 for a new code, 1 for one that was begun, 2 when the issuer has taken it and the
/// log is waited for. Behind 0 and 1 what to ask about it, as JSON.
@_expose(wasm, "top_up_question")
@_cdecl("top_up_question")
public func topUpQuestion(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let (wallet, community) = (try session.opened(), try session.laidOut().community)
        let code = try topUpCode(&fields, wallet, community)
        try fields.end()
        let known = wallet.topUps.first { $0.community == community && $0.message.code == code }
        if known?.receipt != nil { return [2] }
        return [known == nil ? 0 : 1] + TopUpOffer.question(code).encoded()
    }
}

/// The same code, and what the issuer says that it adds, as JSON: the message to send, as JSON. It is in the wallet.
@_expose(wasm, "top_up_begin")
@_cdecl("top_up_begin")
public func topUpBegin(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let table = try session.laidOut()
        var wallet = try session.opened()
        let code = try topUpCode(&fields, wallet, table.community)
        let json = try fields.json()
        try fields.end()
        let offer: TopUpOffer
        do throws(TopUpError) { offer = try TopUpOffer(json: json) } catch { throw Failure(error.code) }
        guard offer.community == table.community.id else { throw Failure("community-other") }
        guard let credential = wallet.newestCredential(of: table.community.id) else { throw Failure("credential-none") }
        guard let batch = table.copy.known?.checkpoint.batch, let path = table.copy.path(of: credential.leaf) else {
            throw Failure("leaf-missing")
        }
        let message: TopUpMessage
        do throws(WalletError) {
            message = try wallet.beginTopUp(of: credential, code: code, amounts: offer.amounts, tree: batch, path: path)
        } catch {
            throw Failure(error.code)
        }
        session.wallet = wallet
        return message.json.encoded()
    }
}

private func topUpReceipt(_ fields: inout Fields) throws(Failure) -> TopUpReceipt {
    let json = try fields.json()
    try fields.end()
    do { return try TopUpReceipt(json: json) } catch { throw Failure(error.code) }
}

/// What the issuer answered to a top-up: the signature that it needs.
@_expose(wasm, "top_up_checks")
@_cdecl("top_up_checks")
public func topUpChecks(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let receipt = try topUpReceipt(&fields)
        let wallet = try session.opened()
        do throws(WalletError) { return encoded([try wallet.signatureCheck(of: receipt)]) } catch { throw Failure(error.code) }
    }
}

/// The same answer, its signature verified: it is in the wallet.
@_expose(wasm, "top_up_finish")
@_cdecl("top_up_finish")
public func topUpFinish(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let receipt = try topUpReceipt(&fields)
        var wallet = try session.opened()
        do throws(WalletError) { try wallet.finishTopUp(verified: receipt) } catch { throw Failure(error.code) }
        session.wallet = wallet
        return []
    }
}

/// A top-up code, or nothing for the one that was begun: the issuer refused it for good, and it is dropped.
@_expose(wasm, "top_up_forget")
@_cdecl("top_up_forget")
public func topUpForget(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let community = try session.laidOut().community
        var wallet = try session.opened()
        let code = try topUpCode(&fields, wallet, community)
        try fields.end()
        for topUp in wallet.topUps where topUp.community == community && topUp.message.code == code { wallet.forgetTopUp(topUp.message) }
        session.wallet = wallet
        return []
    }
}
