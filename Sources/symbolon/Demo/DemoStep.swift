import Reputation

/// One thing that the demo tries, and what became of it.
struct DemoStep: Sendable {
    /// Name of the step.
    let step: String
    /// What is tried, for people.
    let what: String
    /// The verdict that there should be.
    let expected: String
    /// The verdict that there was: done, accepted, refused:CODE or impossible.
    let verdict: String
    /// Wall time.
    let milliseconds: Int
    /// Size of the presentation that was sent.
    let bytes: Int?

    /// Whether it went as it should.
    var agrees: Bool { verdict == expected }

    var json: JSON {
        .object([
            .init("step", .text(step)), .init("expected", .text(expected)), .init("verdict", .text(verdict)),
            .init("ms", .integer(Int64(milliseconds))), .init("bytes", bytes.map { .integer(Int64($0)) } ?? .null),
        ])
    }

    /// The steps as a table for people.
    static func table(_ steps: [DemoStep]) -> String {
        let head = ["", "what was tried", "expected", "got", "ms", "bytes"]
        let rows =
            [head]
            + steps.map { step in
                [
                    step.agrees ? "ok" : "WRONG", step.what, step.expected, step.verdict, String(step.milliseconds),
                    step.bytes.map { String($0) } ?? "",
                ]
            }
        let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                // Numbers stand to the right.
                return column >= 4 ? padding + row[column] : row[column] + padding
            }.joined(separator: "  ")
        }
        let rule = String(repeating: "-", count: widths.reduce(2 * (widths.count - 1), +))
        return ([lines[0], rule] + lines.dropFirst()).joined(separator: "\n")
    }
}
