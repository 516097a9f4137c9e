import CGMP

extension BigInteger {
    /// a + b.
    public static func + (a: BigInteger, b: BigInteger) -> BigInteger {
        a.lent { a in b.lent { b in computed { __gmpz_add($0, a, b) } } }
    }

    /// a - b.
    public static func - (a: BigInteger, b: BigInteger) -> BigInteger {
        a.lent { a in b.lent { b in computed { __gmpz_sub($0, a, b) } } }
    }

    /// a * b.
    public static func * (a: BigInteger, b: BigInteger) -> BigInteger {
        a.lent { a in b.lent { b in computed { __gmpz_mul($0, a, b) } } }
    }

    /// -a.
    public static prefix func - (a: BigInteger) -> BigInteger {
        BigInteger(words: a.words, isNegative: !a.isNegative && !a.isZero)
    }

    /// a += b.
    public static func += (a: inout BigInteger, b: BigInteger) { a = a + b }
    /// a -= b.
    public static func -= (a: inout BigInteger, b: BigInteger) { a = a - b }
    /// a *= b.
    public static func *= (a: inout BigInteger, b: BigInteger) { a = a * b }

    /// The quotient rounded towards zero, as Swift's integers divide; throws `.divisionByZero`.
    public static func / (a: BigInteger, b: BigInteger) throws(BigIntegerError) -> BigInteger {
        guard !b.isZero else { throw .divisionByZero }
        return a.lent { a in b.lent { b in computed { __gmpz_tdiv_q($0, a, b) } } }
    }

    /// The remainder of `/`, which has the sign of `a`; throws `.divisionByZero`.
    public static func % (a: BigInteger, b: BigInteger) throws(BigIntegerError) -> BigInteger {
        guard !b.isZero else { throw .divisionByZero }
        return a.lent { a in b.lent { b in computed { __gmpz_tdiv_r($0, a, b) } } }
    }

    /// The remainder in 0 ..< |modulus|, whatever the signs; throws `.divisionByZero`.
    public func modulo(_ modulus: BigInteger) throws(BigIntegerError) -> BigInteger {
        guard !modulus.isZero else { throw .divisionByZero }
        return lent { a in modulus.lent { m in Self.computed { __gmpz_mod($0, a, m) } } }
    }

    /// self * 2^count; a negative count shifts right.
    public static func << (a: BigInteger, count: Int) -> BigInteger {
        if count < 0 { return a.shiftedRight(count.magnitude) }
        return a.lent { a in computed { __gmpz_mul_2exp($0, a, mp_bitcnt_t(count)) } }
    }

    /// self / 2^count rounded down, as Swift's integers shift; a negative count shifts left.
    public static func >> (a: BigInteger, count: Int) -> BigInteger {
        count < 0 ? a << (0 - count) : a.shiftedRight(count.magnitude)
    }

    private func shiftedRight(_ count: UInt) -> BigInteger {
        lent { a in Self.computed { __gmpz_fdiv_q_2exp($0, a, mp_bitcnt_t(count)) } }
    }

    /// self to the power of `exponent`. The result has about `exponent` times as many bits: the caller bounds both.
    public func power(_ exponent: UInt) -> BigInteger {
        lent { a in Self.computed { __gmpz_pow_ui($0, a, exponent) } }
    }

    /// The greatest integer of which the square is at most self; nil below zero.
    public var squareRoot: BigInteger? {
        if isNegative { return nil }
        return lent { a in Self.computed { __gmpz_sqrt($0, a) } }
    }

    /// The greatest common divisor, never negative; 0 only of 0 and 0.
    public func greatestCommonDivisor(_ other: BigInteger) -> BigInteger {
        lent { a in other.lent { b in Self.computed { __gmpz_gcd($0, a, b) } } }
    }
}
