import Curves
import Proofs

/// What holds for the acts of an epoch, and for the renewals out of it: who may report, what a report counts, and how much at most.
///
/// Stands in the log, so that the audit can hold the issuer to it, and members know before they act.
public struct EpochRules: Equatable, Sendable {
    /// What a report may be about.
    public struct Reason: Equatable, Sendable {
        /// Name, formed as that of an attribute.
        public let code: [UInt8]
        /// Index in a credential of the feedback attribute that it changes; 1 is the first of the schema.
        public let attribute: Int
        /// By how much, up or down as the report says: 1 to 1000.
        public let amount: Int64

        /// From its parts.
        public init(code: [UInt8], attribute: Int, amount: Int64) {
            self.code = code
            self.attribute = attribute
            self.amount = amount
        }
    }

    /// How far all reports on one account, at one forum and in one epoch, change an attribute at most.
    public struct Cap: Equatable, Sendable {
        /// Index of the attribute in a credential.
        public let attribute: Int
        /// The most that it rises or falls.
        public let most: Int64

        /// From its parts.
        public init(attribute: Int, most: Int64) {
            self.attribute = attribute
            self.most = most
        }
    }

    /// Members who have renewed into the next epoch before it opens, at least: the first to appear in an empty tree would be known.
    public let minimumRenewals: UInt32
    /// Out of how many epochs before it the next one takes renewals: whoever misses them is out.
    public let openRenewals: UInt32
    /// Audiences that may report acts, rising by their bytes.
    public let forums: [Digest]
    /// Rising by code.
    public let reasons: [Reason]
    /// Rising by attribute; one for each attribute that a reason is about, and no other.
    public let caps: [Cap]

    /// Audiences at most: a renewal shows an account for each, in each epoch that it settles.
    public static let greatestForums = 16
    /// Epochs at most that renewals stay open for.
    public static let greatestOpenRenewals: UInt32 = 4
    static let greatestReasons = 64
    static let greatestAmount: Int64 = 1000

    /// No forum, no reason; an epoch opens with the first who renews, and takes renewals out of the one before it.
    public static let none = EpochRules(minimumRenewals: 1, openRenewals: 1, unchecked: ([], [], []))

    private init(minimumRenewals: UInt32, openRenewals: UInt32, unchecked: ([Digest], [Reason], [Cap])) {
        self.minimumRenewals = minimumRenewals
        self.openRenewals = openRenewals
        (forums, reasons, caps) = unchecked
    }

    /// Throws `.tooMany` for more of anything than allowed, `.notCanonical` for what is out of order or out of range.
    public init(
        minimumRenewals: UInt32, openRenewals: UInt32, forums: [Digest], reasons: [Reason], caps: [Cap]
    ) throws(FormatError) {
        guard forums.count <= EpochRules.greatestForums, reasons.count <= EpochRules.greatestReasons, caps.count <= Schema.greatestCount
        else { throw .tooMany }
        guard minimumRenewals >= 1, (1...EpochRules.greatestOpenRenewals).contains(openRenewals) else { throw .notCanonical }
        guard rising(forums, { $0.bytes.lexicographicallyPrecedes($1.bytes) }), rising(caps, { $0.attribute < $1.attribute }),
            rising(reasons, { $0.code.lexicographicallyPrecedes($1.code) })
        else { throw .notCanonical }
        for reason in reasons {
            guard Attribute.isName(reason.code), (1...EpochRules.greatestAmount).contains(reason.amount),
                caps.contains(where: { $0.attribute == reason.attribute })
            else { throw .notCanonical }
        }
        for cap in caps {
            guard (1...Attribute.greatestSize).contains(cap.most), reasons.contains(where: { $0.attribute == cap.attribute }) else {
                throw .notCanonical
            }
        }
        self.init(minimumRenewals: minimumRenewals, openRenewals: openRenewals, unchecked: (forums, reasons, caps))
    }

    /// Whether the reasons are about attributes of the schema that feedback changes.
    public func fits(_ schema: Schema) -> Bool { caps.allSatisfy { schema.attribute(at: $0.attribute)?.kind == .feedback } }

    /// Place of the reason of that code.
    public func reason(_ code: [UInt8]) -> Int? { reasons.firstIndex { $0.code == code } }

    /// What reports on one account add to each attribute (the first of the schema first), capped; nil when a reason is none of these.
    public func amounts(of reports: [SettledFeedback.Count], schema: Schema) -> [Int64]? {
        var sums = [Int64](repeating: 0, count: schema.count)
        for report in reports {
            guard let reason = Int(exactly: report.reason), reason < reasons.count, reasons[reason].attribute <= schema.count else {
                return nil
            }
            // At most 64 reasons, 1000 and 32 bits: far within 64 bits.
            sums[reasons[reason].attribute - 1] += reasons[reason].amount * (Int64(report.raised) - Int64(report.lowered))
        }
        for cap in caps where cap.attribute <= schema.count {
            sums[cap.attribute - 1] = min(max(sums[cap.attribute - 1], -cap.most), cap.most)
        }
        return sums
    }

    var encoded: [UInt8] {
        var out =
            littleEndian4(Int(truncatingIfNeeded: minimumRenewals)) + littleEndian4(Int(truncatingIfNeeded: openRenewals))
            + littleEndian4(forums.count)
        for forum in forums { out += forum.bytes }
        out += littleEndian4(reasons.count)
        for reason in reasons { out += lengthPrefixed(reason.code) + littleEndian4(reason.attribute) + littleEndian8(reason.amount) }
        out += littleEndian4(caps.count)
        for cap in caps { out += littleEndian4(cap.attribute) + littleEndian8(cap.most) }
        return out
    }

    init(from reader: inout ByteReader) throws(FormatError) {
        let (minimum, open) = (try reader.uint32(), try reader.uint32())
        var forums: [Digest] = [], reasons: [Reason] = [], caps: [Cap] = []
        for _ in 0..<(try reader.count(atMost: EpochRules.greatestForums)) { forums.append(try reader.digest()) }
        for _ in 0..<(try reader.count(atMost: EpochRules.greatestReasons)) {
            let (code, attribute) = (try reader.string(atMost: 64), try reader.count(atMost: Schema.greatestCount))
            reasons.append(Reason(code: code, attribute: attribute, amount: try reader.int64()))
        }
        for _ in 0..<(try reader.count(atMost: Schema.greatestCount)) {
            caps.append(Cap(attribute: try reader.count(atMost: Schema.greatestCount), most: try reader.int64()))
        }
        try self.init(minimumRenewals: minimum, openRenewals: open, forums: forums, reasons: reasons, caps: caps)
    }
}

/// Whether each element stands before the next.
func rising<T>(_ elements: [T], _ precedes: (T, T) -> Bool) -> Bool {
    for i in elements.indices.dropFirst() where !precedes(elements[i - 1], elements[i]) { return false }
    return true
}

extension EpochRules {
    /// From JSON: `{"minimum-renewals", "open-renewals", "forums": [id], "reasons": [{"code", "attribute", "amount"}], "caps":
    /// [{"attribute", "most"}]}`, attributes by name, lists in any order. Throws `.wrongValue` for rules that are none of this schema.
    @export(interface)
    public init(json: JSON, schema: Schema) throws(JSONError) {
        var object = try JSONObject(json)
        func index(_ part: inout JSONObject) throws(JSONError) -> Int {
            guard let index = schema.index(of: try part.text("attribute", atMost: 64)) else { throw .wrongValue(Array("attribute".utf8)) }
            return index
        }
        let (minimum, open) = (try object.uint32("minimum-renewals"), try object.uint32("open-renewals"))
        var forums: [Digest] = [], reasons: [Reason] = [], caps: [Cap] = []
        for value in try object.array("forums", atMost: EpochRules.greatestForums) {
            guard case .string(let text) = value, let bytes = try? Hex.decode(text), let id = try? Digest(bytes) else {
                throw .wrongValue(Array("forums".utf8))
            }
            forums.append(id)
        }
        for value in try object.array("reasons", atMost: EpochRules.greatestReasons) {
            var part = try JSONObject(value)
            reasons.append(
                Reason(code: try part.text("code", atMost: 64), attribute: try index(&part), amount: try part.integer("amount")))
            try part.finish()
        }
        for value in try object.array("caps", atMost: Schema.greatestCount) {
            var part = try JSONObject(value)
            caps.append(Cap(attribute: try index(&part), most: try part.integer("most")))
            try part.finish()
        }
        try object.finish()
        forums.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        reasons.sort { $0.code.lexicographicallyPrecedes($1.code) }
        caps.sort { $0.attribute < $1.attribute }
        let rules = try? EpochRules(minimumRenewals: minimum, openRenewals: open, forums: forums, reasons: reasons, caps: caps)
        guard let rules, rules.fits(schema) else { throw .wrongValue(Array("rules".utf8)) }
        self = rules
    }

    /// The JSON form; for rules of this schema.
    @export(interface)
    public func json(_ schema: Schema) -> JSON {
        func name(_ index: Int) -> JSON { .string(schema.attribute(at: index)?.name ?? []) }
        return .object([
            .init("minimum-renewals", .integer(minimumRenewals)), .init("open-renewals", .integer(openRenewals)),
            .init("forums", .array(forums.map { .hex($0.bytes) })),
            .init(
                "reasons",
                .array(
                    reasons.map { reason in
                        .object([
                            .init("code", .string(reason.code)), .init("attribute", name(reason.attribute)),
                            .init("amount", .integer(reason.amount)),
                        ])
                    })),
            .init(
                "caps",
                .array(caps.map { cap in .object([.init("attribute", name(cap.attribute)), .init("most", .integer(cap.most))]) })),
        ])
    }
}
