// The same primitives of the fields in short limbs, which WebAssembly uses.

import Curves

@_cdecl("branchfree_short_p_product")
func shortPProduct(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFp.self).pointee = a.load(as: ShortFp.self) * b.load(as: ShortFp.self)
}

@_cdecl("branchfree_short_p_square")
func shortPSquare(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFp.self).pointee = a.load(as: ShortFp.self).squared
}

@_cdecl("branchfree_short_p_sum")
func shortPSum(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFp.self).pointee = a.load(as: ShortFp.self) + b.load(as: ShortFp.self)
}

@_cdecl("branchfree_short_p_difference")
func shortPDifference(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFp.self).pointee = a.load(as: ShortFp.self) - b.load(as: ShortFp.self)
}

@_cdecl("branchfree_short_p_negated")
func shortPNegated(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFp.self).pointee = a.load(as: ShortFp.self).negated
}

@_cdecl("branchfree_short_p_small")
func shortPSmall(_ a: UnsafeRawPointer, _ k: UInt64, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFp.self).pointee = a.load(as: ShortFp.self).multiplied(bySmall: k)
}

@_cdecl("branchfree_short_p_canonical")
func shortPCanonical(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: U256.self).pointee = a.load(as: ShortFp.self).canonical
}

@_cdecl("branchfree_short_p_zero")
func shortPZero(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Bool.self).pointee = a.load(as: ShortFp.self).isZero
}

@_cdecl("branchfree_short_p_select")
func shortPSelect(_ mask: UInt64, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFp.self).pointee = .select(mask, a.load(as: ShortFp.self), b.load(as: ShortFp.self))
}

@_cdecl("branchfree_short_n_product")
func shortNProduct(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFn.self).pointee = a.load(as: ShortFn.self) * b.load(as: ShortFn.self)
}

@_cdecl("branchfree_short_n_square")
func shortNSquare(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFn.self).pointee = a.load(as: ShortFn.self).squared
}

@_cdecl("branchfree_short_n_sum")
func shortNSum(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFn.self).pointee = a.load(as: ShortFn.self) + b.load(as: ShortFn.self)
}

@_cdecl("branchfree_short_n_difference")
func shortNDifference(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFn.self).pointee = a.load(as: ShortFn.self) - b.load(as: ShortFn.self)
}

@_cdecl("branchfree_short_n_negated")
func shortNNegated(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFn.self).pointee = a.load(as: ShortFn.self).negated
}

@_cdecl("branchfree_short_n_small")
func shortNSmall(_ a: UnsafeRawPointer, _ k: UInt64, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFn.self).pointee = a.load(as: ShortFn.self).multiplied(bySmall: k)
}

@_cdecl("branchfree_short_n_canonical")
func shortNCanonical(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: U256.self).pointee = a.load(as: ShortFn.self).canonical
}

@_cdecl("branchfree_short_n_zero")
func shortNZero(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Bool.self).pointee = a.load(as: ShortFn.self).isZero
}

@_cdecl("branchfree_short_n_select")
func shortNSelect(_ mask: UInt64, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: ShortFn.self).pointee = .select(mask, a.load(as: ShortFn.self), b.load(as: ShortFn.self))
}
