import Reputation

/// Members of a community as its operator brings them: from a table, one row a person.
public enum MemberImport {
    /// A person and the values of the schema's attributes.
    public struct Member: Sendable, Equatable {
        /// Whom the row is about, in the operator's own words; unique in the community.
        public let person: String
        /// Values in the schema's order.
        public let values: [Int64]

        /// Creates a member.
        public init(person: String, values: [Int64]) {
            self.person = person
            self.values = values
        }
    }

    /// Why a table cannot be taken over; rows count from 1 behind the header.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// A column is not in the table.
        case missingColumn(String)
        /// A column that is not to be used is named.
        case unknownAttribute(String)
        /// A cell is not an integer within its attribute's domain.
        case value(row: Int, column: String)
        /// A cell is empty and no value was given for that.
        case emptyCell(row: Int, column: String)
        /// Two rows are about one person, or a row names none.
        case person(row: Int)
        /// The epoch's tree holds fewer members than there would be codes.
        case tooMany(capacity: Int)
        /// One of the persons has a code already.
        case alreadyImported

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .missingColumn(let name): "the table has no column \"\(name)\""
            case .unknownAttribute(let name): "the schema has no attribute \"\(name)\""
            case .value(let row, let column): "row \(row): the value of \"\(column)\" is not an integer that the schema allows"
            case .emptyCell(let row, let column): "row \(row): \"\(column)\" is empty; say what that means with --empty \(column)=VALUE"
            case .person(let row): "row \(row): no person is named, or one that another row is about"
            case .tooMany(let capacity): "the tree holds \(capacity) leaves, top-ups included; nothing was imported"
            case .alreadyImported: "one of these persons has a claim code already; nothing was imported"
            }
        }
    }

    /// Reads the members of a table. Columns that the schema does not have are ignored.
    ///
    /// - Parameters:
    ///   - personColumn: the column that names the person.
    ///   - whenEmpty: values that stand for empty cells, by attribute; for feedback also for a column that is not there.
    public static func members(
        of table: CSV, schema: Schema, personColumn: String, whenEmpty: [String: Int64] = [:]
    ) throws(Failure) -> [Member] {
        func column(_ name: String) throws(Failure) -> Int {
            guard let index = table.header.firstIndex(of: name) else { throw .missingColumn(name) }
            return index
        }
        for name in whenEmpty.keys where schema.index(of: Array(name.utf8)) == nil { throw .unknownAttribute(name) }
        let personIndex = try column(personColumn)
        var columns: [(attribute: Attribute, index: Int?)] = []
        for attribute in schema.attributes {
            // Feedback has no column: nobody has any before he acts.
            let isAbsent = attribute.kind == .feedback && !table.header.contains(attribute.nameText) && whenEmpty[attribute.nameText] != nil
            columns.append((attribute, isAbsent ? nil : try column(attribute.nameText)))
        }

        var seen: Set<String> = []
        var members: [Member] = []
        for (at, row) in table.rows.enumerated() {
            let person = row[personIndex]
            guard !person.isEmpty, seen.insert(person).inserted else { throw .person(row: at + 1) }
            var values: [Int64] = []
            for (attribute, index) in columns {
                let name = attribute.nameText
                let value: Int64
                if index.map({ row[$0].isEmpty }) ?? true {
                    guard let substitute = whenEmpty[name] else { throw .emptyCell(row: at + 1, column: name) }
                    value = substitute
                } else {
                    guard let index, let number = Int64(row[index]) else { throw .value(row: at + 1, column: name) }
                    value = number
                }
                guard attribute.domain.contains(value) else { throw .value(row: at + 1, column: name) }
                values.append(value)
            }
            members.append(Member(person: person, values: values))
        }
        return members
    }

    /// Makes a claim code for each member and keeps the codes' hashes. The codes themselves are returned and kept nowhere.
    ///
    /// Every code is a leaf to come: more codes than the tree holds would be promises that cannot be kept.
    ///
    /// - Parameter capacity: leaves that the tree of the epoch holds.
    /// - Throws: ``Failure/tooMany(capacity:)``, ``Failure/alreadyImported``; `StoreError`.
    public static func makeCodes(
        for members: [Member], community: Digest, capacity: Int, store: any Store
    ) async throws -> [(person: String, code: ClaimCode)] {
        guard members.count <= (try await store.counts(community: community.bytes)).room(in: capacity) else {
            throw Failure.tooMany(capacity: capacity)
        }
        let codes = members.map { ($0.person, ClaimCode()) }
        let records = zip(members, codes).map { member, code in
            ClaimCodeRecord(hash: code.1.hash.bytes, person: member.person, attributes: member.values)
        }
        do {
            try await store.addClaimCodes(records, community: community.bytes)
        } catch {
            if error == .exists { throw Failure.alreadyImported }
            throw error
        }
        return codes
    }
}
