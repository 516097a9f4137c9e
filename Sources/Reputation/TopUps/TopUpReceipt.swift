import Proofs

/// The issuer's signed promise that a topped-up leaf is, or will be, in the log: what he answers a top-up with, and answers again.
///
/// Signed with the log's key; no signed note of that key can be confused with it: a note is text, this holds zero bytes.
public struct TopUpReceipt: Equatable, Sendable {
    /// The community.
    public let community: Digest
    /// Hash of the top-up code.
    public let codeHash: Digest
    /// Epoch in whose tree the leaf stands.
    public let epoch: UInt32
    /// What is added, zeros left out, rising by attribute.
    public let deltas: [AttributeChange]
    /// The leaf, 33 bytes.
    public let leaf: [UInt8]
    /// When it was promised, in seconds since 1970.
    public let time: Int64
    /// Until when the leaf is in a checkpoint, in seconds since 1970.
    public let promisedBy: Int64
    /// Ed25519 signature over `signedBytes`, 64 bytes.
    public let signature: [UInt8]

    /// From its parts, signature included.
    public init(
        community: Digest, codeHash: Digest, epoch: UInt32, deltas: [AttributeChange], leaf: [UInt8], time: Int64, promisedBy: Int64,
        signature: [UInt8]
    ) {
        self.community = community
        self.codeHash = codeHash
        self.epoch = epoch
        self.deltas = deltas
        self.leaf = leaf
        self.time = time
        self.promisedBy = promisedBy
        self.signature = signature
    }

    /// What is signed.
    public var signedBytes: [UInt8] {
        Array("SYMBOLON-V01-top-up-receipt".utf8) + community.bytes + codeHash.bytes + littleEndian4(Int(truncatingIfNeeded: epoch))
            + AttributeChange.encoded(deltas) + leaf + littleEndian8(time) + littleEndian8(promisedBy)
    }

    /// Its signature, as one by the log's key.
    public func signatureCheck(logKey: [UInt8]) -> SignatureCheck {
        SignatureCheck(publicKey: logKey, message: signedBytes, signature: signature)
    }

    /// From JSON: `{"version":1,"community","code-hash","epoch","deltas":[[attribute,amount]],"leaf","time","promised-by","signature"}`.
    @export(interface)
    public init(json: JSON) throws(TopUpError) {
        do {
            var object = try JSONObject(json)
            try object.version(1)
            community = try object.digest("community")
            codeHash = try object.digest("code-hash")
            epoch = try object.uint32("epoch")
            deltas = try object.attributeChanges("deltas")
            leaf = try object.hex("leaf", 33)
            time = try object.integer("time", in: 0...Int64.max)
            promisedBy = try object.integer("promised-by", in: 0...Int64.max)
            signature = try object.hex("signature", 64)
            try object.finish()
        } catch {
            throw .json(error)
        }
    }

    /// The JSON form.
    public var json: JSON {
        .object([
            .init("version", .integer(Int64(1))), .init("community", .hex(community.bytes)), .init("code-hash", .hex(codeHash.bytes)),
            .init("epoch", .integer(epoch)), .init("deltas", AttributeChange.json(deltas)), .init("leaf", .hex(leaf)),
            .init("time", .integer(time)), .init("promised-by", .integer(promisedBy)), .init("signature", .hex(signature)),
        ])
    }
}

#if !hasFeature(Embedded)
import Platform

extension TopUpReceipt {
    /// Signs a promise with the log's key.
    public init(
        community: Digest, message: TopUpMessage, checked: CheckedDerivation, time: Int64, promisedBy: Int64,
        signedBy key: Ed25519SigningKey
    ) {
        func receipt(_ signature: [UInt8]) -> TopUpReceipt {
            TopUpReceipt(
                community: community, codeHash: message.code.hash, epoch: message.epoch, deltas: checked.derivation.deltas,
                leaf: checked.derivation.leaf, time: time, promisedBy: promisedBy, signature: signature)
        }
        self = receipt(key.sign(receipt([]).signedBytes))
    }

    /// Whether the log's key signed it.
    public func verify(logKey: [UInt8]) -> Bool { signatureCheck(logKey: logKey).holds }
}
#endif
