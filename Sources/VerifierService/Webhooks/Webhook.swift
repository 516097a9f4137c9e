import Platform
import Reputation

/// Where an audience wants to hear of what happens.
public struct Webhook: Sendable, Equatable {
    /// Why an address cannot be one.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// Not an address for events.
        case url(String)

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .url(let text): "\(text) cannot be an address for events: https, or http on this machine; no user, no fragment"
            }
        }
    }

    /// The audience's id.
    public let audience: Digest
    /// Where events are sent, https or http on this machine.
    public let url: String
    /// Tells its secret from others, ``ForumSecrets``.
    public let salt: Digest
    /// Whether it may be at an address that the internet does not reach: else who may set one could have this service call its neighbours.
    public let mayBePrivate: Bool

    /// Creates one with a fresh secret.
    ///
    /// - Throws: ``Failure``.
    public init(audience: Digest, url: String, mayBePrivate: Bool) throws(Failure) {
        guard RedirectURI.isAdmissible(url), url.hasPrefix("http") else { throw .url(url) }
        self.init(audience: audience, url: url, salt: Digest.of(Random.bytes(32)), mayBePrivate: mayBePrivate)
    }

    private init(audience: Digest, url: String, salt: Digest, mayBePrivate: Bool) {
        self.audience = audience
        self.url = url
        self.salt = salt
        self.mayBePrivate = mayBePrivate
    }

    /// What both sides sign with.
    public func secret(_ secrets: ForumSecrets) -> String { secrets.secret(.webhook, of: audience.hex, salt: salt) }

    /// What the store keeps.
    public var document: [UInt8] {
        JSON.object([
            .init("version", .integer(Int64(1))), .init("url", .text(url)), .init("salt", .hex(salt.bytes)),
            .init("private", .bool(mayBePrivate)),
        ]).encoded()
    }

    /// The one that a store keeps.
    public init(audience: Digest, document: [UInt8]) throws(JSONError) {
        var object = try JSONObject(JSON(parsing: document))
        try object.version(1)
        let (url, salt) = (try object.text("url", atMost: RedirectURI.greatest), try object.digest("salt"))
        guard case .bool(let mayBePrivate) = try object.take("private") else { throw JSONError.wrongValue(Array("private".utf8)) }
        try object.finish()
        self.init(audience: audience, url: String(decoding: url, as: UTF8.self), salt: salt, mayBePrivate: mayBePrivate)
    }
}
