import Proofs

/// What a member sends to renew. Computed from the log and his wallet alone; sent again unchanged until the answer is there.
public struct RenewalMessage: Equatable, Sendable {
    /// The epoch that is left.
    public let from: UInt32
    /// The epoch that is entered.
    public let to: UInt32
    /// The new leaf's base and the proof, against the final root of the epoch that is left.
    public let derivation: DerivationMessage

    /// From its parts.
    public init(from: UInt32, to: UInt32, derivation: DerivationMessage) {
        self.from = from
        self.to = to
        self.derivation = derivation
    }

    /// From JSON: `{"version":1,"from","to","root","base","shift","disclosed":[[attribute,value]],"presentation"}`.
    @export(interface)
    public init(json: JSON) throws(RenewalError) {
        do {
            var object = try JSONObject(json)
            try object.version(1)
            (from, to) = (try object.uint32("from"), try object.uint32("to"))
            derivation = try DerivationMessage(&object)
            try object.finish()
        } catch {
            throw .json(error)
        }
    }

    /// The JSON form.
    public var json: JSON {
        .object(
            [.init("version", .integer(Int64(1))), .init("from", .integer(from)), .init("to", .integer(to))] + derivation.members)
    }

    /// The nullifier of the renewal: 33 bytes; empty when the presentation is shorter.
    public var nullifier: [UInt8] { derivation.nullifier }

    /// All checks but the proof, against what the log says. Throws `.epoch`, `.root`, `.encoding`, `.disclosure`, `.leaf` or `.presentation`.
    public func check(_ community: Community, _ epochs: EpochHistory) throws(RenewalError) -> CheckedDerivation {
        guard to == epochs.renewalTarget, let statement = epochs.statement(community, from: from, to: to),
            let final = epochs.final(of: from)
        else { throw .epoch }
        guard let nullifiers = statement.nullifiers(of: derivation.presentation) else { throw .presentation(.length) }
        let raw = epochs.feedback(on: statement.accounts, nullifiers: nullifiers, schema: community.schema)
        let addition = try statement.addition(raw: raw, disclosed: derivation.disclosed)
        let request = try statement.request(base: derivation.base, addition)
        do {
            return try derivation.check(addition, schema: community.schema, tree: final, request: request)
        } catch .root {
            throw .root
        } catch .encoding {
            throw .encoding
        } catch {
            throw .leaf
        }
    }

    /// The log's entry for it.
    public func entry(_ checked: CheckedDerivation, index: UInt32) -> RenewedEntry {
        RenewedEntry(epoch: to, index: index, from: from, derivation: checked.derivation)
    }
}

/// The issuer's signed promise that a renewed leaf is, or will be, in the log: what he answers a renewal with, and answers again.
///
/// Signed with the log's key; no signed note of that key can be confused with it: a note is text, this holds zero bytes.
public struct RenewalReceipt: Equatable, Sendable {
    /// The community.
    public let community: Digest
    /// The nullifier of the renewal, 33 bytes.
    public let nullifier: [UInt8]
    /// The epoch that is left.
    public let from: UInt32
    /// The epoch in whose tree the leaf stands.
    public let to: UInt32
    /// What is added, zeros left out, rising by attribute.
    public let deltas: [AttributeChange]
    /// The leaf, 33 bytes.
    public let leaf: [UInt8]
    /// When it was promised, in seconds since 1970.
    public let time: Int64
    /// Ed25519 signature over `signedBytes`, 64 bytes.
    public let signature: [UInt8]

    /// From its parts, signature included.
    public init(
        community: Digest, nullifier: [UInt8], from: UInt32, to: UInt32, deltas: [AttributeChange], leaf: [UInt8], time: Int64,
        signature: [UInt8]
    ) {
        self.community = community
        self.nullifier = nullifier
        self.from = from
        self.to = to
        self.deltas = deltas
        self.leaf = leaf
        self.time = time
        self.signature = signature
    }

    /// What is signed.
    public var signedBytes: [UInt8] {
        var out = Array("SYMBOLON-V01-renewal-receipt".utf8) + community.bytes + nullifier
        out += littleEndian4(Int(truncatingIfNeeded: from)) + littleEndian4(Int(truncatingIfNeeded: to))
        return out + AttributeChange.encoded(deltas) + leaf + littleEndian8(time)
    }

    /// Its signature, as one by the log's key.
    public func signatureCheck(logKey: [UInt8]) -> SignatureCheck {
        SignatureCheck(publicKey: logKey, message: signedBytes, signature: signature)
    }

    /// From JSON: `{"version":1,"community","nullifier","from","to","deltas":[[attribute,amount]],"leaf","time","signature"}`.
    @export(interface)
    public init(json: JSON) throws(RenewalError) {
        do {
            var object = try JSONObject(json)
            try object.version(1)
            community = try object.digest("community")
            nullifier = try object.hex("nullifier", 33)
            (from, to) = (try object.uint32("from"), try object.uint32("to"))
            deltas = try object.attributeChanges("deltas")
            leaf = try object.hex("leaf", 33)
            time = try object.integer("time", in: 0...Int64.max)
            signature = try object.hex("signature", 64)
            try object.finish()
        } catch {
            throw .json(error)
        }
    }

    /// The JSON form.
    public var json: JSON {
        .object([
            .init("version", .integer(Int64(1))), .init("community", .hex(community.bytes)), .init("nullifier", .hex(nullifier)),
            .init("from", .integer(from)), .init("to", .integer(to)),
            .init("deltas", AttributeChange.json(deltas)), .init("leaf", .hex(leaf)),
            .init("time", .integer(time)), .init("signature", .hex(signature)),
        ])
    }
}

#if !hasFeature(Embedded)
import Platform

extension RenewalReceipt {
    /// Signs a promise with the log's key.
    public init(
        community: Digest, message: RenewalMessage, checked: CheckedDerivation, time: Int64, signedBy key: Ed25519SigningKey
    ) {
        func receipt(_ signature: [UInt8]) -> RenewalReceipt {
            RenewalReceipt(
                community: community, nullifier: message.nullifier, from: message.from, to: message.to, deltas: checked.derivation.deltas,
                leaf: checked.derivation.leaf, time: time, signature: signature)
        }
        self = receipt(key.sign(receipt([]).signedBytes))
    }

    /// Whether the log's key signed it.
    public func verify(logKey: [UInt8]) -> Bool { signatureCheck(logKey: logKey).holds }
}
#endif
