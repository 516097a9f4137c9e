import Curves
import Proofs
import TestSupport
import Testing

/// Generators: those of the model in docs/protocol, byte for byte, and what is asked of all of them.
@Suite struct GeneratorTests {
    @Test func valuesOnSecp256k1() throws {
        let bases = Secp256k1.bases
        #expect(
            try generator("G/", 0, on: Secp256k1.self).encoded == hex("03342e9316e1ae657719447e4433f952da2618e7729dc3b3ed0c09014c83bdbd7f"))
        #expect(
            try generator("H/", 0, on: Secp256k1.self).encoded == hex("02e87cfaf4c2cf428d250ea477e94cfb19f7c83734d18df8518eb39c68b9cf163c"))
        #expect(
            try generator("G/", 255, on: Secp256k1.self).encoded
                == hex("035d75a4c857ed9072c49106f1186de275d153f7bae4d520279f48ba96ea270843"))
        #expect(
            try generator("H/", 4095, on: Secp256k1.self).encoded
                == hex("03b55a43249996dd0e52c474d84e067b2854759a7a3b913b25053195a59bf5232d"))
        #expect(try bases.value.point.encoded == hex("0216014bc2d08cc6338a57ed44b857fd464d0f060220ad696d45a1d34e926ece77"))
        #expect(try bases.blinding.point.encoded == hex("02971c279c50af957406179ec59d1515f1eda05129bba73e4f33f88ff9768086b3"))
        #expect(try bases.node.encoded == hex("0344c086839d04da50923624f4ca0a54cb672a1d04b644b759668b13490ef76177"))
        #expect(
            try generator("attribute/", 12, on: Secp256k1.self).encoded
                == hex("02defd0f1d223b68838273bf43f900a715499642c30c19767768d1dd04aac82b5c"))
    }

    @Test func valuesOnSecq256k1() throws {
        let bases = Secq256k1.bases
        #expect(
            try generator("G/", 0, on: Secq256k1.self).encoded == hex("0335a9d4e517fb02208d06f284b3bcabda7e80b31a11b09bc8e8cb823f6d806104"))
        #expect(
            try generator("H/", 0, on: Secq256k1.self).encoded == hex("02502d94ec7200ab9163c724de6e27e4cd5eaacefafd1970756abcc5893b212d64"))
        #expect(
            try generator("G/", 255, on: Secq256k1.self).encoded
                == hex("02a48399ce827a5bc22cecaf734f97781f0e6b11f3a4cee7e1d4c84e8263f722c1"))
        #expect(
            try generator("H/", 4095, on: Secq256k1.self).encoded
                == hex("03335f55028f15161c62d612c43b0ad2a102bc4235160953989c1644940739b345"))
        #expect(try bases.value.point.encoded == hex("035d9ff91e608e2bc65e4b04aaf0e2e4619c4c643674cc3cb90e9802b46d650f81"))
        #expect(try bases.blinding.point.encoded == hex("03a1af6e42c0ec39a1d6de2ad6e19829b78f808db545877862dfe0beea8941b164"))
        #expect(try bases.node.encoded == hex("026ea8f52b6298f2dcd481d68104f6dbaa9273006fd759b480f2e7658254cec4cc"))
    }

    @Test func onTheirCurveAndAllDifferent() {
        different(Secp256k1.self)
        different(Secq256k1.self)
    }

    private func different<C: ArgumentCurve>(_: C.Type) {
        let generators = C.generators(gates: 256)
        let bases = generators.bases
        let all = generators.g + generators.h + [bases.value.point, bases.blinding.point, bases.node, C.basePoint]
        #expect(generators.gates == 256 && generators.g.count == 256 && generators.h.count == 256)
        #expect(all.allSatisfy { $0.isOnCurve })
        // Different x: none is another's negative either.
        #expect(Set(all.map { $0.x.encoded }).count == 516)
        #expect(generators.g[10] == generator("G/", 10) && generators.h[255] == generator("H/", 255))
    }

    /// Those of a smaller argument are a prefix.
    @Test func prefixes() {
        let small = Secq256k1.generators(gates: 256), large = Secq256k1.generators(gates: 512)
        #expect(Array(large.g.prefix(256)) == small.g && Array(large.h.prefix(256)) == small.h)
        #expect(large.g.count == 512 && large.h.count == 512)
    }

    @Test func doublings() {
        doublings(Secp256k1.self)
        doublings(Secq256k1.self)
    }

    private func doublings<C: ArgumentCurve>(_: C.Type) {
        let bases = C.bases
        #expect(bases.doublings.count == 256)
        var power = C.Scalar.one
        for (i, p) in bases.doublings.enumerated() {
            if i % 16 == 0 || i == 255 { #expect(Point(p) == bases.blinding.multiplied(by: power)) }
            if i > 0 { #expect(Point(p) == Point(bases.doublings[i - 1]).doubled) }
            power = power.doubled
        }
    }

    /// The curve's name and the label enter, with lengths before them.
    @Test func labels() {
        let a = generator("G/", 1, on: Secp256k1.self), b = generator("G/1", on: Secp256k1.self)
        #expect(a == b)
        #expect(generator("G/", 11, on: Secp256k1.self) != a && generator("G", on: Secp256k1.self) != a)
        #expect(generator("G/", 1, on: Secq256k1.self).encoded != a.encoded)
    }
}
