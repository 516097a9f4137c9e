import CGMP

/// An integer of any size: GMP behind a Swift value.
///
/// Sign and magnitude are held as Swift values and lent to GMP for the time of an operation (`mpz_roinit_n`), so a number can be shared
/// between threads and nothing outlives an operation but its result.
///
/// For public values only: GMP's time and memory depend on the numbers. What is secret has a fixed width and lives in Curves.
public struct BigInteger: Sendable, Hashable {
    /// The magnitude in base 2^64, least significant word first, without leading zero words: one form for each number.
    let words: [UInt]
    /// Whether the number is below zero.
    public let isNegative: Bool

    init(words: [UInt], isNegative: Bool) {
        self.words = words
        self.isNegative = isNegative
    }

    /// The integer that `value` is.
    public init(_ value: some BinaryInteger) {
        var magnitude = value.magnitude
        var words: [UInt] = []
        while magnitude != 0 {
            words.append(UInt(truncatingIfNeeded: magnitude))
            magnitude >>= UInt.bitWidth
        }
        self.init(words: words, isNegative: value < 0)
    }

    /// Whether this is 0.
    public var isZero: Bool { words.isEmpty }
    /// Whether this is not a multiple of two.
    public var isOdd: Bool { words.first.map { $0 & 1 == 1 } ?? false }
    /// -1, 0 or 1.
    public var signum: Int { isNegative ? -1 : isZero ? 0 : 1 }
    /// The absolute value.
    public var magnitude: BigInteger { BigInteger(words: words, isNegative: false) }
    /// Bits of the magnitude; 0 for 0.
    public var bitCount: Int { words.count * UInt.bitWidth - (words.last?.leadingZeroBitCount ?? 0) }
    /// How often two divides the number; 0 for 0.
    public var trailingZeroBitCount: Int {
        guard let first = words.firstIndex(where: { $0 != 0 }) else { return 0 }
        return first * UInt.bitWidth + words[first].trailingZeroBitCount
    }

    /// Lends the number to GMP, to read, for the time of `body`.
    func lent<R>(_ body: (UnsafePointer<__mpz_struct>) -> R) -> R {
        words.withUnsafeBufferPointer { buffer in
            var number = __mpz_struct()
            var nothing: UInt = 0
            return withUnsafePointer(to: &nothing) { zero in
                let count = isNegative ? -words.count : words.count
                _ = __gmpz_roinit_n(&number, buffer.baseAddress ?? zero, count)
                return body(&number)
            }
        }
    }

    /// The number that `body` writes into a fresh GMP integer, which is freed again.
    static func computed(_ body: (UnsafeMutablePointer<__mpz_struct>) -> Void) -> BigInteger {
        var number = __mpz_struct()
        __gmpz_init(&number)
        defer { __gmpz_clear(&number) }
        body(&number)
        let words = [UInt](UnsafeBufferPointer(start: __gmpz_limbs_read(&number), count: __gmpz_size(&number)))
        return BigInteger(words: words, isNegative: number._mp_size < 0)
    }
}

extension BigInteger: ExpressibleByIntegerLiteral {
    /// A literal of any length.
    public init(integerLiteral value: StaticBigInt) {
        // Words of the two's complement; for a negative literal the magnitude is the complement plus one.
        let count = value.bitWidth / UInt.bitWidth + 1
        var words = (0..<count).map { value[$0] }
        let isNegative = value.signum() < 0
        if isNegative {
            var carry = true
            for i in 0..<count {
                let (word, overflow) = (~words[i]).addingReportingOverflow(carry ? 1 : 0)
                words[i] = word
                carry = overflow
            }
        }
        while words.last == 0 { words.removeLast() }
        self.init(words: words, isNegative: isNegative)
    }
}

extension BigInteger: Comparable {
    /// Whether a is below b.
    public static func < (a: BigInteger, b: BigInteger) -> Bool {
        a.lent { a in b.lent { b in __gmpz_cmp(a, b) < 0 } }
    }
}
