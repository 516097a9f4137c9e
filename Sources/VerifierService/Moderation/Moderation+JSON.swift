import Reputation

extension BanRecord {
    /// For operators' programs.
    public var described: JSON {
        var members: [JSON.Member] = [
            .init("ban", .integer(Int64(number))), .init("audience", .hex(audience)), .init("subject", .text(subject.text)),
            .init("username", .text(subject.username)), .init("reason", .text(reason)), .init("public-reason", .text(publicReason)),
            .init("by", .text(by)), .init("time", .integer(time)),
        ]
        if let until { members.append(.init("until", .integer(until))) }
        if let lifted {
            members.append(
                .init(
                    "lifted",
                    .object([
                        .init("time", .integer(lifted.time)), .init("by", .text(lifted.by)), .init("reason", .text(lifted.reason)),
                    ])))
        }
        return .object(members)
    }
}

extension NoteRecord {
    /// For operators' programs.
    public var described: JSON {
        .object([
            .init("note", .integer(Int64(number))), .init("audience", .hex(audience)), .init("subject", .text(subject.text)),
            .init("text", .text(text)), .init("by", .text(by)), .init("time", .integer(time)),
        ])
    }
}

extension AppealRecord {
    /// For operators' programs.
    public var described: JSON {
        var members: [JSON.Member] = [
            .init("appeal", .integer(Int64(number))), .init("ban", .integer(Int64(ban))), .init("text", .text(text)),
            .init("time", .integer(time)), .init("state", .text(String(describing: state))),
        ]
        if let answer { members.append(.init("answer", .text(answer))) }
        if let by { members.append(.init("by", .text(by))) }
        return .object(members)
    }
}

extension Moderation.Findings {
    /// For operators' programs.
    public var described: JSON {
        var members: [JSON.Member] = [
            .init("subject", .text(subject.text)), .init("username", .text(subject.username)), .init("bans", .array(bans.map(\.described))),
            .init("notes", .array(notes.map(\.described))),
        ]
        if let seen {
            members += [
                .init("first-day", .text(UTC.day(Int64(seen.first)))), .init("last-day", .text(UTC.day(Int64(seen.last)))),
            ]
        }
        return .object(members)
    }
}
