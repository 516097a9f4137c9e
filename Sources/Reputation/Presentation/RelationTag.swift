import Platform
import Proofs

/// Session tag of a relation's proof: what the proof is for, and a digest of all that it is bound to (protocol.md #9).
func relationTag(_ purpose: StaticString, bound: [UInt8]) -> [UInt8] {
    literalBytes("SYMBOLON-V01-") + literalBytes(purpose) + literalBytes("-") + Hex.encode(SHA256.hash(bound))
        + literalBytes("-DSFS-with-sigma-proofs_Shake128_secp256k1")
}
