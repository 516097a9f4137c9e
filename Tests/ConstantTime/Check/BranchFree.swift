// One function around every primitive that is a straight line of instructions. Scripts/check-constant-time disassembles all that begin with
// branchfree_ and accepts no conditional jump, no call and no division in them. The comparison at the end shows that it would find one.

import Curves

@_cdecl("branchfree_fp_product")
func fpProduct(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fp.self).pointee = a.load(as: Fp.self) * b.load(as: Fp.self)
}

@_cdecl("branchfree_fp_square")
func fpSquare(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fp.self).pointee = a.load(as: Fp.self).squared
}

@_cdecl("branchfree_fp_sum")
func fpSum(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fp.self).pointee = a.load(as: Fp.self) + b.load(as: Fp.self)
}

@_cdecl("branchfree_fp_difference")
func fpDifference(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fp.self).pointee = a.load(as: Fp.self) - b.load(as: Fp.self)
}

@_cdecl("branchfree_fp_negated")
func fpNegated(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fp.self).pointee = a.load(as: Fp.self).negated
}

@_cdecl("branchfree_fp_small")
func fpSmall(_ a: UnsafeRawPointer, _ k: UInt64, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fp.self).pointee = a.load(as: Fp.self).multiplied(bySmall: k)
}

@_cdecl("branchfree_fp_canonical")
func fpCanonical(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: U256.self).pointee = a.load(as: Fp.self).canonical
}

@_cdecl("branchfree_fp_select")
func fpSelect(_ mask: UInt64, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fp.self).pointee = .select(mask, a.load(as: Fp.self), b.load(as: Fp.self))
}

@_cdecl("branchfree_fn_product")
func fnProduct(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fn.self).pointee = a.load(as: Fn.self) * b.load(as: Fn.self)
}

@_cdecl("branchfree_fn_square")
func fnSquare(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fn.self).pointee = a.load(as: Fn.self).squared
}

@_cdecl("branchfree_fn_sum")
func fnSum(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fn.self).pointee = a.load(as: Fn.self) + b.load(as: Fn.self)
}

@_cdecl("branchfree_fn_difference")
func fnDifference(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fn.self).pointee = a.load(as: Fn.self) - b.load(as: Fn.self)
}

@_cdecl("branchfree_fn_negated")
func fnNegated(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fn.self).pointee = a.load(as: Fn.self).negated
}

@_cdecl("branchfree_fn_small")
func fnSmall(_ a: UnsafeRawPointer, _ k: UInt64, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fn.self).pointee = a.load(as: Fn.self).multiplied(bySmall: k)
}

@_cdecl("branchfree_fn_canonical")
func fnCanonical(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    // One store more than in the function for p: two that are alike become one with a call of what was handed to it.
    let integer = a.load(as: Fn.self).canonical
    out.assumingMemoryBound(to: U256.self).pointee = integer
    out.assumingMemoryBound(to: U256.self)[1] = U256(integer.w3)
}

@_cdecl("branchfree_fn_from_integer")
func fnFromInteger(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fn.self).pointee = Fn(canonical: a.load(as: U256.self))
}

@_cdecl("branchfree_fn_select")
func fnSelect(_ mask: UInt64, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    out.assumingMemoryBound(to: Fn.self).pointee = .select(mask, a.load(as: Fn.self), b.load(as: Fn.self))
}

@_cdecl("branchfree_equality_mask")
func equalMask(_ a: UInt64, _ b: UInt64) -> UInt64 { equalityMask(a, b) }

@_cdecl("branchfree_point_select")
func pointSelect(_ mask: UInt64, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    let point = Point<Secp256k1>.select(mask, a.load(as: Point<Secp256k1>.self), b.load(as: Point<Secp256k1>.self))
    out.assumingMemoryBound(to: Point<Secp256k1>.self).pointee = point
}

@_cdecl("branchfree_secp_sum")
func secpSum(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    typealias P = Point<Secp256k1>
    out.assumingMemoryBound(to: P.self).pointee = a.load(as: P.self) + b.load(as: P.self)
}

@_cdecl("branchfree_secp_mixed_sum")
func secpMixedSum(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    typealias P = Point<Secp256k1>
    out.assumingMemoryBound(to: P.self).pointee = a.load(as: P.self) + b.load(as: Affine<Secp256k1>.self)
}

@_cdecl("branchfree_secp_doubled")
func secpDoubled(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    typealias P = Point<Secp256k1>
    out.assumingMemoryBound(to: P.self).pointee = a.load(as: P.self).doubled
}

@_cdecl("branchfree_secq_sum")
func secqSum(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    typealias P = Point<Secq256k1>
    // Twice, to be unlike the function for secp256k1.
    out.assumingMemoryBound(to: P.self).pointee = a.load(as: P.self) + b.load(as: P.self) + b.load(as: P.self)
}

@_cdecl("branchfree_secq_mixed_sum")
func secqMixedSum(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    typealias P = Point<Secq256k1>
    out.assumingMemoryBound(to: P.self).pointee = a.load(as: P.self) + b.load(as: Affine<Secq256k1>.self)
}

@_cdecl("branchfree_secq_doubled")
func secqDoubled(_ a: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    typealias P = Point<Secq256k1>
    out.assumingMemoryBound(to: P.self).pointee = a.load(as: P.self).doubled
}

@_cdecl("branching_comparison")
func branchingComparison(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ out: UnsafeMutableRawPointer) {
    if a.load(as: Fp.self) == b.load(as: Fp.self) { out.assumingMemoryBound(to: Fp.self).pointee = a.load(as: Fp.self).squared.squared }
}
