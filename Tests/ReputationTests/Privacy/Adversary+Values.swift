import Reputation

extension Adversary {
    /// Amounts: the sum of feedback that a forum was shown, against what was added to leaves.
    static func amounts(_ view: View) -> Adversary {
        let seen = view.seen
        func shown(_ subject: Subject) -> [(epoch: UInt32, value: Int64)] {
            subject.shows.compactMap { place in
                let show = seen.shows[place]
                guard let at = show.answer.request.disclose.firstIndex(of: Village.warnings) else { return nil }
                return (show.epoch, show.answer.disclosed[at])
            }
        }
        func computed(_ subject: Subject, _ epoch: UInt32) -> Int64 {
            // An epoch's renewal may have been tried more than once.
            let added = Dictionary(subject.renewals.map { (seen.renewals[$0].to, seen.renewals[$0].derivation.deltas) }) { _, last in last }
            return added.filter { $0.key <= epoch }.values.joined().reduce(0) { $0 + $1.value }
        }
        func distance(_ a: Subject, _ b: Subject) -> Int64 { shown(a).reduce(0) { $0 + abs($1.value - computed(b, $1.epoch)) } }
        return Adversary(name: "amounts") { a, b in -Double(distance(a, b) + distance(b, a)) }
    }

    /// Disclosed values: against those that a person was issued, and against each other.
    static func values(_ view: View) -> Adversary {
        let seen = view.seen
        func known(_ subject: Subject) -> [Int: Int64] {
            var out: [Int: Int64] = [:]
            if let values = subject.person.flatMap({ view.claims[$0]?.values }) {
                for (place, value) in values.enumerated() { out[place + 1] = value }
            }
            for place in subject.shows {
                let answer = seen.shows[place].answer
                for (attribute, value) in zip(answer.request.disclose, answer.disclosed) { out[attribute] = value }
            }
            return out
        }
        return Adversary(name: "values") { a, b in
            let (a, b) = (known(a), known(b))
            return a.reduce(0) { sum, one in b[one.key].map { sum + ($0 == one.value ? 1 : -1) } ?? sum }
        }
    }

    /// Places: whether leaves stand at like places in the trees, and entries in the log.
    static func places(_ view: View) -> Adversary {
        func all(_ subject: Subject) -> [Double] {
            view.leaves(subject).compactMap { leaf in
                view.index(leaf).map { Double($0) / Double(max(1, view.seen.leaves[leaf.epoch]?.count ?? 1)) }
            }
        }
        return Adversary(name: "places") { a, b in
            let (a, b) = (all(a), all(b))
            return -(a.flatMap { x in b.map { abs(x - $0) } }.min() ?? 1)
        }
    }

    /// Files: who fetches a part of the log in which a leaf stands, the smaller the part the more telling.
    static func files(_ view: View) -> Adversary {
        let seen = view.seen
        var fetched: [Int: Set<LogFile>] = [:]
        for (person, fetches) in view.fetches { fetched[person] = Set(fetches.flatMap { $0.files }) }
        func covers(_ file: LogFile, _ leaf: (epoch: UInt32, leaf: [UInt8])) -> Double {
            switch file {
            case .checkpoint: return 0
            case .tile(let tile):
                guard let position = seen.positions[leaf.leaf], position / LogTile.fullWidth == tile.index,
                    position % LogTile.fullWidth < tile.width
                else { return 0 }
                return 1 / Double(tile.width)
            case .leaves(let epoch, let bucket):
                guard epoch == leaf.epoch, let index = view.index(leaf), index / LogFile.bucket == bucket else { return 0 }
                return 1 / Double(LogFile.bucket)
            }
        }
        return Adversary(name: "files") { a, b in
            guard let files = (b.person ?? a.person).flatMap({ fetched[$0] }) else { return 0 }
            return view.leaves(b.person == nil ? b : a).reduce(0) { sum, leaf in
                sum + (files.map { covers($0, leaf) }.max() ?? 0)
            }
        }
    }
}
