import Reputation

// MARK: - Other processes on the same store

extension Issuer {
    /// The published state, with what other processes have published by now.
    func newest() async throws -> State {
        try await catchUp()
        return state
    }

    /// Takes over what other processes have appended and published. Those who ask while somebody looks wait for the next look together: the
    /// one under way may have begun before what they know of was there.
    ///
    /// - Throws: ``Failure`` when what is there does not continue this log; `StoreError`; `WorkPool.Busy`.
    func catchUp() async throws {
        if let running = following {
            _ = await running.result
            if let next = following { return try await next.value }
        }
        let task = Task {
            defer { following = nil }
            try await follow()
        }
        following = task
        try await task.value
    }

    private func follow() async throws {
        // In this order: what is sealed is never behind what is published.
        guard let published = try await store.checkpoint(community: id), let newest = try await store.sealedCheckpoint(community: id) else {
            throw Failure.checkpoint
        }
        let (before, last) = (state, sealed ?? state)
        guard published != before.checkpoint || newest != last.checkpoint else { return }
        guard let publishedSize = try? Checkpoint(note: published, community: community).size,
            let size = try? Checkpoint(note: newest, community: community).size
        else { throw Failure.checkpoint }
        var entries: [[UInt8]] = []
        while last.log.size + entries.count < size {
            let start = last.log.size + entries.count
            let page = try await store.logEntries(community: id, from: start, limit: min(Self.pageSize, size - start))
            guard !page.isEmpty else { throw Failure.checkpoint }
            entries += page
        }
        let added = entries
        let (shown, waiting) = try await pool.run {
            // With the note as it is published: witnesses may have signed it since.
            var shown = try [before, last].first { $0.log.size == publishedSize }.map { try Self.checked($0.replay, published) }
            var replay = last.replay
            for entry in added {
                do throws(LogViolation) { try replay.apply(entry) } catch { throw Failure.log(error) }
                if replay.size == publishedSize { shown = try Self.checked(replay, published) }
            }
            return (shown, replay.size == size ? try Self.checked(replay, newest) : nil)
        }
        // Nothing when this process has gone further in the meantime.
        if let shown { show(shown, now: shown.replay.batch?.time ?? 0) }
        if let waiting { wait(with: waiting) }
    }
}
