import SignIn
import Testing

@Suite("Forms") struct FormTests {
    private func parse(_ text: String) throws(Form.Failure) -> Form { try Form(parsing: Array(text.utf8)) }

    @Test("Parameters are decoded, and an empty one is none")
    func decoding() throws {
        let form = try parse("a=1+2%2B%c3%BC&b=&c&d==%3D&&e=%00")
        #expect(form["a"] == "1 2+ü" && form["b"] == nil && form["c"] == nil && form["d"] == "==" && form["e"] == "\0")
        #expect(form["f"] == nil)
        #expect(try parse("")["a"] == nil)
    }

    @Test(
        "What is malformed or repeated is refused",
        arguments: [
            ("a=1&a=2", Form.Failure.repeated), ("a&%61", .repeated), ("a=%", .malformed), ("a=%4", .malformed), ("a=%zz", .malformed),
            ("%ff=1", .malformed), ("a=%C3", .malformed), ("a=%ED%A0%80", .malformed),
        ])
    func refusals(_ text: String, _ failure: Form.Failure) {
        #expect(throws: failure) { try parse(text) }
    }

    @Test("Count and length are bounded")
    func bounds() throws {
        #expect(throws: Form.Failure.malformed) { try parse((0...64).map { "p\($0)=1" }.joined(separator: "&")) }
        #expect(try parse((0..<64).map { "p\($0)=1" }.joined(separator: "&"))["p63"] == "1")
        #expect(throws: Form.Failure.malformed) { try parse("a=" + String(repeating: "x", count: 16_384)) }
    }

    @Test("Parameters join an address with or without a query, whatever they hold")
    func addresses() throws {
        #expect(Form.address("https://a/b", adding: [("x", "1 &=#%ü")]) == "https://a/b?x=1%20%26%3D%23%25%C3%BC")
        #expect(Form.address("https://a/b?c=d", adding: [("x", "y"), ("z", "-._~")]) == "https://a/b?c=d&x=y&z=-._~")
        #expect(Form.address("https://a/b", adding: []) == "https://a/b")
    }

    private func parts(_ text: String, type: String = "multipart/form-data; boundary=xx") -> Multipart? {
        Multipart(Array(text.replacing("\n", with: "\r\n").utf8), contentType: type)
    }

    @Test("A form with a file is taken apart, binary and line ends in it included")
    func multipart() throws {
        let form = try #require(
            parts(
                "--xx\nContent-Disposition: form-data; name=\"a\"\n\n1\n--x\n\n--xx\nContent-Type: x\nContent-Disposition: form-data; "
                    + "filename=\"f\"; name=\"b\"\n\n\n--xx--\n"))
        #expect(form["a"] == Array("1\r\n--x\r\n".utf8) && form["b"] == [] && form["c"] == nil)
    }

    @Test("What is no complete form is none")
    func noMultipart() {
        let whole = "--xx\nContent-Disposition: form-data; name=\"a\"\n\n1\n--xx--"
        #expect(parts(whole)?["a"] == [0x31])
        #expect(parts(whole, type: "multipart/form-data; boundary=\"xx\"")?["a"] == [0x31])
        for cut in 0..<whole.count { #expect(parts(String(whole.prefix(cut))) == nil, "cut off after \(cut)") }
        #expect(parts(whole, type: "multipart/form-data; boundary=xy") == nil && parts(whole, type: "multipart/form-data") == nil)
        #expect(parts(whole, type: "text/plain; boundary=xx") == nil)
        #expect(parts(whole.replacing("name=\"a\"", with: "nam=\"a\"")) == nil)
        let twice = "--xx\nContent-Disposition: form-data; name=\"a\"\n\n1\n" + whole
        #expect(parts(twice) == nil)
        let many = (0...8).map { "--xx\nContent-Disposition: form-data; name=\"\($0)\"\n\n\n" }.joined() + "--xx--"
        #expect(parts(many) == nil)
    }
}

@Suite("Codes that are typed") struct ShortCodeTests {
    @Test("However it is typed, it is the same code; what is none is none")
    func typed() throws {
        let code = ShortCode()
        #expect(code.text.utf8.count == 9 && ShortCode(typed: code.text) == code)
        #expect(ShortCode(typed: " \(code.text.lowercased().replacing("-", with: " - ")) ") == code)
        #expect(ShortCode(typed: "oIl0-1234") == ShortCode(typed: "0110-1234"))
        for text in ["", "1234567", "123456789", "1234-567U", "1234-567é", "1234\n5678"] { #expect(ShortCode(typed: text) == nil) }
        #expect(Set((0..<1000).map { _ in ShortCode().text }).count == 1000)
    }
}
