import Foundation
import Reputation

/// Recomputes a community's log from its static form and says what does not hold: by anyone, without the operator's word for anything.
public struct Audit: Sendable {
    /// Something that does not hold.
    public struct Finding: Sendable, Equatable {
        /// Stable name of the check.
        public let code: String
        /// The entry that it is about, counted from 0, if it is about one.
        public let position: Int?
        /// The same for people.
        public let text: String
    }

    /// A witness's word on the checkpoint.
    public struct Witnessed: Sendable, Equatable {
        /// The witness's name in the policy.
        public let name: String
        /// When it cosigned, in seconds since 1970; nil when it did not.
        public let time: Int64?
    }

    /// Where the log was read.
    public let source: String
    /// The community, as the source describes it.
    public let community: Community
    /// The newest checkpoint as it was served.
    public let note: [UInt8]
    /// What it says; nil when it cannot be believed.
    public private(set) var checkpoint: Checkpoint?
    /// Entries read.
    public private(set) var entries = 0
    /// Batches closed, epochs opened, leaves put in, leaves taken out: as far as the entries hold.
    public private(set) var (batches, epochs, appended, removed) = (0, 0, 0, 0)
    /// Tiles of hashes and bundles of entries that were read.
    public private(set) var tiles = 0
    /// The witnesses of the policy.
    public private(set) var witnesses: [Witnessed] = []
    /// Sizes of the earlier or other checkpoints that this log contains.
    public private(set) var contained: [Int] = []
    /// What does not hold, in the order in which it was found.
    public private(set) var findings: [Finding] = []
    /// Whether the entries are those that the checkpoint signs and it contains all checkpoints seen before: then it is to be remembered.
    public private(set) var isMemorable = false

    /// Runs the whole audit.
    ///
    /// - Parameters:
    ///   - source: the log.
    ///   - id: of the community; without it nothing but the log's own word says whose it is.
    ///   - policy: which witnesses must have cosigned.
    ///   - seen: checkpoints that were seen before, or by others: names for people, and the signed notes.
    ///   - now: in seconds since 1970.
    ///   - progress: called with the number of entries read so far and in all.
    /// - Throws: ``LogSourceFailure`` when the log cannot be read.
    public init(
        of source: any LogSource, id: Digest?, witnesses policy: WitnessPolicy = .none, seen: [(name: String, note: [UInt8])] = [],
        now: Int64, progress: (Int, Int) -> Void = { _, _ in }
    ) async throws {
        self.source = source.name
        community = try await source.community()
        note = try await source.checkpoint()
        if let id, id != community.id {
            add("community-mismatch", "the log is of community \(community.id.hex)")
            return
        }
        let checkpoint: Checkpoint
        do { checkpoint = try Checkpoint(note: note, community: community) } catch {
            add(error, "the checkpoint is not one of this log")
            return
        }
        self.checkpoint = checkpoint
        checkCosignatures(policy)
        if checkpoint.batch.time > now + Self.clockTolerance { add("log-time", "the newest batch is from the future") }
        guard let log = try await readEntries(source, checkpoint, progress) else { return }
        try await checkTiles(source, log)
        let before = findings.count
        for (name, note) in seen { compare(name, note, with: log) }
        isMemorable = findings.count == before
    }

    /// Seconds by which a clock may be wrong.
    private static let clockTolerance: Int64 = 300

    private mutating func add(_ code: String, _ text: String, at position: Int? = nil) {
        findings.append(Finding(code: code, position: position, text: text))
    }

    private mutating func add(_ error: LogError, _ text: String) { add(error.code, text) }

    private mutating func checkCosignatures(_ policy: WitnessPolicy) {
        do {
            let times = try policy.cosignatures(of: note)
            for (witness, time) in zip(policy.witnesses, times) {
                witnesses.append(Witnessed(name: String(decoding: witness.name, as: UTF8.self), time: time))
            }
            if !policy.isMet(by: times.map { $0 != nil }) { add(LogError.quorum, "too few witnesses cosigned the checkpoint") }
        } catch {
            add(error, "a cosignature is wrong")
        }
    }

    /// All entries: the tree that they make, and by which rules. Nil when they are not those that are signed.
    private mutating func readEntries<Source: LogSource>(
        _ source: Source, _ checkpoint: Checkpoint, _ progress: (Int, Int) -> Void
    ) async throws -> MerkleTree? {
        var log = MerkleTree()
        var replay: LogReplay? = LogReplay(community: community, depth: .issuance)
        var violation: LogViolation?
        var last: LogReplay?
        do {
            var bundles = source.bundles(from: 0, size: checkpoint.size)
            while let (_, entries) = try await bundles.next() {
                for entry in entries {
                    log.append(entry)
                    // Behind the first that breaks a rule nothing more can be said of the tree; of the hashes it can.
                    do throws(LogViolation) { try replay?.apply(entry) } catch {
                        violation = error
                        last = replay
                        replay = nil
                    }
                }
                progress(log.size, checkpoint.size)
            }
        } catch let failure as LogSourceFailure {
            guard case .missing(let path) = failure else { throw failure }
            add("log-missing", "\(path) is signed for and not there")
        } catch let error as LogError {
            add(error, "a bundle of entries is malformed")
        }
        entries = log.size
        tiles += (log.size + LogTile.fullWidth - 1) / LogTile.fullWidth
        if let state = replay ?? last {
            (batches, appended, removed) = (state.batches, state.appended, state.removed)
            epochs = Int(state.batch?.epoch ?? 0)
        }
        if let violation {
            add(violation.rule.code, "entry \(violation.position) breaks a rule of the log: \(violation.rule.code)", at: violation.position)
        }
        guard log.size == checkpoint.size else { return nil }
        guard log.root == checkpoint.root else {
            add(LogError.root, "the entries are not those that the checkpoint signs")
            return nil
        }
        if let replay, !replay.agrees(with: checkpoint) {
            add(LogError.inclusion, "the checkpoint's batch is not the last entry of the log")
        }
        return log
    }

    private mutating func checkTiles(_ source: any LogSource, _ log: MerkleTree) async throws {
        for tile in LogTile.hashes(size: log.size) {
            let path = String(decoding: tile.path, as: UTF8.self)
            do {
                if try await source.hashes(tile) != log.hashes(of: tile) { add(LogError.tile, "\(path) does not hold the hashes it must") }
                tiles += 1
            } catch let failure as LogSourceFailure {
                guard case .missing = failure else { throw failure }
                add("log-missing", "\(path) is signed for and not there")
            } catch let error as LogError {
                add(error, "\(path) is malformed")
            }
        }
    }

    private mutating func compare(_ name: String, _ note: [UInt8], with log: MerkleTree) {
        let other: Checkpoint
        do { other = try Checkpoint(note: note, community: community) } catch {
            add(error, "\(name) is not a checkpoint of this log")
            return
        }
        if other.size > log.size {
            add(LogError.older, "the log has \(log.size) entries; \(name) signs \(other.size)")
        } else if log.root(size: other.size) != other.root {
            add(LogError.fork, "the log does not contain what \(name) signs at \(other.size) entries: two histories are signed")
        } else {
            contained.append(other.size)
        }
    }
}
