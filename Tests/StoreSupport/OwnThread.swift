import Foundation

/// Runs what blocks, such as reading from a process until it ends, on a thread of its own. The threads that tasks share are as many as there are
/// cores: two that wait for processes which other tests are to end would wait for ever.
public func onOwnThread<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { done in Thread.detachNewThread { done.resume(returning: body()) } }
}
