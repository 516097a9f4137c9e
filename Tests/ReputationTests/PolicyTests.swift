import Platform
import Reputation
import TestSupport
import Testing

/// Requests held to their word: what an audience may ask is pinned, and how many could have answered is counted.
struct PolicyTests {
    let f: Fixture

    init() throws { f = try Fixture() }

    private func policy(_ forms: [PresentationRequest]) throws -> Policy {
        try Policy(
            community: f.community.id, schema: f.schema.digest, audience: f.audience, forms: forms.map { Policy.Form(of: $0) })
    }

    /// The attack: a verifier finds a member's votes by asking with other bounds until he cannot answer.
    @Test func searchByBounds() throws {
        var (wallet, credential) = try f.member([25, 3, 1, 0])
        let tree = try f.tree(depth: 1, [credential])
        try wallet.pin(f.request(["votes >= 20"]), published: nil)
        for bound in [19, 21, 24, 25, 26] {
            let asked = try f.request(["votes >= \(bound)"])
            #expect(throws: WalletError.policy) { try wallet.pin(asked, published: nil) }
            // A new policy that allows it does not help without consent.
            #expect(throws: WalletError.policy) { try wallet.pin(asked, published: policy([asked])) }
            #expect(wallet.refusal(of: asked, with: credential, to: f.audience, now: f.now) == .policy)
            // The same refusal whether or not he could have answered.
            #expect(throws: WalletError.policy) {
                try wallet.present(asked, with: credential, to: f.audience, path: tree.path(at: 0), now: f.now)
            }
        }
        // More of anything is another form: a disclosure, a ticket, another purpose.
        for asked in [
            try f.request(disclose: [3], ["votes >= 20"]), try f.request(scopes: [f.account()], tickets: 5, ["votes >= 20"]),
            try f.request(scopes: [f.act(), f.account()], ["votes >= 20"]), try f.request(["votes >= 20", "comments >= 1"]),
        ] {
            #expect(wallet.refusal(of: asked, with: credential, to: f.audience, now: f.now) == .policy)
        }
        // Another subject, nonce and message are not.
        let other = try f.request(
            f.context(nonce: [UInt8](repeating: 8, count: 20), message: f.otherAudience), scopes: [f.act("another poll")], ["votes >= 20"])
        try wallet.pin(other, published: nil)
        #expect(wallet.refusal(of: other, with: credential, to: f.audience, now: f.now) == nil)
        // Consent, once.
        let changed = try f.request(["votes >= 21"])
        try wallet.consent(to: changed, published: nil)
        #expect(wallet.refusal(of: changed, with: credential, to: f.audience, now: f.now) == nil)
        #expect(wallet.refusal(of: other, with: credential, to: f.audience, now: f.now) == nil)
        #expect(wallet.policy(of: f.audience, community: f.community.id)?.forms.count == 2)
    }

    @Test func published() throws {
        var (wallet, _) = try f.member([25, 3, 1, 0])
        let (first, second) = (try f.request(["votes >= 20"]), try f.request(scopes: [], tickets: 5))
        // What is asked first has to stand in what is published.
        #expect(throws: WalletError.policy) { try wallet.pin(f.request(["votes >= 1"]), published: policy([first, second])) }
        #expect(wallet.policy(of: f.audience, community: f.community.id) == nil)
        try wallet.pin(first, published: policy([first, second]))
        try wallet.pin(second, published: nil)
        let third = try f.request(["votes >= 30"])
        #expect(throws: WalletError.policy) { try wallet.consent(to: third, published: policy([first])) }
        try wallet.consent(to: third, published: policy([third]))
        // What was given up is gone.
        #expect(throws: WalletError.policy) { try wallet.pin(first, published: nil) }
        // A policy of another audience is none.
        var fresh = try f.member([25, 3, 1, 0]).wallet
        let elsewhere = try Policy(
            community: f.community.id, schema: f.schema.digest, audience: f.otherAudience, forms: [Policy.Form(of: first)])
        #expect(throws: WalletError.policy) { try fresh.pin(first, published: elsewhere) }
    }

    @Test func encoding() throws {
        let good = try policy([f.request(disclose: [3], ["votes >= 20"]), f.request(scopes: [f.account()], tickets: 5)])
        let json = good.json(f.schema)
        #expect(try Policy(json: JSON(parsing: json.encoded()), schema: f.schema) == good)
        #expect(try Policy(encoded: good.encoded) == good)
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<5000 {
            let bytes = mutated(good.encoded, using: &generator)
            if let read = try? Policy(encoded: bytes) { #expect(read.encoded == bytes) }
        }
        func refused(_ text: String) -> Bool {
            guard let json = try? JSON(parsing: [UInt8](text: text)) else { return false }
            return (try? Policy.Form(json: json, schema: f.schema)) == nil
        }
        #expect(!refused(#"{"purposes":["act"],"predicates":["votes >= 20"]}"#))
        for text in [
            #"{"purposes":["act"],"bound":20}"#, #"{"purposes":["renew"]}"#, #"{"purposes":["top-up"]}"#, #"{"purposes":["post"]}"#,
            #"{"purposes":[],"tickets":1001}"#, #"{"purposes":["act"],"disclose":["x"]}"#,
            #"{"purposes":["act"],"predicates":["2*votes >= 20"]}"#,
            #"{"purposes":["act"],"disclose":["votes"],"predicates":["votes >= 2"]}"#,
        ] {
            #expect(refused(text), "\(text)")
        }
        #expect(throws: RequestError.policy) { try policy([f.request(), f.request()]) }
        #expect(throws: RequestError.tooMany) { try policy([]) }
        #expect(throws: RequestError.tooMany) { try policy((0..<17).map { try f.request(["votes >= \($0)"]) }) }
    }

    // MARK: Sets

    private func histogram(_ values: [[Int64]], least: UInt32 = 5, unknown: Int = 0) -> Histogram {
        Histogram(community: f.community, epoch: 7, logSize: 100, minimum: 20, least: least, values: values, unknown: unknown)
    }

    @Test func anonymitySet() throws {
        // Votes 0, 10, ... 990, all else the same.
        var values: [[Int64]] = []
        for i in 0..<600 as Range<Int64> { values.append([i / 6 * 10, 0, 1, 0]) }
        let counted = histogram(values, unknown: 7)
        #expect(counted.total == 607)
        func atLeast(_ request: PresentationRequest, _ own: [Int64] = [500, 0, 1, 0]) -> Int64 {
            counted.membersAtLeast(request, values: own, schema: f.schema)
        }
        // A bound at the edge of a class is exact; another counts the classes above it.
        #expect(atLeast(try f.request(["votes >= 500"])) == 300)
        #expect(atLeast(try f.request(["votes >= 501"])) == 0)
        #expect(atLeast(try f.request(["votes >= 199"])) == 480)
        #expect(atLeast(try f.request()) == 600)
        #expect(atLeast(try f.request(["votes >= 100", "warnings <= 0"])) == 540)
        // Weighted sums, by the worst of each cell.
        #expect(atLeast(try f.request(["30*comments + votes >= 500"])) == 300)
        // A disclosed value counts only where the class is that value.
        #expect(atLeast(try f.request(disclose: [3])) == 600)
        #expect(atLeast(try f.request(disclose: [3]), [500, 0, 2, 0]) == 0)
        #expect(atLeast(try f.request(disclose: [1])) == 0)
        // Never more than there are, whatever is asked.
        for bound in stride(from: 0, to: 1000, by: 7) {
            let exact = values.filter { $0[0] >= Int64(bound) }.count
            #expect(atLeast(try f.request(["votes >= \(bound)"])) <= Int64(exact))
        }
    }

    /// Small cells are not published: their number stands in the rest.
    @Test func suppression() throws {
        let counted = histogram(
            [[1, 0, 0, 0]] + [[Int64]](repeating: [100, 0, 0, 0], count: 9) + [[Int64]](repeating: [1000, 0, 3, 0], count: 4))
        #expect(counted.cells.count == 1 && counted.rest == 5 && counted.total == 14)
        #expect(counted.membersAtLeast(try f.request(), values: [1, 0, 0, 0], schema: f.schema) == 9)
    }

    @Test func histogramBytes() throws {
        var generator = SeededGenerator(seed: 4)
        let counted = histogram(
            (0..<300).map { i in [Int64(i % 7) * 30, Int64(i % 3), Int64(i % 2), 0] }, least: 3, unknown: 2)
        #expect(try Histogram(encoded: counted.encoded, schema: f.schema) == counted)
        for _ in 0..<10_000 {
            let bytes = mutated(counted.encoded, using: &generator)
            if let read = try? Histogram(encoded: bytes, schema: f.schema) {
                #expect(read.encoded == bytes)
                _ = read.membersAtLeast(try f.request(["votes >= 20"]), values: [25, 0, 0, 0], schema: f.schema)
            }
        }
        let signed = counted.signed(by: f.key)
        #expect(try Histogram(signed: signed, community: f.community, epoch: 7) == counted)
        #expect(throws: LogError.origin) { try Histogram(signed: signed, community: f.community, epoch: 8) }
        #expect(throws: LogError.signature) {
            try Histogram(signed: counted.signed(by: Ed25519SigningKey()), community: f.community, epoch: 7)
        }
    }
}
