/// A table of comma-separated values as RFC 4180 has it: a header row, quoted fields with doubled quotes, lines ending in LF or CR LF.
public struct CSV: Equatable, Sendable {
    /// Why a text is no such table; lines count from 1.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// Not UTF-8.
        case notText
        /// There is no header row.
        case empty
        /// A column's name stands twice in the header.
        case repeatedColumn(String)
        /// A row has another number of fields than the header.
        case fieldCount(line: Int)
        /// A quote that is not closed, or text after a closing quote.
        case quote(line: Int)

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .notText: "the file is not UTF-8 text"
            case .empty: "the file has no header row"
            case .repeatedColumn(let name): "column \"\(name)\" stands twice in the header"
            case .fieldCount(let line): "line \(line) has another number of fields than the header"
            case .quote(let line): "line \(line) has a quote that is not closed or text behind one"
            }
        }
    }

    /// Names of the columns.
    public let header: [String]
    /// The rows behind the header, each with as many fields as it.
    public let rows: [[String]]

    /// Reads a table; empty lines at the end are ignored.
    public init(parsing bytes: [UInt8]) throws(Failure) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
        var reader = Reader(scalars: Array(text.unicodeScalars))
        var records: [(line: Int, fields: [String])] = []
        while let record = try reader.record() { records.append(record) }
        while let last = records.last, last.fields == [""] { records.removeLast() }
        guard let first = records.first else { throw .empty }
        var seen: Set<String> = []
        for name in first.fields where !seen.insert(name).inserted { throw .repeatedColumn(name) }
        for record in records where record.fields.count != first.fields.count { throw .fieldCount(line: record.line) }
        header = first.fields
        rows = records.dropFirst().map(\.fields)
    }

    private struct Reader {
        let scalars: [Unicode.Scalar]
        var at = 0
        var line = 1

        /// The next row, or nil at the end.
        mutating func record() throws(Failure) -> (line: Int, fields: [String])? {
            guard at < scalars.count else { return nil }
            let start = line
            var fields: [String] = []
            while true {
                fields.append(try field())
                if at < scalars.count, scalars[at] == "," {
                    at += 1
                    continue
                }
                if at < scalars.count, scalars[at] == "\r" { at += 1 }
                guard at >= scalars.count || scalars[at] == "\n" else { throw .quote(line: line) }
                at += 1
                line += 1
                return (start, fields)
            }
        }

        private mutating func field() throws(Failure) -> String {
            var value = String.UnicodeScalarView()
            guard at < scalars.count, scalars[at] == "\"" else {
                while at < scalars.count, scalars[at] != ",", scalars[at] != "\n", !isLineEnd(at) {
                    guard scalars[at] != "\"" else { throw .quote(line: line) }
                    value.append(scalars[at])
                    at += 1
                }
                return String(value)
            }
            let opened = line
            at += 1
            while at < scalars.count {
                if scalars[at] == "\"" {
                    at += 1
                    guard at < scalars.count, scalars[at] == "\"" else { return String(value) }
                }
                if scalars[at] == "\n" { line += 1 }
                value.append(scalars[at])
                at += 1
            }
            throw .quote(line: opened)
        }

        private func isLineEnd(_ index: Int) -> Bool {
            scalars[index] == "\r" && (index + 1 >= scalars.count || scalars[index + 1] == "\n")
        }
    }
}
