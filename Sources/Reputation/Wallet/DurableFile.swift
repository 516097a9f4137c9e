#if !hasFeature(Embedded)
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Why a file could not be read or written.
public enum FileError: Error, Equatable, Sendable {
    /// The operating system refused; its error number.
    case system(Int32)
    /// Larger than what is read.
    case tooLarge
    /// Another process has it open.
    case locked

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .system: "file-system"
        case .tooLarge: "file-too-large"
        case .locked: "file-locked"
        }
    }
}

/// Files that are either as before or as after, whatever happens in between; unless asked otherwise only their owner can read them.
public enum DurableFile {
    /// Replaces a file: written beside it, synchronised, renamed over it, and the rename synchronised.
    public static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600) throws(FileError) {
        let temporary = path + ".new"
        // What a crash left behind is nobody's.
        unlink(temporary)
        let file = try check(open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode))
        do {
            defer { close(file) }
            try writeAll(bytes, to: file)
            try check(fsync(file))
        } catch {
            unlink(temporary)
            throw error
        }
        try check(rename(temporary, path))
        try synchronize(directory: parent(of: path))
    }

    /// Waits until the names in a folder are on the disk.
    public static func synchronize(directory path: String) throws(FileError) {
        let directory = try check(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        defer { close(directory) }
        try check(fsync(directory))
    }

    /// All bytes of a file of at most so many.
    public static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
        let file = try check(open(path, O_RDONLY | O_CLOEXEC))
        defer { close(file) }
        var out: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = readSome(file, &buffer)
            if count < 0 && errno == EINTR { continue }
            try check(Int32(count < 0 ? -1 : 0))
            if count == 0 { return out }
            out += buffer[..<count]
            if out.count > limit { throw .tooLarge }
        }
    }

    /// Whether a file of that name is there.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func writeAll(_ bytes: [UInt8], to file: Int32) throws(FileError) {
        var at = 0
        while at < bytes.count {
            let count = writeSome(file, bytes[at...])
            if count < 0 && errno == EINTR { continue }
            try check(Int32(count < 0 ? -1 : 0))
            at += count
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    @discardableResult
    fileprivate static func check(_ result: Int32) throws(FileError) -> Int32 {
        if result < 0 { throw .system(errno) }
        return result
    }
}

// Outside of the type, whose own functions have the names of the system's.
private func readSome(_ file: Int32, _ buffer: inout [UInt8]) -> Int { read(file, &buffer, buffer.count) }
private func writeSome(_ file: Int32, _ bytes: ArraySlice<UInt8>) -> Int { bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } }

/// The lock of a file, which stands beside it: held as long as this lives, by one process at a time.
public final class FileLock {
    private let file: Int32

    /// Throws `.locked` when another holds it.
    public init(_ path: String) throws(FileError) {
        file = try DurableFile.check(open(path + ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600))
        if flock(file, LOCK_EX | LOCK_NB) != 0 { throw errno == EWOULDBLOCK ? .locked : .system(errno) }
    }

    deinit { close(file) }
}
#endif
