import CGMP

extension BigInteger {
    /// The number in 0 ..< |modulus| whose product with self is 1 modulo `modulus`.
    ///
    /// Throws `.divisionByZero` for a modulus of zero and `.noInverse` when self and modulus share a factor. Modulo 1 the inverse is 0.
    public func inverse(modulo modulus: BigInteger) throws(BigIntegerError) -> BigInteger {
        guard !modulus.isZero else { throw .divisionByZero }
        if modulus.magnitude == 1 { return 0 }
        var exists = false
        let inverse = lent { a in modulus.lent { m in Self.computed { exists = __gmpz_invert($0, a, m) != 0 } } }
        guard exists else { throw .noInverse }
        return inverse
    }

    /// self to the power of `exponent`, in 0 ..< |modulus|; a negative exponent is a power of the inverse.
    ///
    /// Throws `.divisionByZero` for a modulus of zero and `.noInverse` for a negative exponent when there is no inverse.
    public func power(_ exponent: BigInteger, modulo modulus: BigInteger) throws(BigIntegerError) -> BigInteger {
        guard !modulus.isZero else { throw .divisionByZero }
        if exponent.isNegative { return try inverse(modulo: modulus).power(-exponent, modulo: modulus) }
        return lent { a in
            exponent.lent { e in modulus.lent { m in Self.computed { __gmpz_powm($0, a, e, m) } } }
        }
    }

    /// The Jacobi symbol (self / n): for a prime n 1 if self is a non-zero square modulo n, -1 if it is none, 0 if n divides it.
    ///
    /// Throws `.evenModulus` unless n is odd and positive.
    public func jacobi(_ n: BigInteger) throws(BigIntegerError) -> Int {
        guard n.isOdd, !n.isNegative else { throw .evenModulus }
        return lent { a in n.lent { n in Int(__gmpz_jacobi(a, n)) } }
    }

    /// Whether self is a prime: trial division, Baillie-PSW, and a round of Miller-Rabin for each of `rounds` beyond 24. False below 2.
    ///
    /// No is certain; no composite is known that Baillie-PSW takes for a prime.
    public func isProbablePrime(rounds: Int = 40) -> Bool {
        if isNegative { return false }
        return lent { __gmpz_probab_prime_p($0, Int32(clamping: rounds)) != 0 }
    }

    /// A number in 0 ..< bound, uniform if the generator is. The bound is above zero. Not for secrets: numbers of this type are not wiped.
    public static func random(below bound: BigInteger, using generator: inout some RandomNumberGenerator) -> BigInteger {
        precondition(bound.signum > 0, "there is no number below the bound")
        let excess = bound.words.count * UInt.bitWidth - bound.bitCount
        while true {
            var words = bound.words.map { _ in UInt(truncatingIfNeeded: generator.next()) }
            words[words.count - 1] >>= UInt(excess)
            while words.last == 0 { words.removeLast() }
            let candidate = BigInteger(words: words, isNegative: false)
            if candidate < bound { return candidate }
        }
    }
}
