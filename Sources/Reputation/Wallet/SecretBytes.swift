import Platform

/// Secret bytes in one place, wiped when the last reference to them is gone.
final class SecretBytes {
    private(set) var bytes: [UInt8]

    init(_ bytes: consuming [UInt8]) { self.bytes = bytes }

    deinit { zeroize(&bytes) }
}
