import Foundation
import Reputation

/// A linking game: for each target, which of the candidates of his kind is the same member?
struct Game {
    let name: String
    let targets: [Subject]
    let candidates: [Subject]

    /// All games of a world, on what the revealed links leave open.
    static func all(_ world: World, _ links: RevealedLinks) -> [Game] {
        let (seen, truth) = (world.seen, world.truth)
        let persons = truth.kinds.indices.map { Subject(person: $0, owner: $0) }
        let second = seen.renewals.indices.filter { seen.renewals[$0].to == 2 }
            .map { Subject(renewals: [$0], owner: truth.renewals[$0]) }
        // What renews a topped-up leaf, with what was tried before.
        let redeemed = Set(seen.topUps.map { $0.person })
        let third = Dictionary(grouping: seen.renewals.indices.filter { seen.renewals[$0].from == 2 }) { seen.renewals[$0].nullifiers[0] }
            .values.map { Subject(renewals: $0, owner: truth.renewals[$0[0]]) }.filter { redeemed.contains($0.owner) }
        func single(_ belongs: (Transcript.Show) -> Bool) -> [Subject] {
            seen.shows.indices.filter { belongs(seen.shows[$0]) }.map { Subject(shows: [$0], owner: truth.shows[$0]) }
        }
        let acts = single { $0.nullifier("act") != nil }
        let (posts3, posts4) = (single { $0.answer.ticket != nil && $0.epoch == 3 }, single { $0.answer.ticket != nil && $0.epoch == 4 })
        let (a, b, c) = (links.chains, links.pseudonyms[.b] ?? [], links.pseudonyms[.c] ?? [])
        return [
            Game(name: "renewed leaf -> person", targets: second, candidates: persons),
            Game(
                name: "leaf renewed after a top-up -> person", targets: third, candidates: persons.filter { redeemed.contains($0.owner) }),
            Game(name: "pseudonym a -> person", targets: a, candidates: persons),
            Game(name: "renewed leaf -> pseudonym a", targets: second, candidates: a),
            Game(name: "pseudonym c -> pseudonym a", targets: c, candidates: a),
            Game(name: "pseudonym b -> pseudonym a", targets: b, candidates: a),
            Game(name: "pseudonym c -> pseudonym b", targets: c, candidates: b),
            Game(name: "pseudonym c -> person", targets: c, candidates: persons),
            Game(name: "pseudonym b -> person", targets: b, candidates: persons),
            Game(name: "renewed leaf -> pseudonym c", targets: second, candidates: c),
            Game(name: "act at c -> pseudonym c", targets: acts, candidates: c),
            Game(name: "post at b -> pseudonym b", targets: posts4, candidates: b),
            Game(name: "post at b -> earlier post", targets: posts4, candidates: posts3),
        ]
    }
}

/// How an adversary did in a game.
struct Score: CustomStringConvertible {
    let adversary: String
    let game: String
    /// Targets, those among them that he named rightly, and how many are expected of one who knows nothing.
    private(set) var (targets, right, expected) = (0, 0, 0.0)
    /// Targets that were ranked, and the mean rank of the right candidate: 1 first, 0 last, 1/2 expected of one who knows nothing.
    private(set) var (ranked, rank) = (0, 0.0)

    /// Plays a game. `resemblance`: how much the adversary thinks a target and a candidate to be one.
    init(
        _ adversary: String, _ game: Game, kinds: [Kind], using random: inout some RandomNumberGenerator,
        resemblance: (Subject, Subject) -> Double
    ) throws {
        self.adversary = adversary
        self.game = game.name
        var sum = 0.0
        for kind in Kind.allCases {
            let targets = game.targets.filter { kinds[$0.owner] == kind }.shuffled(using: &random)
            let candidates = game.candidates.filter { kinds[$0.owner] == kind }.shuffled(using: &random)
            if targets.isEmpty { continue }
            // Else chance would not be what it is taken for.
            guard Set(targets.map { $0.owner }).count == targets.count, Set(candidates.map { $0.owner }).count == candidates.count,
                targets.allSatisfy({ target in candidates.contains { $0.owner == target.owner } })
            else { throw World.Mistake(what: "\(game.name) is no game") }
            self.targets += targets.count
            expected += Double(targets.count) / Double(candidates.count)
            var left = candidates
            for target in targets {
                // Among equals chance decides: the candidates are in a random order.
                let scores = candidates.map { resemblance(target, $0) }
                if let best = scores.indices.max(by: { scores[$0] < scores[$1] }), candidates[best].owner == target.owner { right += 1 }
                // Of those that no target before had: so each rank is independent of the others.
                guard left.count > 1, let own = left.firstIndex(where: { $0.owner == target.owner }) else { continue }
                let value = resemblance(target, left[own])
                let others = left.filter { $0.owner != target.owner }.map { resemblance(target, $0) }
                let (below, equal) = (others.count { $0 < value }, others.count { $0 == value })
                let place = Double(below + Int.random(in: 0...equal, using: &random))
                sum += (place + Double.random(in: 0..<1, using: &random)) / Double(left.count)
                ranked += 1
                left.remove(at: own)
            }
        }
        rank = ranked == 0 ? 0.5 : sum / Double(ranked)
    }

    /// Adds what the same adversary did in the same game of another world.
    mutating func add(_ other: Score) {
        let all = Double(ranked + other.ranked)
        if all > 0 { rank = (rank * Double(ranked) + other.rank * Double(other.ranked)) / all }
        targets += other.targets
        right += other.right
        expected += other.expected
        ranked += other.ranked
    }

    var description: String {
        let right = String(format: "%d of %d right (%.1f by chance, p %.1g)", self.right, targets, expected, chanceOfRight)
        return "\(adversary), \(game): \(right), " + String(format: "mean rank %.3f of %d (p %.1g)", rank, ranked, chanceOfRank)
    }

    /// No more than the probability of so many right guesses, or more, when nothing is known.
    var chanceOfRight: Double { Chance.ofRight(right, expected: expected) }
    /// No more than the probability of such a mean rank, or a higher one, when nothing is known.
    var chanceOfRank: Double { Chance.ofRank(rank, count: ranked) }
    /// No more than the probability that one of the two is as small as it is.
    var chance: Double { min(1, 2 * min(chanceOfRight, chanceOfRank)) }
}
