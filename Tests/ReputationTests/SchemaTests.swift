import Reputation
import Testing

struct SchemaTests {
    private func attribute(_ name: String, _ least: Int64 = 0, _ greatest: Int64 = 1) throws(SchemaError) -> Attribute {
        try Attribute(name: Array(name.utf8), kind: .fixed, least: least, greatest: greatest)
    }

    @Test func names() throws {
        for name in ["a", "votes", "a-b_c9", String(repeating: "z", count: 64)] { _ = try attribute(name) }
        for name in ["", "9a", "-a", "_a", "A", "aB", "a b", "é", "a.b", String(repeating: "z", count: 65)] {
            #expect(throws: SchemaError.name(Array(name.utf8))) { try attribute(name) }
        }
    }

    @Test func domains() throws {
        let limit = Int64(1) << 31
        _ = try attribute("a", -limit, limit)
        _ = try attribute("a", 5, 5)
        for (least, greatest) in [(1, 0), (-limit - 1, 0), (0, limit + 1), (Int64.min, Int64.max)] {
            #expect(throws: SchemaError.domain([UInt8](text: "a"))) { try attribute("a", least, greatest) }
        }
    }

    @Test func counts() throws {
        #expect(throws: SchemaError.count) { try Schema([]) }
        let many = try (0..<33).map { try attribute("a\($0)") }
        _ = try Schema(Array(many.dropLast()))
        #expect(throws: SchemaError.count) { try Schema(many) }
        #expect(throws: SchemaError.duplicate([UInt8](text: "a"))) {
            try Schema([try attribute("a"), try attribute("b"), try attribute("a")])
        }
    }

    @Test func lookUpAndValues() throws {
        let schema = try Fixture().schema
        #expect(schema.index(of: [UInt8](text: "votes")) == 1)
        #expect(schema.index(of: [UInt8](text: "warnings")) == 4)
        #expect(schema.index(of: [UInt8](text: "nothing")) == nil)
        #expect(schema.attribute(at: 0) == nil)
        #expect(schema.attribute(at: 3)?.nameText == "group")
        #expect(schema.attribute(at: 5) == nil)
        try schema.check(values: [0, 100_000, 3, 0])
        #expect(throws: SchemaError.valueCount) { try schema.check(values: [0, 0, 0]) }
        #expect(throws: SchemaError.value([UInt8](text: "group"))) { try schema.check(values: [0, 0, 4, 0]) }
        #expect(throws: SchemaError.value([UInt8](text: "votes"))) { try schema.check(values: [-1, 0, 0, 0]) }
    }

    @Test func digestDependsOnEverything() throws {
        let base = try Schema([attribute("a", 0, 5), attribute("b")])
        var others = [try Schema([attribute("b"), attribute("a", 0, 5)]), try Schema([attribute("a", 0, 6), attribute("b")])]
        others.append(try Schema([attribute("a", -1, 5), attribute("b")]))
        others.append(try Schema([Attribute(name: [UInt8](text: "a"), kind: .growing, least: 0, greatest: 5), attribute("b")]))
        others.append(try Schema([attribute("a", 0, 5)]))
        for other in others { #expect(other.digest != base.digest) }
    }

    @Test func jsonForm() throws {
        let fixture = try Fixture()
        #expect(try Schema(json: JSON(parsing: fixture.schema.json.encoded())) == fixture.schema)
        #expect(try Community(json: JSON(parsing: fixture.community.json.encoded())) == fixture.community)
        for text in [
            "{}", "[]", #"[{"name":"a","kind":"fixed","least":0,"greatest":1,"x":0}]"#,
            #"[{"name":"a","kind":"odd","least":0,"greatest":1}]"#,
            #"[{"name":"a","kind":"fixed","least":0}]"#, #"[{"name":"A","kind":"fixed","least":0,"greatest":1}]"#,
            #"[{"name":"a","kind":"fixed","least":2,"greatest":1}]"#,
        ] {
            #expect(throws: SchemaError.self) { try Schema(json: JSON(parsing: Array(text.utf8))) }
        }
        for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{2003}b"] {
            #expect(throws: SchemaError.self) {
                try Community(logKey: fixture.key.publicKey, origin: Array(name.utf8), schema: fixture.schema)
            }
        }
        #expect(throws: SchemaError.self) { try Community(logKey: [1], origin: [UInt8](text: "a"), schema: fixture.schema) }
    }

    @Test func dates() throws {
        #expect(CivilDate(year: 1970, month: 1, day: 1)?.days == 0)
        #expect(CivilDate(year: 1969, month: 12, day: 31)?.days == -1)
        #expect(CivilDate(year: 2000, month: 3, day: 1)?.days == 11017)
        #expect(CivilDate(text: [UInt8](text: "2015-08-31"))?.days == 16678)
        #expect(CivilDate(year: 2026, month: 11, day: 21)?.days == 20778)
        for (year, month, day) in [
            (2015, 2, 29), (1900, 2, 29), (2015, 13, 1), (2015, 0, 1), (2015, 4, 31), (0, 1, 1), (10000, 1, 1), (2015, 1, 0),
        ] {
            #expect(CivilDate(year: Int64(year), month: Int64(month), day: Int64(day)) == nil)
        }
        for text in ["2015-8-31", "2015/08/31", "2015-02-30", "abcd-01-01", "2015-08-311"] {
            #expect(CivilDate(text: [UInt8](text: text)) == nil)
        }
        // Every day of four centuries, one after the other.
        var days = try #require(CivilDate(year: 1800, month: 1, day: 1)).days
        var before: Int64 = 0
        for _ in 0..<146_100 {
            let parts = CivilDate(days: days).parts
            #expect(CivilDate(year: parts.year, month: parts.month, day: parts.day)?.days == days)
            let order = (parts.year * 12 + parts.month) * 31 + parts.day
            #expect(order > before)
            before = order
            days += 1
        }
    }

    @Test func helpers() throws {
        let first = try #require(CivilDate(year: 2010, month: 1, day: 1)), last = try #require(CivilDate(year: 2030, month: 1, day: 1))
        #expect(try Attribute.date("joined", from: first, to: last).domain == 14610...21915)
        #expect(try Attribute.flag("moderator").domain == 0...1)
        #expect(try Attribute.counter("votes", atMost: 9).kind == .growing)
        #expect(throws: SchemaError.domain([UInt8](text: "joined"))) { try Attribute.date("joined", from: last, to: first) }
    }
}
