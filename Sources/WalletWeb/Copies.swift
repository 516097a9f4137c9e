// The community at hand and the light copy of its tree: `LightUpdate` says which files it wants, the page fetches them.

import Membership
import Proofs
import Reputation

/// A community and what is known of its log.
struct Table {
    let community: Community
    var copy: LightCopy
    var update: LightUpdate?
    var reading: LogReading?

    init(_ community: Community) {
        self.community = community
        copy = LightCopy(community: community)
    }

    /// A checkpoint in whose note the page has verified the signatures of the log's key.
    func checkpoint(_ note: [UInt8]) throws(Failure) -> SignedCheckpoint {
        do throws(LogError) { return try SignedCheckpoint(verified: note, community: community) } catch { throw Failure(error.code) }
    }
}

extension Failure {
    /// With the proof, where two histories of the log are signed.
    init(_ error: LightError) {
        guard case .fork(let fork) = error else {
            self.init(error.code)
            return
        }
        self.init(error.code, [.init("fork", fork.json)])
    }
}

/// A community's id, and its description as JSON; without one the description is the wallet's. The community is at hand, nothing known of its
/// log. Answers with its name.
@_expose(wasm, "community_open")
@_cdecl("community_open")
public func communityOpen(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let id = try fields.digest()
        let text = try fields.takeIfGiven()
        try fields.end()
        let wallet = try session.opened()
        let known = wallet.credentials.last { $0.community.id == id }?.community ?? wallet.pending.last { $0.community.id == id }?.community
        let community: Community
        if let text {
            let json: JSON
            do throws(JSONError) { json = try JSON(parsing: text) } catch { throw Failure(error.code) }
            do throws(SchemaError) { community = try Community(json: json) } catch { throw Failure(error.code) }
        } else if let known {
            community = known
        } else {
            throw Failure("community-unknown")
        }
        guard community.id == id else { throw Failure("community-other") }
        // The key is what the id is of; name and schema are the operator's word, and do not change.
        if let known, known != community { throw Failure("community-changed") }
        (session.table, session.asked) = (Table(community), nil)
        return community.origin
    }
}

/// A stored light copy: it is the one at hand.
@_expose(wasm, "copy_open")
@_cdecl("copy_open")
public func copyOpen(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let bytes = try fields.take()
        try fields.end()
        var table = try session.laidOut()
        do throws(LightError) { table.copy = try LightCopy(encoded: bytes, community: table.community) } catch { throw Failure(error.code) }
        session.table = table
        return []
    }
}

/// Nothing: the light copy, to be stored.
@_expose(wasm, "copy_encoded")
@_cdecl("copy_encoded")
public func copyEncoded(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        try fields.end()
        return try session.laidOut().copy.encoded
    }
}

/// Nothing: how the copy stands, as JSON, an empty object before the first update.
@_expose(wasm, "copy_state")
@_cdecl("copy_state")
public func copyState(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        try fields.end()
        let table = try session.laidOut()
        guard let known = table.copy.known else { return JSON.object([]).encoded() }
        let (checkpoint, batch) = (known.checkpoint, known.checkpoint.batch)
        var members: [JSON.Member] = [
            .init("size", .integer(Int64(checkpoint.size))), .init("epoch", .integer(batch.epoch)),
            .init("leaves", .integer(batch.leafCount)), .init("time", .integer(batch.time)), .init("note", .string(known.note)),
            .init("whole", .bool(table.copy.bucketCount == nil)),
        ]
        if let credential = session.wallet?.newestCredential(of: table.community.id) {
            members.append(.init("held", .bool(table.copy.path(of: credential.leaf) != nil)))
        }
        return JSON.object(members).encoded()
    }
}

/// A checkpoint's note: the signatures of the log's key in it, all of which must hold.
@_expose(wasm, "note_checks")
@_cdecl("note_checks")
public func noteChecks(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let note = try fields.take()
        try fields.end()
        let community = try session.laidOut().community
        do throws(LogError) {
            return encoded(try SignedNote(parsing: note).signatureChecks(name: community.origin, publicKey: community.logKey))
        } catch {
            throw Failure(error.code)
        }
    }
}

/// Whether to take nothing of the log over from the copy; the note of the newest checkpoint; the notes of those that it has to contain. All
/// verified. An update begins.
@_expose(wasm, "update_begin")
@_cdecl("update_begin")
public func updateBegin(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let afresh = try fields.flag()
        let note = try fields.take()
        var table = try session.laidOut()
        var seen: [SignedCheckpoint] = []
        for _ in 0..<(try fields.uint32()) { seen.append(try table.checkpoint(fields.take())) }
        try fields.end()
        let new = try table.checkpoint(note)
        table.update = nil
        session.table = table
        do throws(LightError) { table.update = try LightUpdate(table.copy, to: new, seen: seen, afresh: afresh) } catch {
            throw Failure(error)
        }
        session.table = table
        return []
    }
}

/// A number: so many files at most that the update wants now, in an order that everybody has, as JSON, and how many more.
@_expose(wasm, "update_wanted")
@_cdecl("update_wanted")
public func updateWanted(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let limit = Int(min(try fields.uint32(), 1024))
        try fields.end()
        guard let update = try session.laidOut().update else { throw Failure("update-none") }
        let files = update.wanted.sorted().prefix(limit).map { part -> JSON in
            var members: [JSON.Member] = [
                .init("name", .string(part.path)), .init("length", .integer(Int64(update.length(of: part)))),
            ]
            // A partial tile gives way to the full one once the log has grown.
            if case .hashes(let tile) = part, tile.isPartial { members.append(.init("full", .string(tile.full.path))) }
            return .object(members)
        }
        return JSON.object([
            .init("files", .array(files)), .init("more", .integer(Int64(update.wanted.count - files.count))),
        ]).encoded()
    }
}

/// The name of a wanted file and its bytes.
@_expose(wasm, "update_take")
@_cdecl("update_take")
public func updateTake(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let (name, bytes) = (try fields.take(), try fields.take())
        try fields.end()
        guard session.table?.update != nil else { throw Failure("update-none") }
        let part: LightPart
        if let tile = try? LogTile(path: name) {
            part = .hashes(tile)
        } else if let file = try? TreePart(path: name) {
            part = .tree(file)
        } else {
            throw Failure("update-name")
        }
        // In place: the update holds the tree, and a copy for each file would be a copy of it.
        do throws(LightError) { try session.table?.update?.take(bytes, as: part) } catch {
            session.table?.update = nil
            throw Failure(error)
        }
        return []
    }
}

/// Nothing: nothing is wanted any more, and the copy is the new one. Where buckets have to be drawn they are, and another update goes on with
/// their leaves: whether it does is the answer, one byte.
@_expose(wasm, "update_finish")
@_cdecl("update_finish")
public func updateFinish(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        try fields.end()
        var table = try session.laidOut()
        guard var copy = table.update?.copy else { throw Failure("update-unfinished") }
        table.update = nil
        if let wallet = session.wallet, wallet.draw(for: &copy), let newest = copy.known {
            do throws(LightError) { table.update = try LightUpdate(copy, to: newest) } catch { throw Failure(error) }
        }
        table.copy = copy
        session.table = table
        return [table.update == nil ? 0 : 1]
    }
}

/// The verified note of somebody else's checkpoint: what it is to the copy, as JSON: `contained`, `open`, or `contradicts` with the proof.
@_expose(wasm, "copy_standing")
@_cdecl("copy_standing")
public func copyStanding(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let note = try fields.take()
        try fields.end()
        let table = try session.laidOut()
        let theirs = try table.checkpoint(note)
        let standing: CheckpointStanding
        do throws(LogError) { standing = try table.copy.standing(of: theirs) } catch { throw Failure(error.code) }
        switch standing {
        case .contained: return JSON.object([.init("standing", .text("contained"))]).encoded()
        case .open: return JSON.object([.init("standing", .text("open"))]).encoded()
        case .contradicts(let fork):
            return JSON.object([.init("standing", .text("contradicts")), .init("fork", fork.json)]).encoded()
        }
    }
}

/// The verified note of somebody else's checkpoint, or nothing: what to tell him of the copy's, empty for nothing.
@_expose(wasm, "copy_told")
@_cdecl("copy_told")
public func copyTold(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let note = try fields.takeIfGiven()
        try fields.end()
        let table = try session.laidOut()
        var theirs: SignedCheckpoint?
        if let note { theirs = try table.checkpoint(note) }
        return table.copy.known?.told(to: theirs, of: table.community) ?? []
    }
}
