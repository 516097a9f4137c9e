import Reputation
import TestSupport
import Testing

/// Every rule of what may be asked, each with the request that breaks it.
struct PresentationRequestTests {
    let f: Fixture

    init() throws { f = try Fixture() }

    private func check(_ request: PresentationRequest, epoch: UInt32 = 7, audience: Digest? = nil, now: Int64? = nil) throws(RequestError) {
        try request.check(
            community: f.community.id, schema: f.schema, epoch: epoch, audience: audience ?? f.audience, now: now ?? f.now)
    }

    @Test func allowed() throws {
        try check(f.request())
        try check(f.request(disclose: [3], ["votes >= 20", "30*comments + votes >= 100", "warnings <= 2"]))
        try check(f.request(scopes: [.signIn(audience: f.audience)]))
        try check(f.request(scopes: [.signIn(audience: f.audience), f.account()]))
        try check(f.request(scopes: [f.account(), f.act()]))
        try check(f.request(scopes: [], tickets: 5))
        try check(f.request(scopes: [f.account()], tickets: 5))
        let topUp = Scope.topUp(community: f.community.id, epoch: 7, codeHash: f.audience)
        try check(f.request(f.context(audience: f.community.id), scopes: [topUp]), audience: f.community.id)
    }

    @Test func context() throws {
        let request = try f.request()
        let other = try Digest([UInt8](repeating: 9, count: 32))
        #expect(throws: RequestError.communityMismatch) {
            try request.check(community: other, schema: f.schema, epoch: 7, audience: f.audience, now: f.now)
        }
        let schema = try Schema([.flag("x")])
        #expect(throws: RequestError.schemaMismatch) {
            try request.check(community: f.community.id, schema: schema, epoch: 7, audience: f.audience, now: f.now)
        }
        #expect(throws: RequestError.epochMismatch) { try check(request, epoch: 8) }
        #expect(throws: RequestError.audienceMismatch) { try check(request, audience: f.otherAudience) }
        try check(request, now: request.context.expires - 1)
        #expect(throws: RequestError.expired) { try check(request, now: request.context.expires) }
        #expect(throws: RequestError.nonceLength) { try f.request(f.context(nonce: [UInt8](repeating: 0, count: 15))) }
        #expect(throws: RequestError.nonceLength) { try f.request(f.context(nonce: [UInt8](repeating: 0, count: 65))) }
        #expect(throws: RequestError.contextFields) { try f.request(f.context(expires: -1)) }
    }

    @Test func scopes() throws {
        let signIn = Scope.signIn(audience: f.audience)
        let renew = Scope.renew(community: f.community.id, epoch: 7)
        let topUp = Scope.topUp(community: f.community.id, epoch: 7, codeHash: f.audience)
        let post = Scope.post(community: f.community.id, epoch: 7, audience: f.audience, index: 0)
        let combinations: [[Scope]] = [
            [], [f.account()], [signIn, f.act()], [f.act(), f.act("other")], [f.account(), f.account(), f.act()].dropLast() + [post],
            [post],
            [post, f.account()], [renew], [renew, f.account()], [topUp, f.account()], [topUp, signIn],
        ]
        for scopes in combinations { #expect(throws: RequestError.self) { try check(f.request(scopes: scopes)) } }
        for scopes in [[], [post], [renew], [topUp, f.account()], [signIn, f.act()]] {
            #expect(throws: RequestError.scopeCombination) { try check(f.request(scopes: scopes)) }
        }
        #expect(throws: RequestError.scopeCombination) { try check(f.request(scopes: [f.act()], tickets: 3)) }
        // Two audiences that asked for the same code's scope would see the same nullifier.
        #expect(throws: RequestError.scopeAudience) { try check(f.request(scopes: [topUp])) }
        #expect(throws: RequestError.scopes) { try check(f.request(scopes: [f.act(), f.act()])) }
        #expect(throws: RequestError.scopeAudience) { try check(f.request(scopes: [.signIn(audience: f.otherAudience)])) }
        #expect(throws: RequestError.scopeAudience) { try check(f.request(scopes: [f.act(audience: f.otherAudience)])) }
        #expect(throws: RequestError.scopeEpoch) { try check(f.request(scopes: [signIn, f.account(epoch: 6)])) }
        #expect(throws: RequestError.scopeCommunity) {
            try check(f.request(scopes: [.act(community: f.audience, audience: f.audience, subject: [])]))
        }
        #expect(throws: RequestError.tooMany) { try f.request(scopes: (0..<9).map { f.act("\($0)") }) }
        #expect(throws: RequestError.tooMany) { try f.request(scopes: [], tickets: 0) }
        #expect(throws: RequestError.tooMany) { try f.request(scopes: [], tickets: 1001) }
    }

    @Test func predicates() throws {
        #expect(throws: RequestError.atMostOnGrowing) { try check(f.request(["votes <= 20"])) }
        #expect(throws: RequestError.atMostOnGrowing) { try check(f.request(["30*comments - votes >= 0"])) }
        #expect(throws: RequestError.predicateWeights) { try check(f.request(["2*votes >= 20"])) }
        #expect(throws: RequestError.predicateWeights) { try f.request(["1001*votes >= 20"]) }
        #expect(throws: RequestError.predicateWeights) { try f.request(["0*votes >= 20"]) }
        // 100000 - (-2^32) is above what is proved.
        #expect(throws: RequestError.predicateWindow) { try check(f.request(["votes >= -4294967296"])) }
        #expect(throws: RequestError.predicateAttributes) { try check(f.request(disclose: [1], ["votes >= 20"])) }
        #expect(throws: RequestError.disclosedAttributes) { try check(f.request(disclose: [3, 1])) }
        #expect(throws: RequestError.disclosedAttributes) { try check(f.request(disclose: [5])) }
        #expect(throws: RequestError.disclosedAttributes) { try f.request(disclose: [0]) }
        #expect(throws: RequestError.tooMany) { try f.request((0..<33).map { "votes >= \($0)" }) }
    }

    @Test func fillingIn() throws {
        let request = try f.request(disclose: [3])
        #expect(try request.protocolRequest(schema: f.schema, disclosed: [2], ticket: nil).disclosed.count == 1)
        #expect(throws: RequestError.disclosedCount) { try request.protocolRequest(schema: f.schema, disclosed: [], ticket: nil) }
        #expect(throws: RequestError.disclosedValue) { try request.protocolRequest(schema: f.schema, disclosed: [4], ticket: nil) }
        #expect(throws: RequestError.ticket) { try request.protocolRequest(schema: f.schema, disclosed: [2], ticket: 0) }
        let post = try f.request(scopes: [f.account()], tickets: 5)
        #expect(throws: RequestError.ticket) { try post.protocolRequest(schema: f.schema, disclosed: [], ticket: nil) }
        #expect(throws: RequestError.ticket) { try post.protocolRequest(schema: f.schema, disclosed: [], ticket: 5) }
        let scopes = try post.protocolRequest(schema: f.schema, disclosed: [], ticket: 4).scopes
        #expect(scopes == [Scope.post(community: f.community.id, epoch: 7, audience: f.audience, index: 4).encoded, f.account().encoded])
    }

    @Test func answerForAnother() throws {
        let asked = try f.request(disclose: [3], ["votes >= 20"])
        func answer(_ request: PresentationRequest) -> PresentationAnswer {
            PresentationAnswer(request: request, root: [], disclosed: [1], presentation: [])
        }
        try answer(asked).check(isFor: asked)
        let other = try Digest([UInt8](repeating: 9, count: 32))
        var context = f.context()
        func expect(_ error: RequestError, _ request: PresentationRequest) {
            #expect(throws: error) { try answer(request).check(isFor: asked) }
        }
        context.community = other
        expect(.communityMismatch, try f.request(context, disclose: [3], ["votes >= 20"]))
        context = f.context()
        context.schema = other
        expect(.schemaMismatch, try f.request(context, disclose: [3], ["votes >= 20"]))
        expect(.epochMismatch, try f.request(f.context(epoch: 8), disclose: [3], ["votes >= 20"]))
        expect(.audienceMismatch, try f.request(f.context(audience: other), disclose: [3], ["votes >= 20"]))
        expect(.scopeMismatch, try f.request(scopes: [f.act("other")], disclose: [3], ["votes >= 20"]))
        expect(.scopeMismatch, try f.request(scopes: [f.act()], tickets: 2, disclose: [3], ["votes >= 20"]))
        expect(.disclosureMismatch, try f.request(disclose: [], ["votes >= 20"]))
        expect(.predicateMismatch, try f.request(disclose: [3], ["votes >= 19"]))
        expect(.messageMismatch, try f.request(f.context(message: other), disclose: [3], ["votes >= 20"]))
        expect(.expiryMismatch, try f.request(f.context(expires: f.now + 61), disclose: [3], ["votes >= 20"]))
        expect(.nonceMismatch, try f.request(f.context(nonce: [UInt8](repeating: 6, count: 16)), disclose: [3], ["votes >= 20"]))
    }

    @Test func forms() throws {
        let message = Digest.of([1])
        let requests = [
            try f.request(), try f.request(f.context(message: message), disclose: [3, 4], ["votes >= 20", "comments - 2*warnings >= -5"]),
            try f.request(scopes: [f.account()], tickets: 7), try f.request(scopes: [.signIn(audience: f.audience), f.account()]),
            try f.request(scopes: [.topUp(community: f.community.id, epoch: 7, codeHash: message)]),
        ]
        for request in requests {
            #expect(try PresentationRequest(encoded: request.encoded) == request)
            #expect(try PresentationRequest(json: JSON(parsing: request.json(f.schema).encoded()), schema: f.schema) == request)
            let answer = PresentationAnswer(
                request: request, root: [UInt8](repeating: 2, count: 33), ticket: request.tickets.map { _ in 3 },
                disclosed: request.disclose.map { Int64($0) },
                presentation: [1, 2, 3])
            #expect(try PresentationAnswer(json: JSON(parsing: answer.json(f.schema).encoded()), schema: f.schema) == answer)
        }
        #expect(Set(requests.map(\.encoded)).count == requests.count)
    }

    @Test func unknownAndWrongMembers() throws {
        let good = try f.request(disclose: [3], ["votes >= 20"]).json(f.schema)
        guard case .object(let members) = good else { return }
        func parse(_ members: [JSON.Member]) throws(RequestError) -> PresentationRequest {
            try PresentationRequest(json: .object(members), schema: f.schema)
        }
        _ = try parse(members)
        #expect(throws: RequestError.json(.unknownMember([UInt8](text: "context-digest")))) {
            try parse(members + [.init("context-digest", .text("00"))])
        }
        let optional = ["disclose", "predicates"].map { [UInt8](text: $0) }
        for (i, member) in members.enumerated() {
            var less = members
            less.remove(at: i)
            if optional.contains(member.name) {
                _ = try parse(less)
            } else {
                #expect(throws: RequestError.json(.missingMember(member.name))) { try parse(less) }
            }
            var wrong = members
            wrong[i] = .init(member.name, .bool(true))
            #expect(throws: RequestError.json(.wrongValue(member.name))) { try parse(wrong) }
        }
        let other = try Schema([.flag("x")])
        #expect(throws: RequestError.schemaMismatch) { try PresentationRequest(json: good, schema: other) }
        // A scope's object is strict too.
        #expect(throws: JSONError.self) {
            try Scope(
                json: .object([
                    .init("purpose", .text("sign-in")), .init("audience", .hex(f.audience.bytes)), .init("epoch", .integer(Int64(1))),
                ]))
        }
    }

    @Test func hostileBytes() throws {
        var generator = SeededGenerator(seed: 17)
        let seeds = [
            try f.request(f.context(message: f.audience), disclose: [3, 4], ["votes >= 20", "comments - 2*warnings >= -5"]),
            try f.request(scopes: [f.account()], tickets: 7),
        ]
        for round in 0..<20_000 {
            let bytes = mutated(seeds[round % 2].encoded, using: &generator)
            // Whatever is accepted is the canonical form of what was read.
            if let request = try? PresentationRequest(encoded: bytes) { #expect(request.encoded == bytes) }
            let text = mutated(seeds[round % 2].json(f.schema).encoded(), using: &generator)
            if let json = try? JSON(parsing: text), let request = try? PresentationRequest(json: json, schema: f.schema) {
                _ = try? check(request)
                #expect(try PresentationRequest(encoded: request.encoded) == request)
            }
            let scope = mutated(seeds[round % 2].scopes[0].encoded, using: &generator)
            if let read = try? Scope(encoded: scope) { #expect(read.encoded == scope) }
            _ = try? PresentationRequest(encoded: generator.bytes(round % 300))
        }
    }

    @Test func codesAreDistinct() {
        let errors: [RequestError] = [
            .json(.missingMember([])), .format(.length), .tooMany, .unknownAttribute([]), .predicateSyntax(at: 0), .nonceLength,
            .contextFields,
            .requestFields, .scopes, .disclosedAttributes, .attributeCount, .predicateAttributes, .predicateWeights, .predicateWindow,
            .atMostOnGrowing,
            .communityMismatch, .schemaMismatch, .epochMismatch, .audienceMismatch, .expired, .scopeCombination, .scopeCommunity,
            .scopeEpoch,
            .scopeAudience, .nonceMismatch, .expiryMismatch, .messageMismatch, .scopeMismatch, .disclosureMismatch, .predicateMismatch,
            .rootMismatch,
            .disclosedCount, .disclosedValue, .ticket, .policy,
        ]
        #expect(Set(errors.map(\.code)).count == errors.count)
        #expect(errors.allSatisfy { $0.code.allSatisfy { $0 == "-" || $0.isLowercase } })
    }
}
