import Hummingbird
import Reputation
import SignIn
import VerifierService

extension Console {
    private static let pageLength = 50

    /// Pages about pseudonyms, bans and appeals.
    func addModerationPages(to router: Router<ServiceContext>) {
        router.get("console/pseudonyms", use: shown { try await pseudonyms($0) })
        router.post(
            "console/notes",
            use: done { visit, form in
                let subject = try Console.subject(form)
                _ = try await desk.moderation.note(
                    Console.prose(form["text"]), on: subject, audience: try await desk.audience(form["audience"]), by: visit.account.name,
                    now: now)
                return ConsolePages.redirect(to: "/console/pseudonyms?who=\(subject.text)")
            })
        router.get("console/bans", use: shown { try await bans($0) })
        router.post(
            "console/bans",
            use: done { visit, form in
                let subject = try Console.subject(form)
                _ = try await desk.moderation.ban(
                    subject, audience: try await desk.audience(form["audience"]), reason: Console.prose(form["reason"]),
                    publicReason: form["public-reason"] ?? "", until: try end(form["until"]), by: visit.account.name, now: now)
                return ConsolePages.redirect(to: "/console/pseudonyms?who=\(subject.text)")
            })
        router.post(
            "console/bans/:number/lift",
            use: done { visit, form in
                try await desk.moderation.lift(
                    visit.number("number"), reason: form["reason"] ?? "", by: visit.account.name, now: now)
                return ConsolePages.redirect(to: "/console/bans")
            })
        router.get("console/appeals", use: shown { try await appeals($0) })
        router.post(
            "console/appeals/:number",
            use: done { visit, form in
                guard let decision = form["decision"], ["grant", "refuse"].contains(decision) else { throw Console.foreign }
                try await desk.moderation.decide(
                    visit.number("number"), grant: decision == "grant", answer: Console.prose(form["answer"]), by: visit.account.name,
                    now: now)
                return ConsolePages.redirect(to: "/console/appeals")
            })
    }

    private static func subject(_ form: Form) throws -> Subject {
        guard let subject = Subject(form["subject"] ?? "") else { throw Moderation.Failure.pseudonym }
        return subject
    }

    /// Browsers send line ends as two characters.
    private static func prose(_ text: String?) -> String {
        (text ?? "").split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: "\n")
    }

    /// The end of a ban as it was typed; nothing is no end.
    func end(_ text: String?) throws -> Int64? {
        guard let text else { return nil }
        guard let end = UTC.end(text, now: now) else { throw Moderation.Failure.until }
        return end
    }

    private func values(_ ban: BanRecord) -> [String: Any] {
        [
            "number": ban.number, "subject": ban.subject.text, "username": ban.subject.username, "reason": ban.reason,
            "public-reason": ban.publicReason, "by": ban.by, "time": UTC.text(ban.time), "in-force": ban.isInForce(now),
            "state": ban.lifted != nil
                ? pages.text("ban-is-lifted")
                : ban.isInForce(now)
                    ? ban.until.map { pages.text("ban-until", ["time": UTC.text($0)]) } ?? pages.text("ban-endless")
                    : pages.text("ban-over"),
            "lifted": ban.lifted.map { "\($0.by), \(UTC.text($0.time)): \($0.reason)" as Any } ?? false,
        ]
    }

    private func pseudonyms(_ visit: Visit) async throws -> Response {
        guard let text = visit.query["who"] else {
            return pages.page("pseudonyms", visit: visit, ["who": "", "found": false])
        }
        let subject: Subject
        do { subject = try await desk.moderation.subject(text, audience: nil) } catch let failure as Moderation.Failure {
            return pages.page(
                "pseudonyms", visit: visit, ["who": text, "found": false, "alert": "\(failure)"],
                status: .unprocessableContent)
        }
        let found = try await desk.moderation.look(up: subject, by: visit.account.name, now: now)
        guard let audience = found.seen?.audience ?? found.bans.first?.audience ?? found.notes.first?.audience else {
            return pages.page(
                "pseudonyms", visit: visit,
                ["who": text, "found": false, "alert": pages.text("pseudonyms-nobody")], status: .unprocessableContent)
        }
        let seen = found.seen.map {
            pages.text("pseudonyms-days", ["first": UTC.day(Int64($0.first)), "last": UTC.day(Int64($0.last))])
        }
        let values: [String: Any] = [
            "username": subject.username, "subject": subject.text, "audience-id": Hex.text(audience),
            "audience": try await desk.places()[try Digest(audience)] ?? Hex.text(audience), "seen": seen ?? pages.text("pseudonyms-never"),
            "bans": found.bans.map(values), "banned": found.bans.contains { $0.isInForce(now) },
            "notes": found.notes.map { ["text": $0.text, "by": $0.by, "time": UTC.text($0.time)] },
        ]
        return pages.page("pseudonyms", visit: visit, ["who": text, "found": values])
    }

    private func bans(_ visit: Visit) async throws -> Response {
        let after = Int(visit.query["after"] ?? "") ?? 0
        let bans = try await desk.store.bans(audience: nil, inForceAt: now, after: after, limit: Console.pageLength)
        return pages.page(
            "bans", visit: visit,
            ["bans": bans.map(values), "more": bans.count == Console.pageLength ? bans.last.map { "\($0.number)" } ?? false as Any : false])
    }

    private func appeals(_ visit: Visit) async throws -> Response {
        let after = Int(visit.query["after"] ?? "") ?? 0
        let appeals = try await desk.store.appeals(open: true, after: after, limit: Console.pageLength)
        var shown: [[String: Any]] = []
        for appeal in appeals {
            let ban = try await desk.store.ban(number: appeal.ban)
            shown.append([
                "number": appeal.number, "text": appeal.text, "time": UTC.text(appeal.time), "ban": ban.map(values) ?? false as Any,
                "mine": ban?.by == visit.account.name,
            ])
        }
        return pages.page(
            "appeals", visit: visit,
            [
                "appeals": shown,
                "more": appeals.count == Console.pageLength ? appeals.last.map { "\($0.number)" } ?? false as Any : false,
            ])
    }
}
