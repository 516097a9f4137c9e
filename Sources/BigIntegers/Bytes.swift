import CGMP

extension BigInteger {
    /// The number that these bytes are, most significant first; no bytes are 0.
    public init(bigEndian bytes: some Collection<UInt8>) {
        self = Self.imported([UInt8](bytes), order: 1)
    }

    /// The number that these bytes are, least significant first; no bytes are 0.
    public init(littleEndian bytes: some Collection<UInt8>) {
        self = Self.imported([UInt8](bytes), order: -1)
    }

    /// The number in exactly `count` bytes, most significant first; throws `.bytes` if it is negative or does not fit.
    public func bigEndian(count: Int) throws(BigIntegerError) -> [UInt8] {
        try littleEndian(count: count).reversed()
    }

    /// The number in exactly `count` bytes, least significant first; throws `.bytes` if it is negative or does not fit.
    public func littleEndian(count: Int) throws(BigIntegerError) -> [UInt8] {
        guard !isNegative, bitCount <= 8 * count else { throw .bytes }
        var out = [UInt8](repeating: 0, count: count)
        _ = lent { __gmpz_export(&out, nil, -1, 1, 0, 0, $0) }
        return out
    }

    private static func imported(_ bytes: [UInt8], order: Int32) -> BigInteger {
        computed { __gmpz_import($0, bytes.count, order, 1, 0, 0, bytes) }
    }
}
