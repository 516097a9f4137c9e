import Reputation

/// Parameters as a query or a form has them (application/x-www-form-urlencoded), none twice.
package struct Form: Sendable, Equatable {
    package enum Failure: Error, Equatable {
        /// Not of the form: stray percent signs, bytes that are not UTF-8, too much of it.
        case malformed
        /// A parameter twice, which OAuth forbids.
        case repeated
    }

    static let greatestCount = 64, greatestLength = 16_384

    private var values: [String: String] = [:]
    /// As they came, for passing on.
    private(set) var encoded: String = ""

    /// None.
    package init() {}

    package init(parsing text: some Collection<UInt8>) throws(Failure) {
        guard text.count <= Form.greatestLength else { throw .malformed }
        var count = 0
        for pair in text.split(separator: UInt8(ascii: "&")) {
            count += 1
            guard count <= Form.greatestCount else { throw .malformed }
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Form.decode(parts[0])
            guard values[name] == nil else { throw .repeated }
            values[name] = parts.count == 2 ? try Form.decode(parts[1]) : ""
        }
        encoded = String(decoding: text, as: UTF8.self)
    }

    /// The value of a parameter; nil when there is none, or it is empty, which OAuth takes for the same.
    package subscript(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// `%` with two digits and `+` for a space, into UTF-8.
    static func decode(_ text: some Collection<UInt8>) throws(Failure) -> String {
        var bytes: [UInt8] = []
        var rest = text.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard let high = digit(rest.next()), let low = digit(rest.next()) else { throw .malformed }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        return text
    }

    private static func digit(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): byte! - UInt8(ascii: "0")
        case .some(UInt8(ascii: "a")...UInt8(ascii: "f")): byte! - UInt8(ascii: "a") + 10
        case .some(UInt8(ascii: "A")...UInt8(ascii: "F")): byte! - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// An address with parameters added to its query; all but unreserved characters are escaped.
    package static func address(_ base: String, adding parameters: [(String, String)]) -> String {
        guard !parameters.isEmpty else { return base }
        return base + (base.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + query(parameters)
    }

    /// Parameters as a query or a form has them; all but unreserved characters are escaped.
    package static func query(_ parameters: [(String, String)]) -> String {
        parameters.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
    }

    private static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                out.append(byte)
            default: out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
