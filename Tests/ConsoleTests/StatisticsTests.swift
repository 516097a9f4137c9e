import Console
import SignIn
import StoreSupport
import Testing
import VerifierService

@Suite("Statistics") struct StatisticsTests {
    private func count(_ day: Int, _ code: String, _ count: Int) -> DailyCount {
        DailyCount(day: day, party: "f", code: code, count: count)
    }

    @Test("Few are not said, and follow from nothing else that is")
    func suppression() {
        let statistics = Statistics(
            party: "f", name: "Forum", days: 10...13,
            counts: [
                count(10, "accepted", 4), count(11, "accepted", 5), count(11, "expired", 3), count(11, "banned", 2), count(12, "banned", 1),
                count(9, "accepted", 100), count(14, "accepted", 100),
            ])
        #expect(statistics.days.map(\.accepted) == [nil, 5, 0, 0])
        #expect(statistics.days.map(\.refused) == [0, 5, nil, 0])
        #expect(statistics.codes.isEmpty)
        #expect(!statistics.isEmpty)
        #expect(Statistics(party: "f", name: "F", days: 10...11, counts: [count(10, "accepted", 4)]).isEmpty)
    }

    @Test("What is counted is written down once, whatever fails on the way", arguments: StoreInstance.allCases)
    func tally(_ instance: StoreInstance) async throws {
        try await instance.withStore { store in
            let tally = Tally(store: store) { 20_000 * 86_400 + 5 }
            for number in 0..<7 {
                _ = try? await tally.counting("f") { if number > 4 { throw Moderation.Failure.text } }
            }
            _ = try? await tally.counting("f") { throw StoreError.unavailable("x") }
            _ = try? await tally.counting("f") { throw Problem(410, "expired", "Too late.") }
            try await tally.flush()
            try await tally.flush()
            #expect(
                try await store.counts(days: 20_000...20_000) == [
                    DailyCount(day: 20_000, party: "f", code: "accepted", count: 5),
                    DailyCount(day: 20_000, party: "f", code: "expired", count: 1),
                ])
            try await tally.counting("f") {}
            try await tally.flush()
            #expect(try await store.counts(days: 19_999...20_001).first?.count == 6)
        }
    }

    @Test("Settings hold what they are for, and the secret only when it is known")
    func settings() throws {
        let forum = try Forum(
            id: "client-1", secretHash: Forum.makeSecret().hash, redirectURIs: ["https://f.example.org/cb"], name: "F",
            audience: .of([1]), tiers: [Tier(name: "member", group: "members")])
        for software in ForumSoftware.allCases where software.fits(forum) {
            let known = ForumSettings(software, of: forum, issuer: "https://id.example.org", secret: "S3CRET")
            let hidden = ForumSettings(software, of: forum, issuer: "https://id.example.org")
            #expect(known.text.contains("client-1") && known.text.contains("https://id.example.org") && known.text.contains("S3CRET"))
            #expect(hidden.text == known.text.replacing("S3CRET", with: ForumSettings.hiddenSecret))
            #expect(software.redirectURI(ofForumAt: "http://f.example.org") == nil)
            if let uri = software.redirectURI(ofForumAt: "https://f.example.org/") {
                #expect(uri.hasPrefix("https://f.example.org/") && !uri.dropFirst(8).contains("//"))
                #expect(uri == software.redirectURI(ofForumAt: "https://f.example.org"))
            }
        }
    }
}
