import Curves
import Membership
import Reputation
import Testing

import VerifierService

/// Presentations of one member of a small tree, good and bad.
struct BatchClaims {
    let path: MembershipPath
    let secret = Fn.random(), blinding = Fn.random()

    init() throws {
        var credential = Secp256k1.bases.blinding.multiplied(by: blinding)
        credential += AttributeBases.secret.multiplied(by: secret)
        var tree = CurveTree(shape: try TreeShape(depth: 1))
        try tree.append([try #require(credential.affine)])
        path = try tree.path(at: 0)
    }

    func request(_ context: UInt8) -> Request {
        Request(attributes: 1, context: [UInt8](repeating: context, count: 32), scopes: [[7]], disclosed: [], predicates: [])
    }

    /// A presentation for one context, claimed for another unless they are the same.
    func claim(proved: UInt8 = 1, claimed: UInt8 = 1) throws -> Presentation.Claim {
        let bytes = try Presentation.prove(request(proved), attributes: [secret], blinding: blinding, path: path).bytes
        return Presentation.Claim(presentation: bytes, request: request(claimed), depth: 1, root: path.root)
    }

    /// A presentation that cannot be read.
    func malformed() throws -> Presentation.Claim {
        Presentation.Claim(presentation: [1, 2, 3], request: request(1), depth: 1, root: path.root)
    }
}

@Suite struct BatchVerifierTests {
    @Test func everyoneGetsHisOwnVerdict() throws {
        let claims = try BatchClaims()
        let good = try claims.claim(), bad = try claims.claim(claimed: 2), malformed = try claims.malformed()
        let patterns = [
            "g", "b", "gg", "gb", "bg", "bb", "gggggggg", "gggbgggg", "ggggggb", "gggggbb", "bbbbbbbb", "mgbmgbg", "mmm", "gbgbgbgbgbgb",
        ]
        for pattern in patterns {
            let verdicts = BatchVerifier.judge(
                pattern.map { $0 == "g" ? good : $0 == "b" ? bad : malformed }, threads: 1 + pattern.count % 2)
            #expect(verdicts.count == pattern.count)
            for (kind, verdict) in zip(pattern, verdicts) {
                switch verdict {
                case .success(let shown): #expect(kind == "g" && shown.nullifiers.count == 1, "\(pattern)")
                case .failure(.length): #expect(kind == "m", "\(pattern)")
                case .failure: #expect(kind == "b", "\(pattern)")
                }
            }
        }
        #expect(BatchVerifier.judge([]).isEmpty)
    }

    @Test(arguments: [1, 2, 3]) func concurrentPresentationsAreAllAnswered(threads: Int) async throws {
        let claims = try BatchClaims()
        let good = try claims.claim(), bad = try claims.claim(claimed: 2)
        let pool = WorkPool(threads: threads, capacity: 4)
        let verifier = BatchVerifier(gathering: .init(wait: .milliseconds(5), largest: 8), pool: pool)
        let accepted = await withTaskGroup(of: (Int, Bool).self) { group in
            for i in 0..<40 { group.addTask { (i, (try? await verifier.verify(i % 5 == 0 ? bad : good)) != nil) } }
            var accepted: [Int: Bool] = [:]
            for await (i, verdict) in group { accepted[i] = verdict }
            return accepted
        }
        #expect(accepted.count == 40 && accepted.allSatisfy { $0.value == ($0.key % 5 != 0) })
        try await pool.shutdown()
    }

    @Test func fullQueueRefusesAtOnce() async throws {
        let claims = try BatchClaims()
        let good = try claims.claim()
        let pool = WorkPool(threads: 1, capacity: 4)
        let verifier = BatchVerifier(gathering: .init(wait: .milliseconds(200), largest: 8, capacity: 3), pool: pool)
        let outcomes = await withTaskGroup(of: Bool?.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do {
                        _ = try await verifier.verify(good)
                        return true
                    } catch is WorkPool.Busy {
                        return false
                    } catch {
                        return nil
                    }
                }
            }
            var all: [Bool?] = []
            for await one in group { all.append(one) }
            return all
        }
        #expect(outcomes.filter { $0 == true }.count == 3 && outcomes.filter { $0 == false }.count == 7)
        try await pool.shutdown()
    }
}
