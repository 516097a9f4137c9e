import Foundation

/// Shows on standard error how far long work is: a bar that is drawn over on a terminal, a plain line at each quarter elsewhere.
struct ProgressBar {
    private let title: String
    let total: Int
    private let start = ContinuousClock.now
    private var shown = 0

    /// - Parameters:
    ///   - title: what is being done.
    ///   - total: number of steps in all.
    init(_ title: String, total: Int) {
        self.title = title
        self.total = max(total, 1)
        show(0)
    }

    /// Says how many steps are done.
    mutating func update(_ done: Int) {
        // A terminal gets each per cent, a log file each quarter.
        let grain = Terminal.errorIsTerminal ? 100 : 4
        let step = min(done, total) * grain / total
        guard step != shown else { return }
        shown = step
        show(min(done, total))
    }

    private func show(_ done: Int) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let figures = String(format: "%d/%d  %.1f s", done, total, seconds)
        guard Terminal.errorIsTerminal else {
            Terminal.message("\(title): \(figures)")
            return
        }
        let width = 30
        let filled = done * width / total
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        FileHandle.standardError.write(Data("\r\(title) [\(bar)] \(figures)\(done >= total ? "\n" : "")".utf8))
    }
}
