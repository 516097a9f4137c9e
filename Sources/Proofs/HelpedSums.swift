import Curves
#if hasFeature(Embedded)
import CPlatform
#endif

/// Sums over the table of a curve's generators, two at a time: in a browser the first is made by a second instance of this same module in another
/// worker, if the page has one, while this one makes the second.
///
/// What goes there is the memory of the terms, and what comes back that of the sum: both instances are the same module. Elsewhere one after the
/// other, for a prover that has a machine to itself only in a browser.
extension Generators {
    /// The sums of k P_i for pairs (i, k). Variable time.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    func sums(_ first: [(Int, C.Scalar)], _ second: [(Int, C.Scalar)]) -> (Point<C>, Point<C>) {
        #if hasFeature(Embedded)
        let isAsked = first.withUnsafeBytes { symbolon_help_begin(Generators.number, Int32(gates), $0.baseAddress, $0.count) }
        if isAsked != 0 {
            let own = table.sum(second)
            var helped = Point<C>.identity
            let isHelped = withUnsafeMutableBytes(of: &helped) { symbolon_help_end($0.baseAddress, $0.count) }
            return (isHelped != 0 ? helped : table.sum(first), own)
        }
        #endif
        return (table.sum(first), table.sum(second))
    }

    /// A sum in two halves, if it is worth it.
    @specialized(where C == Secp256k1)
    @specialized(where C == Secq256k1)
    func sum(_ terms: [(Int, C.Scalar)]) -> Point<C> {
        #if hasFeature(Embedded)
        if terms.count >= 192 {
            let half = terms.count / 2
            let (a, b) = sums(Array(terms[..<half]), Array(terms[half...]))
            return a + b
        }
        #endif
        return table.sum(terms)
    }

    #if hasFeature(Embedded)
    /// 0 for secp256k1, 1 for secq256k1.
    private static var number: Int32 { C.Base.modulus == Fp.modulus ? 0 : 1 }
    #endif
}

#if hasFeature(Embedded)
/// Makes a sum for another instance of this module: `count` bytes of terms, the sum in their place.
private func help<C: ArgumentCurve>(_: C.Type, gates: Int, _ terms: UnsafeRawPointer, _ count: Int, _ sum: UnsafeMutableRawPointer) {
    var copy = Array(UnsafeRawBufferPointer(start: terms, count: count).bindMemory(to: (Int, C.Scalar).self))
    sum.storeBytes(of: C.generators(gates: gates).table.sum(copy), as: Point<C>.self)
    copy.withUnsafeMutableBytes { raw in
        if let base = raw.baseAddress { symbolon_zeroize(base, raw.count) }
    }
}

/// What the second worker calls: `help` on curve 0 or 1.
@_expose(wasm, "help")
@_cdecl("help")
public func help(_ curve: Int32, _ gates: Int32, _ terms: UnsafeRawPointer, _ count: Int32, _ sum: UnsafeMutableRawPointer) {
    if curve == 0 {
        help(Secp256k1.self, gates: Int(gates), terms, Int(count), sum)
    } else {
        help(Secq256k1.self, gates: Int(gates), terms, Int(count), sum)
    }
}

/// Memory of this module that the second worker writes terms to.
@_expose(wasm, "help_room")
@_cdecl("help_room")
public func helpRoom(_ count: Int32) -> UnsafeMutableRawPointer { .allocate(byteCount: Int(count), alignment: 16) }
#endif
