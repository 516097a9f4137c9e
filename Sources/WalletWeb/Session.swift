// The way in and out of the module. A page makes one session, which is one wallet in memory. It writes a call's fields into the session's room,
// calls a function with the session, and reads the answer: 0 and what the function gives, or 1 and JSON with the code of what is wrong. Room and
// answer are overwritten when they have been used, for a phrase or the wallet's state can stand in them.

import CPlatform
import Membership
import Platform
import Proofs
import Reputation

/// What a page works with: a wallet, the community at hand, and the request that is being answered.
struct Session {
    var wallet: Wallet?
    var table: Table?
    var asked: Asked?
    private(set) var room = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private(set) var answer = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    /// Bytes of a call's fields at most: a wallet's state, or the light copy of a community as large as there can be.
    static let greatestRoom = 1 << 27

    /// Overwrites a buffer and gives it back.
    static func wipe(_ buffer: inout UnsafeMutableRawBufferPointer) {
        if let base = buffer.baseAddress {
            symbolon_zeroize(base, buffer.count)
            buffer.deallocate()
        }
        buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    /// Room for a call's fields.
    mutating func makeRoom(_ count: Int) {
        Session.wipe(&room)
        if count > 0 { room = .allocate(byteCount: count, alignment: 16) }
    }

    /// The fields that were written; the room is theirs.
    mutating func fields() -> Fields {
        defer { room = UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return Fields(room)
    }

    mutating func keep(_ bytes: inout [UInt8]) {
        Session.wipe(&answer)
        if !bytes.isEmpty {
            answer = .allocate(byteCount: bytes.count, alignment: 16)
            answer.copyBytes(from: bytes)
        }
        zeroize(&bytes)
    }

    mutating func wipeAnswer() { Session.wipe(&answer) }

    /// Forgets everything.
    mutating func close() {
        (wallet, table, asked) = (nil, nil, nil)
        Session.wipe(&room)
        Session.wipe(&answer)
    }

    /// The wallet, unless there is none yet.
    func opened() throws(Failure) -> Wallet {
        guard let wallet else { throw Failure("wallet-closed") }
        return wallet
    }

    /// The community at hand.
    func laidOut() throws(Failure) -> Table {
        guard let table else { throw Failure("community-closed") }
        return table
    }
}

/// Why a call gives nothing.
struct Failure: Error {
    /// Stable name of the failed check.
    let code: String
    /// What a page needs to say where it failed.
    let details: [JSON.Member]

    init(_ code: String, _ details: [JSON.Member] = []) {
        self.code = code
        self.details = details
    }

    var json: JSON { .object([JSON.Member("code", .text(code))] + details) }
}

/// Runs the body of a function with the fields of its call.
func call(
    _ session: UnsafeMutableRawPointer, _ body: (inout Session, inout Fields) throws(Failure) -> [UInt8]
) -> Int32 {
    let session = session.assumingMemoryBound(to: Session.self)
    var fields = session.pointee.fields()
    defer { fields.wipe() }
    var (bytes, status): ([UInt8], Int32)
    do throws(Failure) {
        bytes = try body(&session.pointee, &fields)
        status = 0
    } catch {
        bytes = error.json.encoded()
        status = 1
    }
    session.pointee.keep(&bytes)
    return status
}

/// A new session.
@_expose(wasm, "session")
@_cdecl("session")
public func makeSession() -> UnsafeMutableRawPointer {
    let session = UnsafeMutablePointer<Session>.allocate(capacity: 1)
    session.initialize(to: Session())
    return UnsafeMutableRawPointer(session)
}

/// Room for the fields of the next call; nil for more than a call can have.
@_expose(wasm, "room")
@_cdecl("room")
public func room(_ session: UnsafeMutableRawPointer, _ count: Int32) -> UnsafeMutableRawPointer? {
    guard count >= 0, Int(count) <= Session.greatestRoom else { return nil }
    let session = session.assumingMemoryBound(to: Session.self)
    session.pointee.makeRoom(Int(count))
    return session.pointee.room.baseAddress
}

/// Where the last call's answer stands.
@_expose(wasm, "answer")
@_cdecl("answer")
public func answer(_ session: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    session.assumingMemoryBound(to: Session.self).pointee.answer.baseAddress
}

/// Bytes of the last call's answer.
@_expose(wasm, "answer_length")
@_cdecl("answer_length")
public func answerLength(_ session: UnsafeMutableRawPointer) -> Int32 {
    Int32(session.assumingMemoryBound(to: Session.self).pointee.answer.count)
}

/// Overwrites the last call's answer: it was read.
@_expose(wasm, "wipe")
@_cdecl("wipe")
public func wipe(_ session: UnsafeMutableRawPointer) { session.assumingMemoryBound(to: Session.self).pointee.wipeAnswer() }

/// Forgets everything. What is left in memory that was given back, the page overwrites: it owns all of it.
@_expose(wasm, "close")
@_cdecl("close")
public func close(_ session: UnsafeMutableRawPointer) { session.assumingMemoryBound(to: Session.self).pointee.close() }
