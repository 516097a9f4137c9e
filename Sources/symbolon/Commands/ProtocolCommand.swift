import ArgumentParser
import Membership
import Reputation

struct ProtocolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protocol", abstract: "Exchange presentations with another implementation of the protocol.",
        discussion: """
            Cases have the form that docs/protocol/case.py describes; the model there reads and writes them too:
              symbolon protocol make-case --depth 2 > case.json && python3 docs/protocol/case.py check case.json
              python3 docs/protocol/case.py make --depth 2 > case.json && symbolon protocol check-case case.json
            """,
        subcommands: [MakeCase.self, CheckCase.self])

    struct MakeCase: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make-case", abstract: "Print a fresh tree's root and a presentation by one of its members.")

        @Option(help: "Depth of the tree, 1 to 4.") var depth: Int
        @Option(help: "Number of credentials in it.") var leaves = 5
        @Option(help: "Number of predicates, 0 to 64.") var predicates = 1

        func validate() throws {
            guard (1...TreeShape.greatestDepth).contains(depth) else { throw ValidationError("--depth is 1 to 4") }
            guard (0...TreeShape.greatestPredicates).contains(predicates) else { throw ValidationError("--predicates is 0 to 64") }
            let capacity = (try? TreeShape(depth: depth).capacity) ?? 0
            guard (1...capacity).contains(leaves) else { throw ValidationError("--leaves is 1 to \(capacity) at depth \(depth)") }
        }

        func run() throws {
            // A handful of credentials takes no time worth showing.
            var bar = leaves >= 1000 ? ProgressBar("Making credentials", total: leaves) : nil
            Terminal.output(
                try PresentationCase.make(depth: depth, leaves: leaves, predicates: predicates) { bar?.update($0) }.json.encoded())
        }
    }

    struct CheckCase: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check-case", abstract: "Say of each case whether its verdict is the one it states.",
            discussion: "Exit status: 0 when every verdict is the stated one, 1 when not, 2 when a file is not JSON of that form.")

        @Argument(help: "Files with a case or a list of cases.") var files: [String]
        @Flag(help: "Print JSON: a list of {file, index, expected, got, why}.") var json = false

        func run() throws {
            // All files are read before any is checked: malformed input is no verdict.
            let limits = JSON.Limits(bytes: 1 << 28)
            var cases: [(file: String, index: Int, case: PresentationCase)] = []
            for file in files {
                let json = try Files.json(file, limits: limits)
                do throws(JSONError) {
                    let parsed = try PresentationCase.list(json)
                    cases += parsed.enumerated().map { (file, $0.offset, $0.element) }
                } catch {
                    throw CommandFailure("\(file) is not a case or a list of cases: \(error.code)")
                }
            }
            var bar = cases.count >= 100 && !json ? ProgressBar("Checking", total: cases.count) : nil
            var wrong = 0
            var list: [JSON] = []
            for (at, (file, index, stated)) in cases.enumerated() {
                let (holds, why) = stated.verdict()
                if holds != stated.valid {
                    wrong += 1
                    if !json { print("\(file)[\(index)]: expected \(stated.valid), got \(holds) \(why) \(stated.why ?? "")") }
                }
                list.append(
                    .object([
                        .init("file", .text(file)), .init("index", .integer(Int64(index))), .init("expected", .bool(stated.valid)),
                        .init("got", .bool(holds)), .init("why", .text(why)),
                    ]))
                bar?.update(at + 1)
            }
            if json { Terminal.output(JSON.array(list).encoded()) } else { print("\(cases.count) cases, \(wrong) wrong verdicts") }
            if wrong > 0 { throw ExitStatus.rejected }
        }
    }
}
