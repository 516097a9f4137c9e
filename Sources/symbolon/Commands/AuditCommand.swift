import ArgumentParser
import Foundation
import Reputation
import VerifierService

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Recompute a community's log and say what does not hold.",
        discussion: """
            Reads the whole log in its static form, from a web address or a folder, and checks the checkpoint's signature and cosignatures,
            every hash, every entry with its proof of issuance, the sizes of batches, the tree's root after each batch; and that the log
            contains the checkpoints that were seen before. The newest is remembered in a file, whose name is printed.

            Examples:
              symbolon audit http://127.0.0.1:8080/log --community ID
              symbolon audit ./export --checkpoint from-a-friend.txt --json

            A checkpoint that somebody else was shown (--checkpoint) uncovers an operator who shows people different logs.
            Exit status: 0 all holds, 1 something does not, 2 the log cannot be read.
            """)

    @Argument(help: "Address (http or https) or folder of the log: where its checkpoint stands.") var source: String
    @Option(help: "Id that the community must have, 64 hex digits.") var community: String?
    @OptionGroup var log: LogOptions
    @Option(help: "File with a checkpoint that somebody else was shown, or with the proof that two histories are signed; may be repeated.")
    var checkpoint: [String] = []
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let source = LogOptions.source(self.source)
        let id = try community.map { text in
            guard let id = try? Digest(hex: text) else { throw CommandFailure("--community is 64 hex digits") }
            return id
        }
        var seen = try checkpoint.flatMap { file in
            let bytes = try Files.read(file)
            // Or the proof that two histories are signed: the log can hold one of them.
            guard let json = try? JSON(parsing: bytes), let fork = try? LogFork(json: json) else { return [(file, bytes)] }
            return [("the smaller of \(file)", fork.smaller), ("the larger of \(file)", fork.larger)]
        }
        let memory = log.memory(of: try await source.community())
        if let known = try? DurableFile.read(memory, atMost: SignedNote.greatestLength) { seen.append((memory, known)) }
        let bar = Mutable<ProgressBar?>(nil)
        let audit = try await Audit(
            of: source, id: id, witnesses: try log.policy(), seen: seen, now: Int64(Date().timeIntervalSince1970)
        ) { done, total in
            guard total >= 10_000 else { return }
            if bar.value == nil { bar.value = ProgressBar("Auditing", total: total) }
            bar.value?.update(done)
        }
        if audit.isMemorable {
            try LogOptions.makeFolder(of: memory)
            do { try DurableFile.write(audit.note, to: memory) } catch { throw CommandFailure("cannot write \(memory)") }
        }
        if json { Terminal.output(audit.json(memory: memory).encoded()) } else { print(audit.text(memory: memory)) }
        guard audit.findings.isEmpty else { throw ExitStatus.rejected }
    }
}

/// Where logs are kept on this machine, and whose cosignatures count.
struct LogOptions: ParsableArguments {
    @Option(help: "Folder in which logs and checkpoints that were seen are kept; by default symbolon in the user's state directory.")
    var state: String?
    @Option(help: "File that says which witnesses must have cosigned a checkpoint (c2sp.org/tlog-policy).") var witnesses: String?

    /// An address or a folder.
    static func source(_ text: String) -> any LogSource {
        text.hasPrefix("http://") || text.hasPrefix("https://") ? WebLog(prefix: text) : LogDirectory(path: text)
    }

    private var folder: String {
        if let state { return state }
        let environment = ProcessInfo.processInfo.environment
        if let states = environment["XDG_STATE_HOME"], states.hasPrefix("/") { return states + "/symbolon" }
        return FileManager.default.homeDirectoryForCurrentUser.path + "/.local/state/symbolon"
    }

    /// The file that holds the newest checkpoint that the audit saw of a community.
    func memory(of community: Community) -> String { "\(folder)/audits/\(community.id.hex).checkpoint" }

    /// The file that holds the newest checkpoint that presentations were verified against.
    func verified(of community: Community) -> String { "\(folder)/verified/\(community.id.hex).checkpoint" }

    /// The copy of a community's log.
    func directory(of community: Community) -> LogDirectory { LogDirectory(path: "\(folder)/logs/\(community.id.hex)") }

    /// Whose cosignatures are wanted.
    func policy() throws -> WitnessPolicy { try LogOptions.policy(witnesses) }

    /// The policy in a file; none without a file.
    static func policy(_ witnesses: String?) throws -> WitnessPolicy {
        guard let witnesses else { return .none }
        do { return try WitnessPolicy(parsing: try Files.read(witnesses)) } catch let error as FormatError {
            throw CommandFailure("\(witnesses) is no policy of witnesses: \(error.code)")
        }
    }

    /// A copy of a community's log, as it was left.
    func mirror(of community: Community) async throws -> LogMirror {
        try await LogMirror(community: community, directory: directory(of: community), witnesses: try policy())
    }

    static func makeFolder(of file: String) throws {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw CommandFailure("cannot make \(folder)")
        }
    }
}

extension Audit {
    fileprivate func json(memory: String) -> JSON {
        var members: [JSON.Member] = [
            .init("verdict", .text(findings.isEmpty ? "holds" : "broken")), .init("source", .text(source)),
            .init("community", .hex(community.id.bytes)), .init("name", .string(community.origin)),
        ]
        if let checkpoint {
            members += [
                .init("size", .integer(Int64(checkpoint.size))), .init("root", .hex(checkpoint.root.bytes)),
                .init("epoch", .integer(checkpoint.batch.epoch)), .init("time", .integer(checkpoint.batch.time)),
            ]
        }
        members += [
            .init("entries", .integer(Int64(entries))), .init("tiles", .integer(Int64(tiles))), .init("batches", .integer(Int64(batches))),
            .init("appended", .integer(Int64(appended))), .init("removed", .integer(Int64(removed))),
            .init("contained", .array(contained.map { .integer(Int64($0)) })),
            .init(
                "witnesses",
                .array(witnesses.map { .object([.init("name", .text($0.name)), .init("time", $0.time.map { .integer($0) } ?? .null)]) })),
            .init("remembered", isMemorable ? .text(memory) : .null),
            .init(
                "findings",
                .array(
                    findings.map { finding in
                        .object([
                            .init("code", .text(finding.code)), .init("entry", finding.position.map { .integer(Int64($0)) } ?? .null),
                            .init("text", .text(finding.text)),
                        ])
                    })),
        ]
        return .object(members)
    }

    fileprivate func text(memory: String) -> String {
        var lines = ["Log \(String(decoding: community.origin, as: UTF8.self)) at \(source), community \(community.id.hex)"]
        if let checkpoint {
            lines.append("Checkpoint: \(checkpoint.size) entries, root \(checkpoint.root.hex), epoch \(checkpoint.batch.epoch)")
        }
        for witness in witnesses {
            lines.append("Witness \(witness.name): \(witness.time.map { "cosigned at \($0)" } ?? "did not cosign")")
        }
        lines.append(
            "Read: \(entries) entries and \(tiles) tiles and bundles; \(batches) batches, \(appended) leaves put in, \(removed) taken out")
        if !contained.isEmpty {
            lines.append("Contains what was seen at \(contained.map { String($0) }.joined(separator: ", ")) entries")
        }
        if isMemorable { lines.append("Remembered in \(memory)") }
        lines += findings.map { "BROKEN \($0.code): \($0.text)" }
        if findings.isEmpty { lines.append("All of it holds.") }
        return lines.joined(separator: "\n")
    }
}
