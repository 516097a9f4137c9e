import Foundation
import Membership
import Reputation
import VerifierService

/// What a wallet knows of a community's log: a light copy, or all of it.
enum WalletLog {
    /// The tree alone, verified from the signed checkpoint down.
    case light(LightMirror)
    /// The whole log, every entry held against the rules.
    case whole(LogMirror)

    /// Brings it up to date.
    mutating func update(from source: any LogSource, for wallet: Wallet?) async throws -> Checkpoint {
        var bar: ProgressBar?
        func show(_ done: Int, _ total: Int) {
            // A few files are there before a bar is.
            guard total >= 100 else { return }
            // How many are wanted shows on the way.
            if bar.map({ total > $0.total + $0.total / 4 }) ?? true { bar = ProgressBar("Fetching the tree", total: total) }
            bar?.update(done)
        }
        switch self {
        case .light(var mirror):
            let checkpoint = try await mirror.update(from: source, for: wallet) { show($0, $0 + $1) }
            self = .light(mirror)
            return checkpoint
        case .whole(var mirror):
            let checkpoint = try await mirror.update(from: source, progress: show)
            self = .whole(mirror)
            return checkpoint
        }
    }

    /// The newest checkpoint of it, if no fetch is needed: it was checked since `time` (seconds since 1970) and holds the credential's leaf. Who serves the
    /// log sees a fetch, and may see a presentation follow it.
    func checkpoint(holding credential: Credential, checkedSince time: Int64) -> Checkpoint? {
        guard case .light(let mirror) = self, let checked = mirror.checked, checked >= time, mirror.copy.path(of: credential.leaf) != nil
        else { return nil }
        return mirror.copy.known?.checkpoint
    }

    /// Holds what somebody else told against it.
    mutating func hear(_ note: [UInt8]) async throws {
        switch self {
        case .light(var mirror):
            try await mirror.hear(note)
            self = .light(mirror)
        case .whole(var mirror):
            try await mirror.hear(note)
            self = .whole(mirror)
        }
    }

    /// What to tell somebody of it.
    func told(to theirs: [UInt8]?) -> [UInt8]? {
        switch self {
        case .light(let mirror): mirror.told(to: theirs)
        case .whole(let mirror): mirror.told(to: theirs)
        }
    }

    /// Proofs that two histories are signed.
    var forks: [String] {
        switch self {
        case .light(let mirror): mirror.forks
        case .whole(let mirror): mirror.forks
        }
    }

    /// The way of a credential's leaf to the root of the newest checkpoint.
    func path(of credential: Credential) throws -> MembershipPath {
        switch self {
        case .light(let mirror):
            if let path = mirror.copy.path(of: credential.leaf) { return path }
            guard mirror.copy.bucketCount != nil else { throw CommandFailure("the credential is not in the published tree yet") }
            throw CommandFailure(
                """
                the credential's leaf is not among those that were fetched: it is not in the tree yet, or the times that the issuer stated are \
                wrong; --whole-log finds it wherever it is
                """)
        case .whole(let mirror):
            guard let tree = mirror.tree else { throw CommandFailure("the log has no tree") }
            return try ServiceClient.path(of: credential, in: tree)
        }
    }
}

extension LogOptions {
    /// What a wallet keeps of a community's log, as it was left.
    func walletLog(of community: Community, whole: Bool) async throws -> WalletLog {
        if whole { return .whole(try await mirror(of: community)) }
        return .light(try LightMirror(community: community, prefix: directory(of: community).path, witnesses: try policy()))
    }
}
