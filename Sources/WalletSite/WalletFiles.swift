import Foundation
import Platform
import Reputation

/// The files of a wallet for browsers, as `Scripts/build-wallet` leaves them: read once, when the service starts, and held in memory. Nothing else can be
/// asked for, whatever happens in the folder afterwards.
public struct WalletFiles: Sendable {
    /// Why a folder is no wallet.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// It cannot be read.
        case unreadable(String)
        /// There is no page in it.
        case noPage(String)
        /// A file is no plain file, or has a name that none of a wallet has.
        case foreign(String)
        /// There is more than a wallet has.
        case tooMuch(String)

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .unreadable(let path): "\(path) cannot be read"
            case .noPage(let path): "\(path) is no wallet: it has no index.html; Scripts/build-wallet makes one"
            case .foreign(let path): "\(path) is no file of a wallet: plain files, of letters, digits, dots, hyphens and underscores"
            case .tooMuch(let path): "\(path) holds more than a wallet: \(greatestCount) files and \(greatestSize >> 20) MB at most"
            }
        }
    }

    /// One of them.
    package struct File: Sendable {
        /// Media type.
        package let type: String
        /// For how long it may be kept.
        package let caching: String
        /// Changes with the content.
        package let tag: String
        package let content: [UInt8]
        /// The same compressed with gzip, where it was there.
        package let compressed: [UInt8]?
    }

    package static let greatestCount = 1000, greatestSize = 64 << 20
    private static let greatestDepth = 8

    private var files: [String: File] = [:]

    /// How many files can be asked for.
    public var count: Int { files.count }
    /// Bytes that a browser loads at most, where it takes what is compressed.
    public var size: Int { files.values.reduce(0) { $0 + ($1.compressed ?? $1.content).count } }

    /// Reads a folder.
    ///
    /// - Throws: ``Failure``.
    public init(folder: String) throws(Failure) {
        let contents = try Self.read(folder)
        for (name, content) in contents where !(name.hasSuffix(".gz") && contents[String(name.dropLast(3))] != nil) {
            let digest = Hex.text(SHA256.hash(content))
            files["/" + name] = File(
                type: Self.type(of: name), caching: Self.isNamedByItself(name, digest) ? Self.forEver : Self.askAgain,
                tag: "W/\"\(digest.prefix(32))\"", content: content, compressed: contents[name + ".gz"])
        }
        guard let page = files["/index.html"] else { throw .noPage(folder) }
        files["/"] = page
    }

    /// The file of an address's path, exactly; nil when there is none.
    package subscript(_ path: String) -> File? { files[path] }

    // MARK: Reading

    private static func read(_ folder: String) throws(Failure) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        var size = 0
        var folders = [""]
        while let below = folders.popLast() {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + below) else {
                throw .unreadable(folder + "/" + below)
            }
            for name in names {
                let (relative, path) = (below + name, folder + "/" + below + name)
                // A link would lead out of the folder.
                let kind = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
                guard isName(name), kind == .typeRegular || kind == .typeDirectory else { throw .foreign(path) }
                if kind == .typeDirectory {
                    guard relative.split(separator: "/").count < greatestDepth else { throw .tooMuch(folder) }
                    folders.append(relative + "/")
                    continue
                }
                guard let content = try? DurableFile.read(path, atMost: greatestSize) else { throw .unreadable(path) }
                found[relative] = content
                size += content.count
                guard found.count <= greatestCount, size <= greatestSize else { throw .tooMuch(folder) }
            }
        }
        return found
    }

    private static func isName(_ name: String) -> Bool {
        !name.hasPrefix(".") && (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x61 && $0 <= 0x7A) || "._-".utf8.contains($0)
            }
    }

    // MARK: How they are served

    /// Whether a part of the name is the beginning of the content's SHA-256 in hex: such a file never changes under its name.
    private static func isNamedByItself(_ name: String, _ digest: String) -> Bool {
        let last = name.split(separator: "/").last ?? ""
        return last.split(whereSeparator: { $0 == "." || $0 == "-" }).contains { $0.utf8.count >= 12 && digest.hasPrefix($0) }
    }

    private static let forEver = "public, max-age=31536000, immutable", askAgain = "no-cache"

    private static func type(of name: String) -> String {
        switch name.split(separator: ".").last.map(String.init) {
        case "html": "text/html; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "json": "application/json"
        case "webmanifest": "application/manifest+json"
        case "wasm": "application/wasm"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "txt", "md": "text/plain; charset=utf-8"
        default: "application/octet-stream"
        }
    }
}
