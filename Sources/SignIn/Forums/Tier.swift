import Reputation
import VerifierService

/// What a member may prove to a forum, and the group that it puts him into.
///
/// The tiers of a forum rise: who proves one proves all below it, and is in their groups too. The first is what everybody needs.
public struct Tier: Sendable, Equatable {
    /// Name for the wallet and in `acr`: 1 to 32 lower-case letters, digits and hyphens.
    public let name: String
    /// The forum's group, 1 to 64 characters.
    public let group: String
    /// Conditions such as `votes >= 20`.
    public let predicates: [String]

    /// Creates a tier; ``Forum/check(_:)`` says whether it can be one.
    public init(name: String, group: String, predicates: [String] = []) {
        self.name = name
        self.group = group
        self.predicates = predicates
    }

    /// From `name=group: predicate, predicate`; the group is named as the tier when it is left out. Nil for other text.
    public init?(parsing text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let names = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Tier.trimmed)
        let predicates = parts.count == 1 ? [] : parts[1].split(separator: ",", omittingEmptySubsequences: false).map(Tier.trimmed)
        self.init(name: names[0], group: names.last ?? "", predicates: predicates)
        guard Tier.isName(name), Tier.isGroup(group), predicates.allSatisfy({ !$0.isEmpty }) else { return nil }
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    static func isName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
    }

    static func isGroup(_ group: String) -> Bool { (1...64).contains(group.count) && isLine(group) }
}

extension Forum {
    /// What a tier asks: its conditions and those below it, of two bounds on the same sum the higher.
    package func predicates(ofTier place: Int, schema: Schema) throws(RequestError) -> [String] {
        var all: [Predicate] = []
        for tier in tiers[...place] {
            for text in tier.predicates {
                let predicate = try Predicate(parsing: text, schema: schema)
                if let at = all.firstIndex(where: { $0.weights == predicate.weights }) {
                    if all[at].bound < predicate.bound { all[at] = predicate }
                } else {
                    all.append(predicate)
                }
            }
        }
        return all.map { String(decoding: $0.text(schema), as: UTF8.self) }
    }

    /// What is asked of who wants to prove a tier.
    func question(ofTier place: Int, schema: Schema, lifetime: Int64) throws(RequestError) -> Question {
        Question(purposes: [.signIn], predicates: try predicates(ofTier: place, schema: schema), lifetime: lifetime)
    }

    /// Whether who proves a tier proves another one; false for names of none.
    func tier(_ name: String, includes other: String) -> Bool {
        guard let place = tiers.firstIndex(where: { $0.name == name }) else { return false }
        return tiers[...place].contains { $0.name == other }
    }

    /// The groups of who proves a tier.
    package func groups(ofTier place: Int) -> [String] {
        var groups: [String] = []
        for tier in tiers[...place] where !groups.contains(tier.group) { groups.append(tier.group) }
        return groups
    }

    /// What the forum asks for when it signs in: a form for each tier. Wallets keep it.
    ///
    /// - Throws: `RequestError` for tiers that may not be asked of this community.
    public func policy(community: Community) throws -> Policy {
        var forms: [Policy.Form] = []
        for place in tiers.indices {
            let nonce = [UInt8](repeating: 0, count: 32)
            let request = try question(ofTier: place, schema: community.schema, lifetime: 1).request(
                community: community, epoch: 1, audience: audience, nonce: nonce, now: 0)
            let form = Policy.Form(of: request)
            if !forms.contains(form) { forms.append(form) }
        }
        return try Policy(community: community.id, schema: community.schema.digest, audience: audience, forms: forms)
    }
}
