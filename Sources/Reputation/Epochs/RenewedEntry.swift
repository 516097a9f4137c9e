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
    /// Values disclosed because there is no room for all of the feedback, rising by attribute.
    public let disclosed: [RenewalStatement.Change]
    /// What is added, zeros left out, rising by attribute.
    public let deltas: [RenewalStatement.Change]
    /// Added to the blinding of the presentation's credential: a scalar, 32 bytes.
    public let shift: [UInt8]
    /// The presentation: nullifiers first, that of the renewal before those of the accounts.
    public let presentation: [UInt8]
    /// The leaf, 33 bytes.
    public let leaf: [UInt8]

    /// From its parts.
    public init(
        epoch: UInt32, index: UInt32, from: UInt32, disclosed: [RenewalStatement.Change], deltas: [RenewalStatement.Change], shift: [UInt8],
        presentation: [UInt8], leaf: [UInt8]
    ) {
        self.epoch = epoch
        self.index = index
        self.from = from
        self.disclosed = disclosed
        self.deltas = deltas
        self.shift = shift
        self.presentation = presentation
        self.leaf = leaf
    }

    /// The same in another place.
    public func with(epoch: UInt32, index: UInt32) -> RenewedEntry {
        RenewedEntry(
            epoch: epoch, index: index, from: from, disclosed: disclosed, deltas: deltas, shift: shift, presentation: presentation,
            leaf: leaf)
    }

    /// The nullifier of the renewal: 33 bytes.
    public var nullifier: [UInt8] { Array(presentation.prefix(33)) }

    var encoded: [UInt8] {
        func changes(_ changes: [RenewalStatement.Change]) -> [UInt8] {
            var out = littleEndian4(changes.count)
            for change in changes { out += littleEndian4(change.attribute) + littleEndian8(change.value) }
            return out
        }
        return littleEndian4(Int(truncatingIfNeeded: epoch)) + littleEndian4(Int(truncatingIfNeeded: index))
            + littleEndian4(Int(truncatingIfNeeded: from)) + changes(disclosed) + changes(deltas) + shift + lengthPrefixed(presentation)
            + leaf
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        func changes(_ reader: inout ByteReader) throws(FormatError) -> [RenewalStatement.Change] {
            var out: [RenewalStatement.Change] = []
            for _ in 0..<(try reader.count(atMost: Schema.greatestCount)) {
                let attribute = try reader.count(atMost: Schema.greatestCount)
                out.append(RenewalStatement.Change(attribute: attribute, value: try reader.int64()))
            }
            guard out.first?.attribute != 0, rising(out, { $0.attribute < $1.attribute }) else { throw .notCanonical }
            return out
        }
        (epoch, index, from) = (try reader.uint32(), try reader.uint32(), try reader.uint32())
        disclosed = try changes(&reader)
        deltas = try changes(&reader)
        shift = try reader.bytes(32)
        do { _ = try Fn(encoded: shift[...]) } catch { throw .notCanonical }
        presentation = try reader.string(atMost: PresentationAnswer.greatestPresentation)
        guard presentation.count >= 33 else { throw .length }
        leaf = try reader.point()
    }
}
