extension Predicate {
    /// Bytes of a predicate's text at most.
    public static let greatestText = 4096

    /// Reads `votes >= 20`, `30*comments + votes >= 100`, `warnings <= 2`: sums of attributes, each at most once and with an integer
    /// before it if it counts more than once.
    ///
    /// A name takes all name bytes that follow each other, `-` too: a minus after a name needs a space before it. "At most" turns all signs.
    /// Throws `.predicateSyntax`, `.unknownAttribute` or `.predicateAttributes`; whether it may be asked is for `PresentationRequest.check`.
    @export(interface)
    public init(parsing text: [UInt8], schema: Schema) throws(RequestError) {
        if text.count > Predicate.greatestText { throw .tooMany }
        var reader = PredicateReader(text: text)
        var weights: [Weight] = []
        var negative = reader.takeIfPresent("-")
        var comparison: [UInt8]
        repeat {
            reader.skipSpace()
            var weight: Int64 = 1
            if let number = try reader.number() {
                weight = number
                try reader.take("*")
                reader.skipSpace()
            }
            let name = try reader.name()
            guard let index = schema.index(of: name) else { throw .unknownAttribute(name) }
            if weights.contains(where: { $0.index == index }) { throw .predicateAttributes }
            weights.append(Weight(index: index, weight: negative ? -weight : weight))
            comparison = try reader.sign()
            negative = comparison == [UInt8(ascii: "-")]
        } while comparison.count == 1
        let minus = reader.takeIfPresent("-")
        reader.skipSpace()
        guard let size = try reader.number() else { throw .predicateSyntax(at: reader.at) }
        reader.skipSpace()
        if reader.at < text.count { throw .predicateSyntax(at: reader.at) }
        let bound = minus ? -size : size
        weights.sort { $0.index < $1.index }
        if comparison[0] == UInt8(ascii: ">") {
            self.init(weights: weights, bound: bound)
        } else {
            self.init(weights: weights.map { Weight(index: $0.index, weight: -$0.weight) }, bound: -bound)
        }
    }

    /// Reads a predicate from text.
    public init(parsing text: String, schema: Schema) throws(RequestError) { try self.init(parsing: Array(text.utf8), schema: schema) }

    /// The text that reads back as this predicate, with `<=` when no weight is positive. For predicates of this schema.
    public func text(_ schema: Schema) -> [UInt8] {
        let atMost = weights.allSatisfy { $0.weight < 0 }
        var out: [UInt8] = []
        for (place, weight) in weights.enumerated() {
            let negative = (weight.weight < 0) != atMost
            if place > 0 {
                out += Array((negative ? " - " : " + ").utf8)
            } else if negative {
                out.append(UInt8(ascii: "-"))
            }
            if weight.weight.magnitude != 1 { out += decimal(Int64(clamping: weight.weight.magnitude)) + [UInt8(ascii: "*")] }
            out += schema.attribute(at: weight.index)?.name ?? [UInt8(ascii: "?")]
        }
        return out + Array((atMost ? " <= " : " >= ").utf8) + decimal(atMost ? 0 &- bound : bound)
    }
}

/// Reads the parts of a predicate's text.
private struct PredicateReader {
    let text: [UInt8]
    var at = 0

    init(text: [UInt8]) { self.text = text }

    mutating func skipSpace() {
        while at < text.count, text[at] == 0x20 { at += 1 }
    }

    mutating func takeIfPresent(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard at < text.count, text[at] == UInt8(ascii: byte) else { return false }
        at += 1
        return true
    }

    mutating func take(_ byte: Unicode.Scalar) throws(RequestError) {
        if !takeIfPresent(byte) { throw .predicateSyntax(at: at) }
    }

    /// Digits, nil when there are none.
    mutating func number() throws(RequestError) -> Int64? {
        let start = at
        var value: Int64 = 0
        while at < text.count, Attribute.isDigit(text[at]) {
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, more) = tens.addingReportingOverflow(Int64(text[at] - UInt8(ascii: "0")))
            if over || more { throw .predicateSyntax(at: start) }
            value = sum
            at += 1
        }
        return at == start ? nil : value
    }

    mutating func name() throws(RequestError) -> [UInt8] {
        let start = at
        guard at < text.count, Attribute.isLetter(text[at]) else { throw .predicateSyntax(at: at) }
        while at < text.count, Attribute.isNameByte(text[at]) { at += 1 }
        return Array(text[start..<at])
    }

    /// `+` or `-` (one byte), `>=` or `<=` (two).
    mutating func sign() throws(RequestError) -> [UInt8] {
        skipSpace()
        guard at < text.count else { throw .predicateSyntax(at: at) }
        let first = text[at]
        switch first {
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            at += 1
            return [first]
        case UInt8(ascii: ">"), UInt8(ascii: "<"):
            guard at + 1 < text.count, text[at + 1] == UInt8(ascii: "=") else { throw .predicateSyntax(at: at) }
            at += 2
            return [first, UInt8(ascii: "=")]
        default: throw .predicateSyntax(at: at)
        }
    }
}
