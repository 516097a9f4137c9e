#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
import Foundation
import Metrics

/// Memory, processor time and open files of this process, in the names that Prometheus' own clients use. Where there is no /proc, nothing.
public struct ProcessFigures: Sendable {
    private let started = Date().timeIntervalSince1970

    /// Of the process as it runs from now on.
    public init() {}

    /// Reads them and sets their gauges.
    public func record() {
        Meter(label: "process.start_time_seconds").set(started)
        // Fields of proc(5): pages resident; clock ticks in user and kernel mode, the 14th and 15th, counted behind the name in brackets.
        if let pages = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ").dropFirst().first.flatMap({
            Int($0)
        }) {
            Meter(label: "process.resident_memory_bytes").set(Int64(pages * sysconf(Int32(_SC_PAGESIZE))))
        }
        if let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8), let end = stat.lastIndex(of: ")") {
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            if fields.count > 12, let user = Double(fields[11]), let kernel = Double(fields[12]) {
                Meter(label: "process.cpu_seconds_total").set((user + kernel) / Double(sysconf(Int32(_SC_CLK_TCK))))
            }
        }
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            Meter(label: "process.open_fds").set(Int64(files.count))
        }
    }
}
