import Foundation
import Reputation

/// Where secrets come from: a file, an environment variable or a prompt. Never an argument: every user of the machine sees those.
enum Secrets {
    /// The wallet's passphrase, asked twice when it is a new one.
    static func passphrase(file: String?, isNew: Bool) throws -> [UInt8] {
        if let file { return try line(ofFile: file, what: "passphrase") }
        if let value = ProcessInfo.processInfo.environment["SYMBOLON_PASSPHRASE"], !value.isEmpty { return Array(value.utf8) }
        let alternative = "--passphrase-file FILE or the environment variable SYMBOLON_PASSPHRASE"
        let typed = try Terminal.secret(prompt: "Wallet passphrase", orGive: alternative)
        if isNew {
            let again = try Terminal.secret(prompt: "Wallet passphrase, once more", orGive: alternative)
            guard Array(again.utf8) == Array(typed.utf8) else { throw CommandFailure("the two passphrases differ") }
        }
        return Array(typed.utf8)
    }

    /// A claim code or top-up code as its holder was given it.
    static func code(file: String?) throws -> String {
        if let file { return String(decoding: try line(ofFile: file, what: "code"), as: UTF8.self) }
        return try Terminal.secret(prompt: "Code", orGive: "--code-file FILE")
    }

    /// The seed phrase of a wallet that is brought back.
    static func phrase(file: String) throws -> String { String(decoding: try line(ofFile: file, what: "seed phrase"), as: UTF8.self) }

    private static func line(ofFile path: String, what: String) throws -> [UInt8] {
        let first = try Files.read(path).prefix { $0 != 0x0A && $0 != 0x0D }
        guard !first.isEmpty else { throw CommandFailure("\(path) holds no \(what) in its first line") }
        return Array(first)
    }
}

/// Files as arrays of bytes.
enum Files {
    /// All bytes of a file, a pipe such as /dev/stdin included.
    static func read(_ path: String) throws -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw CommandFailure("cannot read \(path)") }
        do { return [UInt8](try handle.readToEnd() ?? Data()) } catch { throw CommandFailure("cannot read \(path)") }
    }

    /// A file's JSON.
    static func json(_ path: String, limits: JSON.Limits = .standard) throws -> JSON {
        let bytes = try read(path)
        do { return try JSON(parsing: bytes, limits: limits) } catch { throw CommandFailure("\(path) is malformed: \(error.code)") }
    }

    /// Writes a new file that only its owner can read; refuses to replace one.
    static func writeSecret(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandFailure("cannot create \(path): \(String(cString: strerror(errno)))") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data(bytes))
        try handle.synchronize()
    }

    /// Writes a new table of codes, one row a person, that only its owner can read.
    ///
    /// - Parameter more: columns beside the codes, as long as they.
    static func writeCodes(
        _ codes: [(person: String, code: String)], personColumn: String, more: [(name: String, values: [String])] = [], to path: String
    ) throws {
        func quoted(_ field: String) -> String {
            field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline })
                ? "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : field
        }
        var lines = ([quoted(personColumn), "code"] + more.map(\.name)).joined(separator: ",") + "\n"
        for (at, (person, code)) in codes.enumerated() {
            lines += ([quoted(person), code] + more.map { quoted($0.values[at]) }).joined(separator: ",") + "\n"
        }
        try writeSecret(Array(lines.utf8), to: path)
    }

    /// Writes a file that anyone may read, replacing one.
    static func write(_ bytes: [UInt8], to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { throw CommandFailure("cannot write \(path)") }
    }
}
