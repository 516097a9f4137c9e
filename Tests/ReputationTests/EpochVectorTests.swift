import Platform
import Reputation
import TestSupport
import Testing

/// Epochs as the executable model has them (docs/protocol/make_epoch_vectors.py): bytes, what renewals and top-ups prove, and a log of three
/// epochs, proofs and all, with everything that must not stand in it.
struct EpochVectorTests {
    struct File: Decodable {
        let community: CommunityVector
        let codes: [CodeVector]
        let forums: [String]
        let schemas: [[AttributeVector]]
        let amounts: [AmountsVector]
        let statements: [StatementVector]
        let renewals: [RenewalVector]
        let top_ups: [TopUpVector]
        let log: [String]
        let cases: [Case]
        let messages: [MessageVector]
    }
    struct CommunityVector: Decodable {
        let logKey: String, origin: String
        enum CodingKeys: String, CodingKey {
            case logKey = "log-key"
            case origin
        }
    }
    struct AttributeVector: Decodable { let name: String, kind: String, least: Int64, greatest: Int64 }
    struct CodeVector: Decodable { let bytes: String, hash: String, claim: String, top_up: String }
    struct AmountsVector: Decodable { let entry: String, counts: [[UInt32]], amounts: [Int64]? }
    struct StatementVector: Decodable {
        let rules: [RulesVector], left: UInt32, entered: UInt32, base: String, scopes: [String]?, request: String?
    }
    /// `[open renewals, [places of forums]]`.
    struct RulesVector: Decodable {
        let open: UInt32
        let forums: [Int]
        init(from decoder: Decoder) throws {
            var list = try decoder.unkeyedContainer()
            open = try list.decode(UInt32.self)
            forums = try list.decode([Int].self)
        }
    }
    struct RenewalVector: Decodable {
        let schema: Int, base: String, amounts: [Int64], disclosed: [ChangeVector], added: [ChangeVector]?, request: String?
    }
    struct TopUpVector: Decodable {
        let schema: Int, base: String, code: String, epoch: UInt32, deltas: [ChangeVector], disclosed: [ChangeVector]
        let added: [ChangeVector]?, request: String?
    }
    /// `[attribute, number]`.
    struct ChangeVector: Decodable {
        let change: AttributeChange
        init(from decoder: Decoder) throws {
            var list = try decoder.unkeyedContainer()
            change = AttributeChange(attribute: try list.decode(Int.self), value: try list.decode(Int64.self))
        }
    }
    struct Case: Decodable { let after: Int, entries: [EntryVector], rule: String, position: Int? }
    /// Bytes, or `[number, at, count, bytes]`: an entry of the log with `count` bytes from `at` on replaced.
    enum EntryVector: Decodable {
        case bytes(String)
        case changed(number: Int, at: Int, count: Int, bytes: String)
        init(from decoder: Decoder) throws {
            if let bytes = try? decoder.singleValueContainer().decode(String.self) {
                self = .bytes(bytes)
                return
            }
            var list = try decoder.unkeyedContainer()
            self = .changed(
                number: try list.decode(Int.self), at: try list.decode(Int.self), count: try list.decode(Int.self),
                bytes: try list.decode(String.self))
        }

        func entry(of log: [[UInt8]]) throws -> [UInt8] {
            switch self {
            case .bytes(let bytes): return try hex(bytes)
            case .changed(let number, let at, let count, let bytes):
                var entry = log[number]
                entry.replaceSubrange(at..<(at + count), with: try hex(bytes))
                return entry
            }
        }
    }
    struct MessageVector: Decodable { let entry: Int, message: String, receipt: String, time: Int64 }

    let file: File
    let community: Community
    let log: [[UInt8]]

    init() throws {
        file = try TestVectors.decode(from: "epochs-v1.json")
        community = try EpochVectorTests.community(file, schema: 0)
        log = try file.log.map { try hex($0) }
    }

    private static func community(_ file: File, schema: Int) throws -> Community {
        let kinds: [String: Attribute.Kind] = ["fixed": .fixed, "growing": .growing, "feedback": .feedback]
        let attributes = try file.schemas[schema].map {
            try Attribute(name: [UInt8](text: $0.name), kind: #require(kinds[$0.kind]), least: $0.least, greatest: $0.greatest)
        }
        return try Community(
            logKey: hex(file.community.logKey), origin: [UInt8](text: file.community.origin), schema: Schema(attributes))
    }

    @Test func codes() throws {
        for vector in file.codes {
            let claim = try ClaimCode(parsing: vector.claim)
            let topUp = try TopUpCode(parsing: vector.top_up)
            #expect(hex(claim.bytes) == vector.bytes && hex(topUp.bytes) == vector.bytes)
            #expect(claim.text == vector.claim && topUp.text == vector.top_up)
            #expect(claim.hash.hex == vector.hash && topUp.hash.hex == vector.hash)
            #expect(throws: BearerCodeError.otherKind) { try TopUpCode(parsing: vector.claim) }
        }
        #expect(file.codes.count == 4)
    }

    @Test("Rules of epochs, and what reports come to by them")
    func amounts() throws {
        for vector in file.amounts {
            let entry = try LogEntry(encoded: hex(vector.entry))
            guard case .rules(_, let rules) = entry else {
                Issue.record("no rules")
                continue
            }
            #expect(hex(entry.encoded) == vector.entry && rules.fits(community.schema))
            let counts = vector.counts.map { SettledFeedback.Count(reason: $0[0], raised: $0[1], lowered: $0[2]) }
            #expect(rules.amounts(of: counts, schema: community.schema) == vector.amounts)
        }
        #expect(file.amounts.contains { $0.amounts != nil } && file.amounts.contains { $0.amounts == nil })
    }

    @Test("Which accounts a renewal shows, and what it is bound to")
    func statements() throws {
        for vector in file.statements {
            let rules = try vector.rules.map { rules in
                try EpochRules(
                    minimumRenewals: 1, openRenewals: rules.open, forums: rules.forums.map { try Digest(hex: file.forums[$0]) },
                    reasons: [], caps: [])
            }
            let statement = RenewalStatement(community: community, from: vector.left, to: vector.entered) { rules[Int($0) - 1] }
            #expect(statement?.scopes.map { hex($0.encoded) } == vector.scopes)
            guard let statement else { continue }
            let nothing = try statement.addition(raw: [0, 0, 0, 0, 0], disclosed: [])
            #expect(hex(try statement.request(base: hex(vector.base), nothing).encoded) == vector.request)
        }
        #expect(file.statements.contains { ($0.scopes?.count ?? 0) > 4 } && file.statements.contains { $0.scopes == nil })
    }

    @Test("What is added by renewal and by top-up, and the predicates that there is room")
    func additions() throws {
        let communities = try file.schemas.indices.map { try EpochVectorTests.community(file, schema: $0) }
        for vector in file.renewals {
            let statement = try #require(RenewalStatement(community: communities[vector.schema], from: 1, to: 2) { _ in .none })
            let addition = try? statement.addition(raw: vector.amounts, disclosed: vector.disclosed.map(\.change))
            #expect(addition?.deltas == vector.added?.map(\.change))
            if let addition { #expect(hex(try statement.request(base: hex(vector.base), addition).encoded) == vector.request) }
        }
        for vector in file.top_ups {
            let statement = TopUpStatement(
                community: communities[vector.schema], epoch: vector.epoch, codeHash: try Digest(hex: vector.code))
            let addition = statement.addition(
                of: LeafDerivation(
                    disclosed: vector.disclosed.map(\.change), deltas: vector.deltas.map(\.change), shift: [], presentation: [], leaf: []))
            #expect(addition?.deltas == vector.added?.map(\.change))
            if let addition { #expect(hex(try statement.request(base: hex(vector.base), addition).encoded) == vector.request) }
        }
        for verdicts in [file.renewals.map { $0.added == nil }, file.top_ups.map { $0.added == nil }] {
            #expect(verdicts.contains(true) && verdicts.contains(false))
        }
    }

    /// The audit's replay after each number of the model's entries.
    private func states() throws -> [LogReplay] {
        var replay = LogReplay(community: community, depth: .issuance)
        var states = [replay]
        for entry in log {
            #expect(try LogEntry(encoded: entry).encoded == entry)
            try replay.apply(entry)
            states.append(replay)
        }
        return states
    }

    @Test("The model's log holds, with its renewals and top-ups; whatever breaks a rule is found where it stands")
    func verdicts() throws {
        let states = try states()
        let last = try #require(states.last)
        #expect(last.isComplete && last.epochs.current == 3 && last.appended == 14 && last.renewed == 6 && last.toppedUp == 3)
        var rules: Set<String> = []
        for one in file.cases {
            var replay = states[one.after]
            var (rule, position): (String, Int?) = ("", nil)
            do {
                for entry in one.entries { try replay.apply(entry.entry(of: log)) }
            } catch let violation as LogViolation {
                (rule, position) = (name(violation.rule), violation.position)
            }
            #expect(rule == one.rule && position == one.position, "after \(one.after): \(one.entries)")
            rules.insert(rule)
        }
        #expect(rules.count == 29)
    }

    /// The model's names of rules: it does not tell apart how a format, a proof of issuance or a presentation is wrong.
    private func name(_ rule: LogViolation.Rule) -> String {
        switch rule {
        case .format: "format"
        case .issuance: "issuance"
        case .presentation: "presentation"
        default: rule.code
        }
    }

    @Test("What the model's members send leads to the entries of its log, and the receipts are the model's")
    func messages() throws {
        let states = try states()
        let key = Ed25519SigningKey()
        for vector in file.messages {
            let (replay, entry) = (states[vector.entry], try LogEntry(encoded: log[vector.entry]))
            let json = try JSON(parsing: [UInt8](text: vector.message))
            switch entry {
            case .renewed(let renewed):
                let message = try RenewalMessage(json: json)
                let checked = try message.check(community, replay.epochs)
                #expect(checked.leads(from: try Presentation.verify([checked.claim])[0]))
                #expect(message.entry(checked, index: renewed.index) == renewed)
                let receipt = RenewalReceipt(
                    community: community.id, message: message, checked: checked, time: vector.time, signedBy: key)
                #expect(hex(receipt.signedBytes) == vector.receipt)
            case .toppedUp(let toppedUp):
                let message = try TopUpMessage(json: json)
                let checked = try message.check(community, amounts: [5, 0, 0, 0, 0], tree: #require(replay.batch))
                #expect(checked.leads(from: try Presentation.verify([checked.claim])[0]))
                #expect(message.entry(checked, index: toppedUp.index) == toppedUp)
                let receipt = TopUpReceipt(
                    community: community.id, message: message, checked: checked, time: vector.time, promisedBy: vector.time + 60,
                    signedBy: key)
                #expect(hex(receipt.signedBytes) == vector.receipt)
            default: Issue.record("no message leads to this entry")
            }
        }
        #expect(file.messages.count == 7)
    }
}
