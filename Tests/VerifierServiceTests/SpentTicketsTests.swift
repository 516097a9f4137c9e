import Foundation
import Platform
import Reputation
import StoreSupport
import Testing
import VerifierService

@Suite("The published set of spent tickets") struct SpentTicketsTests {
    /// A member posts, loses his wallet, and posts again with another ticket: nothing is refused, and nothing links the two.
    @Test("A wallet that was brought back passes over the tickets it used")
    func restored() async throws {
        try await CommunityFixture.with { fixture in
            let now = CommunityFixture.now
            let spent = SpentTickets(community: fixture.community.id, store: fixture.store, key: fixture.key, interval: 10)
            func published(_ now: Int64) async throws -> SpentSet {
                try SpentSet(signed: await spent.document(epoch: 1, now: now).bytes, community: fixture.community, epoch: 1)
            }
            func ask() async throws -> PresentationRequest {
                try await fixture.verifier.ask(Question(purposes: [], tickets: 2, lifetime: 100), audience: fixture.forum, now: now)
            }
            var wallet = fixture.wallets[0]
            let credential = wallet.credentials[0]
            func post(_ wallet: Wallet, _ request: PresentationRequest, _ ticket: UInt32) async throws -> String {
                try await fixture.verdict(
                    wallet.present(
                        request, with: credential, to: fixture.forum, path: fixture.path(of: 0), ticket: ticket, now: now))
            }
            #expect(try await published(now).count == 0)
            let first = try wallet.reserveTicket(try await ask(), with: credential)
            #expect(try await post(wallet, try await ask(), first) == "accepted")
            // An act is spent too, but belongs to no epoch.
            #expect(try await fixture.verdict(fixture.answer(1, try await fixture.ask())) == "accepted")
            // The set that stands shows neither that nor when something was spent.
            #expect(try await published(now + 9).count == 0)
            let set = try await published(now + 10)
            #expect(set.count == 1 && set.time == now + 10)
            #expect(try await SpentSet(signed: spent.document(epoch: 2, now: now).bytes, community: fixture.community, epoch: 2).count == 0)

            var restored = Wallet(phrase: wallet.seed.phrase, restoredAt: now + 1)
            let request = try await ask()
            let second = try restored.reserveTicket(request, with: credential, spent: set)
            #expect(second != first)
            #expect(try await post(restored, request, second) == "accepted")
            #expect(throws: WalletError.noTicketLeft) { try restored.reserveTicket(request, with: credential, spent: set) }
        }
    }

    @Test("Spent nullifiers are read by the beginning of their scope, page by page", arguments: StoreInstance.allCases)
    func pages(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            func nullifier(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 33) }
            var all: [Spend] = []
            for i in 0..<9 as Range<UInt8> {
                try await store.addRequest(
                    RequestRecord(
                        nonce: [UInt8](repeating: i, count: 16), audience: [UInt8](repeating: 3, count: 32), document: [i], expires: 9))
                // Two of each scope; the scopes 254, 255 and 255, 255 stand at the edges of a prefix.
                let scopes: [[UInt8]] = [[1, 254, i / 2], [1, 255, i / 2], [1, 255, 255, i / 2], [2, 0, i / 2]]
                let spends = scopes.map { Spend(scope: $0, nullifier: nullifier(i)) }
                all += spends
                let outcome = try await store.accept(
                    AcceptanceRecord(nonce: [UInt8](repeating: i, count: 16), spends: spends, time: 5, presentation: [], logSize: 1))
                #expect(outcome == .accepted)
            }
            for prefix in [[1], [1, 254], [1, 255], [1, 255, 255], [2], [3]] as [[UInt8]] {
                let wanted = all.filter { $0.scope.starts(with: prefix) }.sorted {
                    $0.scope == $1.scope
                        ? $0.nullifier.lexicographicallyPrecedes($1.nullifier) : $0.scope.lexicographicallyPrecedes($1.scope)
                }
                var read: [Spend] = []
                while true {
                    let page = try await store.spends(scopePrefix: prefix, after: read.last, limit: 4)
                    #expect(page.count <= 4)
                    read += page
                    if page.isEmpty { break }
                }
                #expect(read == wanted)
            }
        }
    }
}
