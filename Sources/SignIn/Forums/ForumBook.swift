import Reputation
import VerifierService

/// The forums of a community, for the operator's commands and for the service.
public struct ForumBook: Sendable {
    private let store: any SignInStore

    /// The forums in a store.
    public init(_ store: any SignInStore) { self.store = store }

    /// Adds a forum. A running service knows it at once.
    ///
    /// - Throws: `StoreError.exists` for a client id that is taken; `RequestError` for tiers that may not be asked of this community.
    public func add(_ forum: Forum, community: Community) async throws {
        _ = try forum.policy(community: community)
        try await store.addForum(forum.record)
    }

    /// All, by client id.
    public func all() async throws -> [Forum] { try await store.forums().map { try Forum($0) } }

    /// The forum of a client id, or nil.
    public func forum(id: String) async throws -> Forum? { try await store.forum(id: id).map { try Forum($0) } }

    /// Gives a forum another secret; from now on the old one counts no more.
    ///
    /// - Parameter secrets: called for a forum whose secret is derived.
    /// - Returns: the new secret, kept nowhere; nil when there is no such forum, or it has no secret.
    public func rotateSecret(id: String, secrets: () throws -> ForumSecrets) async throws -> String? {
        guard var forum = try await forum(id: id) else { return nil }
        let secret: String
        if case .discourse(var discourse) = forum.kind {
            discourse.salt = Forum.Discourse.makeSalt()
            forum.kind = .discourse(discourse)
            secret = try secrets().secret(.discourse, of: id, salt: discourse.salt)
        } else {
            guard forum.secretHash != nil else { return nil }
            let made = Forum.makeSecret()
            forum.secretHash = made.hash
            secret = made.secret
        }
        return try await store.updateForum(forum.record) ? secret : nil
    }

    /// Removes a forum: its codes, tokens and sessions count no more. False when there is none of that id.
    public func remove(id: String) async throws -> Bool { try await store.removeForum(id: id) }
}
