import Foundation
import Platform
import Reputation
import StoreSupport
import Testing
import VerifierService

/// What any store of bans, notes, appeals and the audit log has to keep.
@Suite("Moderation") struct ModerationTests {
    private let forum = Digest.of([7])
    private let elsewhere = Digest.of([8])
    private let now: Int64 = 1_800_000_000

    private func subject(_ number: UInt8) -> Subject { Subject(audience: forum, nullifier: [UInt8](repeating: number, count: 33)) }

    private func ban(
        _ moderation: Moderation, _ number: UInt8, until: Int64? = nil, by name: String = "ann", at time: Int64? = nil
    ) async throws -> Int {
        try await moderation.ban(
            subject(number), audience: forum, reason: "inside", publicReason: "outside", until: until, by: name, now: time ?? now)
    }

    @Test("A ban holds until its end or until it is lifted, one at a time, however many come at once", arguments: StoreInstance.allCases)
    func bans(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            let moderation = Moderation(store: store)
            let first = try await ban(moderation, 1, until: now + 100)
            await #expect(throws: Moderation.Failure.alreadyBanned(first)) { try await ban(moderation, 1) }
            #expect(try await moderation.notice(for: subject(1), audience: forum, now: now + 99)?.reason == "outside")
            #expect(try await moderation.notice(for: subject(1), audience: forum, now: now + 100) == nil)
            #expect(try await moderation.notice(for: subject(2), audience: forum, now: now) == nil)
            await #expect(throws: Moderation.Failure.unknownBan) {
                try await moderation.lift(first, reason: "late", by: "ann", now: now + 100)
            }
            let second = try await ban(moderation, 1, at: now + 100)
            try await moderation.lift(second, reason: "enough", by: "ben", now: now + 200)
            #expect(try await moderation.notice(for: subject(1), audience: forum, now: now + 200) == nil)
            await #expect(throws: Moderation.Failure.unknownBan) {
                try await moderation.lift(second, reason: "again", by: "ben", now: now + 200)
            }
            #expect(try await store.bans(of: subject(1)).map(\.number) == [first, second])
            #expect(try await store.ban(number: second)?.lifted == .init(time: now + 200, by: "ben", reason: "enough"))
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 { group.addTask { (try? await ban(moderation, 3)) != nil } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.bans(audience: forum.bytes, inForceAt: now + 300, after: 0, limit: 10).map(\.subject) == [subject(3)])
            #expect(try await store.bans(audience: elsewhere.bytes, inForceAt: nil, after: 0, limit: 10).isEmpty)
            #expect(try await store.bans(audience: nil, inForceAt: nil, after: 1, limit: 1).map(\.number) == [2])
            #expect(try await AuditCheck.run(store)?.number == 4)
        }
    }

    @Test("What cannot be kept or shown is refused, and leaves no row", arguments: StoreInstance.allCases)
    func malformed(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            let moderation = Moderation(store: store)
            func attempt(
                _ reason: String = "r", _ shown: String = "p", _ until: Int64? = nil, by name: String = "ann"
            ) async -> Moderation.Failure? {
                do {
                    _ = try await moderation.ban(
                        subject(1), audience: forum, reason: reason, publicReason: shown, until: until, by: name, now: now)
                    return nil
                } catch { return error as? Moderation.Failure }
            }
            for text in ["", " \n", "\u{0}", "a\u{202E}b", "a\tb", String(repeating: "é", count: 1001)] {
                #expect(await attempt(text) == .text)
            }
            for text in ["", "two\nlines", "\u{1B}[2J", String(repeating: "x", count: 501)] {
                #expect(await attempt("r", text) == .publicReason)
            }
            for end in [now, now - 1, Int64.min, Int64.max] { #expect(await attempt("r", "p", end) == .until) }
            for name in ["", "Ann", "a b", "a\n", "é", String(repeating: "a", count: 33)] { #expect(await attempt(by: name) == .name) }
            let last = try await store.lastAuditRow()
            #expect(last == nil)
            for text in [
                "", "x", String(repeating: "a", count: 31) + "1", String(repeating: "A", count: 32), "lusab-tivor", "1usab-tivor-nekom",
            ] {
                await #expect(throws: Moderation.Failure.pseudonym) { try await moderation.subject(text, audience: forum) }
            }
        }
    }

    @Test("A username finds the pseudonym that signed in with it at the audience, and no other", arguments: StoreInstance.allCases)
    func usernames(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            let moderation = Moderation(store: store)
            let one = subject(1)
            await #expect(throws: Moderation.Failure.unknownUsername) { try await moderation.subject(one.username, audience: nil) }
            try await store.saw(one, audience: forum.bytes, day: 20_000)
            try await store.saw(one, audience: forum.bytes, day: 20_002)
            try await store.saw(one, audience: forum.bytes, day: 20_001)
            #expect(try await store.seen(one) == SeenRecord(audience: forum.bytes, subject: one, first: 20_000, last: 20_002))
            #expect(try await moderation.subject(one.username, audience: forum) == one)
            #expect(try await moderation.subject("\(one.text)@members.example.org", audience: forum) == one)
            await #expect(throws: Moderation.Failure.unknownUsername) { try await moderation.subject(one.username, audience: elsewhere) }
        }
    }

    @Test("A ban ends sessions, codes and tokens of its pseudonym, and nobody else's", arguments: StoreInstance.allCases)
    func endsSignIns(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            func id(_ number: Int) -> [UInt8] { SHA256.hash(Array("\(number)".utf8)) }
            try await store.addForum(ForumRecord(id: "f", document: [1]))
            for number in 1...2 {
                let proof = subject(UInt8(number)).documentStart + Array("\"tier\":\"member\"}".utf8)
                #expect(
                    try await store.addInteraction(
                        InteractionRecord(id: id(number), browser: id(9), forum: "f", document: [7], expires: now + 100), limit: 10))
                _ = try await store.openRequests([id(number + 10)], replacing: [], interaction: id(number))
                #expect(try await store.prove(proof, nonce: id(number + 10), code: nil, tries: 1, interaction: id(number)))
                let grant = GrantRecord(codeHash: id(number + 20), forum: "f", document: [7], proof: proof, expires: now + 100)
                let session = SessionRecord(id: id(number + 30), forum: "f", proof: proof, expires: now + 100)
                #expect(try await store.finish(interaction: id(number), grant: grant, session: session))
                let token = TokenRecord(hash: id(number + 40), expires: now + 100)
                #expect(try await store.redeem(codeHash: id(number + 20), for: token, now: now) == .redeemed)
            }
            _ = try await ban(Moderation(store: store), 1)
            #expect(try await store.session(id: id(31)) == nil)
            #expect(try await store.grant(codeHash: id(21)) == nil)
            #expect(try await store.token(hash: id(41)) == nil)
            #expect(try await store.session(id: id(32)) != nil)
            #expect(try await store.token(hash: id(42)) != nil)
        }
    }

    @Test("An appeal is heard once at a time, so many times, and decided by another", arguments: StoreInstance.allCases)
    func appeals(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            let moderation = Moderation(store: store)
            func appeal(_ text: String, of number: UInt8 = 1, at time: Int64? = nil) async throws -> AppealOutcome {
                try await store.addAppeal(
                    AppealRecord(message: AppealStatement.message(of: Array(text.utf8)).bytes, text: text, time: time ?? now),
                    of: subject(number), limit: 2)
            }
            #expect(try await appeal("one") == .notBanned)
            let banned = try await ban(moderation, 1, until: now + 1000)
            guard case .kept(let first) = try await appeal("one") else { throw StoreError.conflict }
            #expect(first.ban == banned && first.state == .open)
            #expect(try await appeal("one", at: now + 5) == .kept(first))
            #expect(try await appeal("two") == .anotherOpen)
            #expect(try await appeal("one", of: 2) == .notBanned)
            func decide(_ number: Int, _ grant: Bool, by name: String) async throws {
                try await moderation.decide(number, grant: grant, answer: "so", by: name, now: now + 10)
            }
            await #expect(throws: Moderation.Failure.sameOperator) { try await decide(first.number, true, by: "ann") }
            await #expect(throws: Moderation.Failure.unknownAppeal) { try await decide(first.number + 1, true, by: "ben") }
            try await decide(first.number, false, by: "ben")
            await #expect(throws: Moderation.Failure.appealClosed) { try await decide(first.number, true, by: "ben") }
            #expect(try await store.appeal(number: first.number)?.state == .refused)
            #expect(try await moderation.notice(for: subject(1), audience: forum, now: now + 20) != nil)
            guard case .kept(let second) = try await appeal("two", at: now + 20) else { throw StoreError.conflict }
            #expect(try await store.appeals(open: true, after: 0, limit: 10) == [second])
            try await decide(second.number, true, by: "ben")
            #expect(try await moderation.notice(for: subject(1), audience: forum, now: now + 20) == nil)
            #expect(try await store.ban(number: banned)?.lifted?.by == "ben")
            // The first words again, after everything: they are answered as before.
            guard case .kept(let again) = try await appeal("two", at: now + 30) else { throw StoreError.conflict }
            #expect(again.state == .granted && again.answer == "so" && again.by == "ben")
            _ = try await ban(moderation, 1, at: now + 40)
            #expect(try await appeal("one", at: now + 40) == .kept(try #require(try await store.appeal(number: first.number))))
            for text in ["three", "four"] {
                guard case .kept(let one) = try await appeal(text, at: now + 50) else { throw StoreError.conflict }
                try await moderation.decide(one.number, grant: false, answer: "no", by: "ben", now: now + 60)
            }
            #expect(try await appeal("five", at: now + 70) == .usedUp)
            #expect(try await AuditCheck.run(store) != nil)
        }
    }

    @Test("The audit log holds whoever appends at once, and no other log does", arguments: StoreInstance.allCases)
    func auditLog(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            let moderation = Moderation(store: store)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 { group.addTask { try await moderation.log("test", ["n": "\(number)"], by: "ann", now: now) } }
                try await group.waitForAll()
            }
            let rows = try await store.auditRows(after: 0, limit: 100)
            #expect(rows.map(\.number) == Array(1...40))
            #expect(try Set(rows.map { try $0.entry().about["n"] }).count == 40)
            let head = try #require(try await AuditCheck.run(store))
            #expect(head == AuditCheck.Head(rows[39]) && AuditCheck.Head(head.text) == head)
            func check(_ rows: [AuditRow], _ expected: AuditCheck.Head? = nil) -> AuditCheck.Failure? {
                var check = AuditCheck(expecting: expected)
                do {
                    for row in rows { try check.add(row) }
                    _ = try check.finish()
                    return nil
                } catch { return error }
            }
            #expect(check(rows, head) == nil && check([]) == nil)
            for place in [0, 17, 39] {
                var (missing, altered, swapped) = (rows, rows, rows)
                missing.remove(at: place)
                #expect(check(missing, head) != nil)
                altered[place] = AuditRow(
                    number: place + 1, document: rows[place].document.map { $0 == UInt8(ascii: "n") ? UInt8(ascii: "m") : $0 },
                    hash: rows[place].hash)
                #expect(check(altered) == .row(place + 1))
                swapped.swapAt(place, (place + 1) % 40)
                #expect(check(swapped) != nil)
            }
            #expect(check(Array(rows.dropLast()), head) == .head(40))
            for text in [
                "", "1", "1:", "0:" + String(repeating: "0", count: 64), "1:zz", "-1:00", "1:\(String(repeating: "0", count: 64)):",
            ] {
                #expect(AuditCheck.Head(text) == nil)
            }
        }
    }

    @Test("Times are read and written as people do")
    func times() {
        #expect(UTC.text(1_764_597_900) == "2025-12-01 14:05 UTC")
        #expect(UTC.text(0) == "1970-01-01 00:00 UTC" && UTC.text(-60) == "1969-12-31 23:59 UTC")
        #expect(UTC.text(Int64.max).hasSuffix("UTC") && UTC.text(Int64.min).hasSuffix("UTC"))
        #expect(UTC.end("2025-12-01", now: 0) == 1_764_547_200)
        #expect(UTC.end("30d", now: 5) == 30 * 86_400 + 5 && UTC.end("12h", now: 5) == 12 * 3600 + 5)
        for text in ["", "d", "0d", "-1d", "1w", "01d", "9999999d", "2025-13-01", "2025-12-1", "1 d"] {
            #expect(UTC.end(text, now: 0) == nil)
        }
    }

    @Test("A proof of the pseudonym is heard although it is banned; nothing else is")
    func proofs() async throws {
        try await CommunityFixture.with { fixture in
            let moderationStore = try #require(fixture.store as? any ModerationStore)
            let verifier = Verifier(
                issuer: fixture.issuer, store: fixture.store, batches: BatchVerifier(pool: fixture.pool), moderation: moderationStore)
            func body(_ member: Int, _ text: String, saying said: String? = nil, to audience: Digest? = nil) throws -> [UInt8] {
                let request = try AppealStatement.request(
                    community: fixture.community, epoch: 1, audience: audience ?? fixture.forum, text: Array(text.utf8))
                let answer = try fixture.answer(member, request)
                return JSON.object([
                    .init("version", .integer(Int64(1))), .init("text", .text(said ?? text)),
                    .init("answer", answer.json(fixture.community.schema)),
                ]).encoded()
            }
            func verdict(_ body: [UInt8], at audience: Digest? = nil) async -> String {
                do {
                    return String(
                        describing: try await verifier.appeal(body, audience: audience ?? fixture.forum, now: CommunityFixture.now).state)
                } catch { return Problem(error).code }
            }
            #expect(await verdict(try body(0, "please")) == "not-banned")
            // His pseudonym, as the service would learn it.
            let ask = Question(purposes: [.signIn], lifetime: 100)
            let request = try await verifier.ask(ask, audience: fixture.forum, now: CommunityFixture.now)
            let answer = try fixture.answer(0, request).json(fixture.community.schema).encoded()
            let again = try await verifier.ask(ask, audience: fixture.forum, now: CommunityFixture.now)
            let acceptance = try await verifier.accept(answer, audience: fixture.forum, now: CommunityFixture.now)
            let subject = Subject(audience: fixture.forum, nullifier: acceptance.nullifiers[0].nullifier)
            _ = try await Moderation(store: moderationStore).ban(
                subject, audience: fixture.forum, reason: "r", publicReason: "p", until: nil, by: "ann", now: CommunityFixture.now)
            let later = try fixture.answer(0, again).json(fixture.community.schema).encoded()
            await #expect { try await verifier.accept(later, audience: fixture.forum, now: CommunityFixture.now) } throws: {
                let problem = Problem($0)
                return problem.status == 403 && problem.code == "banned" && problem.json["reason"]?.text == "p"
                    && problem.json["until"] == nil
            }
            #expect(try await verifier.request(nonce: again.context.nonce) == again, "nothing was used up")
            #expect(await verdict(try body(0, "please", saying: "please!")) != "open", "the proof is of other words")
            #expect(await verdict(try body(0, "please", to: fixture.elsewhere)) == "audience-mismatch")
            #expect(await verdict(try body(1, "please")) == "not-banned")
            #expect(await verdict(try body(0, "please")) == "open")
            #expect(await verdict(try body(0, "please")) == "open")
            #expect(await verdict(try body(0, "more")) == "appeal-open")
            // What was signed in with is no appeal.
            let other = JSON.object([
                .init("version", .integer(Int64(1))), .init("text", .text("please")), .init("answer", try JSON(parsing: later)),
            ])
            #expect(await verdict(other.encoded()) != "open")
        }
    }
}
