#if !hasFeature(Embedded)
import COpenSSL

/// The algorithm called `name`, fetched once and kept for the life of the process: fetching costs more than hashing a short message.
/// The address is held as an integer, which may be shared between threads; OpenSSL's method objects are immutable.
private func fetchDigest(_ name: String) -> UInt {
    guard let digest = EVP_MD_fetch(nil, name, nil) else { preconditionFailure("OpenSSL has no \(name)") }
    return UInt(bitPattern: digest)
}
private let sha256Method = fetchDigest("SHA256")
private let shake128Method = fetchDigest("SHAKE128")

private func newContext() -> OpaquePointer {
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
    return context
}

/// SHA-256 by OpenSSL.
public enum SHA256 {
    /// The 32-byte digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        let done = EVP_Digest(bytes, bytes.count, &out, nil, OpaquePointer(bitPattern: sha256Method), nil)
        precondition(done == 1, "OpenSSL could not hash")
        return out
    }
}

/// SHAKE128 by OpenSSL.
///
/// Bytes can be absorbed at any time; `output` reads the stream that belongs to all absorbed so far. OpenSSL wipes the state when it is freed.
public struct SHAKE128: ~Copyable {
    private let context: OpaquePointer

    /// Nothing absorbed.
    public init() {
        context = newContext()
        let done = EVP_DigestInit_ex2(context, OpaquePointer(bitPattern: shake128Method), nil)
        precondition(done == 1, "OpenSSL could not start a hash")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Appends `bytes` to the input.
    public mutating func absorb(_ bytes: [UInt8]) {
        let done = EVP_DigestUpdate(context, bytes, bytes.count)
        precondition(done == 1, "OpenSSL could not hash")
    }

    /// Bytes `offset ..< offset + count` of the output stream of all absorbed so far. Costs time in proportion to `offset + count`.
    public func output(from offset: Int, count: Int) -> [UInt8] {
        if count == 0 { return [] }
        let copy = newContext()
        defer { EVP_MD_CTX_free(copy) }
        var out = [UInt8](repeating: 0, count: offset + count)
        let done = EVP_MD_CTX_copy_ex(copy, context) == 1 && EVP_DigestFinalXOF(copy, &out, out.count) == 1
        precondition(done, "OpenSSL could not finish a hash")
        if offset == 0 { return out }
        return [UInt8](out[offset...])
    }
}

/// HMAC-SHA-256 by OpenSSL.
public enum HMACSHA256 {
    /// The 32-byte authentication code of `message` under `key`, which may have any length.
    public static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        let code = HMAC(OpaquePointer(bitPattern: sha256Method), key, Int32(key.count), message, message.count, &out, nil)
        precondition(code != nil, "OpenSSL could not authenticate")
        return out
    }
}
#endif
