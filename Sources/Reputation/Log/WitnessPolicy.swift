/// Which witnesses must have cosigned a checkpoint (c2sp.org/tlog-policy): k of n, and groups of groups.
///
/// A text of lines: `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME all|any|K NAME...`, and one `quorum NAME|none`; names are defined
/// before they are used, `#` begins a comment.
public struct WitnessPolicy: Sendable {
    /// A witness.
    public struct Witness: Sendable, Equatable {
        /// Its name in the policy.
        public let name: [UInt8]
        /// Its key.
        public let key: VerifierKey
        /// Where it takes checkpoints, when that is known.
        public let url: [UInt8]?
    }

    /// Logs that it is about; empty when it does not say.
    public let logs: [VerifierKey]
    /// All witnesses named.
    public let witnesses: [Witness]
    private let groups: [Group]
    /// Index of the rule that must be met: witnesses first, then groups; nil when none has to.
    private let quorum: Int?

    private struct Group: Sendable {
        let least: Int
        /// Witnesses by their index, groups behind them.
        let members: [Int]
    }

    /// Nobody has to cosign.
    public static let none = WitnessPolicy(logs: [], witnesses: [], groups: [], quorum: nil)

    /// Witnesses and groups of a policy at most.
    public static let greatestCount = 256

    private init(logs: [VerifierKey], witnesses: [Witness], groups: [Group], quorum: Int?) {
        self.logs = logs
        self.witnesses = witnesses
        self.groups = groups
        self.quorum = quorum
    }

    /// Reads a policy; throws `.notCanonical`, `.unknownKind`, `.tooMany` or `.length` for anything else.
    @export(interface)
    public init(parsing text: [UInt8]) throws(FormatError) {
        guard text.count <= 1 << 18 else { throw .length }
        var logs: [VerifierKey] = []
        var witnesses: [Witness] = []
        // Groups as they are read: members by name, resolved to what was defined before.
        var groups: [(name: [UInt8], least: Int, members: [[UInt8]])] = []
        var quorum: [UInt8]?
        func isKnown(_ name: [UInt8]) -> Bool { witnesses.contains { $0.name == name } || groups.contains { $0.name == name } }
        for line in text.split(separator: 0x0a) {
            let words = line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).map { Array($0) }
            guard let first = words.first, first.first != UInt8(ascii: "#") else { continue }
            guard words.allSatisfy({ $0.allSatisfy { $0 > 0x20 && $0 != 0x7f } }) else { throw .notCanonical }
            guard words.count >= 2 else { throw .length }
            if first == Array("log".utf8) {
                guard words.count <= 3 else { throw .length }
                let key = try VerifierKey(text: words[1])
                guard key.purpose == .notes, !logs.contains(where: { $0.publicKey == key.publicKey }) else { throw .notCanonical }
                logs.append(key)
            } else if first == Array("witness".utf8) {
                guard words.count == 3 || words.count == 4 else { throw .length }
                let key = try VerifierKey(text: words[2])
                guard key.purpose == .cosignatures, !witnesses.contains(where: { $0.key.publicKey == key.publicKey }), !isKnown(words[1]),
                    words[1] != Array("none".utf8)
                else { throw .notCanonical }
                witnesses.append(Witness(name: words[1], key: key, url: words.count == 4 ? words[3] : nil))
            } else if first == Array("group".utf8) {
                guard words.count >= 4 else { throw .length }
                let members = Array(words[3...])
                guard members.count <= WitnessPolicy.greatestCount else { throw .tooMany }
                guard let least = WitnessPolicy.least(words[2], of: members.count), !isKnown(words[1]), words[1] != Array("none".utf8),
                    members.allSatisfy(isKnown)
                else { throw .notCanonical }
                // Each name counts once, so that no witness counts twice.
                let used = groups.flatMap { $0.members } + members
                for i in used.indices { for j in 0..<i where used[i] == used[j] { throw .notCanonical } }
                groups.append((words[1], least, members))
            } else if first == Array("quorum".utf8) {
                guard words.count == 2, quorum == nil, words[1] == Array("none".utf8) || isKnown(words[1]) else { throw .notCanonical }
                quorum = words[1]
            } else {
                throw .unknownKind
            }
            if logs.count + witnesses.count + groups.count > WitnessPolicy.greatestCount { throw .tooMany }
        }
        guard let quorum else { throw .length }
        func place(_ name: [UInt8]) -> Int? {
            if let at = witnesses.firstIndex(where: { $0.name == name }) { return at }
            return groups.firstIndex { $0.name == name }.map { witnesses.count + $0 }
        }
        var resolved: [Group] = []
        for group in groups {
            var members: [Int] = []
            for member in group.members {
                guard let at = place(member) else { throw .notCanonical }
                members.append(at)
            }
            resolved.append(Group(least: group.least, members: members))
        }
        self.init(logs: logs, witnesses: witnesses, groups: resolved, quorum: place(quorum))
    }

    /// `all`, `any` or a number from 1 to `count` without leading zeros.
    private static func least(_ word: [UInt8], of count: Int) -> Int? {
        if word == Array("all".utf8) { return count }
        if word == Array("any".utf8) { return 1 }
        guard word.count <= 3, word.allSatisfy(Attribute.isDigit), word.first != UInt8(ascii: "0") else { return nil }
        let value = word.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return (1...count).contains(value) ? value : nil
    }

    /// Whether no cosignature is needed.
    public var isNone: Bool { quorum == nil }

    /// Whether it is enough that these witnesses (by their index) cosigned.
    public func isMet(by cosigned: [Bool]) -> Bool {
        guard let quorum else { return true }
        // Groups only name what stands before them: one pass decides all.
        var met = cosigned
        for group in groups { met.append(group.members.filter { met[$0] }.count >= group.least) }
        return met[quorum]
    }
}

#if !hasFeature(Embedded)
extension WitnessPolicy {
    /// Which witnesses cosigned a note, with the time of each; throws `.note`, and `.signature` for a cosignature of a witness that is wrong.
    public func cosignatures(of note: [UInt8]) throws(LogError) -> [Int64?] {
        let note = try SignedNote(parsing: note)
        var times: [Int64?] = []
        for witness in witnesses { times.append(try Cosignature.time(in: note, by: witness.key)) }
        return times
    }

    /// Throws `.quorum` unless enough witnesses cosigned a note.
    @export(interface)
    public func verify(note: [UInt8]) throws(LogError) {
        guard isMet(by: try cosignatures(of: note).map { $0 != nil }) else { throw .quorum }
    }
}
#endif
