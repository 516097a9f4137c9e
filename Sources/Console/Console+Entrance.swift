import Hummingbird
import SignIn
import VerifierService

extension Console {
    /// Where operators sign in and out, and choose their passwords.
    func addEntrance(to router: Router<ServiceContext>) {
        router.get("console/sign-in") { request, _ in enter(browser(request)) }
        router.post("console/sign-in") { request, context in
            do { return try await signIn(request) } catch { return pages.refusal(refused(error, context), visit: nil) }
        }
        router.post(
            "console/sign-out",
            use: done { visit, _ in
                try await accounts.signOut(visit.browser)
                return ConsolePages.redirect(to: Console.entrance, cookie: cookie(nil))
            })
        router.get("console/join/:link") { request, context in
            do { return try await join(request, context) } catch { return pages.refusal(refused(error, context), visit: nil) }
        }
        router.post("console/join/:link") { request, context in
            do { return try await choose(request, context) } catch { return pages.refusal(refused(error, context), visit: nil) }
        }
    }

    /// What forms carry before anybody is signed in.
    private static let outside = Array("console-entrance".utf8)

    private func enter(_ known: Browser?, alert: String? = nil, status: HTTPResponse.Status = .ok) -> Response {
        let browser = known ?? Browser()
        var values: [String: Any] = ["form": browser.formToken(Console.outside)]
        if let alert { values["alert"] = alert }
        return pages.page(
            "enter", visit: nil, values, status: status, cookie: known == nil ? cookie(browser) : nil)
    }

    /// A form from outside, by the browser that was given it.
    private func outsideForm(_ request: Request) async throws -> (Browser, Form) {
        let form = try Form(parsing: try await request.bytes(upTo: Console.bodyLimit))
        guard let browser = browser(request), browser.sent(request, token: form["form"], page: Console.outside, origin: origin.origin)
        else {
            throw Console.foreign
        }
        return (browser, form)
    }

    private func signIn(_ request: Request) async throws -> Response {
        let (browser, form) = try await outsideForm(request)
        switch try await accounts.signIn(form["name"] ?? "", form["password"] ?? "", now: now) {
        case .signedIn(_, let fresh):
            // Another cookie than before: who planted the old one knows nothing of this.
            return ConsolePages.redirect(to: "/console", cookie: cookie(fresh))
        case .wrong: return enter(browser, alert: pages.text("enter-wrong"), status: .unprocessableContent)
        case .wait(let until):
            return enter(
                browser, alert: pages.text("enter-wait", ["time": UTC.text(until + 59)]), status: .tooManyRequests)
        }
    }

    private func join(_ request: Request, _ context: ServiceContext, alert: String? = nil) async throws -> Response {
        let link = context.parameters.get("link") ?? ""
        guard let name = try await accounts.owner(ofLink: link, now: now) else { throw Accounts.Failure.link }
        let known = browser(request)
        let visitor = known ?? Browser()
        var values: [String: Any] = ["form": visitor.formToken(Console.outside), "name": name, "path": "/console/join/\(link)"]
        if let alert { values["alert"] = alert }
        return pages.page(
            "join", visit: nil, values, words: ["name": name], status: alert == nil ? .ok : .unprocessableContent,
            cookie: known == nil ? cookie(visitor) : nil)
    }

    private func choose(_ request: Request, _ context: ServiceContext) async throws -> Response {
        let (_, form) = try await outsideForm(request)
        guard let password = form["password"], password == form["again"] else {
            return try await join(request, context, alert: "\(Accounts.Failure.password)")
        }
        do { try await accounts.choose(password, byLink: context.parameters.get("link") ?? "", now: now) } catch Accounts.Failure.password {
            return try await join(request, context, alert: "\(Accounts.Failure.password)")
        }
        return ConsolePages.redirect(to: Console.entrance)
    }
}
