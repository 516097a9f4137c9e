import ArgumentParser
import Foundation
import Platform
import Reputation
import VerifierService

struct WitnessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness", abstract: "Watch that logs only grow, and cosign their checkpoints.",
        discussion: """
            A witness is somebody else than the log's operator. It cosigns a checkpoint only if it goes on from the last one that it
            cosigned, so that with enough witnesses an operator cannot show people different logs. It works with any log and any service
            that follow c2sp.org/tlog-witness.
            """, subcommands: [Initialize.self, Serve.self])

    /// The folder of a witness.
    struct Folder: ParsableArguments {
        @Option(help: "Folder of the witness: its key and what it saw.") var data: String

        fileprivate var keyFile: String { data + "/witness.key" }

        /// Name and key.
        fileprivate func key() throws -> (name: [UInt8], key: Ed25519SigningKey) {
            let lines = try Files.read(keyFile).split(separator: 0x0A).map { Array($0) }
            guard lines.count == 2, let seed = try? Hex.decode(lines[1]), let key = try? Ed25519SigningKey(seed: seed) else {
                throw CommandFailure("\(keyFile) is no witness's key")
            }
            return (lines[0], key)
        }
    }

    struct Initialize: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init", abstract: "Make a witness's key, and print it as others are told of it.",
            discussion: """
                Example:
                  symbolon witness init --data ./witness --name witness.example/w1
                """)

        @OptionGroup var folder: Folder
        @Option(help: "Name of the witness's key, for instance witness.example/w1.") var name: String
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            let key = Ed25519SigningKey()
            guard let verifier = try? VerifierKey(name: Array(name.utf8), publicKey: key.publicKey, purpose: .cosignatures) else {
                throw CommandFailure("--name must not be empty and have no spaces, \"+\" or control characters")
            }
            do { try FileManager.default.createDirectory(atPath: folder.data, withIntermediateDirectories: true) } catch {
                throw CommandFailure("cannot make \(folder.data)")
            }
            try Files.writeSecret(verifier.name + [0x0A] + Hex.encode(key.seed) + [0x0A], to: folder.keyFile)
            let text = String(decoding: verifier.text, as: UTF8.self)
            if json { Terminal.output(JSON.object([.init("key", .text(text))]).encoded()) } else { print(text) }
        }
    }

    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take checkpoints over HTTP and cosign them.",
            discussion: """
                Example:
                  symbolon witness serve --data ./witness --port 8090 --log KEY
                KEY is what `symbolon community status` prints as the log's key. The operator of the log names the witness in the file
                that he gives to `symbolon serve --witnesses`.
                """)

        @OptionGroup var folder: Folder
        @Option(help: "Key of a log to watch; may be repeated.") var log: [String]
        @Option(help: "Address to listen on.") var host = "127.0.0.1"
        @Option(help: "Port; 0 takes a free one.") var port = 8090
        @Flag(help: "Print the address as JSON once it serves.") var json = false

        func validate() throws {
            guard (0...65_535).contains(port) else { throw ValidationError("--port is 0 to 65535") }
        }

        func run() async throws {
            let (name, key) = try folder.key()
            let logs = try log.map { text in
                guard let key = try? VerifierKey(text: Array(text.utf8)), key.purpose == .notes else {
                    throw CommandFailure("\(text) is no key of a log")
                }
                return key
            }
            let witness = try Witness(name: name, key: key, logs: logs, folder: folder.data)
            let (host, json) = (self.host, self.json)
            try await WitnessService(witness, host: host, port: port).run(logger: Logs.logger) { port in
                if json {
                    Terminal.output(JSON.object([.init("url", .text("http://\(host):\(port)"))]).encoded())
                } else {
                    Terminal.message("Witness \(String(decoding: name, as: UTF8.self)) at http://\(host):\(port)")
                }
            }
        }
    }
}
