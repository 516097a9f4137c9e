import Curves
import Foundation
import Membership
import Proofs
import Reputation
import TestSupport
import Testing

/// The measure itself: what it says of those who know nothing, of those who know, and of points made by hand.
struct ChanceTests {
    /// How often each number of guesses is right, over all ways to match t targets with m candidates.
    private func distribution(_ targets: Int, _ candidates: Int, guess: (Int) -> Int) -> [Double] {
        var counts = [Double](repeating: 0, count: targets + 1)
        func go(_ target: Int, _ used: Set<Int>, _ right: Int) {
            if target == targets {
                counts[right] += 1
                return
            }
            for own in 0..<candidates where !used.contains(own) {
                go(target + 1, used.union([own]), right + (guess(target) == own ? 1 : 0))
            }
        }
        go(0, [], 0)
        let all = counts.reduce(0, +)
        return counts.map { $0 / all }
    }

    @Test("Right guesses: the bound holds for every strategy, exactly computed, in one kind and in several")
    func right() {
        for (targets, candidates) in [(2, 2), (3, 3), (6, 6), (3, 7), (5, 6)] {
            for guess in [{ $0 }, { _ in 0 }, { $0 / 2 }] as [(Int) -> Int] {
                let one = distribution(targets, candidates, guess: guess)
                var several = [1.0]
                for kinds in 1...3 {
                    var next = [Double](repeating: 0, count: several.count + targets)
                    for (i, p) in several.enumerated() { for (j, q) in one.enumerated() { next[i + j] += p * q } }
                    several = next
                    let expected = Double(kinds * targets) / Double(candidates)
                    for x in several.indices {
                        #expect(several[x...].reduce(0, +) <= Chance.ofRight(x, expected: expected) + 1e-12)
                    }
                }
            }
        }
        // It is no empty bound: what a leak does is far below any level.
        #expect(Chance.ofRight(64, expected: 4) < 1e-50 && Chance.ofRight(23, expected: 4) < 1e-9 && Chance.ofRight(12, expected: 4) > 1e-3)
    }

    @Test("Ranks: the bound holds where the distribution is known, and is not empty")
    func rank() {
        for step in 1...9 {
            let above = Double(step) / 20
            #expect(0.5 - above <= Chance.ofRank(0.5 + above, count: 1))
            #expect(2 * (0.5 - above) * (0.5 - above) <= Chance.ofRank(0.5 + above, count: 2))
        }
        #expect(Chance.ofRank(0.9, count: 60) < 1e-24 && Chance.ofRank(0.6, count: 60) > 0.02 && Chance.ofRank(0.4, count: 60) == 1)
    }

    /// A game of four kinds, and an adversary who knows the owners of so many targets, and guesses at the others.
    private func play(_ random: inout SeededGenerator, knows: Double, members: Int = 16) throws -> Score {
        let kinds = (0..<4 * members).map { Kind.allCases[$0 % 4] }
        let subjects = kinds.indices.map { Subject(owner: $0) }
        let game = Game(name: "", targets: subjects, candidates: subjects)
        let known = Set(kinds.indices.filter { _ in Double.random(in: 0..<1, using: &random) < knows })
        var noise = SeededGenerator(seed: random.next())
        return try Score("", game, kinds: kinds, using: &random) { a, b in
            a.owner == b.owner && known.contains(a.owner) ? 2 : Double.random(in: 0..<1, using: &noise)
        }
    }

    @Test("Who knows nothing is at chance, who knows seven of ten is found, and who knows all is always right")
    func power() throws {
        var random = SeededGenerator(seed: 5)
        var (right, rank, low) = (0, 0.0, 0)
        let games = 500
        for _ in 0..<games {
            let score = try play(&random, knows: 0)
            #expect(score.targets == 64 && score.expected == 4 && score.ranked == 60)
            right += score.right
            rank += score.rank
            if score.chance < 0.01 { low += 1 }
        }
        // 4 and 1/2 are expected: with deviations of 2 and 0.037 a game.
        #expect(abs(Double(right) / Double(games) - 4) < 0.5 && abs(rank / Double(games) - 0.5) < 0.01)
        // Below 0.01 in at most a hundredth of the games: five are expected at most.
        #expect(low <= 20)
        for _ in 0..<50 {
            #expect(try play(&random, knows: 0.7).chance < PrivacyTests.level / 1000)
            #expect(try play(&random, knows: 1).right == 64)
            #expect(try play(&random, knows: 1, members: 8).chance < PrivacyTests.level / 1000)
        }
    }

    /// No wallet and no prover of the package can be made to use a presentation's re-randomiser again; so by hand.
    @Test("A presentation's re-randomiser that is used again is found, a fresh one is not")
    func presentations() throws {
        let h = Secp256k1.bases.blinding
        func hidden(_ leaf: Affine<Secp256k1>, _ k: Fn) throws -> Affine<Secp256k1> {
            try #require((h.multiplied(by: k) + leaf).affine)
        }
        for isReused in [true, false] {
            var elements: [Adversary.HiddenLeaf] = []
            var leaves: [UInt32: [(node: Adversary.LinkedNode, point: Affine<Secp256k1>)]] = [:]
            for member in 0..<4 {
                // Renewed rightly between two visits.
                let first = try #require(AttributeBases.credential(secret: .random(), values: [5, 1, 1, 0], blinding: .random()))
                let second = try hidden(first, .random())
                let own = Fn.random()
                for (epoch, leaf) in [(1, first), (2, second)] as [(UInt32, Affine<Secp256k1>)] {
                    let point = try hidden(leaf, isReused ? own : .random())
                    elements.append(.init(contact: .show(2 * member + Int(epoch) - 1), point: point, epoch: epoch))
                }
                leaves[1, default: []].append((.person(member), first))
                leaves[2, default: []].append((.renewal(member), second))
            }
            let adversary = Adversary.equalDifferences(elements, leaves)
            for a in 0..<4 {
                for b in 0..<4 {
                    let target = Subject(shows: [2 * a + 1], owner: a)
                    let found: Double = isReused && a == b ? 1 : 0
                    #expect(adversary.resemblance(target, Subject(shows: [2 * b], owner: b)) == found)
                    #expect(adversary.resemblance(target, Subject(person: b, owner: b)) == found)
                    #expect(adversary.resemblance(target, Subject(renewals: [b], owner: b)) == found)
                }
            }
        }
    }
}
