import VerifierService

/// Runs a service on the loopback interface while something is done with it, then ends it gracefully.
///
/// - Parameter body: gets the port and a client of the service.
/// - Throws: what the body throws, or why the service did not start.
func withLocalService<T>(_ service: CommunityService, _ body: (Int, ServiceClient) async throws -> T) async throws -> T {
    let (ports, running) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { running.finish() }
            try await service.run(logger: Logs.logger, signals: []) { running.yield($0) }
        }
        var port: Int?
        for await first in ports {
            port = first
            break
        }
        guard let port else {
            // The service ended before it took connections: its error is the reason.
            try await group.next()
            throw CommandFailure("the service did not start")
        }
        let result = try await body(port, ServiceClient(url: "http://127.0.0.1:\(port)"))
        group.cancelAll()
        do { while try await group.next() != nil {} } catch is CancellationError {}
        return result
    }
}
