import Console
import SignIn
import StoreSupport
import Testing
import VerifierService

@Suite("Operators' accounts") struct AccountsTests {
    private let now: Int64 = 1_800_000_000
    private let password = "correct horse battery"

    private func with(_ instance: StoreInstance, _ body: (Accounts, SQLStore) async throws -> Void) async throws {
        try await instance.withStore { store in
            let accounts = Accounts(store: store)
            let link = try await accounts.add("carla", role: .owner, by: "shell", now: now)
            try await accounts.choose(password, byLink: link, now: now)
            try await body(accounts, store)
        }
    }

    private func outcome(_ accounts: Accounts, _ name: String, _ password: String, at time: Int64? = nil) async throws -> String {
        switch try await accounts.signIn(name, password, now: time ?? now) {
        case .signedIn(let account, _): account.name
        case .wrong: "wrong"
        case .wait(let until): "wait \(until - now)"
        }
    }

    @Test("A password is checked against its hash, whatever else is typed or kept")
    func passwords() throws {
        let record = try Password.record(of: password)
        #expect(try Password.matches(password, record))
        for other in ["", "x", password + "x", String(password.dropLast()), password.uppercased(), String(repeating: "x", count: 10_000)] {
            #expect(try !Password.matches(other, record))
        }
        #expect(try !Password.matches(password, nil))
        #expect(try Password.record(of: password) != record, "salted")
        #expect(try Password.matches("p\u{E4}ssword of mine", Password.record(of: "pa\u{308}ssword of mine")), "typed elsewhere")
        for text in ["", "12345678901", String(repeating: "x", count: 257)] { #expect(!Password.isAdmissible(text)) }
        for altered in ["{}", "", #"{"version":2}"#, #"{"version":1,"rounds":9223372036854775807}"#] {
            #expect(throws: (any Error).self) { try Password.matches(password, Array(altered.utf8)) }
        }
    }

    @Test("A link chooses one password, for a day, and the newest alone counts", arguments: StoreInstance.allCases)
    func links(_ instance: StoreInstance) async throws {
        try await with(instance) { accounts, _ in
            let first = try await accounts.add("dora", role: .moderator, by: "carla", now: now)
            let second = try await accounts.link("dora", by: "carla", now: now)
            #expect(try await accounts.owner(ofLink: first, now: now) == nil)
            #expect(try await accounts.owner(ofLink: second, now: now + Accounts.linkLife - 1) == "dora")
            #expect(try await accounts.owner(ofLink: second, now: now + Accounts.linkLife) == nil)
            await #expect(throws: Accounts.Failure.password) { try await accounts.choose("short", byLink: second, now: now) }
            await #expect(throws: Accounts.Failure.link) {
                try await accounts.choose(password, byLink: second, now: now + Accounts.linkLife)
            }
            #expect(try await outcome(accounts, "dora", password) == "wrong", "nothing is chosen yet")
            try await accounts.choose(password, byLink: second, now: now)
            await #expect(throws: Accounts.Failure.link) { try await accounts.choose(password, byLink: second, now: now) }
            #expect(try await outcome(accounts, "dora", password) == "dora")
            await #expect(throws: Accounts.Failure.unknown) { try await accounts.link("nobody", by: "carla", now: now) }
            for name in ["", "A", "a b", "\u{0}", String(repeating: "a", count: 33)] {
                await #expect(throws: Accounts.Failure.name) { try await accounts.add(name, role: .owner, by: "carla", now: now) }
            }
            await #expect(throws: Accounts.Failure.exists) { try await accounts.add("carla", role: .owner, by: "carla", now: now) }
        }
    }

    @Test("Wrong passwords make wait, longer each time, at once and for names that are nobody's too", arguments: StoreInstance.allCases)
    func waits(_ instance: StoreInstance) async throws {
        try await with(instance) { accounts, _ in
            for _ in 0..<Accounts.tries { #expect(try await outcome(accounts, "carla", "wrong password") == "wrong") }
            #expect(try await outcome(accounts, "carla", password) == "wait 60")
            #expect(try await outcome(accounts, "carla", password, at: now + 59) == "wait 60")
            #expect(try await outcome(accounts, "carla", "wrong password", at: now + 60) == "wrong")
            #expect(try await outcome(accounts, "carla", password, at: now + 61) == "wait 180")
            #expect(try await outcome(accounts, "carla", password, at: now + 180) == "carla")
            #expect(try await outcome(accounts, "carla", "wrong password", at: now + 181) == "wrong", "forgotten")
            for count in 0..<200 {
                let until = Accounts.wait(OperatorFailures(count: count, last: 0))
                #expect(count < Accounts.tries ? until == nil : until.map { (60...900).contains($0) } == true)
            }
            let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        do { return try await outcome(accounts, "nobody", "wrong password") } catch let problem as Problem {
                            return problem.code
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == "wrong" || $0 == "busy" } == Accounts.tries, "\(outcomes)")
            #expect(try await outcome(accounts, "nobody", password) == "wait 60")
        }
    }

    @Test("A session ends without use, and in any case; a password ends all of them", arguments: StoreInstance.allCases)
    func sessions(_ instance: StoreInstance) async throws {
        try await with(instance) { accounts, store in
            func enter(_ time: Int64) async throws -> Browser {
                guard case .signedIn(_, let browser) = try await accounts.signIn("carla", password, now: time) else {
                    throw StoreError.conflict
                }
                return browser
            }
            let idle = try await enter(now)
            #expect(try await accounts.account(of: idle, now: now + Accounts.idle - 1)?.name == "carla")
            #expect(try await accounts.account(of: idle, now: now + 2 * Accounts.idle - 2)?.name == "carla", "used meanwhile")
            #expect(try await accounts.account(of: idle, now: now + 3 * Accounts.idle) == nil)
            #expect(try await accounts.account(of: idle, now: now) == nil, "ended for good")
            let busy = try await enter(now)
            for time in stride(from: now, to: now + Accounts.longest, by: 1000) {
                #expect(try await accounts.account(of: busy, now: time) != nil)
            }
            #expect(try await accounts.account(of: busy, now: now + Accounts.longest) == nil)
            let (one, two) = (try await enter(now), try await enter(now))
            try await accounts.signOut(one)
            #expect(try await accounts.account(of: one, now: now) == nil)
            let link = try await accounts.link("carla", by: "shell", now: now)
            try await accounts.choose(password, byLink: link, now: now)
            #expect(try await accounts.account(of: two, now: now) == nil)
            for _ in 0..<Accounts.tries { _ = try await outcome(accounts, "carla", "wrong password") }
            #expect(try await outcome(accounts, "carla", password) == "wait 60")
            try await accounts.choose(password, byLink: try await accounts.link("carla", by: "shell", now: now), now: now)
            #expect(try await accounts.account(of: Browser(), now: now) == nil)
            let kept = try await enter(now)
            try await accounts.keepUp(now: now + Accounts.longest + 1)
            #expect(try await accounts.account(of: kept, now: now) == nil)
            #expect(try await AuditCheck.run(store) != nil)
        }
    }

    @Test("A token acts until it ends or is taken back, and one owner stays", arguments: StoreInstance.allCases)
    func tokens(_ instance: StoreInstance) async throws {
        try await with(instance) { accounts, store in
            _ = try await accounts.add("dora", role: .moderator, by: "carla", now: now)
            let (number, token) = try await accounts.makeToken(for: "dora", label: "bot", days: 2, by: "dora", now: now)
            #expect(try await accounts.account(ofToken: token, now: now + 2 * 86_400 - 1)?.name == "dora")
            #expect(try await accounts.account(ofToken: token, now: now + 2 * 86_400) == nil)
            for text in ["", "x", String(token.dropLast()), token + "A", String(repeating: "A", count: 43)] {
                #expect(try await accounts.account(ofToken: text, now: now) == nil)
            }
            for (label, days) in [
                ("", 1), ("a\nb", 1), (String(repeating: "x", count: 65), 1), ("bot", 0), ("bot", 367), ("bot", Int64.max),
            ] {
                await #expect(throws: Accounts.Failure.token) {
                    try await accounts.makeToken(for: "dora", label: label, days: days, by: "dora", now: now)
                }
            }
            await #expect(throws: Accounts.Failure.unknown) {
                try await accounts.makeToken(for: "nobody", label: "bot", days: 1, by: "dora", now: now)
            }
            try await accounts.removeToken(number, by: "carla", now: now)
            #expect(try await accounts.account(ofToken: token, now: now) == nil)
            await #expect(throws: Accounts.Failure.unknown) { try await accounts.removeToken(number, by: "carla", now: now) }
            await #expect(throws: Accounts.Failure.lastOwner) { try await accounts.remove("carla", by: "carla", now: now) }
            await #expect(throws: Accounts.Failure.lastOwner) {
                try await accounts.setRole(.moderator, of: "carla", by: "carla", now: now)
            }
            try await accounts.setRole(.owner, of: "dora", by: "carla", now: now)
            try await accounts.remove("carla", by: "dora", now: now)
            #expect(try await store.operators().map(\.name) == ["dora"])
        }
    }
    @Test("Owners who remove or lower each other at one moment leave one of them", arguments: StoreInstance.allCases)
    func lastOwner(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            let accounts = Accounts(store: store)
            for round in 0..<8 {
                let names = (0..<4).map { "owner-\(round)-\($0)" }
                for name in names { _ = try await accounts.add(name, role: .owner, by: "shell", now: now) }
                // Whoever is left of the round before goes first, as one of several.
                for one in try await store.operators() where !names.contains(one.name) {
                    try await accounts.remove(one.name, by: "shell", now: now)
                }
                let refused = await withTaskGroup(of: Bool.self) { group in
                    for (place, name) in names.enumerated() {
                        group.addTask {
                            do {
                                if place % 2 == 0 {
                                    try await accounts.remove(name, by: names[(place + 1) % 4], now: now)
                                } else {
                                    try await accounts.setRole(.moderator, of: name, by: names[(place + 1) % 4], now: now)
                                }
                                return false
                            } catch { return error as? Accounts.Failure == .lastOwner }
                        }
                    }
                    return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(refused == 1)
                #expect(try await store.operators().count { $0.role == .owner } == 1)
            }
            #expect(try await AuditCheck.run(store) != nil)
        }
    }
}
