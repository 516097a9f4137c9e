import Foundation
import Reputation
import Synchronization

/// Who may ask this service's visitors, and what.
///
/// One of a folder is looked at again when the folder changed, so that an audience that a command, the console or another process makes is
/// served at once, and a policy holds.
public final class AudienceBook: Sendable {
    private struct State {
        var audiences: [Digest: Audience]
        var policies: [Digest: Policy]
        /// When the folder was last changed, in nanoseconds; nil while nothing can be said of it.
        var stamp: Int64?
    }

    /// Nanoseconds within which a file system may give two changes one time.
    private static let coarseness: Int64 = 2_000_000_000

    private let folder: (directory: DataDirectory, community: Community)?
    private let state: Mutex<State>

    /// These, for good.
    ///
    /// - Parameter policies: what they may ask, by their ids; one without may ask whatever the rules allow.
    public init(_ audiences: [Audience] = [], policies: [Digest: Policy] = [:]) {
        folder = nil
        state = Mutex(State(audiences: Self.byID(audiences), policies: policies))
    }

    /// Those of a folder.
    ///
    /// - Throws: `DataDirectory.Failure`; `JSONError` and `RequestError` for a file that is no policy.
    public init(of directory: DataDirectory, community: Community) throws {
        folder = (directory, community)
        state = Mutex(try Self.read(directory, community))
    }

    /// All of them, by name.
    public var all: [Audience] { state.withLock { $0.audiences.values.sorted { $0.name < $1.name } } }

    /// What an audience may ask; nil when nothing was said of it.
    public func policy(of id: Digest) -> Policy? { state.withLock { $0.policies[id] } }

    /// The audience of an id; one that is not known may have been made just now.
    package func audience(_ id: Digest) -> Audience? {
        if let known = state.withLock({ $0.audiences[id] }) { return known }
        // What is wrong with the folder, the next look of `refresh` says.
        try? refresh()
        return state.withLock { $0.audiences[id] }
    }

    /// Reads the folder again if it changed. When it throws, what was read before stands.
    package func refresh() throws {
        guard let folder else { return }
        let before = state.withLock { $0.stamp }
        guard before == nil || before != folder.directory.audiencesChanged else { return }
        let read = try Self.read(folder.directory, folder.community)
        state.withLock { $0 = read }
    }

    private static func read(_ directory: DataDirectory, _ community: Community) throws -> State {
        // Before the files: what changes while they are read is read again.
        let changed = directory.audiencesChanged
        let audiences = try directory.audiences()
        var policies: [Digest: Policy] = [:]
        for audience in audiences { policies[audience.id] = try directory.policy(of: audience, community: community) }
        let now = Int64(Date().timeIntervalSince1970 * 1e9)
        let stamp = changed.flatMap { now - $0 > coarseness ? $0 : nil }
        return State(audiences: byID(audiences), policies: policies, stamp: stamp)
    }

    private static func byID(_ audiences: [Audience]) -> [Digest: Audience] {
        Dictionary(audiences.map { ($0.id, $0) }) { first, _ in first }
    }
}
