import VerifierService

/// What a forum runs on, as far as it is known how to set it up (docs/forums.md): what its client can, and what to enter where.
public enum ForumSoftware: String, Sendable, CaseIterable {
    case discourse
    case discourseConnect = "discourse-connect"
    case djangoMozilla = "django-mozilla"
    case djangoAllauth = "django-allauth"
    case synapse, mastodon, nodebb, flarum, apache, other

    /// For people.
    public var title: String {
        switch self {
        case .discourse: "Discourse (its plugin OpenID Connect)"
        case .discourseConnect: "Discourse (DiscourseConnect)"
        case .djangoMozilla: "Django (mozilla-django-oidc)"
        case .djangoAllauth: "Django (django-allauth)"
        case .synapse: "Synapse (Matrix)"
        case .mastodon: "Mastodon"
        case .nodebb: "NodeBB (plugin nodebb-plugin-sso-oauth2-multiple)"
        case .flarum: "Flarum (extension fof/passport)"
        case .apache: "Apache (mod_auth_openidc)"
        case .other: "Something else that speaks OpenID Connect"
        }
    }

    /// Where members come back to below the forum's first page; nil where it has to be said.
    var callback: String? {
        switch self {
        case .discourse: "/auth/oidc/callback"
        case .discourseConnect: "/session/sso_login"
        case .djangoMozilla: "/oidc/callback/"
        case .djangoAllauth: "/accounts/oidc/symbolon/login/callback/"
        case .synapse: "/_synapse/client/oidc/callback"
        case .mastodon: "/auth/auth/openid_connect/callback"
        case .nodebb: "/auth/symbolon/callback"
        case .flarum: "/auth/passport"
        case .apache: "/oidc/callback"
        case .other: nil
        }
    }

    /// Whether its client uses PKCE when set up as said here.
    public var usesPKCE: Bool {
        switch self {
        case .discourse, .discourseConnect, .djangoMozilla, .djangoAllauth, .synapse, .mastodon, .nodebb, .apache, .other: true
        case .flarum: false
        }
    }

    /// Whether its client sends a nonce.
    public var usesNonce: Bool {
        switch self {
        case .discourse, .discourseConnect, .djangoMozilla, .synapse, .mastodon, .apache, .other: true
        case .djangoAllauth, .nodebb, .flarum: false
        }
    }

    /// Whether its client can bear `iss` beside an answer: mod_auth_openidc takes an error with it for a login that somebody else began.
    public var bearsIssuer: Bool { self != .apache }

    /// Whether it cannot do without an e-mail address.
    public var needsEmail: Bool { [.discourse, .discourseConnect, .mastodon, .nodebb, .flarum].contains(self) }

    /// Whether a forum is of its kind: DiscourseConnect is a protocol of its own.
    public func fits(_ forum: Forum) -> Bool { (forum.kind == .openID) == (self != .discourseConnect) }

    /// Where members come back to, from the address of the forum's first page; nil where it has to be said.
    public func redirectURI(ofForumAt address: String) -> String? {
        guard let callback else { return nil }
        let uri = (address.hasSuffix("/") ? String(address.dropLast()) : address) + callback
        return RedirectURI.isAdmissible(uri) ? uri : nil
    }
}
