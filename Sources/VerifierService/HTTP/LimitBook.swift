import Operations

/// Keeps the limits that owners set over those of the settings. As for ``Store`` every method is one atomic step.
public protocol LimitStore: Sendable {
    /// Requests a minute by kind, where somebody set one.
    func limits() async throws(StoreError) -> [Limits.Kind: Int]
    /// Sets limits; a nil takes back what was set, so that the settings hold again.
    func setLimits(_ changes: [Limits.Kind: Int?], audit: AuditEntry) async throws(StoreError)
}

extension LimitStore {
    /// Sets limits over those of the settings, as an operator says; a nil takes back what was set. What is so already is not written again.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Throws: ``Problem`` for a number that is no limit; `Moderation.Failure.name`; `StoreError`.
    public func setLimits(_ changes: [Limits.Kind: Int?], by name: String, now: Int64) async throws {
        let before = try await limits()
        let changes = changes.filter { before[$0.key] != $0.value }
        guard changes.values.allSatisfy({ $0.map(Limits.admissible.contains) ?? true }) else { throw Problem.limit }
        guard !changes.isEmpty else { return }
        let about = changes.map { ($0.key.rawValue, $0.value.map { String($0) } ?? "setting") }
        let entry = try Moderation.entry("limits.set", Dictionary(uniqueKeysWithValues: about), by: name, now: now)
        try await setLimits(changes, audit: entry)
    }
}

extension Problem {
    /// A number that is no limit.
    package static let limit = Problem(
        422, "limit-value", "A limit is a whole number of requests a minute, 0 to \(Limits.admissible.upperBound).")
}

/// The limits that hold now: those of the settings, and over them those in the store, which all processes on it follow.
public final class LimitBook: Sendable {
    /// What holds for a kind of requests.
    public struct Line: Sendable, Equatable {
        /// The kind.
        public let kind: Limits.Kind
        /// Requests a minute by the settings of this process; 0 is without limit.
        public let setting: Int
        /// Requests a minute that an owner set instead, if one did.
        public let chosen: Int?

        /// Requests a minute that hold.
        public var perMinute: Int { chosen ?? setting }
    }

    private let settings: Limits
    private let store: (any LimitStore)?
    private let limiters: [Limits.Kind: RateLimiter]

    package init(_ settings: Limits, store: (any LimitStore)?) {
        self.settings = settings
        self.store = store
        limiters = Dictionary(
            uniqueKeysWithValues: Limits.Kind.allCases.map { ($0, RateLimiter(perMinute: settings.perMinute[$0] ?? 0)) })
    }

    /// What is set, by kind.
    ///
    /// - Throws: `StoreError`.
    public func lines() async throws -> [Line] {
        let chosen = try await store?.limits() ?? [:]
        return Limits.Kind.allCases.map { Line(kind: $0, setting: settings.perMinute[$0] ?? 0, chosen: chosen[$0]) }
    }

    /// Takes up what is in the store.
    package func refresh() async throws {
        guard store != nil else { return }
        for line in try await lines() { limiters[line.kind]?.change(perMinute: line.perMinute) }
    }

    /// Takes one of a kind for who asks; nil when it was there, else the seconds until the next is.
    package func take(_ kind: Limits.Kind, _ client: ClientAddress, now: Double) -> Int? { limiters[kind]?.take(client, now: now) }
}
