// What a page measures: presentations in a full tree, as `symbolon measure` makes them, by `Scripts/measure-wallet`.

import Curves
import Membership
import Proofs
import Reputation

private enum Measured {
    nonisolated(unsafe) static var tree: FullPath?
    nonisolated(unsafe) static var request: Request?
    nonisolated(unsafe) static var made: [UInt8] = []
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
/// and one scope. 1, or 0 if that fails.
@_expose(wasm, "measure_tree")
@_cdecl("measure_tree")
public func measureTree(_ depth: Int32) -> Int32 {
    do throws(ProofError) {
        let shape = try TreeShape(depth: Int(depth), predicates: 1)
        Measured.tree = try FullPath(shape: shape, members: 1, attributes: 3)
    } catch {
        return 0
    }
    Measured.request = Request(
        attributes: 4, context: [UInt8](repeating: 7, count: 32), scopes: [[1, 2, 3]],
        disclosed: [.init(index: 1, value: Fn(signed: FullPath.value))],
        predicates: [Predicate(weights: [Predicate.Weight(index: 2, weight: 1)], bound: FullPath.value - 1)])
    return 1
}

/// One presentation of that member: its length, 0 if it fails.
@_expose(wasm, "measure_presentation")
@_cdecl("measure_presentation")
public func measurePresentation() -> Int32 {
    guard let tree = Measured.tree, let request = Measured.request, let made = try? tree.prove(request, member: 0) else { return 0 }
    Measured.made = made
    return Int32(made.count)
}

/// Verifies that presentation: 1 if it is accepted.
@_expose(wasm, "measure_verification")
@_cdecl("measure_verification")
public func measureVerification() -> Int32 {
    guard let tree = Measured.tree, let request = Measured.request else { return 0 }
    let claim = Presentation.Claim(presentation: Measured.made, request: request, depth: tree.members[0].path.shape.depth, root: tree.root)
    return (try? Presentation.verify([claim])) == nil ? 0 : 1
}
