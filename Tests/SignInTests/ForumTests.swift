import Platform
import Reputation
import SignIn
import Testing
import VerifierService

@Suite("Forums") struct ForumTests {
    private let audience = Digest.of([1])

    private func schema() throws -> Schema {
        try Schema([.counter("votes", atMost: 1000), .counter("comments", atMost: 1000)])
    }

    private func forum(
        id: String = "forum", secret: Digest? = Digest.of([2]), redirects: [String] = ["https://forum.example.org/cb"],
        name: String = "Forum", tiers: [Tier] = [Tier(name: "member", group: "members")], pkce: Bool = true, email: Forum.Email = .none
    ) throws(Forum.Failure) -> Forum {
        try Forum(
            id: id, secretHash: secret, redirectURIs: redirects, name: name, audience: audience, tiers: tiers, requiresPKCE: pkce,
            email: email)
    }

    @Test("A record comes back from the store as it was")
    func roundTrip() throws {
        let forums = [
            try forum(),
            try Forum(
                id: "b", secretHash: nil, redirectURIs: ["org.example.app:/x", "http://127.0.0.1:8000/"], logoutURIs: ["https://x/"],
                name: "Forum \"ü\" <b>", audience: audience,
                tiers: [Tier(name: "a", group: "A b", predicates: ["votes >= 1"]), Tier(name: "c", group: "A b")], requiresNonce: false,
                email: .synthetic(domain: "members.example.org", isVerified: true), algorithm: .es256),
        ]
        for forum in forums {
            #expect(try Forum(forum.record) == forum)
            #expect(!String(decoding: forum.described.encoded(), as: UTF8.self).contains(Digest.of([2]).hex))
        }
    }

    @Test("What cannot be a record is refused")
    func refusals() {
        #expect(throws: Forum.Failure.id) { try forum(id: "a b") }
        #expect(throws: Forum.Failure.id) { try forum(id: "") }
        #expect(throws: Forum.Failure.name) { try forum(name: "a\nb") }
        #expect(throws: Forum.Failure.name) { try forum(name: "a\u{202E}b") }
        #expect(throws: Forum.Failure.name) { try forum(name: " ") }
        #expect(throws: Forum.Failure.addresses) { try forum(redirects: []) }
        #expect(throws: Forum.Failure.tiers) { try forum(tiers: []) }
        #expect(throws: Forum.Failure.tiers) { try forum(tiers: [Tier(name: "a", group: "b"), Tier(name: "a", group: "c")]) }
        #expect(throws: Forum.Failure.tier("A")) { try forum(tiers: [Tier(name: "A", group: "b")]) }
        #expect(throws: Forum.Failure.domain) { try forum(email: .synthetic(domain: "a@b.org", isVerified: false)) }
        #expect(throws: Forum.Failure.publicWithoutPKCE) { try forum(secret: nil, pkce: false) }
    }

    @Test(
        "Addresses to go back to",
        arguments: [
            ("https://a.example/", true), ("https://a.example:8443/x?y=z", true), ("http://127.0.0.1:80/", true), ("http://[::1]/", true),
            ("http://localhost/x", true), ("org.example.app:/x", true), ("http://a.example/", false),
            ("http://localhost.evil.example/", false),
            ("http://127.0.0.1.evil.example/", false), ("http://localhost@evil.example/", false), ("https://a@b/", false),
            ("https://", false),
            ("https:///x", false), ("https://:80/", false), ("https:a", false), ("https://a/#x", false), ("https://a/ x", false),
            ("https://a/\"", false), ("https://a\\b/", false), ("https://ü/", false), ("javascript:alert(1)", false), ("data:x", false),
            ("file:///etc", false), ("", false), ("https://a/\r\nSet-Cookie: x", false),
        ])
    func addresses(_ text: String, _ isAdmissible: Bool) {
        #expect(RedirectURI.isAdmissible(text) == isAdmissible)
    }

    @Test("Tiers are read from text, and rise")
    func tiers() throws {
        #expect(Tier(parsing: "member") == Tier(name: "member", group: "member"))
        #expect(
            Tier(parsing: "a = The A's : votes >= 1 , comments>=2")
                == Tier(name: "a", group: "The A's", predicates: ["votes >= 1", "comments>=2"]))
        for text in ["", "=x", "A", "a:", "a: x,", "a=", "a=x\u{7}"] { #expect(Tier(parsing: text) == nil, "\(text)") }
        let forum = try forum(tiers: [
            Tier(name: "a", group: "x", predicates: ["votes >= 5"]),
            Tier(name: "b", group: "y", predicates: ["votes >= 20", "comments >= 1"]),
            Tier(name: "c", group: "x", predicates: ["votes >= 10"]),
        ])
        #expect(try forum.predicates(ofTier: 0, schema: schema()) == ["votes >= 5"])
        #expect(try forum.predicates(ofTier: 1, schema: schema()) == ["votes >= 20", "comments >= 1"])
        #expect(try forum.predicates(ofTier: 2, schema: schema()) == ["votes >= 20", "comments >= 1"], "the higher of two bounds")
        #expect(forum.groups(ofTier: 0) == ["x"] && forum.groups(ofTier: 2) == ["x", "y"])
        let community = try Community(logKey: [UInt8](repeating: 7, count: 32), origin: Array("assembly".utf8), schema: schema())
        #expect(try forum.policy(community: community).forms.count == 2, "two tiers that ask the same are one form")
        let unknown = try self.forum(tiers: [Tier(name: "a", group: "x", predicates: ["height >= 5"])])
        #expect(throws: RequestError.unknownAttribute(Array("height".utf8))) { try unknown.policy(community: community) }
    }

    @Test("A pseudonym depends on audience and nullifier alone, and can be said")
    func subjects() {
        func nullifier(_ seed: Int) -> [UInt8] { [2] + SHA256.hash(Array("\(seed)".utf8)) }
        let subject = Subject(audience: audience, nullifier: nullifier(1))
        #expect(subject == Subject(audience: audience, nullifier: nullifier(1)))
        #expect(subject != Subject(audience: Digest.of([9]), nullifier: nullifier(1)))
        let many = (0..<2000).map { Subject(audience: audience, nullifier: nullifier($0)) }
        #expect(Set(many.map(\.text)).count == 2000 && Set(many.map(\.username)).count == 2000)
        for subject in many {
            #expect(subject.text.utf8.count == 32 && subject.text.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz234567".utf8.contains($0) })
            #expect(subject.username.wholeMatch(of: /[a-z]{5}-[a-z]{5}-[a-z]{5}/) != nil)
        }
    }
}

@Suite("Keys of tokens") struct SigningKeysTests {
    @Test("Made once, their owner's alone; replaced ones stay published for a day")
    func rotation() async throws {
        try await withTemporaryDirectory { path in
            let folder = path + "/sign-in"
            func ids(_ keys: SigningKeys) async throws -> Set<String> {
                guard case .array(let list)? = try JSON(parsing: await keys.document)["keys"] else { return [] }
                #expect(list.allSatisfy { $0["d"] == nil && $0["p"] == nil })
                return Set(list.compactMap { $0["kid"]?.text })
            }
            let keys = try await SigningKeys(folder: folder, now: 100)
            let first = try await ids(keys)
            #expect(first.count == 2)
            #expect(try await ids(try await SigningKeys(folder: folder, now: 200)) == first)
            #expect(try mode(of: folder) == 0o700)
            for id in first { #expect(try mode(of: "\(folder)/\(id).pem") == 0o600) }
            // Another process rotates; this one hears of it.
            try await SigningKeys(folder: folder, now: 300).rotate(now: 300)
            #expect(try await ids(keys) == first)
            try await keys.keepUp(now: 310)
            let both = try await ids(keys)
            #expect(both.count == 4 && both.isSuperset(of: first))
            for id in first { #expect(!exists("\(folder)/\(id).pem"), "the private half of a replaced key is gone") }
            try await keys.keepUp(now: 300 + SigningKeys.memory)
            #expect(try await ids(keys) == both)
            try await keys.keepUp(now: 301 + SigningKeys.memory)
            #expect(try await ids(keys) == both.subtracting(first))
            #expect(try await ids(try await SigningKeys(folder: folder, now: 400)) == both.subtracting(first))
            try write("{", to: folder + "/keys.json")
            await #expect(throws: SigningKeys.Failure.file(folder + "/keys.json")) { try await SigningKeys(folder: folder, now: 0) }
        }
    }
}
