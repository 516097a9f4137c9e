import Reputation
import VerifierService

/// What was accepted and refused of one forum, day by day. Numbers below the threshold are left out wherever they would show, sums included, so
/// that nothing is found by subtracting.
package struct Statistics: Sendable, Equatable {
    /// One day; nil is too few to be shown.
    package struct Day: Sendable, Equatable {
        package let day: Int
        package let accepted: Int?
        package let refused: Int?
    }

    let party: String
    let name: String
    package let days: [Day]
    /// Refusals by their codes, over all days.
    package let codes: [(code: String, count: Int)]

    /// - Parameters:
    ///   - days: that are shown, those without any count too.
    ///   - counts: of this party.
    package init(party: String, name: String, days: ClosedRange<Int>, counts: [DailyCount]) {
        self.party = party
        self.name = name
        var (accepted, refused, byCode): ([Int: Int], [Int: Int], [String: Int]) = ([:], [:], [:])
        for count in counts where days.contains(count.day) {
            if count.code == DailyCount.accepted {
                accepted[count.day, default: 0] += count.count
            } else {
                refused[count.day, default: 0] += count.count
                byCode[count.code, default: 0] += count.count
            }
        }
        self.days = days.map { Day(day: $0, accepted: Statistics.shown(accepted[$0]), refused: Statistics.shown(refused[$0])) }
        codes = byCode.filter { $0.value >= DailyCount.threshold }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    package static func == (left: Statistics, right: Statistics) -> Bool { left.json == right.json }

    /// None is none; a few are not said.
    private static func shown(_ count: Int?) -> Int? {
        guard let count, count > 0 else { return 0 }
        return count >= DailyCount.threshold ? count : nil
    }

    /// Whether anything is to be seen.
    package var isEmpty: Bool { days.allSatisfy { ($0.accepted ?? 0) == 0 && ($0.refused ?? 0) == 0 } }

    package var json: JSON {
        func number(_ count: Int?) -> JSON { count.map { .integer(Int64($0)) } ?? .null }
        return .object([
            .init("party", .text(party)), .init("name", .text(name)),
            .init(
                "days",
                .array(
                    days.map {
                        .object([
                            .init("day", .text(UTC.day(Int64($0.day)))), .init("accepted", number($0.accepted)),
                            .init("refused", number($0.refused)),
                        ])
                    })),
            .init("codes", .object(codes.map { .init($0.code, .integer(Int64($0.count))) })),
        ])
    }
}

/// The same as a drawing: two bars a day.
struct Chart {
    static let width = 600, height = 120
    private static let base = 110

    /// What the page's template needs.
    static func values(_ statistics: Statistics, id: String, _ pages: ConsolePages) -> [String: Any] {
        let most = max(1, statistics.days.map { max($0.accepted ?? 0, $0.refused ?? 0) }.max() ?? 1)
        let step = Double(width) / Double(max(1, statistics.days.count))
        var bars: [[String: Any]] = []
        for (place, day) in statistics.days.enumerated() {
            for (offset, kind, count) in [(0.1, "accepted", day.accepted), (0.5, "refused", day.refused)] {
                guard let count, count > 0 else { continue }
                let height = max(1, (base - 5) * count / most)
                bars.append([
                    "kind": kind, "x": text((Double(place) + offset) * step), "y": "\(base - height)", "w": text(step * 0.35),
                    "h": "\(height)",
                    "label": pages.text("overview-bar-\(kind)", ["day": UTC.day(Int64(day.day)), "number": "\(count)"]),
                ])
            }
        }
        func shown(_ count: Int?) -> String {
            count.map { String($0) } ?? pages.text("overview-few", ["threshold": String(DailyCount.threshold)])
        }
        return [
            "id": id, "name": statistics.name, "width": width, "height": height, "base": base, "most": most, "bars": bars,
            "days": statistics.days.reversed().map {
                ["day": UTC.day(Int64($0.day)), "accepted": shown($0.accepted), "refused": shown($0.refused)]
            }, "has-codes": !statistics.codes.isEmpty,
            "codes": statistics.codes.map { ["code": $0.code, "count": String($0.count)] },
        ]
    }

    private static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
