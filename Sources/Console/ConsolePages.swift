import HTTPTypes
import Hummingbird
import Mustache
import NIOCore
import SignIn
import VerifierService

/// The console's pages. They work without a script, and everything that is filled in is escaped.
struct ConsolePages: Sendable {
    private let library: MustacheLibrary
    private let community: String
    /// English, what there is so far. The pages themselves hold no words.
    private let texts: Texts

    init(community: String) {
        self.community = community
        guard let texts = Texts(PackageResources.en_json) else { preconditionFailure("Pages/en.json is no object of texts") }
        self.texts = texts
        let sources: [(String, [UInt8])] = [
            ("head", PackageResources.head_mustache), ("foot", PackageResources.foot_mustache),
            ("message", PackageResources.message_mustache), ("enter", PackageResources.enter_mustache),
            ("join", PackageResources.join_mustache), ("overview", PackageResources.overview_mustache),
            ("forums", PackageResources.forums_mustache), ("wizard", PackageResources.wizard_mustache),
            ("forum", PackageResources.forum_mustache), ("pseudonyms", PackageResources.pseudonyms_mustache),
            ("ban", PackageResources.ban_mustache), ("bans", PackageResources.bans_mustache),
            ("appeals", PackageResources.appeals_mustache), ("audit", PackageResources.audit_mustache),
            ("service", PackageResources.service_mustache),
        ]
        var library = MustacheLibrary()
        for (name, source) in sources {
            do { try library.register(String(decoding: source, as: UTF8.self), named: name) } catch {
                preconditionFailure("the page \(name) is no template: \(error)")
            }
        }
        self.library = library
    }

    /// One of the texts, with its names filled in.
    func text(_ name: String, _ values: [String: String] = [:]) -> String { texts.text(name, values) }

    /// A page.
    ///
    /// - Parameters:
    ///   - title: unless given the text of the template's name and `-title`.
    ///   - visit: whose; nil where nobody is signed in.
    ///   - values: what the template needs beside the texts, under `t`.
    ///   - words: what is filled into the texts.
    func page(
        _ template: String, title: String? = nil, visit: Visit?, _ values: [String: Any] = [:], words: [String: String] = [:],
        status: HTTPResponse.Status = .ok, cookie: String? = nil
    ) -> Response {
        var all = values
        all["t"] = texts.filled(words.merging(["community": community]) { $1 })
        all["title"] = title ?? text("\(template)-title")
        all["community"] = community
        if let visit {
            all["account"] = visit.account.name
            all["role"] = text("role-\(visit.account.role.rawValue)")
            all["owner"] = visit.account.role == .owner
            all["form"] = visit.browser.formToken(Visit.form)
        }
        var headers = ConsolePages.headers
        if let cookie { headers[.setCookie] = cookie }
        let html = library.render(all, withTemplate: template) ?? ""
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: html)))
    }

    /// A page that refuses something.
    func refusal(_ problem: Problem, visit: Visit?) -> Response {
        page(
            "message", title: text("not-done"), visit: visit,
            ["alert": "\(problem.title) (\(problem.code))", "intro": "", "link": "/console"],
            status: .init(code: problem.status))
    }

    /// A redirect after something was done.
    static func redirect(to path: String, cookie: String? = nil) -> Response {
        var headers: HTTPFields = [.location: path, .cacheControl: "no-store", referrerPolicy: "no-referrer"]
        if let cookie { headers[.setCookie] = cookie }
        return Response(status: .seeOther, headers: headers)
    }

    /// The style sheet.
    static var style: Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/css; charset=utf-8", .cacheControl: "public, max-age=3600", .xContentTypeOptions: "nosniff",
            ], body: .init(byteBuffer: ByteBuffer(bytes: PackageResources.console_css)))
    }

    private static let referrerPolicy = HTTPField.Name("Referrer-Policy")!

    /// No script at all, own files only, forms to the console alone, no frame around it, nothing kept.
    private static let headers: HTTPFields = [
        .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
        .contentSecurityPolicy:
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        referrerPolicy: "same-origin", .xContentTypeOptions: "nosniff", HTTPField.Name("X-Frame-Options")!: "DENY",
        HTTPField.Name("Cross-Origin-Opener-Policy")!: "same-origin", HTTPField.Name("Cross-Origin-Resource-Policy")!: "same-origin",
    ]
}
