import Foundation
import VerifierService

// Spends the nullifiers first ..< first + count one after the other, each under a request of its own, and writes a line once a spend is
// acknowledged. The tests kill this process at a random moment and then ask the store what it remembers.
// Arguments: path of the store, first, count, round (makes the nonces of each run different).

let arguments = CommandLine.arguments
guard arguments.count == 5, let first = Int(arguments[2]), let count = Int(arguments[3]), let round = Int(arguments[4]) else { exit(2) }

func bytes(_ number: Int, count: Int, fill: UInt8) -> [UInt8] {
    [UInt8](repeating: fill, count: count - 8) + withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) }
}

let store = try SQLiteStore(path: arguments[1])
for number in first..<first + count {
    let nonce = bytes(round, count: 16, fill: 7) + bytes(number, count: 16, fill: 8)
    try await store.addRequest(RequestRecord(nonce: nonce, audience: bytes(0, count: 32, fill: 1), document: [], expires: 1))
    let outcome = try await store.accept(
        AcceptanceRecord(
            nonce: nonce, spends: [Spend(scope: [4], nullifier: bytes(number, count: 33, fill: 2))], time: 1, presentation: [], logSize: 0))
    // One write call for a line: what the reader has seen whole was acknowledged, whatever happens next.
    FileHandle.standardOutput.write(Data("\(number) \(outcome == .accepted ? "accepted" : "refused")\n".utf8))
}
