import Foundation

/// A measured or given number, as it is printed.
enum Figure {
    case whole(Int)
    case time(Double)
    case text(String)

    /// Times are fractions, which the exchange format's JSON has not: written here, to a microsecond.
    var json: String {
        switch self {
        case .whole(let value): String(value)
        case .time(let value): String(format: "%.3f", value)
        case .text(let value): "\"\(value)\""
        }
    }

    var plain: String {
        if case .text(let value) = self { return value }
        return json
    }
}
