import CPlatform

/// Overwrites the elements of an array with zeros and keeps its length; the optimiser cannot drop it.
///
/// Wipes this array's own storage. A copy made before, of which the storage was shared, keeps its bytes: secrets are not copied about.
public func zeroize<T: BitwiseCopyable>(_ elements: inout [T]) {
    elements.withUnsafeMutableBytes { raw in
        if let base = raw.baseAddress { symbolon_zeroize(base, raw.count) }
    }
}

/// Overwrites a value without references (an integer, a field element) with zeros; the optimiser cannot drop it.
public func zeroize<T: BitwiseCopyable>(_ value: inout T) {
    withUnsafeMutableBytes(of: &value) { raw in
        if let base = raw.baseAddress { symbolon_zeroize(base, raw.count) }
    }
}

/// Whether two byte strings are equal, in time that depends on their lengths alone.
public func constantTimeEquals(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    if a.count != b.count { return false }
    var difference: UInt64 = 0
    for i in 0..<a.count { difference = symbolon_barrier(difference | UInt64(a[i] ^ b[i])) }
    return difference == 0
}
