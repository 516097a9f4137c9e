import Curves
import Proofs

/// A leaf by renewal, with all that its audit needs: who audits recomputes what is added from the settled feedback, verifies the presentation
/// against the final root of the epoch that is left, and recomputes the leaf.
public struct RenewedEntry: Equatable, Sendable {
    /// Epoch whose tree it goes to.
    public let epoch: UInt32
    /// Place in that tree.
    public let index: UInt32
    /// The epoch that is left.
    public let from: UInt32
    /// The new leaf, and how it comes from the old one. Its nullifiers: that of the renewal before those of the accounts.
    public let derivation: LeafDerivation

    /// From its parts.
    public init(epoch: UInt32, index: UInt32, from: UInt32, derivation: LeafDerivation) {
        self.epoch = epoch
        self.index = index
        self.from = from
        self.derivation = derivation
    }

    /// The same in another place.
    public func with(epoch: UInt32, index: UInt32) -> RenewedEntry {
        RenewedEntry(epoch: epoch, index: index, from: from, derivation: derivation)
    }

    var encoded: [UInt8] {
        littleEndian4(Int(truncatingIfNeeded: epoch)) + littleEndian4(Int(truncatingIfNeeded: index))
            + littleEndian4(Int(truncatingIfNeeded: from)) + derivation.encoded
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        (epoch, index, from) = (try reader.uint32(), try reader.uint32(), try reader.uint32())
        derivation = try LeafDerivation(&reader)
    }
}
