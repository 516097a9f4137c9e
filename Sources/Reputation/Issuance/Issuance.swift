import Curves
import Proofs

/// First issuance (protocol.md #10): the holder sends Q = s B_0 + r h with a proof that he can open it, the issuer appends Q + sum a_i B_i
/// and learns neither s nor r.
public enum Issuance {
    /// Bytes of a request: Q, a commitment, two responses.
    public static let messageLength = 33 + 33 + 64

    /// What a request for issuance is bound to: the community and the claim code, by its hash.
    public static func context(community: Digest, codeHash: Digest) -> [UInt8] {
        literalBytes("SYMBOLON-V01-issuance") + community.bytes + codeHash.bytes
    }

    /// Knowledge of (s, r) with blank = s B_0 + r h.
    static func relation(_ blank: Affine<Secp256k1>) -> LinearRelation<Secp256k1> {
        var relation = LinearRelation<Secp256k1>()
        let base = relation.add(Point(AttributeBases.base(0)))
        let h = relation.add(Point(Secp256k1.bases.blinding.point))
        let image = relation.add(Point(blank))
        relation.require(
            image: [(element: image, coefficient: .one)],
            equals: [(scalar: 0, element: base, coefficient: .one), (scalar: 1, element: h, coefficient: .one)])
        return relation
    }

    /// The request of a holder with this secret, who will know his credential by this blinding: Q and the proof of its opening. Constant time.
    /// Throws `.proof` for the pair, never met by chance, whose Q is the identity.
    public static func request(secret: Fn, blinding: Fn, context: [UInt8]) throws(IssuanceError) -> [UInt8] {
        guard let blank = AttributeBases.blank(secret: secret, blinding: blinding).affine else { throw .proof }
        do {
            return blank.encoded
                + (try relation(blank).proveBatchable(tag: relationTag("issuance", bound: context), witness: [secret, blinding]))
        } catch {
            throw .proof
        }
    }

    /// What an issuer appends for a request.
    public struct Issued: Equatable, Sendable {
        /// Q, 33 bytes: with the code's hash it says whether a claim is a repetition.
        public let blank: [UInt8]
        /// The attributes' values.
        public let values: [Int64]
        /// The leaf as a point.
        public let point: Affine<Secp256k1>

        /// The leaf, 33 bytes.
        public var leaf: [UInt8] { point.encoded }
    }

    /// Checks a holder's request and adds the attributes to it.
    ///
    /// Throws `.values` for values outside the schema, `.length`, `.encoding`, and `.proof` when the opening of Q is not proved for this community
    /// and code: without the proof a holder could choose a Q that makes the sum something else.
    @export(interface)
    public static func issue(
        _ message: [UInt8], values: [Int64], schema: Schema, community: Digest, codeHash: Digest
    ) throws(IssuanceError) -> Issued {
        do { try schema.check(values: values) } catch { throw .values(error) }
        let blank = try verify(message, community: community, codeHash: codeHash)
        guard let point = leaf(blank: blank, values: values) else { throw .proof }
        return Issued(blank: blank.encoded, values: values, point: point)
    }

    /// The proof of opening alone: what an audit repeats for every leaf of the log.
    @export(interface)
    public static func verify(_ message: [UInt8], community: Digest, codeHash: Digest) throws(IssuanceError) -> Affine<Secp256k1> {
        guard message.count == messageLength else { throw .length }
        let blank: Affine<Secp256k1>
        do { blank = try Affine(encoded: message[..<33]) } catch { throw .encoding }
        let tag = relationTag("issuance", bound: context(community: community, codeHash: codeHash))
        do {
            try relation(blank).verifyBatchable(tag: tag, proof: Array(message[33...]))
        } catch .malformed {
            throw .encoding
        } catch {
            throw .proof
        }
        return blank
    }

    /// Q + sum a_i B_i; nil for the identity.
    static func leaf(blank: Affine<Secp256k1>, values: [Int64]) -> Affine<Secp256k1>? { (AttributeBases.sum(values) + blank).affine }
}
