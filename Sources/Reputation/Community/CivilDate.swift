/// A day of the Gregorian calendar, as attributes hold it: a number of days since 1970-01-01.
public struct CivilDate: Equatable, Sendable {
    /// Days since 1970-01-01, negative before.
    public let days: Int64

    /// So many days after 1970-01-01.
    public init(days: Int64) { self.days = days }

    /// A date of the years 1 to 9999; nil when there is no such day.
    ///
    /// The year is counted from March, so that the leap day is its last day and month lengths follow one linear rule.
    public init?(year: Int64, month: Int64, day: Int64) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1 else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day <= lengths[Int(month) - 1] else { return nil }
        let marchYear = month < 3 ? year - 1 : year
        let monthsSinceMarch = (month + 9) % 12
        let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
        let dayOfYear = (153 * monthsSinceMarch + 2) / 5 + day - 1
        // 719468 days lie between 0000-03-01 and 1970-01-01.
        days = 365 * marchYear + leapDays + dayOfYear - 719_468
    }

    /// From `2015-08-31`; nil for any other form.
    public init?(text: [UInt8]) {
        guard text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-") else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in text[range] {
                guard Attribute.isDigit(byte) else { return nil }
                value = 10 * value + Int64(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Year, month and day.
    public var parts: (year: Int64, month: Int64, day: Int64) {
        // Eras of 400 years of 146097 days each, counted from 0000-03-01.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
