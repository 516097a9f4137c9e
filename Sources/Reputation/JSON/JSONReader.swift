extension JSON {
    /// What a reader takes at most: all work is linear in the size.
    public struct Limits: Sendable {
        /// Bytes of the whole text.
        public var bytes: Int
        /// Arrays and objects within each other.
        public var depth: Int
        /// Members of one object; each new name is compared with all before it.
        public var members: Int

        /// Limits of one's own.
        public init(bytes: Int, depth: Int = 16, members: Int = 256) {
            self.bytes = bytes
            self.depth = depth
            self.members = members
        }

        /// 1 MiB, 16 levels.
        public static let standard = Limits(bytes: 1 << 20)
    }

    /// Reads exactly one value (RFC 8259) with white space around it.
    ///
    /// Stricter than the RFC: no duplicate members, integers of 64 bits only (1.0, 1e3 and -0 are errors), no byte order mark,
    /// surrogate escapes only in pairs.
    @export(interface)
    public init(parsing bytes: [UInt8], limits: Limits = .standard) throws(JSONError) {
        if bytes.count > limits.bytes { throw .malformed(.size, at: limits.bytes) }
        var reader = JSONReader(bytes: bytes, limits: limits)
        self = try reader.value(depth: 0)
        reader.skipSpace()
        if reader.at < bytes.count { throw .malformed(.trailing, at: reader.at) }
    }
}

/// Recursive descent over bytes; recursion is bounded by the depth limit.
struct JSONReader {
    let bytes: [UInt8]
    let limits: JSON.Limits
    var at = 0

    init(bytes: [UInt8], limits: JSON.Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0a || bytes[at] == 0x0d || bytes[at] == 0x09 { at += 1 }
    }

    func peek() throws(JSONError) -> UInt8 {
        guard at < bytes.count else { throw .malformed(.end, at: at) }
        return bytes[at]
    }

    mutating func expect(_ byte: UInt8) throws(JSONError) {
        if try peek() != byte { throw .malformed(.syntax, at: at) }
        at += 1
    }

    mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for i in 0..<text.utf8CodeUnitCount { try expect(text.utf8Start[i]) }
        return value
    }

    mutating func value(depth: Int) throws(JSONError) -> JSON {
        skipSpace()
        switch try peek() {
        case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .integer(try integer())
        default: throw .malformed(.syntax, at: at)
        }
    }

    mutating func enter(_ open: UInt8, _ depth: Int) throws(JSONError) {
        if depth > limits.depth { throw .malformed(.depth, at: at) }
        try expect(open)
        skipSpace()
    }

    /// After an element: true when a comma announces another one, false when the bracket closes.
    mutating func another(_ close: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        if try peek() == close {
            at += 1
            return false
        }
        try expect(UInt8(ascii: ","))
        return true
    }

    mutating func elements(depth: Int) throws(JSONError) -> [JSON] {
        try enter(UInt8(ascii: "["), depth)
        var out: [JSON] = []
        if try peek() == UInt8(ascii: "]") {
            at += 1
            return out
        }
        repeat { out.append(try value(depth: depth)) } while try another(UInt8(ascii: "]"))
        return out
    }

    mutating func members(depth: Int) throws(JSONError) -> [JSON.Member] {
        try enter(UInt8(ascii: "{"), depth)
        var out: [JSON.Member] = []
        if try peek() == UInt8(ascii: "}") {
            at += 1
            return out
        }
        repeat {
            skipSpace()
            let start = at
            if out.count == limits.members { throw .malformed(.members, at: start) }
            if try peek() != UInt8(ascii: "\"") { throw .malformed(.syntax, at: at) }
            let name = try string()
            for member in out where member.name == name { throw .malformed(.duplicateMember, at: start) }
            skipSpace()
            try expect(UInt8(ascii: ":"))
            out.append(JSON.Member(name, try value(depth: depth)))
        } while try another(UInt8(ascii: "}"))
        return out
    }

    mutating func integer() throws(JSONError) -> Int64 {
        let start = at
        let negative = bytes[at] == UInt8(ascii: "-")
        if negative { at += 1 }
        let first = at
        var value: Int64 = 0
        while at < bytes.count, case let digit = bytes[at] &- UInt8(ascii: "0"), digit < 10 {
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, more) = negative ? tens.subtractingReportingOverflow(Int64(digit)) : tens.addingReportingOverflow(Int64(digit))
            if over || more || (at > first && bytes[first] == UInt8(ascii: "0")) { throw .malformed(.number, at: start) }
            value = sum
            at += 1
        }
        if at == first || (negative && value == 0) { throw .malformed(.number, at: start) }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") || bytes[at] | 0x20 == UInt8(ascii: "e") {
            throw .malformed(.number, at: start)
        }
        return value
    }

    mutating func string() throws(JSONError) -> [UInt8] {
        try expect(UInt8(ascii: "\""))
        var out: [UInt8] = []
        while true {
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return out
            case UInt8(ascii: "\\"): try escape(into: &out)
            case 0..<0x20: throw .malformed(.control, at: at)
            case 0x20..<0x80:
                out.append(byte)
                at += 1
            default:
                let count = utf8Sequence(bytes, at)
                if count == 0 { throw .malformed(.utf8, at: at) }
                out.append(contentsOf: bytes[at..<at + count])
                at += count
            }
        }
    }

    mutating func escape(into out: inout [UInt8]) throws(JSONError) {
        let start = at
        at += 1
        let kind = try peek()
        at += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(kind)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0c)
        case UInt8(ascii: "n"): out.append(0x0a)
        case UInt8(ascii: "r"): out.append(0x0d)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try fourDigits()
            if scalar & 0xf800 == 0xd800 {
                // Only a high half followed by an escaped low half is a character.
                guard scalar < 0xdc00, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
                    throw .malformed(.escape, at: start)
                }
                at += 2
                let low = try fourDigits()
                if low & 0xfc00 != 0xdc00 { throw .malformed(.escape, at: start) }
                scalar = 0x10000 + (scalar & 0x3ff) << 10 + low & 0x3ff
            }
            appendUTF8(scalar, to: &out)
        default: throw .malformed(.escape, at: start)
        }
    }

    mutating func fourDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Hex.digit(try peek(), upperCase: true) else { throw .malformed(.escape, at: at) }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }
}

/// Bytes of the well-formed UTF-8 sequence of more than one byte that starts there (Unicode 15, table 3-7), 0 when there is none.
func utf8Sequence(_ bytes: [UInt8], _ at: Int) -> Int {
    func inside(_ offset: Int, _ range: ClosedRange<UInt8>) -> Bool { at + offset < bytes.count && range.contains(bytes[at + offset]) }
    let tail: ClosedRange<UInt8> = 0x80...0xbf
    switch bytes[at] {
    case 0xc2...0xdf: return inside(1, tail) ? 2 : 0
    case 0xe0: return inside(1, 0xa0...0xbf) && inside(2, tail) ? 3 : 0
    case 0xed: return inside(1, 0x80...0x9f) && inside(2, tail) ? 3 : 0
    case 0xe1...0xef: return inside(1, tail) && inside(2, tail) ? 3 : 0
    case 0xf0: return inside(1, 0x90...0xbf) && inside(2, tail) && inside(3, tail) ? 4 : 0
    case 0xf1...0xf3: return inside(1, tail) && inside(2, tail) && inside(3, tail) ? 4 : 0
    case 0xf4: return inside(1, 0x80...0x8f) && inside(2, tail) && inside(3, tail) ? 4 : 0
    default: return 0
    }
}

private func appendUTF8(_ scalar: UInt32, to out: inout [UInt8]) {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | scalar >> shift & 0x3f) }
    switch scalar {
    case 0..<0x80: out.append(UInt8(scalar))
    case 0x80..<0x800: out += [UInt8(0xc0 | scalar >> 6), tail(0)]
    case 0x800..<0x10000: out += [UInt8(0xe0 | scalar >> 12), tail(6), tail(0)]
    default: out += [UInt8(0xf0 | scalar >> 18), tail(12), tail(6), tail(0)]
    }
}
