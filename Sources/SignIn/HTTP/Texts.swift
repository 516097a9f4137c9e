import Reputation

/// What the pages say, in one language. A language is one file of `Pages`; the pages themselves hold no words.
package struct Texts: Sendable {
    private let all: [String: String]

    /// English, what there is so far.
    static let english: Texts = {
        guard let texts = Texts(PackageResources.en_json) else { preconditionFailure("Pages/en.json is no object of texts") }
        return texts
    }()

    package init?(_ json: [UInt8]) {
        guard case .object(let members) = try? JSON(parsing: json) else { return nil }
        var all: [String: String] = [:]
        for member in members {
            guard let text = member.value.text else { return nil }
            all[String(decoding: member.name, as: UTF8.self)] = text
        }
        self.all = all
    }

    /// All texts with their `{names}` filled in. What is filled in is not read again.
    package func filled(_ values: [String: String]) -> [String: String] { all.mapValues { Texts.fill($0, values) } }

    /// One text with its `{names}` filled in; its name where there is none.
    package func text(_ name: String, _ values: [String: String] = [:]) -> String { Texts.fill(all[name] ?? name, values) }

    /// The names of all texts.
    package var names: [String] { all.keys.sorted() }

    private static func fill(_ text: String, _ values: [String: String]) -> String {
        guard text.contains("{") else { return text }
        var out = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            out += rest[..<open]
            let name = String(rest[rest.index(after: open)..<close])
            out += values[name] ?? "{\(name)}"
            rest = rest[rest.index(after: close)...]
        }
        return out + rest
    }
}
