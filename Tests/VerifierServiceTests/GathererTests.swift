import Synchronization
import Testing
import VerifierService

@Suite("Gatherer") struct GathererTests {
    private struct Refused: Error, Equatable { let number: Int }
    private struct Broken: Error {}

    /// Submits the numbers below `count` at once; what becomes of each, in their order.
    private func submit(_ count: Int, to gatherer: Gatherer<Int, Int, Refused>) async -> [Result<Int, any Error>] {
        let tasks = (0..<count).map { number in Task { try await gatherer.submit(number) } }
        var results: [Result<Int, any Error>] = []
        for task in tasks { results.append(await task.result) }
        return results
    }

    @Test(
        "Everyone gets his own outcome, in groups no larger than allowed and as many at a time", .timeLimit(.minutes(1)), arguments: [1, 3])
    func outcomes(lanes: Int) async throws {
        let seen = Mutex((now: 0, most: 0, largest: 0, all: 0))
        let gatherer = Gatherer<Int, Int, Refused>(
            Gathering(wait: .milliseconds(2), largest: 9, capacity: 1000), lanes: lanes
        ) { group, _ in
            seen.withLock {
                $0.now += 1
                $0 = ($0.now, max($0.most, $0.now), max($0.largest, group.count), $0.all + group.count)
            }
            // The first ones stay until all lanes are in use: those that wait meanwhile are enough for it.
            while seen.withLock({ $0.most < lanes }) { try await Task.sleep(for: .milliseconds(1)) }
            seen.withLock { $0.now -= 1 }
            return group.map { $0 % 7 == 0 ? .failure(Refused(number: $0)) : .success(2 * $0) }
        }
        let answers = await submit(200, to: gatherer)
        for (number, answer) in answers.enumerated() {
            switch answer {
            case .success(let value): #expect(number % 7 != 0 && value == 2 * number)
            case .failure(let error): #expect(error as? Refused == Refused(number: number) && number % 7 == 0)
            }
        }
        let found = seen.withLock { $0 }
        #expect(found.most == lanes && found.largest <= 9 && found.all == 200)
        // Idle again, it still works.
        #expect(try await gatherer.submit(1) == 2)
    }

    @Test("A group that fails fails all that are in it, and no later one")
    func failingGroup() async throws {
        let groups = Mutex(0)
        let gatherer = Gatherer<Int, Int, Refused>(Gathering(wait: .milliseconds(20), largest: 10, capacity: 1000)) { group, _ in
            let isFirst = groups.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { throw Broken() }
            return group.map { .success($0) }
        }
        let answers = await submit(30, to: gatherer)
        let broken = answers.filter { if case .failure(let error) = $0 { error is Broken } else { false } }.count
        #expect((1...10).contains(broken))
        #expect(answers.enumerated().filter { number, answer in (try? answer.get()) == number }.count == 30 - broken)
    }

    @Test("Beyond its capacity it refuses at once")
    func capacity() async throws {
        let gatherer = Gatherer<Int, Int, Refused>(Gathering(wait: .milliseconds(200), largest: 10, capacity: 4)) { group, _ in
            group.map { .success($0) }
        }
        let answers = await submit(12, to: gatherer)
        #expect(answers.filter { (try? $0.get()) != nil }.count == 4)
        #expect(answers.filter { if case .failure(let error) = $0 { error is WorkPool.Busy } else { false } }.count == 8)
    }
}
