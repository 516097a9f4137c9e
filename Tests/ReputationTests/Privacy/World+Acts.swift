import Curves
import Membership
import Platform
import Reputation

// What members do: claim, renew, visit forums, fetch the log.
extension World {
    /// A person claims a credential of these values.
    mutating func claim(
        _ values: [Int64], person: Int, member: Int?, at time: Int64
    ) throws -> (wallet: Wallet, credential: Credential) {
        var wallet = Wallet(phrase: Phrase())
        let request = try wallet.beginClaim(community: f.community, code: ClaimCode())
        let epoch = log.epochs.current
        let issued = try Issuance.issue(
            request.message, values: values, schema: f.schema, community: f.community.id, codeHash: request.code.hash)
        let receipt = Receipt(
            community: f.community.id, codeHash: request.code.hash, issued: issued, epoch: epoch, index: nil, time: time,
            promisedBy: time + 2 * Schedule.day, signedBy: f.key)
        let credential = try wallet.finishClaim(receipt)
        seen.claims.append(
            .init(
                person: person, time: time, values: values, leaf: issued.point,
                bytes: request.message + receipt.signedBytes + receipt.signature))
        waiting.append(
            Waiting(member: member, leaf: receipt.leaf) { epoch, index in
                .issued(
                    IssuedEntry(
                        epoch: epoch, index: index, codeHash: request.code.hash, message: request.message, values: values,
                        leaf: receipt.leaf))
            })
        return (wallet, credential)
    }

    /// A member renews; the issuer checks all that he checks. Who has topped up, and whose wallet did not notice yet, tries with the leaf
    /// before, and is told that the issuer is busy.
    mutating func renew(_ member: Int, at time: Int64) throws {
        if var earlier = members[member].earlier {
            let earliest = time - Schedule.hour
            _ = try renewal(member, &earlier, at: Int64.random(in: earliest..<time, using: &random), isTaken: false)
        }
        var holding = members[member].holding
        let entry = try renewal(member, &holding, at: time, isTaken: true)
        members[member].holding = holding
        waiting.append(Waiting(member: member, leaf: entry.derivation.leaf) { .renewed(entry.with(epoch: $0, index: $1)) })
    }

    private mutating func renewal(_ member: Int, _ holding: inout Holding, at time: Int64, isTaken: Bool) throws -> RenewedEntry {
        let community = f.community
        let (epoch, leaf) = try holding.newest(community)
        guard let state = seen.batches.lastIndex(where: { $0.epoch == epoch }),
            let statement = log.epochs.statement(community, from: epoch, to: log.epochs.renewalTarget)
        else { throw Mistake(what: "nothing to renew") }
        let message = try holding.renew(community, log.epochs, path(leaf, state))
        let checked = try message.check(community, log.epochs)
        let verified = try Presentation.verify([checked.claim])[0]
        guard checked.leads(from: verified) else { throw Mistake(what: "a renewal does not hold") }
        let receipt = RenewalReceipt(community: community.id, message: message, checked: checked, time: time, signedBy: f.key)
        if isTaken { try holding.take(receipt) }
        seen.renewals.append(
            .init(
                time: time, from: message.from, to: message.to, accounts: statement.accounts, nullifiers: verified.nullifiers,
                derivation: try .init(
                    message.derivation, checked, verified, answer: isTaken ? receipt.signedBytes + receipt.signature : [])))
        truth.renewals.append(member)
        if leak == .fetchToAct { fetchesToAct.append((member, time - Int64.random(in: 5...60, using: &random))) }
        return message.entry(checked, index: 0)
    }

    /// A member redeems a code that was made for him, against the current root: his wallet fetches it. He does so as himself.
    mutating func topUp(_ member: Int, at time: Int64) throws {
        let community = f.community
        let amounts = [Int64.random(in: 1...9, using: &random), 0, 0, 0]
        guard let batch = log.batch else { throw Mistake(what: "no batch") }
        let before = members[member].holding
        let path = try path(before.newest(community).leaf, seen.batches.count - 1)
        let message = try members[member].holding.topUp(community, TopUpCode(), amounts, batch, path)
        let checked = try message.check(community, amounts: amounts, tree: batch)
        let verified = try Presentation.verify([checked.claim])[0]
        guard checked.leads(from: verified) else { throw Mistake(what: "a top-up does not hold") }
        let receipt = TopUpReceipt(
            community: community.id, message: message, checked: checked, time: time, promisedBy: time + Schedule.day, signedBy: f.key)
        try members[member].holding.take(receipt)
        fetchesToAct.append((member, time - Int64.random(in: 5...60, using: &random)))
        seen.topUps.append(
            .init(
                person: member, time: time, epoch: batch.epoch,
                derivation: try .init(message.derivation, checked, verified, answer: receipt.signedBytes + receipt.signature)))
        let entry = message.entry(checked, index: 0)
        waiting.append(Waiting(member: member, before: before, leaf: entry.derivation.leaf) { .toppedUp(entry.with(index: $1)) })
    }

    /// The way from a leaf to the root after a batch.
    func path(_ leaf: [UInt8], _ state: Int) throws -> MembershipPath {
        guard let index = trees[state].leaves.firstIndex(where: { $0?.encoded == leaf }) else { throw Mistake(what: "not in the tree") }
        return try trees[state].path(at: index)
    }

    // MARK: Forums

    private enum Visit {
        case forumA, forumB, post, forumC, act
    }

    /// Which visits a member makes in an epoch; by chance where a forum can do with less.
    private mutating func plan(_ member: Int, _ epoch: UInt32) -> [Visit] {
        guard members[member].kind.isIn(epoch) else { return [] }
        var out: [Visit] = [.forumA]
        if epoch == Schedule.epochs || Bool.random(using: &random) { out.append(.forumB) }
        if epoch >= 3 || Bool.random(using: &random) { out.append(.forumC) }
        if epoch >= 3 || Bool.random(using: &random) { out.append(.post) }
        if epoch == 3 { out.append(.act) }
        return out
    }

    /// What a forum asks.
    private mutating func question(_ visit: Visit, _ epoch: UInt32, at time: Int64) throws -> (Forum, PresentationRequest) {
        let forum: Forum
        var scopes: [Scope] = []
        var (disclose, predicates): ([Int], [String]) = ([], [])
        var (tickets, message): (UInt32?, Digest?) = (nil, nil)
        switch visit {
        case .forumA:
            forum = .a
            scopes = [.signIn(audience: audience(.a)), account(.a, epoch)]
            message = Digest.of(random.bytes(32))
        case .forumB:
            forum = .b
            scopes = [.signIn(audience: audience(.b))]
        case .post:
            forum = .b
            scopes = [account(.b, epoch)]
            tickets = 50
            message = Digest.of(random.bytes(32))
        case .forumC:
            forum = .c
            scopes = [.signIn(audience: audience(.c)), account(.c, epoch)]
            disclose = [3, Village.warnings]
        case .act:
            forum = .c
            scopes = [.act(community: f.community.id, audience: audience(.c), subject: Array("poll".utf8))]
            predicates = ["votes + comments >= 20"]
        }
        let context = Context(
            community: f.community.id, schema: f.schema.digest, epoch: epoch, audience: audience(forum), nonce: random.bytes(16),
            expires: time + 300, message: message)
        let request = try PresentationRequest(
            context: context, scopes: scopes, tickets: tickets, disclose: disclose,
            predicates: predicates.map { try Predicate(parsing: Array($0.utf8), schema: f.schema) })
        return (forum, request)
    }

    /// Place of the batch whose root a member proves against.
    private mutating func state(_ member: Int, at time: Int64) throws -> Int {
        let known: Int64
        switch leak {
        case .newestRoot: known = members[member].lastFetch(time)
        case .fetchToAct:
            known = time - Int64.random(in: 5...60, using: &random)
            fetchesToAct.append((member, known))
        default: known = time - Schedule.hold
        }
        guard let state = seen.batches.lastIndex(where: { $0.time <= known }) else { throw Mistake(what: "nothing fetched") }
        if state + 1 < seen.batches.count, time - seen.batches[state + 1].time >= Schedule.grace {
            throw Mistake(what: "a verifier would not take that root any more")
        }
        return state
    }

    /// All visits of an epoch. Who wants to act before he can, does as soon as he can.
    mutating func visit(_ epoch: UInt32, from opened: Int64) throws {
        let times = opened + Schedule.hold..<opened + Schedule.hold + Schedule.visiting
        var visits: [(time: Int64, member: Int, visit: Visit)] = []
        for member in members.indices {
            for visit in plan(member, epoch) {
                let wish = Int64.random(in: times, using: &random)
                let usable = members[member].usable
                visits.append((wish >= usable ? wish : usable + Int64.random(in: 0..<Schedule.waiting, using: &random), member, visit))
            }
        }
        var claims: [Presentation.Claim] = []
        var shown: [(forum: Forum, time: Int64, answer: PresentationAnswer, told: Int, scopes: [Scope])] = []
        for (time, member, visit) in visits.sorted(by: { $0.time < $1.time }) {
            let (forum, request) = try question(visit, epoch, at: time)
            let state = try state(member, at: time)
            let tree = trees[state]
            let isEarly = time < members[member].holding.usable
            guard var holding = isEarly ? members[member].earlier : members[member].holding else { throw Mistake(what: "too early") }
            let isRefusing = leak != .oneAccountScope
            let answer = try holding.answer(
                request, f.community, path(holding.newest(f.community).leaf, state), now: time, isRefusing: isRefusing)
            if isEarly { members[member].earlier = holding } else { members[member].holding = holding }
            if isRefusing {
                claims.append(
                    try answer.claim(
                        asked: request, community: f.community.id, schema: f.schema, audience: audience(forum), now: time, epoch: epoch,
                        depth: tree.shape.depth, root: tree.root))
            } else {
                claims.append(
                    Presentation.Claim(
                        presentation: answer.presentation, request: try answer.protocolRequest(schema: f.schema), depth: tree.shape.depth,
                        root: tree.root))
            }
            var scopes = request.scopes
            if let ticket = answer.ticket {
                scopes.insert(
                    .post(community: f.community.id, epoch: epoch, audience: audience(forum), index: ticket), at: 0)
            }
            shown.append((forum, time, answer, seen.batches[state].size, scopes))
            truth.shows.append(member)
        }
        for start in stride(from: 0, to: claims.count, by: 64) {
            let part = start..<min(start + 64, claims.count)
            for (one, verified) in zip(shown[part], try Presentation.verify(Array(claims[part]), threads: 1)) {
                let answer = one.answer
                seen.shows.append(
                    .init(
                        forum: one.forum, time: one.time, answer: answer,
                        nullifiers: zip(one.scopes, verified.nullifiers).map { ($0, $1) }, credential: verified.credential,
                        told: one.told, bytes: answer.request.encoded + answer.root + answer.presentation))
            }
        }
    }

    // MARK: Fetches of the log

    /// What wallets fetch, all along.
    mutating func fetch() {
        for member in members.indices {
            let acts = fetchesToAct.filter { $0.member == member }.map { $0.time }
            var size = 0
            for time in (members[member].fetches + acts).sorted() {
                guard let batch = seen.batches.last(where: { $0.time <= time }) else { continue }
                var files: [LogFile] = [.checkpoint]
                if leak != .ownPathFetch {
                    files += LogTile.entries(size: batch.size, from: size).map { .tile($0) }
                    size = batch.size
                } else if let leaf = leaves[member][batch.epoch], let index = seen.leaves[batch.epoch]?.firstIndex(of: leaf),
                    index < batch.leaves
                {
                    files.append(.leaves(epoch: batch.epoch, bucket: index / LogFile.bucket))
                }
                seen.fetches.append(.init(person: member, time: time, files: files))
            }
        }
        seen.fetches.sort { $0.time < $1.time }
    }
}
