import ArgumentParser
import Foundation
import Membership
import Reputation
import VerifierService

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify a presentation offline, from files.",
        discussion: """
            Example:
              symbolon verify --community community.json --checkpoint checkpoint.txt --request request.json --answer answer.json

            community.json is what GET /v1/community gives, checkpoint.txt what GET /v1/checkpoint gives; the community's id is to be
            compared with one from elsewhere (--id). Whether a nullifier was spent before, files cannot tell: only a service can.
            Exit status: 0 the presentation holds, 1 it does not, 2 a file is malformed.
            """)

    @Option(help: "File with the community's description.") var community: String
    @Option(help: "Id that the community must have, 64 hex digits.") var id: String?
    @Option(help: "File with the checkpoint that the proof is against.") var checkpoint: String
    @Option(help: "File with the request as it was asked.") var request: String
    @Option(help: "File with the answer.") var answer: String
    @Option(help: "Verify as of this time, in seconds since 1970; now if not given.") var at: Int64?
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
        let community: Community
        do {
            let described = try JSON(parsing: try Files.read(self.community))
            community = try Community(json: described["community"] ?? described)
        } catch let error as SchemaError { throw malformed(self.community, error.code) } catch let error as JSONError {
            throw malformed(self.community, error.code)
        }
        if let id, id != community.id.hex { throw CommandFailure("\(self.community) is of community \(community.id.hex)") }
        let checkpoint: Checkpoint
        do { checkpoint = try Checkpoint(note: try Files.read(self.checkpoint), community: community) } catch let error as LogError {
            throw malformed(self.checkpoint, error.code)
        }
        let schema = community.schema
        let (asked, answer): (PresentationRequest, PresentationAnswer)
        do { asked = try PresentationRequest(json: JSON(parsing: try Files.read(request)), schema: schema) } catch let error as RequestError
        {
            throw malformed(request, error.code)
        } catch let error as JSONError { throw malformed(request, error.code) }
        do { answer = try PresentationAnswer(json: JSON(parsing: try Files.read(self.answer)), schema: schema) } catch let error
            as RequestError
        {
            throw malformed(self.answer, error.code)
        } catch let error as JSONError { throw malformed(self.answer, error.code) }

        let batch = checkpoint.batch
        do {
            guard asked.context.epoch == batch.epoch else { throw PresentationError.request(.epochMismatch) }
            guard let root = try? TreeRoot(encoded: batch.root[...], depth: Int(batch.depth)) else {
                throw malformed(self.checkpoint, "root")
            }
            let verified = try answer.verify(
                asked: asked, community: community.id, schema: schema, audience: asked.context.audience,
                now: at ?? Int64(Date().timeIntervalSince1970), depth: Int(batch.depth), root: root)
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
            if json {
                Terminal.output(JSON.object([.init("verdict", .text("refused")), .init("code", .text(error.code))]).encoded())
            } else {
                print("refused: \(error.code)")
            }
            throw ExitStatus.rejected
        }
    }

    private func malformed(_ file: String, _ code: String) -> CommandFailure { CommandFailure("\(file) is malformed: \(code)") }
}
