import Platform
import Reputation

/// Something that an operator did, before it stands in the log.
public struct AuditEntry: Sendable, Equatable {
    /// When, in seconds since 1970.
    public let time: Int64
    /// Which operator.
    public let by: String
    /// What he did, such as `ban.add`.
    public let action: String
    /// What it was about: names and values, none of them secret.
    public let about: [String: String]

    /// Creates an entry from its fields.
    public init(time: Int64, by: String, action: String, about: [String: String] = [:]) {
        self.time = time
        self.by = by
        self.action = action
        self.about = about
    }
}

/// A row of the audit log. Its hash covers its document and the hash before, so no row is changed, taken out or put in between without all
/// hashes behind it being others.
public struct AuditRow: Sendable, Equatable {
    /// From 1 on, without gaps.
    public let number: Int
    /// Number, time, operator, action and what it was about, as canonical JSON.
    public let document: [UInt8]
    /// SHA-256 over the hash before and the document, 32 bytes.
    public let hash: [UInt8]

    /// A row as it was kept.
    public init(number: Int, document: [UInt8], hash: [UInt8]) {
        self.number = number
        self.document = document
        self.hash = hash
    }

    /// The row after another, or the first. `extra`: what is known of it only once it is done, such as a number.
    package init(_ entry: AuditEntry, after last: AuditRow?, extra: [String: String] = [:]) {
        number = (last?.number ?? 0) + 1
        let about = entry.about.merging(extra) { $1 }.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .text($0.value)) }
        document = JSON.object([
            .init("number", .integer(Int64(number))), .init("time", .integer(entry.time)), .init("by", .text(entry.by)),
            .init("action", .text(entry.action)), .init("about", .object(about)),
        ]).encoded()
        hash = AuditRow.hash(document, after: last?.hash)
    }

    /// The hash that stands before the first row's.
    private static let start = [UInt8](repeating: 0, count: 32)

    static func hash(_ document: [UInt8], after last: [UInt8]?) -> [UInt8] {
        SHA256.hash(Array("SYMBOLON-V01-audit-row".utf8) + (last ?? start) + document)
    }

    /// What it says.
    public func entry() throws(JSONError) -> AuditEntry {
        var object = try JSONObject(JSON(parsing: document))
        _ = try object.integer("number", in: Int64(number)...Int64(number))
        let (time, by) = (try object.integer("time"), try object.text("by", atMost: 256))
        let action = try object.text("action", atMost: 256)
        guard case .object(let members) = try object.take("about") else { throw .wrongValue(Array("about".utf8)) }
        try object.finish()
        let about = members.map { (String(decoding: $0.name, as: UTF8.self), $0.value.text ?? "") }
        return AuditEntry(
            time: time, by: String(decoding: by, as: UTF8.self), action: String(decoding: action, as: UTF8.self),
            about: Dictionary(about) { first, _ in first })
    }
}

/// Recomputes the audit log row by row.
public struct AuditCheck: Sendable {
    /// Why the log does not hold.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The row of this number is not there, or is another than was logged.
        case row(Int)
        /// It ends before a row that is known, or has another there.
        case head(Int)

        /// Stable name of the check that failed.
        public var code: String {
            switch self {
            case .row: "audit-row"
            case .head: "audit-head"
            }
        }

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .row(let number): "row \(number) of the audit log is missing or was changed"
            case .head(let number): "the audit log ends before row \(number), or has another one there"
            }
        }
    }

    /// A row that somebody noted: its number and its hash.
    public struct Head: Sendable, Equatable {
        /// Its number.
        public let number: Int
        /// Its hash, 32 bytes.
        public let hash: [UInt8]

        /// From `NUMBER:HEX`; nil for other text.
        public init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let number = Int(parts[0]), number >= 1, let hash = try? Hex.decode(Array(parts[1].utf8)),
                hash.count == 32
            else { return nil }
            (self.number, self.hash) = (number, hash)
        }

        /// Of a row.
        public init(_ row: AuditRow) { (number, hash) = (row.number, row.hash) }

        /// `NUMBER:HEX`.
        public var text: String { "\(number):\(Hex.text(hash))" }
    }

    private let expected: Head?
    private var last: AuditRow?
    private var isMet: Bool

    /// - Parameter expected: a row that must be there.
    public init(expecting expected: Head? = nil) {
        self.expected = expected
        isMet = expected == nil
    }

    /// Checks the next row.
    ///
    /// - Throws: ``Failure``.
    public mutating func add(_ row: AuditRow) throws(Failure) {
        let number = (last?.number ?? 0) + 1
        guard row.number == number, row.hash == AuditRow.hash(row.document, after: last?.hash), (try? row.entry()) != nil else {
            throw .row(number)
        }
        if let expected, expected.number == number {
            guard expected.hash == row.hash else { throw .head(number) }
            isMet = true
        }
        last = row
    }

    /// The newest row, once all were added.
    ///
    /// - Throws: ``Failure/head(_:)`` when the row that must be there was not.
    public func finish() throws(Failure) -> Head? {
        guard isMet else { throw .head(expected?.number ?? 0) }
        return last.map { Head($0) }
    }

    /// Checks all rows of a store.
    ///
    /// - Throws: ``Failure``; `StoreError`.
    public static func run(_ store: any ModerationStore, expecting expected: Head? = nil) async throws -> Head? {
        var check = AuditCheck(expecting: expected)
        var number = 0
        while true {
            let rows = try await store.auditRows(after: number, limit: 1000)
            for row in rows { try check.add(row) }
            guard let row = rows.last else { return try check.finish() }
            number = row.number
        }
    }
}
