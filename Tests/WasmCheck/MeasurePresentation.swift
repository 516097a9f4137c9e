// What a page measures: presentations in a full tree, as `symbolon measure` makes them, by `Scripts/measure-wallet`.

import Curves
import Membership
import Proofs
import Reputation

/// What is measured, at the address that the page was given.
private struct Measured {
    let tree: FullPath
    let request: Request
    var made: [UInt8] = []
}

/// Derives all tables that presentations at this depth with one predicate need.
@_expose(wasm, "measure_tables")
@_cdecl("measure_tables")
public func measureTables(_ depth: Int32) {
    let gates = gatesFor(depth: Int(depth), predicates: 1)
    _ = Secp256k1.generators(gates: gates)
    _ = Secq256k1.generators(gates: gates)
}

/// Makes up a full tree of this depth around one member with three attributes, and a request with one disclosed attribute, one predicate of 32 bits
/// and one scope. What the other calls take, nil if that fails.
@_expose(wasm, "measure_tree")
@_cdecl("measure_tree")
public func measureTree(_ depth: Int32) -> UnsafeMutableRawPointer? {
    let tree: FullPath
    do throws(ProofError) {
        tree = try FullPath(shape: try TreeShape(depth: Int(depth), predicates: 1), members: 1, attributes: 3)
    } catch {
        return nil
    }
    let request = Request(
        attributes: 4, context: [UInt8](repeating: 7, count: 32), scopes: [[1, 2, 3]],
        disclosed: [.init(index: 1, value: Fn(signed: FullPath.value))],
        predicates: [Predicate(weights: [Predicate.Weight(index: 2, weight: 1)], bound: FullPath.value - 1)])
    let measured = UnsafeMutablePointer<Measured>.allocate(capacity: 1)
    measured.initialize(to: Measured(tree: tree, request: request))
    return UnsafeMutableRawPointer(measured)
}

/// One presentation of that member: its length, 0 if it fails.
@_expose(wasm, "measure_presentation")
@_cdecl("measure_presentation")
public func measurePresentation(_ measured: UnsafeMutableRawPointer) -> Int32 {
    let measured = measured.assumingMemoryBound(to: Measured.self)
    guard let made = try? measured.pointee.tree.prove(measured.pointee.request, member: 0) else { return 0 }
    measured.pointee.made = made
    return Int32(made.count)
}

/// Verifies that presentation: 1 if it is accepted.
@_expose(wasm, "measure_verification")
@_cdecl("measure_verification")
public func measureVerification(_ measured: UnsafeMutableRawPointer) -> Int32 {
    let measured = measured.assumingMemoryBound(to: Measured.self).pointee
    let (tree, request) = (measured.tree, measured.request)
    let claim = Presentation.Claim(presentation: measured.made, request: request, depth: tree.members[0].path.shape.depth, root: tree.root)
    return (try? Presentation.verify([claim])) == nil ? 0 : 1
}
