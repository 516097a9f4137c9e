// Thin entrances to the rooms below the wallet, through which run.mjs compares them with node's own arithmetic and hashes.
// All of them read their input from the start of a piece of memory and write their answer over it; integers are 32 bytes, big-endian.

import Curves
import Membership
import Platform
import Proofs
import Reputation

/// Memory for input and answer.
@_expose(wasm, "room")
@_cdecl("room")
public func room(_ count: Int32) -> UnsafeMutablePointer<UInt8> { .allocate(capacity: Int(count)) }

func bytes(_ room: UnsafeMutablePointer<UInt8>, _ at: Int, _ count: Int) -> [UInt8] {
    var out: [UInt8] = []
    for i in 0..<count { out.append(room[at + i]) }
    return out
}

func answer(_ room: UnsafeMutablePointer<UInt8>, _ bytes: [UInt8]) {
    for i in 0..<bytes.count { room[i] = bytes[i] }
}

/// An operation on the integers a and b, which need not be reduced: 1, or 0 if there is no result.
func fieldOperation<F: PrimeField>(_: F.Type, _ operation: Int32, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    let a = F(canonical: U256(bigEndian: bytes(room, 0, 32)[...]))
    let b = F(canonical: U256(bigEndian: bytes(room, 32, 32)[...]))
    let result: F?
    switch operation {
    case 0: result = a + b
    case 1: result = a - b
    case 2: result = a * b
    case 3: result = a.squared
    case 4: result = a.negated
    case 5: result = a.inverted
    case 6: result = a.squareRoot
    case 7: result = a.multiplied(bySmall: b.canonical.w0 & 0xFFFF)
    default: result = F(reducingLittleEndian: bytes(room, 0, 64))
    }
    guard let result else { return 0 }
    answer(room, result.encoded)
    return 1
}

/// `fieldOperation` modulo p (field 0) or n (field 1).
@_expose(wasm, "field")
@_cdecl("field")
public func field(_ field: Int32, _ operation: Int32, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    field == 0 ? fieldOperation(Fp.self, operation, room) : fieldOperation(Fn.self, operation, room)
}

func pointAnswer<C: Curve>(_ room: UnsafeMutablePointer<UInt8>, _ p: Point<C>) -> Int32 {
    guard let p = p.affine else { return 0 }
    answer(room, p.encoded)
    return 33
}

/// `count` scalars, then as many points: the sum of products by `way` 0 multiScalarMultiply, 1 multiplied(by:), 2 FixedBase.
/// The length of the answer, 0 for the identity, -1 for input that is not canonical.
func sumOfProducts<C: Curve>(_: C.Type, _ way: Int32, _ count: Int, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    do throws(CurveError) {
        var reader = ByteReader(bytes(room, 0, 65 * count))
        var scalars: [C.Scalar] = []
        for _ in 0..<count { scalars.append(try reader.scalar()) }
        let points: [Affine<C>] = try reader.points(count)
        try reader.finish()
        if way == 0 { return pointAnswer(room, multiScalarMultiply(scalars, points)) }
        var sum = Point<C>.identity
        for i in 0..<count {
            sum += way == 1 ? Point(points[i]).multiplied(by: scalars[i]) : FixedBase(points[i]).multiplied(by: scalars[i])
        }
        return pointAnswer(room, sum)
    } catch {
        return -1
    }
}

/// `sumOfProducts` on secp256k1 (curve 0) or secq256k1 (curve 1).
@_expose(wasm, "sum")
@_cdecl("sum")
public func sum(_ curve: Int32, _ way: Int32, _ count: Int32, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    curve == 0 ? sumOfProducts(Secp256k1.self, way, Int(count), room) : sumOfProducts(Secq256k1.self, way, Int(count), room)
}

/// The base point of a curve.
@_expose(wasm, "base_point")
@_cdecl("base_point")
public func basePoint(_ curve: Int32, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    curve == 0 ? pointAnswer(room, Secp256k1.base) : pointAnswer(room, Secq256k1.base)
}

/// A message, then a domain: the point that RFC 9380 hashes them to.
@_expose(wasm, "hash_to_curve")
@_cdecl("hash_to_curve")
public func hashToCurve(_ message: Int32, _ domain: Int32, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    pointAnswer(room, Curves.hashToCurve(bytes(room, 0, Int(message)), domain: bytes(room, Int(message), Int(domain))))
}

/// A session id of 32 bytes, then two pieces to absorb: two squeezes of each `count` bytes after the first and one after the second.
@_expose(wasm, "sponge")
@_cdecl("sponge")
public func sponge(_ first: Int32, _ second: Int32, _ count: Int32, _ room: UnsafeMutablePointer<UInt8>) {
    var s = Sponge(sessionID: bytes(room, 0, 32))
    s.absorb(bytes(room, 32, Int(first)))
    var out = s.squeeze(Int(count))
    out += s.squeeze(Int(count))
    s.absorb(bytes(room, 32 + Int(first), Int(second)))
    out += s.squeeze(Int(count))
    answer(room, out)
}

/// The generator G/index of a curve.
@_expose(wasm, "generator")
@_cdecl("generator")
public func generator(_ curve: Int32, _ index: Int32, _ room: UnsafeMutablePointer<UInt8>) {
    if curve == 0 {
        let p: Affine<Secp256k1> = Proofs.generator("G/", Int(index))
        answer(room, p.encoded)
    } else {
        let p: Affine<Secq256k1> = Proofs.generator("G/", Int(index))
        answer(room, p.encoded)
    }
}

/// SHA-256 of the input.
@_expose(wasm, "sha256")
@_cdecl("sha256")
public func sha256(_ count: Int32, _ room: UnsafeMutablePointer<UInt8>) { answer(room, SHA256.hash(bytes(room, 0, Int(count)))) }

/// A random scalar, non-zero.
@_expose(wasm, "random_scalar")
@_cdecl("random_scalar")
public func randomScalar(_ room: UnsafeMutablePointer<UInt8>) { answer(room, Fn.random().encoded) }

/// Reads what run.mjs writes: counts and lengths as four bytes, little-endian.
struct CaseReader {
    var reader: ByteReader

    mutating func bytes(_ count: Int) throws(CurveError) -> [UInt8] { Array(try reader.take(count)) }
    mutating func integer(_ count: Int) throws(CurveError) -> Int64 {
        var value: UInt64 = 0
        for byte in try bytes(count).reversed() { value = value << 8 | UInt64(byte) }
        return Int64(bitPattern: value)
    }
    mutating func count() throws(CurveError) -> Int { Int(try integer(4)) }
    mutating func prefixed() throws(CurveError) -> [UInt8] { try bytes(try count()) }

    /// Depth, root, request, presentation.
    mutating func claim() throws(CurveError) -> Presentation.Claim {
        let depth = try count(), root = try TreeRoot(encoded: try prefixed()[...], depth: depth)
        let attributes = try count(), context = try prefixed()
        var scopes: [[UInt8]] = [], disclosed: [Request.Disclosed] = [], predicates: [Predicate] = []
        for _ in 0..<(try count()) { scopes.append(try prefixed()) }
        for _ in 0..<(try count()) { disclosed.append(Request.Disclosed(index: try count(), value: try reader.scalar())) }
        for _ in 0..<(try count()) {
            var weights: [Predicate.Weight] = []
            for _ in 0..<(try count()) { weights.append(Predicate.Weight(index: try count(), weight: try integer(8))) }
            predicates.append(Predicate(weights: weights, bound: try integer(8)))
        }
        let request = Request(attributes: attributes, context: context, scopes: scopes, disclosed: disclosed, predicates: predicates)
        return Presentation.Claim(presentation: try prefixed(), request: request, depth: depth, root: root)
    }
}

/// Verifies a presentation: the count of its nullifiers, which are the answer; -1 if it is refused, -2 if the case cannot be read.
@_expose(wasm, "verify_presentation")
@_cdecl("verify_presentation")
public func verifyPresentation(_ count: Int32, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    let claim: Presentation.Claim
    do throws(CurveError) {
        var reader = CaseReader(reader: ByteReader(bytes(room, 0, Int(count))))
        claim = try reader.claim()
        try reader.reader.finish()
    } catch {
        return -2
    }
    do throws(PresentationError) {
        let nullifiers = try Presentation.verify([claim])[0].nullifiers
        var out: [UInt8] = []
        for nullifier in nullifiers { out += nullifier }
        answer(room, out)
        return Int32(nullifiers.count)
    } catch {
        return -1
    }
}

/// A member with `votes` presents "votes >= bound" from a tree of this depth: the length of the presentation, which is the answer behind root
/// (33 bytes); 0 if it cannot be proved, -1 if something else fails.
@_expose(wasm, "present")
@_cdecl("present")
public func present(_ depth: Int32, _ votes: Int64, _ bound: Int64, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    let secret = Fn.random(), blinding = Fn.random()
    guard let credential = AttributeBases.credential(secret: secret, values: [votes], blinding: blinding) else { return -1 }
    let path: MembershipPath
    do throws(ProofError) {
        var tree = CurveTree(shape: try TreeShape(depth: Int(depth)))
        do throws(TreeError) {
            try tree.append([Secp256k1.basePoint, credential, Secp256k1.basePoint.negated])
            path = try tree.path(at: 1)
        } catch {
            return -1
        }
    } catch {
        return -1
    }
    let request = Request(
        attributes: 2, context: [UInt8](repeating: 7, count: 32), scopes: [[1, 2, 3]],
        predicates: [Predicate(weights: [Predicate.Weight(index: 1, weight: 1)], bound: bound)])
    do throws(PresentationError) {
        let proved = try Presentation.prove(request, attributes: [secret, Fn(signed: votes)], blinding: blinding, path: path)
        answer(room, path.root.encoded + proved.bytes)
        return Int32(proved.bytes.count)
    } catch {
        return error == .witness ? 0 : -1
    }
}
