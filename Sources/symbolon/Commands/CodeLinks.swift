import ArgumentParser
import Foundation
import Reputation
import SignIn
import VerifierService

/// Codes as links to a wallet for browsers: who follows his redeems it there, and types nothing.
struct CodeLinks: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Add a column of links to this wallet for browsers: who follows his redeems his code there. They hold the codes.",
            valueName: "wallet"))
    var links: String?
    @Option(
        help: ArgumentHelp("Origin at which wallets reach the service, such as https://id.example.org; for --links.", valueName: "origin"))
    var service: String?
    @Option(help: ArgumentHelp("New folder for the links as QR codes, SVG; a column says which is whose.", valueName: "folder"))
    var qr: String?

    func validate() throws {
        guard (links == nil) == (service == nil) else { throw ValidationError("--links and --service go together") }
        guard links != nil || qr == nil else { throw ValidationError("--qr needs --links") }
        guard links.map({ WalletAddress($0) != nil }) ?? true else {
            throw ValidationError("--links is an https address, or http on this machine, without query and fragment")
        }
        guard service.map({ SignIn.Issuer($0) != nil }) ?? true else {
            throw ValidationError("--service is an https origin, or http on this machine, without a path")
        }
        guard qr == nil || QRCode(link(.topUp, of: TopUpCode().text, community: Digest.of([])) ?? "") != nil else {
            throw ValidationError("--links and --service are too long for a QR code")
        }
        // Before any code is made: a code that cannot be written is lost.
        guard !(qr.map(FileManager.default.fileExists(atPath:)) ?? false) else { throw ValidationError("\(qr ?? "") is there already") }
    }

    private func link(_ redeeming: WalletAddress.Redeeming, of code: String, community: Digest) -> String? {
        guard let links, let service, let wallet = WalletAddress(links) else { return nil }
        return wallet.link(redeeming, code: code, service: service, community: community)
    }

    /// The link of each code; none when none are wanted.
    func all(_ redeeming: WalletAddress.Redeeming, for codes: [String], community: Digest) -> [String] {
        codes.compactMap { link(redeeming, of: $0, community: community) }
    }

    /// The columns that go beside the codes: links, and names of files.
    func columns(_ links: [String]) -> [(name: String, values: [String])] {
        guard !links.isEmpty else { return [] }
        return [("link", links)] + (qr == nil ? [] : [("qr", names(links))])
    }

    /// Writes the files, readable by their owner only, if they are wanted.
    func writeQRCodes(_ links: [String]) throws {
        guard let qr, !links.isEmpty else { return }
        try FileManager.default.createDirectory(atPath: qr, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for (link, name) in zip(links, names(links)) {
            guard let code = QRCode(link) else { throw CommandFailure("a link is too long for a QR code") }
            try Files.writeSecret(Array(code.svg.utf8), to: qr + "/" + name)
        }
    }

    /// Numbers, because nobody knows what stands in a table as a person's name.
    private func names(_ links: [String]) -> [String] {
        let digits = String(links.count).count
        return links.indices.map { String(repeating: "0", count: digits - String($0 + 1).count) + "\($0 + 1).svg" }
    }
}
