import Foundation
import Reputation
import SignIn
import Testing
import VerifierService

@Suite("Client records") struct ClientRecordTests {
    private let now: Int64 = 1_800_000_000

    /// A token of a type over claims, and the keys that it can be checked with.
    private func signed(
        _ changes: [String: JSON] = [:], type: String = "symbolon-client+jwt", algorithm: Forum.Algorithm = .es256
    ) async throws -> (token: String, keys: [UInt8]) {
        var out: (String, [UInt8])?
        try await withTemporaryDirectory { path in
            let keys = try await SigningKeys(folder: path + "/keys", now: now)
            var claims: [String: JSON] = [
                "iss": .text("https://id.example.org"), "sub": .text("forum"), "name": .text("The Forum"),
                "audience": .hex(Digest.of([1]).bytes), "origins": .array([.text("https://forum.example.org"), .text("org.example.app:")]),
                "iat": .integer(now), "exp": .integer(now + 600),
            ]
            claims.merge(changes) { $1 }
            let token = try await keys.sign(Claims(claims.map { .init($0.key, $0.value) }), algorithm, type: type)
            out = (token, await keys.document)
        }
        return try #require(out)
    }

    @Test("What a service signed is read")
    func reading() async throws {
        let (token, keys) = try await signed()
        let record = try await ClientRecord(token, keys: keys, now: now)
        #expect(record.issuer == "https://id.example.org" && record.id == "forum" && record.name == "The Forum")
        #expect(record.audience == Digest.of([1]) && record.origins == ["https://forum.example.org", "org.example.app:"])
        _ = try await ClientRecord(token, keys: keys, now: now - 100)
        _ = try await ClientRecord(token, keys: keys, now: now + 599)
    }

    @Test("Another's signature, another kind of token, and anything that was changed are no record")
    func signatures() async throws {
        let (token, keys) = try await signed()
        let (_, others) = try await signed()
        await #expect(throws: ClientRecord.Failure.signature) { try await ClientRecord(token, keys: others, now: now) }
        for (type, algorithm) in [("JWT", Forum.Algorithm.es256), ("symbolon-result+jwt", .es256), ("symbolon-client+jwt", .rs256)] {
            let (other, itsKeys) = try await signed(type: type, algorithm: algorithm)
            await #expect(throws: ClientRecord.Failure.signature) { try await ClientRecord(other, keys: itsKeys, now: now) }
        }
        let parts = token.split(separator: ".").map(String.init)
        let (second, _) = try await signed(["name": .text("Another")])
        let name = second.split(separator: ".").map(String.init)[1]
        let head = String(decoding: Base64.url.encode(Array(#"{"alg":"none","typ":"symbolon-client+jwt"}"#.utf8)), as: UTF8.self)
        for text in [
            "", ".", "..", "a.b.c", token + "A", parts[0] + "." + name + "." + parts[2], head + "." + parts[1] + ".",
            parts[0] + "." + parts[1], String(repeating: "A", count: 70_000),
        ] {
            await #expect(throws: ClientRecord.Failure.signature) { try await ClientRecord(text, keys: keys, now: now) }
        }
        for broken in ["", "{}", "[]", #"{"keys":[{}]}"#] {
            await #expect(throws: ClientRecord.Failure.signature) { try await ClientRecord(token, keys: Array(broken.utf8), now: now) }
        }
    }

    @Test("It counts from when it was made to its end, give or take what clocks differ")
    func times() async throws {
        let (token, keys) = try await signed()
        for time in [now - 121, now + 600, now + 1_000_000] {
            await #expect(throws: ClientRecord.Failure.expired) { try await ClientRecord(token, keys: keys, now: time) }
        }
        let (extreme, itsKeys) = try await signed(["iat": .integer(Int64.min), "exp": .integer(Int64.max)])
        _ = try await ClientRecord(extreme, keys: itsKeys, now: now)
    }

    @Test(
        "What could not be shown, or is of another kind, is no record",
        arguments: [
            ("name", JSON.text("a\nb")), ("name", .integer(Int64(1))), ("sub", .text("a b")), ("audience", .text("00")),
            ("origins", .array([])), ("origins", .array([.text("a\u{1B}")])), ("origins", .text("x")), ("iss", .null), ("iat", .text("1")),
            ("origins", .array(Array(repeating: .text("https://x"), count: 17))),
        ])
    func contents(_ name: String, _ value: JSON) async throws {
        let (token, keys) = try await signed([name: value])
        await #expect(throws: ClientRecord.Failure.mismatch) { try await ClientRecord(token, keys: keys, now: now) }
    }

    @Test("An offer that says another name, audience or issuer than its record is not believed")
    func offers() async throws {
        let (token, keys) = try await signed()
        func offer(_ name: String, _ audience: Digest, _ issuer: String) throws -> SignInOffer {
            try SignInOffer(
                json: .object([
                    .init("version", .integer(Int64(1))), .init("issuer", .text(issuer)), .init("forum", .text(name)),
                    .init("audience", .hex(audience.bytes)), .init("policy", .null), .init("tiers", .array([])),
                    .init("record", .text(token)),
                ]))
        }
        _ = try await offer("The Forum", Digest.of([1]), "https://id.example.org").client(keys: keys, now: now)
        for (name, audience, issuer) in [
            ("The Forums", Digest.of([1]), "https://id.example.org"), ("The Forum", Digest.of([2]), "https://id.example.org"),
            ("The Forum", Digest.of([1]), "https://id.example.net"),
        ] {
            await #expect(throws: ClientRecord.Failure.mismatch) {
                try await offer(name, audience, issuer).client(keys: keys, now: now)
            }
        }
    }

    @Test("Where members are sent back to is told by origin")
    func origins() {
        for (address, origin) in [
            ("https://forum.example.org/auth/callback?from=oidc", "https://forum.example.org"), ("https://x?y", "https://x"),
            ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"), ("http://[::1]:1/x", "http://[::1]:1"),
            ("org.example.app:/x", "org.example.app:"),
        ] {
            #expect(RedirectURI.isAdmissible(address) && RedirectURI.origin(of: address) == origin)
        }
    }

    @Test("A wallet's address takes what it is to do into the fragment, and only an address can be one")
    func walletAddresses() throws {
        let wallet = try #require(WalletAddress("https://wallet.example.org"))
        #expect(wallet == WalletAddress("https://wallet.example.org/"))
        let link = wallet.link(.claim, code: "ABCD-2345", service: "https://id.example.org:8443", community: Digest.of([1]))
        #expect(
            link == "https://wallet.example.org/#claim=ABCD-2345&service=https%3A%2F%2Fid.example.org%3A8443&community="
                + Digest.of([1]).hex)
        #expect(WalletAddress("http://localhost:8000/w")?.text == "http://localhost:8000/w/")
        for text in [
            "", "wallet.example.org", "http://wallet.example.org", "https://a/#x", "https://a/?x", "org.example.app:/x", "https://a b/",
            "javascript:alert(1)", "https://user@a/", "https://",
        ] {
            #expect(WalletAddress(text) == nil, "\(text)")
        }
    }
}
