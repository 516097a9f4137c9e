import Reputation

/// Something that an adversary wants to link: what of the transcript is known to be one member's, by places in it.
struct Subject {
    /// A person who claimed and fetches.
    var person: Int?
    var renewals: [Int] = []
    var shows: [Int] = []
    /// The member. For the referee alone.
    let owner: Int
}

/// What belongs together by design, and is no game: a sign-in pseudonym's visits, what one request shows together, and the accounts that one
/// renewal shows.
struct RevealedLinks {
    /// Pseudonyms at forum a with all that hangs together with them: their accounts, the renewals that show these, and what of forum b these
    /// show.
    private(set) var chains: [Subject] = []
    /// The sign-in pseudonyms at forums b and c.
    private(set) var pseudonyms: [Forum: [Subject]] = [:]
    /// Forum b's posts under accounts that renewals have shown, and those that hang together with a pseudonym of forum a.
    private(set) var (settledPosts, linkedPosts) = (0, 0)
    /// Acts and renewals that hang together with a pseudonym and are not its owner's: must be none, or what is revealed is not what the
    /// documents say.
    private(set) var wrong = 0

    private enum Node: Hashable {
        case pseudonym(Forum, [UInt8])
        case account(Forum, UInt32, [UInt8])
        case renewal(Int)
        case left(UInt32, [UInt8])
        case show(Int)
    }

    init(_ world: World) {
        let (seen, truth) = (world.seen, world.truth)
        var sets = DisjointSets<Node>()
        for (place, show) in seen.shows.enumerated() {
            if let value = show.nullifier("sign-in") { sets.join(.show(place), .pseudonym(show.forum, value)) }
            if let value = show.nullifier("account") { sets.join(.show(place), .account(show.forum, show.epoch, value)) }
        }
        for (place, renewal) in seen.renewals.enumerated() {
            sets.join(.renewal(place), .left(renewal.from, renewal.nullifiers[0]))
            for (account, value) in zip(renewal.accounts, renewal.nullifiers.dropFirst()) {
                for forum in [Forum.a, .b] where world.account(forum, account.epoch).audience == account.audience {
                    sets.join(.renewal(place), .account(forum, account.epoch, value))
                }
            }
        }
        settledPosts = seen.shows.count { $0.answer.ticket != nil && $0.epoch <= Schedule.epochs - 2 }
        var found: [Forum: [[UInt8]: Subject]] = [:]
        for (place, show) in seen.shows.enumerated() {
            guard let value = show.nullifier("sign-in") else { continue }
            found[show.forum, default: [:]][value, default: Subject(owner: truth.shows[place])].shows.append(place)
        }
        for (value, subject) in found[.a] ?? [:] {
            let root = sets.root(.pseudonym(.a, value))
            var chain = Subject(owner: subject.owner)
            chain.shows = seen.shows.indices.filter { sets.root(.show($0)) == root }
            chain.renewals = seen.renewals.indices.filter { sets.root(.renewal($0)) == root }
            wrong += chain.shows.count { truth.shows[$0] != chain.owner } + chain.renewals.count { truth.renewals[$0] != chain.owner }
            linkedPosts += chain.shows.count { seen.shows[$0].answer.ticket != nil }
            chains.append(chain)
        }
        for forum in [Forum.b, .c] { pseudonyms[forum] = Array((found[forum] ?? [:]).values) }
    }
}

/// Sets that grow together.
struct DisjointSets<Node: Hashable> {
    private var parents: [Node: Node] = [:]

    /// What stands for the node's set.
    mutating func root(_ node: Node) -> Node {
        var root = node
        while let next = parents[root] { root = next }
        var at = node
        while let next = parents[at] {
            parents[at] = root
            at = next
        }
        return root
    }

    mutating func join(_ a: Node, _ b: Node) {
        let (a, b) = (root(a), root(b))
        if a != b { parents[a] = b }
    }
}
