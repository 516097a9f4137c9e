/// How things that come at the same time are gathered.
public struct Gathering: Sendable {
    /// How long the first waits for others when nothing is under way.
    public var wait: Duration
    /// Things done together at most.
    public var largest: Int
    /// From how many waiting on a group is worth doing beside another one: smaller ones wait for its end and grow.
    public var worthwhile: Int
    /// Things waiting at most; more are refused at once.
    public var capacity: Int

    /// Creates a rule.
    public init(wait: Duration, largest: Int, worthwhile: Int = 8, capacity: Int = 1024) {
        self.wait = wait
        self.largest = largest
        self.worthwhile = worthwhile
        self.capacity = capacity
    }
}

/// Gathers things that come at the same time and does them together, each with an outcome of its own.
///
/// While some are done the next gather, so groups grow with the load and a lone one hardly waits. The queue is bounded.
package actor Gatherer<Item: Sendable, Answer: Sendable, Failure: Error> {
    package typealias Outcome = Result<Answer, Failure>
    /// Does a group: an outcome for each, in order, or an error for all. It is told whether no other group is under way.
    package typealias Work = @Sendable (_ group: [Item], _ isAlone: Bool) async throws -> [Outcome]

    private struct Waiting {
        let item: Item
        let answer: CheckedContinuation<Answer, any Error>
    }

    private let gathering: Gathering
    private let lanes: Int
    private let work: Work
    private var waiting: [Waiting] = []
    private var running = 0
    private var isPausing = false

    /// - Parameters:
    ///   - lanes: groups under way at a time, at most.
    ///   - work: must give as many outcomes as it is given items.
    package init(_ gathering: Gathering, lanes: Int = 1, work: @escaping Work) {
        self.gathering = gathering
        self.lanes = lanes
        self.work = work
    }

    /// Does this together with what comes at the same time.
    ///
    /// - Throws: what the work says of this one, or of all; ``WorkPool/Busy`` when too many wait.
    package func submit(_ item: Item) async throws -> Answer {
        guard waiting.count < gathering.capacity else { throw WorkPool.Busy() }
        return try await withCheckedThrowingContinuation { answer in
            waiting.append(Waiting(item: item, answer: answer))
            if running == 0 || (running < lanes && !isPausing && waiting.count >= gathering.worthwhile) {
                running += 1
                Task { await run() }
            }
        }
    }

    /// One lane: does group after group until nobody waits, or too few do to be worth it beside another lane.
    private func run() async {
        if running == 1, gathering.wait > .zero {
            isPausing = true
            // Cancelled or not, whoever waits gets an answer.
            try? await Task.sleep(for: gathering.wait)
            isPausing = false
        }
        while !waiting.isEmpty, running == 1 || waiting.count >= gathering.worthwhile {
            // Lanes that are idle get their share.
            let share = (waiting.count + lanes - running) / (lanes - running + 1)
            let group = Array(waiting.prefix(min(max(share, gathering.worthwhile), gathering.largest)))
            waiting.removeFirst(group.count)
            if running < lanes, waiting.count >= gathering.worthwhile {
                running += 1
                Task { await run() }
            }
            do {
                let outcomes = try await work(group.map(\.item), running == 1)
                precondition(outcomes.count == group.count, "an outcome for each")
                for (one, outcome) in zip(group, outcomes) { one.answer.resume(with: outcome.mapError { $0 as any Error }) }
            } catch {
                for one in group { one.answer.resume(throwing: error) }
            }
        }
        running -= 1
    }
}
