import Foundation
import StoreSupport
import Testing
import VerifierService

@Suite("PostgreSQL store", .serialized) struct PostgresStoreTests {
    private static let audience = [UInt8](repeating: 1, count: 32)

    private func request(_ number: UInt8) -> RequestRecord {
        RequestRecord(nonce: [UInt8](repeating: number, count: 16), audience: Self.audience, document: [number], expires: 100)
    }

    private func acceptance(_ number: UInt8) -> AcceptanceRecord {
        AcceptanceRecord(
            nonce: [UInt8](repeating: number, count: 16), spends: [Spend(scope: [4], nullifier: [UInt8](repeating: number, count: 33))],
            time: 50, presentation: [9], logSize: 4)
    }

    @Test("Addresses are read by libpq, and never shown")
    func addresses() throws {
        #expect(throws: PostgresAddress.Failure.malformed) { try PostgresAddress("host=/tmp dbname=x") }
        #expect(throws: PostgresAddress.Failure.malformed) { try PostgresAddress("postgresql://h/d?nonsense=secret") }
        #expect(throws: PostgresAddress.Failure.malformed) { try PostgresAddress("postgresql://h/d\0") }
        #expect(try !PostgresAddress("postgresql://someone@h:5433/d").hasPassword)
        for text in ["postgresql://someone:secret@h/d", "postgres://h/d?password=secret"] {
            let address = try PostgresAddress(text)
            #expect(address.hasPassword)
            #expect(!"\(address) \(String(reflecting: address))".contains("secret"))
            var dumped = ""
            dump(address, to: &dumped)
            #expect(!dumped.contains("secret"))
        }
    }

    @Test("A server that is not there is an error")
    func unreachable() throws {
        let address = try PostgresAddress("postgresql:///nothing?host=/nowhere/at/all")
        #expect(throws: StoreError.self) { try SQLStore(postgres: address) }
    }

    @Test("Many open one new database at the same time, and a newer version is left alone")
    func migrations() async throws {
        try await StoreInstance.postgres.withAddress { address in
            let stores = try await withThrowingTaskGroup(of: SQLStore.self) { group in
                for _ in 0..<6 { group.addTask { try StoreInstance.open(address) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try await stores[0].addRequest(request(1))
            #expect(try await stores[5].request(nonce: request(1).nonce) == request(1))
            try await stores[0].write { session in
                _ = try session.run("INSERT INTO migration (step, name) SELECT max(step) + 1, 'from afar' FROM migration")
            }
            #expect(throws: StoreError.newer("from afar")) { try StoreInstance.open(address) }
            for store in stores { try store.close() }
            await #expect(throws: StoreError.self) { try await stores[0].outstandingRequests() }
        }
    }

    @Test("Whose answer to a commit gets lost is told what became of it, or that nobody knows, and never anything wrong")
    func lostCommits() async throws {
        let folder = "/tmp/symbolon-proxy-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try PostgresServer.shared.get()
        let proxy = try CuttingProxy(folder: folder, server: server.socket)
        defer { proxy.end() }
        let store = try StoreInstance.open(try server.makeAddress(through: folder))
        for number in UInt8(1)...6 { try await store.addRequest(request(number)) }
        // Accepted at the first commit, whose answer is lost, as the answers to the next two: it is told as if nothing had been.
        proxy.lose(3)
        #expect(try await store.accept(acceptance(1)) == .accepted)
        #expect(proxy.lost >= 1)
        proxy.lose(0)
        #expect(try await store.accept(acceptance(1)) == .requestUsed)
        #expect(try await store.isSpent(acceptance(1).spends[0]))
        // In a group each is told his own outcome.
        proxy.lose(1)
        let group = [acceptance(2), acceptance(1), acceptance(2), acceptance(3)]
        #expect(try await store.accept(group).map { try $0.get() } == [.accepted, .requestUsed, .requestUsed, .accepted])
        #expect(try await store.outstandingRequests() == 3)
        // A step that cannot be run behind itself: nobody knows, and it is not said to have happened or not.
        proxy.lose(1)
        let community = CommunityRecord(id: Self.audience, document: [1])
        await #expect(throws: StoreError.self) { try await store.addCommunity(community) }
        #expect(try await store.communities() == [community])
        await #expect(throws: StoreError.exists) { try await store.addCommunity(community) }
        // An answer to a claim code is the first one.
        let code = ClaimCodeRecord(hash: [UInt8](repeating: 2, count: 32), person: "p", attributes: [1])
        try await store.addClaimCodes([code], community: community.id)
        let blank = [UInt8](repeating: 3, count: 33)
        let issuance = IssuanceRecord(codeHash: code.hash, blank: blank, message: [], leaf: blank, answer: [5])
        proxy.lose(1)
        #expect(try await store.issue(issuance, community: community.id) == .repeated([5]))
        try store.close()
    }

    @Test("A server that crashes and comes back is waited for")
    func crash() async throws {
        let server = try PostgresServer()
        let store = try StoreInstance.open(try server.makeAddress())
        for number in UInt8(1)...2 { try await store.addRequest(request(number)) }
        #expect(try await store.accept(acceptance(1)) == .accepted)
        try server.crash()
        #expect(try await store.accept(acceptance(1)) == .requestUsed)
        #expect(try await store.accept(acceptance(2)) == .accepted)
        #expect(try await store.outstandingRequests() == 0)
        try store.close()
    }

    /// What happens while several processes spend the same nullifiers on one database.
    enum Disturbance: CaseIterable, Sendable {
        case none
        case kills
        case crashes
    }

    @Test("Of processes that spend the same nullifiers at the same time one is told that it is new", arguments: Disturbance.allCases)
    func severalProcesses(_ disturbance: Disturbance) async throws {
        // Of its own, because it crashes.
        let server = try PostgresServer()
        let address = try server.makeAddress()
        try StoreInstance.open(address).close()
        let count = 4000
        var rounds: [[[Int: String]]] = []
        var kills = 0
        for round in 0..<(disturbance == .none ? 1 : 3) {
            let runs = try (0..<3).map { number in
                try ExerciserRun([number == 0 ? "spend" : "spend-together", address, String(count), String(10 * round + number)])
            }
            if disturbance != .none {
                // All of them are at it, and the first, which takes longest, still is after that.
                for run in runs { await run.begins() }
                try await Task.sleep(for: .milliseconds(Int.random(in: 50...500)))
            }
            switch disturbance {
            case .none: break
            case .kills: runs[round].kill()
            case .crashes: try server.crash()
            }
            var lines: [[Int: String]] = []
            for (number, run) in runs.enumerated() {
                lines.append(try await run.lines())
                if run.wasKilled { kills += 1 }
                if disturbance != .kills { #expect(run.isDone, "process \(number) of round \(round) failed") }
            }
            rounds.append(lines)
        }
        let store = try StoreInstance.open(address)
        var fresh = 0
        for number in 0..<count {
            let outcomes = rounds.joined().compactMap { $0[number] }
            let isNew = outcomes.filter { $0 == "new" }.count
            #expect(isNew <= 1, "number \(number) was accepted \(isNew) times")
            let key = [UInt8](repeating: 2, count: 25) + withUnsafeBytes(of: UInt64(number).bigEndian) { [UInt8]($0) }
            let isSpent = try await store.isSpent(Spend(scope: [4], nullifier: key))
            #expect(isNew == 0 || isSpent, "number \(number) was forgotten")
            // Who was not accepted for certain is nobody's only where somebody was killed or told that nobody knows.
            if disturbance == .none { #expect(isNew == 1) }
            fresh += isNew
        }
        #expect(fresh > count / 2 && (disturbance != .kills || kills > 0), "the test showed something")
        // The counts that every process keeps agree with what is there.
        let outstanding = try await store.read { try $0.rows("SELECT count(*) FROM request WHERE accepted IS NULL")[0].int(0) }
        #expect(try await store.outstandingRequests() == outstanding)
        try store.close()
    }
}

/// A run of the exerciser.
final class ExerciserRun: Sendable {
    private let process: Process
    private let reading: Task<Data, Never>
    private let pieces: AsyncStream<Void>

    init(_ arguments: [String]) throws {
        process = Process()
        process.executableURL = builtProducts.appendingPathComponent("StoreExerciser")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let (pieces, piece) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        self.pieces = pieces
        reading = Task {
            await onOwnThread {
                var read = Data()
                while case let next = output.fileHandleForReading.availableData, !next.isEmpty {
                    read += next
                    piece.yield()
                }
                piece.finish()
                return read
            }
        }
    }

    /// Waits for the first thing it says, or for its end.
    func begins() async { for await _ in pieces { return } }

    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Waits for its end; what it said of each number in whole lines.
    func lines() async throws -> [Int: String] {
        let text = String(decoding: await reading.value, as: UTF8.self)
        process.waitUntilExit()
        var lines: [Int: String] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ")
            lines[try #require(words.first.flatMap { Int($0) })] = words.last.map(String.init)
        }
        return lines
    }

    /// Whether it came to its end by itself.
    var isDone: Bool { process.terminationReason == .exit && process.terminationStatus == 0 }

    /// Whether it was killed before its end.
    var wasKilled: Bool { process.terminationReason == .uncaughtSignal }
}
