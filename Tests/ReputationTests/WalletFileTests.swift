#if canImport(Glibc)
import Glibc
#endif
import Platform
import Reputation
import TestSupport
import Testing

struct WalletFileTests {
    let f: Fixture
    let path: String

    init() throws {
        f = try Fixture()
        var template = Array("/tmp/symbolon-test-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
        try #require(made != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/wallet"
    }

    private func openFile(_ passphrase: String = "correct horse") throws(WalletFileError) -> (file: WalletFile, wallet: Wallet) {
        try WalletFile.open(path, passphrase: Array(passphrase.utf8))
    }

    @Test func lifeOfAWallet() throws {
        var (wallet, credential) = try f.member([25, 3, 1, 0])
        let pending = try wallet.beginClaim(identity: 3, community: f.community, code: ClaimCode())
        _ = try wallet.reserveTicket(f.request(scopes: [], tickets: 2), with: credential)
        try wallet.pin(f.request(["votes >= 20"]), published: nil)
        let tree = try f.tree(depth: 1, [credential])
        _ = try wallet.beginTopUp(
            of: credential, code: TopUpCode(), amounts: [1, 0, 0, 0],
            tree: BatchEntry(epoch: 7, depth: 1, leafCount: 1, root: tree.root.encoded, schema: f.schema.digest, time: 0),
            path: try tree.path(at: 0))
        do {
            let file = try WalletFile.create(path, passphrase: [UInt8](text: "correct horse"), wallet: wallet)
            #expect(throws: WalletFileError.file(.locked)) { try openFile() }
            try file.save(wallet)
        }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(access(path + ".new", F_OK) != 0)
        do {
            var (file, read) = try openFile()
            #expect(read.credentials == [credential])
            #expect(read.topUps.count == 1 && read.topUps == wallet.topUps)
            #expect(read.pending.map(\.request) == [pending])
            #expect(read.policy(of: f.audience, community: f.community.id) == wallet.policy(of: f.audience, community: f.community.id))
            #expect(throws: WalletError.policy) { try read.pin(f.request(["votes >= 21"]), published: nil) }
            #expect(read.seed.phrase == wallet.seed.phrase)
            _ = try read.reserveTicket(f.request(scopes: [], tickets: 2), with: credential)
            try file.save(read)
        }
        do {
            var (_, read) = try openFile()
            #expect(throws: WalletError.noTicketLeft) { try read.reserveTicket(f.request(scopes: [], tickets: 2), with: credential) }
        }
        #expect(throws: WalletFileError.exists) { try WalletFile.create(path, passphrase: [], wallet: wallet) }
        #expect(throws: WalletFileError.passphrase) { try openFile("Correct horse") }
        #expect(throws: WalletFileError.missing) { try WalletFile.open(path + "x", passphrase: []) }

        let bytes = try DurableFile.read(path, atMost: 1 << 20)
        #expect(Array(bytes.prefix(16)) == [UInt8](text: "SYMBOLON-WALLET") + [1])
        let plain = wallet.seed.phrase.text
        #expect(!String(decoding: bytes, as: UTF8.self).contains(plain.prefix(8)))
        // Header (magic, version, salt, nonce), body and tag are all authenticated; a rounds field out of range is refused before any work.
        for (at, error) in [
            (0, WalletFileError.format), (15, .format), (16, .format), (19, .format), (17, .passphrase), (25, .passphrase),
            (40, .passphrase),
            (60, .passphrase), (bytes.count - 1, .passphrase),
        ] {
            var changed = bytes
            changed[at] ^= 0x80
            try DurableFile.write(changed, to: path)
            #expect(throws: error) { try openFile() }
        }
        for count in [0, 10, 47, 63] {
            try DurableFile.write(Array(bytes.prefix(count)), to: path)
            #expect(throws: WalletFileError.format) { try openFile() }
        }
        try DurableFile.write(bytes, to: path)
        _ = try openFile()
    }

    @Test func durableFiles() throws {
        try DurableFile.write([1, 2, 3], to: path)
        try DurableFile.write([4], to: path)
        #expect(try DurableFile.read(path, atMost: 1) == [4])
        #expect(throws: FileError.tooLarge) { try DurableFile.read(path, atMost: 0) }
        #expect(throws: FileError.system(ENOENT)) { try DurableFile.read(path + ".none", atMost: 1) }
        #expect(throws: FileError.system(ENOTDIR)) { try DurableFile.write([1], to: path + "/x/y") }
        // A link in place of the temporary file is replaced, not followed.
        try DurableFile.write([9], to: path + ".target")
        #expect(symlink(path + ".target", path + ".new") == 0)
        try DurableFile.write([5], to: path)
        #expect(try DurableFile.read(path + ".target", atMost: 1) == [9])
        #expect(try DurableFile.read(path, atMost: 1) == [5])
    }
}
