import BigIntegers
import Curves
import Platform
import TestSupport
import Testing

/// RFC 9380, suite secp256k1_XMD:SHA-256_SSWU_RO_.
@Suite struct HashToCurveTests {
    private struct File: Decodable {
        struct Coordinates: Decodable {
            var x: String, y: String
        }
        struct Vector: Decodable {
            var msg: String, u: [String], P: Coordinates, Q0: Coordinates, Q1: Coordinates
        }
        var dst: String, vectors: [Vector]
    }

    private func point(_ c: File.Coordinates) throws -> Point<Secp256k1> {
        let p = Affine<Secp256k1>(x: try Fp(encoded: try hex(c.x)[...]), y: try Fp(encoded: try hex(c.y)[...]))
        #expect(p.isOnCurve)
        return Point(p)
    }

    @Test func officialVectors() throws {
        let file = try TestVectors.decode(File.self, from: "rfc9380-secp256k1_XMD_SHA-256_SSWU_RO.json")
        let domain = Array(file.dst.utf8)
        #expect(file.vectors.count == 5)
        for v in file.vectors {
            let message = Array(v.msg.utf8)
            let uniform = expandMessage(message, domain: domain, count: 96)
            let u = try v.u.map { try Fp(encoded: try hex($0)[...]) }
            #expect(Fp(reducingLittleEndian: uniform[..<48].reversed()) == u[0])
            #expect(Fp(reducingLittleEndian: uniform[48...].reversed()) == u[1])
            #expect(mapToCurve(u) == [try point(v.Q0), try point(v.Q1)])
            #expect(hashToCurve(message, domain: domain) == (try point(v.P)))
        }
    }

    /// A domain above 255 bytes is hashed first; values of the model in docs/protocol.
    @Test func longDomains() throws {
        let expected = [
            255: "0xe871679bc560730d213b5c9e03b48c49819f7a2a1e827b1d7b71ccc39bf664fb",
            256: "0x0638c85392f75b983cd20f64b9bca98b23aef3ee52135d241d2ea3eee2df798c",
            300: "0x7d679fc877738a5c23e389e1affe112faf7aba82b5d896806c58c5558a663e7f",
        ]
        for (count, x) in expected {
            let p = hashToCurve(Array("a scope".utf8), domain: [UInt8](repeating: UInt8(ascii: "x"), count: count))
            #expect(try p.affine?.x.encoded == hex(x))
        }
    }

    @Test func lengthsOfExpansion() {
        let domain = Array("a domain".utf8)
        for count in [0, 1, 31, 32, 33, 64, 96, 255 * 32] { #expect(expandMessage([1, 2], domain: domain, count: count).count == count) }
        #expect(expandMessage([1], domain: domain, count: 32) != expandMessage([1], domain: domain, count: 64).prefix(32).map { $0 })
    }

    /// 0 and the roots of 1/11 are the exceptional values of the map; all results are on the curve, with -u giving the negative.
    @Test func mapAtTheEdges() throws {
        let exceptional = try #require(Fp(11).inverted.squareRoot)
        var values = [Fp.zero, Fp(canonical: Fp.modulus), exceptional, exceptional.negated, .one, Fp.one.negated]
        var random = SeededGenerator(seed: 12)
        for _ in 0..<200 { values.append(Fp(canonical: U256(bigEndian: random.bytes(32)[...]))) }
        let points = mapToCurve(values), opposite = mapToCurve(values.map { $0.negated })
        for (i, u) in values.enumerated() {
            #expect(try #require(points[i].affine).isOnCurve)
            #expect(mapToCurve([u]) == [points[i]], "alone and among others")
            // Parity ties the sign of y to that of u, except at 0, which has none.
            if !u.isZero { #expect(opposite[i] == -points[i]) }
        }
        #expect(points[2] == points[0] || points[2] == -points[0])
    }
}

private prefix func - (p: Point<Secp256k1>) -> Point<Secp256k1> { p.negated }
