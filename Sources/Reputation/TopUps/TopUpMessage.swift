import Curves
import Proofs

/// What a member sends to redeem a top-up code. Sent again unchanged, or proved anew for the same leaf, until the answer is there.
public struct TopUpMessage: Equatable, Sendable {
    /// The bearer code.
    public let code: TopUpCode
    /// The current epoch.
    public let epoch: UInt32
    /// The new leaf's base and the proof, against the current root.
    public let derivation: DerivationMessage

    /// From its parts.
    public init(code: TopUpCode, epoch: UInt32, derivation: DerivationMessage) {
        self.code = code
        self.epoch = epoch
        self.derivation = derivation
    }

    /// From JSON: `{"version":1,"code","epoch","root","base","shift","disclosed":[[attribute,value]],"presentation"}`.
    @export(interface)
    public init(json: JSON) throws(TopUpError) {
        let text: [UInt8]
        do {
            var object = try JSONObject(json)
            try object.version(1)
            text = try object.text("code", atMost: BearerCodeText.greatestLength)
            epoch = try object.uint32("epoch")
            derivation = try DerivationMessage(&object)
            try object.finish()
        } catch {
            throw .json(error)
        }
        do { code = try TopUpCode(parsing: text) } catch { throw .code(error) }
    }

    /// The JSON form. Holds the code: whoever reads it can redeem it.
    public var json: JSON {
        .object(
            [.init("version", .integer(Int64(1))), .init("code", .text(code.text)), .init("epoch", .integer(epoch))]
                + derivation.members)
    }

    /// All checks but the proof. `amounts`: those of the code, for each attribute of the schema. `tree`: the newest batch. Throws `.epoch`,
    /// `.amounts`, `.disclosure`, `.root`, `.encoding`, `.leaf` or `.presentation`.
    public func check(_ community: Community, amounts: [Int64], tree: BatchEntry) throws(TopUpError) -> CheckedDerivation {
        guard epoch == tree.epoch else { throw .epoch }
        guard TopUpOffer.isValid(amounts, community.schema) else { throw .amounts }
        let statement = TopUpStatement(community: community, epoch: epoch, codeHash: code.hash)
        let addition = try statement.addition(amounts: amounts, disclosed: derivation.disclosed)
        let request = try statement.request(base: derivation.base, addition)
        do {
            return try derivation.check(addition, schema: community.schema, tree: tree, request: request)
        } catch .root {
            throw .root
        } catch .encoding {
            throw .encoding
        } catch {
            throw .leaf
        }
    }

    /// The log's entry for it.
    public func entry(_ checked: CheckedDerivation, index: UInt32) -> ToppedUpEntry {
        ToppedUpEntry(epoch: epoch, index: index, codeHash: code.hash, root: derivation.root, derivation: checked.derivation)
    }
}

/// What a top-up code adds, as the issuer tells who shows it.
public struct TopUpOffer: Equatable, Sendable {
    /// The community.
    public let community: Digest
    /// For each attribute of the schema.
    public let amounts: [Int64]

    /// From its parts.
    public init(community: Digest, amounts: [Int64]) {
        self.community = community
        self.amounts = amounts
    }

    /// Whether a code may add these amounts: something, to growing attributes alone, no more than from one end of the domain to the other.
    public static func isValid(_ amounts: [Int64], _ schema: Schema) -> Bool {
        guard amounts.count == schema.count, amounts.contains(where: { $0 != 0 }) else { return false }
        for (attribute, amount) in zip(schema.attributes, amounts) where amount != 0 {
            guard attribute.kind == .growing, amount > 0, amount <= attribute.domain.upperBound - attribute.domain.lowerBound else {
                return false
            }
        }
        return true
    }

    /// The question for it: `{"version":1,"code"}`.
    public static func question(_ code: TopUpCode) -> JSON {
        .object([.init("version", .integer(Int64(1))), .init("code", .text(code.text))])
    }

    /// The code that a question is about.
    public static func code(json: JSON) throws(TopUpError) -> TopUpCode {
        let text: [UInt8]
        do {
            var object = try JSONObject(json)
            try object.version(1)
            text = try object.text("code", atMost: BearerCodeText.greatestLength)
            try object.finish()
        } catch {
            throw .json(error)
        }
        do { return try TopUpCode(parsing: text) } catch { throw .code(error) }
    }

    /// From JSON: `{"version":1,"community","amounts":[...]}`.
    @export(interface)
    public init(json: JSON) throws(TopUpError) {
        do {
            var object = try JSONObject(json)
            try object.version(1)
            community = try object.digest("community")
            amounts = try object.integers("amounts", atMost: Schema.greatestCount)
            try object.finish()
        } catch {
            throw .json(error)
        }
    }

    /// The JSON form.
    public var json: JSON {
        .object([
            .init("version", .integer(Int64(1))), .init("community", .hex(community.bytes)),
            .init("amounts", .array(amounts.map { .integer($0) })),
        ])
    }
}

/// A leaf by top-up, with all that its audit needs: who audits verifies the presentation against the root, one that the epoch has had, and
/// recomputes the leaf.
public struct ToppedUpEntry: Equatable, Sendable {
    /// Epoch whose tree it goes to.
    public let epoch: UInt32
    /// Place in that tree.
    public let index: UInt32
    /// Hash of the top-up code.
    public let codeHash: Digest
    /// The root that was current when it was proved, 33 bytes.
    public let root: [UInt8]
    /// The new leaf, and how it comes from the old one.
    public let derivation: LeafDerivation

    /// From its parts.
    public init(epoch: UInt32, index: UInt32, codeHash: Digest, root: [UInt8], derivation: LeafDerivation) {
        self.epoch = epoch
        self.index = index
        self.codeHash = codeHash
        self.root = root
        self.derivation = derivation
    }

    /// The same in another place.
    public func with(index: UInt32) -> ToppedUpEntry {
        ToppedUpEntry(epoch: epoch, index: index, codeHash: codeHash, root: root, derivation: derivation)
    }

    var encoded: [UInt8] {
        littleEndian4(Int(truncatingIfNeeded: epoch)) + littleEndian4(Int(truncatingIfNeeded: index)) + codeHash.bytes + root
            + derivation.encoded
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        (epoch, index) = (try reader.uint32(), try reader.uint32())
        codeHash = try reader.digest()
        root = try reader.bytes(33)
        derivation = try LeafDerivation(&reader)
    }
}
