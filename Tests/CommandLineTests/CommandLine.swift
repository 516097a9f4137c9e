import Foundation
import StoreSupport
import Testing

/// What a run of the executable left behind.
struct Run {
    let status: Int32
    let output: String
    let errors: String

    /// Standard output as JSON.
    func json() throws -> Any { try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed) }

    /// Standard output as a JSON object.
    func object() throws -> [String: Any] { try #require(try json() as? [String: Any]) }
}

/// The built executable.
let executable = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    .appendingPathComponent("symbolon")

/// The repository's top folder.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

func process(_ arguments: [String], in folder: URL, environment: [String: String] = [:]) -> Process {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    return process
}

/// Runs `symbolon` and waits for it.
func symbolon(_ arguments: String..., in folder: URL = repository, environment: [String: String] = [:]) async throws -> Run {
    try await symbolon(arguments, in: folder, environment: environment)
}

/// Runs `symbolon` and waits for it.
func symbolon(_ arguments: [String], in folder: URL = repository, environment: [String: String] = [:]) async throws -> Run {
    let process = process(arguments, in: folder, environment: environment)
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Both pipes are read while it runs: a full one would stop it.
    let reading = Task { await onOwnThread { output.fileHandleForReading.readDataToEndOfFile() } }
    let errorText = String(decoding: await onOwnThread { errors.fileHandleForReading.readDataToEndOfFile() }, as: UTF8.self)
    let outputText = String(decoding: await reading.value, as: UTF8.self)
    process.waitUntilExit()
    return Run(status: process.terminationStatus, output: outputText, errors: errorText)
}

/// What the reader that shares no code with this package says to a log in static form.
func checkLog(_ arguments: String..., in folder: URL) async throws -> (status: Int32, output: String) {
    let run = Process()
    run.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    run.arguments = ["python3", repository.appendingPathComponent("docs/protocol/check_log.py").path] + arguments
    run.currentDirectoryURL = folder
    let output = Pipe()
    run.standardOutput = output
    try run.run()
    let data = await onOwnThread { output.fileHandleForReading.readDataToEndOfFile() }
    run.waitUntilExit()
    return (run.terminationStatus, String(decoding: data, as: UTF8.self))
}

func withTemporaryFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("symbolon-cli-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    do {
        try await body(folder)
        try FileManager.default.removeItem(at: folder)
    } catch {
        try? FileManager.default.removeItem(at: folder)
        throw error
    }
}
