import Platform

// MARK: - Presentation requests

extension SQLStore {
    /// See ``Store``.
    public func addRequests(_ requests: [RequestRecord]) async throws(StoreError) -> [Result<Void, StoreError>] {
        let counter = counter
        return try await write { session in
            var added = 0
            let results: [Result<Void, StoreError>] = try requests.map { request in
                let isNew = try Self.withoutConstraintErrors {
                    try session.attempt {
                        let isNew = try session.insertIfNew(
                            "INSERT INTO request (nonce, audience, document, expires) VALUES (?, ?, ?, ?)",
                            [
                                .blob(request.nonce), .blob(request.audience), .blob(request.document),
                                .integer(Int64(clamping: request.expires)),
                            ])
                        return (isNew, keep: isNew)
                    }
                }
                return isNew.flatMap { isNew in
                    if isNew { added += 1 }
                    return isNew ? .success(()) : .failure(.exists)
                }
            }
            try Self.count(added, session, in: counter)
            return results
        }
    }

    /// Counts requests that came to be outstanding, or less than 0 that ceased to be.
    private static func count(_ requests: Int, _ session: any SQLSession, in row: Int64) throws {
        guard requests != 0 else { return }
        _ = try session.run(
            """
            INSERT INTO outstanding (writer, requests) VALUES (?, ?)
            ON CONFLICT (writer) DO UPDATE SET requests = outstanding.requests + excluded.requests
            """, [.integer(row), .integer(requests)])
    }

    /// See ``Store``.
    public func request(nonce: [UInt8]) async throws(StoreError) -> RequestRecord? {
        try await read { session in
            try session.row(
                "SELECT audience, document, expires, accepted, cancelled FROM request WHERE nonce = ?", [.blob(nonce)]
            ).map { row in
                RequestRecord(
                    nonce: nonce, audience: try row.bytes(0), document: try row.bytes(1), expires: UInt64(clamping: try row.integer(2)),
                    accepted: try row.integerIfAny(3).map { UInt64(clamping: $0) }, isCancelled: try row.flag(4))
            }
        }
    }

    /// See ``Store``.
    public func cancelRequest(nonce: [UInt8]) async throws(StoreError) -> Bool {
        // It counts as outstanding until it is forgotten, so that asking and taking back makes no room.
        try await write(isRepeatable: true) { session in
            try session.run("UPDATE request SET cancelled = 1 WHERE nonce = ? AND accepted IS NULL", [.blob(nonce)]) == 1
        }
    }

    /// See ``Store``.
    public func removeUnusedRequests(expiredBefore time: UInt64) async throws(StoreError) -> Int {
        let counter = counter + 2
        return try await write { session in
            let removed = try session.run(
                "DELETE FROM request WHERE accepted IS NULL AND expires < ?", [.integer(Int64(clamping: time))])
            try Self.count(-removed, session, in: counter)
            return removed
        }
    }

    /// See ``Store``.
    public func outstandingRequests() async throws(StoreError) -> Int {
        try await read { try $0.integer("SELECT CAST(coalesce(sum(requests), 0) AS BIGINT) FROM outstanding") }
    }

    /// See ``Store``.
    public func acceptedPresentation(nonce: [UInt8]) async throws(StoreError) -> (audience: [UInt8], presentation: [UInt8])? {
        try await read { session in
            try session.row(
                "SELECT audience, presentation FROM request WHERE nonce = ? AND presentation IS NOT NULL", [.blob(nonce)]
            ).map { row in (try row.bytes(0), try row.bytes(1)) }
        }
    }
}

// MARK: - Acceptance

extension SQLStore {
    /// See ``Store``.
    public func accept(_ acceptances: [AcceptanceRecord]) async throws(StoreError) -> [Result<AcceptanceOutcome, StoreError>] {
        let counter = counter + 1
        // Whose an acceptance is: run again behind itself, because nobody knew what became of the commit, this finds its own and answers as
        // it would have at first.
        let marked = acceptances.map { ($0, mark: Random.bytes(16)) }
        return try await write(isRepeatable: true) { session in
            var accepted = 0
            let results: [Result<AcceptanceOutcome, StoreError>] = try marked.map { acceptance, mark in
                try Self.withoutConstraintErrors {
                    // Undone alone unless it is accepted; one that the disk or the database fails takes all with it.
                    try session.attempt {
                        let (outcome, isNew) = try Self.accept(acceptance, mark: mark, session)
                        if isNew { accepted += 1 }
                        return (outcome, keep: isNew)
                    }
                }
            }
            try Self.count(-accepted, session, in: counter)
            return results
        }
    }

    private static func accept(
        _ acceptance: AcceptanceRecord, mark: [UInt8], _ session: any SQLSession
    ) throws -> (outcome: AcceptanceOutcome, isNew: Bool) {
        let nonce = SQLValue.blob(acceptance.nonce)
        let used = try session.run(
            """
            UPDATE request SET accepted = ?, presentation = ?, logSize = ?, mark = ?
            WHERE nonce = ? AND accepted IS NULL AND cancelled = 0
            """,
            [
                .integer(Int64(clamping: acceptance.time)), .blob(acceptance.presentation), .integer(acceptance.logSize), .blob(mark),
                nonce,
            ])
        guard used == 1 else {
            guard let row = try session.row("SELECT mark, cancelled FROM request WHERE nonce = ?", [nonce]) else {
                return (.unknownRequest, false)
            }
            if try row.flag(1) { return (.requestCancelled, false) }
            return (try row.bytesIfAny(0) == mark ? .accepted : .requestUsed, false)
        }
        for spend in acceptance.spends {
            // The primary key decides, not a look beforehand: of two that come at once, one insertion fails.
            let isNew = try session.insertIfNew(
                "INSERT INTO nullifier (scope, nullifier, nonce) VALUES (?, ?, ?)", [.blob(spend.scope), .blob(spend.nullifier), nonce])
            if !isNew { return (.alreadySpent, false) }
        }
        if let event = acceptance.event { try WebhookOutbox.enqueue(event.content, audience: event.audience, session) }
        return (.accepted, true)
    }

    /// One record of many: that it breaks a rule of the tables is its own failure, anything else fails all of them.
    private static func withoutConstraintErrors<T>(_ body: () throws -> T) throws -> Result<T, StoreError> {
        do { return .success(try body()) } catch let error as SQLConstraint { return .failure(translated(error)) }
    }
}

// MARK: - Spent nullifiers

extension SQLStore {
    /// See ``Store``.
    public func isSpent(_ spend: Spend) async throws(StoreError) -> Bool {
        try await read { session in
            try session.exists(
                "SELECT 1 FROM nullifier WHERE scope = ? AND nullifier = ?", [.blob(spend.scope), .blob(spend.nullifier)])
        }
    }

    /// See ``Store``.
    public func spentSet(epoch: UInt32, community: [UInt8]) async throws(StoreError) -> (document: [UInt8], made: Int64)? {
        try await read { try Self.spentSet($0, epoch: epoch, community: community) }
    }

    private static func spentSet(
        _ session: any SQLSession, epoch: UInt32, community: [UInt8]
    ) throws -> (document: [UInt8], made: Int64)? {
        try session.row("SELECT document, made FROM spentSet WHERE community = ? AND epoch = ?", [.blob(community), .integer(epoch)])
            .map { (try $0.bytes(0), try $0.integer(1)) }
    }

    /// See ``Store``.
    public func publish(
        spentSet document: [UInt8], made: Int64, interval: Int64, epoch: UInt32, community: [UInt8]
    ) async throws(StoreError) -> (document: [UInt8], made: Int64) {
        try await write(isRepeatable: true) { session in
            if let present = try Self.spentSet(session, epoch: epoch, community: community), abs(made - present.made) < interval {
                return present
            }
            _ = try session.run(
                """
                INSERT INTO spentSet (community, epoch, made, document) VALUES (?, ?, ?, ?)
                ON CONFLICT (community, epoch) DO UPDATE SET made = excluded.made, document = excluded.document
                """, [.blob(community), .integer(epoch), .integer(made), .blob(document)])
            return (document, made)
        }
    }

    /// See ``Store``.
    public func spends(scopePrefix: [UInt8], after: Spend?, limit: Int) async throws(StoreError) -> [Spend] {
        // The primary key's order; what begins with the prefix is one run of it, up to the next byte string that does not.
        var end = scopePrefix
        while let last = end.popLast() {
            if last < .max {
                end.append(last + 1)
                break
            }
        }
        let behind = end
        let (scope, nullifier) = (after?.scope ?? scopePrefix, after?.nullifier ?? [])
        return try await read { session in
            try session.rows(
                """
                SELECT scope, nullifier FROM nullifier
                WHERE (scope, nullifier) > (?, ?) AND scope < ? ORDER BY scope, nullifier LIMIT ?
                """, [.blob(scope), .blob(nullifier), .blob(behind), .integer(limit)]
            ).map { Spend(scope: try $0.bytes(0), nullifier: try $0.bytes(1)) }
        }
    }
}
