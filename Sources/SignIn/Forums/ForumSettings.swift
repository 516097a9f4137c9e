/// What the operator of a forum enters so that it signs members in here, ready to paste.
public struct ForumSettings: Sendable, Equatable {
    /// Which software.
    public let software: ForumSoftware
    /// Where to enter it.
    public let place: String
    /// The settings.
    public let text: String

    /// What stands for a secret that is kept nowhere.
    public static let hiddenSecret = "THE-CLIENT-SECRET"

    /// The settings of a forum.
    ///
    /// - Parameters:
    ///   - issuer: origin of this service.
    ///   - secret: the client secret, where it is known; it is known only when it was just made.
    public init(_ software: ForumSoftware, of forum: Forum, issuer: String, secret: String? = nil) {
        self.software = software
        let secret = !forum.hasSecret ? "" : secret ?? ForumSettings.hiddenSecret
        let values = Values(
            id: forum.id, secret: secret, issuer: issuer, redirect: forum.redirectURIs[0], algorithm: forum.algorithm.rawValue,
            pkce: forum.requiresPKCE)
        if software == .discourseConnect {
            place = "In the admin's settings, under Login."
            text = forum.discourseSettings(issuer: issuer, secret: secret).map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        } else {
            (place, text) = values.settings(of: software)
        }
    }

    private struct Values {
        let id: String
        let secret: String
        let issuer: String
        let redirect: String
        let algorithm: String
        let pkce: Bool

        private var discovery: String { issuer + "/.well-known/openid-configuration" }

        func settings(of software: ForumSoftware) -> (String, String) {
            switch software {
            case .discourse: discourse
            case .djangoMozilla: djangoMozilla
            case .djangoAllauth: djangoAllauth
            case .synapse: synapse
            case .mastodon: mastodon
            case .nodebb: nodebb
            case .flarum: flarum
            case .apache: apache
            case .other, .discourseConnect: other
            }
        }

        private var discourse: (String, String) {
            (
                "In the admin's settings, of the plugin OpenID Connect. Once an administrator has signed in this way: enable_local_logins off, disable_emails non-staff.",
                """
                openid_connect_enabled: true
                openid_connect_discovery_document: \(discovery)
                openid_connect_client_id: \(id)
                openid_connect_client_secret: \(secret)
                openid_connect_authorize_scope: openid profile email
                openid_connect_use_pkce: \(pkce)
                openid_connect_match_by_email: false
                auth_skip_create_confirm: true
                auth_overrides_username: true
                """
            )
        }

        private var djangoMozilla: (String, String) {
            (
                "settings.py, with mozilla_django_oidc in INSTALLED_APPS, its URLs below oidc/, and as AUTHENTICATION_BACKENDS the backend of docs/forums.md, which finds accounts by sub.",
                """
                OIDC_RP_CLIENT_ID = "\(id)"
                OIDC_RP_CLIENT_SECRET = "\(secret)"
                OIDC_RP_SCOPES = "openid profile"
                OIDC_RP_SIGN_ALGO = "\(algorithm)"
                OIDC_USE_PKCE = \(pkce ? "True" : "False")
                OIDC_OP_AUTHORIZATION_ENDPOINT = "\(issuer)/openid/authorize"
                OIDC_OP_TOKEN_ENDPOINT = "\(issuer)/openid/token"
                OIDC_OP_USER_ENDPOINT = "\(issuer)/openid/userinfo"
                OIDC_OP_JWKS_ENDPOINT = "\(issuer)/openid/keys"
                """
            )
        }

        private var djangoAllauth: (String, String) {
            (
                "settings.py, with allauth.socialaccount.providers.openid_connect in INSTALLED_APPS; the rest of it stands in docs/forums.md.",
                """
                SOCIALACCOUNT_ONLY = True
                ACCOUNT_EMAIL_VERIFICATION = "none"
                ACCOUNT_SIGNUP_FIELDS = ["username*"]
                SOCIALACCOUNT_PROVIDERS = {
                    "openid_connect": {
                        "OAUTH_PKCE_ENABLED": \(pkce ? "True" : "False"),
                        "APPS": [{
                            "provider_id": "symbolon",
                            "name": "Symbolon",
                            "client_id": "\(id)",
                            "secret": "\(secret)",
                            "settings": {"server_url": "\(issuer)"},
                        }],
                    },
                }
                """
            )
        }

        private var synapse: (String, String) {
            (
                "homeserver.yaml",
                """
                oidc_providers:
                  - idp_id: symbolon
                    idp_name: Symbolon
                    issuer: "\(issuer)"
                    client_id: "\(id)"
                    client_secret: "\(secret)"
                    scopes: ["openid", "profile"]
                    pkce_method: \(pkce ? "always" : "never")
                    user_mapping_provider:
                      config:
                        subject_claim: sub
                        localpart_template: "{{ user.preferred_username }}"
                        display_name_template: "{{ user.preferred_username }}"
                """
            )
        }

        private var mastodon: (String, String) {
            (
                ".env.production, of a Mastodon that knows OIDC_USE_PKCE.",
                """
                OMNIAUTH_ONLY=true
                OIDC_ENABLED=true
                OIDC_DISPLAY_NAME=Symbolon
                OIDC_ISSUER=\(issuer)
                OIDC_DISCOVERY=true
                OIDC_SCOPE=openid,profile,email
                OIDC_UID_FIELD=sub
                OIDC_USE_PKCE=\(pkce)
                OIDC_CLIENT_ID=\(id)
                OIDC_CLIENT_SECRET=\(secret)
                OIDC_REDIRECT_URI=\(redirect)
                OIDC_SECURITY_ASSUME_EMAIL_IS_VERIFIED=true
                """
            )
        }

        private var nodebb: (String, String) {
            (
                "Admin, Plugins, Multiple OAuth2: a strategy of this name. A version without PKCE sends no state either: take a newer one.",
                """
                Name: symbolon
                Authorization URL: \(issuer)/openid/authorize
                Token URL: \(issuer)/openid/token
                User Info URL: \(issuer)/openid/userinfo
                Client ID: \(id)
                Client Secret: \(secret)
                Scope: openid profile email
                Use PKCE: \(pkce ? "on" : "off")
                Automatically confirm emails: on
                Alternative id key: sub
                """
            )
        }

        private var flarum: (String, String) {
            (
                "Admin, FoF Passport, of September 2025 or newer: earlier ones do not ask for the field of the id.",
                """
                OAuth authorization URL: \(issuer)/openid/authorize
                OAuth token URL: \(issuer)/openid/token
                API URL providing user details: \(issuer)/openid/userinfo
                OAuth application ID: \(id)
                OAuth application secret: \(secret)
                OAuth scopes: openid
                Field of the user's id: sub
                Field of the name: preferred_username
                Field of the e-mail address: email
                """
            )
        }

        private var apache: (String, String) {
            (
                "The configuration of the virtual host. Register it without iss in answers, else members cannot cancel.",
                """
                OIDCProviderMetadataURL \(discovery)
                OIDCClientID \(id)
                OIDCClientSecret \(secret)
                OIDCRedirectURI \(redirect)
                OIDCCryptoPassphrase "exec:/usr/local/bin/passphrase"
                OIDCScope "openid profile"
                OIDCPKCEMethod S256
                OIDCRemoteUserClaim sub
                <Location />
                    AuthType openid-connect
                    Require valid-user
                </Location>
                """
            )
        }

        private var other: (String, String) {
            (
                "Wherever your software asks for an OpenID Connect provider. Let it know accounts by the claim sub.",
                """
                Issuer: \(issuer)
                Discovery: \(discovery)
                Client id: \(id)
                Client secret: \(secret)
                Redirect address: \(redirect)
                Scope: openid profile email
                PKCE: S256
                """
            )
        }
    }
}
