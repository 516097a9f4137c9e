import ArgumentParser
import Foundation
import Reputation
import VerifierService

extension CommunityCommand {
    struct MakeBackup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "backup", abstract: "Copy the store, the keys and the audiences to a new folder, while the service runs.",
            discussion: """
                Example:
                  symbolon community backup --data ./vtaiwan /backups/vtaiwan-2026-11-21

                The folder holds the key that signs the log and all else that is secret; only its owner can read it, and it should be kept so. A
                store in PostgreSQL is copied with pg_dump.

                A backup is as old as the day it was made. What was spent since then is open again after it is restored, and wallets that saw a
                later log refuse an earlier one: make one often, and keep the last.
                """)

        @OptionGroup var folder: Folder
        @Argument(help: "Folder to write to; it must not be there.") var destination: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let backup = try await Backup.make(of: folder.directory, to: destination, now: Int64(Date().timeIntervalSince1970))
            if json {
                Terminal.output(
                    JSON.object([
                        .init("community", .hex(backup.community.bytes)), .init("created", .integer(backup.created)),
                        .init("log-size", .integer(Int64(backup.logSize))), .init("log-root", .hex(backup.logRoot.bytes)),
                    ]).encoded())
            } else {
                print("Community \(backup.community.hex) with a log of \(backup.logSize) entries stands in \(destination)")
            }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a community's folder from a backup.",
            discussion: """
                Example:
                  symbolon community restore --from /backups/vtaiwan-2026-11-21 --data ./vtaiwan

                Every file is held against the manifest, and the log against its checkpoint; nothing is overwritten. A backup of a store in
                PostgreSQL goes into the empty database that --database names.

                If the community went on after the backup was made, what was spent since then is open again. If its log grew, do not serve the
                backup: the log would grow again in another way, which wallets, auditors and witnesses that saw the first refuse, and take for the
                fraud that it looks like. Begin a new community then.
                """)

        @OptionGroup var folder: Folder
        @Option(help: "Folder with the backup.") var from: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let backup = try Backup(at: from)
            try await backup.restore(from: from, to: folder.directory)
            let age = max(0, Int64(Date().timeIntervalSince1970) - backup.created)
            if json {
                Terminal.output(
                    JSON.object([
                        .init("community", .hex(backup.community.bytes)), .init("created", .integer(backup.created)),
                        .init("age-seconds", .integer(age)), .init("log-size", .integer(Int64(backup.logSize))),
                        .init("log-root", .hex(backup.logRoot.bytes)),
                    ]).encoded())
                return
            }
            print("Community \(backup.community.hex) stands in \(folder.data), with a log of \(backup.logSize) entries")
            print("The backup was made \(Self.text(age)) ago. What was spent since then is open again.")
            print("If the published log has more than \(backup.logSize) entries, do not serve this; --help says why.")
        }

        private static func text(_ seconds: Int64) -> String {
            let units: [(name: String, seconds: Int64)] = [("days", 86_400), ("hours", 3600), ("minutes", 60)]
            let unit = units.first { seconds >= 2 * $0.seconds } ?? ("seconds", 1)
            return "\(seconds / unit.seconds) \(unit.name)"
        }
    }
}
