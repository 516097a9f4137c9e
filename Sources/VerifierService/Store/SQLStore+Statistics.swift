extension SQLStore: StatisticsStore {
    static let statisticsTable = """
        CREATE TABLE dailyCount (
            day INTEGER NOT NULL,
            party TEXT NOT NULL,
            code TEXT NOT NULL,
            occurred INTEGER NOT NULL,
            PRIMARY KEY (day, party, code)
        ) STRICT, WITHOUT ROWID;
        """

    /// See ``StatisticsStore``.
    public func add(_ counts: [DailyCount]) async throws(StoreError) {
        try await write { session in
            for count in counts {
                _ = try session.run(
                    """
                    INSERT INTO dailyCount (day, party, code, occurred) VALUES (?, ?, ?, ?)
                    ON CONFLICT (day, party, code) DO UPDATE SET occurred = dailyCount.occurred + excluded.occurred
                    """,
                    [.integer(count.day), .text(count.party), .text(count.code), .integer(count.count)])
            }
        }
    }

    /// See ``StatisticsStore``.
    public func counts(days: ClosedRange<Int>) async throws(StoreError) -> [DailyCount] {
        try await read { session in
            try session.rows(
                "SELECT day, party, code, occurred FROM dailyCount WHERE day >= ? AND day <= ? ORDER BY day, party, code",
                [.integer(days.lowerBound), .integer(days.upperBound)]
            ).map { DailyCount(day: try $0.int(0), party: try $0.text(1), code: try $0.text(2), count: try $0.int(3)) }
        }
    }
}
