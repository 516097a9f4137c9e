/// SHAKE128 (FIPS 202) in plain Swift: the twin of OpenSSL's, used where there is no OpenSSL.
///
/// Bytes can be absorbed at any time; `output` reads the stream that belongs to all absorbed so far. Constant time but for lengths.
public struct PortableSHAKE128: ~Copyable {
    /// Bytes that enter or leave between two permutations: (1600 - 2 * 128) / 8.
    private static let rate = 168
    private var state = [UInt64](repeating: 0, count: 25)
    /// Where in the current block the next byte goes.
    private var position = 0

    /// Nothing absorbed.
    public init() {}

    /// Appends `bytes` to the input.
    public mutating func absorb(_ bytes: [UInt8]) {
        for byte in bytes {
            state[position &>> 3] ^= UInt64(byte) &<< UInt64(8 * (position & 7))
            position += 1
            if position == Self.rate {
                Self.permute(&state)
                position = 0
            }
        }
    }

    /// Bytes `offset ..< offset + count` of the output stream of all absorbed so far.
    public func output(from offset: Int, count: Int) -> [UInt8] {
        var lanes = state
        lanes[position &>> 3] ^= 0x1f &<< UInt64(8 * (position & 7))
        lanes[(Self.rate - 1) &>> 3] ^= 0x80 &<< UInt64(8 * ((Self.rate - 1) & 7))
        Self.permute(&lanes)
        for _ in 0..<(offset / Self.rate) { Self.permute(&lanes) }
        var at = offset % Self.rate
        var out: [UInt8] = []
        out.reserveCapacity(count)
        while out.count < count {
            if at == Self.rate {
                Self.permute(&lanes)
                at = 0
            }
            out.append(UInt8(truncatingIfNeeded: lanes[at &>> 3] &>> UInt64(8 * (at & 7))))
            at += 1
        }
        zeroize(&lanes)
        return out
    }

    /// Keccak-f[1600]; lane (x, y) stands at x + 5y.
    private static func permute(_ state: inout [UInt64]) {
        state.withUnsafeMutableBufferPointer { a in
            for round in 0..<24 {
                // theta
                let c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20]
                let c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21]
                let c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22]
                let c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23]
                let c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24]
                let d0 = c4 ^ rotate(c1, 1)
                let d1 = c0 ^ rotate(c2, 1)
                let d2 = c1 ^ rotate(c3, 1)
                let d3 = c2 ^ rotate(c4, 1)
                let d4 = c3 ^ rotate(c0, 1)
                for y in stride(from: 0, to: 25, by: 5) {
                    a[y] ^= d0
                    a[y + 1] ^= d1
                    a[y + 2] ^= d2
                    a[y + 3] ^= d3
                    a[y + 4] ^= d4
                }
                // rho and pi: one walk through the 24 lanes that move
                var moving = a[1]
                for i in 0..<24 {
                    let to = walk[i]
                    let next = a[to]
                    a[to] = rotate(moving, rotations[i])
                    moving = next
                }
                // chi
                for y in stride(from: 0, to: 25, by: 5) {
                    let b0 = a[y], b1 = a[y + 1], b2 = a[y + 2], b3 = a[y + 3], b4 = a[y + 4]
                    a[y] = b0 ^ (~b1 & b2)
                    a[y + 1] = b1 ^ (~b2 & b3)
                    a[y + 2] = b2 ^ (~b3 & b4)
                    a[y + 3] = b3 ^ (~b4 & b0)
                    a[y + 4] = b4 ^ (~b0 & b1)
                }
                // iota
                a[0] ^= roundConstants[round]
            }
        }
    }

    private static func rotate(_ x: UInt64, _ n: UInt64) -> UInt64 { x &<< n | x &>> (64 - n) }

    /// Where the lane of each step of the walk goes: (x, y) to (y, 2x + 3y), from (1, 0).
    private static let walk = [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1]
    /// Its rotation: triangular numbers mod 64.
    private static let rotations: [UInt64] = [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44]
    private static let roundConstants: [UInt64] = [
        0x0000_0000_0000_0001, 0x0000_0000_0000_8082, 0x8000_0000_0000_808a, 0x8000_0000_8000_8000,
        0x0000_0000_0000_808b, 0x0000_0000_8000_0001, 0x8000_0000_8000_8081, 0x8000_0000_0000_8009,
        0x0000_0000_0000_008a, 0x0000_0000_0000_0088, 0x0000_0000_8000_8009, 0x0000_0000_8000_000a,
        0x0000_0000_8000_808b, 0x8000_0000_0000_008b, 0x8000_0000_0000_8089, 0x8000_0000_0000_8003,
        0x8000_0000_0000_8002, 0x8000_0000_0000_0080, 0x0000_0000_0000_800a, 0x8000_0000_8000_000a,
        0x8000_0000_8000_8081, 0x8000_0000_0000_8080, 0x0000_0000_8000_0001, 0x8000_0000_8000_8008,
    ]
}
