/// How often something came out in one way on one day. No pseudonym is in it, no time of day, and nothing of who asked.
public struct DailyCount: Sendable, Hashable {
    /// Days since 1970.
    public let day: Int
    /// Who asked: a forum's client id, or `audience/` and the id of an audience.
    public let party: String
    /// `accepted`, or the code of the refusal.
    public let code: String
    /// How often.
    public var count: Int

    /// Creates a count from its fields.
    public init(day: Int, party: String, code: String, count: Int) {
        self.day = day
        self.party = party
        self.code = code
        self.count = count
    }

    /// Code of what was accepted.
    public static let accepted = "accepted"
    /// Counts below this are not shown, so that nobody is singled out.
    public static let threshold = 5
}

/// Keeps daily counts.
public protocol StatisticsStore: Sendable {
    /// Adds to the counts of days, all in one step.
    func add(_ counts: [DailyCount]) async throws(StoreError)
    /// The counts of a range of days since 1970, by day, party and code.
    func counts(days: ClosedRange<Int>) async throws(StoreError) -> [DailyCount]
}
