import Foundation
import Reputation
import VerifierService

/// A wallet or a service refuses, with a stable code.
struct Refusal: Error {
    let code: String
    /// The file that proves why, where two histories of a log are signed.
    private(set) var proof: String?
    private var explanation: String?
    /// What a banned member is told.
    private var notice: BanNotice?

    init(code: String) { self.code = code }

    /// Two histories of the log are signed.
    init(fork proof: String?) {
        code = LogError.fork.code
        self.proof = proof
        explanation = ForkFound.explanation(proof: proof)
    }

    /// The pseudonym is banned there.
    init(banned notice: BanNotice, service: String) {
        code = BanNotice.code
        self.notice = notice
        var lines = ["Reason: \(notice.reason)", notice.until.map { "Until \(UTC.text($0))" } ?? "Without end"]
        if let code = notice.code { lines.append("On the page where you began, this code shows the same, and tells the forum no: \(code)") }
        lines.append("To appeal: symbolon wallet appeal --service \(service) --audience \(notice.audience.hex) --text-file FILE")
        explanation = lines.joined(separator: "\n")
    }

    /// Prints it; the status to end with.
    func shown(json: Bool) -> any Error {
        if let explanation { Terminal.message(explanation) }
        if json {
            var members: [JSON.Member] = [.init("verdict", .text("refused")), .init("code", .text(code))]
            if let proof { members.append(.init("proof", .text(proof))) }
            if let notice {
                members += [.init("reason", .text(notice.reason)), .init("audience", .hex(notice.audience.bytes))]
                if let until = notice.until { members.append(.init("until", .integer(until))) }
                if let code = notice.code { members.append(.init("sign-in-code", .text(code))) }
            }
            Terminal.output(JSON.object(members).encoded())
        } else {
            print("refused: \(code)")
        }
        return ExitStatus.rejected
    }
}
