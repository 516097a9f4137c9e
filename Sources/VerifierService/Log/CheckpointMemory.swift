import Foundation
import Reputation

/// Two histories of a log are signed; what proves it is kept.
public struct ForkFound: Error, CustomStringConvertible {
    /// The proof.
    public let fork: LogFork
    /// The file that it is kept in; nil when there is no folder to keep it in.
    public let path: String?

    /// What it means and what to do, for people.
    public var description: String { Self.explanation(proof: path) }

    /// The same for a proof that was kept before.
    public static func explanation(proof path: String?) -> String {
        let first = path.map { "The proof is in \($0): show it" } ?? "Say so"
        return """
            The key of this log signed two histories: somebody is shown another tree than others are. \(first) to other members, to those \
            who verify and to an auditor; `symbolon audit LOG --checkpoint FILE` says which of the two a log holds. Nothing is presented as \
            long as the file is there; who has settled it removes it.
            """
    }
}

/// What was learnt of a log from others: their checkpoints that the copy at hand does not reach yet, and the proofs of contradictions.
///
/// With files it survives the process; each is replaced as a whole. Everything in it is signed by the log's key, so nobody but the log's
/// operator can make it grow, and it is bounded.
public struct CheckpointMemory: Sendable {
    private let community: Community
    private let prefix: String?
    private let heardSuffix: String
    private var unwritten: [SignedCheckpoint] = []

    /// Checkpoints, and proofs, at most.
    static let greatestCount = 16

    /// - Parameters:
    ///   - prefix: what the names of its files begin with; nil keeps everything in memory.
    ///   - copy: which of several copies of the log it belongs to. Proofs are for all of them.
    public init(community: Community, prefix: String?, copy: String = "") {
        self.community = community
        self.prefix = prefix
        heardSuffix = "\(copy)-heard.json"
    }

    // MARK: Checkpoints that are ahead

    private func file(_ prefix: String) -> String { prefix + heardSuffix }

    /// Checkpoints that the log must contain once it has grown so far.
    ///
    /// - Throws: `FileError`; `JSONError` and `LogError` for a file that is not what this wrote: an error and never a fresh start.
    func heard() throws -> [SignedCheckpoint] {
        guard let prefix else { return unwritten }
        let bytes: [UInt8]
        do { bytes = try DurableFile.read(file(prefix), atMost: 1 << 20) } catch {
            guard error == .system(ENOENT) else { throw error }
            return []
        }
        var object = try JSONObject(JSON(parsing: bytes))
        try object.version(1)
        let notes = try object.array("checkpoints", atMost: Self.greatestCount)
        try object.finish()
        return try notes.map { value in
            guard case .string(let note) = value else { throw JSONError.wrongValue(Array("checkpoints".utf8)) }
            return try SignedCheckpoint(note: note, community: community)
        }
    }

    /// Takes over what a checkpoint of somebody else is to the log at hand.
    ///
    /// - Returns: whether the log contains it; else it is remembered.
    /// - Throws: ``ForkFound``; what ``remember(_:)`` throws.
    mutating func settle(_ theirs: SignedCheckpoint, _ standing: CheckpointStanding) throws -> Bool {
        switch standing {
        case .contained: return true
        case .open:
            try remember(theirs)
            return false
        case .contradicts(let fork): throw try keep(fork)
        }
    }

    /// Remembers a checkpoint that the log must contain.
    ///
    /// - Throws: ``ForkFound`` when one of the same size was heard that contradicts it; `LogError.backlog` when too many wait already: none
    ///   of them is ever forgotten in favour of another.
    mutating func remember(_ new: SignedCheckpoint) throws {
        let known = try heard()
        if let same = known.first(where: { $0.checkpoint.size == new.checkpoint.size }) {
            guard same.checkpoint == new.checkpoint else { throw try keep(LogFork(same, new)) }
            return
        }
        guard known.count < Self.greatestCount else { throw LogError.backlog }
        try write(known + [new])
    }

    /// Forgets those that the log turned out to contain.
    mutating func forget(upTo size: Int) throws {
        let known = try heard()
        let left = known.filter { $0.checkpoint.size > size }
        if left.count < known.count { try write(left) }
    }

    private mutating func write(_ checkpoints: [SignedCheckpoint]) throws {
        guard let prefix else {
            unwritten = checkpoints
            return
        }
        let document = JSON.object([
            .init("version", .integer(Int64(1))), .init("checkpoints", .array(checkpoints.map { .string($0.note) })),
        ])
        try Self.makeFolder(of: prefix)
        try DurableFile.write(document.encoded(), to: file(prefix))
    }

    // MARK: Proofs of contradictions

    /// Holds checkpoints against each other as far as that is possible without the log.
    ///
    /// - Throws: ``ForkFound`` for two of one size that differ; its proof is kept.
    public func compare(_ checkpoints: [SignedCheckpoint]) throws {
        for (i, one) in checkpoints.enumerated() {
            for other in checkpoints[..<i] where other.checkpoint.size == one.checkpoint.size && other.checkpoint != one.checkpoint {
                throw try keep(LogFork(other, one))
            }
        }
    }

    /// Files that prove that two histories are signed.
    func forks() -> [String] {
        guard let prefix else { return [] }
        let (folder, name) = Self.parts(of: prefix)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasPrefix("\(name)-fork-") && $0.hasSuffix(".json") }.sorted().map { "\(folder)/\($0)" }
    }

    /// Keeps a proof; the error to throw names its file.
    func keep(_ fork: LogFork) throws -> ForkFound {
        guard let prefix else { return ForkFound(fork: fork, path: nil) }
        let bytes = fork.json.encoded()
        let path = "\(prefix)-fork-\(Digest.of(bytes).hex.prefix(16)).json"
        let known = forks()
        // One proves as much as many.
        if known.count >= Self.greatestCount, let first = known.first { return ForkFound(fork: fork, path: first) }
        try Self.makeFolder(of: prefix)
        try DurableFile.write(bytes, to: path, mode: 0o644)
        return ForkFound(fork: fork, path: path)
    }

    static func makeFolder(of prefix: String) throws {
        let folder = parts(of: prefix).folder
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw LogSourceFailure.unreachable(folder)
        }
    }

    private static func parts(of prefix: String) -> (folder: String, name: String) {
        guard let slash = prefix.lastIndex(of: "/") else { return (".", prefix) }
        return (slash == prefix.startIndex ? "/" : String(prefix[..<slash]), String(prefix[prefix.index(after: slash)...]))
    }
}
