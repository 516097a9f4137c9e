extension JSON {
    /// The value as text, the same for the same value: members in their order, without white space, or indented by two spaces.
    public func encoded(pretty: Bool = false) -> [UInt8] {
        var out: [UInt8] = []
        write(to: &out, pretty ? 0 : nil)
        return out
    }

    private func write(to out: inout [UInt8], _ indent: Int?) {
        switch self {
        case .null: out += Array("null".utf8)
        case .bool(let value): out += Array((value ? "true" : "false").utf8)
        case .integer(let value): out += decimal(value)
        case .string(let bytes): JSON.quote(bytes, to: &out)
        case .array(let elements):
            JSON.list(elements.count, (UInt8(ascii: "["), UInt8(ascii: "]")), to: &out, indent) { i, out, inner in
                elements[i].write(to: &out, inner)
            }
        case .object(let members):
            JSON.list(members.count, (UInt8(ascii: "{"), UInt8(ascii: "}")), to: &out, indent) { i, out, inner in
                JSON.quote(members[i].name, to: &out)
                out.append(UInt8(ascii: ":"))
                if inner != nil { out.append(0x20) }
                members[i].value.write(to: &out, inner)
            }
        }
    }

    private static func list(
        _ count: Int, _ brackets: (UInt8, UInt8), to out: inout [UInt8], _ indent: Int?, _ element: (Int, inout [UInt8], Int?) -> Void
    ) {
        func newLine(_ out: inout [UInt8], _ depth: Int?) {
            guard let depth else { return }
            out.append(0x0a)
            out += [UInt8](repeating: 0x20, count: 2 * depth)
        }
        let inner = indent.map { $0 + 1 }
        out.append(brackets.0)
        for i in 0..<count {
            if i > 0 { out.append(UInt8(ascii: ",")) }
            newLine(&out, inner)
            element(i, &out, inner)
        }
        if count > 0 { newLine(&out, indent) }
        out.append(brackets.1)
    }

    private static func quote(_ bytes: [UInt8], to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case 0x0a: out += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0d: out += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: out += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20: out += Array("\\u00".utf8) + Hex.encode([byte])
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}

/// Decimal digits of an integer.
func decimal(_ value: Int64) -> [UInt8] {
    var digits: [UInt8] = []
    var rest = value.magnitude
    repeat {
        digits.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
        rest /= 10
    } while rest > 0
    if value < 0 { digits.append(UInt8(ascii: "-")) }
    digits.reverse()
    return digits
}
