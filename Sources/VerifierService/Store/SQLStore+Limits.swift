extension SQLStore: LimitStore {
    static let limitTable = """
        CREATE TABLE requestLimit (
            kind TEXT PRIMARY KEY,
            perMinute INTEGER NOT NULL CHECK (perMinute >= 0)
        ) STRICT, WITHOUT ROWID;
        """

    /// See ``LimitStore``.
    public func limits() async throws(StoreError) -> [Limits.Kind: Int] {
        try await read { session in
            var limits: [Limits.Kind: Int] = [:]
            for row in try session.rows("SELECT kind, perMinute FROM requestLimit") {
                // A newer program may know more kinds.
                if let kind = Limits.Kind(rawValue: try row.text(0)) { limits[kind] = try row.int(1) }
            }
            return limits
        }
    }

    /// See ``LimitStore``.
    public func setLimits(_ changes: [Limits.Kind: Int?], audit: AuditEntry) async throws(StoreError) {
        try await write { session in
            for (kind, perMinute) in changes {
                _ = try session.run("DELETE FROM requestLimit WHERE kind = ?", [.text(kind.rawValue)])
                guard let perMinute else { continue }
                _ = try session.run(
                    "INSERT INTO requestLimit (kind, perMinute) VALUES (?, ?)", [.text(kind.rawValue), .integer(perMinute)])
            }
            try Self.append(audit, session)
        }
    }
}
