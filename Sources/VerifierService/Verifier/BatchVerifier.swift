import Platform
import Reputation

/// Gathers presentations that arrive together and verifies them as one batch, which costs a fraction of verifying each alone.
///
/// The first to come waits a moment for others; while a batch is computed the next gathers. A batch that does not hold is halved until the bad ones
/// are found, so that everyone gets a verdict of his own and the good ones do not pay with a refusal. The queue is bounded.
public actor BatchVerifier {
    /// How presentations are gathered.
    public struct Gathering: Sendable {
        /// How long the first waits for others.
        public var wait: Duration
        /// Presentations of a batch at most.
        public var largest: Int
        /// Presentations waiting at most; more are refused at once.
        public var capacity: Int

        /// Creates a rule.
        public init(wait: Duration = .milliseconds(2), largest: Int = 64, capacity: Int = 1024) {
            self.wait = wait
            self.largest = largest
            self.capacity = capacity
        }
    }

    package typealias Verdict = Result<Presentation.Verified, PresentationError>

    private struct Waiting {
        let claim: Presentation.Claim
        let answer: CheckedContinuation<Presentation.Verified, any Error>
    }

    private let gathering: Gathering
    private let pool: WorkPool
    private var waiting: [Waiting] = []
    private var isWorking = false

    /// - Parameter pool: where batches are computed; it should have one thread for them, since a batch keeps two cores busy.
    public init(gathering: Gathering = Gathering(), pool: WorkPool) {
        self.gathering = gathering
        self.pool = pool
    }

    /// Verifies a presentation together with those that come at the same time.
    ///
    /// - Throws: `PresentationError` naming the failed check; ``WorkPool/Busy`` when too many wait.
    public func verify(_ claim: Presentation.Claim) async throws -> Presentation.Verified {
        guard waiting.count < gathering.capacity else { throw WorkPool.Busy() }
        return try await withCheckedThrowingContinuation { answer in
            waiting.append(Waiting(claim: claim, answer: answer))
            if !isWorking {
                isWorking = true
                Task { await work() }
            }
        }
    }

    private func work() async {
        // Cancelled or not, whoever waits gets an answer.
        try? await Task.sleep(for: gathering.wait)
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(gathering.largest))
            waiting.removeFirst(batch.count)
            let claims = batch.map(\.claim)
            do {
                let verdicts = try await pool.run { Self.judge(claims) }
                for (one, verdict) in zip(batch, verdicts) { one.answer.resume(with: verdict.mapError { $0 as any Error }) }
            } catch {
                for one in batch { one.answer.resume(throwing: error) }
            }
        }
        isWorking = false
    }

    /// A verdict for each claim.
    package static func judge(_ claims: [Presentation.Claim]) -> [Verdict] {
        @Sendable func read(_ claims: ArraySlice<Presentation.Claim>) -> [Result<ReadPresentation, PresentationError>] {
            claims.map { claim in Result { () throws(PresentationError) in try ReadPresentation(claim) } }
        }
        let half = claims.count / 2
        let (low, high) = concurrently({ () throws(Never) in read(claims[..<half]) }, { () throws(Never) in read(claims[half...]) })
        let all = low + high
        var verdicts = all.map { $0.map(\.verified) }
        var good: [(place: Int, read: ReadPresentation)] = []
        for (place, result) in all.enumerated() { if case .success(let read) = result { good.append((place, read)) } }
        for (place, error) in failures(good[...]) { verdicts[place] = .failure(error) }
        return verdicts
    }

    /// Which of these do not hold, and why: a batch that fails is halved.
    private static func failures(_ batch: ArraySlice<(place: Int, read: ReadPresentation)>) -> [(Int, PresentationError)] {
        guard let first = batch.first else { return [] }
        do throws(PresentationError) {
            try Presentation.check(batch.map(\.read))
            return []
        } catch {
            if batch.count == 1 { return [(first.place, error)] }
            let middle = batch.startIndex + batch.count / 2
            return failures(batch[..<middle]) + failures(batch[middle...])
        }
    }
}
