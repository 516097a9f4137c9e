import Foundation
import Operations
import Platform
import Reputation
import SignIn
import VerifierService
import WalletSite

/// Looks at all that a service needs, without serving.
struct ServeCheck {
    /// What was found of one thing.
    struct Finding {
        enum Verdict: String { case fine, warning, wrong }

        let verdict: Verdict
        let subject: String
        let text: String

        var json: JSON {
            .object([.init("verdict", .text(verdict.rawValue)), .init("subject", .text(subject)), .init("text", .text(text))])
        }
    }

    private let settings: ServeSettings
    private(set) var findings: [Finding] = []

    /// Looks. Nothing is thrown: what fails is a finding.
    init(_ settings: ServeSettings, now: Int64 = Int64(Date().timeIntervalSince1970)) async {
        self.settings = settings
        await lookAtCommunity()
        lookAtFiles()
        lookAtTLS(now: now)
        lookAtReach()
        lookAtWallet()
        lookAtPorts()
    }

    /// Nothing is wrong.
    var isFine: Bool { !findings.contains { $0.verdict == .wrong } }

    private mutating func add(_ verdict: Finding.Verdict, _ subject: String, _ text: String) {
        findings.append(Finding(verdict: verdict, subject: subject, text: text))
    }

    private mutating func lookAtCommunity() async {
        do {
            let key = try settings.folder.logKey()
            let store = try settings.folder.openStore()
            let id = try Digest.keyID(key.publicKey)
            guard let record = try await store.communities().first(where: { $0.id == id.bytes }) else {
                return add(.wrong, "data", "the store has no community of the key in this folder")
            }
            let community = try Community(json: JSON(parsing: record.document))
            guard let note = try await store.checkpoint(community: id.bytes) else {
                return add(.wrong, "data", "the community has no published checkpoint")
            }
            let checkpoint = try SignedCheckpoint(note: note, community: community).checkpoint
            add(
                .fine, "data",
                "\(String(decoding: community.origin, as: UTF8.self)), epoch \(checkpoint.batch.epoch), \(checkpoint.batch.leafCount) leaves, signed"
            )
            var names: [String] = []
            for audience in try settings.folder.audiences() {
                _ = try settings.folder.policy(of: audience, community: community)
                names.append(audience.name)
            }
            names += settings.audiences.filter { !names.contains($0) }.map { $0 + " (will be made)" }
            add(
                names.isEmpty ? .warning : .fine, "audiences",
                names.isEmpty ? "none: nobody can ask for presentations" : names.joined(separator: ", "))
            try store.close()
        } catch {
            add(.wrong, "data", "\(error)")
        }
    }

    private mutating func lookAtFiles() {
        var open: [String] = []
        for path in settings.folder.secretPaths() {
            let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int ?? 0
            if mode & 0o077 != 0 { open.append(path) }
        }
        if open.isEmpty {
            add(.fine, "keys", "readable by their owner only")
        } else {
            add(.wrong, "keys", "others can read \(open.joined(separator: ", ")); chmod 600")
        }
        if let witnesses = settings.witnesses {
            do {
                _ = try LogOptions.policy(witnesses)
                add(.fine, "witnesses", witnesses)
            } catch { add(.wrong, "witnesses", "\(error)") }
        }
    }

    private mutating func lookAtTLS(now: Int64) {
        guard let tls = settings.tls else { return }
        do {
            let days = (try Certificate(certificate: tls.certificate, key: tls.key).expires - now) / 86_400
            switch days {
            case ..<0: add(.wrong, "tls", "the certificate has expired")
            case ..<14: add(.warning, "tls", "the certificate ends in \(days) days")
            default: add(.fine, "tls", "the certificate holds for \(days) days")
            }
        } catch { add(.wrong, "tls", "\(error)") }
    }

    private mutating func lookAtReach() {
        let isOpen = ClientAddress(settings.host).map { !$0.isLoopback } ?? (settings.host != "localhost")
        if isOpen, settings.tls == nil {
            add(.warning, "host", "\(settings.host) takes plain HTTP from other machines; only a proxy that ends TLS should reach it")
        }
        guard let issuer = settings.issuer else {
            return add(.warning, "issuer", "not set: members cannot sign in to forums")
        }
        add(.fine, "issuer", issuer.origin)
        if issuer.isSecure, settings.tls == nil, !settings.trustsProxies {
            add(.warning, "proxies", "a proxy ends TLS and is not named: limits for each network do not see who asks")
        }
    }

    private mutating func lookAtWallet() {
        if let site = settings.walletSite {
            do {
                let files = try WalletFiles(folder: site.folder)
                add(.fine, "wallet.files", "\(site.folder): \(files.count) addresses, \(files.size / 1000) KB, for \(site.origin.origin)")
            } catch { add(.wrong, "wallet.files", error.description) }
        }
        if let wallet = settings.wallet {
            add(
                settings.issuer == nil ? .warning : .fine, "wallet",
                wallet.text + (settings.issuer == nil ? ", which nobody is led to: there is no issuer" : ""))
        }
    }

    private mutating func lookAtPorts() {
        for (subject, host, port) in [("port", settings.host, settings.port)]
            + (settings.metrics.map { [("metrics", $0.host, $0.port)] } ?? [])
            + (settings.walletSite.map { [("wallet.port", settings.host, $0.port)] } ?? [])
        {
            if port == 0 || LocalPort.isFree(host: host, port: port) {
                add(.fine, subject, port == 0 ? "any free one" : "\(host) \(port) is free")
            } else {
                add(
                    .warning, subject, "\(host) \(port) cannot be taken now: in use, as it is while the service runs, or not this machine's"
                )
            }
        }
    }
}
