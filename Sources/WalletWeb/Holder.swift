// The wallet itself: made, opened, shown, stored.

import Platform
import Proofs
import Reputation

/// Nothing: 24 new words.
@_expose(wasm, "phrase_new")
@_cdecl("phrase_new")
public func phraseNew(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (_, fields) throws(Failure) in
        try fields.end()
        return Array(Phrase().text.utf8)
    }
}

/// A phrase, and the time when the wallet was brought back from it, if it was: the wallet is open.
@_expose(wasm, "wallet_create")
@_cdecl("wallet_create")
public func walletCreate(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        var text = try fields.take()
        defer { zeroize(&text) }
        let restoredAt = try fields.timeIfGiven()
        try fields.end()
        // 24 words of at most eight letters; white space is generous.
        guard text.count <= 1024 else { throw Failure("phrase-word-count") }
        let phrase: Phrase
        do throws(PhraseError) { phrase = try Phrase(parsing: text) } catch { throw Failure(error.code, error.details) }
        session.wallet = Wallet(phrase: phrase, restoredAt: restoredAt)
        return []
    }
}

/// A wallet's state: it is open.
@_expose(wasm, "wallet_open")
@_cdecl("wallet_open")
public func walletOpen(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let json = try fields.json(limits: JSON.Limits(bytes: 1 << 26))
        try fields.end()
        do throws(WalletError) { session.wallet = try Wallet(json: json) } catch { throw Failure(error.code) }
        return []
    }
}

/// Nothing: the wallet's state. Whoever has it has the wallet.
@_expose(wasm, "wallet_state")
@_cdecl("wallet_state")
public func walletState(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        try fields.end()
        return try session.opened().json.encoded()
    }
}

/// Nothing: the wallet's 24 words.
@_expose(wasm, "wallet_phrase")
@_cdecl("wallet_phrase")
public func walletPhrase(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        try fields.end()
        return Array(try session.opened().seed.phrase.text.utf8)
    }
}

/// Nothing: what the wallet holds, as JSON.
@_expose(wasm, "wallet_content")
@_cdecl("wallet_content")
public func walletContent(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        try fields.end()
        let wallet = try session.opened()
        let credentials = wallet.credentials.map { credential -> JSON in
            let renewal = wallet.renewals.last { $0.community == credential.community }
            let topUp = wallet.topUps.contains { $0.community == credential.community }
            var members: [JSON.Member] = [
                .init("community", .hex(credential.community.id.bytes)), .init("name", .string(credential.community.origin)),
                .init("epoch", .integer(credential.epoch)),
                .init("newest", .bool(wallet.newestCredential(of: credential.community.id)?.leaf == credential.leaf)),
                .init("attributes", attributes(of: credential)), .init("renewing", .bool(renewal != nil)),
                .init("topping-up", .bool(topUp)),
            ]
            if let receipt = credential.receipt {
                members += [.init("issued", .integer(receipt.time)), .init("promised-by", .integer(receipt.promisedBy))]
            }
            return .object(members)
        }
        let pending = wallet.pending.map { claim -> JSON in
            .object([.init("community", .hex(claim.community.id.bytes)), .init("name", .string(claim.community.origin))])
        }
        var members: [JSON.Member] = [.init("credentials", .array(credentials)), .init("pending", .array(pending))]
        if let time = wallet.restoredAt { members.append(.init("restored-at", .integer(time))) }
        return JSON.object(members).encoded()
    }
}

private func attributes(of credential: Credential) -> JSON {
    .array(
        zip(credential.community.schema.attributes, credential.values).map { attribute, value in
            .object([
                .init("name", .string(attribute.name)), .init("kind", .text(attribute.kind.name)), .init("value", .integer(value)),
            ])
        })
}

extension PhraseError {
    /// Where the words are wrong.
    fileprivate var details: [JSON.Member] {
        switch self {
        case .unknownWord(let word, let place):
            // What was typed comes back as it is only where it is text.
            [.init("word", .string(word.allSatisfy { $0 >= 0x20 && $0 < 0x7f } ? word : [])), .init("place", .integer(Int64(place)))]
        case .wordCount(let count): [.init("count", .integer(Int64(count)))]
        case .checksum: []
        }
    }
}
