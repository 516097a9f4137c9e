import Foundation
import Testing
import VerifierService

@Suite("SQLite store") struct SQLiteStoreTests {
    @Test("Commits wait for the disk, and the file is its owner's alone")
    func durability() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/store.sqlite"
            let store = try SQLiteStore(path: path)
            #expect(try await store.synchronousMode() == 2)
            for file in [path, path + "-wal"] {
                let mode = try #require(FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber)
                #expect(mode.intValue & 0o077 == 0)
            }
            try store.close()
        }
    }

    @Test("A path that cannot be opened is an error, not a crash")
    func unopenable() {
        #expect(throws: StoreError.self) { try SQLiteStore(path: "/nowhere/at/all/store.sqlite") }
    }

    @Test("Every acknowledged spend survives a kill, and none can be repeated")
    func killedWhileSpending() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/store.sqlite"
            let count = 3000
            var acknowledged: Set<Int> = []
            var kills = 0
            for round in 0..<12 {
                // Each round goes over the same nullifiers from the start: those of the rounds before must all be refused.
                let run = try await spendUntilKilled(path: path, count: count, round: round, after: .milliseconds(Int.random(in: 40...400)))
                if run.killed { kills += 1 }
                let before = acknowledged
                for (number, accepted) in run.lines {
                    #expect(accepted ? !before.contains(number) : true, "nullifier \(number) was spent twice")
                    acknowledged.insert(number)
                }
                let store = try SQLiteStore(path: path)
                for number in run.lines.keys {
                    #expect(
                        try await store.isSpent(Spend(scope: [4], nullifier: exerciserNullifier(number))), "spend \(number) was forgotten")
                }
                try store.close()
            }
            #expect(kills > 0, "no round was killed in the middle: the test showed nothing")
            #expect(!acknowledged.isEmpty)
        }
    }

    private func exerciserNullifier(_ number: Int) -> [UInt8] {
        [UInt8](repeating: 2, count: 25) + withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) }
    }

    /// Runs the exerciser and kills it. Returns for each number of a whole line whether it was accepted, and whether the kill came in time.
    private func spendUntilKilled(path: String, count: Int, round: Int, after delay: Duration) async throws -> (
        lines: [Int: Bool], killed: Bool
    ) {
        let process = Process()
        process.executableURL = builtProducts.appendingPathComponent("StoreExerciser")
        process.arguments = [path, "0", String(count), String(round)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let reading = Task.detached { output.fileHandleForReading.readDataToEndOfFile() }
        try await Task.sleep(for: delay)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let text = String(decoding: await reading.value, as: UTF8.self)
        var lines: [Int: Bool] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ")
            lines[try #require(words.first.flatMap { Int($0) })] = words.last == "accepted"
        }
        return (lines, process.terminationReason == .uncaughtSignal)
    }
}

/// The folder of the package's built executables: that of the running test itself.
let builtProducts: URL = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
