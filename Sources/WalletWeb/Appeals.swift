// What a banned member says to be heard, with the proof that it is he. Nobody asks for it: there is no request at hand, and nothing of the wallet changes.

import Membership
import Proofs
import Reputation

/// The audience's id; the text, in UTF-8: what to send, as JSON. Proved with the newest credential of the community at hand.
@_expose(wasm, "appeal_prove")
@_cdecl("appeal_prove")
public func appealProve(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let (audience, text) = (try fields.digest(), try fields.take())
        try fields.end()
        let (wallet, table) = (try session.opened(), try session.laidOut())
        guard AppealStatement.canBe(text) else { throw Failure("appeal-text") }
        guard let credential = wallet.newestCredential(of: table.community.id) else { throw Failure("credential-none") }
        guard let path = table.copy.path(of: credential.leaf) else { throw Failure("leaf-missing") }
        let answer: PresentationAnswer
        do throws(WalletError) {
            answer = try wallet.appeal(text, to: audience, with: credential, path: path)
        } catch {
            throw Failure(error.code)
        }
        return JSON.object([
            .init("version", .integer(Int64(1))), .init("text", .string(text)), .init("answer", answer.json(credential.community.schema)),
        ]).encoded()
    }
}
