import Foundation
import StoreSupport
import Testing
import VerifierService

func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("symbolon-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    do {
        try await body(directory.path)
        try FileManager.default.removeItem(at: directory)
    } catch {
        try? FileManager.default.removeItem(at: directory)
        throw error
    }
}

private func fill(_ byte: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }

private let community = fill(1, 32)
private let record = CommunityRecord(id: community, document: Array("{}".utf8))

private func code(_ number: UInt8) -> ClaimCodeRecord {
    ClaimCodeRecord(hash: fill(number, 32), person: "person \(number)", attributes: [Int64(number), -5, .max, .min])
}

private func issuance(_ number: UInt8, blank: UInt8? = nil, answer: String = "answer") -> IssuanceRecord {
    let blank = fill(blank ?? number, 33)
    return IssuanceRecord(
        codeHash: fill(number, 32), blank: blank, message: blank + [1, 2, 3], leaf: blank.reversed(), answer: Array(answer.utf8))
}

private func request(_ number: UInt8, expires: UInt64 = 100) -> RequestRecord {
    RequestRecord(nonce: fill(number, 16), audience: fill(3, 32), document: [number], expires: expires)
}

private func acceptance(_ number: UInt8, scope: [UInt8] = [4, 1], nullifier: UInt8?) -> AcceptanceRecord {
    AcceptanceRecord(
        nonce: fill(number, 16), spends: nullifier.map { [Spend(scope: scope, nullifier: fill($0, 33))] } ?? [], time: 50,
        presentation: [9], logSize: 4)
}

@Suite("What every store promises") struct StoreContractTests {
    @Test("Communities and claim codes are kept, each once", arguments: StoreInstance.allCases)
    func claimCodes(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            try await store.addCommunity(record)
            #expect(try await store.communities() == [record])
            await #expect(throws: StoreError.exists) { try await store.addCommunity(record) }

            try await store.addClaimCodes([code(1), code(2)], community: community)
            #expect(try await store.claimCode(hash: fill(1, 32), community: community) == code(1))
            #expect(try await store.claimCode(hash: fill(3, 32), community: community) == nil)
            #expect(try await store.claimCode(hash: fill(1, 32), community: fill(9, 32)) == nil)

            // All or none: code 3 comes before the one that is there already.
            await #expect(throws: StoreError.exists) { try await store.addClaimCodes([code(3), code(1)], community: community) }
            #expect(try await store.claimCode(hash: fill(3, 32), community: community) == nil)
            // First issuance is once per person, even with a new code.
            let again = ClaimCodeRecord(hash: fill(4, 32), person: "person 1", attributes: [])
            await #expect(throws: StoreError.exists) { try await store.addClaimCodes([again], community: community) }
            #expect(try await store.counts(community: community).codes == 2)
        }
    }

    @Test("A code answers one blank, and the same one always the same", arguments: StoreInstance.allCases)
    func issuanceIsIdempotent(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            try await store.addCommunity(record)
            try await store.addClaimCodes([code(1)], community: community)
            #expect(try await store.issue(issuance(2), community: community) == .unknownCode)
            #expect(try await store.issue(issuance(1, answer: "first"), community: community) == .issued(Array("first".utf8)))
            #expect(try await store.issue(issuance(1, answer: "second"), community: community) == .repeated(Array("first".utf8)))
            #expect(try await store.issue(issuance(1, blank: 7), community: community) == .codeUsed)
            #expect(try await store.issuance(codeHash: fill(1, 32), community: community) == issuance(1, answer: "first"))
            #expect(try await store.issuance(codeHash: fill(2, 32), community: community) == nil)
            let pending = PendingLeaf(
                codeHash: fill(1, 32), attributes: code(1).attributes, message: fill(1, 33) + [1, 2, 3], leaf: fill(1, 33))
            #expect(try await store.pendingLeaves(community: community, limit: 10) == [pending])
        }
    }

    @Test("Of many requests for one code with different blanks, one is answered", arguments: StoreInstance.allCases)
    func concurrentIssuance(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            try await store.addCommunity(record)
            try await store.addClaimCodes([code(1)], community: community)
            let outcomes = try await withThrowingTaskGroup(of: IssuanceOutcome.self) { group in
                for blank in UInt8(1)...40 {
                    group.addTask { try await store.issue(issuance(1, blank: blank, answer: "\(blank)"), community: community) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let kept = try #require(try await store.issuance(codeHash: fill(1, 32), community: community))
            #expect(outcomes.filter { $0 == .issued(kept.answer) }.count == 1)
            #expect(outcomes.filter { $0 == .codeUsed }.count == 39)
        }
    }

    @Test("A batch enters whole, at the end of the log, once", arguments: StoreInstance.allCases)
    func log(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            try await store.addCommunity(record)
            try await store.addClaimCodes([code(1), code(2), code(3)], community: community)
            for number in UInt8(1)...3 { _ = try await store.issue(issuance(number), community: community) }
            #expect(try await store.checkpoint(community: community) == nil)

            func batch(start: Int, _ leaves: [PendingLeaf]) -> LogBatch {
                LogBatch(
                    start: start, entries: leaves.map(\.leaf) + [[0xBB]], leaves: leaves,
                    checkpoint: Array("size \(start + leaves.count + 1)".utf8))
            }
            let pending = try await store.pendingLeaves(community: community, limit: 2)
            #expect(pending.count == 2)
            await #expect(throws: StoreError.conflict) {
                try await store.append(batch(start: 1, pending), community: community)
            }
            try await store.append(batch(start: 0, pending), community: community)
            await #expect(throws: StoreError.conflict) { try await store.append(batch(start: 0, []), community: community) }
            // A leaf that is in the log already must not enter again, and nothing of such a batch may stay.
            await #expect(throws: StoreError.conflict) {
                try await store.append(batch(start: 3, pending), community: community)
            }
            #expect(try await store.counts(community: community) == CommunityCounts(codes: 3, issued: 3, pending: 1, logSize: 3, spent: 0))
            #expect(try await store.checkpoint(community: community) == Array("size 3".utf8))

            let last = try await store.pendingLeaves(community: community, limit: 2)
            try await store.append(batch(start: 3, last), community: community)
            #expect(
                try await store.logEntries(community: community, from: 0, limit: 100) == [
                    fill(1, 33), fill(2, 33), [0xBB], fill(3, 33), [0xBB],
                ])
            #expect(try await store.logEntries(community: community, from: 2, limit: 2) == [[0xBB], fill(3, 33)])
            #expect(try await store.checkpoint(community: community) == Array("size 5".utf8))

            // One that is signed and waits for its witnesses is kept, and not the published one until it is.
            try await store.append(
                LogBatch(start: 5, entries: [[0xBB]], leaves: [], checkpoint: Array("size 6".utf8), isPublished: false),
                community: community)
            #expect(try await store.checkpoint(community: community) == Array("size 5".utf8))
            #expect(try await store.sealedCheckpoint(community: community) == Array("size 6".utf8))
            await #expect(throws: StoreError.conflict) { try await store.publish(checkpoint: [1], size: 7, community: community) }
            try await store.publish(checkpoint: Array("size 6, cosigned".utf8), size: 6, community: community)
            #expect(try await store.checkpoint(community: community) == Array("size 6, cosigned".utf8))
            #expect(try await store.sealedCheckpoint(community: community) == Array("size 6, cosigned".utf8))
        }
    }

    @Test("A request is used once, and only when its nullifier is new", arguments: StoreInstance.allCases)
    func acceptance_(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            for number in UInt8(1)...5 { try await store.addRequest(request(number)) }
            await #expect(throws: StoreError.exists) { try await store.addRequest(request(1)) }
            #expect(try await store.request(nonce: fill(1, 16)) == request(1))
            #expect(try await store.request(nonce: fill(9, 16)) == nil)

            #expect(try await store.accept(acceptance(9, nullifier: 1)) == .unknownRequest)
            #expect(try await store.isSpent(Spend(scope: [4, 1], nullifier: fill(1, 33))) == false)
            #expect(try await store.accept(acceptance(1, nullifier: 1)) == .accepted)
            #expect(try await store.accept(acceptance(1, nullifier: 2)) == .requestUsed)
            #expect(try await store.isSpent(Spend(scope: [4, 1], nullifier: fill(2, 33))) == false)
            #expect(try await store.request(nonce: fill(1, 16))?.accepted == 50)
            // Spent in this scope: refused, and the request stays open for somebody else.
            #expect(try await store.accept(acceptance(2, nullifier: 1)) == .alreadySpent)
            #expect(try await store.request(nonce: fill(2, 16))?.accepted == nil)
            #expect(try await store.accept(acceptance(2, nullifier: 3)) == .accepted)
            // The same point under another scope is another nullifier.
            #expect(try await store.accept(acceptance(3, scope: [4, 2], nullifier: 1)) == .accepted)
            // A sign-in spends nothing but its nonce.
            #expect(try await store.accept(acceptance(4, nullifier: nil)) == .accepted)
            #expect(try await store.accept(acceptance(4, nullifier: nil)) == .requestUsed)
            #expect(try await store.outstandingRequests() == 1)
        }
    }

    @Test("Forgetting old requests leaves the used and the current ones", arguments: StoreInstance.allCases)
    func removal(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            try await store.addRequest(request(1, expires: 10))
            try await store.addRequest(request(2, expires: 10))
            try await store.addRequest(request(3, expires: 20))
            #expect(try await store.accept(acceptance(1, nullifier: 1)) == .accepted)
            #expect(try await store.outstandingRequests() == 2)
            #expect(try await store.removeUnusedRequests(expiredBefore: 20) == 1)
            #expect(try await store.outstandingRequests() == 1)
            #expect(try await store.request(nonce: fill(1, 16)) != nil)
            #expect(try await store.request(nonce: fill(2, 16)) == nil)
            #expect(try await store.request(nonce: fill(3, 16)) != nil)
        }
    }

    @Test("A request that is taken back is not used any more, nor a used one taken back", arguments: StoreInstance.allCases)
    func cancelling(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            for number in 1...2 { try await store.addRequest(request(UInt8(number), expires: 10)) }
            #expect(try await store.accept(acceptance(1, nullifier: 1)) == .accepted)
            #expect(try await !store.cancelRequest(nonce: fill(1, 16)))
            #expect(try await store.request(nonce: fill(1, 16))?.isCancelled == false)
            for _ in 0..<2 { #expect(try await store.cancelRequest(nonce: fill(2, 16))) }
            #expect(try await store.request(nonce: fill(2, 16))?.isCancelled == true)
            #expect(try await store.accept(acceptance(2, nullifier: 2)) == .requestCancelled)
            #expect(try await !store.cancelRequest(nonce: fill(3, 16)), "there is none")
            #expect(try await store.outstandingRequests() == 1, "taking back makes no room")
            #expect(try await store.removeUnusedRequests(expiredBefore: 11) == 1)
            #expect(try await store.outstandingRequests() == 0)
        }
    }

    @Test("Of acceptances in one step each has an outcome of its own", arguments: StoreInstance.allCases)
    func acceptancesTogether(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            let added = try await store.addRequests([request(1), request(2), request(3), request(4), request(5), request(1)])
            #expect(added.map { (try? $0.get()) != nil } == [true, true, true, true, true, false])
            // A nullifier that the tables do not take, behind one that they would: neither may stay.
            let impossible = AcceptanceRecord(
                nonce: fill(4, 16), spends: [Spend(scope: [4, 1], nullifier: fill(5, 33)), Spend(scope: [4, 1], nullifier: [1])], time: 50,
                presentation: [9], logSize: 4)
            let results = try await store.accept([
                acceptance(1, nullifier: 1), acceptance(1, nullifier: 2), acceptance(2, nullifier: 1), impossible,
                acceptance(9, nullifier: 3), acceptance(3, nullifier: 4), acceptance(5, nullifier: nil),
            ])
            #expect(results.count == 7)
            for (result, expected) in zip(
                results, [.accepted, .requestUsed, .alreadySpent, nil, .unknownRequest, .accepted, .accepted] as [AcceptanceOutcome?])
            {
                #expect((try? result.get()) == expected)
            }
            // Those that were not accepted left nothing: their requests are open and their nullifiers are not spent.
            for number in UInt8(1)...5 {
                #expect((try await store.request(nonce: fill(number, 16))?.accepted == nil) == (number == 2 || number == 4))
                let spent = try await store.isSpent(Spend(scope: [4, 1], nullifier: fill(number, 33)))
                #expect(spent == (number == 1 || number == 4))
            }
            #expect(try await store.outstandingRequests() == 2)
            #expect(try await store.accept([]).isEmpty)
        }
    }

    @Test("In concurrent steps of many a nullifier is spent exactly once", arguments: StoreInstance.allCases)
    func concurrentSteps(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            _ = try await store.addRequests((1...120).map { request($0) })
            // Eight steps, each with the same ten members under requests of its own, and the one request 120 in all of them.
            let results = try await withThrowingTaskGroup(of: [(UInt8, AcceptanceOutcome)].self) { group in
                for step in UInt8(0)..<8 {
                    group.addTask {
                        let records = (UInt8(0)..<10).map { acceptance(1 + 10 * step + $0, nullifier: $0) }
                        let outcomes = try await store.accept(records + [acceptance(120, nullifier: 100 + step)]).map { try $0.get() }
                        return zip(Array(0..<10) + [99], outcomes).map { ($0, $1) }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            for member in UInt8(0)..<10 {
                let own = results.filter { $0.0 == member }.map(\.1)
                #expect(own.filter { $0 == .accepted }.count == 1)
                #expect(own.filter { $0 == .alreadySpent }.count == 7)
            }
            let oneRequest = results.filter { $0.0 == 99 }.map(\.1)
            #expect(oneRequest.filter { $0 == .accepted }.count == 1)
            #expect(oneRequest.filter { $0 == .requestUsed }.count == 7)
            #expect(try await store.counts(community: community).spent == 11)
            #expect(try await store.outstandingRequests() == 120 - 11)
        }
    }

    @Test("Under concurrent requests a nullifier is spent exactly once", arguments: StoreInstance.allCases)
    func concurrentSpending(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            for number in UInt8(1)...100 { try await store.addRequest(request(number)) }
            // 100 requests, 10 members, each of them ten times at once; and one request ten times at once.
            let outcomes = try await withThrowingTaskGroup(of: (UInt8, AcceptanceOutcome).self) { group in
                for number in UInt8(1)...90 {
                    group.addTask { (number % 9, try await store.accept(acceptance(number, nullifier: number % 9))) }
                }
                for nullifier in UInt8(100)...109 {
                    group.addTask { (99, try await store.accept(acceptance(95, nullifier: nullifier))) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for member in UInt8(0)..<9 {
                let own = outcomes.filter { $0.0 == member }.map(\.1)
                #expect(own.filter { $0 == .accepted }.count == 1)
                #expect(own.filter { $0 == .alreadySpent }.count == 9)
            }
            let oneRequest = outcomes.filter { $0.0 == 99 }.map(\.1)
            #expect(oneRequest.filter { $0 == .accepted }.count == 1)
            #expect(oneRequest.filter { $0 == .requestUsed }.count == 9)
            #expect(try await store.counts(community: community).spent == 10)
        }
    }
}
