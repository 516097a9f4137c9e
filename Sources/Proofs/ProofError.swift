import Curves

/// Why a proof or its statement was refused. Closed: a verifier can be exhaustive about it.
public enum ProofError: Error, Equatable, Sendable {
    /// The proof is not exactly as long as its statement wants.
    case length
    /// A point or scalar in the proof is not canonically encoded.
    case malformed(CurveError)
    /// A challenge for which the protocol is not defined (zero, or a zero denominator): chance below 2^-240, refused.
    case degenerateChallenge
    /// The statement has an identity element or an image that is the identity.
    case identity
    /// The statement is no valid instance: an index out of range, no equations, wrong counts.
    case invalidStatement
    /// The circuit has more gates than the argument.
    case circuitTooLarge
    /// The arithmetic-circuit argument over this curve does not hold.
    case argument(CycleCurve)
    /// The proof of the linear relation does not hold.
    case relation
    /// The prover was given a witness that does not satisfy the statement.
    case witness
}

/// Which curve of the cycle.
public enum CycleCurve: Equatable, Sendable {
    /// secp256k1.
    case secp256k1
    /// secq256k1.
    case secq256k1
}

/// Runs a decoder and turns its errors into `ProofError.length` and `.malformed`.
@inlinable public func decoding<T>(_ body: () throws(CurveError) -> T) throws(ProofError) -> T {
    do {
        return try body()
    } catch CurveError.length {
        throw .length
    } catch {
        throw .malformed(error)
    }
}
