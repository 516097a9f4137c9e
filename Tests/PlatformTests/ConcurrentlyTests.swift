import Platform
import Synchronization
import Testing

@Suite struct ConcurrentlyTests {
    private enum Failure: Error, Equatable { case first, second }

    @Test func bothResults() {
        let (a, b) = concurrently({ 1 + 1 }, { [UInt8](repeating: 7, count: 3) })
        #expect(a == 2)
        #expect(b == [7, 7, 7])
    }

    @Test func nested() {
        let count = Atomic(0)
        @Sendable func tree(_ depth: Int) {
            if depth == 0 {
                count.add(1, ordering: .relaxed)
            } else {
                _ = concurrently({ tree(depth - 1) }, { tree(depth - 1) })
            }
        }
        tree(10)
        #expect(count.load(ordering: .relaxed) == 1024)
    }

    @Test func errors() {
        let ran = Atomic(0)
        #expect(throws: Failure.first) {
            try concurrently({ () throws(Failure) -> Int in throw .first }, { () throws(Failure) -> Int in throw .second })
        }
        #expect(throws: Failure.second) {
            try concurrently(
                { () throws(Failure) -> Int in
                    ran.add(1, ordering: .relaxed)
                    return 1
                }, { () throws(Failure) -> Int in throw .second })
        }
        #expect(ran.load(ordering: .relaxed) == 1)
    }
}
