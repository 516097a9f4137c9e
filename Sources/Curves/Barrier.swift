import CPlatform

/// The same mask, opaque to the optimiser, which else turns selections by masks back into branches on the secret.
@inlinable @inline(__always)
public func barrier(_ mask: UInt64) -> UInt64 { symbolon_barrier(mask) }
