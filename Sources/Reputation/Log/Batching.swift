/// When the waiting leaves of an epoch enter its tree: as soon as so many wait, and fewer only after some time. Part of the log, so that the
/// audit can hold the issuer to it: the first leaves of a small batch would be known by their time.
public struct Batching: Equatable, Sendable {
    /// New leaves of a batch at least, 1 or more.
    public let leaves: UInt32
    /// Fewer enter when so many seconds have passed since leaves last did, or since the epoch began; 1 or more.
    public let seconds: UInt32

    /// Throws `.notCanonical` unless both are at least 1.
    public init(leaves: UInt32, seconds: UInt32) throws(FormatError) {
        guard leaves >= 1, seconds >= 1 else { throw .notCanonical }
        self.leaves = leaves
        self.seconds = seconds
    }

    /// Whether a batch may take in so many leaves so many seconds after the last that took any in. None is always allowed.
    public func admits(leaves count: Int, after elapsed: Int64) -> Bool { count == 0 || count >= Int(leaves) || elapsed >= Int64(seconds) }
}
