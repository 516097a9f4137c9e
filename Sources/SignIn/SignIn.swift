import HTTPTypes
import Hummingbird
import Platform
import Reputation
import VerifierService

/// Signs members in to forums by OpenID Connect or DiscourseConnect, each as one pseudonym per audience.
///
/// It stands beside the community's own addresses in the same service, and on the same verifier: a sign-in is a presentation with the
/// scope `sign-in` alone, accepted as any other. All that lasts is in the store; a restart forgets nothing.
public struct SignIn: ServiceExtension, ResultSigner {
    /// What a service can be reached at.
    public struct Issuer: Sendable, Equatable {
        /// Origin, such as `https://id.example.org`.
        public let origin: String
        /// Whether it is https; http is for this machine alone.
        public let isSecure: Bool

        /// Nil unless it is an https origin, or an http origin of this machine: no path, no slash at the end.
        public init?(_ text: String) {
            guard let parts = RedirectURI.origin(text) else { return nil }
            origin = text
            isSecure = parts.scheme == "https"
        }
    }

    /// Interactions at a time; beyond, forums are told to come back.
    package static let greatestInteractions = 100_000
    /// Seconds for which things last.
    static let interactionLife: Int64 = 600, codeLife: Int64 = 60, tokenLife: Int64 = 600, sessionLife: Int64 = 8 * 3600
    /// Seconds for which what expired is remembered, so that a late visitor is told so.
    static let memory: Int64 = 3600

    let issuer: Issuer
    let community: Community
    let service: CommunityService
    let store: any Store & SignInStore
    let moderation: Moderation
    let keys: SigningKeys
    let secrets: ForumSecrets
    let backChannel: BackChannelLogout
    let wallet: WalletAddress?
    let pages: Pages
    let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - issuer: where browsers and forums reach the service.
    ///   - service: whose verifier accepts the proofs.
    ///   - store: the service's.
    ///   - keys: that tokens are signed with.
    ///   - secrets: shared with forums.
    ///   - wallet: which wallet the page leads to; nil where there is none for browsers.
    public init(
        issuer: Issuer, service: CommunityService, store: any Store & SignInStore & ModerationStore, keys: SigningKeys,
        secrets: ForumSecrets, wallet: WalletAddress? = nil
    ) {
        self.issuer = issuer
        self.service = service
        self.store = store
        moderation = Moderation(store: store)
        self.keys = keys
        self.secrets = secrets
        self.wallet = wallet
        backChannel = BackChannelLogout(issuer: issuer, keys: keys)
        community = service.issuer.community
        now = service.now
        pages = Pages(issuer: issuer.origin, community: String(decoding: community.origin, as: UTF8.self))
    }

    /// See `ServiceExtension`.
    public func addRoutes(to router: Router<ServiceContext>) {
        router.get(".well-known/openid-configuration") { _, _ in discovery() }
        let openID = router.group("openid")
        openID.get("keys") { _, _ in await publishedKeys() }
        openID.post("token") { request, _ in try await token(request) }
        openID.get("userinfo") { request, _ in try await userInfo(request) }
        openID.post("userinfo") { request, _ in try await userInfo(request) }
        let visits = router.group("").add(middleware: PageMiddleware(pages: pages))
        visits.get("openid/authorize") { request, _ in try await authorize(request) }
        visits.post("openid/authorize") { request, _ in try await authorizeByForm(request) }
        visits.get("openid/logout") { request, context in try await logout(request, context) }
        visits.post("openid/logout") { request, context in try await logout(request, context) }
        visits.get("discourse/:forum") { request, context in try await connect(request, context) }
        addInteractionRoutes(to: visits)
        let wallet = router.group("sign-in/:handle/wallet")
        wallet.get { _, context in try await offer(context) }
        wallet.post { request, context in try await present(request, context) }
        router.get("sign-in/files/style.css") { _, _ in Pages.file(PackageResources.style_css, type: "text/css; charset=utf-8") }
        router.get("sign-in/files/page.js") { _, _ in Pages.file(PackageResources.page_js, type: "text/javascript; charset=utf-8") }
    }

    /// See `ServiceExtension`.
    public func keepUp(now: Int64) async throws {
        try await store.forgetSignIns(expiredBefore: now - Self.memory)
        try await keys.keepUp(now: now)
    }

    /// See `ResultSigner`: with ES256, and of a type of its own, so that no result is taken for an ID token.
    public func sign(result claims: [JSON.Member]) async throws -> String {
        try await keys.sign(Claims([.init("iss", .text(issuer.origin))] + claims), .es256, type: "symbolon-result+jwt")
    }

    /// The forum of a client id, or nil. Text that is none does not get to the store: a database may end it at a zero byte.
    func forum(_ id: String) async throws -> Forum? {
        guard Forum.isID(id) else { return nil }
        return try await ForumBook(store).forum(id: id)
    }

    /// The same if it is a client of OpenID Connect.
    func openIDForum(_ id: String) async throws -> Forum? {
        let forum = try await forum(id)
        return forum?.kind == .openID ? forum : nil
    }

    /// See `ServiceExtension`.
    public var resultSigner: (any ResultSigner)? { self }

    /// What the member of a proof is told when he is banned at the forum's audience; nil when he is not.
    func notice(for proof: Proof, at forum: Forum) async throws -> BanNotice? {
        try await moderation.notice(for: proof.subject, audience: forum.audience, now: now())
    }

    // MARK: Browsers

    /// `__Host-` keeps other hosts of the domain from setting it; browsers take the prefix with `Secure` only, which http cannot have.
    private var cookieName: String { issuer.isSecure ? "__Host-symbolon" : "symbolon" }

    func browser(_ request: Request) -> Browser? { Browser(cookies: request.headers[.cookie], name: cookieName) }

    /// The header that gives a browser its cookie, until it is closed.
    func cookie(_ browser: Browser) -> String { cookie(value: browser.cookie) }

    /// The header that takes the cookie back.
    var noCookie: String { cookie(value: "") + "; Max-Age=0" }

    private func cookie(value: String) -> String {
        "\(cookieName)=\(value); Path=/; HttpOnly; SameSite=Lax" + (issuer.isSecure ? "; Secure" : "")
    }

    /// Throws unless a form was posted by a page of this service in this browser: `token` is what it carries.
    func checkForm(_ request: Request, token: String?, browser: Browser, page: [UInt8]) throws(FormRefused) {
        guard browser.sent(request, token: token, page: page, origin: issuer.origin) else { throw FormRefused() }
    }

    /// A form that no page of this service sent.
    struct FormRefused: Error {}
}

/// Turns errors into pages, for people; logged as everywhere.
struct PageMiddleware: RouterMiddleware {
    let pages: Pages

    func handle(
        _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch is SignIn.FormRefused {
            return pages.message("form", status: .forbidden)
        } catch {
            let problem = Problem(error)
            problem.log(error, to: context.logger)
            return pages.message("problem", status: .init(code: problem.status), ["code": problem.code])
        }
    }
}
