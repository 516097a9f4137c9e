import Metrics
import Platform
import Reputation

/// Verifies presentations that arrive together as one batch, which costs a fraction of verifying each alone.
///
/// A batch that does not hold is halved until the bad ones are found, so that everyone gets a verdict of his own and the good ones do not pay
/// with a refusal. With much to do each thread verifies a batch of its own; a batch that is alone uses two, for it is done sooner so.
public struct BatchVerifier: Sendable {
    package typealias Verdict = Result<Presentation.Verified, PresentationError>

    /// How presentations are gathered unless said otherwise: a millisecond costs little beside a verification and lets clients that were
    /// answered together come together again.
    public static let gathering = Gathering(wait: .milliseconds(1), largest: 64, worthwhile: 24)

    private let gatherer: Gatherer<Presentation.Claim, Presentation.Verified, PresentationError>

    /// - Parameter pool: where batches are computed, at most one a thread at a time.
    public init(gathering: Gathering = gathering, pool: WorkPool) {
        gatherer = Gatherer(gathering, lanes: pool.threadCount) { claims, isAlone in
            try await pool.run {
                let start = ContinuousClock.now
                defer {
                    Recorder(label: "symbolon.proofs.batch_size").record(claims.count)
                    Timer(label: "symbolon.proofs.batch").recordNanoseconds(Int64((ContinuousClock.now - start) / .nanoseconds(1)))
                }
                return Self.judge(claims, threads: isAlone ? 2 : 1)
            }
        }
    }

    /// Verifies a presentation together with those that come at the same time.
    ///
    /// - Throws: `PresentationError` naming the failed check; ``WorkPool/Busy`` when too many wait.
    public func verify(_ claim: Presentation.Claim) async throws -> Presentation.Verified { try await gatherer.submit(claim) }

    /// A verdict for each claim, on one thread or two.
    package static func judge(_ claims: [Presentation.Claim], threads: Int = 2) -> [Verdict] {
        @Sendable func read(_ claims: ArraySlice<Presentation.Claim>) -> [Result<ReadPresentation, PresentationError>] {
            claims.map { claim in Result { () throws(PresentationError) in try ReadPresentation(claim) } }
        }
        let all: [Result<ReadPresentation, PresentationError>]
        if threads > 1 {
            let half = claims.count / 2
            let (low, high) = concurrently({ () throws(Never) in read(claims[..<half]) }, { () throws(Never) in read(claims[half...]) })
            all = low + high
        } else {
            all = read(claims[...])
        }
        var verdicts = all.map { $0.map(\.verified) }
        var good: [Placed] = []
        for (place, result) in all.enumerated() { if case .success(let read) = result { good.append((place, read)) } }
        for (place, error) in failures(good[...], threads: threads) { verdicts[place] = .failure(error) }
        return verdicts
    }

    private typealias Placed = (place: Int, read: ReadPresentation)

    /// Which of these do not hold, and why.
    private static func failures(_ batch: ArraySlice<Placed>, threads: Int) -> [(Int, PresentationError)] {
        check(batch, threads: threads).map { failuresOfBad(batch, $0, threads: threads) } ?? []
    }

    /// The same when it is known already that they do not hold together, and with which error: they are halved, and when all of the first
    /// half hold, the second half need not be asked whether it does.
    private static func failuresOfBad(
        _ batch: ArraySlice<Placed>, _ error: PresentationError, threads: Int
    ) -> [(Int, PresentationError)] {
        guard batch.count > 1 else { return batch.map { ($0.place, error) } }
        let middle = batch.startIndex + batch.count / 2
        let low = batch[..<middle], high = batch[middle...]
        if let error = check(low, threads: threads) {
            return failuresOfBad(low, error, threads: threads) + failures(high, threads: threads)
        }
        // One alone is asked all the same: the batch's error does not say which check of his failed.
        return high.count == 1 ? failures(high, threads: threads) : failuresOfBad(high, error, threads: threads)
    }

    /// Why these do not hold together, or nil.
    private static func check(_ batch: ArraySlice<Placed>, threads: Int) -> PresentationError? {
        do throws(PresentationError) {
            try Presentation.check(batch.map(\.read), threads: threads)
            return nil
        } catch {
            return error
        }
    }
}
