import Reputation

/// A validated authorization request (OpenID Connect Core 3.1.2.1): what has to be remembered of it.
struct AuthorizationRequest: Sendable, Equatable {
    /// Where the browser goes back to, as registered.
    let redirectURI: String
    let state: String?
    let nonce: String?
    /// PKCE, S256: 43 characters.
    let challenge: String?
    /// The subject of `id_token_hint`: nobody else is to be signed in.
    let subject: String?
    /// What the forum said about an earlier sign-in in this browser.
    let reuse: Reuse

    enum Reuse: Sendable, Equatable {
        /// May be used, when it is at most so many seconds old.
        case allowed(maxAge: Int64?)
        /// Must be used: no page may be shown.
        case only(maxAge: Int64?)
        /// Must not be used.
        case never
    }

    static let greatestText = 1024

    /// From the parameters of a request of this forum, whose redirect address was compared already.
    ///
    /// - Parameter hint: the subject of an ID token hint, which is checked by whoever has the keys; throws when it is none of this forum.
    init(
        _ form: Form, forum: Forum, redirectURI: String, hint: (String) async throws(AuthorizationError) -> String
    ) async throws(AuthorizationError) {
        guard let type = form["response_type"] else { throw .invalidRequest("response_type is missing") }
        guard type == "code" else { throw .unsupportedResponseType }
        guard form["response_mode"] ?? "query" == "query" else { throw .invalidRequest("response_mode is not query") }
        if form["request"] != nil { throw .requestNotSupported }
        if form["request_uri"] != nil { throw .requestURINotSupported }
        if form["registration"] != nil { throw .registrationNotSupported }
        guard let scope = form["scope"], scope.split(separator: " ").contains("openid") else {
            throw .invalidScope
        }
        for name in ["state", "nonce"] where (form[name] ?? "").utf8.count > AuthorizationRequest.greatestText {
            throw .invalidRequest("\(name) is too long")
        }
        guard form["nonce"] != nil || !forum.requiresNonce else { throw .invalidRequest("nonce is missing") }
        challenge = try AuthorizationRequest.challenge(form, forum)
        reuse = try AuthorizationRequest.reuse(form)
        if let token = form["id_token_hint"] { subject = try await hint(token) } else { subject = nil }
        self.redirectURI = redirectURI
        state = form["state"]
        nonce = form["nonce"]
    }

    private static func challenge(_ form: Form, _ forum: Forum) throws(AuthorizationError) -> String? {
        guard let challenge = form["code_challenge"] else {
            guard !forum.requiresPKCE, form["code_challenge_method"] == nil else { throw .invalidRequest("code_challenge is missing") }
            return nil
        }
        // Without a method it would be "plain", which shows the verifier to who sees the request.
        guard form["code_challenge_method"] == "S256" else { throw .invalidRequest("code_challenge_method is not S256") }
        guard Opaque(challenge) != nil else { throw .invalidRequest("code_challenge is no SHA-256 hash in base64url") }
        return challenge
    }

    private static func reuse(_ form: Form) throws(AuthorizationError) -> Reuse {
        var maxAge: Int64?
        if let text = form["max_age"] {
            guard let seconds = Int64(text), seconds >= 0, String(seconds) == text else { throw .invalidRequest("max_age is no number") }
            maxAge = seconds
        }
        let prompts = Set((form["prompt"] ?? "").split(separator: " ").map(String.init))
        guard prompts.isSubset(of: ["none", "login", "consent", "select_account"]) else { throw .invalidRequest("prompt is unknown") }
        if prompts.contains("none") {
            guard prompts.count == 1 else { throw .invalidRequest("prompt none stands with others") }
            return .only(maxAge: maxAge)
        }
        return prompts.isEmpty && maxAge != 0 ? .allowed(maxAge: maxAge) : .never
    }

    /// Whether what was proved earlier answers this request.
    func isAnswered(by proof: Proof, now: Int64) -> Bool {
        if let subject, subject != proof.subject.text { return false }
        switch reuse {
        case .never: return false
        case .allowed(let maxAge), .only(let maxAge):
            guard let maxAge else { return true }
            // A proof from the future is as new as can be.
            return max(0, now - proof.time) < maxAge
        }
    }
}

extension AuthorizationRequest {
    /// What is kept while it is on its way: how earlier proofs were to be used is decided at once.
    var document: [UInt8] {
        var members: [JSON.Member] = [.init("redirect-uri", .text(redirectURI))]
        for (name, value) in [("state", state), ("nonce", nonce), ("challenge", challenge), ("subject", subject)] {
            if let value { members.append(.init(name, .text(value))) }
        }
        return JSON.object(members).encoded()
    }

    init(document: [UInt8]) throws(JSONError) {
        var object = try JSONObject(JSON(parsing: document))
        redirectURI = try object.line("redirect-uri")
        state = object.has("state") ? try object.line("state") : nil
        nonce = object.has("nonce") ? try object.line("nonce") : nil
        challenge = object.has("challenge") ? try object.line("challenge") : nil
        subject = object.has("subject") ? try object.line("subject") : nil
        reuse = .never
        try object.finish()
    }

    /// Where the browser goes with an answer; `iss` says whose answer it is (RFC 9207), where the forum can bear it.
    func address(_ parameters: [(String, String)], issuer: String?) -> String {
        Form.address(
            redirectURI, adding: parameters + (state.map { [("state", $0)] } ?? []) + (issuer.map { [("iss", $0)] } ?? []))
    }

    /// Where the browser goes with an error.
    func address(_ error: AuthorizationError, issuer: String?) -> String {
        AuthorizationRequest.address(error, redirectURI: redirectURI, state: state, issuer: issuer)
    }

    /// The same for a request that could not be read to its end.
    static func address(_ error: AuthorizationError, redirectURI: String, state: String?, issuer: String?) -> String {
        var parameters: [(String, String)] = [("error", error.code)]
        if let description = error.description { parameters.append(("error_description", description)) }
        if let state, state.utf8.count <= greatestText { parameters.append(("state", state)) }
        return Form.address(redirectURI, adding: parameters + (issuer.map { [("iss", $0)] } ?? []))
    }
}

/// An error that the forum is told (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6).
enum AuthorizationError: Error, Equatable {
    case invalidRequest(String), invalidScope, unsupportedResponseType, requestNotSupported, requestURINotSupported,
        registrationNotSupported, loginRequired, accessDenied, temporarilyUnavailable

    /// For people at the forum, in ASCII without quotes; of a denial nothing but that there was one.
    var description: String? {
        switch self {
        case .invalidRequest(let text): text
        case .accessDenied: "The sign-in was not completed."
        default: nil
        }
    }

    var code: String {
        switch self {
        case .invalidRequest: "invalid_request"
        case .invalidScope: "invalid_scope"
        case .unsupportedResponseType: "unsupported_response_type"
        case .requestNotSupported: "request_not_supported"
        case .requestURINotSupported: "request_uri_not_supported"
        case .registrationNotSupported: "registration_not_supported"
        case .loginRequired: "login_required"
        case .accessDenied: "access_denied"
        case .temporarilyUnavailable: "temporarily_unavailable"
        }
    }
}
