import Synchronization

/// Lets each network do so much in a minute. A bucket for each: it holds a minute's worth, and fills at that rate.
///
/// Memory is bounded: two generations of buckets, the older of which is forgotten when the younger is full. A forgotten bucket is full again, so who
/// has very many networks gets more than one has, and never makes others wait.
public final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var time: Double
    }

    private struct State {
        var young: [[UInt8]: Bucket] = [:]
        var old: [[UInt8]: Bucket] = [:]
        var perMinute: Double
    }

    private let capacity: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - perMinute: what a network may do in a minute; 0 is without limit.
    ///   - capacity: networks in a generation.
    public init(perMinute: Int, capacity: Int = 32_768) {
        state = Mutex(State(perMinute: Double(max(0, perMinute))))
        self.capacity = max(1, capacity)
    }

    /// Sets what a network may do in a minute from now on; 0 is without limit. Who has used up a minute's worth waits as long as the new rate says.
    public func change(perMinute: Int) { state.withLock { $0.perMinute = Double(max(0, perMinute)) } }

    /// Takes one; nil when it was there, else the seconds until the next one is, at least 1.
    ///
    /// `now`: seconds by a clock that does not go back.
    public func take(_ client: ClientAddress, now: Double) -> Int? {
        let key = client.network
        return state.withLock { state in
            let perMinute = state.perMinute
            guard perMinute > 0 else { return nil }
            var bucket = state.young[key] ?? state.old[key] ?? Bucket(tokens: perMinute, time: now)
            bucket.tokens = min(perMinute, bucket.tokens + max(0, now - bucket.time) * perMinute / 60)
            bucket.time = max(now, bucket.time)
            let isThere = bucket.tokens >= 1
            if isThere { bucket.tokens -= 1 }
            if state.young.count >= capacity, state.young[key] == nil { (state.old, state.young) = (state.young, [:]) }
            state.young[key] = bucket
            return isThere ? nil : max(1, Int(((1 - bucket.tokens) * 60 / perMinute).rounded(.up)))
        }
    }
}
