import HTTPTypes
import Hummingbird
import Reputation
import SignIn
import VerifierService

/// The operator's side of the service: pages below `/console`, and the same for programs below `/v1/operator`.
public struct Console: ServiceExtension {
    /// Largest form and body that is taken.
    static let bodyLimit = 32_768

    let origin: SignIn.Issuer
    let desk: Desk
    let accounts: Accounts
    let pages: ConsolePages

    /// - Parameters:
    ///   - origin: where operators' browsers reach it.
    ///   - desk: what can be done.
    public init(origin: SignIn.Issuer, desk: Desk) {
        self.origin = origin
        self.desk = desk
        accounts = Accounts(store: desk.store)
        pages = ConsolePages(community: String(decoding: desk.community.origin, as: UTF8.self))
    }

    /// See `ServiceExtension`.
    public func addRoutes(to router: Router<ServiceContext>) {
        router.get("console/files/console.css") { _, _ in ConsolePages.style }
        addEntrance(to: router)
        addForumPages(to: router)
        addModerationPages(to: router)
        addServicePages(to: router)
        addAddresses(to: router)
    }

    /// See `ServiceExtension`.
    public func keepUp(now: Int64) async throws { try await accounts.keepUp(now: now) }

    var now: Int64 { desk.now }

    // MARK: Handlers

    typealias Handler = @Sendable (Request, ServiceContext) async throws -> Response

    /// A page for operators who are signed in; others are led to the entrance.
    func shown(_ body: @escaping @Sendable (Visit) async throws -> Response) -> Handler {
        { request, context in
            guard let visit = try await visit(request, context) else { return ConsolePages.redirect(to: Console.entrance) }
            return await answered(visit) { try await body(visit) }
        }
    }

    /// A form of a page, posted by an operator who is signed in, from a page of the console in this browser.
    func done(_ body: @escaping @Sendable (Visit, Form) async throws -> Response) -> Handler {
        { request, context in
            guard let visit = try await visit(request, context) else { return ConsolePages.redirect(to: Console.entrance) }
            return await answered(visit) {
                let form = try Form(parsing: try await request.bytes(upTo: Console.bodyLimit))
                guard visit.browser.sent(request, token: form["form"], page: Visit.form, origin: origin.origin) else {
                    throw Console.foreign
                }
                return try await body(visit, form)
            }
        }
    }

    /// Errors become pages.
    private func answered(_ visit: Visit, _ body: () async throws -> Response) async -> Response {
        do { return try await body() } catch {
            return pages.refusal(refused(error, visit.context), visit: visit)
        }
    }

    /// What to say of an error; logged when it is the service's own.
    func refused(_ error: any Error, _ context: ServiceContext) -> Problem {
        if error is Form.Failure { return Console.foreign }
        let problem = Problem(console: error)
        problem.log(error, to: context.logger)
        return problem
    }

    static let entrance = "/console/sign-in"
    static let foreign = Problem(403, "form", "This form was not sent from a page of the console.")

    // MARK: Browsers

    /// `__Host-` keeps other hosts of the domain from setting it; browsers take the prefix with `Secure` only, which http cannot have.
    private var cookieName: String { origin.isSecure ? "__Host-symbolon-console" : "symbolon-console" }

    func browser(_ request: Request) -> Browser? { Browser(cookies: request.headers[.cookie], name: cookieName) }

    /// The header that gives a browser its cookie, or takes it back.
    func cookie(_ browser: Browser?) -> String {
        "\(cookieName)=\(browser?.cookie ?? ""); Path=/; HttpOnly; SameSite=Strict" + (origin.isSecure ? "; Secure" : "")
            + (browser == nil ? "; Max-Age=0" : "")
    }

    private func visit(_ request: Request, _ context: ServiceContext) async throws -> Visit? {
        guard let browser = browser(request), let account = try await accounts.account(of: browser, now: now) else { return nil }
        return Visit(account: account, browser: browser, request: request, context: context)
    }
}
