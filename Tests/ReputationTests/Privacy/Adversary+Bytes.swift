import Curves
import Reputation

extension Adversary {
    /// Equal bytes, anywhere in what a member sent and got: runs of sixteen that few contacts have, the rarer the more telling.
    static func equalBytes(_ view: View) -> Adversary {
        let seen = view.seen
        // One contact a claim, top-up, renewal and visit, in this order.
        let contacts =
            seen.claims.map { $0.bytes } + seen.topUps.map { $0.derivation.bytes } + seen.renewals.map { $0.derivation.bytes }
            + seen.shows.map { $0.bytes }
        let renewals = seen.claims.count + seen.topUps.count
        let shows = renewals + seen.renewals.count
        let runs = contacts.map { Self.runs(of: $0) }
        var counts: [UInt64: Int] = [:]
        for run in repeated(runs) { counts[run, default: 0] += 1 }
        // No member has so many contacts: what as many of them have is everybody's.
        let most = 40
        let telling = runs.map { contact in Set(contact.filter { counts[$0].map { $0 < most } ?? false }) }
        let named = seen.claims.map { $0.person } + seen.topUps.map { $0.person }
        let own = Dictionary(grouping: named.indices) { named[$0] }
        func all(_ subject: Subject) -> Set<UInt64> {
            var out: Set<UInt64> = []
            for place in subject.renewals { out.formUnion(telling[renewals + place]) }
            for place in subject.shows { out.formUnion(telling[shows + place]) }
            for place in subject.person.flatMap({ own[$0] }) ?? [] { out.formUnion(telling[place]) }
            return out
        }
        return Adversary(name: "equal bytes") { a, b in
            let (a, b) = (all(a), all(b))
            return a.reduce(0) { b.contains($1) ? $0 + 1 / Double(counts[$1] ?? 1) : $0 }
        }
    }

    /// Hashes of all runs of sixteen bytes, each once.
    private static func runs(of bytes: [UInt8]) -> [UInt64] {
        guard bytes.count >= 16 else { return [] }
        var out: [UInt64] = []
        out.reserveCapacity(bytes.count - 15)
        var (low, high): (UInt64, UInt64) = (0, 0)
        for (place, byte) in bytes.enumerated() {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
            if place >= 15 {
                let mixed = (high ^ high >> 29) &* 0xbf58_476d_1ce4_e5b9 ^ (low &* 0x94d0_49bb_1331_11eb)
                out.append((mixed ^ mixed >> 32) &* 0x9e37_79b9_7f4a_7c15)
            }
        }
        out.sort()
        var distinct: [UInt64] = []
        for run in out where distinct.last != run { distinct.append(run) }
        return distinct
    }

    /// One occurrence less of each run than there are contacts with it: those that one contact alone has are gone.
    private static func repeated(_ contacts: [[UInt64]]) -> [UInt64] {
        let all = contacts.joined().sorted()
        return zip(all, all.dropFirst()).filter { $0 == $1 }.map { $0.0 }
    }

    /// Group elements whose differences repeat: what hides a leaf, minus each leaf that it could hide. A re-randomiser that is used twice
    /// gives the same difference twice, and so does none at all.
    static func equalDifferences(_ view: View) -> Adversary {
        let seen = view.seen
        var elements: [HiddenLeaf] = []
        for (place, renewal) in seen.renewals.enumerated() {
            for point in [renewal.derivation.credential, renewal.derivation.base] {
                elements.append(HiddenLeaf(contact: .renewal(place), point: point, epoch: renewal.from, made: renewal.derivation.leaf))
            }
        }
        for topUp in seen.topUps {
            for point in [topUp.derivation.credential, topUp.derivation.base] {
                elements.append(
                    HiddenLeaf(contact: .person(topUp.person), point: point, epoch: topUp.epoch, made: topUp.derivation.leaf))
            }
        }
        for (place, show) in seen.shows.enumerated() {
            elements.append(HiddenLeaf(contact: .show(place), point: show.credential, epoch: show.epoch))
        }
        var leaves: [UInt32: [(node: LinkedNode, point: Affine<Secp256k1>)]] = [:]
        for claim in seen.claims {
            guard let epoch = seen.leaves.first(where: { $0.value.contains(claim.leaf.encoded) })?.key else { continue }
            leaves[epoch, default: []].append((.person(claim.person), claim.leaf))
        }
        for (place, renewal) in seen.renewals.enumerated() {
            leaves[renewal.to, default: []].append((.renewal(place), renewal.derivation.leaf))
        }
        for topUp in seen.topUps { leaves[topUp.epoch, default: []].append((.person(topUp.person), topUp.derivation.leaf)) }
        return equalDifferences(elements, leaves)
    }

    /// A contact and a point that hides a leaf of an epoch's tree.
    struct HiddenLeaf {
        let contact: LinkedNode
        let point: Affine<Secp256k1>
        let epoch: UInt32
        /// The leaf that is made of it: how the two differ is known.
        var made: Affine<Secp256k1>?
    }

    /// Whom a contact or a leaf is about. A renewal stands for the leaf it makes.
    enum LinkedNode: Hashable {
        case person(Int)
        case renewal(Int)
        case show(Int)
    }

    /// The same on any points.
    static func equalDifferences(
        _ elements: [HiddenLeaf], _ leaves: [UInt32: [(node: LinkedNode, point: Affine<Secp256k1>)]]
    ) -> Adversary {
        var sets = DisjointSets<LinkedNode>()
        var pairs: [[UInt8]: [(LinkedNode, LinkedNode)]] = [:]
        // Points that are equal are one's, and have the same difference to everything: they count once.
        for equal in Dictionary(grouping: elements, by: { $0.point.encoded }).values {
            let element = equal[0]
            for other in equal { sets.join(element.contact, other.contact) }
            let made = equal.compactMap { $0.made }
            let others = (leaves[element.epoch] ?? []).filter { !made.contains($0.point) }
            let differences = Point.normalize(others.map { Point(element.point) - $0.point })
            for (leaf, difference) in zip(others, differences) {
                // The identity: hidden by nothing.
                pairs[difference?.encoded ?? [], default: []].append((element.contact, leaf.node))
            }
        }
        // A difference that very many pairs have is a constant of everybody: it tells which leaf, not that two are one.
        let most = 16
        for (difference, pairs) in pairs where pairs.count > 1 || difference.isEmpty {
            for pair in pairs {
                sets.join(pair.0, pair.1)
                if pairs.count <= most, !difference.isEmpty { sets.join(pairs[0].0, pair.0) }
            }
        }
        func nodes(_ subject: Subject) -> Set<LinkedNode> {
            let all =
                subject.renewals.map { LinkedNode.renewal($0) } + subject.shows.map { LinkedNode.show($0) }
                + [subject.person.map { LinkedNode.person($0) }].compactMap { $0 }
            return Set(all.map { sets.root($0) })
        }
        return Adversary(name: "equal differences") { a, b in nodes(a).isDisjoint(with: nodes(b)) ? 0 : 1 }
    }

    /// Lengths of what is sent.
    static func lengths(_ view: View) -> Adversary {
        func mean(_ subject: Subject) -> Double {
            let (shows, renewals) = (view.seen.shows, view.seen.renewals)
            let all = subject.shows.map { shows[$0].bytes.count } + subject.renewals.map { renewals[$0].derivation.bytes.count }
            return all.isEmpty ? 0 : Double(all.reduce(0, +)) / Double(all.count)
        }
        return Adversary(name: "lengths") { a, b in -abs(mean(a) - mean(b)) }
    }
}
