import HTTPTypes
import Hummingbird
import Platform
import Reputation

/// A browser, known by a random cookie. All that is kept of it are hashes of the cookie together with something else, so that what one
/// browser did cannot be put together again from the store.
package struct Browser: Sendable {
    private let secret: Opaque

    /// A browser without a cookie gets one.
    package init() { secret = Opaque() }

    /// The browser of a request's `Cookie` header; nil when there is no cookie of this service.
    package init?(cookies: String?, name: String) {
        guard let cookies, cookies.utf8.count <= 8192 else { return nil }
        for pair in cookies.split(separator: ";") {
            let pair = pair.drop { $0 == " " }
            if pair.hasPrefix("\(name)="), let secret = Opaque(String(pair.dropFirst(name.count + 1))) {
                self.secret = secret
                return
            }
        }
        return nil
    }

    /// The value of its cookie.
    package var cookie: String { secret.text }

    /// What an interaction is bound to: this browser and its handle.
    func binding(to handle: Opaque) -> [UInt8] { derived("interaction", handle.hash) }

    /// The name of its session at a forum.
    package func session(at forum: String) -> [UInt8] { derived("session", Array(forum.utf8)) }

    /// What the forms of a page carry, so that no other site, nor another page of this one, can post them.
    package func formToken(_ page: [UInt8]) -> String { Hex.text(derived("form", page)) }

    /// Whether a form was posted by a page of this service in this browser: `token` is what it carries, `origin` the service's. The cookie's
    /// `SameSite` keeps other sites out already, but not another host of the same domain.
    package func sent(_ request: Request, token: String?, page: [UInt8], origin: String) -> Bool {
        if let sender = request.headers[.origin], sender != origin { return false }
        if let site = request.headers[Browser.fetchSite], site != "same-origin" { return false }
        guard let token else { return false }
        return constantTimeEquals(Array(token.utf8), Array(formToken(page).utf8))
    }

    private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!

    private func derived(_ purpose: String, _ what: [UInt8]) -> [UInt8] {
        SHA256.hash(Array("SYMBOLON-V01-browser-\(purpose)".utf8) + secret.hash + what)
    }
}

extension Request {
    /// Whether somebody comes to this address himself, in a window of his: no script that fetches it, no frame, no picture, nothing that a browser
    /// loads ahead. Browsers that do not say so are believed; `SameSite` keeps the cookie from most of the rest.
    var isVisit: Bool {
        headers[.fetchMode] ?? "navigate" == "navigate" && headers[.fetchDestination] ?? "document" == "document"
            && headers[.fetchPurpose] == nil
    }
}

extension HTTPField.Name {
    fileprivate static let fetchMode = HTTPField.Name("Sec-Fetch-Mode")!
    fileprivate static let fetchDestination = HTTPField.Name("Sec-Fetch-Dest")!
    fileprivate static let fetchPurpose = HTTPField.Name("Sec-Purpose")!
}
