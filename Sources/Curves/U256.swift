/// An unsigned integer of 256 bits in four little-endian 64-bit words: the canonical form of every field element.
///
/// Operations are constant time unless they say otherwise.
@frozen public struct U256: Equatable, Sendable, BitwiseCopyable {
    /// Words, least significant first.
    public var w0: UInt64, w1: UInt64, w2: UInt64, w3: UInt64

    /// From four words, least significant first.
    @inlinable @inline(__always)
    public init(_ w0: UInt64, _ w1: UInt64, _ w2: UInt64, _ w3: UInt64) {
        self.w0 = w0
        self.w1 = w1
        self.w2 = w2
        self.w3 = w3
    }

    /// From one word.
    @inlinable @inline(__always)
    public init(_ word: UInt64) { self.init(word, 0, 0, 0) }

    /// Zero.
    @inlinable public static var zero: U256 { @inline(__always) get { U256(0, 0, 0, 0) } }

    /// Word `i` of 0...3; the index must not be secret.
    @inlinable @inline(__always)
    public func word(_ i: Int) -> UInt64 {
        switch i {
        case 0: w0
        case 1: w1
        case 2: w2
        default: w3
        }
    }

    /// Bits `low ..< low + count` (count at most 32), zero beyond bit 255; position and count must not be secret.
    @inlinable @inline(__always)
    public func bits(_ low: Int, _ count: Int) -> UInt64 {
        let i = low &>> 6
        let shift = UInt64(truncatingIfNeeded: low & 63)
        if i > 3 { return 0 }
        var v = word(i) &>> shift
        if shift != 0 && i < 3 { v |= word(i &+ 1) &<< (64 &- shift) }
        return v & ((1 &<< UInt64(truncatingIfNeeded: count)) &- 1)
    }

    /// Bits up to the highest that is set; variable time.
    @inlinable public var bitLength: Int {
        for i in [3, 2, 1, 0] where word(i) != 0 { return 64 * (i + 1) - word(i).leadingZeroBitCount }
        return 0
    }

    /// Whether all bits are zero.
    @inlinable public var isZero: Bool { @inline(__always) get { w0 | w1 | w2 | w3 == 0 } }

    /// Variable time: for public values.
    @inlinable public static func < (a: U256, b: U256) -> Bool {
        var borrow: UInt64 = 0
        _ = subtract(a, b, &borrow)
        return borrow != 0
    }

    /// The difference modulo 2^256 and the borrow (0 or 1).
    @inlinable @inline(__always)
    public static func subtract(_ a: U256, _ b: U256, _ borrow: inout UInt64) -> U256 {
        let r0 = sbb(a.w0, b.w0, &borrow)
        let r1 = sbb(a.w1, b.w1, &borrow)
        let r2 = sbb(a.w2, b.w2, &borrow)
        let r3 = sbb(a.w3, b.w3, &borrow)
        return U256(r0, r1, r2, r3)
    }

    /// The sum modulo 2^256 and the carry (0 or 1).
    @inlinable @inline(__always)
    public static func add(_ a: U256, _ b: U256, _ carry: inout UInt64) -> U256 {
        let r0 = adc(a.w0, b.w0, &carry)
        let r1 = adc(a.w1, b.w1, &carry)
        let r2 = adc(a.w2, b.w2, &carry)
        let r3 = adc(a.w3, b.w3, &carry)
        return U256(r0, r1, r2, r3)
    }

    /// 32 bytes, big-endian; a wrong length is a programming error of this package, checked by callers.
    public init(bigEndian bytes: ArraySlice<UInt8>) {
        precondition(bytes.count == 32)
        self = .zero
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var at = bytes.startIndex
        for i in 0..<4 {
            var v: UInt64 = 0
            for _ in 0..<8 {
                v = v &<< 8 | UInt64(bytes[at])
                at += 1
            }
            switch i {
            case 0: words.3 = v
            case 1: words.2 = v
            case 2: words.1 = v
            default: words.0 = v
            }
        }
        self.init(words.0, words.1, words.2, words.3)
    }

    /// 32 bytes, big-endian.
    public var bigEndian: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(32)
        for i in 0..<4 {
            let v = word(3 - i)
            for k in 0..<8 { out.append(UInt8(truncatingIfNeeded: v &>> UInt64(56 - 8 * k))) }
        }
        return out
    }
}

/// acc + a * b + carry; the high word goes to `carry`. Cannot overflow.
@inlinable @inline(__always)
public func mac(_ acc: UInt64, _ a: UInt64, _ b: UInt64, _ carry: inout UInt64) -> UInt64 {
    let t = UInt128(a) &* UInt128(b) &+ UInt128(acc) &+ UInt128(carry)
    carry = UInt64(truncatingIfNeeded: t &>> 64)
    return UInt64(truncatingIfNeeded: t)
}

/// a + b + carry; `carry` becomes 0 or 1.
@inlinable @inline(__always)
public func adc(_ a: UInt64, _ b: UInt64, _ carry: inout UInt64) -> UInt64 {
    let t = UInt128(a) &+ UInt128(b) &+ UInt128(carry)
    carry = UInt64(truncatingIfNeeded: t &>> 64)
    return UInt64(truncatingIfNeeded: t)
}

/// a - b - borrow; `borrow` becomes 0 or 1.
@inlinable @inline(__always)
public func sbb(_ a: UInt64, _ b: UInt64, _ borrow: inout UInt64) -> UInt64 {
    let t = UInt128(a) &- UInt128(b) &- UInt128(borrow)
    borrow = UInt64(truncatingIfNeeded: t &>> 64) & 1
    return UInt64(truncatingIfNeeded: t)
}
