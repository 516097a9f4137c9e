#if arch(x86_64)
import CLanes
#endif

/// Arithmetic on many elements at once: sixteen on processors with AVX-512 IFMA (`CLanes`), two elsewhere. Constant time in the elements.
package enum Lanes {
    #if arch(x86_64)
    package static let isAvailable = symbolon_lanes_available() != 0
    #else
    package static var isAvailable: Bool { false }
    #endif

    /// x^exponent for each x, the exponent not 0.
    package static func powers<F: PrimeField>(_ elements: [F], _ exponent: U256) -> [F] {
        if let d = F.complement, isAvailable { return sixteen(elements, exponent, d) }
        return two(elements[...], exponent)
    }

    /// Two at a time.
    package static func two<F: PrimeField>(_ elements: ArraySlice<F>, _ exponent: U256) -> [F] {
        var out: [F] = []
        out.reserveCapacity(elements.count)
        var rest = elements
        while rest.count > 1 {
            let powers = Pair(rest.removeFirst(), rest.removeFirst()).power(exponent)
            out.append(powers.first)
            out.append(powers.second)
        }
        if let last = rest.first { out.append(last.power(exponent)) }
        return out
    }

    /// Sixteen at a time, but for a few at the end.
    package static func sixteen<F: PrimeField>(_ elements: [F], _ exponent: U256, _ d: (UInt64, UInt64, UInt64)) -> [F] {
        #if arch(x86_64)
        var out: [F] = []
        out.reserveCapacity(elements.count)
        var words = [UInt64](repeating: 0, count: 64)
        let d = [d.0, d.1, d.2], e = [exponent.w0, exponent.w1, exponent.w2, exponent.w3]
        while elements.count - out.count >= 4 {
            let some = elements[out.count..<min(out.count + 16, elements.count)]
            for (i, element) in some.enumerated() {
                let v = element.canonical
                (words[4 * i], words[4 * i + 1], words[4 * i + 2], words[4 * i + 3]) = (v.w0, v.w1, v.w2, v.w3)
            }
            let powers = [UInt64](unsafeUninitializedCapacity: 64) { powers, count in
                if let base = powers.baseAddress { symbolon_lanes_power(d, words, e, base) }
                count = 64
            }
            for i in 0..<some.count {
                out.append(F(canonical: U256(powers[4 * i], powers[4 * i + 1], powers[4 * i + 2], powers[4 * i + 3])))
            }
        }
        return out + two(elements[out.count...], exponent)
        #else
        return two(elements[...], exponent)
        #endif
    }

    /// Bytes of working space for an addition.
    #if arch(x86_64)
    static var space: Int { Int(SYMBOLON_LANES_SPACE) / 16 }
    #else
    static var space: Int { 0 }
    #endif

    /// Affine additions in groups of sixteen with one inversion for all: pair k adds the points at left[k] and left[k] + 1 of `row`, with slope
    /// numerators[k] / denominators[k], into out[destination[k]]. `row` and `out` do not overlap.
    static func add<C: Curve>(
        groups: Int, left: UnsafePointer<Int32>, destination: UnsafePointer<Int32>, numerators: UnsafePointer<C.Base>,
        denominators: UnsafePointer<C.Base>, space: UnsafeMutableRawPointer, row: UnsafePointer<Affine<C>>,
        out: UnsafeMutablePointer<Affine<C>>, _ d: (UInt64, UInt64, UInt64)
    ) {
        #if arch(x86_64)
        // An element is its four words, a point eight: `complement` promises it.
        func words<T>(_ p: UnsafePointer<T>) -> UnsafePointer<UInt64> { UnsafeRawPointer(p).assumingMemoryBound(to: UInt64.self) }
        let d = [d.0, d.1, d.2]
        var products = [C.Base](repeating: .one, count: 16)
        products.withUnsafeMutableBytes { products in
            guard let out = products.baseAddress?.assumingMemoryBound(to: UInt64.self) else { return }
            symbolon_lanes_products(d, Int32(truncatingIfNeeded: groups), words(denominators), space, out)
        }
        C.Base.invert(&products)
        products.withUnsafeBytes { inverses in
            guard let inverses = inverses.baseAddress?.assumingMemoryBound(to: UInt64.self) else { return }
            symbolon_lanes_additions(
                d, Int32(truncatingIfNeeded: groups), inverses, space, words(numerators), left, destination, words(row),
                UnsafeMutableRawPointer(out).assumingMemoryBound(to: UInt64.self))
        }
        #endif
    }
}
