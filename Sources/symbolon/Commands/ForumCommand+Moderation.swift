import ArgumentParser
import Foundation
import Reputation
import SignIn
import VerifierService

/// Who acts, for the audit log.
struct ActingOperator: ParsableArguments {
    @Option(name: .customLong("operator"), help: "Name of the operator who does this; unless given, the name of this machine's user.")
    var name: String?

    /// A name that the audit log takes.
    func checked() throws -> String {
        if let name {
            guard Moderation.isName(name) else { throw Moderation.Failure.name }
            return name
        }
        let user = NSUserName().lowercased()
        return Moderation.isName(user) ? user : "shell"
    }

    /// Writes down what is about to be done.
    func log(_ action: String, _ about: [String: String] = [:], in store: any ModerationStore) async throws {
        try await Moderation(store: store).log(action, about, by: try checked(), now: Int64(Date().timeIntervalSince1970))
    }
}

extension ForumCommand {
    /// Which audience is meant, by a forum or by its own name.
    struct Place: ParsableArguments {
        @OptionGroup var folder: CommunityCommand.Folder
        @Option(help: "Client id of a forum: its audience is meant.") var forum: String?
        @Option(help: "Name of an audience.") var audience: String?

        /// The audience; nil when none was named.
        func audience(_ store: any SignInStore) async throws -> Digest? {
            if let forum {
                guard let found = try await ForumBook(store).forum(id: forum) else {
                    throw CommandFailure("there is no forum with the client id \(forum)")
                }
                return found.audience
            }
            guard let audience else { return nil }
            guard let found = try folder.directory.audiences().first(where: { $0.name == audience }) else {
                throw CommandFailure("there is no audience \(audience)")
            }
            return found.id
        }

        /// The audience that has to be named.
        func named(_ store: any SignInStore) async throws -> Digest {
            guard let audience = try await audience(store) else { throw CommandFailure("give --forum or --audience") }
            return audience
        }
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    /// Runs a body and turns what moderation refuses into the command's own refusal.
    static func moderating<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch let failure as Moderation.Failure {
            switch failure {
            case .alreadyBanned, .unknownBan, .unknownAppeal, .appealClosed, .sameOperator, .unknownUsername, .ambiguousUsername:
                print("refused: \(failure.code)")
                Terminal.message("\(failure)")
                throw ExitStatus.rejected
            case .text, .publicReason, .until, .pseudonym, .name: throw failure
            }
        }
    }

    struct Ban: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ban a pseudonym.",
            discussion: """
                Example:
                  symbolon forum ban --data ./vtaiwan --forum CLIENT-ID lusab-tivor-nekom --reason "three warnings, see notes" \\
                      --public-reason "Insults after three warnings." --until 30d
                The pseudonym is the `sub` that the forum shows, or its username. It holds at the forum's audience, so at all forums that share
                it. Nobody signs in as it any more, and its sessions, codes and tokens end at once. The member is shown the public reason, the end
                and how to appeal; the forum hears that the sign-in was denied, and no more.
                """)

        @OptionGroup var place: Place
        @OptionGroup var acting: ActingOperator
        @Argument(help: "The pseudonym: sub or username.") var pseudonym: String
        @Option(help: "Reason for operators.") var reason: String
        @Option(help: "Reason for the member: one line.") var publicReason: String
        @Option(help: "End: a day such as 2026-12-01, or 12h, or 30d from now; unless given the ban has none.") var until: String?
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, _) = try await place.folder.directory.openCommunity()
            let (moderation, now) = (Moderation(store: store), ForumCommand.now)
            let end = try until.map { text in
                guard let end = UTC.end(text, now: now) else {
                    throw CommandFailure("--until is a day, or hours or days from now: 12h, 30d")
                }
                return end
            }
            let number = try await ForumCommand.moderating {
                let audience = try await place.named(store)
                return try await moderation.ban(
                    try await moderation.subject(pseudonym, audience: audience), audience: audience, reason: reason,
                    publicReason: publicReason, until: end, by: try acting.checked(), now: now)
            }
            try store.close()
            if json { Terminal.output(JSON.object([.init("ban", .integer(Int64(number)))]).encoded()) } else { print("Ban \(number)") }
        }
    }

    struct Unban: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lift a ban.")

        @OptionGroup var folder: CommunityCommand.Folder
        @OptionGroup var acting: ActingOperator
        @Argument(help: "Number of the ban.") var number: Int
        @Option(help: "Reason for operators.") var reason: String

        func run() async throws {
            let (store, _) = try await folder.directory.openCommunity()
            try await ForumCommand.moderating {
                try await Moderation(store: store).lift(number, reason: reason, by: try acting.checked(), now: ForumCommand.now)
            }
            try store.close()
            print("lifted")
        }
    }

    struct Bans: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List bans that are in force, of one audience or of all.")

        @OptionGroup var place: Place
        @Flag(help: "Those that ended, too.") var all = false
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, _) = try await place.folder.directory.openCommunity()
            let (audience, now) = (try await place.audience(store), ForumCommand.now)
            var bans: [BanRecord] = []
            while true {
                let page = try await store.bans(
                    audience: audience?.bytes, inForceAt: all ? nil : now, after: bans.last?.number ?? 0, limit: 1000)
                bans += page
                if page.isEmpty { break }
            }
            try store.close()
            if json {
                Terminal.output(JSON.array(bans.map(\.described)).encoded())
            } else {
                for ban in bans { print(ban.line(now)) }
                if bans.isEmpty { print("No bans") }
            }
        }
    }

    struct Note: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a note on a pseudonym, for other operators.",
            discussion: "Write nothing in it that says who somebody is: nobody knows that here, and it should stay so.")

        @OptionGroup var place: Place
        @OptionGroup var acting: ActingOperator
        @Argument(help: "The pseudonym: sub or username.") var pseudonym: String
        @Argument(help: "What it says.") var text: String

        func run() async throws {
            let (store, _) = try await place.folder.directory.openCommunity()
            let moderation = Moderation(store: store)
            let number = try await ForumCommand.moderating {
                let audience = try await place.named(store)
                return try await moderation.note(
                    text, on: try await moderation.subject(pseudonym, audience: audience), audience: audience, by: try acting.checked(),
                    now: ForumCommand.now)
            }
            try store.close()
            print("Note \(number)")
        }
    }

    struct Lookup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what is known of a pseudonym: bans, notes, days of its sign-ins.",
            discussion: "That it was looked up stands in the audit log.")

        @OptionGroup var place: Place
        @OptionGroup var acting: ActingOperator
        @Argument(help: "The pseudonym: sub or username.") var pseudonym: String
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, _) = try await place.folder.directory.openCommunity()
            let moderation = Moderation(store: store)
            let found = try await ForumCommand.moderating {
                let subject = try await moderation.subject(pseudonym, audience: try await place.audience(store))
                return try await moderation.look(up: subject, by: try acting.checked(), now: ForumCommand.now)
            }
            try store.close()
            if json {
                Terminal.output(found.described.encoded())
                return
            }
            print("\(found.subject.text)  \(found.subject.username)")
            if let seen = found.seen {
                print("Signed in first on \(UTC.day(Int64(seen.first))), last on \(UTC.day(Int64(seen.last)))")
            } else {
                print("Never signed in since that is remembered")
            }
            for ban in found.bans { print(ban.line(ForumCommand.now)) }
            for note in found.notes { print("Note \(note.number), \(UTC.text(note.time)), \(note.by): \(note.text)") }
        }
    }

    struct Appeals: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List appeals that wait for a decision.")

        @OptionGroup var folder: CommunityCommand.Folder
        @Flag(help: "Those that are decided, too.") var all = false
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let (store, _) = try await folder.directory.openCommunity()
            var appeals: [AppealRecord] = []
            while true {
                let page = try await store.appeals(open: !all, after: appeals.last?.number ?? 0, limit: 1000)
                appeals += page
                if page.isEmpty { break }
            }
            try store.close()
            if json {
                Terminal.output(JSON.array(appeals.map(\.described)).encoded())
                return
            }
            for appeal in appeals {
                print("\(appeal.number)  ban \(appeal.ban)  \(UTC.text(appeal.time))  \(appeal.state)\n  \(appeal.text)")
                if let answer = appeal.answer { print("  \(appeal.by ?? ""): \(answer)") }
            }
            if appeals.isEmpty { print("No appeals") }
        }
    }

    struct Decide: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decide an appeal, as another operator than the one who banned.",
            discussion: "Granting it lifts the ban. The member is shown the answer.")

        @OptionGroup var folder: CommunityCommand.Folder
        @OptionGroup var acting: ActingOperator
        @Argument(help: "Number of the appeal.") var number: Int
        @Flag(help: "Lift the ban.") var grant = false
        @Flag(help: "Let it stand.") var refuse = false
        @Option(help: "What the member is told.") var answer: String

        func validate() throws {
            guard grant != refuse else { throw ValidationError("give one of --grant and --refuse") }
        }

        func run() async throws {
            let (store, _) = try await folder.directory.openCommunity()
            try await ForumCommand.moderating {
                try await Moderation(store: store).decide(
                    number, grant: grant, answer: answer, by: try acting.checked(), now: ForumCommand.now)
            }
            try store.close()
            print(grant ? "granted" : "refused")
        }
    }

    struct AuditLog: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "audit-log", abstract: "Check the log of what operators did, and print it.",
            discussion: """
                Each row holds a hash over the one before, so none can be changed, taken out or put in between without all behind it changing.
                Who can write into the store could make them all anew, or cut off the newest: note the last row somewhere else now and then,
                as it is printed, and give it back later with --expect.
                Exit status: 0 it holds, 1 it does not.
                """)

        @OptionGroup var folder: CommunityCommand.Folder
        @Option(help: ArgumentHelp("A row that must be there, as it was printed before.", valueName: "number:hash")) var expect: String?
        @Option(help: "Print rows from this number on; 0 prints none.") var from = 1
        @Flag(help: "Print JSON.") var json = false

        func run() async throws {
            let expected = try expect.map { text in
                guard let head = AuditCheck.Head(text) else { throw CommandFailure("--expect is NUMBER:HASH") }
                return head
            }
            let (store, _) = try await folder.directory.openCommunity()
            let head: AuditCheck.Head?
            do { head = try await AuditCheck.run(store, expecting: expected) } catch let failure as AuditCheck.Failure {
                if json {
                    Terminal.output(JSON.object([.init("verdict", .text("refused")), .init("code", .text(failure.code))]).encoded())
                } else {
                    print("refused: \(failure.code)")
                    Terminal.message("\(failure)")
                }
                throw ExitStatus.rejected
            }
            var rows: [AuditRow] = []
            while from > 0, let page = try? await store.auditRows(after: rows.last?.number ?? from - 1, limit: 1000), !page.isEmpty {
                rows += page
            }
            try store.close()
            if json {
                var members: [JSON.Member] = [.init("verdict", .text("holds"))]
                if let head { members.append(.init("head", .text(head.text))) }
                members.append(.init("rows", .array(try rows.map { try JSON(parsing: $0.document) })))
                Terminal.output(JSON.object(members).encoded())
                return
            }
            for row in rows {
                let entry = try row.entry()
                let about = entry.about.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.debugDescription)" }.joined(separator: " ")
                print("\(row.number)  \(UTC.text(entry.time))  \(entry.by)  \(entry.action)  \(about)")
            }
            print(head.map { "holds; last row \($0.text)" } ?? "holds; it is empty")
        }
    }
}

extension BanRecord {
    func line(_ now: Int64) -> String {
        let state = isInForce(now) ? until.map { "until \(UTC.text($0))" } ?? "without end" : lifted == nil ? "over" : "lifted"
        return "\(number)  \(subject.text)  \(subject.username)  \(state)  by \(by): \(publicReason)"
    }
}
