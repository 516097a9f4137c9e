import Crypto
import Foundation

/// A file of a backup: its name in the folder, how long it is, and the sum of its bytes.
struct CheckedFile: Equatable, Sendable {
    /// Path below the folder, with "/" between its parts.
    let name: String
    /// Bytes.
    let size: Int64
    /// SHA-256 of its bytes.
    let sum: [UInt8]

    /// Whether a text is a path below a folder: nothing that leads out of it.
    static func isName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 1024 && !text.utf8.contains(0) && !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." }
    }

    /// The names of the regular files in a folder and the folders in it, sorted. Links are not followed.
    static func names(in folder: String) throws -> [String] {
        guard let found = FileManager.default.enumerator(atPath: folder) else { throw Backup.Failure.file(folder) }
        var names: [String] = []
        for case let name as String in found {
            var status = stat()
            guard lstat(folder + "/" + name, &status) == 0 else { throw Backup.Failure.file(folder + "/" + name) }
            if status.st_mode & S_IFMT == S_IFREG { names.append(name) }
        }
        return names.sorted()
    }

    /// Copies a file to a new one that only its owner can read, waits for the disk, and says what was copied.
    static func copying(_ name: String, from source: String, to target: String) throws -> CheckedFile {
        let path = target + "/" + name
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Backup.Failure.file(folder)
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Backup.Failure.file(path) }
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            let file = try read(name, in: source) { try output.write(contentsOf: $0) }
            try output.synchronize()
            return file
        } catch let error as Backup.Failure {
            throw error
        } catch {
            throw Backup.Failure.file(path)
        }
    }

    /// Reads a file piece by piece.
    static func read(_ name: String, in folder: String, piece: (Data) throws -> Void = { _ in }) throws -> CheckedFile {
        let path = folder + "/" + name
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw Backup.Failure.file(path) }
        let input = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var (hash, size) = (SHA256(), Int64(0))
        while true {
            let data: Data?
            do { data = try input.read(upToCount: 1 << 20) } catch { throw Backup.Failure.file(path) }
            guard let data, !data.isEmpty else { break }
            hash.update(data: data)
            size += Int64(data.count)
            try piece(data)
        }
        return CheckedFile(name: name, size: size, sum: Array(hash.finalize()))
    }
}
