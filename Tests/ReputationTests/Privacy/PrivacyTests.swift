import Foundation
import Testing

/// Issuer, colluding forums and the server of the log, with all that they see over several epochs, try to link what no proof and no renewal
/// shows. In a world that keeps the rules no adversary does better than chance; in each world that breaks one, the adversary with that idea
/// does, by the same statistic and bound. What is played and measured: docs/privacy.md.
struct PrivacyTests {
    /// How probable it is at most that a run finds a leak in a world that has none: shared evenly among all adversaries and games.
    static let level = 1e-6

    @Test("In a world that keeps the rules nobody links")
    func clean() throws {
        // More worlds find fainter leaks.
        let worlds = max(1, Int(ProcessInfo.processInfo.environment["SYMBOLON_PRIVACY_WORLDS"] ?? "") ?? 1)
        var trial = try Trial(leak: nil, membersOfKind: 16)
        for _ in 1..<worlds { trial.add(try Trial(leak: nil, membersOfKind: 16)) }
        trial.report()
        for score in trial.scores {
            #expect(score.chance >= Self.level / Double(trial.scores.count), "\(score) \(trial)")
            // Nobody sits a game out: all play, or those who were there in epoch 2, or who topped up then.
            let players = score.game.contains("top-up") ? 24 : score.game.hasPrefix("renewed leaf") ? 48 : 64
            #expect(score.targets == players * worlds)
        }
        // What is revealed by design is, all of it and nothing else: a renewal's accounts belong together, and to one member.
        #expect(trial.settledPosts > 20 && trial.linkedPosts == trial.settledPosts && trial.wrongLinks == 0, "\(trial)")
    }

    /// Who finds each leak, and in which games.
    private static let finders: [Leak: (adversary: String, games: [String])] = [
        .reusedRerandomiser: ("equal differences", ["renewed leaf -> person", "pseudonym a -> person", "renewed leaf -> pseudonym a"]),
        .oneAccountScope: ("equal bytes", ["pseudonym c -> pseudonym a"]),
        .ownPathFetch: ("files", ["pseudonym a -> person"]),
        .ownAmount: ("amounts", ["pseudonym c -> pseudonym a"]),
        .batchOfOne: ("newest leaf", ["pseudonym c -> pseudonym a"]),
        .fetchToAct: ("fetch, then act", ["pseudonym a -> person", "pseudonym b -> person", "pseudonym c -> person"]),
        .newestRoot: ("root and fetches", ["pseudonym a -> person"]),
    ]

    @Test("Each leak is found", arguments: Leak.allCases)
    func found(_ leak: Leak) throws {
        // Leaks that narrow everybody down, and name not everybody, need more members to be found for sure.
        let trial = try Trial(leak: leak, membersOfKind: [.newestRoot, .ownPathFetch, .batchOfOne].contains(leak) ? 16 : 8)
        trial.report()
        let finder = try #require(Self.finders[leak])
        for game in finder.games {
            let score = try #require(trial.scores.first { $0.adversary == finder.adversary && $0.game == game })
            #expect(score.chance < Self.level / Double(trial.scores.count), "\(score) \(trial)")
        }
    }
}

/// A world that was lived, and how all adversaries did in all games.
struct Trial: CustomStringConvertible {
    let leak: Leak?
    let seed: UInt64
    private(set) var scores: [Score] = []
    private(set) var (settledPosts, linkedPosts, wrongLinks): (Int, Int, Int)

    /// Times and values are drawn from a seed, new for each trial unless SYMBOLON_PRIVACY_SEED gives one; keys and proofs are never the same.
    init(leak: Leak?, membersOfKind: Int) throws {
        self.leak = leak
        seed = UInt64(ProcessInfo.processInfo.environment["SYMBOLON_PRIVACY_SEED"] ?? "") ?? UInt64.random(in: 0...UInt64.max)
        let world = try World(leak: leak, membersOfKind: membersOfKind, seed: seed)
        let links = RevealedLinks(world)
        (settledPosts, linkedPosts, wrongLinks) = (links.settledPosts, links.linkedPosts, links.wrong)
        var random = SystemRandomNumberGenerator()
        let games = Game.all(world, links)
        for adversary in Adversary.all(world.seen) {
            for game in games {
                scores.append(
                    try Score(adversary.name, game, kinds: world.truth.kinds, using: &random, resemblance: adversary.resemblance))
            }
        }
    }

    /// Together with another trial of the same kind of world.
    mutating func add(_ other: Trial) {
        for place in scores.indices { scores[place].add(other.scores[place]) }
        settledPosts += other.settledPosts
        linkedPosts += other.linkedPosts
        wrongLinks += other.wrongLinks
    }

    var description: String {
        "leak: \(leak?.rawValue ?? "none"), seed \(seed), \(linkedPosts) of \(settledPosts) posts linked, \(wrongLinks) links wrong"
    }

    /// Prints all scores when SYMBOLON_PRIVACY_REPORT is set.
    func report() {
        guard ProcessInfo.processInfo.environment["SYMBOLON_PRIVACY_REPORT"] != nil else { return }
        print((["\(self)"] + scores.sorted { $0.chance < $1.chance }.map { "  \($0)" }).joined(separator: "\n"))
    }
}
