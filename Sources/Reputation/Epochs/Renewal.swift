import Curves
import Membership
import Proofs

/// What a member sends to renew. Computed from the log and his wallet alone; sent again unchanged until the answer is there.
public struct RenewalMessage: Equatable, Sendable {
    /// The epoch that is left.
    public let from: UInt32
    /// The epoch that is entered.
    public let to: UInt32
    /// Root that it is proved against: the final one of the epoch that is left, 33 bytes.
    public let root: [UInt8]
    /// The new leaf before anything is added to it, 33 bytes.
    public let base: [UInt8]
    /// What leads from the presentation's credential to `base`: a scalar, 32 bytes.
    public let shift: [UInt8]
    /// Values disclosed because there is no room for all of the feedback, rising by attribute.
    public let disclosed: [RenewalStatement.Change]
    /// The proof.
    public let presentation: [UInt8]

    /// From its parts.
    public init(
        from: UInt32, to: UInt32, root: [UInt8], base: [UInt8], shift: [UInt8], disclosed: [RenewalStatement.Change], presentation: [UInt8]
    ) {
        self.from = from
        self.to = to
        self.root = root
        self.base = base
        self.shift = shift
        self.disclosed = disclosed
        self.presentation = presentation
    }

    /// From JSON: `{"version":1,"from","to","root","base","shift","disclosed":[[attribute,value]],"presentation"}`.
    public init(json: JSON) throws(RenewalError) {
        var disclosed: [RenewalStatement.Change] = []
        do throws(JSONError) {
            var object = try JSONObject(json)
            try object.version(1)
            (from, to) = (try object.uint32("from"), try object.uint32("to"))
            (root, base, shift) = (try object.hex("root", 33), try object.hex("base", 33), try object.hex("shift", 32))
            for value in try object.array("disclosed", atMost: Schema.greatestCount) {
                guard case .array(let pair) = value, pair.count == 2, case .integer(let attribute) = pair[0],
                    case .integer(let number) = pair[1],
                    (1...Int64(Schema.greatestCount)).contains(attribute)
                else { throw JSONError.wrongValue(Array("disclosed".utf8)) }
                disclosed.append(RenewalStatement.Change(attribute: Int(attribute), value: number))
            }
            presentation = try object.base64URL("presentation", atMost: PresentationAnswer.greatestPresentation)
            try object.finish()
        } catch {
            throw .json(error)
        }
        self.disclosed = disclosed
    }

    /// The JSON form.
    public var json: JSON {
        .object([
            .init("version", .integer(Int64(1))), .init("from", .integer(from)), .init("to", .integer(to)), .init("root", .hex(root)),
            .init("base", .hex(base)), .init("shift", .hex(shift)),
            .init("disclosed", .array(disclosed.map { .array([.integer(Int64($0.attribute)), .integer($0.value)]) })),
            .init("presentation", .base64URL(presentation)),
        ])
    }

    /// The nullifier of the renewal: 33 bytes; empty when the presentation is shorter.
    public var nullifier: [UInt8] { presentation.count >= 33 ? Array(presentation.prefix(33)) : [] }

    /// What is checked of a renewal before its proof.
    public struct Checked: Sendable {
        /// What is left to verify.
        public let claim: Presentation.Claim
        /// What is added.
        public let deltas: [RenewalStatement.Change]
        /// The new leaf, 33 bytes.
        public let leaf: [UInt8]
        let base: [UInt8]
        let shift: Fn

        /// Throws `.leaf` unless the verified presentation's credential leads to the leaf.
        public func check(_ verified: Presentation.Verified) throws(RenewalError) {
            guard RenewalStatement.isBase(base, of: verified.credential, shift: shift) else { throw .leaf }
        }
    }

    /// All checks but the proof, against what the log says. Throws `.epoch`, `.root`, `.encoding`, `.disclosure`, `.leaf` or `.presentation`.
    public func check(_ community: Community, _ epochs: EpochHistory) throws(RenewalError) -> Checked {
        guard to == epochs.renewalTarget, let statement = epochs.statement(community, from: from, to: to),
            let final = epochs.final(of: from)
        else { throw .epoch }
        guard root == final.root, let known = try? TreeRoot(encoded: root[...], depth: Int(final.depth)) else { throw .root }
        guard let point = try? Affine<Secp256k1>(encoded: base[...]), let shift = try? Fn(encoded: self.shift[...]) else { throw .encoding }
        guard let nullifiers = statement.nullifiers(of: presentation) else { throw .presentation(.length) }
        let raw = epochs.feedback(on: statement.accounts, nullifiers: nullifiers, schema: community.schema)
        let settlement = try statement.settlement(raw: raw, disclosed: disclosed)
        let request = try statement.request(base: base, settlement)
        guard let leaf = statement.leaf(base: point, settlement.deltas) else { throw .leaf }
        return Checked(
            claim: Presentation.Claim(presentation: presentation, request: request, depth: Int(final.depth), root: known),
            deltas: settlement.deltas, leaf: leaf.encoded, base: base, shift: shift)
    }

    /// The log's entry for it.
    public func entry(_ checked: Checked, index: UInt32) -> RenewedEntry {
        RenewedEntry(
            epoch: to, index: index, from: from, disclosed: disclosed, deltas: checked.deltas, shift: shift, presentation: presentation,
            leaf: checked.leaf)
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
    public let deltas: [RenewalStatement.Change]
    /// The leaf, 33 bytes.
    public let leaf: [UInt8]
    /// When it was promised, in seconds since 1970.
    public let time: Int64
    /// Ed25519 signature over `signedBytes`, 64 bytes.
    public let signature: [UInt8]

    /// From its parts, signature included.
    public init(
        community: Digest, nullifier: [UInt8], from: UInt32, to: UInt32, deltas: [RenewalStatement.Change], leaf: [UInt8], time: Int64,
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
        out += littleEndian4(Int(truncatingIfNeeded: from)) + littleEndian4(Int(truncatingIfNeeded: to)) + littleEndian4(deltas.count)
        for delta in deltas { out += littleEndian4(delta.attribute) + littleEndian8(delta.value) }
        return out + leaf + littleEndian8(time)
    }

    /// From JSON: `{"version":1,"community","nullifier","from","to","deltas":[[attribute,amount]],"leaf","time","signature"}`.
    public init(json: JSON) throws(RenewalError) {
        var deltas: [RenewalStatement.Change] = []
        do throws(JSONError) {
            var object = try JSONObject(json)
            try object.version(1)
            community = try object.digest("community")
            nullifier = try object.hex("nullifier", 33)
            (from, to) = (try object.uint32("from"), try object.uint32("to"))
            for value in try object.array("deltas", atMost: Schema.greatestCount) {
                guard case .array(let pair) = value, pair.count == 2, case .integer(let attribute) = pair[0],
                    case .integer(let number) = pair[1],
                    (1...Int64(Schema.greatestCount)).contains(attribute)
                else { throw JSONError.wrongValue(Array("deltas".utf8)) }
                deltas.append(RenewalStatement.Change(attribute: Int(attribute), value: number))
            }
            leaf = try object.hex("leaf", 33)
            time = try object.integer("time", in: 0...Int64.max)
            signature = try object.hex("signature", 64)
            try object.finish()
        } catch {
            throw .json(error)
        }
        self.deltas = deltas
    }

    /// The JSON form.
    public var json: JSON {
        .object([
            .init("version", .integer(Int64(1))), .init("community", .hex(community.bytes)), .init("nullifier", .hex(nullifier)),
            .init("from", .integer(from)), .init("to", .integer(to)),
            .init("deltas", .array(deltas.map { .array([.integer(Int64($0.attribute)), .integer($0.value)]) })), .init("leaf", .hex(leaf)),
            .init("time", .integer(time)), .init("signature", .hex(signature)),
        ])
    }
}

#if !hasFeature(Embedded)
import Platform

extension RenewalReceipt {
    /// Signs a promise with the log's key.
    public init(
        community: Digest, message: RenewalMessage, checked: RenewalMessage.Checked, time: Int64, signedBy key: Ed25519SigningKey
    ) {
        func receipt(_ signature: [UInt8]) -> RenewalReceipt {
            RenewalReceipt(
                community: community, nullifier: message.nullifier, from: message.from, to: message.to, deltas: checked.deltas,
                leaf: checked.leaf, time: time, signature: signature)
        }
        self = receipt(key.sign(receipt([]).signedBytes))
    }

    /// Whether the log's key signed it.
    public func verify(logKey: [UInt8]) -> Bool { Ed25519.verify(signature: signature, message: signedBytes, publicKey: logKey) }
}
#endif
