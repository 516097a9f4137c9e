import Foundation
import Operations
import Platform
import Reputation
import StoreSupport
import Testing
import VerifierService

@Suite("What changes while a service runs") struct FollowingTests {
    private let now: Int64 = 1_800_000_000

    @Test("Limits of owners hold over the settings in all processes, until they are taken back", arguments: StoreInstance.allCases)
    func limits(_ instance: StoreInstance) async throws {
        try await instance.withAddress { address in
            let (one, other) = (try StoreInstance.open(address), try StoreInstance.open(address))
            // Another process may have other settings.
            let here = LimitBook(Limits(perMinute: [.pages: 2, .claims: 1]), store: one)
            let there = LimitBook(Limits(perMinute: [.pages: 9]), store: other)
            func allowed(_ book: LimitBook, _ kind: Limits.Kind, _ address: String) async throws -> Int {
                try await book.refresh()
                let client = ClientAddress(address)!
                return (0..<100).count { _ in book.take(kind, client, now: 5) == nil }
            }
            #expect(try await allowed(here, .pages, "192.0.2.1") == 2)
            #expect(try await allowed(there, .pages, "192.0.2.1") == 9)
            #expect(try await allowed(here, .files, "192.0.2.1") == 100, "no limit")
            try await one.setLimits([.pages: 5, .files: 3], by: "carla", now: now)
            #expect(try await allowed(here, .pages, "192.0.2.2") == 5)
            #expect(try await allowed(there, .pages, "192.0.2.2") == 5)
            #expect(try await allowed(there, .files, "192.0.2.2") == 3)
            #expect(try await allowed(here, .claims, "192.0.2.2") == 1, "by the settings")
            try await other.setLimits([.pages: 0], by: "dora", now: now + 1)
            #expect(try await allowed(here, .pages, "192.0.2.3") == 100, "0 is none")
            // Who has set nothing new stands in no log.
            try await other.setLimits([.pages: 0, .claims: nil], by: "dora", now: now + 1)
            try await one.setLimits([.pages: nil], by: "carla", now: now + 2)
            #expect(try await allowed(here, .pages, "192.0.2.4") == 2)
            #expect(
                try await there.lines().map { "\($0.kind) \($0.setting) \($0.chosen ?? -1)" }
                    == ["claims 0 -1", "proofs 0 -1", "forums 0 -1", "pages 9 -1", "files 0 3"])
            for number in [-1, 1_000_001, Int.max] {
                await #expect(throws: Problem.limit) { try await one.setLimits([.proofs: number, .claims: 1], by: "carla", now: now) }
            }
            #expect(try await one.limits() == [.files: 3])
            let entries = try await one.auditRows(after: 0, limit: 10).map { try $0.entry() }
            #expect(
                entries.map(\.about) == [["pages": "5", "files": "3"], ["pages": "0"], ["pages": "setting"]]
                    && entries.map(\.by) == ["carla", "dora", "carla"])
            try one.close()
            try other.close()
        }
    }

    @Test("Audiences and policies of a folder are known as soon as they are there")
    func audiences() async throws {
        try await withTemporaryDirectory { path in
            let directory = DataDirectory(path: path + "/data")
            let key = try directory.createLogKey()
            let community = try Community(logKey: key.publicKey, origin: Array("assembly".utf8), schema: CommunityFixture.schema())
            // Of two processes on one folder each knows what the other makes.
            let one = try AudienceBook(of: directory, community: community)
            let other = try AudienceBook(of: directory, community: community)
            #expect(one.all.isEmpty && one.audience(Digest.of([1])) == nil)
            for name in ["forum", "second", "third"] {
                let made = try directory.audience(named: name)
                #expect(one.audience(made.id)?.name == name && other.audience(made.id)?.token == made.token)
            }
            #expect(one.all.map(\.name) == ["forum", "second", "third"])
            let forum = try directory.audience(named: "forum")
            #expect(one.policy(of: forum.id) == nil)
            let form = try Policy.Form(
                json: JSON(parsing: Array(#"{"purposes":["account"],"tickets":5}"#.utf8)), schema: community.schema)
            let policy = try Policy(community: community.id, schema: community.schema.digest, audience: forum.id, forms: [form])
            try directory.setPolicy(policy, of: forum, community: community)
            try one.refresh()
            #expect(one.policy(of: forum.id) == policy)
            // What cannot be read changes nothing of what is known.
            try Data("zz".utf8).write(to: URL(fileURLWithPath: path + "/data/audiences/broken.key"))
            #expect(throws: DataDirectory.Failure.self) { try one.refresh() }
            #expect(one.all.count == 3 && one.policy(of: forum.id) == policy)
            try FileManager.default.removeItem(atPath: path + "/data/audiences/broken.key")
            try one.refresh()
            let late = try directory.audience(named: "late")
            #expect(one.audience(late.id) != nil)
        }
    }

    @Test("Of many who make one audience at once, one does, and all have the same")
    func oneAudience() async throws {
        try await withTemporaryDirectory { path in
            let directory = DataDirectory(path: path + "/data")
            _ = try directory.createLogKey()
            let tokens = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<32 { group.addTask { try directory.audience(named: "forum").token } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(tokens.count == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/data/audiences").sorted() == ["forum.key", "forum.token"])
            let kept = try Data(contentsOf: URL(fileURLWithPath: directory.tokenPath(ofAudience: "forum")))
            #expect(tokens == [String(decoding: kept, as: UTF8.self)])
        }
    }
}
