import Curves
import Proofs

/// The settled feedback on one account: what forums reported on a pseudonym's acts of one epoch, and nobody can add to any more.
public struct SettledFeedback: Equatable, Sendable {
    /// Reports for one reason.
    public struct Count: Equatable, Sendable {
        /// Place of the reason in the rules of the acts' epoch.
        public let reason: UInt32
        /// Reports that raise the attribute.
        public let raised: UInt32
        /// Reports that lower it.
        public let lowered: UInt32

        /// From its parts.
        public init(reason: UInt32, raised: UInt32, lowered: UInt32) {
            self.reason = reason
            self.raised = raised
            self.lowered = lowered
        }
    }

    /// Epoch of the acts.
    public let epoch: UInt32
    /// The forum.
    public let audience: Digest
    /// Nullifier of the account's scope, 33 bytes.
    public let account: [UInt8]
    /// At least one, rising by reason.
    public let counts: [Count]

    /// From its parts.
    public init(epoch: UInt32, audience: Digest, account: [UInt8], counts: [Count]) {
        self.epoch = epoch
        self.audience = audience
        self.account = account
        self.counts = counts
    }

    /// Order in which feedback stands in the log: by forum, then by account.
    public func precedes(_ other: SettledFeedback) -> Bool {
        (audience.bytes + account).lexicographicallyPrecedes(other.audience.bytes + other.account)
    }

    var encoded: [UInt8] {
        func number(_ value: UInt32) -> [UInt8] { littleEndian4(Int(truncatingIfNeeded: value)) }
        var out = number(epoch) + audience.bytes + account + littleEndian4(counts.count)
        for count in counts { out += number(count.reason) + number(count.raised) + number(count.lowered) }
        return out
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        epoch = try reader.uint32()
        audience = try reader.digest()
        account = try reader.point()
        var counts: [Count] = []
        for _ in 0..<(try reader.count(atMost: EpochRules.greatestReasons)) {
            let (reason, raised, lowered) = (try reader.uint32(), try reader.uint32(), try reader.uint32())
            guard raised > 0 || lowered > 0 else { throw .notCanonical }
            counts.append(Count(reason: reason, raised: raised, lowered: lowered))
        }
        guard !counts.isEmpty, rising(counts, { $0.reason < $1.reason }) else { throw .notCanonical }
        self.counts = counts
    }
}
