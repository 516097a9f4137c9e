// Runs what is promised to be constant time on secrets that valgrind watches: every branch and every address that depends on one is an error.
// Scripts/check-constant-time starts it.

import CMemcheck
import Curves
import Platform
import Proofs

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

guard memcheck_runs() != 0 else {
    print("constant-time: runs under valgrind only")
    exit(2)
}
var watch = Watch()

/// A field: arithmetic, canonical form and bytes of secret elements, powers and inverses.
func field<F: PrimeField>(_: F.Type, _ name: String, _ watch: inout Watch) {
    let a = F.random(), b = F.random()
    let sum = a + b, product = a * b, quotient = a * b.inverted, bytes = a.encoded
    let x = Secret(a), y = Secret(b)
    watch.constantTime("\(name): sums, differences, products, squares") {
        let s = x.value + y.value, d = x.value - y.value, p = x.value * y.value
        let q = (x.value.squared + y.value.negated.doubled).multiplied(bySmall: 21)
        return published(s) == sum && published(d) + b == a && published(p) == product
            && published(q) == (a * a - b - b) * F(21)
    }
    watch.constantTime("\(name): selection by a secret mask") {
        let mask = Secret(equalityMask(3, 3)), other = Secret(equalityMask(3, 4))
        return published(F.select(mask.value, x.value, y.value)) == b && published(F.select(other.value, x.value, y.value)) == a
    }
    watch.constantTime("\(name): inverse and power of a secret element") {
        published(x.value * y.value.inverted) == quotient && published(x.value.power(U256(5))) == a * a * a * a * a
    }
    watch.constantTime("\(name): canonical integer and bytes") {
        let integer = x.value.canonical, encoded = x.value.encoded
        encoded.withUnsafeBytes { memcheck_mark_public($0.baseAddress, $0.count) }
        return published(integer) == a.canonical && encoded == bytes && published(F(canonical: integer)) == a
    }
    watch.constantTime("\(name): reduction of secret bytes") {
        let input = secret(Array(1...48) as [UInt8])
        return published(F(reducingLittleEndian: input)) == F(reducingLittleEndian: Array(1...48))
    }
}

/// A curve: additions of secret points, and all ways to multiply by a secret scalar.
func curve<C: Curve>(_: C.Type, _ name: String, _ watch: inout Watch) {
    let k = C.Scalar.random()
    let p = C.base.multiplied(by: .random()), q = C.base.multiplied(by: .random())
    let affine = q.affine!
    let sum = p + q, twice = p.doubled, kp = p.multiplied(by: k)
    let a = Secret(p), b = Secret(q), c = Secret(affine), scalar = Secret(k)
    watch.constantTime("\(name): additions and doublings of secret points") {
        published(a.value + b.value) == sum && published(a.value + c.value) == sum && published(a.value.doubled) == twice
            && published(a.value - b.value.negated) == sum
    }
    watch.constantTime("\(name): secret point times secret scalar") { published(a.value.multiplied(by: scalar.value)) == kp }
    watch.constantTime("\(name): known point times secret scalar") { published(C.multiply(scalar.value, p)) == kp }
    let fixed = FixedBase(affine)
    let kq = q.multiplied(by: k)
    watch.constantTime("\(name): table of a known point times secret scalar") { published(fixed.multiplied(by: scalar.value)) == kq }
    for small: UInt64 in [0, 1] {
        let edge = Secret(C.Scalar(small))
        let expected = small == 0 ? Point<C>.identity : p
        watch.constantTime("\(name): secret scalar \(small)") {
            published(p.multiplied(by: edge.value)) == expected
                && published(fixed.multiplied(by: edge.value)) == (small == 0 ? .identity : q)
        }
    }
}

/// The proof of a linear relation with secret witness and secret nonces, in both forms.
func relations(_ watch: inout Watch) throws {
    typealias G = PublishingGroup
    let witness = [Fn.random(), Fn.random()].map { PublishingScalar($0) }, nonces = [Fn.random(), Fn.random()].map { PublishingScalar($0) }
    let other = hashToCurve([1], domain: [2])
    var relation = LinearRelation<G>()
    let h = relation.add(other)
    let commitment = relation.add(G.add(G.multiply(witness[0], G.base), G.multiply(witness[1], other)))
    let nullifier = relation.add(G.multiply(witness[0], other))
    relation.require(image: [(commitment, .one)], equals: [(0, 0, .one), (1, h, .one)])
    relation.require(image: [(nullifier, .one)], equals: [(0, h, .one)])
    let statement = relation
    try watch.constantTime("relation: batchable proof of a secret witness") {
        let proof = try statement.proveBatchable(tag: [1], witness: secret(witness), nonces: secret(nonces))
        try statement.verifyBatchable(tag: [1], proof: proof)
        return true
    }
    try watch.constantTime("relation: compact proof of a secret witness") {
        let proof = try statement.proveCompact(tag: [1], witness: secret(witness), nonces: secret(nonces))
        try statement.verifyCompact(tag: [1], proof: proof)
        return true
    }
}

/// Hashes that take secrets in the browser, where there is no OpenSSL, and the comparison of codes.
func bytes(_ watch: inout Watch) {
    let input = (0..<200).map { UInt8($0) }
    watch.constantTime("portable SHA-256, HMAC and SHAKE128 of secret bytes") {
        let message = secret(input)
        let digest = PortableSHA256.hash(message), code = PortableHMACSHA256.authenticate(message, key: message)
        var shake = PortableSHAKE128()
        shake.absorb(message)
        let stream = shake.output(from: 10, count: 200)
        for out in [digest, code, stream] { out.withUnsafeBytes { memcheck_mark_public($0.baseAddress, $0.count) } }
        return digest == SHA256.hash(input) && code == HMACSHA256.authenticate(input, key: input) && stream.count == 200
    }
    watch.constantTime("comparison of secret bytes") {
        let equal = Secret(constantTimeEquals(secret(input), secret(input)))
        return equal.published()
    }
}

print("The first two reports of valgrind are of leaks made on purpose.")
watch.leaking("branch on a secret") {
    let k = Secret(Fn.random())
    if k.value.isZero { print("a random scalar was zero") }
}
watch.leaking("index by a secret") {
    let i = Secret(7)
    let table = Array(0..<20)
    withUnsafeBytes(of: table.withUnsafeBufferPointer { $0[i.value & 15] }) { memcheck_mark_public($0.baseAddress, $0.count) }
}
field(Fp.self, "mod p", &watch)
field(Fn.self, "mod n", &watch)
field(ShortFp.self, "mod p in short limbs", &watch)
field(ShortFn.self, "mod n in short limbs", &watch)
curve(Secp256k1.self, "secp256k1", &watch)
curve(Secq256k1.self, "secq256k1", &watch)
bytes(&watch)
try relations(&watch)
if watch.failures > 0 {
    print("constant-time: \(watch.failures) failed")
    exit(1)
}
