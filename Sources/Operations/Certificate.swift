import Foundation
import NIOSSL
import Synchronization

/// A certificate and its key in files, as certificate clients such as certbot leave them; read again when they are replaced.
public final class Certificate: Sendable {
    /// What can be wrong with them.
    public enum Failure: Error, CustomStringConvertible {
        /// The file cannot be read, or holds no certificates in PEM.
        case certificate(String)
        /// The file cannot be read, or holds no private key in PEM.
        case key(String)
        /// They are not a pair.
        case pair

        /// The same for people.
        public var description: String {
            switch self {
            case .certificate(let path): "\(path) holds no certificate in PEM form, or cannot be read"
            case .key(let path): "\(path) holds no private key in PEM form, or cannot be read"
            case .pair: "the private key is not that of the certificate"
            }
        }
    }

    private struct Loaded: Sendable {
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        let changed: [Date?]
        var checked: ContinuousClock.Instant
    }

    private let certificatePath: String
    private let keyPath: String
    private let loaded: Mutex<Loaded>

    private let interval: Duration

    /// Reads both files. `every`: how long they are believed to be the same. Throws ``Failure``.
    public init(certificate: String, key: String, every interval: Duration = .seconds(60)) throws(Failure) {
        self.interval = interval
        certificatePath = certificate
        keyPath = key
        loaded = Mutex(try Self.load(certificate, key))
    }

    private static func load(_ certificate: String, _ key: String) throws(Failure) -> Loaded {
        let changed = Self.changed(certificate, key)
        guard let chain = try? NIOSSLCertificate.fromPEMFile(certificate), !chain.isEmpty else { throw .certificate(certificate) }
        guard let secret = try? NIOSSLPrivateKey(file: key, format: .pem) else { throw .key(key) }
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(secret))
        guard (try? NIOSSLContext(configuration: configuration)) != nil else { throw .pair }
        return Loaded(chain: chain, key: secret, changed: changed, checked: .now)
    }

    private static func changed(_ paths: String...) -> [Date?] {
        paths.map { (try? FileManager.default.attributesOfItem(atPath: $0))?[.modificationDate] as? Date }
    }

    /// When the certificate in use ends, in seconds since 1970.
    public var expires: Int64 { Int64(current().chain[0].notValidAfter) }

    /// What is in the files, looked at only now and then. A pair that is broken changes nothing: it may be half written.
    private func current() -> Loaded {
        let (known, isDue) = loaded.withLock { loaded in
            let isDue = ContinuousClock.now - loaded.checked >= interval
            if isDue { loaded.checked = .now }
            return (loaded, isDue)
        }
        guard isDue, Self.changed(certificatePath, keyPath) != known.changed, let new = try? Self.load(certificatePath, keyPath) else {
            return known
        }
        loaded.withLock { $0 = new }
        return new
    }

    /// TLS 1.2 at least; each handshake takes the certificate that is in the files then.
    public func configuration() -> TLSConfiguration {
        let first = current()
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: first.chain.map { .certificate($0) }, privateKey: .privateKey(first.key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.sslContextCallback = { _, promise in
            let now = self.current()
            var change = NIOSSLContextConfigurationOverride()
            change.certificateChain = now.chain.map { .certificate($0) }
            change.privateKey = .privateKey(now.key)
            promise.succeed(change)
        }
        return configuration
    }
}
