#if !hasFeature(Embedded)
import Dispatch
import Synchronization
#endif

/// Does two independent pieces of work, on two threads where there are two; in the browser one after the other.
///
/// Returns when both are done; throws the error of `f`, else that of `g`. It blocks the calling thread and is not meant for an event loop.
public func concurrently<A: Sendable, B: Sendable, E: Error>(
    _ f: @Sendable () throws(E) -> A, _ g: @Sendable () throws(E) -> B
) throws(E) -> (A, B) {
    #if hasFeature(Embedded)
    return (try f(), try g())
    #else
    let first = Mutex<Result<A, E>?>(nil)
    let second = Mutex<Result<B, E>?>(nil)
    DispatchQueue.concurrentPerform(iterations: 2) { half in
        if half == 0 {
            let result = outcome(f)
            first.withLock { $0 = result }
        } else {
            let result = outcome(g)
            second.withLock { $0 = result }
        }
    }
    guard let a = first.withLock({ $0 }), let b = second.withLock({ $0 }) else { preconditionFailure("a half was not run") }
    return (try a.get(), try b.get())
    #endif
}

#if !hasFeature(Embedded)
private func outcome<A, E: Error>(_ work: () throws(E) -> A) -> Result<A, E> {
    do {
        return .success(try work())
    } catch {
        return .failure(error)
    }
}
#endif
