import CMemcheck

/// A value at an address of its own, secret for valgrind until it is published.
struct Secret<T: BitwiseCopyable>: ~Copyable {
    private let room: UnsafeMutablePointer<T>

    init(_ value: T) {
        room = .allocate(capacity: 1)
        room.initialize(to: value)
        memcheck_mark_secret(room, MemoryLayout<T>.size)
    }

    deinit { room.deallocate() }

    /// The value, still secret.
    var value: T { room.pointee }

    /// The value, known to everybody from now on.
    func published() -> T {
        memcheck_mark_public(room, MemoryLayout<T>.size)
        return room.pointee
    }
}

/// A computed value, made public where it is compared or given out.
@inline(never)
func published<T: BitwiseCopyable>(_ value: T) -> T {
    var copy = value
    withUnsafeBytes(of: &copy) { memcheck_mark_public($0.baseAddress, $0.count) }
    return copy
}

/// Secret copies of some values.
@inline(never)
func secret<T: BitwiseCopyable>(_ values: [T]) -> [T] {
    let copy = values.map { $0 }
    copy.withUnsafeBytes { if let base = $0.baseAddress { memcheck_mark_secret(base, $0.count) } }
    return copy
}

/// Counts what valgrind reports while a routine runs on secrets.
struct Watch {
    private(set) var failures = 0

    /// Runs a routine that must not depend on its secrets, and returns what came out of it.
    mutating func constantTime(_ name: String, _ routine: () throws -> Bool) rethrows {
        let before = memcheck_errors()
        let right = try routine()
        let leaks = memcheck_errors() - before
        let found = (leaks == 0 ? "" : ": \(leaks) errors depend on a secret") + (right ? "" : ": wrong result")
        print((found.isEmpty ? "ok      " : "FAILED  ") + name + found)
        if !found.isEmpty { failures += 1 }
    }

    /// Runs a routine that does depend on its secret: if valgrind does not see that, it sees nothing.
    mutating func leaking(_ name: String, _ routine: () -> Void) {
        let before = memcheck_errors()
        routine()
        let seen = memcheck_errors() > before
        print("\(seen ? "ok      " : "FAILED  ")\(name): a leak made on purpose is\(seen ? "" : " not") seen")
        if !seen { failures += 1 }
    }
}
