/// The parts of a form with a file (multipart/form-data, RFC 7578), by name, as far as this service's own pages send them.
package struct Multipart: Sendable, Equatable {
    private var parts: [String: [UInt8]] = [:]

    static let greatestCount = 8

    /// From a body and its content type; nil for anything that is not a complete form, or has a part twice.
    package init?(_ body: [UInt8], contentType: String?) {
        guard let boundary = contentType.flatMap(Multipart.boundary) else { return nil }
        let (delimiter, lineEnd) = (Array("--\(boundary)".utf8), Array("\r\n".utf8))
        guard body.starts(with: delimiter) else { return nil }
        var rest = body[delimiter.count...]
        while !rest.starts(with: "--".utf8) {
            guard rest.starts(with: lineEnd), parts.count < Multipart.greatestCount else { return nil }
            rest = rest.dropFirst(2)
            guard let head = Multipart.place(of: Array("\r\n\r\n".utf8), in: rest),
                let end = Multipart.place(of: lineEnd + delimiter, in: rest[(head + 2)...]), end >= head + 4,
                let name = Multipart.name(in: rest[rest.startIndex..<head]), parts[name] == nil
            else { return nil }
            parts[name] = Array(rest[(head + 4)..<end])
            rest = rest[(end + 2 + delimiter.count)...]
        }
    }

    package subscript(_ name: String) -> [UInt8]? { parts[name] }

    private static func boundary(_ contentType: String) -> String? {
        let fields = contentType.split(separator: ";").map { $0.drop { $0 == " " } }
        guard fields.first?.lowercased() == "multipart/form-data" else { return nil }
        guard let field = fields.dropFirst().first(where: { $0.lowercased().hasPrefix("boundary=") }) else { return nil }
        var value = field.dropFirst("boundary=".count)
        if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
        return (1...70).contains(value.utf8.count) ? String(value) : nil
    }

    /// The name that a part's header lines give it.
    private static func name(in head: ArraySlice<UInt8>) -> String? {
        for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n") where line.lowercased().hasPrefix("content-disposition:")
        {
            for field in line.split(separator: ";") {
                let field = field.drop { $0 == " " }
                if field.hasPrefix("name=\""), field.hasSuffix("\""), field.count > 7 { return String(field.dropFirst(6).dropLast()) }
            }
        }
        return nil
    }

    /// Where some bytes first occur: each place is looked at once, and compared no longer than they are.
    private static func place(of bytes: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        var at = text.startIndex
        while text.endIndex - at >= bytes.count {
            if text[at] == bytes[0], text[at..<(at + bytes.count)].elementsEqual(bytes) { return at }
            at += 1
        }
        return nil
    }
}
