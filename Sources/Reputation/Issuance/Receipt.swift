import Curves
import Platform
import Proofs

/// The issuer's signed promise that a leaf is, or will be, in the log: what he answers a claim with, and answers again to the same claim.
///
/// Signed with the log's key. No signed note of that key can be confused with it: a note is text, this holds zero bytes.
public struct Receipt: Equatable, Sendable {
    /// The community.
    public let community: Digest
    /// Hash of the claim code.
    public let codeHash: Digest
    /// Q, as the holder sent it: 33 bytes.
    public let blank: [UInt8]
    /// The leaf: Q and the attributes, 33 bytes.
    public let leaf: [UInt8]
    /// Epoch in whose tree the leaf stands.
    public let epoch: UInt32
    /// The attributes' values.
    public let values: [Int64]
    /// Place in the tree, when it is already known.
    public let index: UInt32?
    /// When it was promised, in seconds since 1970.
    public let time: Int64
    /// Until when the leaf is in a checkpoint, in seconds since 1970.
    public let promisedBy: Int64
    /// Ed25519 signature over `signedBytes`, 64 bytes.
    public let signature: [UInt8]

    /// From its parts, signature included; `verify` says whether it holds.
    public init(
        community: Digest, codeHash: Digest, blank: [UInt8], leaf: [UInt8], epoch: UInt32, values: [Int64], index: UInt32?, time: Int64,
        promisedBy: Int64, signature: [UInt8]
    ) {
        self.community = community
        self.codeHash = codeHash
        self.blank = blank
        self.leaf = leaf
        self.epoch = epoch
        self.values = values
        self.index = index
        self.time = time
        self.promisedBy = promisedBy
        self.signature = signature
    }

    /// What the signature is over.
    public var signedBytes: [UInt8] {
        Array("SYMBOLON-V01-receipt".utf8) + community.bytes + codeHash.bytes + blank + leaf + littleEndian4(Int(truncatingIfNeeded: epoch))
            + littleEndian4(values.count) + values.flatMap { littleEndian8($0) }
            + (index.map { [1] + littleEndian4(Int(truncatingIfNeeded: $0)) } ?? [0]) + littleEndian8(time) + littleEndian8(promisedBy)
    }

    /// Its signature, as one by the log's key.
    public func signatureCheck(logKey: [UInt8]) -> SignatureCheck {
        SignatureCheck(publicKey: logKey, message: signedBytes, signature: signature)
    }

    /// From the JSON form.
    @export(interface)
    public init(json: JSON) throws(IssuanceError) {
        let points: [[UInt8]]
        do {
            var object = try JSONObject(json)
            try object.version(1)
            community = try object.digest("community")
            codeHash = try object.digest("code-hash")
            points = [try object.hex("blank", 33), try object.hex("leaf", 33)]
            epoch = try object.uint32("epoch")
            values = try object.integers("values", atMost: Schema.greatestCount)
            index = object.has("index") ? try object.uint32("index") : nil
            time = try object.integer("time", in: 0...Int64.max)
            promisedBy = try object.integer("promised-by", in: 0...Int64.max)
            signature = try object.hex("signature", 64)
            try object.finish()
        } catch {
            throw .json(error)
        }
        for point in points {
            do { _ = try Affine<Secp256k1>(encoded: point[...]) } catch { throw .encoding }
        }
        (blank, leaf) = (points[0], points[1])
    }

    /// The JSON form.
    public var json: JSON {
        var members: [JSON.Member] = [
            .init("version", .integer(Int64(1))), .init("community", .hex(community.bytes)), .init("code-hash", .hex(codeHash.bytes)),
            .init("blank", .hex(blank)), .init("leaf", .hex(leaf)), .init("epoch", .integer(epoch)),
            .init("values", .array(values.map { .integer($0) })),
        ]
        if let index { members.append(.init("index", .integer(index))) }
        members += [
            .init("time", .integer(time)), .init("promised-by", .integer(promisedBy)), .init("signature", .hex(signature)),
        ]
        return .object(members)
    }
}

#if !hasFeature(Embedded)
extension Receipt {
    /// Signs a promise with the log's key.
    public init(
        community: Digest, codeHash: Digest, issued: Issuance.Issued, epoch: UInt32, index: UInt32?, time: Int64, promisedBy: Int64,
        signedBy key: Ed25519SigningKey
    ) {
        func receipt(_ signature: [UInt8]) -> Receipt {
            Receipt(
                community: community, codeHash: codeHash, blank: issued.blank, leaf: issued.leaf, epoch: epoch, values: issued.values,
                index: index, time: time, promisedBy: promisedBy, signature: signature)
        }
        self = receipt(key.sign(receipt([]).signedBytes))
    }

    /// Whether the log's key signed it.
    public func verify(logKey: [UInt8]) -> Bool { signatureCheck(logKey: logKey).holds }
}
#endif
