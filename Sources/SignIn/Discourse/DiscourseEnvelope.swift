import Platform
import Reputation

/// How DiscourseConnect sends parameters in either direction: as a form in Base64 (`sso`), with the HMAC-SHA256 of that text in hex (`sig`)
/// under the forum's secret.
package enum DiscourseEnvelope {
    /// Longest `sso` that is taken: a nonce and an address are a few hundred bytes.
    static let greatest = 4096

    /// The parameters of a request that this forum signed; nil for any other. The code is compared first, in constant time, so that nothing
    /// is read that the forum did not write.
    package static func open(sso: String, sig: String, secret: String) -> Form? {
        guard sso.utf8.count <= greatest, constantTimeEquals(Array(code(of: sso, secret).utf8), Array(sig.utf8)) else { return nil }
        // The signed text may be broken into lines, as older forums send it.
        let text = sso.utf8.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard let bytes = try? Base64.standard.decode(Array(text)) else { return nil }
        return try? Form(parsing: bytes)
    }

    /// The parameters of an answer, in a query's two.
    package static func seal(_ parameters: [(String, String)], secret: String) -> [(String, String)] {
        let sso = String(decoding: Base64.standard.encode(Array(Form.query(parameters).utf8)), as: UTF8.self)
        return [("sso", sso), ("sig", code(of: sso, secret))]
    }

    private static func code(of text: String, _ secret: String) -> String {
        Hex.text(HMACSHA256.authenticate(Array(text.utf8), key: Array(secret.utf8)))
    }
}
