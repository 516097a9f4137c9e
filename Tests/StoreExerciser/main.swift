import Foundation
import Platform
import Reputation
import VerifierService

// Does one thing for each of the numbers first ..< first + count, one after the other or several in one step, and writes a line once it is
// acknowledged. The tests kill this process at a random moment and then ask the store what it remembers.
// Arguments: spend, spend-together, issue or log; path or address of the store; count; round (makes the nonces, blanks and answers of each
// run different).

let arguments = CommandLine.arguments
guard arguments.count == 5, let count = Int(arguments[3]), let round = Int(arguments[4]) else { exit(2) }

func bytes(_ number: Int, count: Int, fill: UInt8) -> [UInt8] {
    [UInt8](repeating: fill, count: count - 8) + withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) }
}

/// One write call for a line: what the reader has seen whole was acknowledged, whatever happens next.
func acknowledge(_ number: Int, _ outcome: String) { FileHandle.standardOutput.write(Data("\(number) \(outcome)\n".utf8)) }

let store =
    arguments[2].hasPrefix("postgresql:")
    ? try SQLStore(postgres: try PostgresAddress(arguments[2])) : try SQLStore(sqlite: arguments[2])
let community = bytes(0, count: 32, fill: 5)

/// Spends nullifiers in one step. A database that is started again meanwhile may have done what it did not confirm.
func spend(_ numbers: [Int]) async throws {
    let nonces = numbers.map { bytes(round, count: 16, fill: 7) + bytes($0, count: 16, fill: 8) }
    let requests = nonces.map { RequestRecord(nonce: $0, audience: bytes(0, count: 32, fill: 1), document: [], expires: 1) }
    try await add(requests)
    let acceptances = zip(numbers, nonces).map { number, nonce in
        AcceptanceRecord(
            nonce: nonce, spends: [Spend(scope: [4], nullifier: bytes(number, count: 33, fill: 2))], time: 1, presentation: [], logSize: 0)
    }
    do {
        for (number, outcome) in zip(numbers, try await store.accept(acceptances)) {
            acknowledge(number, try outcome.get() == .accepted ? "new" : "old")
        }
    } catch {
        guard case StoreError.unavailable = error else { throw error }
        for number in numbers { acknowledge(number, "unavailable") }
    }
}

func add(_ requests: [RequestRecord]) async throws {
    for tries in 1... {
        do {
            for added in try await store.addRequests(requests) {
                if case .failure(let error) = added, error != .exists || tries == 1 { throw error }
            }
            return
        } catch {
            guard case StoreError.unavailable = error, tries < 5 else { throw error }
        }
    }
}

switch arguments[1] {
case "spend", "spend-together":
    let together = arguments[1] == "spend" ? 1 : 16
    for first in stride(from: 0, to: count, by: together) { try await spend(Array(first..<min(count, first + together))) }
case "issue":
    for number in 0..<count {
        let code = bytes(number, count: 32, fill: 3)
        let outcome = try await store.issue(
            IssuanceRecord(
                codeHash: code, blank: bytes(round, count: 33, fill: 2), message: [], leaf: bytes(round, count: 33, fill: 2),
                answer: Array("\(round)".utf8)), community: community)
        acknowledge(number, outcome == .codeUsed ? "old" : "new")
    }
case "log":
    // A community whose leaves enter one by one, and its log as static files beside the store.
    let key = try Ed25519SigningKey(seed: community)
    let described = try Community(logKey: key.publicKey, origin: Array("killed".utf8), schema: Schema([.flag("x")]))
    let now = { Int64(Date().timeIntervalSince1970) }
    if try await store.communities().isEmpty {
        let batching = try Batching(leaves: 1, seconds: 1)
        try await Issuer.create(community: described, depth: 2, batching: batching, store: store, key: key, now: now())
    }
    let pool = WorkPool(threads: 1, capacity: 4)
    let issuer = try await Issuer.resume(store: store, key: key, pool: pool)
    let files = LogDirectory(path: URL(fileURLWithPath: arguments[2]).deletingLastPathComponent().path + "/log")
    for number in 0..<count {
        let codes = try await MemberImport.makeCodes(
            for: [.init(person: "\(round) \(number)", values: [1])], community: described.id, capacity: 12_480, store: store)
        var wallet = Wallet(phrase: Phrase())
        let request = try wallet.beginClaim(community: described, code: codes[0].code)
        _ = try await issuer.issue(request.message, codeHash: codes[0].code.hash, now: now())
        _ = try await issuer.closeBatchIfDue(now: now())
        acknowledge(try await files.export(described, from: store).size, "new")
    }
default: exit(2)
}
