/// What a world does wrong on purpose: the adversaries that find nothing in a world without leaks have to find each of these.
enum Leak: String, CaseIterable, Sendable {
    /// A wallet takes the same re-randomiser at each of its renewals.
    case reusedRerandomiser
    /// Accounts have one scope for all forums.
    case oneAccountScope
    /// A wallet fetches only the part of the log that its own leaf stands in.
    case ownPathFetch
    /// Each member is given an amount of feedback of his own, and a forum asks for the sum.
    case ownAmount
    /// Every renewed leaf enters the tree by itself, as soon as it is there.
    case batchOfOne
    /// A wallet fetches the log when it is about to act.
    case fetchToAct
    /// A wallet proves against the newest root that it fetched, and tells that checkpoint, however new.
    case newestRoot
}
