import ArgumentParser
import Foundation
import Membership
import Reputation
import VerifierService

extension CommunityCommand {
    struct TopUp: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "top-up", abstract: "Make codes with which members add to their credentials.",
            discussion: """
                The table is CSV with a header: a row a person, in columns of growing attributes what is to be added, an empty cell for nothing;
                columns that the schema does not have are ignored.

                Example:
                  symbolon community top-up --data ./vtaiwan --csv november.csv --label 2026-11 --codes november-codes.csv

                With links to a wallet for browsers, and each as a QR code:
                  ... --codes november-codes.csv --links https://wallet.example.org --service https://id.example.org --qr ./november-qr

                The file of codes is the only place where they are: hand each member his, then delete it, and the QR codes. A code adds once, to
                whoever shows it. Each person gets one code under a label: a table that is given twice adds nothing twice.
                """)

        @OptionGroup var folder: Folder
        @Option(help: "Table of what is to be added.") var csv: String
        @Option(help: "Column that says whom a row is about, as in the table that was imported.") var personColumn = "participant"
        @Option(help: "What it is for, for instance the month: 1 to 64 characters.") var label: String
        @Option(help: "New file for the top-up codes: person,code. Readable by its owner only.") var codes: String
        @OptionGroup var codeLinks: CodeLinks
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            guard (1...64).contains(label.count) else { throw ValidationError("--label has 1 to 64 characters") }
        }

        func run() async throws {
            let (store, community) = try await folder.directory.openCommunity()
            let table = try CSV(parsing: try Files.read(csv))
            let grants = try TopUpImport.grants(of: table, schema: community.schema, personColumn: personColumn)
            guard !FileManager.default.fileExists(atPath: codes) else { throw CommandFailure("\(codes) is there already") }
            let depth = try await Int(store.newestCheckpoint(of: community).batch.depth)
            let made = try await TopUpImport.makeCodes(
                for: grants, label: label, community: community.id, capacity: try TreeShape(depth: depth).capacity, store: store)
            try store.close()
            let links = codeLinks.all(.topUp, for: made.map(\.code.text), community: community.id)
            try Files.writeCodes(
                made.map { ($0.person, $0.code.text) }, personColumn: personColumn, more: codeLinks.columns(links), to: codes)
            try codeLinks.writeQRCodes(links)
            let skipped = table.rows.count - made.count
            if json {
                Terminal.output(
                    JSON.object([.init("codes", .integer(Int64(made.count))), .init("skipped", .integer(Int64(skipped)))]).encoded())
            } else {
                print("\(made.count) top-up codes in \(codes)" + (skipped > 0 ? "; \(skipped) rows add nothing" : ""))
            }
        }
    }
}
