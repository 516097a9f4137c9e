/// Why the platform refuses what it was given.
public enum PlatformError: Error, Equatable, Sendable {
    /// A key, seed or nonce of the wrong length.
    case length
    /// A sealed message that was altered, or opened under another key, nonce or context.
    case authentication
}
