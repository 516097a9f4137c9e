import Platform
import Reputation
import SignIn
import Testing
import VerifierService

@Suite("DiscourseConnect") struct DiscourseTests {
    /// What Discourse's documentation shows of the protocol: the secret, a request as an older forum writes it, with its line end, and an answer.
    private enum Published {
        static let secret = "d836444a9e4084d5b224a60c208dce14"
        static let sso = "bm9uY2U9Y2I2ODI1MWVlZmI1MjExZTU4YzAwZmYxMzk1ZjBjMGI=\n"
        static let sig = "2828aa29899722b35a2f191d34ef9b3ce695e0e6eeec47deb46d588d70c7cb56"
        static let answer = [
            ("nonce", "cb68251eefb5211e58c00ff1395f0c0b"), ("name", "sam"), ("username", "samsam"), ("email", "test@test.com"),
            ("external_id", "hello123"), ("require_activation", "true"),
        ]
        static let answerSig = "3d7e5ac755a87ae3ccf90272644ed2207984db03cf020377c8b92ff51be3abc3"
    }

    @Test("The published request is read")
    func publishedRequest() {
        let form = DiscourseEnvelope.open(sso: Published.sso, sig: Published.sig, secret: Published.secret)
        #expect(form?["nonce"] == "cb68251eefb5211e58c00ff1395f0c0b")
        #expect(DiscourseEnvelope.open(sso: Published.sso, sig: Published.sig, secret: Published.secret + "0") == nil)
        #expect(DiscourseEnvelope.open(sso: Published.sso, sig: Published.sig.uppercased(), secret: Published.secret) == nil)
        #expect(
            DiscourseEnvelope.open(sso: String(Published.sso.dropLast()), sig: Published.sig, secret: Published.secret) == nil,
            "the line end is signed too")
    }

    @Test("The published answer is written")
    func publishedAnswer() throws {
        let sealed = DiscourseEnvelope.seal(Published.answer, secret: Published.secret)
        #expect(sealed.map(\.0) == ["sso", "sig"])
        #expect(sealed[1].1 == Published.answerSig)
        let form = try #require(DiscourseEnvelope.open(sso: sealed[0].1, sig: sealed[1].1, secret: Published.secret))
        for (name, value) in Published.answer { #expect(form[name] == value) }
    }

    private let audience = Digest.of([1])

    private func forum(
        returns: [String] = ["https://forum.example.org/session/sso_login"], group: String = "members",
        email: Forum.Email = .synthetic(domain: "members.example.org", isVerified: false), moderators: String? = nil, admins: String? = nil
    ) throws(Forum.Failure) -> Forum {
        try Forum(
            id: "forum", discourse: .init(moderators: moderators, admins: admins), returnURLs: returns, name: "Forum", audience: audience,
            tiers: [Tier(name: "member", group: group)], email: email)
    }

    @Test("A record comes back from the store as it was, and says no secret")
    func roundTrip() throws {
        for forum in [try forum(), try forum(moderators: "member", admins: "member")] {
            #expect(try Forum(forum.record) == forum)
            #expect(!String(decoding: forum.described.encoded(), as: UTF8.self).contains("salt"))
        }
        #expect(try forum() != forum(), "each has a secret of its own")
    }

    @Test("What cannot be a record is refused")
    func refusals() {
        #expect(throws: Forum.Failure.discourseWithoutEmail) { try forum(email: .none) }
        #expect(throws: Forum.Failure.addresses) { try forum(returns: []) }
        #expect(throws: Forum.Failure.address("org.example.app:/x")) { try forum(returns: ["org.example.app:/x"]) }
        #expect(throws: Forum.Failure.staff("nobody")) { try forum(admins: "nobody") }
        for group in ["a b", "a,b", "-a", "a-", "a..b", "ü", String(repeating: "a", count: 61)] {
            #expect(throws: Forum.Failure.discourseGroup(group)) { try forum(group: group) }
        }
        for group in ["a", "trust_level.4", "A-b_c.d", String(repeating: "a", count: 60)] {
            #expect(throws: Never.self) { try forum(group: group) }
        }
    }

    @Test(
        "The first page of a forum",
        arguments: [
            ("https://f.example/session/sso_login", "https://f.example/"),
            ("https://f.example/sub/session/sso_login", "https://f.example/sub/"),
            ("https://f.example/back?x=/y", "https://f.example/"), ("https://f.example?x=y", "https://f.example/"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/"),
        ])
    func homes(_ address: String, _ home: String) throws {
        #expect(try forum(returns: [address]).logoutURIs == [home])
    }

    @Test("Secrets come from one key and a salt, and are their owner's alone")
    func secrets() async throws {
        try await withTemporaryDirectory { path in
            let folder = path + "/sign-in"
            let secrets = try ForumSecrets(folder: folder)
            let secret = secrets.secret(.discourse, of: "a", salt: Digest.of([1]))
            #expect(secret.wholeMatch(of: /[0-9a-f]{64}/) != nil)
            #expect(try ForumSecrets(folder: folder).secret(.discourse, of: "a", salt: Digest.of([1])) == secret)
            let others = [
                secrets.secret(.webhook, of: "a", salt: Digest.of([1])), secrets.secret(.discourse, of: "b", salt: Digest.of([1])),
                secrets.secret(.discourse, of: "a", salt: Digest.of([2])),
                try ForumSecrets(folder: path + "/other").secret(.discourse, of: "a", salt: Digest.of([1])),
            ]
            #expect(Set(others + [secret]).count == 5)
            #expect(try mode(of: folder + "/secrets.key") == 0o600)
            #expect("\(secrets)" == "ForumSecrets")
            try write("x", to: folder + "/secrets.key")
            #expect(throws: DataDirectory.Failure.file(folder + "/secrets.key")) { try ForumSecrets(folder: folder) }
        }
    }
}
