import AsyncHTTPClient
import Foundation
import Logging
import Membership
import NIOCore
import NIOHTTP1
import Platform
import Reputation
import SignIn
import Synchronization
import Testing
import VerifierService

/// A clock that is put forward.
private final class Clock: Sendable {
    private let ahead = Mutex<Int64>(0)
    var now: Int64 { Int64(Date().timeIntervalSince1970) + ahead.withLock { $0 } }
    func pass(_ seconds: Int64) { ahead.withLock { $0 += seconds } }
}

/// The service with sign-in over HTTP, one forum, one member, and one browser that follows no redirect.
private final class SignInFixture {
    let origin: String
    let secret: String
    let clock: Clock
    let signIn: SignIn
    private let community: Community
    private let wallet: Wallet
    private let tree: CurveTree
    private let http: HTTPClient
    private var cookie: String?

    private init(
        origin: String, secret: String, clock: Clock, signIn: SignIn, community: Community, wallet: Wallet, tree: CurveTree,
        http: HTTPClient
    ) {
        (self.origin, self.secret, self.clock, self.signIn, self.http) = (origin, secret, clock, signIn, http)
        (self.community, self.wallet, self.tree) = (community, wallet, tree)
    }

    static let callback = "https://forum.example.org/cb"

    static func with(_ body: @escaping @Sendable (SignInFixture) async throws -> Void) async throws {
        try await withTemporaryDirectory { path in
            let (directory, clock) = (DataDirectory(path: path + "/data"), Clock())
            let key = try directory.createLogKey()
            let community = try Community(
                logKey: key.publicKey, origin: Array("assembly".utf8), schema: Schema([.counter("votes", atMost: 1000)]))
            let store = try directory.openStore()
            try await Issuer.create(
                community: community, depth: 1, batching: try Batching(leaves: 1, seconds: 1), store: store, key: key, now: 0)
            let code = try await MemberImport.makeCodes(
                for: [.init(person: "1", values: [50])], community: community.id, capacity: 120, store: store)[0].code
            let (secret, hash) = Forum.makeSecret()
            let forum = try Forum(
                id: "forum", secretHash: hash, redirectURIs: [callback], name: "Forum <b>", audience: directory.audience(named: "forum").id,
                tiers: [Tier(name: "member", group: "members")], requiresPKCE: false, requiresNonce: false)
            try await ForumBook(store).add(forum, community: community)
            let service = try await CommunityService(store: store, key: key, options: .init(port: 0), now: { clock.now })
            let keys = try await SigningKeys(folder: directory.signInFolder, now: clock.now)
            let signIn = SignIn(
                issuer: try #require(SignIn.Issuer("http://127.0.0.1:1")), service: service, store: store, keys: keys,
                secrets: try ForumSecrets(folder: directory.signInFolder))
            let http = HTTPClient(configuration: .init(redirectConfiguration: .disallow))
            let (ports, running) = AsyncStream.makeStream(of: Int.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { running.finish() }
                    try await service.run(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, signals: [], with: [signIn]) {
                        running.yield($0)
                    }
                }
                let origin = "http://127.0.0.1:\(try #require(await ports.first { _ in true }))"
                let client = ServiceClient(url: origin)
                var wallet = Wallet(phrase: Phrase())
                _ = try await client.claim(code, community: community, wallet: &wallet, store: { _ in })
                let tree = try await client.tree(of: community, leaves: 1)
                let fixture = SignInFixture(
                    origin: origin, secret: secret, clock: clock, signIn: signIn, community: community, wallet: wallet, tree: tree,
                    http: http)
                try await body(fixture)
                group.cancelAll()
                try await group.waitForAll()
            }
            try await http.shutdown()
            try store.close()
        }
    }

    /// A call of the browser: status, where it leads, body.
    func call(
        _ method: String, _ path: String, body: String? = nil, headers: [(String, String)] = []
    ) async throws -> (status: Int, location: String, body: String) {
        var request = HTTPClientRequest(url: origin + path)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let cookie { request.headers.add(name: "Cookie", value: cookie) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await http.execute(request, timeout: .minutes(5))
        if let set = response.headers.first(name: "set-cookie") { cookie = String(set.prefix { $0 != ";" }) }
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        return (Int(response.status.code), response.headers.first(name: "location") ?? "", text)
    }

    func authorize(_ more: String = "") async throws -> String {
        let query = "response_type=code&scope=openid&client_id=forum&redirect_uri=https%3A%2F%2Fforum.example.org%2Fcb" + more
        let answer = try await call("GET", "/openid/authorize?" + query)
        #expect(answer.status == 303)
        return answer.location
    }

    /// The member's wallet answers the sign-in of a page; the code that it is given, or the code of the refusal.
    func present(_ page: String) async throws -> String {
        let told = try await call("GET", page + "/wallet")
        guard told.status == 200 else { return try JSON(parsing: Array(told.body.utf8))["code"]?.text ?? "" }
        let offer = try SignInOffer(json: JSON(parsing: Array(told.body.utf8)))
        let request = try PresentationRequest(json: offer.tiers[0].request.separatingCheckpoint().content, schema: community.schema)
        let credential = wallet.credentials[0]
        let answer = try wallet.present(
            request, with: credential, to: offer.audience, path: try ServiceClient.path(of: credential, in: tree), now: clock.now)
        let body = String(decoding: answer.json(community.schema).encoded(), as: UTF8.self)
        let verdict = try await call("POST", page + "/wallet", body: body)
        return try JSON(parsing: Array(verdict.body.utf8))["code"]?.text ?? ""
    }

    func type(_ code: String, at page: String) async throws {
        let form = try #require(try await call("GET", page).body.firstMatch(of: /name="form" value="([0-9a-f]{64})"/)).1
        _ = try await call("POST", page + "/code", body: "form=\(form)&code=\(code)")
    }

    func state(_ page: String) async throws -> String? {
        try JSON(parsing: Array(try await call("GET", page + "/state").body.utf8))["state"]?.text
    }

    /// The code at the end of a whole sign-in.
    func signedIn() async throws -> String {
        let page = try await authorize("&prompt=login")
        try await type(try await present(page), at: page)
        return try code(try await call("GET", page + "/continue").location)
    }

    func code(_ location: String) throws -> String { String(try #require(location.firstMatch(of: /[?&]code=([\w-]+)/)).1) }

    func exchange(_ code: String) async throws -> (status: Int, location: String, body: String) {
        let basic = Data("forum:\(secret)".utf8).base64EncodedString()
        return try await call(
            "POST", "/openid/token",
            body: "grant_type=authorization_code&code=\(code)&redirect_uri=https%3A%2F%2Fforum.example.org%2Fcb",
            headers: [("Authorization", "Basic \(basic)")])
    }
}

@Suite("Sign-in and time", .serialized) struct SignInTimeTests {
    @Test("A sign-in that takes too long is over at every stage, and can begin again")
    func interactions() async throws {
        try await SignInFixture.with { world in
            let waiting = try await world.authorize()
            let proved = try await world.authorize()
            let code = try await world.present(proved)
            #expect(code.utf8.count == 9)
            #expect(try await world.state(waiting) == "waiting")
            #expect(try await world.state(proved) == "proved")
            let accepted = try await world.authorize()
            try await world.type(try await world.present(accepted), at: accepted)
            #expect(try await world.state(accepted) == "accepted")
            #expect(try await world.call("GET", waiting).body.contains("Forum &lt;b&gt;"), "what is filled in is escaped")
            world.clock.pass(601)
            for page in [waiting, proved, accepted] {
                #expect(try await world.state(page) == "expired")
                #expect(try await world.call("GET", page).body.contains("Too late"))
                #expect(try await world.call("GET", page + "/continue").location == "")
                #expect(try await world.call("GET", page + "/return").location.hasPrefix(SignInFixture.callback + "?error=access_denied&"))
            }
            #expect(try await world.present(waiting) == "expired")
            try await world.type(code, at: proved)
            #expect(try await world.call("GET", proved + "/code?code=" + code).body.contains("Too late"))
            #expect(try await world.state(proved) == "expired")
            let form = try #require(try await world.call("GET", waiting).body.firstMatch(of: /name="form" value="([0-9a-f]{64})"/)).1
            let again = try await world.call("POST", waiting + "/again", body: "form=\(form)").location
            #expect(try await world.state(again) == "waiting")
            try await world.type(try await world.present(again), at: again)
            #expect(try await world.state(again) == "accepted")
            // Remembered for an hour, and then forgotten.
            try await world.signIn.keepUp(now: world.clock.now + 2000)
            #expect(try await world.call("GET", proved).status == 200)
            try await world.signIn.keepUp(now: world.clock.now + 3601)
            #expect(try await world.call("GET", proved).status == 404)
        }
    }

    @Test("Codes are good for a minute, tokens for ten, and a browser for eight hours")
    func lives() async throws {
        try await SignInFixture.with { world in
            let late = try await world.signedIn()
            world.clock.pass(61)
            #expect(try await world.exchange(late).status == 400)
            let answer = try await world.exchange(try await world.signedIn())
            #expect(answer.status == 200)
            let token = try #require(try JSON(parsing: Array(answer.body.utf8))["access_token"]?.text)
            func known() async throws -> Int {
                try await world.call("GET", "/openid/userinfo", headers: [("Authorization", "Bearer \(token)")]).status
            }
            #expect(try await known() == 200)
            world.clock.pass(598)
            #expect(try await known() == 200)
            world.clock.pass(3)
            #expect(try await known() == 401)
            #expect(try await world.authorize("&prompt=none").contains("code="))
            #expect(try await world.authorize("&prompt=none&max_age=600").contains("error=login_required"))
            world.clock.pass(8 * 3600)
            #expect(try await world.authorize("&prompt=none").contains("error=login_required"))
        }
    }
}
