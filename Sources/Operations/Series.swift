import Metrics
import Synchronization

/// Values under one name and one set of labels.
protocol Series: AnyObject, Sendable {
    /// Appends the lines of these values.
    func write(_ name: String, _ labels: String, to out: inout String)
}

/// A line of the text format.
private func line(_ name: String, _ labels: String, _ value: Double) -> String {
    let number = value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    return labels.isEmpty ? "\(name) \(number)\n" : "\(name){\(labels)} \(number)\n"
}

/// Only rises.
final class CounterSeries: Series, CounterHandler, FloatingPointCounterHandler {
    private let value = Mutex(0.0)

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.withLock { $0 += amount }
    }
    func reset() { value.withLock { $0 = 0 } }
    func write(_ name: String, _ labels: String, to out: inout String) { out += line(name, labels, value.withLock { $0 }) }
}

/// Is what it was set to last.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func write(_ name: String, _ labels: String, to out: inout String) { out += line(name, labels, value.withLock { $0 }) }
}

/// How many values there were up to each bound.
final class HistogramSeries: Series, TimerHandler, RecorderHandler {
    private struct State {
        var counts: [Int]
        var sum = 0.0
        var count = 0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// `bounds`: rising.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        guard value.isFinite else { return }
        let place = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let place { state.counts[place] += 1 }
            state.sum += value
            state.count += 1
        }
    }

    func write(_ name: String, _ labels: String, to out: inout String) {
        let state = state.withLock { $0 }
        let before = labels.isEmpty ? "" : labels + ","
        var total = 0
        for (bound, count) in zip(bounds, state.counts) {
            total += count
            out += line(name + "_bucket", before + "le=\"\(bound)\"", Double(total))
        }
        out += line(name + "_bucket", before + "le=\"+Inf\"", Double(state.count))
        out += line(name + "_sum", labels, state.sum)
        out += line(name + "_count", labels, Double(state.count))
    }
}
