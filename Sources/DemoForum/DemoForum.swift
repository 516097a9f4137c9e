import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Reputation
import ServiceLifecycle
import SignIn
import VerifierService

/// A forum as small as it can be, for `symbolon demo --keep`: a board on which whoever signs in through the service leaves messages under his pseudonym.
/// It is a client of the service like any other, at an origin of its own; only that it also gives away credentials of the demo is not what forums do.
public struct DemoForum: ServiceExtension {
    /// A credential of the demo that is given away.
    public struct Gift: Sendable {
        /// The claim link.
        let link: String
        /// Of whom it is, for people.
        let what: String

        /// From a claim link, and what the credential says.
        public init(link: String, what: String) { (self.link, self.what) = (link, what) }
    }

    private let origin: String
    private let port: Int
    private let client: OpenIDClient
    private let board: Board
    private let pages: ForumPages
    private let logger: Logger

    /// Where the service sends members back to, at a forum of some origin.
    public static func callback(_ origin: String) -> String { origin + "/callback" }

    private static let cookieName = "symbolon-demo-forum", greatestText = 500, formLimit = 16_384

    /// - Parameters:
    ///   - origin: where browsers reach it.
    ///   - port: of this machine alone.
    ///   - issuer: origin of the service.
    ///   - clientID: as the service knows the forum.
    ///   - secret: shared with the service.
    ///   - gifts: given away, the first first.
    public init(origin: String, port: Int, issuer: String, clientID: String, secret: String, gifts: [Gift], logger: Logger) {
        self.origin = origin
        self.port = port
        client = OpenIDClient(issuer: issuer, id: clientID, secret: secret, callback: Self.callback(origin))
        board = Board(gifts: gifts)
        pages = ForumPages(issuer: issuer)
        self.logger = logger
    }

    /// See `ServiceExtension`: nothing of it is served beside the community's addresses.
    public func addRoutes(to router: Router<ServiceContext>) {}

    /// See `ServiceExtension`.
    public func keepUp(now: Int64) async throws {}

    /// See `ServiceExtension`.
    public var services: [any Service] {
        let router = CommunityService.emptyRouter()
        router.get("files/forum.css") { _, _ in ForumPages.style }
        router.get("/") { request, _ in await show(request) }
        router.get("sign-in") { request, _ in await signIn(request) }
        router.get("callback") { request, _ in await comeBack(request) }
        router.post("credential") { request, _ in
            try await act(request) { id, _ in
                await board.give(to: id)
                return ForumPages.redirect(to: "/")
            }
        }
        router.post("messages") { request, _ in try await act(request) { id, form in await post(form["text"] ?? "", id, request) } }
        router.post("sign-out") { request, _ in try await act(request) { id, _ in await signOut(id) } }
        return [
            Application(
                router: router,
                server: .http1(
                    configuration: .init(
                        idleTimeout: .seconds(60),
                        httpDecoderConfiguration: .init(maxHeaderFieldSize: 8192, maxHeaderListSize: 16_384, maxHeaderFieldCount: 64))),
                configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: "symbolon-demo-forum"), logger: logger)
        ]
    }

    // MARK: Handlers

    private func show(_ request: Request, alert: String? = nil) async -> Response {
        let known = browser(request)
        let browser = known ?? Browser()
        let visit = await board.visit(Self.id(browser))
        return pages.front(
            visit, messages: await board.messages, hasGifts: await board.hasGifts, form: browser.formToken(Self.form), alert: alert,
            cookie: known == nil ? cookie(browser) : nil)
    }

    private func signIn(_ request: Request) async -> Response {
        let known = browser(request)
        let browser = known ?? Browser()
        do {
            let begun = try await client.begin()
            await board.begin(begun, in: Self.id(browser))
            return ForumPages.redirect(to: begun.address, cookie: known == nil ? cookie(browser) : nil)
        } catch {
            return pages.message("The service does not answer", "Nobody can sign in just now.", status: .badGateway)
        }
    }

    private func comeBack(_ request: Request) async -> Response {
        guard let browser = browser(request), let form = try? Form(parsing: Array((request.uri.query ?? "").utf8)),
            let begun = await board.takeBegun(Self.id(browser))
        else { return pages.message("Not here", "No sign-in waits for an answer in this browser.", status: .badRequest) }
        do {
            let member = try await client.finish(form, of: begun, now: Int64(Date().timeIntervalSince1970))
            let fresh = Browser()
            await board.signIn(member, from: Self.id(browser), to: Self.id(fresh))
            return ForumPages.redirect(to: "/", cookie: cookie(fresh))
        } catch {
            switch error {
            case .refused(let code): return pages.message("Not signed in", "The service said: \(code).", status: .forbidden)
            case .foreignAnswer: return pages.message("Not here", "This is no answer to what was asked.", status: .badRequest)
            case .token: return pages.message("Not signed in", "The service's word does not hold.", status: .forbidden)
            case .unreachable: return pages.message("Not signed in", "The service does not answer.", status: .badGateway)
            }
        }
    }

    private func post(_ text: String, _ id: [UInt8], _ request: Request) async -> Response {
        guard let member = await board.visit(id).member else {
            return pages.message("Not signed in", "Only members leave messages.", status: .forbidden)
        }
        let text = String(text.replacing("\r\n", with: "\n").filter { !$0.isASCII || $0 == "\n" || (" "..."~").contains($0) })
        guard text.contains(where: { !$0.isWhitespace }), text.count <= Self.greatestText else {
            return await show(request, alert: "A message has 1 to \(Self.greatestText) characters.")
        }
        await board.post(.init(name: member.name, groups: member.groups, text: text))
        return ForumPages.redirect(to: "/")
    }

    private func signOut(_ id: [UInt8]) async -> Response {
        let member = await board.visit(id).member
        await board.signOut(id)
        guard let member, let address = try? await client.logout(member, to: origin + "/") else { return ForumPages.redirect(to: "/") }
        return ForumPages.redirect(to: address)
    }

    // MARK: Browsers

    private static let form = Array("forum".utf8)

    private static func id(_ browser: Browser) -> [UInt8] { browser.session(at: "demo-forum") }

    private func browser(_ request: Request) -> Browser? { Browser(cookies: request.headers[.cookie], name: Self.cookieName) }

    private func cookie(_ browser: Browser) -> String { "\(Self.cookieName)=\(browser.cookie); Path=/; HttpOnly; SameSite=Lax" }

    /// A form that a page of the forum sent from this browser.
    private func act(_ request: Request, _ body: ([UInt8], Form) async -> Response) async throws -> Response {
        guard let browser = browser(request), let form = try? Form(parsing: try await request.bytes(upTo: Self.formLimit)),
            browser.sent(request, token: form["form"], page: Self.form, origin: origin)
        else { return pages.message("Not sent from here", "This form was not sent from a page of the board.", status: .forbidden) }
        return await body(Self.id(browser), form)
    }
}
