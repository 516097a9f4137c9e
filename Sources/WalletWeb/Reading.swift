// The whole log, entry by entry, for what is not in the tree: renewals, top-ups, credentials that are brought back. What it gives is what the copy's
// checkpoint signs, for that goes on from all that were seen.

import Membership
import Reputation

/// A log that is being read, or was.
struct LogReading {
    let checkpoint: Checkpoint
    private(set) var replay: LogReplay
    /// The entries without their proofs, which a wallet does not look at.
    private(set) var entries: [LogEntry] = []

    init(_ checkpoint: Checkpoint, of community: Community) {
        self.checkpoint = checkpoint
        replay = LogReplay(community: community, depth: .tree)
    }

    /// The next bundles to be read, in order, at most so many.
    func wanted(_ limit: Int) -> [LogTile] {
        // All but the last are full: what was read ends where one begins.
        let end = replay.size + min(checkpoint.size - replay.size, limit * LogTile.fullWidth)
        return LogTile.entries(size: end, from: replay.size)
    }

    /// Bundles that are still to be read.
    var bundleCount: Int { (checkpoint.size - replay.size + LogTile.fullWidth - 1) / LogTile.fullWidth }

    /// Takes the next bundle over, or the full one that replaced it.
    mutating func take(_ bundle: [UInt8], isFull: Bool) throws(Failure) {
        guard let tile = wanted(1).first else { throw Failure("log-tile") }
        let read: [[UInt8]]
        do throws(FormatError) {
            read = try EntryBundle.decode(bundle, count: isFull ? LogTile.fullWidth : tile.width)
        } catch {
            throw Failure("log-tile")
        }
        for encoded in read.prefix(tile.width) {
            do throws(LogViolation) { try replay.apply(encoded) } catch { throw Failure(error.rule.code) }
            guard let entry = try? LogEntry(encoded: encoded) else { throw Failure("log-tile") }
            entries.append(entry.withoutProof)
        }
    }

    /// Throws unless all entries are here and are those that are signed.
    func finish() throws(Failure) {
        guard replay.agrees(with: checkpoint) else { throw Failure(LogError.root.code) }
    }
}

extension LogEntry {
    /// The same without the proofs: their first 33 bytes, Q or a nullifier, are what a wallet knows its own by.
    fileprivate var withoutProof: LogEntry {
        func head(_ bytes: [UInt8]) -> [UInt8] { Array(bytes.prefix(33)) }
        func derivation(_ whole: LeafDerivation) -> LeafDerivation {
            LeafDerivation(
                disclosed: whole.disclosed, deltas: whole.deltas, shift: whole.shift, presentation: head(whole.presentation),
                leaf: whole.leaf)
        }
        return switch self {
        case .issued(let entry):
            .issued(
                IssuedEntry(
                    epoch: entry.epoch, index: entry.index, codeHash: entry.codeHash, message: head(entry.message), values: entry.values,
                    leaf: entry.leaf))
        case .renewed(let entry):
            .renewed(
                RenewedEntry(epoch: entry.epoch, index: entry.index, from: entry.from, derivation: derivation(entry.derivation)))
        case .toppedUp(let entry):
            .toppedUp(
                ToppedUpEntry(
                    epoch: entry.epoch, index: entry.index, codeHash: entry.codeHash, root: entry.root,
                    derivation: derivation(entry.derivation)))
        case .removed, .openEpoch, .batch, .rules, .closeEpoch, .feedback: self
        }
    }
}

extension Session {
    /// The log, read to its end.
    func read() throws(Failure) -> (table: Table, reading: LogReading) {
        let table = try laidOut()
        guard let reading = table.reading else { throw Failure("reading-none") }
        try reading.finish()
        return (table, reading)
    }
}

/// Nothing: the log is read from its beginning to the copy's checkpoint.
@_expose(wasm, "reading_begin")
@_cdecl("reading_begin")
public func readingBegin(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        try fields.end()
        let table = try session.laidOut()
        guard let checkpoint = table.copy.known?.checkpoint else { throw Failure("update-none") }
        session.table?.reading = LogReading(checkpoint, of: table.community)
        return []
    }
}

/// A number: so many bundles at most that are to be taken next, in order, as JSON, and how many more.
@_expose(wasm, "reading_wanted")
@_cdecl("reading_wanted")
public func readingWanted(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let limit = Int(min(try fields.uint32(), 1024))
        try fields.end()
        guard let reading = try session.laidOut().reading else { throw Failure("reading-none") }
        let wanted = reading.wanted(limit)
        let bundles = wanted.map { tile -> JSON in
            var members: [JSON.Member] = [.init("name", .string(tile.path))]
            if tile.isPartial { members.append(.init("full", .string(tile.full.path))) }
            return .object(members)
        }
        return JSON.object([
            .init("bundles", .array(bundles)),
            .init("more", .integer(Int64(reading.bundleCount - wanted.count))),
        ]).encoded()
    }
}

/// The next bundle, and whether it is the full one in place of a partial one.
@_expose(wasm, "reading_take")
@_cdecl("reading_take")
public func readingTake(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        let bundle = try fields.take()
        let isFull = try fields.flag()
        try fields.end()
        guard session.table?.reading != nil else { throw Failure("reading-none") }
        // In place: a copy for each bundle would be a copy of the tree.
        do throws(Failure) { try session.table?.reading?.take(bundle, isFull: isFull) } catch {
            session.table?.reading = nil
            throw error
        }
        return []
    }
}

/// Nothing: what was read is forgotten.
@_expose(wasm, "reading_close")
@_cdecl("reading_close")
public func readingClose(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        try fields.end()
        session.table?.reading = nil
        return []
    }
}

/// Nothing: own credentials in the log that was read are in the wallet; how many it did not have, four bytes.
@_expose(wasm, "restore")
@_cdecl("restore")
public func restore(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        try fields.end()
        let (table, reading) = try session.read()
        var wallet = try session.opened()
        let found: Int
        do throws(WalletError) { found = try wallet.restore(community: table.community, entries: reading.entries) } catch {
            throw Failure(error.code)
        }
        session.wallet = wallet
        return number(found)
    }
}

/// Nothing: goes on to the leaves of renewals and top-ups that stand in the log that was read; how many of each, four bytes each.
@_expose(wasm, "settle")
@_cdecl("settle")
public func settle(_ session: UnsafeMutableRawPointer) -> Int32 {
    call(session) { (session, fields) throws(Failure) in
        try fields.end()
        let (table, reading) = try session.read()
        var wallet = try session.opened()
        let (renewed, toppedUp): (Int, Int)
        do throws(WalletError) {
            renewed = try wallet.completeRenewals(community: table.community, entries: reading.entries)
            toppedUp = try wallet.completeTopUps(community: table.community, entries: reading.entries)
        } catch {
            throw Failure(error.code)
        }
        session.wallet = wallet
        return number(renewed) + number(toppedUp)
    }
}

/// Four bytes, little-endian.
func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
