import Reputation
import StoreSupport
import Testing
import VerifierService

/// What every store promises of top-ups, revocations, epochs and reports.
@Suite("What every store promises of members") struct StoreMemberTests {
    private let community = [UInt8](repeating: 1, count: 32)

    private func fill(_ byte: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }

    /// Runs a body with a store in which persons 1, 2 and 3 have codes and 1 and 2 have claimed.
    private func with(_ instance: StoreInstance, _ body: (SQLStore) async throws -> Void) async throws {
        try await instance.withStore { store in
            try await store.addCommunity(CommunityRecord(id: community, document: []))
            let codes = (UInt8(1)...3).map { ClaimCodeRecord(hash: fill($0, 32), person: "person \($0)", attributes: [Int64($0)]) }
            try await store.addClaimCodes(codes, community: community)
            for number in UInt8(1)...2 {
                let issuance = IssuanceRecord(
                    codeHash: fill(number, 32), blank: fill(number, 33), message: [number], leaf: fill(number, 33), answer: [number])
                #expect(try await store.issue(issuance, community: community) == .issued([number]))
            }
            try await body(store)
        }
    }

    private func topUpCode(_ number: UInt8, person: UInt8, label: String = "may") -> TopUpCodeRecord {
        TopUpCodeRecord(hash: fill(number, 32), person: "person \(person)", label: label, amounts: [5, .min, .max])
    }

    private func topUp(_ number: UInt8, epoch: UInt32 = 1, leaf: UInt8? = nil, answer: UInt8? = nil) -> TopUpRecord {
        TopUpRecord(
            codeHash: fill(number, 32), epoch: epoch, base: fill(leaf ?? number, 33), leaf: fill((leaf ?? number) + 100, 33),
            entry: [number], answer: [answer ?? number])
    }

    private func append(_ store: SQLStore, at start: Int, leaves: Bool = true, topUps: Bool = true, removals: [[UInt8]] = []) async throws {
        let pending = leaves ? try await store.pendingLeaves(community: community, limit: 100) : []
        let waiting = topUps ? try await store.pendingTopUps(community: community, limit: 100) : []
        try await store.append(
            LogBatch(
                start: start, entries: [[UInt8(start)]], leaves: pending, topUps: waiting, removals: removals,
                checkpoint: [UInt8(start)]), community: community)
    }

    @Test("Top-up codes are made once for a person and a label, for persons who are there", arguments: StoreInstance.allCases)
    func topUpCodes(_ instance: StoreInstance) async throws {
        try await with(instance) { store in
            try await store.addTopUpCodes([topUpCode(11, person: 1), topUpCode(12, person: 2)], community: community)
            #expect(try await store.topUpCode(hash: fill(11, 32), community: community) == topUpCode(11, person: 1))
            #expect(try await store.topUpCode(hash: fill(99, 32), community: community) == nil)
            #expect(try await store.topUpCode(hash: fill(11, 32), community: fill(9, 32)) == nil)
            // All or none, each time.
            let fresh = topUpCode(13, person: 3)
            for (other, error) in [
                (topUpCode(14, person: 1), StoreError.exists), (topUpCode(11, person: 3, label: "june"), .exists),
                (topUpCode(15, person: 77), .conflict),
            ] {
                await #expect(throws: error) { try await store.addTopUpCodes([fresh, other], community: community) }
                #expect(try await store.topUpCode(hash: fresh.hash, community: community) == nil)
            }
            try await store.addTopUpCodes([topUpCode(16, person: 1, label: "june")], community: community)
            #expect(try await store.counts(community: community).topUpCodes == 3)
        }
    }

    @Test("A top-up code is used once, for the newest log, in an epoch that is open", arguments: StoreInstance.allCases)
    func topUps(_ instance: StoreInstance) async throws {
        try await with(instance) { store in
            let codes = (UInt8(11)...15).map { topUpCode($0, person: 1, label: "\($0)") }
            try await store.addTopUpCodes(codes, community: community)
            #expect(try await store.topUp(topUp(11), logSize: 1, community: community) == .replaced)
            #expect(try await store.topUp(topUp(99), logSize: 0, community: community) == .unknownCode)
            #expect(try await store.topUp(topUp(11), logSize: 0, community: community) == .toppedUp([11]))
            #expect(try await store.topUp(topUp(11, answer: 50), logSize: 7, community: community) == .repeated([11]))
            #expect(try await store.topUp(topUp(11, leaf: 60), logSize: 0, community: community) == .codeUsed)
            #expect(try await store.topUp(topUp(11, epoch: 2), logSize: 0, community: community) == .codeUsed)
            #expect(try await store.topUp(codeHash: fill(11, 32), community: community) == topUp(11))
            #expect(try await store.topUp(codeHash: fill(12, 32), community: community) == nil)
            // Of many for different leaves at the same time one is answered.
            let outcomes = try await withThrowingTaskGroup(of: TopUpOutcome.self) { group in
                for leaf in UInt8(40)..<60 {
                    group.addTask { try await store.topUp(topUp(12, leaf: leaf, answer: leaf), logSize: 0, community: community) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == .codeUsed }.count == 19)
            let waiting = try await store.pendingTopUps(community: community, limit: 10)
            #expect(waiting.count == 2 && waiting.contains(topUp(11)))
            #expect(try await store.pendingTopUps(community: community, limit: 1).count == 1)
            try await append(store, at: 0)
            #expect(try await store.pendingTopUps(community: community, limit: 10).isEmpty)
            // None enters twice, and of such a batch nothing stays.
            await #expect(throws: StoreError.conflict) {
                try await store.append(
                    LogBatch(start: 1, entries: [[1]], leaves: [], topUps: waiting, checkpoint: [1]), community: community)
            }
            let counts = try await store.counts(community: community)
            #expect(counts.topUps == 2 && counts.newestTopUps == 2 && counts.pending == 0 && counts.logSize == 1)
            #expect(try await store.topUp(topUp(13, epoch: 2), logSize: 1, community: community) == .toppedUp([13]))
            #expect(try await store.counts(community: community).newestTopUps == 1)
            try await store.endEpoch(2, community: community)
            #expect(try await store.topUp(topUp(14, epoch: 2), logSize: 1, community: community) == .epochEnded)
            #expect(try await store.topUp(topUp(13, epoch: 2), logSize: 1, community: community) == .repeated([13]))
        }
    }

    @Test("Who is revoked can use no code, and every leaf of his goes or never comes", arguments: StoreInstance.allCases)
    func revocation(_ instance: StoreInstance) async throws {
        try await with(instance) { store in
            try await store.addTopUpCodes((UInt8(11)...13).map { topUpCode($0, person: 1, label: "\($0)") }, community: community)
            try await store.addTopUpCodes([topUpCode(21, person: 2)], community: community)
            #expect(try await store.topUp(topUp(11), logSize: 0, community: community) == .toppedUp([11]))
            try await append(store, at: 0)
            #expect(try await store.topUp(topUp(12), logSize: 1, community: community) == .toppedUp([12]))
            #expect(try await store.pendingRemovals(community: community, limit: 10).isEmpty)
            #expect(try await store.revoke(person: "nobody", community: community) == .unknownPerson)
            #expect(try await store.revoke(person: "person 1", community: fill(9, 32)) == .unknownPerson)
            #expect(try await store.revoke(person: "person 1", community: community) == .revoked(leaves: 3))
            #expect(try await store.revoke(person: "person 1", community: community) == .revoked(leaves: 3))
            // Codes that he has not used, and leaves that wait.
            #expect(try await store.topUpCode(hash: fill(13, 32), community: community) == nil)
            #expect(try await store.topUp(topUp(13), logSize: 1, community: community) == .unknownCode)
            await #expect(throws: StoreError.conflict) {
                try await store.addTopUpCodes([topUpCode(14, person: 1, label: "14")], community: community)
            }
            #expect(try await store.pendingTopUps(community: community, limit: 10).isEmpty)
            #expect(try await store.revoke(person: "person 3", community: community) == .revoked(leaves: 0))
            let late = IssuanceRecord(codeHash: fill(3, 32), blank: fill(3, 33), message: [], leaf: fill(3, 33), answer: [])
            #expect(try await store.issue(late, community: community) == .unknownCode)
            // Those in the tree are taken out once.
            let leaves = try await store.pendingRemovals(community: community, limit: 10)
            #expect(Set(leaves) == [fill(1, 33), fill(111, 33)])
            #expect(try await store.pendingRemovals(community: community, limit: 1).count == 1)
            await #expect(throws: StoreError.conflict) { try await append(store, at: 1, removals: [fill(77, 33)]) }
            try await append(store, at: 1, removals: leaves)
            #expect(try await store.pendingRemovals(community: community, limit: 10).isEmpty)
            await #expect(throws: StoreError.conflict) { try await append(store, at: 2, removals: leaves) }
            // Another person is not touched.
            #expect(try await store.topUp(topUp(21), logSize: 2, community: community) == .toppedUp([21]))
        }
    }

    @Test("Epochs end once, reports are disputed and decided, renewals are answered once", arguments: StoreInstance.allCases)
    func epochs(_ instance: StoreInstance) async throws {
        try await with(instance) { store in
            let request = RequestRecord(nonce: fill(7, 16), audience: fill(3, 32), document: [], expires: 9)
            try await store.addRequest(request)
            #expect(try await store.acceptedPresentation(nonce: request.nonce) == nil)
            #expect(
                try await store.accept(AcceptanceRecord(nonce: request.nonce, spends: [], time: 5, presentation: [8], logSize: 1))
                    == .accepted)
            let evidence = try #require(try await store.acceptedPresentation(nonce: request.nonce))
            #expect(evidence.audience == request.audience && evidence.presentation == [8])
            func report(_ message: UInt8) -> ReportRecord {
                ReportRecord(
                    epoch: 1, audience: request.audience, account: fill(5, 33), message: fill(message, 32), reason: "abuse", raises: true,
                    nonce: request.nonce)
            }
            for message in UInt8(1)...3 { #expect(try await store.addReport(report(message), community: community) == .recorded) }
            #expect(try await store.addReport(report(1), community: community) == .repeated)
            let reports = try await store.reports(epoch: 1, after: 0, limit: 2, community: community)
            #expect(reports.map(\.message) == [fill(1, 32), fill(2, 32)])
            let behind = try await store.reports(epoch: 1, after: reports[1].number, limit: 2, community: community)
            #expect(behind.map(\.message) == [fill(3, 32)])
            func dispute(_ message: UInt8) async throws -> DisputeOutcome {
                try await store.dispute(
                    epoch: 1, audience: request.audience, account: fill(5, 33), message: fill(message, 32), community: community)
            }
            #expect(try await dispute(9) == .unknown)
            #expect(try await dispute(1) == .disputed)
            #expect(try await dispute(1) == .disputed)
            try await store.endEpoch(2, community: community)
            try await store.endEpoch(2, community: community)
            let plan = EpochPlan(rules: [1, 2], depth: 3, batching: try Batching(leaves: 4, seconds: 5))
            #expect(try await store.settleEpoch(2, next: plan, community: community) == .disputed)
            #expect(try await !store.decide(report: reports[1].number, upheld: true, community: community), "not disputed")
            #expect(try await store.decide(report: reports[0].number, upheld: false, community: community))
            #expect(try await !store.decide(report: reports[0].number, upheld: true, community: community), "once")
            #expect(try await store.reports(epoch: 1, after: 0, limit: 1, community: community)[0].state == .dismissed)
            #expect(try await store.settleEpoch(3, next: plan, community: community) == .notEnded)
            #expect(try await store.epochEnd(2, community: community) == EpochEnd(isSettled: false, next: .same))
            #expect(try await store.settleEpoch(2, next: plan, community: community) == .settled)
            #expect(try await store.settleEpoch(2, next: .same, community: community) == .settled)
            #expect(try await store.epochEnd(2, community: community) == EpochEnd(isSettled: true, next: plan), "the first plan stays")
            #expect(try await store.epochEnd(3, community: community) == nil)
            #expect(try await dispute(2) == .closed)
            #expect(try await store.addReport(report(4), community: community) == .closed)

            func renewal(_ number: UInt8, to: UInt32 = 3, base: UInt8 = 6, answer: UInt8 = 7) -> RenewalRecord {
                RenewalRecord(from: 2, to: to, nullifier: fill(number, 33), base: fill(base, 33), entry: [number], answer: [answer])
            }
            #expect(try await store.renew(renewal(1), community: community) == .renewed([7]))
            #expect(try await store.renew(renewal(1, answer: 8), community: community) == .repeated([7]))
            #expect(try await store.renew(renewal(1, base: 9), community: community) == .alreadyRenewed)
            #expect(try await store.renew(renewal(2, to: 2), community: community) == .closed)
            #expect(try await store.renewal(from: 2, nullifier: fill(1, 33), community: community) == renewal(1))
            #expect(try await store.renewal(from: 1, nullifier: fill(1, 33), community: community) == nil)
            let waiting = try await store.pendingRenewals(community: community, limit: 5)
            #expect(waiting == [renewal(1)])
            let batch = LogBatch(start: 0, entries: [[1]], leaves: [], renewals: waiting, checkpoint: [1])
            try await store.append(batch, community: community)
            #expect(try await store.pendingRenewals(community: community, limit: 5).isEmpty)
            await #expect(throws: StoreError.conflict) {
                try await store.append(
                    LogBatch(start: 1, entries: [[1]], leaves: [], renewals: waiting, checkpoint: [1]), community: community)
            }
        }
    }

    @Test("A published set stands for its interval, whoever made it", arguments: StoreInstance.allCases)
    func spentSets(_ instance: StoreInstance) async throws {
        try await with(instance) { store in
            #expect(try await store.spentSet(epoch: 1, community: community) == nil)
            func publish(_ document: UInt8, at time: Int64) async throws -> [UInt8] {
                try await store.publish(spentSet: [document], made: time, interval: 10, epoch: 1, community: community).document
            }
            #expect(try await publish(1, at: 100) == [1])
            #expect(try await publish(2, at: 109) == [1])
            #expect(try await publish(2, at: 91) == [1])
            #expect(try await publish(3, at: 110) == [3])
            let found = try #require(try await store.spentSet(epoch: 1, community: community))
            #expect(found.document == [3] && found.made == 110)
            #expect(try await store.spentSet(epoch: 2, community: community) == nil)
        }
    }
}
