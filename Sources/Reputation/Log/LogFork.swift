/// The proof that a log's key signed two histories: two checkpoints, and how the larger one differs from the smaller. Anybody who has the
/// community's description can verify it.
public struct LogFork: Equatable, Sendable {
    /// The note of the smaller log, or of one of two of a size.
    public let smaller: [UInt8]
    /// The note of the larger.
    public let larger: [UInt8]
    /// What the larger log hashes to at the size of the smaller; nil for two of a size.
    public let root: Digest?
    /// Proof of consistency that it does.
    public let proof: [Digest]

    /// Two checkpoints of a size.
    public init(_ one: SignedCheckpoint, _ other: SignedCheckpoint) {
        self.init(smaller: one.note, larger: other.note, root: nil, proof: [])
    }

    init(smaller: [UInt8], larger: [UInt8], root: Digest?, proof: [Digest]) {
        self.smaller = smaller
        self.larger = larger
        self.root = root
        self.proof = proof
    }
}

extension LogFork {
    /// From JSON; says nothing yet about whether it holds.
    @export(interface)
    public init(json: JSON) throws(JSONError) {
        var object = try JSONObject(json)
        try object.version(1)
        let smaller = try object.text("smaller", atMost: SignedNote.greatestLength)
        let larger = try object.text("larger", atMost: SignedNote.greatestLength)
        let root = object.has("root") ? try object.digest("root") : nil
        var proof: [Digest] = []
        for value in try object.array("proof", atMost: CosigningRequest.greatestProof) {
            guard case .string(let text) = value, let bytes = try? Hex.decode(text), let hash = try? Digest(bytes) else {
                throw .wrongValue(Array("proof".utf8))
            }
            proof.append(hash)
        }
        try object.finish()
        self.init(smaller: smaller, larger: larger, root: root, proof: proof)
    }

    /// The JSON form.
    public var json: JSON {
        var members: [JSON.Member] = [
            .init("version", .integer(Int64(1))), .init("smaller", .string(smaller)), .init("larger", .string(larger)),
        ]
        if let root { members.append(.init("root", .hex(root.bytes))) }
        members.append(.init("proof", .array(proof.map { .hex($0.bytes) })))
        return .object(members)
    }
}

/// What a checkpoint that somebody else knows is to one's own copy of a log.
public enum CheckpointStanding: Equatable, Sendable {
    /// The copy contains what it signs.
    case contained
    /// The copy does not reach so far: it has to contain it once it does.
    case open
    /// One key signed two histories.
    case contradicts(LogFork)
}

extension MerkleNodes {
    /// What somebody else's checkpoint is to this log, of which `own` is the newest checkpoint. Open is also one for which nodes are missing.
    ///
    /// Throws `.inclusion` when it names another batch than the log has in its last place.
    public func standing(of theirs: SignedCheckpoint, beside own: SignedCheckpoint) throws(LogError) -> CheckpointStanding {
        let (other, known) = (theirs.checkpoint, own.checkpoint)
        if other.size == known.size {
            return other.root == known.root && other.batch == known.batch ? .contained : .contradicts(LogFork(own, theirs))
        }
        guard other.size < known.size, size >= known.size, let root = root(size: other.size) else { return .open }
        guard root == other.root else {
            let proof = consistencyProof(from: other.size, to: known.size) ?? []
            return .contradicts(LogFork(smaller: theirs.note, larger: own.note, root: root, proof: proof))
        }
        // Where the entry itself is not at hand, the root vouches for the log and nobody for the line that repeats it.
        if let entry = node(level: 0, index: other.size - 1), entry != MerkleTree.leafHash(LogEntry.batch(other.batch).encoded) {
            throw .inclusion
        }
        return .contained
    }
}

#if !hasFeature(Embedded)
extension LogFork {
    /// Whether this shows that the community's log key signed two histories. Throws `LogError` when one of the notes is not one of its
    /// checkpoints.
    public func holds(for community: Community) throws(LogError) -> Bool {
        let (old, new) = (try Checkpoint(note: smaller, community: community), try Checkpoint(note: larger, community: community))
        guard let root else { return old.size == new.size && (old.root != new.root || old.batch != new.batch) }
        return old.size < new.size && root != old.root
            && MerkleTree.verifyConsistency(old: old.size, oldRoot: root, new: new.size, newRoot: new.root, proof: proof)
    }
}
#endif
