// What a page measures: chains of field operations, by `Scripts/measure-wasm`.

import Curves

/// A chain in which each operation waits for the one before; the end of it, so that none can be left out.
private func chain<F: PrimeField>(_ start: F, _ operation: Int32, _ count: Int32) -> UInt64 {
    var x = start
    let y = start.inverted + .one
    for _ in 0..<count {
        switch operation {
        case 0: x = x * y
        case 1: x = x.squared
        case 2: x = x + y
        case 3: x = x - y
        default: if x.isZero { x = .one }
        }
    }
    return x.canonical.w0
}

/// `count` operations of a field (0: modulo p, 1: modulo n): 0 products, 1 squares, 2 sums, 3 differences, 4 comparisons with zero.
@_expose(wasm, "measure_field")
@_cdecl("measure_field")
public func measureField(_ field: Int32, _ operation: Int32, _ count: Int32) -> UInt64 {
    field == 0 ? chain(Fp(3).inverted, operation, count) : chain(Fn(3).inverted, operation, count)
}
