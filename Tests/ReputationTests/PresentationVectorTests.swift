import Curves
import Membership
import Reputation
import TestSupport
import Testing

/// Presentations made by the executable model, and their tampered twins (Tests/Vectors/presentations-v1.json; format: docs/protocol/case.py).
struct PresentationVectorTests {
    struct Case: Decodable {
        let depth: Int, gates: Int, root: String, attributes: Int, context: String
        let scopes: [String], disclosed: [Disclosed], predicates: [PredicateVector]
        let presentation: String, nullifiers: [String], valid: Bool, why: String?

        func claim() throws -> Presentation.Claim {
            let request = Request(
                attributes: attributes, context: try hex(context), scopes: try scopes.map { try hex($0) },
                disclosed: try disclosed.map { Request.Disclosed(index: $0.index, value: try Fn(encoded: hex($0.value)[...])) },
                predicates: predicates.map { $0.predicate })
            return Presentation.Claim(
                presentation: try hex(presentation), request: request, depth: depth,
                root: try TreeRoot(encoded: hex(root)[...], depth: depth))
        }
    }

    let cases: [Case]

    init() throws { cases = try TestVectors.decode(from: "presentations-v1.json") }

    @Test func everyVerdict() throws {
        var codes: [String: Set<String>] = [:]
        for one in cases {
            let (nullifiers, code) = outcome(try one.claim())
            let accepted = code == nil && nullifiers == one.nullifiers
            #expect(accepted == one.valid)
            if let code { codes[one.why ?? "", default: []].insert(code) }
        }
        #expect(cases.filter(\.valid).count == 7)
        #expect(codes["one byte longer"] == ["presentation-length"])
        #expect(codes["one byte shorter"] == ["presentation-length"])
        #expect(codes["bit flipped in the last response"] == ["relation-proof"])
        #expect(codes["other context"]?.isSubset(of: ["membership-proof"]) == true)
    }

    private func outcome(_ claim: Presentation.Claim) -> (nullifiers: [String], code: String?) {
        do throws(PresentationError) {
            return (try Presentation.verify([claim])[0].nullifiers.map { hex($0) }, nil)
        } catch {
            return ([], error.code)
        }
    }

    @Test func batchesOfDifferentTrees() throws {
        let valid = try cases.filter(\.valid).map { try $0.claim() }
        let verified = try Presentation.verify(valid)
        #expect(verified.map { $0.nullifiers.map { hex($0) } } == cases.filter(\.valid).map(\.nullifiers))
        #expect(try Presentation.verify([]).isEmpty)
        for why in ["bit flipped in an argument", "bit flipped in the last response", "other scope"] {
            for bad in cases where bad.why == why && bad.depth == 2 {
                #expect(throws: PresentationError.self) { try Presentation.verify(valid + [bad.claim()]) }
            }
        }
    }
}
