import ArgumentParser
import Curves
import Foundation
import Membership
import Reputation
import VerifierService

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify a presentation offline, from files.",
        discussion: """
            Example:
              symbolon verify --community community.json --checkpoint checkpoint.txt --request request.json --answer answer.json

            community.json is what GET /v1/community gives, checkpoint.txt what GET /log/checkpoint gives; the community's id is to be
            compared with one from elsewhere (--id). The newest checkpoint that was verified against is remembered; an older one is refused
            unless a time is given with --at, and so is another one of the same size. With --log the checkpoint must also stand in the log
            as it is now, and so must those that verifier and wallet told with request and answer; one that is ahead of the log is
            remembered and must stand in it the next time. Without --log only checkpoints of one size can be compared. Whether a nullifier was spent before, files cannot tell: only a service can.
            Exit status: 0 the presentation holds, 1 it does not, 2 a file is malformed.
            """)

    @Option(help: "File with the community's description.") var community: String
    @Option(help: "Id that the community must have, 64 hex digits.") var id: String?
    @Option(help: "File with the checkpoint that the proof is against.") var checkpoint: String
    @Option(help: "File with the request as it was asked.") var request: String
    @Option(help: "File with the answer.") var answer: String
    @Option(help: "Verify as of this time, in seconds since 1970; now if not given.") var at: Int64?
    @Option(help: "Address or folder of the log, in which the checkpoint must stand.") var log: String?
    @OptionGroup var options: LogOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let described = try Files.json(self.community)
        let community = try reading(self.community) { () throws(SchemaError) in try Community(json: described["community"] ?? described) }
        if let id, id != community.id.hex { throw CommandFailure("\(self.community) is of community \(community.id.hex)") }
        let note = try Files.read(self.checkpoint)
        let checkpoint = try reading(self.checkpoint) { () throws(LogError) in try SignedCheckpoint(note: note, community: community) }
        let schema = community.schema
        let (askedJSON, askedWith) = try told(request)
        let (answerJSON, answeredWith) = try told(self.answer)
        let asked = try reading(request) { () throws(RequestError) in try PresentationRequest(json: askedJSON, schema: schema) }
        let answer = try reading(self.answer) { () throws(RequestError) in try PresentationAnswer(json: answerJSON, schema: schema) }
        do {
            try await accept(checkpoint, told: [askedWith, answeredWith].compactMap { $0 }, of: community)
        } catch let error as LogError {
            throw Refusal(code: error.code).shown(json: json)
        } catch let found as ForkFound {
            throw Refusal(fork: found.path).shown(json: json)
        }

        let batch = checkpoint.checkpoint.batch
        do {
            let root = try reading(self.checkpoint) { () throws(CurveError) in
                try TreeRoot(encoded: batch.root[...], depth: Int(batch.depth))
            }
            let verified = try answer.verify(
                asked: asked, community: community.id, schema: schema, audience: asked.context.audience,
                now: at ?? Int64(Date().timeIntervalSince1970), epoch: batch.epoch, depth: Int(batch.depth), root: root)
            if json {
                Terminal.output(
                    JSON.object([
                        .init("verdict", .text("accepted")), .init("nullifiers", .array(verified.nullifiers.map { .hex($0) })),
                    ]).encoded())
            } else {
                print("accepted")
                for nullifier in verified.nullifiers { print("nullifier \(Hex.text(nullifier))") }
            }
        } catch let error as PresentationError {
            throw Refusal(code: error.code).shown(json: json)
        }
    }

    /// A request or an answer, and the checkpoint that was told with it.
    private func told(_ file: String) throws -> (JSON, [UInt8]?) {
        let json = try Files.json(file)
        return try reading(file) { () throws(JSONError) in try json.separatingCheckpoint() }
    }

    /// Whether the checkpoint may be verified against: cosigned by enough witnesses, no older than the newest seen and no other history than
    /// was seen here or told by those who asked and answered.
    private func accept(_ checkpoint: SignedCheckpoint, told: [[UInt8]], of community: Community) async throws {
        try options.policy().verify(note: checkpoint.note)
        let file = options.verified(of: community)
        var known: SignedCheckpoint?
        if let seen = try? DurableFile.read(file, atMost: SignedNote.greatestLength) {
            known = try reading(file) { () throws(LogError) in try SignedCheckpoint(note: seen, community: community) }
        }
        let all = [checkpoint] + [known].compactMap { $0 } + (try told.map { try SignedCheckpoint(note: $0, community: community) })
        try CheckpointMemory(community: community, prefix: options.directory(of: community).path).compare(all)
        if let known, known.checkpoint.size > checkpoint.checkpoint.size, at == nil { throw LogError.older }
        if let log {
            var mirror = try await options.mirror(of: community)
            let newest = try await mirror.update(from: LogOptions.source(log))
            // One that was told may be ahead of the log as it was fetched; those that count here may not.
            for one in [checkpoint, known].compactMap({ $0 }) where one.checkpoint.size > newest.size { throw LogError.older }
            for one in all { try await mirror.hear(one.note) }
        }
        guard checkpoint.checkpoint.size > known?.checkpoint.size ?? 0 else { return }
        try LogOptions.makeFolder(of: file)
        do { try DurableFile.write(checkpoint.note, to: file) } catch { throw CommandFailure("cannot write \(file)") }
    }

    /// Reads something out of a file; what is not what it should be is a malformed file, not a verdict.
    private func reading<Value, Failure: Error>(_ file: String, _ body: () throws(Failure) -> Value) throws -> Value {
        do { return try body() } catch {
            throw CommandFailure("\(file) is malformed: \(Symbolon.text(of: error) ?? String(describing: error))")
        }
    }
}
