/// What came out otherwise than it should.
public struct Difference: Error, CustomStringConvertible {
    /// Which case it was.
    public let description: String
}

/// Throws at the first case that is not so: for loops over more cases than `#expect` can record in reasonable time.
@inline(__always)
public func check(_ holds: Bool, _ which: @autoclosure () -> String) throws {
    if !holds { throw Difference(description: which()) }
}
