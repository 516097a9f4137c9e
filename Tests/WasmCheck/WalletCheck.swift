// Entrances to the member's half: what a wallet in the browser reads, derives and proves.

import Curves
import Membership
import Reputation

/// JSON of a schema: its digest. -1 if it is none.
@_expose(wasm, "schema_digest")
@_cdecl("schema_digest")
public func schemaDigest(_ count: Int32, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    guard let json = try? JSON(parsing: bytes(room, 0, Int(count))), let schema = try? Schema(json: json) else { return -1 }
    answer(room, schema.digest.bytes)
    return 32
}

/// JSON of a scope: its encoding, then its base. The length of both, -1 if it is none.
@_expose(wasm, "scope")
@_cdecl("scope")
public func scope(_ count: Int32, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    guard let json = try? JSON(parsing: bytes(room, 0, Int(count))), let scope = try? Scope(json: json),
        let base = Scope.base(of: scope.encoded).affine
    else { return -1 }
    let out = scope.encoded + base.encoded
    answer(room, out)
    return Int32(out.count)
}

/// JSON of a schema, then of a request: the request's canonical form, then its context digest. The length of both, -1 if it is none.
@_expose(wasm, "request")
@_cdecl("request")
public func request(_ schema: Int32, _ request: Int32, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    let texts = (bytes(room, 0, Int(schema)), bytes(room, Int(schema), Int(request)))
    guard let schemaJSON = try? JSON(parsing: texts.0), let schema = try? Schema(json: schemaJSON), let json = try? JSON(parsing: texts.1),
        let request = try? PresentationRequest(json: json, schema: schema), let digest = try? request.context.digest()
    else { return -1 }
    let out = request.encoded + digest.bytes
    answer(room, out)
    return Int32(out.count)
}

/// A seed phrase: the secret of an identity. -1 if it is none.
@_expose(wasm, "wallet_secret")
@_cdecl("wallet_secret")
public func walletSecret(_ count: Int32, _ identity: Int32, _ room: UnsafeMutablePointer<UInt8>) -> Int32 {
    guard let phrase = try? Phrase(parsing: bytes(room, 0, Int(count))) else { return -1 }
    answer(room, Seed(phrase).secret(identity: UInt32(identity)).encoded)
    return 32
}

/// The way of a leaf to the root of a tree, as a page that fetches the published files gets it: verified, stored, and read back.
private func lightPath(of leaf: [UInt8], in tree: CurveTree, behind entry: LogEntry, _ community: Community) -> MembershipPath? {
    var log = MerkleTree()
    for number in 0..<600 { log.append([UInt8(truncatingIfNeeded: number)]) }
    log.append(entry.encoded)
    let batch = BatchEntry(
        epoch: 3, depth: 2, leafCount: UInt32(tree.leaves.count), root: tree.root.encoded, schema: community.schema.digest, time: 7)
    log.append(LogEntry.batch(batch).encoded)
    let text = Checkpoint(origin: community.origin, size: log.size, root: log.root, batch: batch).text
    let line = Array("— check.example ".utf8) + Base64.standard.encode([UInt8](repeating: 1, count: 68)) + [0x0a]
    guard let checkpoint = try? SignedCheckpoint(verified: text + [0x0a] + line, community: community),
        var update = try? LightUpdate(LightCopy(community: community), to: checkpoint)
    else { return nil }
    while let part = update.wanted.first {
        let file: [UInt8]?
        switch part {
        case .hashes(let tile): file = log.hashes(of: tile)
        case .tree(let part): file = tree.children(level: part.level, index: part.index)
        }
        guard let file, (try? update.take(file, as: part)) != nil else { return nil }
    }
    guard let stored = update.copy?.encoded, let copy = try? LightCopy(encoded: stored, community: community) else { return nil }
    return copy.path(of: leaf)
}

/// The whole way in one place: claim, issuance, restoring from the log, a tree of depth 2 in a light copy, an answer to a request, its
/// verification.
/// The presentation's length, or minus the step that failed.
@_expose(wasm, "whole_way")
@_cdecl("whole_way")
public func wholeWay(_ votes: Int32) -> Int32 {
    guard let counter = try? Attribute.counter("votes", atMost: 5000), let flag = try? Attribute.flag("moderator"),
        let schema = try? Schema([counter, flag]), let key = try? Digest.keyID([UInt8](repeating: 1, count: 32)),
        let community = try? Community(logKey: [UInt8](repeating: 2, count: 32), origin: Array("check.example".utf8), schema: schema)
    else { return -1 }
    var wallet = Wallet(phrase: Phrase())
    let code = ClaimCode()
    guard let claim = try? wallet.beginClaim(community: community, code: code),
        let issued = try? Issuance.issue(
            claim.message, values: [Int64(votes), 1], schema: schema, community: community.id, codeHash: code.hash)
    else { return -2 }
    let entry = LogEntry.issued(
        IssuedEntry(epoch: 3, index: 0, codeHash: code.hash, message: claim.message, values: issued.values, leaf: issued.leaf))
    guard let read = try? LogEntry(encoded: entry.encoded), (try? wallet.restore(community: community, entries: [read])) == 1,
        let credential = wallet.credentials.first
    else { return -3 }
    guard let shape = try? TreeShape(depth: 2) else { return -4 }
    var tree = CurveTree(shape: shape)
    guard (try? tree.append([issued.point])) != nil, let path = lightPath(of: issued.leaf, in: tree, behind: entry, community) else {
        return -4
    }
    let context = Context(
        community: community.id, schema: schema.digest, epoch: 3, audience: key, nonce: [UInt8](repeating: 4, count: 16), expires: 100)
    guard let predicate = try? Predicate(parsing: "votes >= 20", schema: schema),
        let asked = try? PresentationRequest(
            context: context, scopes: [.act(community: community.id, audience: key, subject: [])], disclose: [2], predicates: [predicate])
    else { return -5 }
    guard let proved = try? wallet.present(asked, with: credential, to: key, path: path, now: 99) else { return -6 }
    guard let json = try? JSON(parsing: proved.json(schema).encoded()), let sent = try? PresentationAnswer(json: json, schema: schema)
    else {
        return -7
    }
    guard
        let verified = try? sent.verify(
            asked: asked, community: community.id, schema: schema, audience: key, now: 99, epoch: 3, depth: 2, root: tree.root),
        verified.nullifiers.count == 1
    else { return -8 }
    return Int32(sent.presentation.count)
}
