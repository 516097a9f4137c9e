import Foundation
import Reputation

extension Adversary {
    /// Arrival: who comes early once comes early again, to claim, to renew, to visit.
    static func arrival(_ view: View) -> Adversary {
        let seen = view.seen
        // A rank in [0, 1] of each contact among those of its sort.
        func ranks(_ times: [Int64]) -> [Double] {
            let sorted = times.sorted()
            return times.map { time in Double(sorted.firstIndex(of: time) ?? 0) / Double(max(1, sorted.count - 1)) }
        }
        var claimed: [Int: Double] = [:]
        for (claim, rank) in zip(seen.claims, ranks(seen.claims.map { $0.time })) { claimed[claim.person] = rank }
        let renewed = ranks(seen.renewals.map { $0.time - (view.opened[$0.to] ?? 0) })
        let shown = ranks(seen.shows.map { $0.time - (view.opened[$0.epoch] ?? 0) })
        func mean(_ subject: Subject) -> Double {
            let all =
                subject.renewals.map { renewed[$0] } + subject.shows.map { shown[$0] }
                + [subject.person.flatMap { claimed[$0] }].compactMap { $0 }
            return all.isEmpty ? 0.5 : all.reduce(0, +) / Double(all.count)
        }
        return Adversary(name: "arrival") { a, b in -abs(mean(a) - mean(b)) }
    }

    /// What two contacts so near in time are worth: near 1 within some minutes.
    private static func nearness(_ seconds: Int64) -> Double { seconds < 0 ? 0 : exp(-Double(seconds) / Double(5 * Schedule.minute)) }

    /// Near times: contacts that follow each other closely.
    static func nearTimes(_ view: View) -> Adversary {
        Adversary(name: "near times") { a, b in
            let (a, b) = (view.times(a), view.times(b))
            return a.reduce(0) { sum, x in b.reduce(sum) { $0 + nearness(abs(x - $1)) } }
        }
    }

    /// Acts that closely follow a fetch of the log.
    static func fetchThenAct(_ view: View) -> Adversary {
        let fetched = view.fetches.mapValues { $0.map { $0.time } }
        return Adversary(name: "fetch, then act") { a, b in
            guard let times = (b.person ?? a.person).flatMap({ fetched[$0] }) else { return 0 }
            return view.times(b.person == nil ? b : a).reduce(0) { sum, act in
                // Times rise: the last fetch until then.
                var (low, high) = (0, times.count)
                while low < high {
                    let middle = (low + high) / 2
                    if times[middle] <= act { low = middle + 1 } else { high = middle }
                }
                return low == 0 ? sum : sum + nearness(act - times[low - 1])
            }
        }
    }

    /// Roots and checkpoints that only who had fetched, or had not fetched since, would prove against and tell.
    static func rootAndFetches(_ view: View) -> Adversary {
        let seen = view.seen
        return Adversary(name: "root and fetches") { a, b in
            guard let fetches = (b.person ?? a.person).flatMap({ view.fetches[$0] }) else { return 0 }
            return (b.person == nil ? b : a).shows.reduce(0) { sum, place in
                let show = seen.shows[place]
                let known = fetches.last { $0.time <= show.time }.flatMap { view.newestBatch($0.time) }
                let isKnown = known.map { seen.batches[$0].root == show.answer.root && seen.batches[$0].size == show.told }
                return isKnown == true ? sum : sum - 1
            }
        }
    }

    /// The newest leaf: who waited for his batch acts when it is there, so the fewer leaves entered after one, the more it looks like who acts.
    static func newestLeaf(_ view: View) -> Adversary {
        let seen = view.seen
        // How many leaves each batch has, and which leaf entered with which.
        func entered(_ leaf: (epoch: UInt32, leaf: [UInt8])) -> Int? {
            guard let index = view.index(leaf) else { return nil }
            return seen.batches.firstIndex { $0.epoch == leaf.epoch && $0.leaves > index }
        }
        func score(_ shows: [Int], _ leaves: [(epoch: UInt32, leaf: [UInt8])]) -> Double {
            leaves.reduce(0) { sum, leaf in
                guard let batch = entered(leaf) else { return sum }
                return shows.reduce(sum) { sum, place in
                    let show = seen.shows[place]
                    guard show.epoch == leaf.epoch, let root = view.batches[show.answer.root] else { return sum }
                    if root < batch { return sum - 100 }
                    return sum + 1 / Double(1 + seen.batches[root].leaves - seen.batches[batch].leaves)
                }
            }
        }
        return Adversary(name: "newest leaf") { a, b in score(a.shows, view.leaves(b)) + score(b.shows, view.leaves(a)) }
    }

    /// Presence: who is there in the same epochs, and on the same days.
    static func presence(_ view: View) -> Adversary {
        let seen = view.seen
        func epochs(_ subject: Subject) -> Set<UInt32> {
            Set(subject.shows.map { seen.shows[$0].epoch } + subject.renewals.map { seen.renewals[$0].to })
        }
        func days(_ subject: Subject) -> Set<Int64> { Set(view.times(subject).map { $0 / Schedule.day }) }
        return Adversary(name: "presence") { a, b in
            -Double(epochs(a).symmetricDifference(epochs(b)).count) + 0.1 * Double(days(a).intersection(days(b)).count)
        }
    }
}
