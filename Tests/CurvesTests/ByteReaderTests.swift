import Curves
import TestSupport
import Testing

@Suite struct ByteReaderTests {
    @Test func readsWhatWasWritten() throws {
        let points = (1...3).map { Secp256k1.base.multiplied(by: Fn(UInt64($0))).affine! }
        let bytes: [UInt8] = [1, 2] + points[0].encoded + points[1].encoded + points[2].encoded + Fn(99).encoded
        for padding in 0...2 {
            var reader = ByteReader(([UInt8](repeating: 7, count: padding) + bytes)[padding...])
            #expect(try Array(reader.take(2)) == [1, 2] && reader.position == 2 && reader.remaining == bytes.count - 2)
            #expect(try reader.point(Secp256k1.self) == points[0])
            #expect(try reader.points(2, Secp256k1.self) == Array(points[1...]))
            #expect(throws: CurveError.length) { try reader.finish() }
            #expect(try reader.take(0).isEmpty)
            #expect(try reader.scalar(Fn.self) == Fn(99))
            try reader.finish()
            #expect(throws: CurveError.length) { try reader.take(1) }
            #expect(throws: CurveError.length) { try reader.take(.max) }
            #expect(throws: CurveError.length) { try reader.take(-1) }
            #expect(throws: CurveError.length) { try reader.scalar(Fn.self) }
            try reader.finish()
        }
    }

    @Test func refusesWhatIsNotCanonical() {
        var atModulus = ByteReader(Fn.modulus.bigEndian)
        #expect(throws: CurveError.notCanonical) { try atModulus.scalar(Fn.self) }
        var notOnCurve = ByteReader([2] + Fp.zero.encoded)
        #expect(throws: CurveError.notOnCurve) { try notOnCurve.point(Secp256k1.self) }
        var tooFew = ByteReader(Secp256k1.basePoint.encoded + [2])
        #expect(throws: CurveError.length) { try tooFew.points(2, Secp256k1.self) }
        // A hostile count costs nothing.
        var huge = ByteReader([1, 2, 3])
        #expect(throws: CurveError.length) { try huge.points(1 << 40, Secp256k1.self) }
    }
}
