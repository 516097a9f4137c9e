import SignIn

/// What the forum knows, in memory alone: who is signed in, what was written, and which credentials of the demo are left to be given away.
actor Board {
    /// A message.
    struct Message: Sendable {
        /// Its author's pseudonym, to read.
        let name: String
        let groups: [String]
        let text: String
    }

    /// A visitor's session.
    struct Visit: Sendable {
        var begun: OpenIDClient.Begun?
        var member: OpenIDClient.Member?
        /// What he was given.
        var gift: DemoForum.Gift?
    }

    private static let greatestVisits = 10_000, greatestMessages = 200

    private var visits: [[UInt8]: Visit] = [:]
    /// Their sessions by age, so that the oldest go first.
    private var order: [[UInt8]] = []
    private var gifts: [DemoForum.Gift]
    /// The newest first.
    private(set) var messages: [Message] = []

    init(gifts: [DemoForum.Gift]) { self.gifts = gifts.reversed() }

    /// The session of a browser, empty when there is none yet.
    func visit(_ id: [UInt8]) -> Visit { visits[id] ?? Visit() }

    /// Whether any credential is left.
    var hasGifts: Bool { !gifts.isEmpty }

    /// Gives a browser one of the credentials, the same whenever it asks.
    func give(to id: [UInt8]) {
        guard visits[id]?.gift == nil, let gift = gifts.popLast() else { return }
        change(id) { $0.gift = gift }
    }

    /// Remembers that a sign-in is on its way; another that was is not taken any more.
    func begin(_ begun: OpenIDClient.Begun, in id: [UInt8]) { change(id) { $0.begun = begun } }

    /// Takes the sign-in that is on its way, once.
    func takeBegun(_ id: [UInt8]) -> OpenIDClient.Begun? {
        guard let begun = visits[id]?.begun else { return nil }
        visits[id]?.begun = nil
        return begun
    }

    /// Signs a member in, under a session that nobody knew before.
    func signIn(_ member: OpenIDClient.Member, from old: [UInt8], to new: [UInt8]) {
        let gift = visits[old]?.gift
        end(old)
        change(new) { ($0.member, $0.gift) = (member, gift) }
    }

    /// Signs a browser out; what it was given stays.
    func signOut(_ id: [UInt8]) { visits[id]?.member = nil }

    /// Puts a message up.
    func post(_ message: Message) {
        messages.insert(message, at: 0)
        if messages.count > Self.greatestMessages { messages.removeLast() }
    }

    private func end(_ id: [UInt8]) {
        visits[id] = nil
        order.removeAll { $0 == id }
    }

    private func change(_ id: [UInt8], _ change: (inout Visit) -> Void) {
        if visits[id] == nil {
            order.append(id)
            if order.count > Self.greatestVisits { visits[order.removeFirst()] = nil }
        }
        change(&visits[id, default: Visit()])
    }
}
