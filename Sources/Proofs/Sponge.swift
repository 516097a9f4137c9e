import Curves
import Platform

/// Duplex sponge over SHAKE128 of draft-irtf-cfrg-fiat-shamir: the transcript of every proof (protocol.md #2).
///
/// The state is the session id, zero-padded to the rate, and all that was absorbed. A squeeze reads the output stream of that state, further
/// squeezes continue it, a later non-empty absorb restarts it; squeezed bytes are not fed back.
public struct Sponge: ~Copyable {
    var state = SHAKE128()
    @usableFromInline var read = 0

    /// Bytes of a block of SHAKE128.
    static var rate: Int { 168 }

    /// From a session id of exactly 32 bytes.
    public init(sessionID: [UInt8]) {
        precondition(sessionID.count == 32)
        state.absorb(sessionID + [UInt8](repeating: 0, count: Sponge.rate - 32))
    }

    /// With the session id of a tag.
    public init(tag: [UInt8]) { self.init(sessionID: Sponge.sessionID(of: tag)) }

    /// The session id of a tag: 32 bytes squeezed from a sponge of its own.
    public static func sessionID(of tag: [UInt8]) -> [UInt8] {
        var s = Sponge(sessionID: Array("irtf-cfrg-fiat-shamir/session-id".utf8))
        s.absorb(tag)
        return s.squeeze(32)
    }

    /// Adds bytes to the transcript; none changes nothing.
    public mutating func absorb(_ bytes: [UInt8]) {
        if bytes.isEmpty { return }
        state.absorb(bytes)
        read = 0
    }

    /// Adds bytes to the transcript.
    public mutating func absorb(_ bytes: ArraySlice<UInt8>) { absorb(Array(bytes)) }

    /// The next bytes of the output stream.
    public mutating func squeeze(_ count: Int) -> [UInt8] {
        let out = state.output(from: read, count: count)
        read += count
        return out
    }

    /// Uniform scalar: 48 bytes, little-endian, reduced.
    @inlinable public mutating func scalar<F: PrimeField>(_: F.Type = F.self) -> F { F(reducingLittleEndian: squeeze(48)) }

    /// Uniform non-zero scalar; throws `.degenerateChallenge` for zero.
    @inlinable public mutating func challenge<F: PrimeField>(_: F.Type = F.self) throws(ProofError) -> F {
        let k: F = scalar()
        guard !k.isZero else { throw .degenerateChallenge }
        return k
    }

    /// Uniform points: for each 48 bytes give x, one more byte's low bit the parity of y, again until x is on the curve. Variable time.
    @inlinable public mutating func points<C: Curve>(_ count: Int, _: C.Type = C.self) -> [Affine<C>] {
        var out: [Affine<C>] = []
        while out.count < count {
            // Two candidates together are cheaper than one after the other; the second goes back to the stream if it is not needed.
            let first: (x: C.Base, oddY: Bool) = (scalar(), squeeze(1)[0] & 1 == 1)
            let afterFirst = read
            let second: (x: C.Base, oddY: Bool) = (scalar(), squeeze(1)[0] & 1 == 1)
            let points = Affine<C>.decompress([first, second])
            if let point = points[0] { out.append(point) }
            if out.count == count {
                read = afterFirst
            } else if let point = points[1] {
                out.append(point)
            }
        }
        return out
    }

    /// A uniform point.
    @inlinable public mutating func point<C: Curve>(_: C.Type = C.self) -> Affine<C> { points(1)[0] }
}

/// Four bytes, little-endian; for counts and lengths, which are far below 2^32.
public func littleEndian4(_ n: Int) -> [UInt8] {
    let v = UInt32(truncatingIfNeeded: n)
    return [
        UInt8(truncatingIfNeeded: v), UInt8(truncatingIfNeeded: v >> 8), UInt8(truncatingIfNeeded: v >> 16),
        UInt8(truncatingIfNeeded: v >> 24),
    ]
}

/// Bytes after their length in four bytes.
public func lengthPrefixed(_ bytes: [UInt8]) -> [UInt8] { littleEndian4(bytes.count) + bytes }

/// The bytes of a literal.
public func literalBytes(_ text: StaticString) -> [UInt8] { text.withUTF8Buffer { Array($0) } }
