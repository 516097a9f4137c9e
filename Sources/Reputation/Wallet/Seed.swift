import Curves
import Platform
import Proofs

/// The secret from which a wallet derives everything that must come back after a loss; all other randomness is fresh.
///
/// HKDF-SHA-256 with a label and fields of fixed or prefixed length for each purpose, 48 bytes read little-endian modulo n; zero, never met by
/// chance, takes the next counter. Constant time.
public final class Seed {
    private let secret: SecretBytes

    /// The seed that a phrase writes down.
    public init(_ phrase: Phrase) { secret = SecretBytes(phrase.entropy) }

    /// The phrase to write down.
    public var phrase: Phrase {
        guard let phrase = try? Phrase(entropy: secret.bytes) else { preconditionFailure("a seed has 32 bytes") }
        return phrase
    }

    /// Derived bytes for a purpose other than a scalar.
    func bytes(_ label: StaticString, _ fields: [UInt8], count: Int) -> [UInt8] {
        HKDFSHA256.derive(
            secret: secret.bytes, salt: literalBytes("SYMBOLON-V01-seed"), info: literalBytes(label) + fields, count: count)
    }

    private func scalar(_ label: StaticString, _ fields: [UInt8]) -> Fn {
        for counter in 0...UInt8.max {
            var bytes = bytes(label, fields + [counter], count: 48)
            defer { zeroize(&bytes) }
            let scalar = Fn(reducingLittleEndian: bytes)
            if !scalar.isZero { return scalar }
        }
        preconditionFailure("256 digests that are multiples of n")
    }

    /// s: the secret of an identity, the same in all communities.
    public func secret(identity: UInt32) -> Fn { scalar("secret", littleEndian4(Int(truncatingIfNeeded: identity))) }

    /// r of a first issuance. From the code's hash, which the log holds, and not the code: so phrase and log alone bring the credential back.
    public func issuanceBlinding(identity: UInt32, community: Digest, codeHash: Digest) -> Fn {
        scalar("issuance-blinding", littleEndian4(Int(truncatingIfNeeded: identity)) + community.bytes + codeHash.bytes)
    }

    /// rho of a leaf's re-randomisation in a renewal or top-up. From the leaf (33 bytes) too: a scope can be tried with another leaf, when a
    /// top-up came in between, and two leaves under one rho would differ as what is sent differs. `retry` counts attempts.
    public func rerandomiser(identity: UInt32, scope: Scope, leaf: [UInt8], retry: UInt32) -> Fn {
        scalar(
            "leaf-rerandomiser",
            littleEndian4(Int(truncatingIfNeeded: identity)) + lengthPrefixed(scope.encoded) + leaf
                + littleEndian4(Int(truncatingIfNeeded: retry)))
    }
}
