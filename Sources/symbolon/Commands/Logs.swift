import Foundation
import Logging
import Operations
import Synchronization

/// Where log messages go: to standard error.
enum Logs {
    typealias Level = Logger.Level

    /// How a message is written.
    enum Format: String {
        /// A line for people.
        case text
        /// A line of JSON.
        case json
    }

    private static let settings = Mutex<(level: Level, format: Format)>((usualLevel, .text))

    private static var usualLevel: Level {
        ProcessInfo.processInfo.environment["SYMBOLON_LOG"].flatMap(Level.init(rawValue:)) ?? .notice
    }

    /// Says from which level on, and how, loggers that are made from now on write.
    static func set(level: Level, format: Format) { settings.withLock { $0 = (level, format) } }

    /// A logger.
    static var logger: Logger {
        let (level, format) = settings.withLock { $0 }
        var logger = Logger(label: "symbolon") { label in
            switch format {
            case .text: StreamLogHandler.standardError(label: label)
            case .json: JSONLogHandler(label: label)
            }
        }
        logger.logLevel = level
        return logger
    }
}
