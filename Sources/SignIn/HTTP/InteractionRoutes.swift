import Hummingbird
import Reputation
import VerifierService

/// Largest answer that is taken, and largest form that one comes in.
private let answerLimit = 131_072, uploadLimit = 300_000

extension SignIn {
    /// What the page of an interaction does.
    func addInteractionRoutes(to router: RouterGroup<ServiceContext>) {
        let page = router.group("sign-in/:handle")
        page.get { request, context in
            guard let (interaction, browser) = try await own(request, context) else { return stranger }
            return try await show(interaction, browser)
        }
        page.get("state") { request, context in
            guard let (interaction, _) = try await own(request, context) else { throw Problem.unknownSignIn }
            return Response.json(.object([.init("state", .text(shownState(of: interaction.record)))]))
        }
        page.get("continue") { request, context in try await proceed(request, context) }
        page.get("return") { request, context in
            guard let (interaction, _) = try await own(request, context) else { return stranger }
            return try await goBack(interaction)
        }
        page.post("answer") { request, context in try await upload(request, context) }
        page.get("code") { request, context in try await carriedCode(request, context) }
        page.post("code") { request, context in
            try await act(request, context) { interaction, browser, form in try await tryCode(form["code"], interaction, browser) }
        }
        page.post("cancel") { request, context in
            try await act(request, context) { interaction, browser, _ in
                guard try await store.cancel(interaction: interaction.handle.hash) else { return try await reload(interaction, browser) }
                return try await reload(interaction, browser, refresh: path(interaction) + "/return")
            }
        }
        page.post("again") { request, context in
            try await act(request, context) { interaction, browser, _ in
                guard mayRestart(interaction) else { return try await reload(interaction, browser) }
                let handle = Opaque()
                let isRestarted = try await store.restart(
                    interaction: interaction.handle.hash, as: handle.hash, browser: browser.binding(to: handle),
                    expires: interaction.asked.outlivesInteraction ? now() + SignIn.interactionLife : interaction.record.expires)
                return isRestarted ? Pages.redirect(to: "/sign-in/\(handle.text)") : try await reload(interaction, browser)
            }
        }
    }

    // MARK: Wallets

    /// `GET /sign-in/HANDLE/wallet`: what a wallet is asked.
    func offer(_ context: ServiceContext) async throws -> Response {
        guard let interaction = try await interaction(context.parameters.get("handle")) else { throw Problem.unknownSignIn }
        return Response.json(try await offer(for: interaction).json)
    }

    /// `POST /sign-in/HANDLE/wallet`: a wallet's answer; it gets the code to show.
    func present(_ request: Request, _ context: ServiceContext) async throws -> Response {
        guard let interaction = try await interaction(context.parameters.get("handle")) else { throw Problem.unknownSignIn }
        let code = try await accept(try await request.bytes(upTo: answerLimit), for: interaction, inBrowser: false)
        return Response.json(.object([.init("verdict", .text("accepted")), .init("code", .text(code?.text ?? ""))]))
    }

    // MARK: The browser in which it began

    private var stranger: Response { pages.message("stranger", status: .notFound) }

    /// The interaction of the address, when this is the browser in which it began; nil else, whatever the reason is.
    private func own(_ request: Request, _ context: ServiceContext) async throws -> (Interaction, Browser)? {
        guard let browser = browser(request), let interaction = try await interaction(context.parameters.get("handle")),
            interaction.record.browser == browser.binding(to: interaction.handle)
        else { return nil }
        return (interaction, browser)
    }

    /// A form of the page.
    private func act(
        _ request: Request, _ context: ServiceContext, _ body: (Interaction, Browser, Form) async throws -> Response
    ) async throws -> Response {
        guard let (interaction, browser) = try await own(request, context) else { return stranger }
        guard let form = try? Form(parsing: try await request.bytes(upTo: SignIn.formLimit)) else { throw FormRefused() }
        try checkForm(request, token: form["form"], browser: browser, page: interaction.handle.hash)
        return try await body(interaction, browser, form)
    }

    /// An answer that is uploaded or pasted.
    private func upload(_ request: Request, _ context: ServiceContext) async throws -> Response {
        guard let (interaction, browser) = try await own(request, context) else { return stranger }
        guard let parts = Multipart(try await request.bytes(upTo: uploadLimit), contentType: request.headers[.contentType]) else {
            throw FormRefused()
        }
        try checkForm(
            request, token: parts["form"].map { String(decoding: $0, as: UTF8.self) }, browser: browser, page: interaction.handle.hash)
        let file = parts["file"] ?? []
        let answer = file.isEmpty ? parts["text"] ?? [] : file
        guard answer.count <= answerLimit else { return try await reload(interaction, browser, alert: "alert-answer-form") }
        do {
            _ = try await accept(answer, for: interaction, inBrowser: true)
            return Pages.redirect(to: path(interaction))
        } catch {
            let problem = Problem(error)
            // Not the answer's fault.
            guard problem.status < 500 || problem.code == "busy" else { throw error }
            return try await reload(interaction, browser, alert: SignIn.alert(for: problem), ["code": problem.code])
        }
    }

    private static func alert(for problem: Problem) -> String {
        switch problem.code {
        case Problem.requestUsed.code: "alert-replayed"
        case Problem.foreignAnswer.code, Problem.unknownRequest.code: "alert-foreign"
        case Problem.signInExpired.code: "alert-expired"
        case "busy": "alert-busy"
        default: problem.status == 400 ? "alert-answer-form" : "alert-refused"
        }
    }

    /// `GET /sign-in/HANDLE/code?code=…`: a wallet in this browser carries the code here itself, so that nobody sees or types it. It does what typing it
    /// does, and like that only in the browser where the sign-in began: in another it opens nothing and uses up no try.
    private func carriedCode(_ request: Request, _ context: ServiceContext) async throws -> Response {
        guard request.isVisit, let form = try? Form(parsing: Array((request.uri.query ?? "").utf8)) else { throw FormRefused() }
        guard let (interaction, browser) = try await own(request, context) else {
            // Away from an address that holds a code: nobody is to be asked to read it out.
            guard let handle = context.parameters.get("handle").flatMap({ Opaque($0) }) else { return stranger }
            return Pages.redirect(to: "/sign-in/\(handle.text)")
        }
        return try await tryCode(form["code"], interaction, browser, isCarried: true)
    }

    /// A code that is typed or carried here.
    private func tryCode(
        _ text: String?, _ interaction: Interaction, _ browser: Browser, isCarried: Bool = false
    ) async throws -> Response {
        guard now() < interaction.record.expires else { return try await reload(interaction, browser) }
        // What no code can be costs no try.
        guard let code = ShortCode(typed: text ?? "") else { return try await reload(interaction, browser, alert: "alert-code-form") }
        switch try await store.tryCode(code.hash(for: interaction.handle.hash), interaction: interaction.handle.hash) {
        case .accepted, .wrong(left: 0): return Pages.redirect(to: path(interaction))
        // Away from an address that would try it again when it is loaded again; the page says how many tries are left.
        case .wrong where isCarried: return Pages.redirect(to: path(interaction))
        case .wrong: return try await reload(interaction, browser, alert: "alert-code")
        // The wallet led here twice, or the member went back.
        case .notAsked where isCarried && interaction.record.state != .waiting: return Pages.redirect(to: path(interaction))
        case .notAsked: return try await reload(interaction, browser, alert: "alert-no-code")
        }
    }

    /// `GET /sign-in/HANDLE/continue`: on to the forum, once.
    private func proceed(_ request: Request, _ context: ServiceContext) async throws -> Response {
        guard let (interaction, browser) = try await own(request, context) else { return stranger }
        let now = now()
        let record = interaction.record
        guard record.state == .accepted, now < record.expires, let document = record.proof else {
            return try await show(interaction, browser)
        }
        let proof = try Proof(document: document)
        guard try await notice(for: proof, at: interaction.forum) == nil else { return try await show(interaction, browser) }
        if let subject = interaction.asked.subject, subject != proof.subject.text {
            // Somebody else than the forum means to have: it is told no more than that.
            guard try await store.cancel(interaction: interaction.handle.hash) else { return try await reload(interaction, browser) }
            return Pages.redirect(to: refused(.loginRequired, asked: interaction.asked, forum: interaction.forum))
        }
        let (grant, address) = try granted(document, asked: interaction.asked, forum: interaction.forum)
        let session = SessionRecord(
            id: browser.session(at: interaction.forum.id), forum: interaction.forum.id, proof: document,
            expires: proof.time + SignIn.sessionLife)
        do {
            let isFinished = try await store.finish(interaction: interaction.handle.hash, grant: grant, session: session)
            guard isFinished else { return try await reload(interaction, browser) }
        } catch let error as StoreError where error == .exists {
            return used(interaction.forum)
        }
        return Pages.redirect(to: address)
    }

    /// `GET /sign-in/HANDLE/return`: back to the forum without a sign-in. It learns that, and not why.
    private func goBack(_ interaction: Interaction) async throws -> Response {
        if interaction.record.state == .accepted, try await notice(of: interaction) != nil {
            guard try await store.cancel(interaction: interaction.handle.hash) else { return Pages.redirect(to: path(interaction)) }
            return Pages.redirect(to: refused(.accessDenied, asked: interaction.asked, forum: interaction.forum))
        }
        let isOver = now() >= interaction.record.expires && interaction.record.state != .finished
        guard isOver || [.cancelled, .failed].contains(interaction.record.state) else { return Pages.redirect(to: path(interaction)) }
        return Pages.redirect(to: refused(.accessDenied, asked: interaction.asked, forum: interaction.forum))
    }

    /// Whether it may begin anew.
    private func mayRestart(_ interaction: Interaction) -> Bool {
        interaction.record.state != .finished && (now() < interaction.record.expires || interaction.asked.outlivesInteraction)
    }

    // MARK: What is shown

    /// What is told to who proved it here, when he is banned.
    private func notice(of interaction: Interaction) async throws -> BanNotice? {
        guard let document = interaction.record.proof else { return nil }
        return try await notice(for: try Proof(document: document), at: interaction.forum)
    }

    private func path(_ interaction: Interaction) -> String { "/sign-in/\(interaction.handle.text)" }

    private func shownState(of record: InteractionRecord) -> String {
        switch record.state {
        case .finished: "finished"
        case .cancelled: "cancelled"
        case .waiting, .proved, .accepted, .failed:
            now() >= record.expires ? "expired" : String(describing: record.state)
        }
    }

    /// The page after something was done: as the interaction stands now.
    private func reload(
        _ interaction: Interaction, _ browser: Browser, alert: String? = nil, _ more: [String: String] = [:], refresh: String? = nil
    ) async throws -> Response {
        guard let fresh = try await self.interaction(interaction.handle.text) else { return stranger }
        return try await show(fresh, browser, alert: alert, more, refresh: refresh)
    }

    private func show(
        _ interaction: Interaction, _ browser: Browser, alert: String? = nil, _ more: [String: String] = [:], refresh: String? = nil
    ) async throws -> Response {
        let (forum, state) = (interaction.forum, shownState(of: interaction.record))
        let tries = interaction.record.tries
        let t = pages.words(forum: forum.name, ["left": String(tries)].merging(more) { $1 })
        var values: [String: Any] = [
            "t": t, "title": t["title"] ?? "", "path": path(interaction), "form": browser.formToken(interaction.handle.hash),
        ]
        if let alert { values["alert"] = t[alert] }
        let status = alert == nil ? HTTPResponse.Status.ok : .unprocessableContent
        switch state {
        case "waiting":
            values["poll"] = state
            let address = issuer.origin + path(interaction)
            values["wallet"] = wallet.map { ["link": $0.link(signIn: address), "address": $0.text] }
            values["own-wallet"] = WalletAddress.openLink(signIn: address)
            values["url"] = address
            if let code = QRCode(address) { values["qr"] = ["size": String(code.size), "path": code.path] }
            values["email"] = forum.email != .none
            values["tiers"] = try forum.tiers.indices.map { place in
                let proves = try forum.predicates(ofTier: place, schema: community.schema)
                return [
                    "name": forum.tiers[place].name, "groups": forum.groups(ofTier: place).joined(separator: ", "),
                    "proves": proves.isEmpty ? t["tier-any"] ?? "" : proves.joined(separator: ", "),
                ]
            }
            return pages.page("waiting", values, status: status)
        case "proved":
            values["poll"] = state
            if alert == nil, tries < ShortCode.tries { values["alert"] = t["alert-code"] }
            return pages.page("proved", values, status: status)
        case "accepted":
            guard let proof = try interaction.record.proof.map({ try Proof(document: $0) }) else { throw Problem.unknownSignIn }
            if let notice = try await notice(for: proof, at: forum) {
                values["title"] = t["banned-title"]
                values["reason"] = notice.reason
                values["until"] = notice.until.map { UTC.text($0) } ?? t["banned-no-end"]
                values["service"] = issuer.origin
                values["audience"] = notice.audience.hex
                return pages.page("banned", values, status: .forbidden)
            }
            values["pseudonym"] = proof.subject.username
            values["groups"] = proof.groups.joined(separator: ", ")
            return pages.page("accepted", values, status: status)
        default:
            values["title"] = t["\(state)-title"]
            values["intro"] = t[state]
            values["may-restart"] = mayRestart(interaction)
            values["may-return"] = state != "finished"
            return pages.page("ended", values, status: status, refresh: refresh)
        }
    }
}
