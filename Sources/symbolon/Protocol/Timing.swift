import Foundation

/// Times of this process, measured.
enum Timing {
    /// Medians, in milliseconds, of CPU and wall time of a piece of work done so many times.
    static func median(_ repetitions: Int, _ work: (Int) throws -> Void) rethrows -> (cpu: Double, wall: Double) {
        var cpu: [Double] = [], wall: [Double] = []
        for round in 0..<repetitions {
            let (cpuBefore, wallBefore) = (cpuMilliseconds, wallMilliseconds)
            try work(round)
            cpu.append(cpuMilliseconds - cpuBefore)
            wall.append(wallMilliseconds - wallBefore)
        }
        return (middle(cpu), middle(wall))
    }

    private static func middle(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }

    /// Time on a clock that only ever goes forward.
    static var wallMilliseconds: Double { milliseconds(CLOCK_MONOTONIC) }
    /// CPU time of all threads of the process since its start.
    static var cpuMilliseconds: Double { milliseconds(CLOCK_PROCESS_CPUTIME_ID) }
    /// CPU time of the calling thread since its start.
    static var threadCPUMilliseconds: Double { milliseconds(CLOCK_THREAD_CPUTIME_ID) }

    private static func milliseconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
    }

    /// The most memory that this process ever had resident.
    static var peakResidentBytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }
}
