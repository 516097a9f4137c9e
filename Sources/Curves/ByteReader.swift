/// Reads a byte string from front to end, with exact lengths and canonical encodings only.
public struct ByteReader {
    @usableFromInline let bytes: ArraySlice<UInt8>
    /// Index of the next byte, counted from the start.
    public private(set) var position: Int

    /// At the first byte.
    public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    /// At the first byte of a slice.
    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = 0
    }

    /// Bytes not yet read.
    public var remaining: Int { bytes.count - position }

    /// The next `count` bytes; throws `.length` if there are fewer.
    public mutating func take(_ count: Int) throws(CurveError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw .length }
        defer { position += count }
        return bytes[(bytes.startIndex + position)..<(bytes.startIndex + position + count)]
    }

    /// The next point.
    @inlinable public mutating func point<C: Curve>(_: C.Type = C.self) throws(CurveError) -> Affine<C> {
        try Affine(encoded: try take(C.elementLength))
    }

    /// The next points; cheaper than one at a time.
    @inlinable public mutating func points<C: Curve>(_ count: Int, _: C.Type = C.self) throws(CurveError) -> [Affine<C>] {
        var parsed: [(x: C.Base, oddY: Bool)] = []
        for _ in 0..<count { parsed.append(try Affine<C>.parse(try take(C.elementLength))) }
        var out: [Affine<C>] = []
        for point in Affine<C>.decompress(parsed) {
            guard let point else { throw .notOnCurve }
            out.append(point)
        }
        return out
    }

    /// The next scalar.
    @inlinable public mutating func scalar<F: PrimeField>(_: F.Type = F.self) throws(CurveError) -> F {
        try F(encoded: try take(F.encodedLength))
    }

    /// Throws `.length` if bytes are left.
    public func finish() throws(CurveError) {
        guard remaining == 0 else { throw .length }
    }
}
