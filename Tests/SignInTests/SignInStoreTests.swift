import Platform
import StoreSupport
import Testing
import VerifierService

/// What any store of sign-ins has to keep.
@Suite("Store of sign-ins") struct SignInStoreTests {
    private func id(_ number: Int) -> [UInt8] { SHA256.hash(Array("\(number)".utf8)) }

    private func with(_ instance: StoreInstance, _ body: (any SignInStore) async throws -> Void) async throws {
        try await instance.withStore { store in
            try await store.addForum(ForumRecord(id: "f", document: [1]))
            try await body(store)
        }
    }

    private func add(_ number: Int, to store: any SignInStore) async throws -> [UInt8] {
        let record = InteractionRecord(id: id(number), browser: id(1000), forum: "f", document: [7], expires: 100)
        #expect(try await store.addInteraction(record, limit: 1000))
        return record.id
    }

    private func grant(_ number: Int, forum: String = "f", expires: Int64 = 100) -> GrantRecord {
        GrantRecord(codeHash: id(number), forum: forum, document: [7], proof: [8], expires: expires)
    }

    private func session(_ number: Int) -> SessionRecord { SessionRecord(id: id(number), forum: "f", proof: [8], expires: 100) }

    @Test("Forums are added once, replaced, and taken out with all that hangs on them", arguments: StoreInstance.allCases)
    func forums(_ instance: StoreInstance) async throws {
        try await with(instance) { store in
            await #expect(throws: StoreError.exists) { try await store.addForum(ForumRecord(id: "f", document: [2])) }
            try await store.addForum(ForumRecord(id: "e", document: [3]))
            #expect(try await store.updateForum(ForumRecord(id: "f", document: [4])))
            #expect(try await !store.updateForum(ForumRecord(id: "g", document: [4])))
            #expect(try await store.forums() == [ForumRecord(id: "e", document: [3]), ForumRecord(id: "f", document: [4])])
            let interaction = try await add(1, to: store)
            _ = try await store.openRequests([id(50)], replacing: [], interaction: interaction)
            try await store.addGrant(grant(2))
            #expect(try await store.redeem(codeHash: id(2), for: TokenRecord(hash: id(3), expires: 99), now: 0) == .redeemed)
            #expect(try await store.removeForum(id: "f"))
            #expect(try await !store.removeForum(id: "f"))
            #expect(try await store.interaction(id: interaction) == nil)
            #expect(try await store.grant(codeHash: id(2)) == nil)
            #expect(try await store.token(hash: id(3)) == nil)
            #expect(try await store.forum(id: "e")?.document == [3])
        }
    }

    @Test("An interaction goes its way, and no other", arguments: StoreInstance.allCases)
    func interactions(_ instance: StoreInstance) async throws {
        try await with(instance) { store in
            let one = try await add(1, to: store)
            // Nothing is proved to what was not asked.
            #expect(try await !store.prove([9], nonce: id(50), code: nil, tries: 5, interaction: one))
            #expect(try await store.openRequests([id(50), id(51)], replacing: [], interaction: one) == [id(50), id(51)])
            #expect(try await store.openRequests([id(60)], replacing: [], interaction: one) == [id(50), id(51)], "the first wins")
            #expect(try await store.openRequests([id(61), id(62)], replacing: [id(50), id(51)], interaction: one) == [id(61), id(62)])
            #expect(try await !store.prove([9], nonce: id(50), code: nil, tries: 5, interaction: one), "replaced")
            #expect(try await !store.finish(interaction: one, grant: grant(2), session: session(3)))
            #expect(try await store.prove([9], nonce: id(62), code: nil, tries: 5, interaction: one))
            #expect(try await !store.prove([10], nonce: id(62), code: nil, tries: 5, interaction: one), "once")
            #expect(try await store.openRequests([id(70)], replacing: [id(61), id(62)], interaction: one) == nil)
            let record = try #require(try await store.interaction(id: one))
            #expect(record.state == .accepted && record.proof == [9] && record.nonces == [id(61), id(62)] && record.document == [7])
            #expect(try await store.finish(interaction: one, grant: grant(2), session: session(3)))
            #expect(try await !store.finish(interaction: one, grant: grant(4), session: session(5)), "once")
            #expect(try await store.grant(codeHash: id(2)) == grant(2))
            #expect(try await store.grant(codeHash: id(4)) == nil)
            #expect(try await store.session(id: id(3)) == session(3))
            #expect(try await !store.cancel(interaction: one))
            #expect(try await !store.restart(interaction: one, as: id(9), browser: id(9), expires: 200))
            try await store.endSession(id: id(3))
            #expect(try await store.session(id: id(3)) == nil)
            // A grant is there once; what would bring it again leaves everything as it was.
            await #expect(throws: StoreError.exists) { try await store.addGrant(grant(2)) }
            let other = try await add(6, to: store)
            _ = try await store.openRequests([id(90)], replacing: [], interaction: other)
            #expect(try await store.prove([9], nonce: id(90), code: nil, tries: 5, interaction: other))
            await #expect(throws: StoreError.exists) { try await store.finish(interaction: other, grant: grant(2), session: session(7)) }
            #expect(try await store.interaction(id: other)?.state == .accepted)
            #expect(try await store.session(id: id(7)) == nil)
            #expect(try await store.finish(interaction: other, grant: grant(8), session: session(7)))
            // Begun anew, all that was is gone.
            let two = try await add(2, to: store)
            _ = try await store.openRequests([id(80)], replacing: [], interaction: two)
            #expect(try await store.prove([9], nonce: id(80), code: id(5), tries: 5, interaction: two))
            #expect(try await store.restart(interaction: two, as: id(20), browser: id(21), expires: 200))
            #expect(try await store.interaction(id: two) == nil)
            #expect(
                try await store.interaction(id: id(20))
                    == InteractionRecord(id: id(20), browser: id(21), forum: "f", document: [7], expires: 200))
            #expect(try await store.tryCode(id(5), interaction: id(20)) == .notAsked)
            #expect(try await !store.prove([9], nonce: id(80), code: nil, tries: 5, interaction: id(20)))
            #expect(try await store.cancel(interaction: id(20)))
            #expect(try await store.interaction(id: id(20))?.state == .cancelled)
            // No more than there may be.
            let third = InteractionRecord(id: id(3), browser: id(3), forum: "f", document: [], expires: 100)
            #expect(try await !store.addInteraction(third, limit: 3))
            try await store.forgetSignIns(expiredBefore: 101)
            #expect(try await store.interaction(id: one) == nil)
            #expect(try await store.interaction(id: id(20)) != nil)
        }
    }

    @Test("Of codes that are typed so many count, also at once", arguments: StoreInstance.allCases)
    func codes(_ instance: StoreInstance) async throws {
        try await with(instance) { store in
            func proved(_ number: Int) async throws -> [UInt8] {
                let interaction = try await add(number, to: store)
                _ = try await store.openRequests([id(number + 100)], replacing: [], interaction: interaction)
                #expect(try await store.prove([9], nonce: id(number + 100), code: id(7), tries: 3, interaction: interaction))
                return interaction
            }
            let one = try await proved(1)
            #expect(try await store.tryCode(id(8), interaction: one) == .wrong(left: 2))
            #expect(try await store.tryCode(id(7), interaction: one) == .accepted)
            #expect(try await store.tryCode(id(7), interaction: one) == .notAsked)
            #expect(try await store.interaction(id: one)?.state == .accepted)
            let two = try await proved(2)
            let outcomes = try await withThrowingTaskGroup(of: CodeOutcome.self) { group in
                for _ in 0..<20 { group.addTask { try await store.tryCode(id(8), interaction: two) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 != .notAsked }.count == 3 && outcomes.contains(.wrong(left: 0)))
            #expect(try await store.tryCode(id(7), interaction: two) == .notAsked)
            #expect(try await store.interaction(id: two)?.state == .failed)
            let three = try await proved(3)
            let rights = try await withThrowingTaskGroup(of: CodeOutcome.self) { group in
                for _ in 0..<20 { group.addTask { try await store.tryCode(id(7), interaction: three) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(rights.filter { $0 == .accepted }.count == 1)
        }
    }

    @Test("Of exchanges of one code one is answered, and another takes the token back", arguments: StoreInstance.allCases)
    func grants(_ instance: StoreInstance) async throws {
        try await with(instance) { store in
            try await store.addGrant(grant(1))
            let outcomes = try await withThrowingTaskGroup(of: RedeemOutcome.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await store.redeem(codeHash: id(1), for: TokenRecord(hash: id(100 + number), expires: 300), now: 50)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == .redeemed }.count == 1 && outcomes.filter { $0 == .refused }.count == 19)
            for number in 0..<20 { #expect(try await store.token(hash: id(100 + number)) == nil) }
            try await store.addGrant(grant(2))
            let token = TokenRecord(hash: id(200), expires: 300)
            #expect(try await store.redeem(codeHash: id(2), for: token, now: 99) == .redeemed)
            let found = try #require(try await store.token(hash: token.hash))
            #expect(found.token == token && found.grant == grant(2))
            // Known for what it is as long as its token lives.
            try await store.forgetSignIns(expiredBefore: 300)
            #expect(try await store.token(hash: token.hash) != nil)
            #expect(try await store.redeem(codeHash: id(2), for: TokenRecord(hash: id(201), expires: 300), now: 99) == .refused)
            #expect(try await store.token(hash: token.hash) == nil)
            try await store.addGrant(grant(3))
            #expect(try await store.redeem(codeHash: id(3), for: TokenRecord(hash: id(202), expires: 300), now: 100) == .refused, "expired")
            #expect(try await store.token(hash: id(202)) == nil)
            #expect(try await store.redeem(codeHash: id(4), for: TokenRecord(hash: id(203), expires: 300), now: 0) == .unknown)
        }
    }
}
