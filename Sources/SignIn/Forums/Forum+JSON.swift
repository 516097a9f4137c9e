import Reputation
import VerifierService

extension Forum {
    /// What the store keeps.
    package var record: ForumRecord { ForumRecord(id: id, document: json.encoded()) }

    /// The forum that a store keeps.
    ///
    /// - Throws: `JSONError` or ``Failure`` for what was not written by this.
    package init(_ record: ForumRecord) throws {
        var object = try JSONObject(JSON(parsing: record.document))
        try object.version(1)
        let secret = object.has("secret-hash") ? try object.digest("secret-hash") : nil
        let (redirects, logouts) = (try object.texts("redirect-uris"), try object.texts("logout-uris"))
        let (name, audience) = (try object.line("name"), try object.digest("audience"))
        let tiers = try object.array("tiers", atMost: Forum.greatestTiers).map { value in
            var tier = try JSONObject(value)
            let made = Tier(name: try tier.line("name"), group: try tier.line("group"), predicates: try tier.texts("predicates"))
            try tier.finish()
            return made
        }
        let kind = try Kind(&object)
        let isOpenID = kind == .openID
        let backChannel = object.has("backchannel-logout-uri") ? try object.line("backchannel-logout-uri") : nil
        let (pkce, nonce) = isOpenID ? (try object.flag("pkce"), try object.flag("nonce")) : (true, true)
        // Older records say nothing of it.
        let iss = isOpenID && object.has("iss") ? try object.flag("iss") : true
        var email = Email.none
        if object.has("email-domain") {
            email = .synthetic(domain: try object.line("email-domain"), isVerified: try object.flag("email-verified"))
        }
        guard let algorithm = isOpenID ? Algorithm(rawValue: try object.line("algorithm")) : .rs256 else {
            throw JSONError.wrongValue(Array("algorithm".utf8))
        }
        try object.finish()
        try self.init(
            id: record.id, secretHash: secret, redirectURIs: redirects, logoutURIs: logouts, name: name, audience: audience, tiers: tiers,
            requiresPKCE: pkce, requiresNonce: nonce, sendsIssuer: iss, email: email, algorithm: algorithm,
            backChannelLogoutURI: backChannel, kind: kind)
    }

    private var json: JSON {
        var members: [JSON.Member] = [.init("version", .integer(Int64(1)))]
        if let secretHash { members.append(.init("secret-hash", .hex(secretHash.bytes))) }
        if case .discourse(let discourse) = kind { members.append(.init("discourse-salt", .hex(discourse.salt.bytes))) }
        return .object(members + settings)
    }

    /// The record for people and programs, without the secret's hash.
    public var described: JSON {
        let type = kind != .openID ? "discourse" : secretHash == nil ? "public" : "confidential"
        return .object([.init("client-id", .text(id)), .init("type", .text(type))] + settings)
    }

    private var settings: [JSON.Member] {
        var members: [JSON.Member] = [
            .init("name", .text(name)), .init("audience", .hex(audience.bytes)),
            .init("redirect-uris", .array(redirectURIs.map { .text($0) })), .init("logout-uris", .array(logoutURIs.map { .text($0) })),
            .init(
                "tiers",
                .array(
                    tiers.map { tier in
                        .object([
                            .init("name", .text(tier.name)), .init("group", .text(tier.group)),
                            .init("predicates", .array(tier.predicates.map { .text($0) })),
                        ])
                    })),
        ]
        if let backChannelLogoutURI { members.append(.init("backchannel-logout-uri", .text(backChannelLogoutURI))) }
        switch kind {
        case .openID:
            members += [
                .init("pkce", .bool(requiresPKCE)), .init("nonce", .bool(requiresNonce)), .init("iss", .bool(sendsIssuer)),
                .init("algorithm", .text(algorithm.rawValue)),
            ]
        case .discourse(let discourse):
            for (name, tier) in [("moderators", discourse.moderators), ("admins", discourse.admins)] {
                if let tier { members.append(.init(name, .text(tier))) }
            }
        }
        if case .synthetic(let domain, let isVerified) = email {
            members += [.init("email-domain", .text(domain)), .init("email-verified", .bool(isVerified))]
        }
        return members
    }
}

extension Forum.Kind {
    fileprivate init(_ object: inout JSONObject) throws(JSONError) {
        guard object.has("discourse-salt") else {
            self = .openID
            return
        }
        let salt = try object.digest("discourse-salt")
        let moderators = object.has("moderators") ? try object.line("moderators") : nil
        let admins = object.has("admins") ? try object.line("admins") : nil
        self = .discourse(.init(salt: salt, moderators: moderators, admins: admins))
    }
}

extension JSONObject {
    package mutating func line(_ name: String) throws(JSONError) -> String { String(decoding: try text(name, atMost: 4096), as: UTF8.self) }

    package mutating func flag(_ name: String) throws(JSONError) -> Bool {
        guard case .bool(let value) = try take(name) else { throw .wrongValue(Array(name.utf8)) }
        return value
    }

    package mutating func texts(_ name: String) throws(JSONError) -> [String] {
        var texts: [String] = []
        for value in try array(name, atMost: 64) {
            guard let text = value.text else { throw .wrongValue(Array(name.utf8)) }
            texts.append(text)
        }
        return texts
    }
}
