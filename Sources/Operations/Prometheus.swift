import Metrics
import Synchronization

/// Keeps what is measured, and writes it in Prometheus' text exposition format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
///
/// A backend of swift-metrics: counters become `NAME_total`, timers histograms in seconds, recorders that aggregate histograms in their own unit, others
/// and meters gauges. Dots in names become underscores. Series are kept for as long as the process lives, so their number is bounded: what
/// exceeds it is counted nowhere, and how often that happened is a series of its own.
public final class Prometheus: MetricsFactory, Sendable {
    /// A series of values: what its labels are, and how it writes itself.
    private struct Family {
        let kind: String
        /// By the text of their labels, in the order of their first use.
        var series: [(labels: String, values: any Series)] = []
        var places: [String: Int] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var count = 0
        var dropped = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// Upper bounds of the buckets of times, in seconds.
    static let times = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// Upper bounds of the buckets of other recorded values.
    static let sizes = [1.0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16_384, 65_536]

    /// An empty one. `limit`: series at most.
    public init(limit: Int = 4096) { self.limit = limit }

    // MARK: Series

    private func series<S: Series>(
        _ label: String, _ dimensions: [(String, String)], kind: String, suffix: String = "", make: () -> S
    ) -> S {
        let name = Self.name(label) + suffix
        let labels = Self.labels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind)
            if let place = family.places[labels] {
                // The same name for two things: the second is not written.
                return family.series[place].values as? S ?? make()
            }
            let series = make()
            guard family.kind == kind else { return series }
            guard state.count < limit else {
                state.dropped += 1
                return series
            }
            family.places[labels] = family.series.count
            family.series.append((labels, series))
            state.families[name] = family
            state.count += 1
            return series
        }
    }

    /// See `MetricsFactory`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> CounterHandler {
        series(label, dimensions, kind: "counter", suffix: "_total") { CounterSeries() }
    }

    /// See `MetricsFactory`.
    public func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> FloatingPointCounterHandler {
        series(label, dimensions, kind: "counter", suffix: "_total") { CounterSeries() }
    }

    /// See `MetricsFactory`.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> MeterHandler {
        series(label, dimensions, kind: "gauge") { GaugeSeries() }
    }

    /// See `MetricsFactory`.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> RecorderHandler {
        aggregate
            ? series(label, dimensions, kind: "histogram") { HistogramSeries(bounds: Self.sizes) }
            : series(label, dimensions, kind: "gauge") { GaugeSeries() }
    }

    /// See `MetricsFactory`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> TimerHandler {
        series(label, dimensions, kind: "histogram", suffix: "_seconds") { HistogramSeries(bounds: Self.times) }
    }

    /// Does nothing: who asks for a series again goes on counting where it was.
    public func destroyCounter(_ handler: CounterHandler) {}
    /// Does nothing: who asks for a series again goes on counting where it was.
    public func destroyFloatingPointCounter(_ handler: FloatingPointCounterHandler) {}
    /// Does nothing: who asks for a series again goes on counting where it was.
    public func destroyMeter(_ handler: MeterHandler) {}
    /// Does nothing: who asks for a series again goes on counting where it was.
    public func destroyRecorder(_ handler: RecorderHandler) {}
    /// Does nothing: who asks for a series again goes on counting where it was.
    public func destroyTimer(_ handler: TimerHandler) {}

    // MARK: Text

    /// Everything as it is now, by name.
    public func text() -> String {
        let (families, dropped) = state.withLock { ($0.families, $0.dropped) }
        var out = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            out += "# TYPE \(name) \(family.kind)\n"
            for (labels, values) in family.series { values.write(name, labels, to: &out) }
        }
        return out + "# TYPE symbolon_metrics_dropped_total counter\nsymbolon_metrics_dropped_total \(dropped)\n"
    }

    /// A name with the characters that the format knows.
    static func name(_ label: String) -> String {
        var out = ""
        for byte in label.utf8 {
            let isName = (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x3A
            let isDigit = (0x30...0x39).contains(byte)
            if isDigit && out.isEmpty { out += "_" }
            out += isName || isDigit ? String(UnicodeScalar(byte)) : "_"
        }
        return out
    }

    /// `a="b",c="d"`, values escaped.
    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { key, value in
            var escaped = ""
            for scalar in value.unicodeScalars {
                switch scalar {
                case "\\": escaped += "\\\\"
                case "\"": escaped += "\\\""
                case "\n": escaped += "\\n"
                default: escaped.unicodeScalars.append(scalar)
                }
            }
            return "\(name(key))=\"\(escaped)\""
        }.joined(separator: ",")
    }
}
