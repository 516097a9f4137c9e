import Curves
import Proofs

/// How many members of an epoch stand in which coarse class of values, as the issuer publishes it: from this a wallet says how many members
/// at least could have answered a request.
///
/// A cell is one class of each attribute. Cells with few members are left out, and so are leaves whose values nobody knows because they were
/// renewed: all that is computed is a lower bound.
public struct Histogram: Equatable, Sendable {
    /// The members of one cell.
    public struct Cell: Equatable, Sendable {
        /// Place of the class of each attribute.
        let classes: [UInt8]
        /// Members in it.
        public let count: UInt32
    }

    /// The community.
    public let community: Digest
    /// Digest of its schema.
    public let schema: Digest
    /// The epoch whose tree is counted.
    public let epoch: UInt32
    /// Size of the log at the checkpoint whose tree is counted.
    public let logSize: Int64
    /// Below so many the community wants its members to be warned.
    public let minimum: UInt32
    /// Cells with fewer members are left out.
    public let least: UInt32
    /// Least value of each class of each attribute, rising, the first that of its domain.
    let starts: [[Int64]]
    /// Rising by classes.
    public let cells: [Cell]
    /// Members in none of these cells.
    public let rest: UInt32

    /// Cells of a histogram at most.
    public static let greatestCells = 1 << 16
    /// Classes of an attribute at most.
    static let greatestClasses = 64
    /// Cells with fewer members are left out, unless said otherwise.
    public static let standardLeast: UInt32 = 5
    private static let head = Array("SYMBOLON-V01-histogram".utf8)

    /// Counts members. `unknown`: leaves whose values nobody knows.
    public init(
        community: Community, epoch: UInt32, logSize: Int64, minimum: UInt32, least: UInt32 = standardLeast, values: [[Int64]], unknown: Int
    ) {
        self.community = community.id
        schema = community.schema.digest
        self.epoch = epoch
        self.logSize = logSize
        self.minimum = minimum
        self.least = max(1, least)
        let starts = community.schema.attributes.map { Histogram.classes(of: $0.domain) }
        var counts: [[UInt8]: UInt32] = [:]
        for member in values {
            let classes = zip(starts, member).map { starts, value in UInt8((starts.lastIndex { $0 <= value }) ?? 0) }
            counts[classes, default: 0] += 1
        }
        var cells: [Cell] = []
        var rest = UInt32(unknown)
        for (classes, count) in counts {
            if count >= self.least { cells.append(Cell(classes: classes, count: count)) } else { rest += count }
        }
        cells.sort { $0.classes.lexicographicallyPrecedes($1.classes) }
        for cell in cells.dropFirst(Histogram.greatestCells) { rest += cell.count }
        self.starts = starts
        self.cells = Array(cells.prefix(Histogram.greatestCells))
        self.rest = rest
    }

    /// Small domains value by value; others at 1, 2, 5, 10, 20, 50 and so on above their least value.
    static func classes(of domain: ClosedRange<Int64>) -> [Int64] {
        if domain.upperBound - domain.lowerBound < 8 { return Array(domain) }
        var starts = [domain.lowerBound]
        var power: Int64 = 1
        while power <= domain.upperBound - domain.lowerBound {
            for step in [1, 2, 5] as [Int64] where step * power <= domain.upperBound - domain.lowerBound {
                starts.append(domain.lowerBound + step * power)
            }
            power *= 10
        }
        return starts
    }

    /// Members in all.
    public var total: Int64 { cells.reduce(Int64(rest)) { $0 + Int64($1.count) } }

    /// How many members at least satisfy a request and have the values that the member with these values would disclose.
    public func membersAtLeast(_ request: PresentationRequest, values: [Int64], schema: Schema) -> Int64 {
        var sum: Int64 = 0
        for cell in cells where holds(cell, request, values, schema) { sum += Int64(cell.count) }
        return sum
    }

    /// Whether every member of a cell satisfies the request in the same way.
    private func holds(_ cell: Cell, _ request: PresentationRequest, _ values: [Int64], _ schema: Schema) -> Bool {
        func range(_ index: Int) -> ClosedRange<Int64>? {
            guard starts.indices.contains(index - 1), let domain = schema.attribute(at: index)?.domain else { return nil }
            let (starts, place) = (starts[index - 1], Int(cell.classes[index - 1]))
            let end = place + 1 < starts.count ? starts[place + 1] - 1 : domain.upperBound
            return starts[place] <= end ? starts[place]...end : nil
        }
        for index in request.disclose {
            guard let range = range(index), values.indices.contains(index - 1), range.lowerBound == range.upperBound,
                range.lowerBound == values[index - 1]
            else { return false }
        }
        for predicate in request.predicates {
            var least: Int128 = 0
            for weight in predicate.weights {
                guard let range = range(weight.index) else { return false }
                least += Int128(weight.weight) * Int128(weight.weight > 0 ? range.lowerBound : range.upperBound)
            }
            guard least >= Int128(predicate.bound) else { return false }
        }
        return true
    }

    /// The canonical form, without a signature.
    @export(interface)
    public var encoded: [UInt8] {
        var out = Histogram.head + community.bytes + schema.bytes
        out += littleEndian4(Int(truncatingIfNeeded: epoch))
        out += littleEndian8(logSize)
        out += littleEndian4(Int(truncatingIfNeeded: minimum))
        out += littleEndian4(Int(truncatingIfNeeded: least))
        out += littleEndian4(starts.count)
        for attribute in starts {
            out += littleEndian4(attribute.count)
            for start in attribute { out += littleEndian8(start) }
        }
        out += littleEndian4(cells.count)
        for cell in cells { out += cell.classes + littleEndian4(Int(truncatingIfNeeded: cell.count)) }
        return out + littleEndian4(Int(truncatingIfNeeded: rest))
    }

    /// From the canonical form; throws for any other bytes, and for classes that are not of this schema.
    @export(interface)
    public init(encoded: [UInt8], schema: Schema) throws(FormatError) {
        var reader = ByteReader(encoded)
        try reader.expect(Histogram.head)
        community = try reader.digest()
        self.schema = try reader.digest()
        guard self.schema == schema.digest else { throw .notCanonical }
        (epoch, logSize) = (try reader.uint32(), try reader.time())
        (minimum, least) = (try reader.uint32(), try reader.uint32())
        guard try reader.count(atMost: Schema.greatestCount) == schema.count, least >= 1 else { throw .notCanonical }
        var starts: [[Int64]] = []
        for attribute in schema.attributes {
            var classes: [Int64] = []
            for _ in 0..<(try reader.count(atMost: Histogram.greatestClasses)) { classes.append(try reader.int64()) }
            guard classes.first == attribute.domain.lowerBound, rising(classes, { $0 < $1 }),
                classes.allSatisfy({ attribute.domain.contains($0) })
            else { throw .notCanonical }
            starts.append(classes)
        }
        var cells: [Cell] = []
        for _ in 0..<(try reader.count(atMost: Histogram.greatestCells)) {
            let classes = try reader.bytes(schema.count)
            let count = try reader.uint32()
            guard zip(classes, starts).allSatisfy({ Int($0) < $1.count }), count >= least,
                cells.last.map({ $0.classes.lexicographicallyPrecedes(classes) }) ?? true
            else { throw .notCanonical }
            cells.append(Cell(classes: classes, count: count))
        }
        rest = try reader.uint32()
        try reader.end()
        self.starts = starts
        self.cells = cells
    }
}

extension Histogram {
    /// Bytes of a published histogram at most.
    public static let greatestLength = 1 << 22

    /// The signature behind a published histogram; throws `.note` for other bytes.
    package static func signatureCheck(of bytes: [UInt8], community: Community) throws(LogError) -> SignatureCheck {
        guard bytes.count <= Histogram.greatestLength else { throw .note }
        do { return try SignatureCheck(trailing: bytes, publicKey: community.logKey) } catch { throw .note }
    }

    /// A published histogram whose `signatureCheck` was verified elsewhere. Throws `.note` for other bytes, `.origin`.
    package init(verified bytes: [UInt8], community: Community, epoch: UInt32) throws(LogError) {
        do { try self.init(encoded: Array(bytes.dropLast(64)), schema: community.schema) } catch { throw .note }
        guard self.community == community.id, self.epoch == epoch else { throw .origin }
    }
}

#if !hasFeature(Embedded)
import Platform

extension Histogram {
    /// The canonical form and the log key's signature over it.
    public func signed(by key: Ed25519SigningKey) -> [UInt8] {
        let bytes = encoded
        return bytes + key.sign(bytes)
    }

    /// A published histogram of a community's epoch. Throws `.note` for other bytes, `.signature`, `.schema`.
    public init(signed bytes: [UInt8], community: Community, epoch: UInt32) throws(LogError) {
        guard try Histogram.signatureCheck(of: bytes, community: community).holds else { throw .signature }
        try self.init(verified: bytes, community: community, epoch: epoch)
    }
}
#endif
