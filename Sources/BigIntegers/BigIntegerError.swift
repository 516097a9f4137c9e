/// Why an operation on integers has no result.
public enum BigIntegerError: Error, Equatable, Sendable {
    /// Text that is not an optional minus sign followed by digits of the base.
    case text
    /// A divisor or modulus of zero.
    case divisionByZero
    /// The number shares a factor with the modulus.
    case noInverse
    /// A Jacobi symbol over a number that is not odd and positive.
    case evenModulus
    /// A negative number, or one too large, for as many bytes.
    case bytes
}
