import Curves

/// sum of a_i b_i.
@inlinable public func dot<F: PrimeField>(_ a: some Collection<F>, _ b: some Collection<F>) -> F {
    var sum = F.zero
    for (x, y) in zip(a, b) { sum += x * y }
    return sum
}

/// a_i b_i for each i.
@inlinable func entrywise<F: PrimeField>(_ a: some Collection<F>, _ b: some Collection<F>) -> [F] {
    var out: [F] = []
    out.reserveCapacity(a.count)
    for (x, y) in zip(a, b) { out.append(x * y) }
    return out
}

/// Adds k v_i to sum_i for each i; cheap where v_i is zero, so public values only.
@inlinable func addMultiple<F: PrimeField>(of v: ArraySlice<F>, by k: F, to sum: inout [F]) {
    precondition(v.count <= sum.count)
    sum.withUnsafeMutableBufferPointer { sum in
        var i = 0
        for value in v {
            if !value.isZero { sum[i] += k * value }
            i &+= 1
        }
    }
}

/// Filled with zeros to a length.
@inlinable func padded<F: PrimeField>(_ a: [F], to count: Int) -> [F] { a + [F](repeating: .zero, count: count - a.count) }

/// k random non-zero scalars.
@inlinable func randomVector<F: PrimeField>(_ count: Int) -> [F] {
    var out: [F] = []
    out.reserveCapacity(count)
    for _ in 0..<count { out.append(.random()) }
    return out
}
