import ArgumentParser
import Foundation
import Membership
import Platform
import Reputation
import VerifierService

struct CommunityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "community", abstract: "Make a community, bring in its members, look how it stands.",
        subcommands: [
            Initialize.self, Import.self, TopUp.self, Revoke.self, SetPolicy.self, Status.self, Export.self, EpochCommand.self,
            DisputesCommand.self, MakeBackup.self, Restore.self,
        ])

    /// What all of these act on.
    struct Folder: ParsableArguments {
        @Option(help: "Folder of the community: its store and its keys.") var data: String
        @Option(
            help: ArgumentHelp(
                "PostgreSQL database with the store, as a connection URI of libpq without a password (PGPASSFILE names a file with it). Unless given: SYMBOLON_DATABASE in the environment, what `community init` was given, or a file in the folder.",
                valueName: "address"))
        var database: String?

        func validate() throws { try Self.check(database: database) }

        /// Refuses what is no address, and one with a password: others can read arguments.
        static func check(database: String?) throws {
            guard let database else { return }
            let address: PostgresAddress
            do { address = try PostgresAddress(database) } catch { throw ValidationError(error.description) }
            guard !address.hasPassword else { throw ValidationError(PostgresAddress.Failure.password.description) }
        }

        var directory: DataDirectory {
            DataDirectory(path: data, database: database ?? ProcessInfo.processInfo.environment["SYMBOLON_DATABASE"])
        }
    }

    struct Initialize: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init", abstract: "Make a community: the key of its log, and an empty tree.",
            discussion: """
                The schema is a JSON list of what a credential says of a member:
                  [{"name": "votes", "kind": "growing", "least": 0, "greatest": 1000000}, ...]
                kind: fixed (set once), growing (later claims add), feedback (only feedback changes it).

                Example:
                  symbolon community init --data ./vtaiwan --name vtaiwan --schema Examples/vtaiwan-uberx-schema.json

                The log's key is made in the folder and readable by its owner only. The community's id is a digest of its public
                half: give members the id, so that they know whom they claim from.
                """)

        @OptionGroup var folder: Folder
        @Option(help: "Name of the community's log, for instance vtaiwan or example.org/assembly.") var name: String
        @Option(help: "File with the schema.") var schema: String
        @Option(help: "Depth of the tree: 1 holds 120 members, 2 12,480, 3 1,497,600, 4 155,750,400.") var depth = 2
        @Option(help: "New leaves enter the tree as soon as so many wait: a small batch tells who claimed when.") var batchLeaves: UInt32 =
            64
        @Option(help: "And fewer after so many seconds. Both stand in the log, and the audit holds the issuer to them.")
        var batchSeconds: UInt32 = 3600
        @Option(help: "File with the rules of the epochs: who may report what, and when the next opens. See `community epoch open`.")
        var rules: String?
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            guard (1...4).contains(depth) else { throw ValidationError("--depth is 1 to 4") }
            guard batchLeaves >= 1, batchSeconds >= 1 else { throw ValidationError("--batch-leaves and --batch-seconds are at least 1") }
            guard SignedNote.isKeyName(Array(name.utf8)) else {
                throw ValidationError("--name must not be empty and have no spaces, \"+\" or control characters")
            }
        }

        func run() async throws {
            let schema = try Schema(json: try Files.json(self.schema))
            // First: a database that cannot be reached leaves no half-made community.
            let store = try folder.directory.openStore()
            let key = try folder.directory.createLogKey()
            if folder.database != nil { try folder.directory.recordDatabase() }
            let community = try Community(logKey: key.publicKey, origin: Array(name.utf8), schema: schema)
            let rules = try self.rules.map { try EpochRules(file: $0, directory: folder.directory, schema: schema) } ?? .none
            try await Issuer.create(
                community: community, depth: depth, batching: try Batching(leaves: batchLeaves, seconds: batchSeconds), rules: rules,
                store: store, key: key, now: Int64(Date().timeIntervalSince1970))
            try store.close()
            if json {
                Terminal.output(
                    JSON.object([
                        .init("community", .hex(community.id.bytes)), .init("epoch", .integer(Int64(1))),
                        .init("depth", .integer(Int64(depth))),
                    ]).encoded())
            } else {
                print("Community \(name), id \(community.id.hex)")
                print("Next: symbolon community import --data \(folder.data) --csv FILE --codes FILE")
            }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import", abstract: "Bring in members from a table and make a claim code for each.",
            discussion: """
                The table is CSV with a header; columns of the schema's attributes hold integers, other columns are ignored.

                Example:
                  symbolon community import --data ./vtaiwan --csv Examples/vtaiwan-uberx-participation.csv \\
                      --person-column participant --empty group=-1 --codes codes.csv

                With links to a wallet for browsers, and each as a QR code:
                  ... --codes codes.csv --links https://wallet.example.org --service https://id.example.org --qr ./qr

                The file of codes is the only place where they are: hand each member his, then delete it, and the QR codes. Whoever has a code
                or its link can claim with it, once.
                """)

        @OptionGroup var folder: Folder
        @Option(help: "Table of members.") var csv: String
        @Option(help: "Column that says whom a row is about.") var personColumn = "participant"
        @Option(help: ArgumentHelp("Value of an attribute where its cell is empty; may be repeated.", valueName: "attribute=value"))
        var empty: [String] = []
        @Option(help: "New file for the claim codes: person,code. Readable by its owner only.") var codes: String
        @OptionGroup var codeLinks: CodeLinks
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            var whenEmpty: [String: Int64] = [:]
            for text in empty {
                let parts = text.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, let value = Int64(parts[1]) else {
                    throw CommandFailure("--empty takes ATTRIBUTE=INTEGER, not \"\(text)\"")
                }
                whenEmpty[String(parts[0])] = value
            }
            let (store, community) = try await folder.directory.openCommunity()
            let table = try CSV(parsing: try Files.read(csv))
            let members = try MemberImport.members(of: table, schema: community.schema, personColumn: personColumn, whenEmpty: whenEmpty)
            guard !FileManager.default.fileExists(atPath: codes) else { throw CommandFailure("\(codes) is there already") }
            let depth = Int(try await store.newestCheckpoint(of: community).batch.depth)
            let made = try await MemberImport.makeCodes(
                for: members, community: community.id, capacity: try TreeShape(depth: depth).capacity, store: store)
            try store.close()
            let links = codeLinks.all(.claim, for: made.map(\.code.text), community: community.id)
            try Files.writeCodes(
                made.map { ($0.person, $0.code.text) }, personColumn: personColumn, more: codeLinks.columns(links), to: codes)
            try codeLinks.writeQRCodes(links)
            if json {
                Terminal.output(JSON.object([.init("imported", .integer(Int64(made.count)))]).encoded())
            } else {
                print("\(made.count) members imported, their claim codes in \(codes)")
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the log as static files, for any web server to serve.",
            discussion: """
                Example:
                  symbolon community export --data ./vtaiwan ./public/log
                Writes only what is new since the last time, and the checkpoint last: at every moment the folder is one state of the log.
                """)

        @OptionGroup var folder: Folder
        @Argument(help: "Folder to write to, made if it is not there.") var directory: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, community) = try await folder.directory.openCommunity()
            let checkpoint = try await LogDirectory(path: directory).export(community, from: store)
            try store.close()
            if json {
                Terminal.output(
                    JSON.object([
                        .init("size", .integer(Int64(checkpoint.size))), .init("root", .hex(checkpoint.root.bytes)),
                    ]).encoded())
            } else {
                print("The log of \(checkpoint.size) entries stands in \(directory)")
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show how many claimed and what is published.")

        @OptionGroup var folder: Folder
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, community) = try await folder.directory.openCommunity()
            let counts = try await store.counts(community: community.id.bytes)
            let checkpoint = try await store.newestCheckpoint(of: community)
            let audiences = try folder.directory.audiences()
            try store.close()
            if json {
                let parties = audiences.map { JSON.object([.init("name", .text($0.name)), .init("id", .hex($0.id.bytes))]) }
                Terminal.output(
                    JSON.object([
                        .init("community", .hex(community.id.bytes)), .init("name", .string(community.origin)),
                        .init("epoch", .integer(checkpoint.batch.epoch)), .init("depth", .integer(checkpoint.batch.depth)),
                        .init("leaves", .integer(checkpoint.batch.leafCount)), .init("codes", .integer(Int64(counts.codes))),
                        .init("claimed", .integer(Int64(counts.issued))), .init("top-up-codes", .integer(Int64(counts.topUpCodes))),
                        .init("topped-up", .integer(Int64(counts.topUps))), .init("pending", .integer(Int64(counts.pending))),
                        .init("log-size", .integer(Int64(counts.logSize))), .init("spent", .integer(Int64(counts.spent))),
                        .init("log-key", .string(community.verifierKey.text)), .init("audiences", .array(parties)),
                    ]).encoded())
                return
            }
            print("Community \(String(decoding: community.origin, as: UTF8.self)), id \(community.id.hex)")
            print("Key of the log: \(String(decoding: community.verifierKey.text, as: UTF8.self))")
            print("Epoch \(checkpoint.batch.epoch), tree of depth \(checkpoint.batch.depth) with \(checkpoint.batch.leafCount) leaves")
            print("Claim codes: \(counts.codes), claimed \(counts.issued); top-up codes: \(counts.topUpCodes), used \(counts.topUps)")
            print("Leaves that wait for a batch: \(counts.pending)")
            print("Log: \(counts.logSize) entries; spent nullifiers: \(counts.spent)")
            for audience in audiences { print("Audience \(audience.name), id \(audience.id.hex)") }
        }
    }
}

extension DataDirectory {
    /// The store and the community of the folder's log key.
    func openCommunity() async throws -> (SQLStore, Community) {
        let key = try logKey()
        let store = try openStore()
        let id = try Digest.keyID(key.publicKey)
        guard let record = try await store.communities().first(where: { $0.id == id.bytes }) else { throw Issuer.Failure.noCommunity }
        return (store, try Community(json: JSON(parsing: record.document)))
    }
}

extension Store {
    /// The newest checkpoint of a community's log.
    func newestCheckpoint(of community: Community) async throws -> Checkpoint {
        guard let note = try await checkpoint(community: community.id.bytes) else { throw CommandFailure("the log has no checkpoint") }
        return try Checkpoint(note: note, community: community)
    }
}
