import Hummingbird
import Synchronization

/// Counts what is accepted and refused, and writes it down once a minute: a killed process forgets a minute of it, which harms nobody.
public final class Tally: ServiceExtension {
    private struct Key: Hashable {
        let day: Int
        let party: String
        let code: String
    }

    private let store: any StatisticsStore
    private let now: @Sendable () -> Int64
    private let counts = Mutex<[Key: Int]>([:])

    /// Writes to a store; `now` is the clock, in seconds since 1970.
    public init(store: any StatisticsStore, now: @escaping @Sendable () -> Int64) {
        self.store = store
        self.now = now
    }

    /// Does something that a party asked for, and counts how it came out. What failed by the service's own fault is not counted.
    ///
    /// - Throws: what the body throws.
    public func counting<T>(_ party: String, _ body: () async throws -> T) async throws -> T {
        do {
            let result = try await body()
            count(DailyCount.accepted, party)
            return result
        } catch {
            let problem = Problem(error)
            if problem.status < 500 { count(problem.code, party) }
            throw error
        }
    }

    private func count(_ code: String, _ party: String) {
        let key = Key(day: Int(now() / 86_400), party: party, code: code)
        counts.withLock { $0[key, default: 0] += 1 }
    }

    /// Writes down what was counted; what cannot be written is counted on.
    ///
    /// - Throws: `StoreError`.
    public func flush() async throws {
        let taken = counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
        guard !taken.isEmpty else { return }
        do {
            try await store.add(taken.map { DailyCount(day: $0.key.day, party: $0.key.party, code: $0.key.code, count: $0.value) })
        } catch {
            counts.withLock { counts in for (key, count) in taken { counts[key, default: 0] += count } }
            throw error
        }
    }

    /// See ``ServiceExtension``.
    public func addRoutes(to router: Router<ServiceContext>) {}

    /// See ``ServiceExtension``.
    public func keepUp(now: Int64) async throws { try await flush() }
}

extension Optional where Wrapped == Tally {
    /// The same, where perhaps nobody counts.
    func counting<T>(_ party: String, _ body: () async throws -> T) async throws -> T {
        guard let tally = self else { return try await body() }
        return try await tally.counting(party, body)
    }
}
