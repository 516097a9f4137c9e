import Foundation
import Logging
import Membership
import Platform
import Reputation
import Testing
import VerifierService

@Suite("A wallet that dies at any of its durable steps") struct DurableStepTests {
    private struct Killed: Error {}

    /// A wallet file whose owner's program dies once, right before or right after a given save.
    private final class MortalWallet {
        let path: String
        private let deadly: Int
        private let dies: Bool
        private var saves = 0
        private(set) var hasDied = false
        private static let passphrase = Array("correct horse".utf8)

        init(path: String, deadly: Int, afterSaving: Bool) throws {
            self.path = path
            self.deadly = deadly
            dies = afterSaving
            _ = try WalletFile.create(path, passphrase: Self.passphrase, wallet: Wallet(phrase: Phrase()))
        }

        /// A process that another test starts holds this one's locks until it runs its own program.
        private func open() async throws -> (WalletFile, Wallet) {
            for _ in 0..<50 {
                do { return try WalletFile.open(path, passphrase: Self.passphrase) } catch WalletFileError.file(.locked) {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            return try WalletFile.open(path, passphrase: Self.passphrase)
        }

        /// Runs a program on the wallet as it is in the file; when it dies, what is in memory is gone.
        func run<T>(_ body: (inout Wallet, (Wallet) throws -> Void) async throws -> T) async throws -> T? {
            let (file, opened) = try await open()
            var wallet = opened
            do {
                return try await body(&wallet) { wallet in
                    let isDeadly = saves == deadly && !hasDied
                    if isDeadly, !dies {
                        hasDied = true
                        throw Killed()
                    }
                    try file.save(wallet)
                    saves += 1
                    if isDeadly {
                        hasDied = true
                        throw Killed()
                    }
                }
            } catch is Killed {
                return nil
            }
        }
    }

    @Test("Claim and renewal go on where they were, and each member has one leaf in each epoch")
    func everyStep() async throws {
        try await withTemporaryDirectory { path in
            let directory = DataDirectory(path: path + "/data")
            let key = try directory.createLogKey()
            let community = try Community(logKey: key.publicKey, origin: Array("assembly".utf8), schema: CommunityFixture.schema())
            let store = try directory.openStore()
            // Two saves of a claim, three of a renewal, before and after each.
            let count = 10
            let rules = try EpochRules(minimumRenewals: UInt32(count), openRenewals: 1, forums: [], reasons: [], caps: [])
            try await Issuer.create(
                community: community, depth: 1, batching: try Batching(leaves: 1, seconds: 1), rules: rules, store: store, key: key, now: 0)
            let codes = try await MemberImport.makeCodes(
                for: (0..<count).map { .init(person: "\($0)", values: [Int64($0), 50, 1]) }, community: community.id, capacity: 120,
                store: store)
            let service = try await CommunityService(store: store, key: key, options: .init(port: 0))
            let (ports, running) = AsyncStream.makeStream(of: Int.self)
            let serving = Task {
                try await service.run(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, signals: []) { running.yield($0) }
            }
            let port = try #require(await ports.first { _ in true })
            let client = ServiceClient(url: "http://127.0.0.1:\(port)")

            var members: [MortalWallet] = []
            for (at, code) in codes.enumerated() {
                let member = try MortalWallet(path: "\(path)/\(at).wallet", deadly: at / 2, afterSaving: at % 2 == 1)
                members.append(member)
                var runs = 0
                while try await member.run({ wallet, keep in
                    try await client.claim(code.code, community: community, wallet: &wallet, store: keep)
                }) == nil { runs += 1 }
                #expect(runs == (at < 4 ? 1 : 0))
            }
            _ = try await client.tree(of: community, leaves: count)
            try await store.endEpoch(1, community: community.id.bytes)
            #expect(try await store.settleEpoch(1, next: .same, community: community.id.bytes) == .settled)

            /// One program's run of the wallet; true when it has gone on to the new credential.
            func renew(_ member: MortalWallet) async throws -> Bool {
                let state = try await member.run { wallet, keep in
                    var mirror = try await LogMirror(community: community)
                    try await mirror.update(from: client.log)
                    return try await client.renew(
                        community: community, wallet: &wallet, entries: try await mirror.entries(from: client.log),
                        epochs: mirror.replay.epochs, tree: try #require(mirror.tree), store: keep)
                }
                return state == .renewed
            }
            // Until the epoch is closed in the log there is nothing to do.
            while await !service.issuer.state.replay.epochs.isClosed { try await Task.sleep(for: .milliseconds(50)) }
            var isDone = [Bool](repeating: false, count: count)
            for _ in 0..<100 where isDone.contains(false) {
                for at in members.indices where !isDone[at] {
                    let hasRenewed = try await renew(members[at])
                    isDone[at] = hasRenewed ? true : try await isCurrent(members[at], community)
                }
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(!isDone.contains(false))
            let immortal = members.filter { !$0.hasDied }.count
            #expect(immortal == 0, "each of them dies once")
            let tree = await service.issuer.state.tree
            #expect(await service.issuer.state.epoch == 2)
            #expect(tree.leaves.count == count)
            for (at, member) in members.enumerated() {
                _ = try await member.run { wallet, _ in
                    let credential = try #require(wallet.newestCredential(of: community.id))
                    #expect(credential.epoch == 2 && credential.values == [Int64(at), 50, 1])
                    #expect(tree.leaves.contains { $0?.encoded == credential.leaf })
                    #expect(wallet.renewals.isEmpty && wallet.pending.isEmpty)
                }
            }
            serving.cancel()
            _ = try? await serving.value
            try store.close()
        }
    }

    /// Whether the file holds the new credential, when the program died after it was saved.
    private func isCurrent(_ member: MortalWallet, _ community: Community) async throws -> Bool {
        try await member.run { wallet, _ in wallet.newestCredential(of: community.id)?.epoch == 2 } ?? false
    }
}
