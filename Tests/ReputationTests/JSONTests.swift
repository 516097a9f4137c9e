import Foundation
import Reputation
import TestSupport
import Testing

struct JSONTests {
    private func parse(_ text: String) throws(JSONError) -> JSON { try JSON(parsing: Array(text.utf8)) }

    @Test func values() throws {
        #expect(try parse(" null\n") == .null)
        #expect(try parse("true") == .bool(true))
        #expect(try parse("\tfalse\r") == .bool(false))
        #expect(try parse("0") == .integer(Int64(0)))
        #expect(try parse("-9223372036854775808") == .integer(Int64.min))
        #expect(try parse("9223372036854775807") == .integer(Int64.max))
        #expect(try parse("[]") == .array([]))
        #expect(try parse("[1, [2 ,3]]") == .array([.integer(Int64(1)), .array([.integer(Int64(2)), .integer(Int64(3))])]))
        #expect(try parse("{}") == .object([]))
        #expect(try parse("{\"a\":1,\"b\":{\"a\":2}}")["b"]?["a"] == .integer(Int64(2)))
        #expect(try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00ü""#).text == "\"\\/\u{8}\u{c}\n\r\tAé€😀ü")
    }

    @Test(arguments: [
        ("", JSONError.Reason.end, 0), ("tru", .end, 3), ("trux", .syntax, 3), ("[1,]", .syntax, 3), ("[1 2]", .syntax, 3), ("[1", .end, 2),
        ("{\"a\"}", .syntax, 4), ("{a:1}", .syntax, 1), ("{\"a\":1,}", .syntax, 7), ("{\"a\":1,\"a\":2}", .duplicateMember, 7),
        ("{\"a\":1,\"\\u0061\":2}", .duplicateMember, 7), ("1.0", .number, 0), ("1e3", .number, 0), ("1E3", .number, 0), ("01", .number, 0),
        ("-0", .number, 0), ("-", .number, 0), ("-01", .number, 0), ("9223372036854775808", .number, 0),
        ("-9223372036854775809", .number, 0),
        ("+1", .syntax, 0), (".5", .syntax, 0), ("1 2", .trailing, 2), ("1x", .trailing, 1), ("\"a", .end, 2), ("\"\\x\"", .escape, 1),
        ("\"\\ud800\"", .escape, 1), ("\"\\udc00\"", .escape, 1), ("\"\\ud800\\u0041\"", .escape, 1), ("\"\\u12g4\"", .escape, 5),
        ("\"\u{1}\"", .control, 1), ("\u{feff}1", .syntax, 0), ("'a'", .syntax, 0), ("NaN", .syntax, 0), ("[1]]", .trailing, 3),
        ("/**/1", .syntax, 0),
    ])
    func refusals(_ text: String, _ reason: JSONError.Reason, _ at: Int) {
        #expect(throws: JSONError.malformed(reason, at: at)) { try parse(text) }
    }

    @Test(
        arguments: [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80],
            [0xf5, 0x80, 0x80, 0x80], [0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98],
        ] as [[UInt8]])
    func invalidUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONError.malformed(.utf8, at: 1)) { try JSON(parsing: [0x22] + bytes + [0x22]) }
    }

    @Test func limits() throws {
        let deep = String(repeating: "[", count: 16) + String(repeating: "]", count: 16)
        _ = try parse(deep)
        #expect(throws: JSONError.malformed(.depth, at: 16)) { try parse("[" + deep + "]") }
        #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError.malformed(.size, at: 10)) { try JSON(parsing: Array("[1,2,3,4,5]".utf8), limits: .init(bytes: 10)) }
        let many = "{" + (0...256).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        #expect(throws: JSONError.self) { try parse(many) }
    }

    @Test func writing() throws {
        let value = JSON.object([
            .init("b", .array([.integer(Int64(-12)), .null, .bool(true), .array([]), .object([])])),
            .init("a\"", .text("x\n\u{1f}\\é\u{7f}")),
        ])
        #expect(String(decoding: value.encoded(), as: UTF8.self) == #"{"b":[-12,null,true,[],{}],"a\"":"x\n\u001f\\é"# + "\u{7f}\"}")
        #expect(
            String(
                decoding: JSON.object([.init("a", .array([.integer(Int64(1)), .object([.init("b", .null)])]))]).encoded(pretty: true),
                as: UTF8.self)
                == "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ]\n}")
        #expect(try JSON(parsing: value.encoded()) == value)
        #expect(try JSON(parsing: value.encoded(pretty: true)) == value)
    }

    @Test func strictMembers() throws {
        var object = try JSONObject(parse(#"{"a":1,"b":"00ff","c":"AP8","d":[1],"e":5000000000}"#))
        #expect(try object.integer("a") == 1)
        #expect(throws: JSONError.wrongValue(Array("a".utf8))) { try object.integer("a", in: 2...3) }
        #expect(try object.hex("b", 2) == [0, 255])
        #expect(throws: JSONError.wrongValue(Array("b".utf8))) { try object.hex("b", 3) }
        #expect(try object.base64URL("c", atMost: 2) == [0, 255])
        #expect(throws: JSONError.missingMember(Array("x".utf8))) { try object.integer("x") }
        #expect(throws: JSONError.unknownMember(Array("d".utf8))) { try object.finish() }
        #expect(try object.integers("d", atMost: 1) == [1])
        #expect(throws: JSONError.wrongValue(Array("e".utf8))) { try object.uint32("e") }
        try object.finish()
        #expect(throws: JSONError.wrongValue([])) { try JSONObject(.array([])) }
    }

    /// Whatever is accepted is JSON for Foundation too, and reads back from what we write; nothing crashes.
    @Test func fuzz() throws {
        var generator = SeededGenerator(seed: 11)
        let seeds = [
            #"{"version":1,"a":[true,false,null,{"x":"é\u00e9\ud83d\ude00"}],"b":-12345678901234,"":"\\"}"#, "[[],[[]],{\"a\":{}}]",
            "\"a\\n\\u20ac€\"",
        ].map { Array($0.utf8) }
        var accepted = 0
        for round in 0..<30_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...3, using: &generator) { bytes = mutated(bytes, using: &generator) }
            guard let value = try? JSON(parsing: bytes) else { continue }
            accepted += 1
            #expect(try JSON(parsing: value.encoded()) == value)
            let foreign = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
            #expect(foreign != nil)
        }
        #expect(accepted > 100)
        for count in 0..<2000 { _ = try? JSON(parsing: generator.bytes(count % 40)) }
    }

    @Test func hexAndBase64() throws {
        var generator = SeededGenerator(seed: 3)
        for count in 0..<200 {
            let bytes = generator.bytes(count)
            #expect(try Hex.decode(Hex.encode(bytes)) == bytes)
            #expect(try Base64.standard.decode(Base64.standard.encode(bytes)) == bytes)
            #expect(Data(bytes).base64EncodedString() == String(decoding: Base64.standard.encode(bytes), as: UTF8.self))
            #expect(try Base64.url.decode(Base64.url.encode(bytes)) == bytes)
        }
        for text in ["0", "0G", "AB", "ab ", "é"] { #expect(throws: FormatError.self) { try Hex.decode(Array(text.utf8)) } }
        for text in ["A", "AA", "AAA", "AB==", "AAB=", "A===", "====", "AA=A", "AAAA=", "AA==AAAA", "A A=", "AA-_", "QQ=\n"] {
            #expect(throws: FormatError.self) { try Base64.standard.decode(Array(text.utf8)) }
        }
        for text in ["A", "AB", "AAB", "AA==", "AA+/", "AAAAA"] {
            #expect(throws: FormatError.self) { try Base64.url.decode(Array(text.utf8)) }
        }
    }
}
