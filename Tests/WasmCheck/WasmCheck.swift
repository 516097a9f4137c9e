// Thin entrances to the rooms below the wallet, through which run.mjs compares them with node's own arithmetic and hashes.
// All of them read their input from the start of a piece of memory and write their answer over it; integers are 32 bytes, big-endian.

import Curves
import Platform
import Proofs

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
