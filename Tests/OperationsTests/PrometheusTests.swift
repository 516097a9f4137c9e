import Metrics
import Operations
import Testing

@Suite("Prometheus' text format") struct PrometheusTests {
    @Test("Counters, gauges and histograms are written as the format says")
    func text() {
        let prometheus = Prometheus()
        let counter = Counter(label: "a.requests", dimensions: [("route", "/x/{id}"), ("status", "200")], factory: prometheus)
        counter.increment()
        counter.increment(by: 4)
        // Another handle on the same series goes on with it.
        Counter(label: "a.requests", dimensions: [("route", "/x/{id}"), ("status", "200")], factory: prometheus).increment()
        Meter(label: "b.depth", factory: prometheus).set(2.5)
        let timer = Timer(label: "c", factory: prometheus)
        timer.recordNanoseconds(3_000_000)
        timer.recordNanoseconds(30_000_000_000)
        let lines = prometheus.text().split(separator: "\n").map(String.init)
        #expect(lines.contains("# TYPE a_requests_total counter"))
        #expect(lines.contains(#"a_requests_total{route="/x/{id}",status="200"} 6"#))
        #expect(lines.contains("# TYPE b_depth gauge"))
        #expect(lines.contains("b_depth 2.5"))
        #expect(lines.contains("# TYPE c_seconds histogram"))
        #expect(lines.contains(#"c_seconds_bucket{le="0.0025"} 0"#))
        #expect(lines.contains(#"c_seconds_bucket{le="0.005"} 1"#))
        #expect(lines.contains(#"c_seconds_bucket{le="10.0"} 1"#))
        #expect(lines.contains(#"c_seconds_bucket{le="+Inf"} 2"#))
        #expect(lines.contains("c_seconds_sum 30.003"))
        #expect(lines.contains("c_seconds_count 2"))
    }

    @Test("Names and values that the format does not know are written so that it does")
    func hostile() {
        let prometheus = Prometheus()
        Counter(label: "1 b\u{FC}c-d", dimensions: [("k\"ey", "a\\b\"c\nd")], factory: prometheus).increment()
        let text = prometheus.text()
        #expect(text.contains("_1_b__c_d_total{k_ey=\"a\\\\b\\\"c\\nd\"} 1\n"))
        for line in text.split(separator: "\n") where !line.hasPrefix("#") { #expect(line.split(separator: " ").count == 2) }
    }

    @Test("No more series than the limit; what is left out is counted; a name has one kind")
    func bounds() {
        let prometheus = Prometheus(limit: 3)
        for number in 0..<10 { Counter(label: "n", dimensions: [("i", String(number))], factory: prometheus).increment() }
        #expect(prometheus.text().contains("symbolon_metrics_dropped_total 7"))
        #expect(prometheus.text().split(separator: "\n").filter { $0.hasPrefix("n_total{") }.count == 3)
        let other = Prometheus()
        Meter(label: "x", factory: other).set(1)
        Recorder(label: "x", factory: other).record(5)
        #expect(other.text().contains("# TYPE x gauge\nx 1\n"))
    }
}
