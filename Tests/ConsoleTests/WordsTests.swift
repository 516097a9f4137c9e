import Foundation
import SignIn
import Testing

/// A word that a page asks for and no language has would be an empty place on the page.
@Suite("The console's words") struct WordsTests {
    private let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Sources/Console")

    private func files(_ folder: String, _ ending: String) throws -> [String] {
        let folder = sources.appendingPathComponent(folder)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(ending) }.map {
            try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
        }
    }

    @Test("Each word that the pages ask for is there, each that is there is asked for, and no page has words of its own")
    func complete() throws {
        let texts = try #require(Texts([UInt8](Data(contentsOf: sources.appendingPathComponent("Pages/en.json")))))
        let pages = try files("Pages", ".mustache")
        #expect(pages.count > 10)
        var asked = Set<String>()
        for page in pages {
            for match in page.matches(of: /\{\{t\.([a-z0-9-]+)\}\}/) { asked.insert(String(match.1)) }
            let bare = page.replacing(/<code>[^<{]*<\/code>/, with: "").replacing(/\{\{[^}]*\}\}/, with: "").replacing(/<[^>]*>/, with: "")
            #expect(!bare.contains(/[A-Za-z]{2}/), "\(bare)")
        }
        let code = try files(".", ".swift").joined()
        // In the sources they stand as they are, or with a part that is computed.
        for match in code.matches(of: /"([a-z]+(?:-[a-z]+)+)"/) { asked.insert(String(match.1)) }
        let computed = ["limit-", "role-", "overview-bar-"]
        for name in texts.names where !asked.contains(name) {
            #expect(name.hasSuffix("-title") || computed.contains { name.hasPrefix($0) }, "nobody asks for \(name)")
        }
        for page in pages { for match in page.matches(of: /\{\{t\.([a-z0-9-]+)\}\}/) { #expect(texts.names.contains(String(match.1))) } }
        for match in code.matches(of: /text\("([a-z-]+)"/) { #expect(texts.names.contains(String(match.1)), "\(match.1) has no words") }
    }
}
