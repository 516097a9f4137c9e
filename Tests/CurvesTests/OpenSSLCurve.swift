import COpenSSL
import Curves

/// secp256k1 as OpenSSL has it.
struct OpenSSLCurve: ~Copyable {
    private let group: OpaquePointer
    private let context: OpaquePointer

    /// Why OpenSSL did not do what was asked.
    struct Failure: Error {}

    init() throws {
        guard let group = EC_GROUP_new_by_curve_name(NID_secp256k1) else { throw Failure() }
        guard let context = BN_CTX_new() else {
            EC_GROUP_free(group)
            throw Failure()
        }
        self.group = group
        self.context = context
    }

    deinit {
        BN_CTX_free(context)
        EC_GROUP_free(group)
    }

    private func point(_ bytes: [UInt8]) throws -> OpaquePointer {
        guard let p = EC_POINT_new(group) else { throw Failure() }
        guard EC_POINT_oct2point(group, p, bytes, bytes.count, context) == 1 else {
            EC_POINT_free(p)
            throw Failure()
        }
        return p
    }

    /// The compressed encoding; one zero byte for the identity, as SEC 1 has it.
    private func bytes(_ p: OpaquePointer) throws -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 33)
        let count = EC_POINT_point2oct(group, p, POINT_CONVERSION_COMPRESSED, &out, 33, context)
        guard count > 0 else { throw Failure() }
        return Array(out.prefix(count))
    }

    /// Whether OpenSSL takes these bytes for a point.
    func accepts(_ encoded: [UInt8]) -> Bool {
        guard let p = try? point(encoded) else { return false }
        EC_POINT_free(p)
        return true
    }

    /// a + b.
    func add(_ a: [UInt8], _ b: [UInt8]) throws -> [UInt8] {
        let p = try point(a), q = try point(b)
        defer {
            EC_POINT_free(p)
            EC_POINT_free(q)
        }
        guard EC_POINT_add(group, p, p, q, context) == 1 else { throw Failure() }
        return try bytes(p)
    }

    /// k g + l a, of big-endian scalars.
    func multiply(base k: [UInt8], _ l: [UInt8], _ a: [UInt8]) throws -> [UInt8] {
        let p = try point(a)
        let first = BN_bin2bn(k, Int32(k.count), nil), second = BN_bin2bn(l, Int32(l.count), nil)
        defer {
            EC_POINT_free(p)
            BN_free(first)
            BN_free(second)
        }
        guard EC_POINT_mul(group, p, first, p, second, context) == 1 else { throw Failure() }
        return try bytes(p)
    }
}

/// As OpenSSL writes it: one zero byte for the identity.
func openSSLEncoding(_ p: Point<Secp256k1>) -> [UInt8] { p.affine?.encoded ?? [0] }
