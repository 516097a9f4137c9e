import Curves
import Proofs

/// Bases of a credential's attributes, `attribute/i` of protocol.md #3; 0 is that of the holder's secret.
public enum AttributeBases {
    /// The secret's base with its table: multiplied in constant time.
    public static let secret = FixedBase<Secp256k1>(generator("attribute/", 0))
    private static let known: [Affine<Secp256k1>] = (0...Schema.greatestCount).map { generator("attribute/", $0) }

    /// Base of attribute i; those of a schema are at hand, others are derived.
    public static func base(_ i: Int) -> Affine<Secp256k1> { i < known.count ? known[i] : generator("attribute/", i) }

    /// sum of a_i B_i over the attributes after the secret. Variable time: values are known to the issuer, and public in the log.
    static func sum(_ values: [Int64]) -> Point<Secp256k1> {
        multiScalarMultiply(values.map { Fn(signed: $0) }, values.indices.map { base($0 + 1) })
    }

    /// Q = s B_0 + r h: what a holder commits to before he is issued anything. Constant time.
    static func blank(secret: Fn, blinding: Fn) -> Point<Secp256k1> {
        self.secret.multiplied(by: secret) + Secp256k1.bases.blinding.multiplied(by: blinding)
    }

    /// A credential C = s B_0 + sum a_i B_i + r h; nil when that is the identity. Constant time in s and r.
    public static func credential(secret: Fn, values: [Int64], blinding: Fn) -> Affine<Secp256k1>? {
        (blank(secret: secret, blinding: blinding) + sum(values)).affine
    }
}
