import ArgumentParser
import Foundation
import Platform
import Reputation
import SignIn
import VerifierService

extension ForumCommand {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a forum that signs members in by OpenID Connect or DiscourseConnect.",
            discussion: """
                Example:
                  symbolon forum add --data ./vtaiwan --name "The Forum" --audience forum \\
                      --redirect-uri https://forum.example.org/auth/oidc/callback \\
                      --tier "member=members: votes >= 1" --tier "regular=regulars: votes >= 20"
                  symbolon forum add --data ./vtaiwan --name "The Forum" --audience forum --discourse --issuer https://id.example.org \
                      --return-url https://forum.example.org/session/sso_login --email-domain members.example.org --email-verified
                It prints client id and secret; the secret is kept nowhere. Tiers rise: who proves one has the groups of all below it, and the
                first is what everybody needs. Forums of one audience see one pseudonym of a member, others see others. Give audiences names
                of their own: the host name of a forum may change, its audience must not.
                """)

        @OptionGroup var folder: CommunityCommand.Folder
        @OptionGroup var acting: ActingOperator
        @Option(help: "Name that members are shown.") var name: String
        @Option(help: "Name of its audience, made if it is new.") var audience: String
        @Option(help: "Where it may be sent back to, exactly; may be repeated.") var redirectURI: [String] = []
        @Option(help: "Where a browser may be sent after logout, exactly; may be repeated.") var logoutURI: [String] = []
        @Option(name: .customLong("backchannel-logout-uri"), help: "Where it is told, from service to service, that a member signed out.")
        var backChannelLogoutURI: String?
        @Option(help: "NAME=GROUP: CONDITION, CONDITION; may be repeated, the lowest first. Without any: members.") var tier: [String] = []
        @Option(help: "Client id; made up unless given.") var clientID: String?
        @Option(help: "How its tokens are signed: RS256 or ES256.") var algorithm = Forum.Algorithm.rs256
        @Option(help: "Tell it a made-up e-mail address in this domain.") var emailDomain: String?
        @Flag(help: "Say that this address is verified, so that the forum writes no mail to it.") var emailVerified = false
        @Flag(name: .customLong("public"), help: "It can keep no secret: it uses PKCE alone.") var isPublic = false
        @Flag(help: "Do not require PKCE, for a client that cannot.") var noPKCE = false
        @Flag(help: "Do not require a nonce, for a client that cannot.") var noNonce = false
        @Flag(
            name: .customLong("no-iss"),
            help: "Leave iss out of answers, for a client that takes it for a login which somebody else began (mod_auth_openidc).")
        var noIssuer = false
        @Flag(help: "It is a Discourse forum and speaks DiscourseConnect.") var discourse = false
        @Option(help: "Where a Discourse forum is answered, exactly: https://FORUM/session/sso_login; may be repeated.")
        var returnURL: [String] = []
        @Option(help: "Tier from which on members are moderators of a Discourse forum; who proves less is none.") var moderatorTier: String?
        @Option(help: "Tier from which on members are administrators of a Discourse forum; who proves less is none.") var adminTier: String?
        @Option(help: "Origin of this service, for the settings of a Discourse forum that are printed.") var issuer: String?
        @Flag(help: "Print JSON.") var json = false

        func validate() throws {
            guard emailDomain != nil || !emailVerified else { throw ValidationError("--email-verified needs --email-domain") }
            guard issuer.map({ SignIn.Issuer($0) != nil }) ?? true else { throw ValidationError("--issuer is an origin without a path") }
            if discourse {
                guard !returnURL.isEmpty, redirectURI.isEmpty else { throw ValidationError("--discourse needs --return-url") }
                guard !isPublic, !noPKCE, !noNonce, !noIssuer, algorithm == .rs256, backChannelLogoutURI == nil else {
                    throw ValidationError(
                        "--public, --no-pkce, --no-nonce, --no-iss, --algorithm and --backchannel-logout-uri are not for --discourse")
                }
            } else {
                guard !redirectURI.isEmpty else { throw ValidationError("--redirect-uri is missing") }
                guard returnURL.isEmpty, moderatorTier == nil, adminTier == nil, issuer == nil else {
                    throw ValidationError("--return-url, --moderator-tier, --admin-tier and --issuer are for --discourse")
                }
            }
        }

        func run() async throws {
            var draft = ForumDraft(name: name, audience: audience, redirectURIs: discourse ? returnURL : redirectURI)
            (draft.logoutURIs, draft.tiers, draft.clientID) = (logoutURI, tier, clientID)
            (draft.isPublic, draft.requiresPKCE, draft.requiresNonce) = (isPublic, !noPKCE, !noNonce)
            draft.sendsIssuer = !noIssuer
            (draft.algorithm, draft.backChannelLogoutURI) = (algorithm, backChannelLogoutURI)
            draft.email = emailDomain.map { .synthetic(domain: $0, isVerified: emailVerified) } ?? .none
            if discourse { draft.discourse = Forum.Discourse(moderators: moderatorTier, admins: adminTier) }
            let (store, community) = try await folder.directory.openCommunity()
            let book = ForumBook(store)
            let isKnownName = try await book.all().contains { $0.name == name }
            let (forum, secret) = try await draft.register(in: book, directory: folder.directory, community: community) { forum in
                try await acting.log("forum.add", ["forum": forum.id, "name": forum.name, "audience": forum.audience.hex], in: store)
            }
            if isKnownName { Terminal.message("Warning: another forum has this name; members cannot tell the two apart.") }
            if noPKCE { Terminal.message("Warning: without PKCE who steals an authorization code and the secret signs in as its member.") }
            if noNonce { Terminal.message("Warning: without a nonce the forum does not notice a token that is played to it again.") }
            if noIssuer {
                Terminal.message("Warning: without iss a forum of several providers does not notice an answer that another of them gave.")
            }
            if discourse, !emailVerified {
                Terminal.message("Warning: without --email-verified the forum waits until somebody reads the mail to a made-up address.")
            }
            try store.close()
            let settings = forum.discourseSettings(issuer: issuer ?? "https://THIS-SERVICE", secret: secret ?? "")
            if json {
                guard case .object(var members) = forum.described else { return }
                if let secret { members.append(.init("client-secret", .text(secret))) }
                if !settings.isEmpty { members.append(.init("settings", .object(settings.map { .init($0.name, .text($0.value)) }))) }
                Terminal.output(JSON.object(members).encoded())
            } else if discourse {
                print("Client id  \(forum.id)\nIn the forum's settings, under Login; the secret is shown this once:")
                for (name, value) in settings { print("  \(name)  \(value)") }
            } else {
                print("Client id      \(forum.id)")
                if let secret { print("Client secret  \(secret)\nIt is shown this once.") }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the forums that sign members in.")

        @OptionGroup var folder: CommunityCommand.Folder
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, _) = try await folder.directory.openCommunity()
            let forums = try await ForumBook(store).all()
            try store.close()
            if json {
                Terminal.output(JSON.array(forums.map(\.described)).encoded())
            } else {
                for forum in forums { print("\(forum.id)  \(forum.name)") }
                if forums.isEmpty { print("No forums") }
            }
        }
    }

    /// Which forum is meant.
    struct Named: ParsableArguments {
        @OptionGroup var folder: CommunityCommand.Folder
        @Argument(help: "Its client id.") var clientID: String

        var unknown: CommandFailure { CommandFailure("there is no forum with the client id \(clientID)") }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what a forum is registered with.")

        @OptionGroup var named: Named

        func run() async throws {
            let (store, _) = try await named.folder.directory.openCommunity()
            let forum = try await ForumBook(store).forum(id: named.clientID)
            try store.close()
            guard let forum else { throw named.unknown }
            Terminal.output(forum.described.encoded(pretty: true))
        }
    }

    struct RotateSecret: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-secret", abstract: "Give a forum another secret; the old one counts no more at once.")

        @OptionGroup var named: Named
        @OptionGroup var acting: ActingOperator
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, _) = try await named.folder.directory.openCommunity()
            let directory = named.folder.directory
            if try await ForumBook(store).forum(id: named.clientID)?.hasSecret == true {
                try await acting.log("forum.secret", ["forum": named.clientID], in: store)
            }
            let secret = try await ForumBook(store).rotateSecret(id: named.clientID) { try ForumSecrets(folder: directory.signInFolder) }
            try store.close()
            guard let secret else { throw CommandFailure("there is no forum with the client id \(named.clientID) and a secret") }
            if json {
                Terminal.output(JSON.object([.init("client-secret", .text(secret))]).encoded())
            } else {
                print("Client secret  \(secret)\nIt is shown this once.")
            }
        }
    }

    struct RotateKeys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-keys", abstract: "Replace the keys that tokens are signed with.",
            discussion: """
                The public halves of the old ones stay published for a day, which is longer than any token lives. A running service signs with
                the new ones within a minute.
                """)

        @OptionGroup var folder: CommunityCommand.Folder
        @OptionGroup var acting: ActingOperator

        func run() async throws {
            let (store, _) = try await folder.directory.openCommunity()
            let now = Int64(Date().timeIntervalSince1970)
            let keys = try await SigningKeys(folder: folder.directory.signInFolder, now: now)
            try await acting.log("keys.rotate", in: store)
            try await keys.rotate(now: now)
            try store.close()
            print("rotated")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a forum: nobody signs in to it any more, and its codes and tokens end.",
            discussion: """
                Its audience stays: a forum that is added with the same audience later sees the same pseudonyms.
                """)

        @OptionGroup var named: Named
        @OptionGroup var acting: ActingOperator

        func run() async throws {
            let (store, _) = try await named.folder.directory.openCommunity()
            guard let forum = try await ForumBook(store).forum(id: named.clientID) else { throw named.unknown }
            try await acting.log("forum.remove", ["forum": forum.id, "name": forum.name], in: store)
            let isRemoved = try await ForumBook(store).remove(id: named.clientID)
            try store.close()
            guard isRemoved else { throw named.unknown }
            print("removed")
        }
    }
}

extension Forum.Algorithm: ExpressibleByArgument {}
