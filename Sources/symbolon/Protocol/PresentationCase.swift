import Curves
import Membership
import Proofs
import Reputation

/// A presentation with all that its verifier needs, in the JSON form of docs/protocol/case.py: what two implementations exchange to be
/// run against each other.
struct PresentationCase {
    var depth: Int64
    var widthQ: Int64
    var widthP: Int64
    var gates: Int64
    var root: [UInt8]
    var attributes: Int64
    var context: [UInt8]
    var scopes: [[UInt8]]
    /// Attribute index and encoded scalar; whether that is canonical is part of the verdict.
    var disclosed: [(index: Int64, value: [UInt8])]
    var predicates: [Predicate]
    var presentation: [UInt8]
    var nullifiers: [[UInt8]]
    var valid: Bool
    /// What was done to a case that is not valid.
    var why: String?
}

// MARK: - JSON

extension PresentationCase {
    /// Reads a file's value: one case or a list of them. Members that a case does not have are passed over, as the model does.
    static func list(_ json: JSON) throws(JSONError) -> [PresentationCase] {
        guard case .array(let values) = json else { return [try PresentationCase(json: json)] }
        var cases: [PresentationCase] = []
        for value in values { cases.append(try PresentationCase(json: value)) }
        return cases
    }

    init(json: JSON) throws(JSONError) {
        var object = try JSONObject(json)
        func wrong(_ name: String) -> JSONError { .wrongValue(Array(name.utf8)) }
        func hex(_ value: JSON, _ name: String) throws(JSONError) -> [UInt8] {
            guard case .string(let text) = value, let bytes = try? Hex.decode(text) else { throw wrong(name) }
            return bytes
        }
        func integer(_ value: JSON, _ name: String) throws(JSONError) -> Int64 {
            guard case .integer(let number) = value else { throw wrong(name) }
            return number
        }
        func list(_ value: JSON, _ name: String) throws(JSONError) -> [JSON] {
            guard case .array(let values) = value else { throw wrong(name) }
            return values
        }
        func pair(_ value: JSON, _ name: String) throws(JSONError) -> (JSON, JSON) {
            let parts = try list(value, name)
            guard parts.count == 2 else { throw wrong(name) }
            return (parts[0], parts[1])
        }
        depth = try object.integer("depth")
        widthQ = try object.integer("width_q")
        widthP = try object.integer("width_p")
        gates = try object.integer("gates")
        root = try hex(object.take("root"), "root")
        attributes = try object.integer("attributes")
        context = try hex(object.take("context"), "context")
        scopes = []
        for value in try list(object.take("scopes"), "scopes") { scopes.append(try hex(value, "scopes")) }
        disclosed = []
        for value in try list(object.take("disclosed"), "disclosed") {
            let (index, scalar) = try pair(value, "disclosed")
            disclosed.append((try integer(index, "disclosed"), try hex(scalar, "disclosed")))
        }
        predicates = []
        for value in try list(object.take("predicates"), "predicates") {
            var predicate = try JSONObject(value)
            var weights: [Predicate.Weight] = []
            for value in try list(predicate.take("weights"), "weights") {
                let (index, weight) = try pair(value, "weights")
                weights.append(.init(index: Int(try integer(index, "weights")), weight: try integer(weight, "weights")))
            }
            predicates.append(Predicate(weights: weights, bound: try predicate.integer("bound")))
        }
        presentation = try hex(object.take("presentation"), "presentation")
        nullifiers = []
        for value in try list(object.take("nullifiers"), "nullifiers") { nullifiers.append(try hex(value, "nullifiers")) }
        guard case .bool(let valid) = try object.take("valid") else { throw wrong("valid") }
        self.valid = valid
        why = object.takeIfPresent("why")?.text
    }

    var json: JSON {
        func hexes(_ values: [[UInt8]]) -> JSON { .array(values.map { .hex($0) }) }
        var members: [JSON.Member] = [
            .init("depth", .integer(depth)), .init("width_q", .integer(widthQ)), .init("width_p", .integer(widthP)),
            .init("gates", .integer(gates)), .init("root", .hex(root)), .init("attributes", .integer(attributes)),
            .init("context", .hex(context)), .init("scopes", hexes(scopes)),
            .init("disclosed", .array(disclosed.map { .array([.integer($0.index), .hex($0.value)]) })),
            .init(
                "predicates",
                .array(
                    predicates.map { predicate in
                        .object([
                            .init("weights", .array(predicate.weights.map { .array([.integer(Int64($0.index)), .integer($0.weight)]) })),
                            .init("bound", .integer(predicate.bound)),
                        ])
                    })),
            .init("presentation", .hex(presentation)), .init("nullifiers", hexes(nullifiers)), .init("valid", .bool(valid)),
        ]
        if let why { members.append(.init("why", .text(why))) }
        return .object(members)
    }
}

// MARK: - Verdict

extension PresentationCase {
    /// Whether the presentation holds and shows the stated nullifiers, and if not, which check it fails.
    ///
    /// The shape comes from the protocol, never from the case: one that states another is refused.
    func verdict() -> (holds: Bool, why: String) {
        guard widthQ == 120, widthP == 104, (1...4).contains(depth), predicates.count <= TreeShape.greatestPredicates,
            gates == Int64(gatesFor(depth: Int(depth), predicates: predicates.count))
        else { return (false, "shape") }
        guard let root = try? TreeRoot(encoded: root[...], depth: Int(depth)) else { return (false, "root-encoding") }
        var shown: [Request.Disclosed] = []
        for (index, value) in disclosed {
            guard let scalar = try? Fn(encoded: value[...]) else { return (false, "scalar-encoding") }
            shown.append(.init(index: Int(index), value: scalar))
        }
        let request = Request(attributes: Int(attributes), context: context, scopes: scopes, disclosed: shown, predicates: predicates)
        do throws(PresentationError) {
            let verified = try Presentation.verify(presentation, request, depth: Int(depth), root: root)
            return verified.nullifiers == nullifiers ? (true, "") : (false, "nullifiers")
        } catch {
            return (false, error.code)
        }
    }
}

// MARK: - Making one

extension PresentationCase {
    /// A fresh tree of random credentials and a presentation by one of them, of the same form as the model's `case.py make`.
    ///
    /// - Parameters:
    ///   - progress: called with the number of credentials made so far.
    /// - Throws: `ProofError` or `TreeError` for impossible numbers.
    static func make(depth: Int, leaves: Int, predicates count: Int, progress: (Int) -> Void) throws -> PresentationCase {
        let shape = try TreeShape(depth: depth, predicates: count)
        let chosen = Int.random(in: 0..<leaves)
        var holder: (secret: Fn, values: [Int64], blinding: Fn)?
        var points: [Affine<Secp256k1>] = []
        for leaf in 0..<leaves {
            let (secret, blinding) = (Fn.random(), Fn.random())
            let values = [Int64.random(in: 0..<5000), Int64.random(in: 0..<65_536), 20 + Int64(leaf)]
            guard let point = AttributeBases.credential(secret: secret, values: values, blinding: blinding) else {
                throw ProofError.invalidStatement
            }
            points.append(point)
            if leaf == chosen { holder = (secret, values, blinding) }
            progress(leaf + 1)
        }
        guard let holder else { throw ProofError.invalidStatement }
        var tree = CurveTree(shape: shape)
        try tree.append(points)

        let (a1, a2) = (holder.values[0], holder.values[1])
        func weights(_ pairs: (Int, Int64)...) -> [Predicate.Weight] { pairs.map { .init(index: $0.0, weight: $0.1) } }
        let forms = [
            (weights((1, 1)), max(0, a1 - 10)), (weights((1, -1)), -5000), (weights((1, 31), (2, -2)), 31 * a1 - 2 * a2 - 7),
            (weights((2, 1)), a2),
        ]
        let asked = (0..<count).map { Predicate(weights: forms[$0 % 4].0, bound: forms[$0 % 4].1 - Int64($0 / 4)) }
        let nobody = try Digest([UInt8](repeating: 0, count: 32))
        let context = Context(
            community: nobody, schema: nobody, epoch: 7, audience: nobody, nonce: Fn.random().encoded.suffix(16), expires: 1_800_000_000)
        let scopes: [Scope] = [
            .post(community: nobody, epoch: 7, audience: nobody, index: 2), .account(community: nobody, epoch: 7, audience: nobody),
        ]
        let request = Request(
            attributes: 4, context: try context.digest().bytes, scopes: scopes.map(\.encoded),
            disclosed: [.init(index: 3, value: Fn(signed: holder.values[2]))], predicates: asked)
        let proved = try Presentation.prove(
            request, attributes: [holder.secret] + holder.values.map { Fn(signed: $0) }, blinding: holder.blinding,
            path: tree.path(at: chosen))
        return PresentationCase(
            depth: Int64(depth), widthQ: Int64(shape.widthQ), widthP: Int64(shape.widthP), gates: Int64(shape.gates),
            root: tree.root.encoded, attributes: 4, context: request.context, scopes: request.scopes,
            disclosed: request.disclosed.map { (Int64($0.index), $0.value.encoded) }, predicates: asked, presentation: proved.bytes,
            nullifiers: [Array(proved.bytes[..<33]), Array(proved.bytes[33..<66])], valid: true)
    }
}
