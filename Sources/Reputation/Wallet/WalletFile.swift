#if !hasFeature(Embedded)
import Platform

/// Why a wallet file cannot be made, opened or saved.
public enum WalletFileError: Error, Equatable, Sendable {
    /// There is a file of that name already: a wallet is never overwritten.
    case exists
    /// There is no file of that name.
    case missing
    /// The operating system, or another process, is in the way.
    case file(FileError)
    /// Not a wallet file, or of a version that this program does not know.
    case format
    /// Wrong passphrase, or the file was altered.
    case passphrase
    /// The content is not a wallet.
    case content(WalletError)

    /// Stable name of the failed check.
    public var code: String {
        switch self {
        case .exists: "wallet-exists"
        case .missing: "wallet-missing"
        case .file(let error): error.code
        case .format: "wallet-format"
        case .passphrase: "wallet-passphrase"
        case .content(let error): error.code
        }
    }
}

/// A wallet in an encrypted file, which is also its backup: PBKDF2-HMAC-SHA-256 and AES-256-GCM.
///
/// Bytes: `SYMBOLON-WALLET`, version 1, rounds (4, little-endian), salt (16), nonce (12): authenticated; then the encrypted JSON and its tag.
/// Replaced as a whole at each save, with a fresh nonce. While it is open no other process can open it.
public final class WalletFile {
    /// Where it is.
    public let path: String
    private let salt: [UInt8]
    private let rounds: Int
    private let key: SecretBytes
    private let lock: FileLock

    private static let magic = Array("SYMBOLON-WALLET".utf8) + [1]
    private static let headerLength = 16 + 4 + 16 + 12
    /// Rounds that a passphrase costs.
    public static let standardRounds = 600_000
    /// Rounds of a file at most: bounds what opening a hostile one costs.
    private static let greatestRounds = 10_000_000
    private static let greatestLength = 1 << 26

    private init(path: String, salt: [UInt8], rounds: Int, passphrase: [UInt8], lock: FileLock) {
        self.path = path
        self.salt = salt
        self.rounds = rounds
        self.lock = lock
        key = SecretBytes(PBKDF2SHA256.derive(passphrase: passphrase, salt: salt, rounds: rounds, count: 32))
    }

    /// Makes a file with a wallet in it; throws `.exists` when there is one.
    public static func create(_ path: String, passphrase: [UInt8], wallet: Wallet) throws(WalletFileError) -> WalletFile {
        let lock = try locked(path)
        if DurableFile.exists(path) { throw .exists }
        let file = WalletFile(path: path, salt: Random.bytes(16), rounds: standardRounds, passphrase: passphrase, lock: lock)
        try file.save(wallet)
        return file
    }

    /// Opens a file and the wallet in it. Throws `.passphrase` for a wrong passphrase and for altered bytes, which cannot be told apart.
    public static func open(_ path: String, passphrase: [UInt8]) throws(WalletFileError) -> (file: WalletFile, wallet: Wallet) {
        // Before the lock: it would leave a file of its own beside a mistyped name.
        guard DurableFile.exists(path) else { throw .missing }
        let lock = try locked(path)
        let bytes: [UInt8]
        do { bytes = try DurableFile.read(path, atMost: greatestLength) } catch { throw .file(error) }
        guard bytes.count >= headerLength + AESGCM.tagLength, bytes.starts(with: magic) else { throw .format }
        let rounds = (0..<4).reduce(0) { $0 | Int(bytes[16 + $1]) << (8 * $1) }
        guard (standardRounds...greatestRounds).contains(rounds) else { throw .format }
        let file = WalletFile(path: path, salt: Array(bytes[20..<36]), rounds: rounds, passphrase: passphrase, lock: lock)
        var plain: [UInt8]
        do {
            plain = try AESGCM.open(
                Array(bytes[headerLength...]), key: file.key.bytes, nonce: Array(bytes[36..<48]),
                authenticating: Array(bytes[..<headerLength]))
        } catch {
            throw .passphrase
        }
        defer { zeroize(&plain) }
        let json: JSON
        do { json = try JSON(parsing: plain, limits: JSON.Limits(bytes: greatestLength)) } catch { throw .content(.state(error)) }
        do { return (file, try Wallet(json: json)) } catch { throw .content(error) }
    }

    private static func locked(_ path: String) throws(WalletFileError) -> FileLock {
        do { return try FileLock(path) } catch { throw .file(error) }
    }

    /// Replaces the wallet in the file; when this returns it is on the disk.
    public func save(_ wallet: Wallet) throws(WalletFileError) {
        let nonce = Random.bytes(12)
        let header = WalletFile.magic + (0..<4).map { UInt8(truncatingIfNeeded: rounds >> (8 * $0)) } + salt + nonce
        var plain = wallet.json.encoded()
        defer { zeroize(&plain) }
        let sealed = AESGCM.seal(plain, key: key.bytes, nonce: nonce, authenticating: header)
        do { try DurableFile.write(header + sealed, to: path) } catch { throw .file(error) }
    }
}
#endif
