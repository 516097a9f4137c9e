import Curves

/// The wallet's state as JSON: only ever inside an encrypted file.
extension Wallet {
    /// The whole state, secrets included.
    package var json: JSON {
        var members: [JSON.Member] = [
            .init("version", .integer(Int64(1))), .init("seed", .hex(seed.phrase.entropy)),
            .init("pending", .array(pending.map { $0.json })), .init("credentials", .array(credentials.map { $0.json })),
            .init("tickets", .array(tickets.map { $0.json })), .init("renewals", .array(renewals.map { $0.json })),
        ]
        if !topUps.isEmpty { members.append(.init("top-ups", .array(topUps.map { $0.json }))) }
        if !policies.isEmpty { members.append(.init("policies", .array(policies.map { .hex($0.encoded) }))) }
        if let restoredAt { members.append(.init("restored-at", .integer(restoredAt))) }
        return .object(members)
    }

    /// From the state; throws `.state` or `.stateValue`.
    @export(interface)
    package init(json: JSON) throws(WalletError) {
        let (entropy, pending, credentials, tickets, renewals): ([UInt8], [JSON], [JSON], [JSON], [JSON])
        let (restoredAt, policies, topUps): (Int64?, [JSON], [JSON])
        do {
            var object = try JSONObject(json)
            try object.version(1)
            entropy = try object.hex("seed", 32)
            pending = try object.array("pending", atMost: Wallet.greatestCount)
            credentials = try object.array("credentials", atMost: Wallet.greatestCount)
            tickets = try object.array("tickets", atMost: Wallet.greatestCount)
            // Wallets from before there were renewals have none.
            renewals = object.has("renewals") ? try object.array("renewals", atMost: Wallet.greatestCount) : []
            topUps = object.has("top-ups") ? try object.array("top-ups", atMost: Wallet.greatestCount) : []
            policies = object.has("policies") ? try object.array("policies", atMost: Wallet.greatestCount) : []
            restoredAt = object.has("restored-at") ? try object.integer("restored-at", in: 0...Int64.max) : nil
            try object.finish()
        } catch {
            throw .state(error)
        }
        guard let phrase = try? Phrase(entropy: entropy) else { throw .stateValue }
        self.init(
            seed: Seed(phrase), restoredAt: restoredAt,
            pending: try pending.map { (value) throws(WalletError) in try PendingClaim(json: value) },
            credentials: try credentials.map { (value) throws(WalletError) in try Credential(json: value) },
            tickets: try tickets.map { (value) throws(WalletError) in try ReservedTicket(json: value) })
        self.policies = try policies.map { (value) throws(WalletError) in try storedPolicy(value) }
        self.renewals = try renewals.map { (value) throws(WalletError) in try PendingRenewal(json: value) }
        self.topUps = try topUps.map { (value) throws(WalletError) in try PendingTopUp(json: value) }
    }

    /// Elements of a list of the state at most.
    private static let greatestCount = 1 << 16
}

/// Runs a reader of stored JSON with the wallet's errors.
private func stored<T>(_ body: () throws(JSONError) -> T) throws(WalletError) -> T {
    do { return try body() } catch { throw .state(error) }
}

private func storedPolicy(_ json: JSON) throws(WalletError) -> Policy {
    guard case .string(let text) = json, let bytes = try? Hex.decode(text), let policy = try? Policy(encoded: bytes) else {
        throw .stateValue
    }
    return policy
}

private func storedCommunity(_ json: JSON) throws(WalletError) -> Community {
    do { return try Community(json: json) } catch { throw .stateValue }
}

extension PendingClaim {
    var json: JSON {
        .object([.init("identity", .integer(identity)), .init("community", community.json), .init("request", request.json)])
    }

    init(json: JSON) throws(WalletError) {
        let (identity, community, request) = try stored { () throws(JSONError) in
            var object = try JSONObject(json)
            let parts = (try object.uint32("identity"), try object.take("community"), try object.take("request"))
            try object.finish()
            return parts
        }
        self.identity = identity
        self.community = try storedCommunity(community)
        do { self.request = try ClaimRequest(json: request) } catch { throw .stateValue }
    }
}

extension Credential {
    var json: JSON {
        var members: [JSON.Member] = [
            .init("identity", .integer(identity)), .init("community", community.json), .init("epoch", .integer(epoch)),
            .init("values", .array(values.map { .integer($0) })), .init("blinding", .hex(blinding.encoded)), .init("leaf", .hex(leaf)),
            .init("code-hash", .hex(codeHash.bytes)),
        ]
        if let index { members.append(.init("index", .integer(index))) }
        if let receipt { members.append(.init("receipt", receipt.json)) }
        return .object(members)
    }

    init(json: JSON) throws(WalletError) {
        var (community, receipt): (JSON, JSON?) = (.null, nil)
        let parts = try stored { () throws(JSONError) in
            var object = try JSONObject(json)
            community = try object.take("community")
            receipt = object.takeIfPresent("receipt")
            let parts = (
                identity: try object.uint32("identity"), epoch: try object.uint32("epoch"),
                values: try object.integers("values", atMost: Schema.greatestCount), blinding: try object.hex("blinding", 32),
                leaf: try object.hex("leaf", 33), codeHash: try object.digest("code-hash"),
                index: object.has("index") ? try object.uint32("index") : nil
            )
            try object.finish()
            return parts
        }
        identity = parts.identity
        self.community = try storedCommunity(community)
        epoch = parts.epoch
        values = parts.values
        // One kind of error each: Embedded Swift has no value that can be any of several.
        do { blinding = try Fn(encoded: parts.blinding[...]) } catch { throw .stateValue }
        do { self.receipt = try receipt.map { (value) throws(IssuanceError) in try Receipt(json: value) } } catch { throw .stateValue }
        do { try self.community.schema.check(values: values) } catch { throw .stateValue }
        leaf = parts.leaf
        codeHash = parts.codeHash
        index = parts.index
    }
}

extension PendingRenewal {
    var json: JSON {
        var members: [JSON.Member] = [
            .init("identity", .integer(identity)), .init("community", community.json), .init("leaf", .hex(leaf)),
            .init("retry", .integer(retry)), .init("message", message.json),
        ]
        if let receipt { members.append(.init("receipt", receipt.json)) }
        return .object(members)
    }

    init(json: JSON) throws(WalletError) {
        var (community, message, receipt): (JSON, JSON, JSON?) = (.null, .null, nil)
        let parts = try stored { () throws(JSONError) in
            var object = try JSONObject(json)
            community = try object.take("community")
            message = try object.take("message")
            receipt = object.takeIfPresent("receipt")
            let parts = (identity: try object.uint32("identity"), leaf: try object.hex("leaf", 33), retry: try object.uint32("retry"))
            try object.finish()
            return parts
        }
        identity = parts.identity
        leaf = parts.leaf
        retry = parts.retry
        self.community = try storedCommunity(community)
        do {
            self.message = try RenewalMessage(json: message)
            self.receipt = try receipt.map { (value) throws(RenewalError) in try RenewalReceipt(json: value) }
        } catch {
            throw .stateValue
        }
    }
}

extension PendingTopUp {
    var json: JSON {
        var members: [JSON.Member] = [
            .init("identity", .integer(identity)), .init("community", community.json), .init("leaf", .hex(leaf)),
            .init("message", message.json),
        ]
        if let receipt { members.append(.init("receipt", receipt.json)) }
        return .object(members)
    }

    init(json: JSON) throws(WalletError) {
        var (community, message, receipt): (JSON, JSON, JSON?) = (.null, .null, nil)
        let parts = try stored { () throws(JSONError) in
            var object = try JSONObject(json)
            community = try object.take("community")
            message = try object.take("message")
            receipt = object.takeIfPresent("receipt")
            let parts = (identity: try object.uint32("identity"), leaf: try object.hex("leaf", 33))
            try object.finish()
            return parts
        }
        identity = parts.identity
        leaf = parts.leaf
        self.community = try storedCommunity(community)
        do {
            self.message = try TopUpMessage(json: message)
            self.receipt = try receipt.map { (value) throws(TopUpError) in try TopUpReceipt(json: value) }
        } catch {
            throw .stateValue
        }
    }
}

extension ReservedTicket {
    var json: JSON {
        .object([
            .init("identity", .integer(identity)), .init("community", .hex(community.bytes)), .init("epoch", .integer(epoch)),
            .init("audience", .hex(audience.bytes)), .init("index", .integer(index)),
        ])
    }

    init(json: JSON) throws(WalletError) {
        self = try stored { () throws(JSONError) in
            var object = try JSONObject(json)
            let ticket = ReservedTicket(
                identity: try object.uint32("identity"), community: try object.digest("community"), epoch: try object.uint32("epoch"),
                audience: try object.digest("audience"), index: try object.uint32("index"))
            try object.finish()
            return ticket
        }
    }
}
