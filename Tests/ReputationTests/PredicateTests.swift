import Reputation
import TestSupport
import Testing

struct PredicateTests {
    let schema: Schema

    init() throws { schema = try Fixture().schema }

    private func weights(_ pairs: (Int, Int64)...) -> [Predicate.Weight] { pairs.map { .init(index: $0.0, weight: $0.1) } }

    @Test func reading() throws {
        #expect(try Predicate(parsing: "votes >= 20", schema: schema) == Predicate(weights: weights((1, 1)), bound: 20))
        let sum = Predicate(weights: weights((1, 1), (2, 30)), bound: 100)
        for text in ["30*comments + votes >= 100", "votes+30 * comments>=100", "  votes + 30*comments  >=  100  "] {
            #expect(try Predicate(parsing: text, schema: schema) == sum)
        }
        #expect(
            try Predicate(parsing: "31*votes - 2*warnings >= -7", schema: schema)
                == Predicate(weights: weights((1, 31), (4, -2)), bound: -7))
        #expect(try Predicate(parsing: "warnings <= 2", schema: schema) == Predicate(weights: weights((4, -1)), bound: -2))
        #expect(try Predicate(parsing: "- warnings >= -2", schema: schema) == Predicate(weights: weights((4, -1)), bound: -2))
        #expect(
            try Predicate(parsing: "2*warnings - votes <= -5", schema: schema) == Predicate(weights: weights((1, 1), (4, -2)), bound: 5))
    }

    @Test(arguments: [
        "", "votes", "votes >= ", "votes > 20", "votes = 20", "votes >= 20 20", ">= 20", "votes >= 2.5", "votes >= 1e3", "20 <= votes",
        "votes + >= 20", "+ votes >= 20", "30 comments >= 1", "votes ** 2 >= 3", "votes >= 99999999999999999999",
        "99999999999999999999*votes >= 1",
        "(votes) >= 1", "votes >= --1", "Votes >= 1", "votes >= 0x10", "votes >= 20\n",
    ])
    func syntax(_ text: String) {
        do throws(RequestError) {
            _ = try Predicate(parsing: text, schema: schema)
            Issue.record("accepted")
        } catch {
            guard case .predicateSyntax(let at) = error else {
                Issue.record("another error")
                return
            }
            #expect(at <= text.utf8.count)
        }
    }

    @Test func names() {
        #expect(throws: RequestError.unknownAttribute([UInt8](text: "karma"))) { try Predicate(parsing: "karma >= 1", schema: schema) }
        // A name takes the hyphens that follow it.
        #expect(throws: RequestError.unknownAttribute([UInt8](text: "votes-warnings"))) {
            try Predicate(parsing: "votes-warnings >= 1", schema: schema)
        }
        #expect(throws: RequestError.predicateAttributes) { try Predicate(parsing: "votes + votes >= 1", schema: schema) }
        #expect(throws: RequestError.tooMany) { try Predicate(parsing: String(repeating: " ", count: 5000) + "votes >= 1", schema: schema) }
    }

    @Test func printing() throws {
        for text in [
            "votes >= 20", "votes + 30*comments >= 100", "warnings <= 2", "31*votes - 2*warnings >= -7", "-2*votes + group >= 0",
            "2*votes + 3*warnings <= 9", "votes <= -5",
        ] {
            let predicate = try Predicate(parsing: text, schema: schema)
            #expect(predicate.text(schema) == [UInt8](text: text))
        }
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let indices = (1...4).filter { _ in Bool.random(using: &generator) }
            guard !indices.isEmpty else { continue }
            let predicate = Predicate(
                weights: indices.map { .init(index: $0, weight: [-1000, -2, -1, 1, 3, 999][Int.random(in: 0..<6, using: &generator)]) },
                bound: Int64.random(in: -(1 << 61)...(1 << 61), using: &generator))
            #expect(try Predicate(parsing: predicate.text(schema), schema: schema) == predicate)
        }
    }

    @Test func meaning() throws {
        let predicate = try Predicate(parsing: "30*comments - votes >= 100", schema: schema)
        #expect(predicate.holds(for: [20, 4, 0, 0]))
        #expect(!predicate.holds(for: [21, 4, 0, 0]))
        #expect(!predicate.holds(for: [0]))
        let wide = Predicate(weights: weights((1, 1)), bound: 0)
        #expect(wide.holds(for: [1 << 32 - 1, 0, 0, 0]))
        #expect(!wide.holds(for: [1 << 32, 0, 0, 0]))
    }

    /// Extremes that would overflow 64 bits are sums like any other.
    @Test func overflow() {
        let request = Request(
            attributes: 3, context: [UInt8](repeating: 0, count: 32), scopes: [[1]],
            predicates: [Predicate(weights: weights((1, 1000), (2, 999)), bound: -(1 << 61))])
        #expect(throws: RequestError.predicateWindow) { try request.check(domains: [0...Int64.max, Int64.min...Int64.max]) }
        let weight = Request(
            attributes: 2, context: [UInt8](repeating: 0, count: 32), scopes: [[1]],
            predicates: [Predicate(weights: weights((1, Int64.min)), bound: 0)])
        #expect(throws: RequestError.predicateWeights) { try weight.check() }
        let bound = Request(
            attributes: 2, context: [UInt8](repeating: 0, count: 32), scopes: [[1]],
            predicates: [Predicate(weights: weights((1, 1)), bound: Int64.min)])
        #expect(throws: RequestError.predicateWeights) { try bound.check() }
    }
}
