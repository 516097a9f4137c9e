import Platform
import Reputation
import VerifierService

/// A request of a Discourse forum (DiscourseConnect), signed by it: what has to be remembered of it.
struct DiscourseRequest: Sendable, Equatable {
    /// What the forum knows its visitor by, until it is answered.
    let nonce: String
    /// Where the answer goes, as registered.
    let returnURL: String
    /// What else it wants.
    let prompt: Prompt

    enum Prompt: Sendable, Equatable {
        /// A sign-in.
        case signIn
        /// To know who is signed in already: no page may be shown.
        case none
        /// That nobody is signed in.
        case logout
    }

    /// Forums make nonces of 32 characters.
    static let greatestNonce = 256
    /// Seconds for which a used nonce is remembered; forums themselves forget one after ten minutes.
    static let nonceMemory: Int64 = 86_400

    /// From the query of a forum's request; nil unless it is signed with the secret, has a nonce, and wants to be answered at a registered
    /// address. Nothing is known then of who sent it, so nobody is sent anywhere.
    init?(_ query: Form, forum: Forum, secret: String) {
        guard let sso = query["sso"], let sig = query["sig"], let form = DiscourseEnvelope.open(sso: sso, sig: sig, secret: secret),
            let nonce = form["nonce"], nonce.utf8.count <= DiscourseRequest.greatestNonce, isLine(nonce),
            let returnURL = form["return_sso_url"], forum.redirectURIs.contains(returnURL)
        else { return nil }
        self.nonce = nonce
        self.returnURL = returnURL
        prompt = form["logout"] == "true" ? .logout : form["prompt"] == "none" ? .none : .signIn
    }

    /// What is kept while it is on its way through a page.
    var document: [UInt8] { JSON.object([.init("nonce", .text(nonce)), .init("return-url", .text(returnURL))]).encoded() }

    init(document: [UInt8]) throws(JSONError) {
        var object = try JSONObject(JSON(parsing: document))
        (nonce, returnURL, prompt) = (try object.line("nonce"), try object.line("return-url"), .signIn)
        try object.finish()
    }

    /// The name of its one answer: the store takes each only once.
    func answerID(forum: String) -> [UInt8] {
        SHA256.hash(Array("SYMBOLON-V01-discourse-answer".utf8) + SHA256.hash(Array(forum.utf8)) + Array(nonce.utf8))
    }

    /// The forum's first page: there a visitor goes back who did not sign in. The protocol has no answer that says so: a forum takes one
    /// without an account for an error, and `failed` it does not read.
    var home: String { DiscourseRequest.home(of: returnURL) }

    /// The first page of the forum that is answered at an address.
    static func home(of returnURL: String) -> String {
        let path = "/session/sso_login"
        if returnURL.hasSuffix(path) { return String(returnURL.dropLast(path.utf8.count)) + "/" }
        // A registered address has a scheme, two slashes and a host.
        let parts = returnURL.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.prefix(3).joined(separator: "/").split(separator: "?")[0] + "/"
    }
}

extension Proof {
    /// What a Discourse forum is told, beside its nonce.
    func parameters(for forum: Forum, _ discourse: Forum.Discourse) -> [(String, String)] {
        var parameters = [("external_id", subject.text), ("username", subject.username), ("name", subject.username)]
        if case .synthetic(let domain, let isVerified) = forum.email {
            parameters.append(("email", "\(subject.text)@\(domain)"))
            if !isVerified { parameters.append(("require_activation", "true")) }
        }
        parameters.append(("add_groups", groups.joined(separator: ",")))
        let others = forum.groups(ofTier: forum.tiers.count - 1).filter { !groups.contains($0) }
        if !others.isEmpty { parameters.append(("remove_groups", others.joined(separator: ","))) }
        // Not a word of it unless the operator said so: a forum's staff is its own affair.
        for (name, tier) in [("moderator", discourse.moderators), ("admin", discourse.admins)] {
            guard let tier else { continue }
            parameters.append((name, forum.tier(self.tier, includes: tier) ? "true" : "false"))
        }
        return parameters + [("suppress_welcome_message", "true")]
    }
}
