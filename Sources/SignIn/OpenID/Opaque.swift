import Platform
import Reputation

/// Random names that mean nothing to who holds them: codes, tokens, handles, cookies. The store keeps their hashes.
package struct Opaque: Sendable {
    /// What is handed out: base64url of 32 bytes.
    package let text: String
    /// What is kept.
    package let hash: [UInt8]

    /// A fresh one.
    package init() { self.init(bytes: Random.bytes(32)) }

    /// One that came from outside; nil for text that none can be.
    package init?(_ text: String) {
        guard text.utf8.count == 43, let bytes = try? Base64.url.decode(Array(text.utf8)), bytes.count == 32 else { return nil }
        self.init(bytes: bytes)
    }

    private init(bytes: [UInt8]) {
        text = Opaque.text(bytes)
        hash = SHA256.hash(Array("SYMBOLON-V01-opaque".utf8) + bytes)
    }

    /// SHA-256 as PKCE and the ids of keys write it.
    package static func digest(_ bytes: [UInt8]) -> String { text(SHA256.hash(bytes)) }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: Base64.url.encode(bytes), as: UTF8.self) }
}
