import HTTPTypes
import Hummingbird
import Mustache
import NIOCore

/// The forum's pages. They work without a script; everything that is filled in is escaped.
struct ForumPages: Sendable {
    private let library: MustacheLibrary
    private let headers: HTTPFields

    init(issuer: String) {
        var library = MustacheLibrary()
        for (name, source) in [
            ("head", PackageResources.head_mustache), ("foot", PackageResources.foot_mustache), ("front", PackageResources.front_mustache),
            ("message", PackageResources.message_mustache),
        ] {
            do { try library.register(String(decoding: source, as: UTF8.self), named: name) } catch {
                preconditionFailure("the page \(name) is no template: \(error)")
            }
        }
        self.library = library
        headers = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            // Who signs out is sent on to the service, which browsers count to a form's action.
            .contentSecurityPolicy:
                "default-src 'none'; style-src 'self'; form-action 'self' \(issuer); base-uri 'none'; frame-ancestors 'none'",
            HTTPField.Name("Referrer-Policy")!: "same-origin", .xContentTypeOptions: "nosniff",
        ]
    }

    /// The front page: how to get in, and the board.
    func front(
        _ visit: Board.Visit, messages: [Board.Message], hasGifts: Bool, form: String, alert: String?, cookie: String?
    ) -> Response {
        var values: [String: Any] = [
            "title": "The Board", "form": form,
            "messages": messages.map { ["name": $0.name, "groups": $0.groups.joined(separator: ", "), "text": $0.text] },
            "none": messages.isEmpty,
        ]
        if let alert { values["alert"] = alert }
        if let member = visit.member {
            values["member"] = ["name": member.name, "groups": member.groups.joined(separator: ", ")]
        } else {
            var way: [String: Any] = ["may-have": visit.gift == nil && hasGifts, "none-left": visit.gift == nil && !hasGifts]
            if let gift = visit.gift { way["gift"] = ["link": gift.link, "what": gift.what] }
            values["way"] = way
        }
        return page("front", values, status: alert == nil ? .ok : .unprocessableContent, cookie: cookie)
    }

    /// A page with a title and a sentence.
    func message(_ title: String, _ text: String, status: HTTPResponse.Status) -> Response {
        page("message", ["title": title, "text": text], status: status)
    }

    /// A redirect that is not kept and tells nobody where it came from.
    static func redirect(to address: String, cookie: String? = nil) -> Response {
        var headers: HTTPFields = [
            .location: address, .cacheControl: "no-store", HTTPField.Name("Referrer-Policy")!: "no-referrer",
        ]
        if let cookie { headers[.setCookie] = cookie }
        return Response(status: .seeOther, headers: headers)
    }

    static var style: Response {
        Response(
            status: .ok, headers: [.contentType: "text/css; charset=utf-8", .xContentTypeOptions: "nosniff"],
            body: .init(byteBuffer: ByteBuffer(bytes: PackageResources.forum_css)))
    }

    private func page(
        _ template: String, _ values: [String: Any], status: HTTPResponse.Status, cookie: String? = nil
    ) -> Response {
        var headers = headers
        if let cookie { headers[.setCookie] = cookie }
        return Response(
            status: status, headers: headers,
            body: .init(byteBuffer: ByteBuffer(string: library.render(values, withTemplate: template) ?? "")))
    }
}
