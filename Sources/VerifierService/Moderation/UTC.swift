import Reputation

/// Times as people read and write them.
public enum UTC {
    /// A time in seconds since 1970 to the minute: `2026-12-01 14:05 UTC`.
    public static func text(_ time: Int64) -> String {
        let rest = time % 86_400
        let (days, minutes) = rest < 0 ? (time / 86_400 - 1, (rest + 86_400) / 60) : (time / 86_400, rest / 60)
        return "\(day(days)) \(padded(minutes / 60, 2)):\(padded(minutes % 60, 2)) UTC"
    }

    /// A day since 1970: `2026-12-01`.
    public static func day(_ days: Int64) -> String {
        // Beyond the calendar that people use only a nonsense value gets; it is shown as its bound.
        let (year, month, day) = CivilDate(days: min(max(days, -719_162), 2_932_896)).parts
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// An end: the beginning of a day (`2026-12-01`), or so many hours or days from now (`12h`, `30d`). Nil for other text.
    public static func end(_ text: String, now: Int64) -> Int64? {
        if let date = CivilDate(text: Array(text.utf8)) { return date.days * 86_400 }
        guard let unit = ["h": Int64(3600), "d": 86_400][String(text.suffix(1))], let count = Int64(text.dropLast()), text.count <= 7,
            count >= 1, String(count) == text.dropLast()
        else { return nil }
        return now + count * unit
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
