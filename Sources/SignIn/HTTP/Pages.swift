import HTTPTypes
import Hummingbird
import Mustache
import NIOCore
import Reputation

/// The pages, rendered here so that they work without a script. Everything that is filled in is escaped.
struct Pages: Sendable {
    private let library: MustacheLibrary
    private let language: Texts
    private let issuer: String
    private let community: String

    init(issuer: String, community: String, language: Texts = .english) {
        self.issuer = issuer
        self.community = community
        self.language = language
        let sources: [(String, [UInt8])] = [
            ("head", PackageResources.head_mustache), ("foot", PackageResources.foot_mustache),
            ("cancel", PackageResources.cancel_mustache),
            ("again", PackageResources.again_mustache), ("waiting", PackageResources.waiting_mustache),
            ("proved", PackageResources.proved_mustache), ("accepted", PackageResources.accepted_mustache),
            ("ended", PackageResources.ended_mustache), ("message", PackageResources.message_mustache),
            ("logout", PackageResources.logout_mustache), ("banned", PackageResources.banned_mustache),
        ]
        var library = MustacheLibrary()
        for (name, source) in sources {
            do { try library.register(String(decoding: source, as: UTF8.self), named: name) } catch {
                preconditionFailure("the page \(name) is no template: \(error)")
            }
        }
        self.library = library
    }

    /// What the pages say, about a forum.
    func words(forum: String = "", _ more: [String: String] = [:]) -> [String: String] {
        language.filled(["issuer": issuer, "community": community, "forum": forum].merging(more) { $1 })
    }

    /// A page.
    ///
    /// - Parameters:
    ///   - values: what the template needs beside the texts, under `t`.
    ///   - refresh: where the browser goes on by itself at once; a `Refresh` is not a form's redirect, which `form-action` would stop.
    func page(
        _ template: String, _ values: [String: Any], status: HTTPResponse.Status = .ok, cookie: String? = nil, refresh: String? = nil
    ) -> Response {
        let html = library.render(values, withTemplate: template) ?? ""
        var headers = Pages.headers
        headers[.contentType] = "text/html; charset=utf-8"
        if let cookie { headers[.setCookie] = cookie }
        if let refresh { headers[Pages.refreshName] = "0; url=\(refresh)" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: html)))
    }

    /// A page with a title, a sentence and perhaps a link.
    func message(
        _ name: String, status: HTTPResponse.Status, _ more: [String: String] = [:], link: String? = nil, refresh: String? = nil,
        cookie: String? = nil
    ) -> Response {
        let t = words(forum: more["forum"] ?? "", more)
        var values: [String: Any] = ["t": t, "title": t["\(name)-title"] ?? "", "intro": t[name] ?? ""]
        if let link { values["link"] = link }
        return page("message", values, status: status, cookie: cookie, refresh: refresh)
    }

    /// A redirect that is not kept and tells nobody where it came from.
    static func redirect(to address: String, cookie: String? = nil) -> Response {
        var headers: HTTPFields = [.location: address, .cacheControl: "no-store", .referrerPolicy: "no-referrer"]
        if let cookie { headers[.setCookie] = cookie }
        return Response(status: .seeOther, headers: headers)
    }

    /// A file of the pages.
    static func file(_ bytes: [UInt8], type: String) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: type, .cacheControl: "public, max-age=3600", .xContentTypeOptions: "nosniff",
                .crossOriginResourcePolicy: "same-origin",
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static let refreshName = HTTPField.Name("Refresh")!

    /// Own files only, no inline script or style, no frame around it, forms to this service alone. The way back to a forum is a link or a
    /// `Refresh`: browsers apply `form-action` to where a form's answer redirects to.
    private static let headers: HTTPFields = [
        .cacheControl: "no-store",
        .contentSecurityPolicy:
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
            + "frame-ancestors 'none'",
        .referrerPolicy: "same-origin", .xContentTypeOptions: "nosniff", .crossOriginResourcePolicy: "same-origin",
        HTTPField.Name("X-Frame-Options")!: "DENY",
    ]
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
