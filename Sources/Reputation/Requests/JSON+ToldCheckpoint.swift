/// Who sends a request or an answer tells the newest checkpoint that he knows of the community's log, as a member `checkpoint` beside the
/// others: so a log that is shown to one of the two only is found out. It belongs to the transport and to nothing that is signed or proved.
extension JSON {
    /// Bytes of a note that is told at most.
    public static let greatestToldCheckpoint = 1 << 15

    private static let toldName = "checkpoint"

    /// This request or answer with a checkpoint beside it; unchanged for nil, and for a note that is longer than any reader takes.
    public func telling(checkpoint note: [UInt8]?) -> JSON {
        guard case .object(let members) = self, let note, note.count <= JSON.greatestToldCheckpoint else { return self }
        return .object(members + [JSON.Member(JSON.toldName, .string(note))])
    }

    /// The request or answer alone, and the note that was told with it, nil when none was. Throws `.wrongValue` for one that is no text or
    /// too long; says nothing else about it.
    public func separatingCheckpoint() throws(JSONError) -> (content: JSON, checkpoint: [UInt8]?) {
        guard case .object(let members) = self, let place = members.firstIndex(where: { $0.name.elementsEqual(JSON.toldName.utf8) }) else {
            return (self, nil)
        }
        guard case .string(let note) = members[place].value, note.count <= JSON.greatestToldCheckpoint else {
            throw .wrongValue(Array(JSON.toldName.utf8))
        }
        var rest: [Member] = []
        for (i, member) in members.enumerated() where i != place { rest.append(member) }
        return (.object(rest), note)
    }
}
