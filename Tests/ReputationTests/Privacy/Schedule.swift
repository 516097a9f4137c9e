import TestSupport

/// Times of the world, in seconds. Wallets fetch on a timer of their own, and act on nothing that is so new that another wallet, whose timer
/// keeps the same period, might not have it.
enum Schedule {
    static let minute: Int64 = 60
    static let hour: Int64 = 3600
    static let day: Int64 = 24 * hour

    /// A wallet fetches the log once in this time, at a moment of its own, late by up to `jitter`.
    static let period: Int64 = 20 * hour
    static let jitter: Int64 = 30 * minute
    /// Nothing younger is acted on: everybody who keeps the period has what is as old.
    static let hold: Int64 = period + jitter
    /// For so long a verifier takes a root after another replaced it.
    static let grace: Int64 = day

    static let start: Int64 = 1_790_000_000
    /// How long an epoch serves before it is closed.
    static let epoch: Int64 = 8 * day
    /// Newcomers enter together once in this time.
    static let batch: Int64 = 8 * hour
    /// Within this time from when an epoch can be acted in, members want to act.
    static let visiting: Int64 = 84 * hour
    /// Who has to wait until he can act does so within this time.
    static let waiting: Int64 = 10 * minute
    /// How long members take to renew.
    static let renewing: Int64 = 2 * day
    static let epochs: UInt32 = 4
    /// No world is longer.
    static let end: Int64 = start + (epoch + 6 * day + hold) * Int64(epochs)

    /// When a wallet fetches, from a time on.
    static func fetches<G: RandomNumberGenerator>(from first: Int64, using random: inout G) -> [Int64] {
        let phase = Int64.random(in: 0..<period, using: &random)
        return stride(from: start + phase, to: end, by: Int(period)).map { $0 + Int64.random(in: 0..<jitter, using: &random) }
            .filter { $0 >= first }
    }
}
