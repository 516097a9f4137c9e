import Platform
import Reputation

/// Publishes which nullifiers of an epoch are spent, for wallets that lost their state.
///
/// A set is made at most once in so many seconds: who fetches it again and again learns how many were spent in that time, not when one was.
public actor SpentTickets {
    /// Seconds for which a set stands, unless said otherwise.
    public static let interval: Int64 = 600

    private let community: Digest
    private let store: any Store
    private let key: Ed25519SigningKey
    private let interval: Int64
    /// By epochs, with the time at which they were last looked for.
    private var sets: [UInt32: (time: Int64, found: Task<(document: [UInt8], made: Int64), any Error>)] = [:]

    private static let pageSize = 10_000

    /// - Parameters:
    ///   - key: the log's key, which signs the sets.
    ///   - interval: seconds for which a set stands.
    public init(community: Digest, store: any Store, key: Ed25519SigningKey, interval: Int64 = interval) {
        self.community = community
        self.store = store
        self.key = key
        self.interval = interval
    }

    /// The signed set of an epoch, and for how many seconds there will be no newer one.
    ///
    /// - Throws: `StoreError`; `FormatError.tooMany` for more nullifiers than a set holds.
    public func document(epoch: UInt32, now: Int64) async throws -> (bytes: [UInt8], fresh: Int64) {
        if let set = sets[epoch] {
            do {
                let found = try await set.found.value
                if abs(now - found.made) < interval { return (found.document, min(interval, interval - (now - found.made))) }
            } catch {
                // The next call tries again; another may have begun to already.
                if sets[epoch]?.time == set.time { sets[epoch] = nil }
                throw error
            }
        }
        // Another call may have begun while this one waited.
        let making: Task<(document: [UInt8], made: Int64), any Error>
        if let set = sets[epoch], set.time == now {
            making = set.found
        } else {
            making = Task { [community, store, key, interval] in
                // Another process, or this one before it was started again, may have published one that stands still.
                if let present = try await store.spentSet(epoch: epoch, community: community.bytes), abs(now - present.made) < interval {
                    return present
                }
                // The time is taken before the store is read: what was spent before it is in.
                let set = try await Self.read(store, community: community, epoch: epoch, now: now).signed(by: key)
                return try await store.publish(
                    spentSet: set, made: now, interval: interval, epoch: epoch, community: community.bytes)
            }
            sets[epoch] = (now, making)
        }
        do {
            let found = try await making.value
            return (found.document, min(interval, interval - (now - found.made)))
        } catch {
            if sets[epoch]?.time == now { sets[epoch] = nil }
            throw error
        }
    }

    private static func read(_ store: any Store, community: Digest, epoch: UInt32, now: Int64) async throws -> SpentSet {
        var hashes: [UInt64] = []
        for prefix in SpentSet.scopePrefixes(community: community, epoch: epoch) {
            var last: Spend?
            repeat {
                let page = try await store.spends(scopePrefix: prefix, after: last, limit: pageSize)
                hashes += page.map { SpentSet.hash(scope: $0.scope, nullifier: $0.nullifier) }
                guard hashes.count <= SpentSet.greatestCount else { throw FormatError.tooMany }
                last = page.count == pageSize ? page.last : nil
            } while last != nil
        }
        return try SpentSet(community: community, epoch: epoch, time: now, hashes: hashes)
    }
}
