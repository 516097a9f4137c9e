import Platform
import Reputation
import TestSupport
import Testing

/// The published set of spent nullifiers, and the wallet that asks it after it lost its state.
struct SpentSetTests {
    let f: Fixture

    init() throws { f = try Fixture() }

    private func set(_ hashes: [UInt64], epoch: UInt32 = 7, time: Int64 = 1000) throws -> SpentSet {
        try SpentSet(community: f.community.id, epoch: epoch, time: time, hashes: hashes)
    }

    @Test func roundTrip() throws {
        var generator = SeededGenerator(seed: 3)
        for count in [0, 1, 2, 7, 8, 1000, 5000] {
            let hashes = (0..<count).map { _ in generator.next() }
            let set = try set(hashes)
            let read = try SpentSet(encoded: set.encoded)
            #expect(read == set && read.count == count && read.encoded == set.encoded)
            // 21.5 bits each, some for luck.
            #expect(set.encoded.count <= 80 + count * 23 / 8 + 2)
            // The order in which they were spent does not show.
            #expect(try self.set(hashes.shuffled()) == set)
        }
        #expect(try set([5, 5, .max, 0]).count == 4)
        #expect(try SpentSet(encoded: set([.max, .max]).encoded) == set([.max, .max]))
    }

    @Test func containsAllAndHardlyMore() throws {
        func spend(_ i: Int) -> ([UInt8], [UInt8]) { ([3, UInt8(i & 255)], Array("\(i)".utf8)) }
        let set = try set((0..<4000).map { SpentSet.hash(scope: spend($0).0, nullifier: spend($0).1) })
        #expect((0..<4000).allSatisfy { set.contains(scope: spend($0).0, nullifier: spend($0).1) })
        // 2^-20 each: 60,000 questions have 0.06 false answers on average.
        #expect((4000..<64_000).filter { set.contains(scope: spend($0).0, nullifier: spend($0).1) }.count <= 2)
        #expect(try !self.set([]).contains(scope: [], nullifier: []))
        // The scope is part of it.
        #expect(!set.contains(scope: [4, 1], nullifier: Array("1".utf8)))
    }

    /// Whatever is accepted is the canonical form of what was read, and a huge count in a few bytes costs nothing.
    @Test func hostileDocuments() throws {
        var generator = SeededGenerator(seed: 9)
        let good = try set((0..<40).map { _ in generator.next() }).encoded
        for _ in 0..<20_000 {
            let bytes = mutated(good, using: &generator)
            if let read = try? SpentSet(encoded: bytes) { #expect(read.encoded == bytes) }
        }
        let counted = 18 + 32 + 4 + 8
        var huge = good
        huge.replaceSubrange(counted..<counted + 4, with: [0, 0, 64, 0])
        #expect(throws: FormatError.length) { try SpentSet(encoded: huge) }
        huge.replaceSubrange(counted..<counted + 4, with: [255, 255, 255, 255])
        #expect(throws: FormatError.tooMany) { try SpentSet(encoded: huge) }
        // All ones: a difference beyond the set's range, found without reading to the end.
        let ones = Array(good.prefix(counted)) + [1, 0, 0, 0, 0, 1, 0, 0] + [UInt8](repeating: 255, count: 256)
        #expect(throws: FormatError.notCanonical) { try SpentSet(encoded: ones) }
        #expect(throws: FormatError.length) { try SpentSet(encoded: good + [0]) }
        // Stray bits behind the last element.
        var stray = try set([1]).encoded
        stray[stray.count - 1] |= 1
        #expect(throws: FormatError.notCanonical) { try SpentSet(encoded: stray) }
    }

    @Test func signatures() throws {
        let set = try set([1, 2, 3])
        let signed = set.signed(by: f.key)
        #expect(try SpentSet(signed: signed, community: f.community, epoch: 7) == set)
        #expect(throws: SpentSetError.other) { try SpentSet(signed: signed, community: f.community, epoch: 8) }
        #expect(throws: SpentSetError.signature) {
            try SpentSet(signed: set.signed(by: Ed25519SigningKey()), community: f.community, epoch: 7)
        }
        #expect(throws: SpentSetError.format(.length)) { try SpentSet(signed: [], community: f.community, epoch: 7) }
        for at in stride(from: 0, to: signed.count, by: 7) {
            var altered = signed
            altered[at] ^= 4
            #expect(throws: SpentSetError.signature) { try SpentSet(signed: altered, community: f.community, epoch: 7) }
        }
    }

    /// A member posts three times out of five tickets, loses the wallet and brings it back: exactly the two others are left.
    @Test func restoredWallet() throws {
        var (wallet, credential) = try f.member([25, 3, 1, 0])
        let asked = try f.request(scopes: [], tickets: 5)
        var hashes: [UInt64] = []
        var used: Set<UInt32> = []
        for _ in 0..<3 {
            let ticket = try wallet.reserveTicket(asked, with: credential)
            used.insert(ticket)
            let scope = Scope.post(community: f.community.id, epoch: 7, audience: f.audience, index: ticket).encoded
            let nullifier = try #require(
                Scope.base(of: scope).multiplied(by: wallet.seed.secret(identity: credential.identity)).affine)
            hashes.append(SpentSet.hash(scope: scope, nullifier: nullifier.encoded))
        }
        // Among others'.
        var generator = SeededGenerator(seed: 5)
        let spent = try set(hashes + (0..<500).map { _ in generator.next() }, time: 2000)

        var restored = Wallet(phrase: wallet.seed.phrase, restoredAt: 2000)
        #expect(throws: WalletError.spentUnknown) { try restored.reserveTicket(asked, with: credential) }
        // One from before it was brought back may lack what was used last.
        #expect(throws: WalletError.spentUnknown) {
            try restored.reserveTicket(asked, with: credential, spent: set(hashes, time: 1999))
        }
        #expect(throws: WalletError.spentUnknown) {
            try restored.reserveTicket(asked, with: credential, spent: set(hashes, epoch: 6, time: 2000))
        }
        let left = try [
            restored.reserveTicket(asked, with: credential, spent: spent), restored.reserveTicket(asked, with: credential, spent: spent),
        ]
        #expect(used.isDisjoint(with: left) && Set(left).count == 2)
        #expect(throws: WalletError.noTicketLeft) { try restored.reserveTicket(asked, with: credential, spent: spent) }
        // A wallet that did not lose its state needs no set.
        _ = try wallet.reserveTicket(asked, with: credential)
    }
}
