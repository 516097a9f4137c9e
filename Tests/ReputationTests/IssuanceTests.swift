import Curves
import Platform
import Reputation
import TestSupport
import Testing

struct IssuanceTests {
    let f: Fixture

    init() throws { f = try Fixture() }

    @Test func issuing() throws {
        let code = ClaimCode()
        let (s, r) = (Fn.random(), Fn.random())
        let message = try Issuance.request(
            secret: s, blinding: r, context: Issuance.context(community: f.community.id, codeHash: code.hash))
        #expect(message.count == Issuance.messageLength)
        func issue(_ message: [UInt8], _ values: [Int64] = [5, 6, 1, 0], code other: ClaimCode? = nil) throws(IssuanceError)
            -> Issuance.Issued
        {
            try Issuance.issue(message, values: values, schema: f.schema, community: f.community.id, codeHash: (other ?? code).hash)
        }
        let issued = try issue(message)
        #expect(issued.blank == Array(message.prefix(33)))
        #expect(issued.point == AttributeBases.credential(secret: s, values: [5, 6, 1, 0], blinding: r))
        #expect(throws: IssuanceError.proof) { try issue(message, code: ClaimCode()) }
        #expect(throws: IssuanceError.proof) {
            try Issuance.issue(message, values: [5, 6, 1, 0], schema: f.schema, community: f.audience, codeHash: code.hash)
        }
        #expect(throws: IssuanceError.values(.valueCount)) { try issue(message, [5]) }
        #expect(throws: IssuanceError.values(.value([UInt8](text: "group")))) { try issue(message, [5, 6, 4, 0]) }
        #expect(throws: IssuanceError.length) { try issue(Array(message.dropLast())) }
        #expect(throws: IssuanceError.length) { try issue(message + [0]) }
        // Another Q under the proof of this one: a holder who could choose it would choose his attributes.
        let shifted = try #require((Point(try Affine<Secp256k1>(encoded: message[..<33])) + AttributeBases.base(1)).affine)
        #expect(throws: IssuanceError.proof) { try issue(shifted.encoded + message.dropFirst(33)) }
        var generator = SeededGenerator(seed: 2)
        for at in message.indices {
            var bytes = message
            bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            #expect(throws: IssuanceError.self) { try issue(bytes) }
        }
    }

    @Test func claimCodes() throws {
        for _ in 0..<200 {
            let code = ClaimCode()
            let text = code.text
            #expect(text.count == 34)
            #expect(try ClaimCode(parsing: text) == code)
            #expect(try ClaimCode(parsing: text.lowercased().filter { $0 != "-" }) == code)
            let sloppy = String(text.map { $0 == "0" ? "o" : $0 == "1" ? "l" : $0 == "-" ? " " : $0 })
            #expect(try ClaimCode(parsing: "  " + sloppy + " ") == code)
            #expect(code.hash == Digest.of(code.bytes))
        }
        #expect(ClaimCode() != ClaimCode())
        #expect(try ClaimCode(bytes: [UInt8](repeating: 0, count: 16)).text == "0000-0000-0000-0000-0000-0000-012V")
        #expect(throws: FormatError.length) { try ClaimCode(bytes: [1]) }
        #expect(throws: BearerCodeError.length) { try ClaimCode(parsing: "0000-0000") }
        #expect(throws: BearerCodeError.length) { try ClaimCode(parsing: String(repeating: "0", count: 1000)) }
        #expect(throws: BearerCodeError.character(at: 2)) { try ClaimCode(parsing: "00U0-0000-0000-0000-0000-0000-0000") }
        #expect(throws: BearerCodeError.checksum) { try ClaimCode(parsing: "0000-0000-0000-0000-0000-0000-0000") }
    }

    /// One wrong digit is noticed but for one time in 4096.
    @Test func mistypedCodes() throws {
        var missed = 0
        for _ in 0..<300 {
            let digits = Array(ClaimCode().text)
            for at in stride(from: 0, to: digits.count, by: 5) where digits[at] != "-" {
                var wrong = digits
                wrong[at] = wrong[at] == "7" ? "8" : "7"
                if (try? ClaimCode(parsing: String(wrong))) != nil { missed += 1 }
            }
        }
        #expect(missed < 12)
    }

    @Test func receipts() throws {
        var wallet = Wallet(phrase: Phrase())
        let request = try wallet.beginClaim(community: f.community, code: ClaimCode())
        for index in [nil, 5] as [UInt32?] {
            let receipt = try f.receipt(request, values: [1, 2, 3, 4], index: index)
            #expect(receipt.verify(logKey: f.key.publicKey))
            #expect(!receipt.verify(logKey: Ed25519SigningKey().publicKey))
            let read = try Receipt(json: JSON(parsing: receipt.json.encoded()))
            #expect(read == receipt)
            guard case .object(let members) = receipt.json else { continue }
            // Every member is under the signature, or is the signature.
            for (i, member) in members.enumerated() where member.name != [UInt8](text: "version") {
                var changed = members
                switch member.value {
                case .integer(let value): changed[i] = .init(member.name, .integer(value + 1))
                case .array:
                    changed[i] = .init(
                        member.name, .array([.integer(Int64(1)), .integer(Int64(2)), .integer(Int64(3)), .integer(Int64(5))]))
                default: changed[i] = .init(member.name, .hex(try otherBytes(member, f)))
                }
                #expect(!(try Receipt(json: .object(changed)).verify(logKey: f.key.publicKey)))
            }
            #expect(throws: IssuanceError.json(.unknownMember([UInt8](text: "x")))) {
                try Receipt(json: .object(members + [.init("x", .null)]))
            }
        }
        #expect(try ClaimRequest(json: JSON(parsing: request.json.encoded())) == request)
    }

    private func otherBytes(_ member: JSON.Member, _ f: Fixture) throws -> [UInt8] {
        let count = try #require(member.value.text).utf8.count / 2
        return count == 33 ? AttributeBases.base(3).encoded : [UInt8](repeating: 0x5a, count: count)
    }
}
