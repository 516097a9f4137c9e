import Configuration
import Foundation
import Operations
import Reputation
import SignIn
import VerifierService

/// How a service is to run: what was said on the command line, else in the environment, else in a file, else what is usual.
struct ServeSettings {
    /// A setting; its name in a file, where dots lead into objects. In the environment it is `SYMBOLON_` and the name in capitals.
    enum Key: String, CaseIterable {
        case data, database, host, port, issuer, audiences, witnesses, proxies, connections, grace, log
        case spentSeconds = "spent-seconds"
        case minimumSet = "minimum-set"
        case logFormat = "log-format"
        case certificate = "tls.certificate"
        case privateKey = "tls.key"
        case metricsHost = "metrics.host"
        case metricsPort = "metrics.port"
        case consoleHere = "console.here"
        case consolePort = "console.port"
        case consoleOrigin = "console.origin"
        case walletFiles = "wallet.files"
        case walletPort = "wallet.port"
        case walletOrigin = "wallet.origin"
        case walletAddress = "wallet.address"
        case claims = "limits.claims"
        case proofs = "limits.proofs"
        case forums = "limits.forums"
        case pages = "limits.pages"
        case files = "limits.files"

        /// What holds where nobody says anything. Empty and -1: there is none.
        fileprivate var usual: ConfigContent {
            switch self {
            case .host, .metricsHost: .string("127.0.0.1")
            case .port: .int(8080)
            case .audiences, .proxies: .stringArray([])
            case .connections: .int(4096)
            case .grace: .int(Int(Verifier.grace))
            case .spentSeconds: .int(Int(SpentTickets.interval))
            case .minimumSet: .int(Int(HistogramPublisher.minimum))
            case .metricsPort, .consolePort, .walletPort: .int(-1)
            case .consoleHere: .bool(false)
            case .log: .string("notice")
            case .logFormat: .string("text")
            case .claims, .proofs, .forums, .pages, .files: .int(limit.flatMap { Limits.standard.perMinute[$0] } ?? 0)
            case .data, .database, .issuer, .witnesses, .certificate, .privateKey, .consoleOrigin, .walletFiles, .walletOrigin,
                .walletAddress:
                .string("")
            }
        }

        fileprivate var limit: Limits.Kind? {
            rawValue.hasPrefix("limits.") ? Limits.Kind(rawValue: String(rawValue.dropFirst(7))) : nil
        }

        fileprivate var variable: String { "SYMBOLON_" + rawValue.uppercased().map { $0.isLetter ? String($0) : "_" }.joined() }
    }

    /// Where the operators' console is served.
    enum ConsolePlace {
        /// Nowhere.
        case none
        /// Beside the service's own addresses.
        case here
        /// On a port of this machine alone, which browsers reach at that origin.
        case port(Int, SignIn.Issuer)
    }

    let folder: DataDirectory
    let host: String
    let port: Int
    /// Where browsers reach the service; nil when nobody can be sent there.
    let issuer: SignIn.Issuer?
    let audiences: [String]
    let witnesses: String?
    let proxies: TrustedProxies
    let trustsProxies: Bool
    let connections: Int
    let grace: Int64
    let spentSeconds: Int64
    let minimumSet: UInt32
    let tls: (certificate: String, key: String)?
    let metrics: (host: String, port: Int)?
    let limits: Limits
    let console: ConsolePlace
    /// The wallet that is served here: folder of its files, port, and where browsers reach that.
    let walletSite: (folder: String, port: Int, origin: SignIn.Issuer)?
    /// The wallet that members' browsers are led to.
    let wallet: WalletAddress?

    /// Reads them all. `flags`: what the command line says. Throws `CommandFailure`, naming the setting.
    init(flags: [Key: ConfigContent], file: String?, environment: [String: String] = ProcessInfo.processInfo.environment) async throws {
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "command line", values: Self.values(flags)),
            EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty }).prefixKeys(with: "symbolon"),
        ]
        if let file {
            try Self.checkNames(file)
            do { providers.append(try await FileProvider<JSONSnapshot>(filePath: .init(file))) } catch {
                throw CommandFailure("\(file) is not a file of settings: \(error)")
            }
        }
        providers.append(
            InMemoryProvider(name: "usual", values: Self.values(Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0, $0.usual) }))))
        let reader = ConfigReader(providers: providers)

        func text(_ key: Key) throws -> String { try Self.read(key) { try reader.requiredString(forKey: $0) } }
        func optional(_ key: Key) throws -> String? { try text(key).isEmpty ? nil : try text(key) }
        func list(_ key: Key) throws -> [String] {
            try Self.read(key) { try reader.requiredStringArray(forKey: $0) }.filter { !$0.isEmpty }
        }
        func number(_ key: Key, _ range: ClosedRange<Int>) throws -> Int {
            let value = try Self.read(key) { try reader.requiredInt(forKey: $0) }
            guard range.contains(value) else { throw Self.wrong(key, "is \(range.lowerBound) to \(range.upperBound)") }
            return value
        }

        guard let data = try optional(.data) else { throw Self.wrong(.data, "is missing: the folder of the community") }
        let database = try optional(.database)
        do { _ = try database.map { try PostgresAddress($0) } } catch { throw Self.wrong(.database, "is wrong: \(error)") }
        folder = DataDirectory(path: data, database: database)
        host = try text(.host)
        port = try number(.port, 0...65_535)
        if let origin = try optional(.issuer) {
            guard let issuer = SignIn.Issuer(origin) else {
                throw Self.wrong(.issuer, "is an https origin, or http on this machine, without a path: https://id.example.org")
            }
            self.issuer = issuer
        } else if port != 0, ["127.0.0.1", "::1", "localhost"].contains(host), try optional(.certificate) == nil {
            issuer = SignIn.Issuer("http://\(host == "::1" ? "[::1]" : host):\(port)")
        } else {
            issuer = nil
        }
        audiences = try list(.audiences)
        witnesses = try optional(.witnesses)
        let ranges = try list(.proxies).map { text in
            guard let range = AddressRange(text) else {
                throw Self.wrong(.proxies, "are addresses or ranges such as 10.0.0.0/8; \"\(text)\" is none")
            }
            return range
        }
        (proxies, trustsProxies) = (TrustedProxies(ranges), !ranges.isEmpty)
        connections = try number(.connections, 1...1_000_000)
        grace = Int64(try number(.grace, 0...86_400))
        spentSeconds = Int64(try number(.spentSeconds, 1...86_400))
        minimumSet = UInt32(try number(.minimumSet, 0...1_000_000_000))
        switch (try optional(.certificate), try optional(.privateKey)) {
        case (let certificate?, let key?): tls = (certificate, key)
        case (nil, nil): tls = nil
        default: throw Self.wrong(.certificate, "and tls.key go together")
        }
        let metricsPort = try number(.metricsPort, -1...65_535)
        metrics = metricsPort < 0 ? nil : (try text(.metricsHost), metricsPort)
        let isHere = try Self.read(.consoleHere) { try reader.requiredBool(forKey: $0) }
        switch (isHere, try number(.consolePort, -1...65_535), try optional(.consoleOrigin)) {
        case (false, -1, nil): console = .none
        case (true, -1, nil): console = .here
        case (false, 1..., let origin):
            let port = try number(.consolePort, 1...65_535)
            guard let origin = SignIn.Issuer(origin ?? "http://127.0.0.1:\(port)") else {
                throw Self.wrong(.consoleOrigin, "is an https origin, or http on this machine, without a path")
            }
            console = .port(port, origin)
        default: throw Self.wrong(.consolePort, "is 1 to 65535, and stands without console.here; console.origin goes with it")
        }
        if case .none = console {} else if issuer == nil { throw Self.wrong(.issuer, "is missing: the console prints it for forums") }
        let (isLocal, isSecure) = (["127.0.0.1", "::1", "localhost"].contains(host), tls != nil)
        switch (try optional(.walletFiles), try number(.walletPort, -1...65_535), try optional(.walletOrigin)) {
        case (nil, -1, nil): walletSite = nil
        case (let folder?, 1..., let given):
            let port = try number(.walletPort, 1...65_535)
            // By this name and not by its number: passkeys belong to names.
            let usual = isLocal ? "\(isSecure ? "https" : "http")://localhost:\(port)" : nil
            guard let origin = (given ?? usual).flatMap({ SignIn.Issuer($0) }) else {
                throw Self.wrong(.walletOrigin, "is an https origin, or http on this machine, without a path")
            }
            // Pages of one origin can read each other.
            guard origin != issuer else { throw Self.wrong(.walletOrigin, "is another origin than the service's") }
            walletSite = (folder, port, origin)
        default: throw Self.wrong(.walletFiles, "and wallet.port (1 to 65535) go together; wallet.origin goes with them")
        }
        wallet = try (optional(.walletAddress) ?? walletSite?.origin.origin).map { text in
            guard let address = WalletAddress(text) else {
                throw Self.wrong(.walletAddress, "is an https address, or http on this machine, without query and fragment")
            }
            return address
        }
        var perMinute: [Limits.Kind: Int] = [:]
        for key in Key.allCases { if let kind = key.limit { perMinute[kind] = try number(key, 0...1_000_000) } }
        limits = Limits(perMinute: perMinute)
        guard let level = Logs.Level(rawValue: try text(.log)) else {
            throw Self.wrong(.log, "is one of \(Logs.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let format = Logs.Format(rawValue: try text(.logFormat)) else { throw Self.wrong(.logFormat, "is text or json") }
        Logs.set(level: level, format: format)
    }

    private static func values(_ contents: [Key: ConfigContent]) -> [AbsoluteConfigKey: ConfigValue] {
        Dictionary(
            uniqueKeysWithValues: contents.map { (AbsoluteConfigKey(ConfigKey($0.key.rawValue)), ConfigValue($0.value, isSecret: false)) })
    }

    private static func read<T>(_ key: Key, _ read: (ConfigKey) throws -> T) throws -> T {
        do { return try read(ConfigKey(key.rawValue)) } catch { throw wrong(key, "is of another kind") }
    }

    private static func wrong(_ key: Key, _ what: String) -> CommandFailure {
        CommandFailure("setting \(key.rawValue) (\(key.variable)) \(what)")
    }

    /// A misspelt name would be a setting that does nothing: every name in the file has to be known.
    private static func checkNames(_ file: String) throws {
        let bytes = try Files.read(file)
        // Duplicate names, and what is not JSON, are refused here.
        do { _ = try JSON(parsing: bytes) } catch { throw CommandFailure("\(file) is not JSON: \(error.code)") }
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw CommandFailure("\(file) is not a JSON object")
        }
        let known = Set(Key.allCases.map(\.rawValue))
        func check(_ object: [String: Any], below path: String) throws {
            for (name, value) in object.sorted(by: { $0.key < $1.key }) {
                let full = path + name
                if known.contains(full) { continue }
                guard let inner = value as? [String: Any], known.contains(where: { $0.hasPrefix(full + ".") }) else {
                    throw CommandFailure("\(file): there is no setting \(full)")
                }
                try check(inner, below: full + ".")
            }
        }
        try check(object, below: "")
    }
}
