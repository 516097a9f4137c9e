import Reputation

/// What members are to be given beyond what they were admitted with, as the operator brings it: from a table, one row a person.
public enum TopUpImport {
    /// A person and what is added to each attribute of the schema.
    public struct Grant: Sendable, Equatable {
        /// Whom the row is about, as when he was imported.
        public let person: String
        /// In the schema's order.
        public let amounts: [Int64]

        /// Creates a grant.
        public init(person: String, amounts: [Int64]) {
            self.person = person
            self.amounts = amounts
        }
    }

    /// Why a table cannot be taken over; rows count from 1 behind the header.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The column that names the person is not in the table.
        case missingColumn(String)
        /// No column is one of a growing attribute.
        case noAmounts
        /// A column is one of an attribute that does not grow.
        case notGrowing(String)
        /// A cell is not an integer from 0 to as much as the attribute's domain is wide.
        case value(row: Int, column: String)
        /// Two rows are about one person, or a row names none.
        case person(row: Int)
        /// One of the persons has no claim code, or is revoked.
        case unknownPerson
        /// One of the persons was given something under this label already.
        case alreadyGiven
        /// The epoch's tree holds fewer leaves than there could be.
        case tooMany(capacity: Int)

        /// What is wrong, for people.
        public var description: String {
            switch self {
            case .missingColumn(let name): "the table has no column \"\(name)\""
            case .noAmounts: "no column of the table is a growing attribute of the schema"
            case .notGrowing(let name): "\"\(name)\" is no growing attribute: codes add to those alone; take the column out"
            case .value(let row, let column): "row \(row): what is added to \"\(column)\" is not an integer that the schema allows"
            case .person(let row): "row \(row): no person is named, or one that another row is about"
            case .unknownPerson: "one of these persons has no claim code, or is revoked; no code was made"
            case .alreadyGiven: "one of these persons was given something under this label already; no code was made"
            case .tooMany(let capacity): "the tree holds \(capacity) leaves, and each top-up takes one more; no code was made"
            }
        }
    }

    /// Reads the grants of a table. Columns of growing attributes hold what is to be added, an empty cell nothing; columns that the schema does
    /// not have are ignored, and so are rows that add nothing.
    public static func grants(of table: CSV, schema: Schema, personColumn: String) throws(Failure) -> [Grant] {
        guard let personIndex = table.header.firstIndex(of: personColumn) else { throw .missingColumn(personColumn) }
        var columns: [(attribute: Attribute, place: Int, index: Int)] = []
        for (place, attribute) in schema.attributes.enumerated() {
            guard let index = table.header.firstIndex(of: attribute.nameText), index != personIndex else { continue }
            guard attribute.kind == .growing else { throw .notGrowing(attribute.nameText) }
            columns.append((attribute, place, index))
        }
        guard !columns.isEmpty else { throw .noAmounts }
        var seen: Set<String> = []
        var grants: [Grant] = []
        for (at, row) in table.rows.enumerated() {
            let person = row[personIndex]
            guard !person.isEmpty, seen.insert(person).inserted else { throw .person(row: at + 1) }
            var amounts = [Int64](repeating: 0, count: schema.count)
            for (attribute, place, index) in columns where !row[index].isEmpty {
                let width = attribute.domain.upperBound - attribute.domain.lowerBound
                guard let amount = Int64(row[index]), (0...width).contains(amount) else {
                    throw .value(row: at + 1, column: attribute.nameText)
                }
                amounts[place] = amount
            }
            if TopUpOffer.isValid(amounts, schema) { grants.append(Grant(person: person, amounts: amounts)) }
        }
        return grants
    }

    /// Makes a top-up code for each grant and keeps the codes' hashes. The codes themselves are returned and kept nowhere.
    ///
    /// - Parameters:
    ///   - label: what they are for; each person has one code under a label, so a table that is imported twice gives nobody twice.
    ///   - capacity: leaves that the tree of the epoch holds.
    /// - Throws: ``Failure``; `StoreError`.
    public static func makeCodes(
        for grants: [Grant], label: String, community: Digest, capacity: Int, store: any Store
    ) async throws -> [(person: String, code: TopUpCode)] {
        guard grants.count <= (try await store.counts(community: community.bytes)).room(in: capacity) else {
            throw Failure.tooMany(capacity: capacity)
        }
        let codes = grants.map { ($0.person, TopUpCode()) }
        let records = zip(grants, codes).map { grant, code in
            TopUpCodeRecord(hash: code.1.hash.bytes, person: grant.person, label: label, amounts: grant.amounts)
        }
        do {
            try await store.addTopUpCodes(records, community: community.bytes)
        } catch {
            switch error {
            case .exists: throw Failure.alreadyGiven
            case .conflict: throw Failure.unknownPerson
            case .unavailable, .newer: throw error
            }
        }
        return codes
    }
}
