/// Why a light copy does not take over what it was given.
public enum LightError: Error, Equatable, Sendable {
    /// The checkpoint, or the log's hashes under it.
    case log(LogError)
    /// Two histories of the log are signed.
    case fork(LogFork)
    /// A part of the tree is not what the node above it says.
    case part
    /// The stored copy is none.
    case format(FormatError)

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .log(let error): error.code
        case .fork: LogError.fork.code
        case .part: "log-tree"
        case .format(let error): error.code
        }
    }
}
