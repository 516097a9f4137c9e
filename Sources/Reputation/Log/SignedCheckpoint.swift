/// A checkpoint of a community's log with the note that it was read from, its signature verified.
public struct SignedCheckpoint: Equatable, Sendable {
    /// The signed note, byte for byte.
    public let note: [UInt8]
    /// What it says.
    public let checkpoint: Checkpoint
}

extension SignedCheckpoint {
    /// Reads a note whose signature was verified elsewhere, by a browser's own means for one; throws `LogError` for one that is no checkpoint
    /// of this community's log.
    public init(verified note: [UInt8], community: Community) throws(LogError) {
        checkpoint = try Checkpoint(text: SignedNote(parsing: note).text)
        guard checkpoint.origin == community.origin else { throw .origin }
        guard checkpoint.batch.schema == community.schema.digest else { throw .schema }
        self.note = note
    }
}

#if !hasFeature(Embedded)
extension SignedCheckpoint {
    /// Reads a note and verifies the signature of the log's key; throws `LogError`.
    public init(note: [UInt8], community: Community) throws(LogError) {
        try SignedNote(parsing: note).verify(name: community.origin, publicKey: community.logKey)
        try self.init(verified: note, community: community)
    }
}
#endif

extension SignedCheckpoint {
    /// The note that a wallet shows to others: the text and one signature of the log's key. Nil when the text holds more than a checkpoint
    /// of this package does.
    ///
    /// Nothing in it is the wallet's own: extension lines, further signatures and the times of cosignatures, which an operator could choose
    /// for each wallet to know it again, stay here.
    func shown(of community: Community) -> [UInt8]? {
        guard let note = try? SignedNote(parsing: note), note.text == checkpoint.text else { return nil }
        let id = SignedNote.keyID(name: community.origin, publicKey: community.logKey)
        guard let signature = note.signatures.first(where: { $0.name == community.origin && $0.keyID == id }) else { return nil }
        return note.text + [0x0a] + signature.line
    }

    /// What a wallet whose newest checkpoint this is tells to somebody who told his. Where both are of one text his own signature goes
    /// back to him: an operator who signs a text in more than one way does not get back the one that he gave this wallet.
    public func told(to theirs: SignedCheckpoint?, of community: Community) -> [UInt8]? {
        if let theirs, theirs.checkpoint == checkpoint { return theirs.shown(of: community) }
        return shown(of: community)
    }
}
